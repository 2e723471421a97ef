"""A timetable file becomes the school's week: settled, applied whole, undone; what people wrote stays."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from ent.exchange.timetable.forms import LARGEST
from ent.exchange.timetable.matching import spelled
from ent.exchange.timetable.orphans import proposals
from ent.school.people.models import Function
from ent.school.structure.models import Group, Teaching
from ent.school.timetable.models import NameMatch, RecurringLesson, Room, RoomUse, Session, TimeSlot, TimetableImport
from tests import factories
from tests.exchange.timetable import test_ics, test_table, test_udt
from tests.exchange.timetable.samples import course, edt, real

HEADER = "Jour;Début;Fin;Matière;Prof;Classe;Salle\n"
LINE = "Mardi;8h;8h55;Maths;Essaimeur Camille;5e B;\n"
THIS_YEAR = 'DateDebut="2026-09-01" DateFin="2027-08-31" DatePremierJourSemaine1="2026-08-31"'
# The real export is of 2013-2014, whose first Monday is its 2nd of September.
SHIFTED = ((b"2013-09-03", b"2026-09-01"), (b"2013-09-02", b"2026-08-31"), (b"2014-08-31", b"2027-08-31"))


def sent(client, content: str | bytes, name: str = "semaine.csv", **more):
    content = content if isinstance(content, bytes) else content.encode()
    return client.post("/timetable/imports/", {"file": SimpleUploadedFile(name, content), **more})


def received(client, content: str | bytes, name: str = "semaine.csv", **more) -> TimetableImport:
    """The file, accepted and not yet in place."""
    page = sent(client, content, name, **more)
    assert page.status_code == 302, page.text
    return TimetableImport.objects.order_by("uploaded_at").last()


def applied(client, content: str | bytes, leave: bool = True, **answers) -> TimetableImport:
    """The file, received and put in place."""
    run = received(client, content, **{key: answers.pop(key) for key in ("teacher", "division") if key in answers})
    page = client.post(f"/timetable/imports/{run.pk}/apply/", {"leave": "1"} | answers if leave else answers)
    assert page.status_code == 302, page.text
    run.refresh_from_db()
    return run


def this_years_edt() -> bytes:
    """The real export, as if it were of this year."""
    content = real("timetable/edt/export-college.xml").read_bytes()
    for old, new in SHIFTED:
        content = content.replace(old, new)
    return content


@pytest.fixture
def client(sign_in):
    """The school's administrator."""
    factories.year()
    return sign_in(factories.staff(Function.SCHOOL_ADMIN))


@pytest.fixture
def camille(school):
    """The teacher of the file, and her class."""
    factories.division("5e B")
    return factories.staff(first_name="Camille", last_name="Essaimeur")


# --- from the file to the week --------------------------------------------------------------------------------------
def test_a_table_gives_the_year_its_sessions(client, camille):
    factories.subject(label="Maths")
    run = applied(client, HEADER + "Lundi;8h;8h55;Maths;Essaimeur Camille;5EME B;204\n", leave=False,
                  **{"room-204": "create"})  # fmt: skip
    assert run.state == TimetableImport.State.APPLIED
    sessions = Session.objects.filter(divisions__code="5e B")
    assert sessions.count() > 30
    assert sessions.first().teachers.get() == camille
    assert {use.room.name for use in sessions.first().room_uses.all()} == {"204"}


def test_a_name_that_matches_nobody_is_asked_for_and_remembered(client, camille):
    line = HEADER + "Lundi;8h;8h55;Maths;Mme Essaimeur-Vieux;5e B;\n"
    run = received(client, line)
    page = client.get(f"/timetable/imports/{run.pk}/").text
    assert "Mme Essaimeur-Vieux (1 cours)" in page
    client.post(f"/timetable/imports/{run.pk}/apply/", {"teacher-mme essaimeur-vieux": str(camille.pk), "leave": "1"})
    assert NameMatch.objects.get(name="Mme Essaimeur-Vieux").object_id == camille.pk
    again = applied(client, line)
    assert again.report["removed"] == 0
    assert RecurringLesson.objects.get(closed_at=None).teachers.get() == camille


