"""A timetable file becomes the school's week: settled, applied whole, undone; what people wrote stays."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from ent.exchange.timetable.orphans import proposals
from ent.school.people.models import Function
from ent.school.structure.models import Teaching
from ent.school.timetable.models import NameMatch, RecurringLesson, Session, TimetableImport
from tests import factories
from tests.exchange.timetable.test_readers import EDT, STS, here

HEADER = "Jour;Début;Fin;Matière;Prof;Classe;Salle\n"


def sent(client, text: str | bytes, name: str = "semaine.csv", **more):
    content = text if isinstance(text, bytes) else text.encode()
    return client.post("/timetable/imports/", {"file": SimpleUploadedFile(name, content), **more})


def applied(client, text: str, **answers) -> TimetableImport:
    """The file, received and put in place."""
    page = sent(client, text)
    assert page.status_code == 302, page.text
    run = TimetableImport.objects.latest("uploaded_at")
    assert client.post(f"/timetable/imports/{run.pk}/apply/", answers).status_code == 302
    run.refresh_from_db()
    return run


def admin(sign_in):
    return sign_in(factories.staff(Function.SCHOOL_ADMIN))


def test_a_table_gives_the_year_its_sessions(sign_in):
    teacher = factories.staff(first_name="Camille", last_name="Essaimeur")
    division = factories.division("5e B")
    factories.subject(label="Maths")
    run = applied(admin(sign_in), HEADER + "Lundi;8h;8h55;Maths;Essaimeur Camille;5EME B;204\n",
                  **{"room-204": "create"})  # fmt: skip
    assert run.state == TimetableImport.State.APPLIED
    sessions = Session.objects.filter(divisions=division)
    assert sessions.count() > 30
    assert sessions.first().teachers.get() == teacher
    assert {use.room.name for use in sessions.first().room_uses.all()} == {"204"}


def test_a_name_that_matches_nobody_is_asked_for_and_remembered(sign_in):
    client, teacher = admin(sign_in), factories.staff(first_name="Camille", last_name="Essaimeur")
    factories.division("5e B")
    line = HEADER + "Lundi;8h;8h55;Maths;Mme Essaimeur-Vieux;5e B;\n"
    sent(client, line)
    run = TimetableImport.objects.latest("uploaded_at")
    page = client.get(f"/timetable/imports/{run.pk}/").text
    assert "Enseignant « Mme Essaimeur-Vieux »" in page
    client.post(f"/timetable/imports/{run.pk}/apply/", {"teacher-Mme Essaimeur-Vieux": str(teacher.pk)})
    assert NameMatch.objects.get(name="Mme Essaimeur-Vieux").object_id == teacher.pk
    again = applied(client, line)
    assert again.report["removed"] == 0
    assert RecurringLesson.objects.get(closed_at=None).teachers.get() == teacher


def test_importing_again_keeps_what_people_wrote(sign_in):
    client = admin(sign_in)
    factories.staff(first_name="Camille", last_name="Essaimeur")
    factories.division("5e B")
    line = "Mardi;8h;8h55;Maths;Essaimeur Camille;5e B;\n"
    applied(client, HEADER + line, **{"subject-Maths": "create"})
    kept = Session.objects.filter(day__gt=timezone.localdate()).order_by("day")[0]
    Session.objects.filter(pk=kept.pk).update(is_kept=True)
    applied(client, HEADER + line.replace("Mardi", "Jeudi"))
    kept.refresh_from_db()
    assert kept.is_orphan
    (orphan,) = [one for one in proposals() if one.session == kept]
    assert {target.day.isoweekday() for target in orphan.targets if target.day > kept.day} == {4}


def test_an_import_is_undone(sign_in):
    client = admin(sign_in)
    factories.staff(first_name="Camille", last_name="Essaimeur")
    factories.division("5e B")
    run = applied(client, HEADER + "Mardi;8h;8h55;Maths;Essaimeur Camille;5e B;\n")
    client.post(f"/timetable/imports/{run.pk}/undo/")
    assert not Session.objects.filter(planned_on__isnull=False).exists()
    assert not RecurringLesson.objects.filter(closed_at=None).exists()


def test_a_file_that_is_no_timetable_changes_nothing_and_says_why(sign_in):
    client = admin(sign_in)
    for name, content in (("photo.csv", b"\x00\x01"), ("vide.csv", b""), ("page.xml", b"<html/>")):
        page = sent(client, content, name)
        assert page.status_code == 400
        assert 'class="error"' in page.text
    assert not TimetableImport.objects.exists()


def test_a_calendar_says_whose_it_is(sign_in):
    client = admin(sign_in)
    body = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:essai\r\nEND:VCALENDAR\r\n"
    assert "de qui est ce calendrier" in sent(client, body, "agenda.ics").text


@here
def test_the_real_edt_export_is_settled_and_applied(sign_in):
    client, division = admin(sign_in), factories.division("3A")
    sent(client, EDT.read_bytes(), "export.xml")
    run = TimetableImport.objects.get()
    page = client.get(f"/timetable/imports/{run.pk}/").text
    assert "noms à reconnaître" in page
    assert "Enseignant « ALBERT MARIE DESI »" in page
    assert client.post(f"/timetable/imports/{run.pk}/apply/").status_code == 302
    assert RecurringLesson.objects.filter(audiences__division=division).exists()


@here
def test_the_real_sts_export_gives_services_to_those_it_matches(sign_in):
    client = admin(sign_in)
    teacher = factories.staff(first_name="HAROLD", last_name="RIVIERE")
    for number in (1, 2, 3, 4):
        for level in ("3EME", "4EME", "5EME", "6EME"):
            factories.division(f"{level} {number}")
    sent(client, STS.read_bytes(), "sts.xml")
    run = TimetableImport.objects.get()
    client.post(f"/timetable/imports/{run.pk}/apply/", {f"subject-{one}": "create" for one in ("030201", "061300")})
    assert run.format == "sts"
    assert Teaching.objects.filter(teacher=teacher, division__code__startswith="3EME").exists()
