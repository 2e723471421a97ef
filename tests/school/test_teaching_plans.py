"""Teaching plans: laid on a class's sessions, slid when one does not take place; logs opened to an inspector."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from ent.kernel.audit.models import AuditEvent
from ent.kernel.refused import Refused
from ent.school.lessons import actions, placing, plans, readings, sequences
from ent.school.lessons.models import Attachment, Homework, LessonEntry, LogReading, Placing, TeachingPlan
from ent.school.notifications.models import Notification
from ent.school.people.models import Function
from ent.school.structure.models import Division, SchoolYear
from ent.school.timetable.models import Session
from ent.school.timetable.queries import detailed
from tests import factories
from tests.school.lessons_factories import plan, weekly


@pytest.fixture
def taught(school):
    """(teacher, class, its four sessions to come)."""
    division = factories.division("5A")
    teacher = factories.staff(teaches=division)
    return teacher, division, weekly(teacher, division)


def titles(sessions) -> list[str]:
    """What is prepared for each session."""
    found = dict(LessonEntry.objects.filter(session__in=sessions).values_list("session", "content"))
    return [re.sub(r".*Cours : (\w+).*", r"\1", found.get(one.pk, "")) for one in sessions]


def prepared(session, teacher, words: str) -> None:
    actions.write(session, teacher.pk, content=f"Cours : {words}", private_note="", based_on=0)


# --- plans -------------------------------------------------------------------------------------------------------
def test_a_plan_is_laid_on_the_free_sessions_after_a_preview(taught, sign_in):
    teacher, _, sessions = taught
    prepared(sessions[1], teacher, "Autre")
    made = plan(teacher, "Un", "Deux", "Trois", "Quatre")
    client = sign_in(teacher)
    page = client.get(f"/plans/{made.pk}/lay/?start={sessions[0].pk}").text
    assert "plus de séance libre" in page
    assert titles(sessions) == ["", "Autre", "", ""]
    client.post(f"/plans/{made.pk}/lay/", {"start": str(sessions[0].pk), "first": "1"})
    assert titles(sessions) == ["Un", "Autre", "Deux", "Trois"]
    work = Homework.objects.get(given_in=sessions[0])
    assert (work.due_on, work.publish_at) == (sessions[1].day, sessions[0].ends_at)


def test_a_whole_placing_is_undone_with_one_button(taught, sign_in):
    teacher, _, sessions = taught
    prepared(sessions[1], teacher, "Écrit")
    found = plan(teacher, "Un", "Deux")
    client = sign_in(teacher)
    page = client.post(f"/plans/{found.pk}/lay/", {"start": str(sessions[0].pk), "first": "1"}, follow=True)
    assert titles(sessions) == ["Un", "Écrit", "Deux", ""]
    assert "Placée sur le calendrier" in page.text
    path = f"/plans/placings/{Placing.objects.get().pk}/take-back/"
    colleague = factories.staff(teaches=factories.division("5C"))
    assert sign_in(colleague).post(path).status_code == 403
    page = sign_in(teacher).post(path, follow=True)
    assert "2 séances reviennent" in page.text
    assert titles(sessions) == ["", "Écrit", "", ""]
    assert not Homework.objects.exists()
    assert "Placée sur le calendrier" not in page.text
    sign_in(teacher).post(path)
    assert titles(sessions) == ["", "Écrit", "", ""]


def test_what_was_changed_since_is_left_when_a_placing_is_undone(taught):
    teacher, _, sessions = taught
    found = placing.lay(plan(teacher, "Un", "Deux"), sessions[0], 1, teacher.pk)
    entry = LessonEntry.objects.get(session=sessions[0])
    actions.write(sessions[0], teacher.pk, content="Cours : Revu", private_note="", based_on=entry.version)
    work = Homework.objects.get(given_in=sessions[1])
    pupil = factories.pupil(division=factories.division("5A"))
    actions.hand_in(work, pupil.pk, "Voici", [])
    assert placing.take_back(found) == (1, 1)
    assert titles(sessions) == ["Revu", "", "", ""]
    assert Homework.objects.filter(pk=work.pk).exists()


def test_a_document_waiting_in_an_empty_session_is_not_lost_when_others_slide(taught):
    teacher, _, sessions = taught
    prepared(sessions[0], teacher, "Un")
    actions.join(sessions[1], teacher.pk, [SimpleUploadedFile("plan.txt", b"Le plan")])
    sequences.slide(sessions[0], teacher.pk)
    assert titles(sessions)[1] == "Un"
    assert Attachment.objects.get().entry.session == sessions[2]


def test_a_session_of_another_class_or_another_year_is_copied(taught, sign_in):
    teacher, _, sessions = taught
    old_year = SchoolYear.objects.create(label="2019-2020", starts_on="2019-09-01", ends_on="2020-08-31")
    old = Division.objects.create(year=old_year, code="5Z", closed_at=timezone.now())
    past = factories.session(teacher, old, timezone.now() - timedelta(days=400))
    prepared(past, teacher, "Antan")
    client, path = sign_in(teacher), f"/sessions/{sessions[0].pk}/log/insert/"
    assert "5Z" in client.get(path).text
    page = client.get(f"{path}?from={old.pk}").text
    assert "Antan" in page
    client.post(f"/sessions/{sessions[0].pk}/log/copy/", {"source": str(past.pk)})
    assert titles(sessions)[0] == "Antan"
    theirs = factories.staff(teaches=factories.division("5B"))
    other = factories.session(theirs, factories.division("5B"))
    prepared(other, theirs, "Autre")
    page = sign_in(teacher).post(f"/sessions/{sessions[1].pk}/log/copy/", {"source": str(other.pk)}, follow=True)
    assert "Choisissez la séance à recopier" in page.text


def test_a_planned_session_is_put_into_one_session_with_its_documents(taught, sign_in):
    teacher, _, sessions = taught
    prepared(sessions[0], teacher, "Début")
    made = plan(teacher, "Un")
    step = made.steps.get()
    Attachment.objects.create(step=step, name="Fiche", link="https://exemple.fr")
    sign_in(teacher).post(f"/sessions/{sessions[0].pk}/log/insert/", {"step": str(step.pk)})
    entry = LessonEntry.objects.get(session=sessions[0])
    assert entry.content.startswith("<p>Cours : Début</p>")
    assert "Cours : Un" in entry.content
    assert Attachment.objects.filter(homework__given_in=sessions[0], name="Fiche").exists()


def test_a_log_becomes_a_plan_for_next_year(taught, sign_in):
    teacher, division, _ = taught
    for days in (20, 10):
        past = factories.session(teacher, division, timezone.now() - timedelta(days=days))
        prepared(past, teacher, f"Il y a {days} jours")
    client = sign_in(teacher)
    key = plans.sources_of(teacher.pk)[0].key
    client.post("/plans/make-from-log/", {"source": key})
    assert [one.title for one in TeachingPlan.objects.get().steps.all()] == [
        "Cours : Il y a 20 jours", "Cours : Il y a 10 jours",
    ]  # fmt: skip


def test_colleagues_read_copy_or_edit_what_is_shared_and_nothing_else(taught, sign_in):
    teacher, division, _ = taught
    colleague = sign_in(factories.staff(teaches=division))
    private, read, edit = (plan(teacher, "Un", sharing=one) for one in ("private", "read", "edit"))
    assert [colleague.get(f"/plans/{one.pk}/").status_code for one in (private, read, edit)] == [403, 200, 200]
    assert [colleague.get(f"/plans/{one.pk}/add/").status_code for one in (private, read, edit)] == [403, 403, 200]
    colleague.post(f"/plans/{read.pk}/copy/")
    assert TeachingPlan.objects.exclude(owner=teacher).get().steps.get().title == "Un"
    assert colleague.post(f"/plans/{edit.pk}/remove/").status_code == 403


def test_sessions_of_a_plan_change_places(taught, sign_in):
    teacher, _, _ = taught
    made = plan(teacher, "Un", "Deux")
    sign_in(teacher).post(f"/plans/steps/{made.steps.last().pk}/move/", {"way": "up"})
    assert [one.title for one in made.steps.all()] == ["Deux", "Un"]


def test_a_plan_without_title_is_refused_and_nothing_typed_is_lost(taught, sign_in):
    page = sign_in(taught[0]).post("/plans/make/", {"title": "", "grade": "5e", "sharing": "read"})
    assert page.status_code == 400
    assert 'value="5e"' in page.text


# --- sliding -----------------------------------------------------------------------------------------------------
def test_what_is_prepared_slides_to_the_next_free_session_and_back(taught, sign_in):
    teacher, _, sessions = taught
    placing.lay(plan(teacher, "Un", "Deux"), sessions[0], 1, teacher.pk)
    client = sign_in(teacher)
    assert "Décaler 2 séances" in client.get(f"/sessions/{sessions[0].pk}/log/slide/").text
    client.post(f"/sessions/{sessions[0].pk}/log/slide/")
    assert titles(sessions) == ["", "Un", "Deux", ""]
    assert Homework.objects.get(given_in=sessions[1]).due_on == sessions[2].day
    assert LessonEntry.objects.get(session=sessions[1]).publish_at == sessions[1].ends_at
    client.post(f"/sessions/{sessions[0].pk}/log/slide/take-back/")
    assert titles(sessions) == ["Un", "Deux", "", ""]
    assert Homework.objects.get(given_in=sessions[0]).due_on == sessions[1].day


def test_nothing_slides_beyond_the_last_session(taught, sign_in):
    teacher, _, sessions = taught
    placing.lay(plan(teacher, "Un", "Deux", "Trois", "Quatre"), sessions[0], 1, teacher.pk)
    page = sign_in(teacher).post(f"/sessions/{sessions[0].pk}/log/slide/")
    assert page.status_code == 400
    assert "plus de séance libre" in page.text
    assert titles(sessions) == ["Un", "Deux", "Trois", "Quatre"]


def test_a_slide_is_not_taken_back_over_what_was_written_since(taught):
    teacher, _, sessions = taught
    prepared(sessions[0], teacher, "Un")
    slid = sequences.slide(sessions[0], teacher.pk)
    prepared(sessions[0], teacher, "Nouveau")
    with pytest.raises(Refused):
        sequences.take_back(slid)
    assert titles(sessions)[:2] == ["Nouveau", "Un"]


# --- a session's page --------------------------------------------------------------------------------------------
def test_one_click_copies_to_the_parallel_class(taught, sign_in):
    teacher, _, sessions = taught
    other = weekly(teacher, factories.division("5B"), 1)[0]
    prepared(sessions[0], teacher, "Un")
    client = sign_in(teacher)
    assert "Copier vers une autre classe" in client.get(f"/sessions/{sessions[0].pk}/log/").text
    client.post(f"/sessions/{sessions[0].pk}/log/copy-to/", {"target": str(other.pk)})
    assert titles([other]) == ["Un"]


def test_the_parallel_classes_of_the_same_level_come_first(taught):
    teacher, _, sessions = taught
    level = sessions[0].audiences.get().division.code[0]
    for code in ("3C", f"{level}Z", "4B"):
        weekly(teacher, factories.division(code), 1)
    session = detailed(Session.objects.filter(pk=sessions[0].pk)).get()
    assert [one.division_codes[0] for one in sequences.parallel(session, teacher.pk)] == [f"{level}Z", "3C", "4B"]


def test_copied_work_is_for_the_next_session_of_that_class(taught):
    teacher, _, sessions = taught
    other = weekly(teacher, factories.division("5B"), 2, in_days=8)
    actions.give(sessions[0], teacher.pk, content="Exercice", due_on=sessions[0].day + timedelta(days=3),
                 due_session=None, minutes=10, is_test=False, takes_files=False, publish="end")  # fmt: skip
    actions.copy(sessions[0], other[0], teacher.pk)
    assert Homework.objects.get(given_in=other[0]).due_on == other[1].day


def test_copied_work_never_falls_on_a_day_off(taught):
    teacher, _, sessions = taught
    other = weekly(teacher, factories.division("5B"), 1)[0]
    actions.give(sessions[0], teacher.pk, content="Exercice", due_on=sessions[0].day + timedelta(days=1),
                 due_session=None, minutes=10, is_test=False, takes_files=False, publish="end")  # fmt: skip
    off = other.day + timedelta(days=1)
    actions.copy(sessions[0], other, teacher.pk, lambda day: "Férié" if day == off else "")
    assert Homework.objects.get(given_in=other).due_on == off + timedelta(days=1)


def test_a_third_test_of_a_day_is_given_with_a_warning(taught, sign_in):
    teacher, _, sessions = taught
    factories.pupil(division=factories.division("5A"))
    client = sign_in(teacher)
    for _ in range(3):
        page = client.post(f"/sessions/{sessions[0].pk}/log/give/", {
            "work": "Contrôle", "due": str(sessions[1].pk), "minutes": "20", "publish": "now", "is_test": "on",
        }, follow=True)  # fmt: skip
    assert "au plus par jour" in page.text
    assert Homework.objects.count() == 3


def test_documents_join_a_session_and_an_image_asks_to_be_described(taught, sign_in):
    teacher, _, sessions = taught
    client = sign_in(teacher)
    page = client.post(f"/sessions/{sessions[0].pk}/log/documents/", {
        "files": [SimpleUploadedFile("carte.png", factories.image("PNG")),
                  SimpleUploadedFile("note.txt", b"Bonjour")], "link": "https://exemple.fr/page",
    }, follow=True).text  # fmt: skip
    assert "Décrivez cette image" in page
    assert Attachment.objects.count() == 3
    image = Attachment.objects.get(name="carte.png")
    page = client.post(f"/attachments/{image.pk}/describe/", {"alt": "Carte du Cantal"}, follow=True).text
    assert 'alt="Carte du Cantal"' in page
    client.post(f"/attachments/{image.pk}/remove/", {"confirmed": "1"})
    assert Attachment.objects.count() == 2


# --- an inspector's reading --------------------------------------------------------------------------------------
@pytest.fixture
def opened(taught, sign_in):
    """(address, head's client, teacher, class) of a reading of a class's log."""
    teacher, division, _ = taught
    past = factories.session(teacher, division, timezone.now() - timedelta(days=2))
    actions.write(past, teacher.pk, content="Théorème de Thalès", private_note="Lina", based_on=0)
    actions.join(past, teacher.pk, [SimpleUploadedFile("note.txt", b"Bonjour")])
    head = sign_in(factories.staff(Function.SCHOOL_HEAD))
    page = head.post("/log/readings/", {"reader": "M. Roy, IA-IPR", "division": str(division.pk),
                                        "until": str(timezone.localdate() + timedelta(days=5))}).text  # fmt: skip
    return re.search(r"(/readings/[\w-]+/)", page)[1], head, teacher, division


def test_an_inspector_reads_the_log_by_a_private_address_and_the_teacher_knows(opened, visitor, sign_in):
    address, _, teacher, _ = opened
    page = visitor.get(address)
    assert "Théorème de Thalès" in page.text
    assert "Lina" not in page.text
    assert page["Referrer-Policy"] == "same-origin"
    file = Attachment.objects.get()
    assert visitor.get(f"{address}?file={file.pk}").status_code == 200
    assert Notification.objects.filter(person=teacher).exists()
    assert "lu 1 fois" in sign_in(teacher).get("/log/mine/").text
    assert set(AuditEvent.objects.values_list("action", flat=True)) >= {
        "lessons.open_reading", "lessons.read_for_inspection",
    }  # fmt: skip


def test_a_closed_or_expired_reading_answers_no_more(opened, visitor):
    address, head, _, _ = opened
    LogReading.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert visitor.get(address).status_code == 404
    LogReading.objects.update(expires_at=timezone.now() + timedelta(days=1))
    head.post(f"/log/readings/{LogReading.objects.get().pk}/revoke/")
    assert visitor.get(address).status_code == 404


def test_a_reading_opens_no_copy_and_no_draft(opened, visitor):
    address, _, teacher, division = opened
    session = factories.session(teacher, division, timezone.now() - timedelta(days=1))
    work = actions.give(session, teacher.pk, content="Rédaction", due_on=timezone.localdate(), due_session=None,
                        minutes=0, is_test=False, takes_files=True, publish="draft")  # fmt: skip
    pupil = factories.pupil(division=division)
    copy = actions.hand_in(work, pupil.pk, "", [SimpleUploadedFile("a.png", factories.image("PNG"))])
    assert visitor.get(f"{address}?file={copy.attachments.get().pk}").status_code == 404
    assert "Rédaction" not in visitor.get(address).text
    assert readings.file_of(LogReading.objects.get(), copy.attachments.get().pk) is None


def test_the_inspector_endorses_in_the_reading_and_the_teacher_reads_it(opened, visitor, sign_in):
    address, head, teacher, division = opened
    page = visitor.post(address, {"comment": "Travail suivi."}, follow=True)
    assert "Vous avez visé" in page.text
    assert "Travail suivi." in head.get(f"/log/classes/{division.pk}/").text
    assert "M. Roy, IA-IPR a visé" in sign_in(teacher).get("/notifications/").text
    readings.revoke(LogReading.objects.get(), teacher.account_id)
    assert visitor.post(address, {"comment": ""}).status_code == 404