def test_nothing_is_in_place_while_a_name_has_no_answer(client, camille):
    run = received(client, HEADER + LINE + LINE.replace("Essaimeur Camille", "Inconnue").replace("Mardi", "Jeudi"))
    page = client.post(f"/timetable/imports/{run.pk}/apply/", {"subject-maths": "create"})
    assert page.status_code == 422
    assert "il manque 1 réponse" in page.text
    assert 'value="create" selected' in page.text
    assert not RecurringLesson.objects.exists()


def test_a_name_left_without_answer_is_asked_for_again(client, camille):
    line = HEADER + LINE.replace("Essaimeur Camille", "Inconnue")
    run = applied(client, line)
    assert "Enseignant « Inconnue »" in run.report["left_names"]
    assert "Enseignant « Inconnue »" in client.get(f"/timetable/imports/{run.pk}/").text
    assert not NameMatch.objects.filter(name="Inconnue").exists()
    client.post(f"/timetable/imports/{run.pk}/again/")
    again = TimetableImport.objects.order_by("uploaded_at").last()
    assert again.pk != run.pk
    assert "Inconnue (1 cours)" in client.get(f"/timetable/imports/{again.pk}/").text


def test_answers_are_kept_before_the_week_is_in_place(client, camille):
    run = received(client, HEADER + LINE.replace("Essaimeur Camille", "Inconnue"))
    answers = {"teacher-inconnue": str(camille.pk), "subject-maths": "create"}
    assert client.post(f"/timetable/imports/{run.pk}/names/", answers).status_code == 302
    page = client.get(f"/timetable/imports/{run.pk}/").text
    assert "Tous les noms sont reconnus" in page
    assert "à créer" in page
    assert not RecurringLesson.objects.exists()
    client.post(f"/timetable/imports/{run.pk}/apply/")
    lesson = RecurringLesson.objects.get()
    assert (lesson.teachers.get(), lesson.subject.label) == (camille, "Maths")


def test_what_a_name_stands_for_can_be_changed(client, camille):
    other = factories.staff(first_name="Noé", last_name="Autre")
    run = received(client, HEADER + LINE)
    change = "?change=teacher-essaimeur%20camille"
    assert "Modifier" in client.get(f"/timetable/imports/{run.pk}/").text
    assert f'value="{camille.pk}" selected' in client.get(f"/timetable/imports/{run.pk}/{change}").text
    client.post(
        f"/timetable/imports/{run.pk}/apply/",
        {"change": "teacher-essaimeur camille", "teacher-essaimeur camille": str(other.pk), "leave": "1"},
    )
    assert RecurringLesson.objects.get().teachers.get() == other


def test_two_sends_of_the_same_form_put_the_file_in_place_once(client, camille):
    run = applied(client, HEADER + LINE)
    before = Session.objects.count()
    client.post(f"/timetable/imports/{run.pk}/apply/", {"leave": "1"})
    assert Session.objects.count() == before


def test_what_fails_half_way_leaves_nothing(client, camille, monkeypatch):
    run = received(client, HEADER + LINE)

    def fails(*_, **__):
        raise RuntimeError("the database is gone")

    monkeypatch.setattr("ent.exchange.timetable.applying.generate", fails)
    with pytest.raises(RuntimeError):
        client.post(f"/timetable/imports/{run.pk}/apply/", {"subject-maths": "create"})
    run.refresh_from_db()
    assert run.state == TimetableImport.State.READ
    assert not RecurringLesson.objects.exists()
    assert not NameMatch.objects.exists()


def test_a_file_in_which_no_lesson_is_read_takes_nothing_away(client, camille):
    applied(client, HEADER + LINE, **{"subject-maths": "create"})
    run = received(client, HEADER + LINE.replace("Mardi", "???"))
    page = client.get(f"/timetable/imports/{run.pk}/").text
    assert "Aucun cours n'a pu être lu" in page.replace("&#x27;", "'")
    assert "Mettre en place" not in page
    assert "Compléter les enseignements" not in page
    refused = client.post(f"/timetable/imports/{run.pk}/apply/", {"leave": "1"}, follow=True)
    assert "Aucun cours n'a pu être lu" in refused.text.replace("&#x27;", "'")
    assert RecurringLesson.objects.get().closed_at is None


def test_an_import_undone_puts_away_the_rooms_and_groups_it_made(client, camille):
    line = HEADER.replace("Classe", "Groupe") + LINE.replace("5e B", "5LATIN").replace(";\n", ";204\n")
    kept = factories.room("205")
    run = applied(client, line, **{"room-204": "create", "group-5latin": "create"})
    assert (Room.objects.get(name="204").closed_at, Group.objects.get(code="5LATIN").closed_at) == (None, None)
    client.post(f"/timetable/imports/{run.pk}/undo/")
    assert Room.objects.get(name="204").closed_at
    assert Group.objects.get(code="5LATIN").closed_at
    kept.refresh_from_db()
    assert kept.closed_at is None
    applied(client, line, **{"room-204": "create", "group-5latin": "create"})
    assert Room.objects.get(name="204").closed_at is None


def test_an_import_undone_leaves_a_room_that_someone_booked_meanwhile(client, camille):
    run = applied(client, HEADER + LINE.replace(";\n", ";204\n"), **{"room-204": "create"})
    starts = timezone.now() + timedelta(days=1)
    RoomUse.objects.create(room=Room.objects.get(name="204"), booked_by=camille, day=starts.date(),
                           during=(starts, starts + timedelta(hours=1)), is_exclusive=False)  # fmt: skip
    client.post(f"/timetable/imports/{run.pk}/undo/")
    assert Room.objects.get(name="204").closed_at is None


# --- what the school typed by hand ----------------------------------------------------------------------------------
def plan_page(client, content: str | bytes, **answers) -> str:
    """What the page says of a file before it is in place."""
    run = received(client, content)
    client.post(f"/timetable/imports/{run.pk}/names/", answers)
    return " ".join(client.get(f"/timetable/imports/{run.pk}/").text.replace("&#x27;", "'").split())


def test_a_lesson_typed_by_hand_of_the_same_teacher_is_pointed_out(client, camille):
    by_hand = factories.lesson(camille, factories.division("6A"), weekday=2, starts="08:30", ends="09:25")
    page = plan_page(client, HEADER + LINE)
    assert "1 cours saisi à la main a lieu en même temps que des cours du fichier" in page
    assert f'href="/timetable/lessons/{by_hand.pk}/"' in page
    assert f"{camille.last_name}" in page.split("même temps", 1)[1]
    assert not RecurringLesson.objects.exclude(pk=by_hand.pk).exists()


def test_a_lesson_typed_by_hand_in_the_same_room_is_pointed_out(client, camille):
    room = factories.room("204")
    by_hand = factories.lesson(factories.staff(), factories.division("6A"), weekday=2, in_room=room)
    page = plan_page(client, HEADER + LINE.replace(";\n", ";204\n"))
    assert f'href="/timetable/lessons/{by_hand.pk}/"' in page
    assert "204" in page.split("même temps", 1)[1].split("</table>")[0]


def test_a_lesson_typed_by_hand_for_the_same_pupils_is_pointed_out_with_their_number(client, camille):
    latin = factories.group("5LATIN")
    for _ in range(2):
        factories.pupil(factories.division("5e B"), latin)
    by_hand = factories.lesson(factories.staff(), latin, weekday=2)
    page = plan_page(client, HEADER + LINE)
    assert f'href="/timetable/lessons/{by_hand.pk}/"' in page
    assert "5LATIN (2 élèves en commun)" in page


def test_a_group_to_be_made_of_a_class_meets_what_that_class_has(client, camille):
    by_hand = factories.lesson(factories.staff(), factories.division("5e B"), weekday=1)
    people = f'<Groupe Ident="1" Semaines="{2**52 - 1}"/>'
    run = received(client, edt(course(people=people), year=THIS_YEAR), "edt.xml")
    settled = {"division-2": str(factories.division("5e B").pk), "group-1": "create"}
    client.post(f"/timetable/imports/{run.pk}/names/", settled)
    assert f'href="/timetable/lessons/{by_hand.pk}/"' in client.get(f"/timetable/imports/{run.pk}/").text


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"weekday": 3},
        {"weekday": 2, "starts": "08:55", "ends": "09:50"},
        {"weekday": 2, "ends_on": "2026-09-30"},
        {"weekday": 2, "weeks": []},
        {"weekday": 2, "closed_at": "2026-09-30T12:00Z"},
    ],
)
def test_a_lesson_typed_by_hand_that_meets_nothing_is_not_pointed_out(client, camille, elsewhere):
    factories.lesson(camille, factories.division("5e B"), **elsewhere)
    assert "en même temps" not in plan_page(client, HEADER + LINE)


def test_lessons_of_week_a_do_not_meet_those_of_week_b(client, camille):
    header, line = HEADER.replace("Salle", "Semaine"), LINE.replace(";\n", ";B\n")
    factories.lesson(camille, factories.division("5e B"), weekday=2, pattern="A")
    assert "en même temps" not in plan_page(client, header + line)
    factories.lesson(camille, factories.division("5e B"), weekday=2, pattern="B")
    assert "1 cours saisi à la main a lieu en même temps" in plan_page(client, header + line)


# --- once more ------------------------------------------------------------------------------------------------------
def test_importing_again_keeps_what_people_wrote(client, camille):
    applied(client, HEADER + LINE, **{"subject-maths": "create"})
    kept = Session.objects.filter(day__gt=timezone.localdate()).order_by("day")[0]
    Session.objects.filter(pk=kept.pk).update(is_kept=True)
    run = received(client, HEADER + LINE.replace("Mardi", "Jeudi"))
    assert "1 séance à venir déjà remplie n'aura plus de cours" in client.get(f"/timetable/imports/{run.pk}/").text
    client.post(f"/timetable/imports/{run.pk}/apply/")
    kept.refresh_from_db()
    assert kept.is_orphan
    (orphan,) = [one for one in proposals() if one.session == kept]
    assert {target.day.isoweekday() for target in orphan.targets if target.day > kept.day} == {4}


def test_the_past_stays_as_it_was_lived(client, camille):
    applied(client, HEADER + LINE)
    today = timezone.localdate()
    lived = set(Session.objects.filter(day__lt=today).values_list("pk", flat=True))
    assert lived
    applied(client, HEADER + LINE.replace("Mardi", "Jeudi"))
    assert lived == set(Session.objects.filter(day__lt=today).values_list("pk", flat=True))
    assert set(Session.objects.filter(day__gt=today).values_list("day__iso_week_day", flat=True)) == {4}


def test_another_room_or_teacher_keeps_the_lesson_and_its_sessions_logs(client, camille):
    factories.staff(first_name="Noé", last_name="Autre")
    applied(client, HEADER + LINE)
    kept = Session.objects.filter(day__gt=timezone.localdate()).order_by("day")[0]
    Session.objects.filter(pk=kept.pk).update(is_kept=True)
    applied(client, HEADER + LINE.replace("Essaimeur Camille", "Autre Noé"))
    kept.refresh_from_db()
    assert not kept.is_orphan
    assert RecurringLesson.objects.get(closed_at=None).pk == kept.lesson_id


def test_lessons_typed_by_hand_stay_and_those_of_other_files_when_asked_go(client, camille):
    by_hand = factories.lesson(camille, factories.division("5e B"), weekday=5)
    applied(client, HEADER + LINE)
    run = received(client, edt(course(), year=THIS_YEAR), "edt.xml")
    page = client.get(f"/timetable/imports/{run.pk}/").text
    assert "1 cours saisi à la main reste en place" in page
    assert "1 d'un tableau" in page.replace("&#x27;", "'")
    client.post(f"/timetable/imports/{run.pk}/apply/", {"leave": "1", "replace": "1", "division-1": "create"})
    client.post(f"/timetable/imports/{run.pk}/apply/",
                {"leave": "1", "replace": "1", "teacher-1": str(camille.pk)})  # fmt: skip
    alive = RecurringLesson.objects.filter(closed_at=None)
    assert set(alive.values_list("source", flat=True)) == {"", "edt"}
    assert by_hand in alive
    client.post(f"/timetable/imports/{run.pk}/undo/")
    assert set(alive.values_list("source", flat=True)) == {"", "csv"}


def test_the_calendar_of_one_teacher_leaves_that_of_another_alone(client, camille):
    other = factories.staff(first_name="Noé", last_name="Autre")
    event = test_ics.event("SUMMARY:Maths", "RRULE:FREQ=WEEKLY", start=";TZID=Europe/Paris:20260907T080000")
    calendar = test_ics.calendar(event)
    for teacher in (camille, other):
        applied(client, calendar, teacher=str(teacher.pk))
    assert RecurringLesson.objects.filter(closed_at=None).count() == 2
    assert {lesson.teachers.get() for lesson in RecurringLesson.objects.all()} == {camille, other}


def test_a_first_calendar_leaves_the_past_of_other_files_as_it_was_lived(client, camille):
    applied(client, HEADER + LINE)
    applied(client, HEADER + LINE.replace("Mardi", "Jeudi"))  # Tuesdays were lived until today
    lived = Session.objects.filter(day__lt=timezone.localdate(), day__iso_week_day=2).count()
    event = test_ics.event("SUMMARY:Latin", "RRULE:FREQ=WEEKLY", start=";TZID=Europe/Paris:20260907T080000")
    applied(client, test_ics.calendar(event), teacher=str(camille.pk))
    assert Session.objects.filter(day__lt=timezone.localdate(), day__iso_week_day=2).count() == lived > 0
    assert Session.objects.filter(day__lt=timezone.localdate(), day__iso_week_day=1).exists()


def test_a_lesson_of_a_file_changed_by_hand_is_as_the_file_says_again(client, camille):
    applied(client, HEADER + LINE)
    RecurringLesson.objects.update(ends_on="2026-12-31", starts_at="08:05")
    run = received(client, HEADER + LINE)
    page = client.get(f"/timetable/imports/{run.pk}/").text
    assert "y compris les cours que vous aviez corrigés ici" in page
    client.post(f"/timetable/imports/{run.pk}/apply/", {"leave": "1"})
    lesson = RecurringLesson.objects.get(closed_at=None)
    assert (lesson.ends_on, lesson.starts_at.minute) == (None, 0)


def test_an_import_is_undone(client, camille):
    run = applied(client, HEADER + LINE)
    client.post(f"/timetable/imports/{run.pk}/undo/")
    assert not Session.objects.filter(planned_on__isnull=False).exists()
    assert not RecurringLesson.objects.filter(closed_at=None).exists()
    assert "annulé" in client.get(f"/timetable/imports/{run.pk}/").text


# --- what is refused ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("photo.csv", b"\x00\x01", "pas un tableau"),
        ("vide.csv", b"\n", "vide"),
        ("page.xml", b"<html/>", "pas un emploi du temps connu"),
        ("script.xml", b"#!/bin/sh\nrm -rf /\n", "pas un emploi du temps"),
        ("script.zip", b"#!/bin/sh\nrm -rf /\n", "pas un emploi du temps"),
        ("script.ics", b"import os, sys, re\nos.system('x')\n", "pas un emploi du temps"),
        ("coupé.zip", test_udt.zipped(test_udt.MEMBERS)[:600], "abîmée"),
        ("bombe.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><ExportEmploiDuTemps/>', "entités XML"),
        ("chiffré.xml", b'<EXPORT_INDEX_EDUCATION><CLES><PARTENAIRE NOM="X"/></CLES></EXPORT_INDEX_EDUCATION>',
         "non chiffré"),
        ("passé.xml", edt(course()), "exportez celui de cette année"),
        ("agenda.ics", test_ics.calendar(), "de qui est ce calendrier"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_timetable_changes_nothing_and_says_why(client, name, content, said):
    page = sent(client, content, name)
    assert page.status_code == 422
    assert 'class="error"' in page.text
    assert said in page.text
    assert not TimetableImport.objects.exists()


def test_a_calendar_of_a_hundred_thousand_events_is_refused(client, camille):
    events = test_ics.calendar(*[test_ics.event()] * 100_000)
    page = sent(client, events, "agenda.ics", teacher=str(camille.pk))
    assert page.status_code == 422
    assert "100000 événements" in page.text


def test_two_gigabytes_are_refused_unread(client, monkeypatch):
    def never(*_):
        raise AssertionError("the body was read")

    monkeypatch.setattr("django.core.handlers.wsgi.LimitedStream.read", never)
    page = client.generic("POST", "/timetable/imports/", b"", content_type="multipart/form-data; boundary=x",
                          CONTENT_LENGTH=str(2 * 1024**3))  # fmt: skip
    assert page.status_code == 413
    assert "dépasse 21 Mo : rien n’a été reçu" in page.text


def test_a_file_a_little_too_large_is_told_beside_the_field(client):
    page = sent(client, b"x" * (LARGEST + 1))
    assert page.status_code == 422
    assert "dépasse 20 Mo" in page.text


def test_a_school_whose_year_is_not_open_yet_is_told_so(client):
    factories.year().delete()
    assert "importez d'abord l'annuaire" in sent(client, edt(course()), "edt.xml").text.replace("&#x27;", "'")


# --- columns --------------------------------------------------------------------------------------------------------
def test_columns_are_named_once_for_all_files_of_the_same_heading(client, camille):
    content = "c1;c2;c3;c4;c5\nmardi;8h;8h55;Essaimeur Camille;5e B\n"
    run = received(client, content)
    assert "Dites quelle colonne est" in client.get(f"/timetable/imports/{run.pk}/").text
    chosen = {"day": "c1", "starts": "c2", "ends": "c3", "teachers": "c4", "divisions": "c5"}
    assert client.post(f"/timetable/imports/{run.pk}/columns/", chosen | {"day": "zzz"}).status_code == 422
    assert client.post(f"/timetable/imports/{run.pk}/columns/", chosen).status_code == 302
    applied(client, HEADER + LINE)  # another heading in between
    other = received(client, content.replace("mardi", "jeudi"))
    page = client.get(f"/timetable/imports/{other.pk}/").text
    assert "Dites quelle colonne est" not in page
    assert "Tous les noms sont reconnus" in page


def test_an_untis_export_takes_the_hours_of_the_schools_grid(client):
    for slot in test_table.GRID:
        TimeSlot.objects.create(label=slot.label, starts_at=slot.starts, ends_at=slot.ends)
    factories.staff(first_name="Zoé", last_name="Noël")
    factories.division("6A")
    applied(client, test_table.GPU001)
    hours = RecurringLesson.objects.values_list("weekday", "starts_at", "audiences__division__code")
    assert (1, test_table.GRID[0].starts, "6A") in set(hours)


# --- the real files -------------------------------------------------------------------------------------------------
def test_the_real_edt_export_is_settled_and_applied(client):
    division = factories.division("3A")
    pupil = factories.pupil(division, first_name="Abdeljalil", last_name="ALLARD", birth_date="1994-01-10")
    run = received(client, this_years_edt(), "export.xml")
    page = client.get(f"/timetable/imports/{run.pk}/").text
    assert "ALBERT MARIE DESI" in page
    assert "autres noms viendront" not in page
    groups = {f"group-{number}": "create" for number in range(200)}
    assert client.post(f"/timetable/imports/{run.pk}/apply/", {"leave": "1"} | groups).status_code == 302
    assert RecurringLesson.objects.filter(audiences__division=division).exists()
    assert Group.objects.count() == 48
    assert pupil.group_enrolments.exists()


def test_the_real_edt_export_of_another_year_is_refused(client):
    page = sent(client, real("timetable/edt/export-college.xml").read_bytes(), "export.xml")
    assert "année 2013-2014" in page.text


def test_the_real_sts_export_gives_services_to_those_it_matches(client):
    teacher = factories.staff(first_name="HAROLD", last_name="RIVIERE")
    for number in (1, 2, 3, 4):
        for level in ("3EME", "4EME", "5EME", "6EME"):
            factories.division(f"{level} {number}")
    content = real("sts/sts_emp_0639999Z_2021.xml").read_bytes()
    content = content.replace(b"2021-09-01", b"2026-09-01").replace(b"2022-08-31", b"2027-08-31")
    by_hand = factories.lesson(teacher, factories.division("3EME 1"))
    run = applied(client, content, **{f"subject-{one}": "create" for one in ("030201", "061300")})
    assert run.format == "sts"
    assert Teaching.objects.filter(teacher=teacher, division__code__startswith="3EME").exists()
    assert RecurringLesson.objects.filter(closed_at=None).get() == by_hand
    assert run.report["services"] == Teaching.objects.count() > 0


def test_an_orphan_left_at_its_date_is_claimed_by_no_timetable_again(client, camille):
    applied(client, HEADER + LINE)
    kept = Session.objects.filter(day__gt=timezone.localdate()).order_by("day")[0]
    Session.objects.filter(pk=kept.pk).update(is_kept=True)
    applied(client, HEADER + LINE.replace("Mardi", "Jeudi"))
    assert "Séances à rattacher" in client.get("/timetable/orphans/").text
    client.post(f"/timetable/orphans/{kept.pk}/keep/")
    applied(client, HEADER + LINE.replace("Mardi", "Vendredi"))
    kept.refresh_from_db()
    assert not kept.is_orphan
    assert not proposals()


def test_orphans_near_the_end_of_the_year_have_targets_too(client, camille):
    applied(client, HEADER + LINE, **{"subject-maths": "create"})
    last = Session.objects.order_by("-day")[0]
    Session.objects.filter(pk=last.pk).update(is_kept=True)
    applied(client, HEADER + LINE.replace("Mardi", "Lundi"))
    (orphan,) = proposals()
    assert all(abs(target.day - last.day) <= timedelta(days=21) for target in orphan.targets)
    page = client.post(f"/timetable/orphans/{last.pk}/move/", {"to": str(orphan.targets[0].pk)}, follow=True)
    assert "rattaché" in page.text


@pytest.mark.parametrize(
    ("one", "other"),
    [("6ème A", "6A"), ("3EME 1", "3e 1"), ("2nde 4", "2DE 4"), ("1ère STMG", "1RE STMG"), ("Éco-droit", "eco droit")],
)
def test_a_class_is_known_however_its_level_is_written(one, other):
    assert spelled(one) == spelled(other)


def test_two_classes_are_not_taken_for_one_another():
    assert len({spelled(name) for name in ("6A", "6B", "5A", "6 EUR", "61", "16")}) == 6
