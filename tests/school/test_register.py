"""The roll: everyone is present until said otherwise, sent once, kept for ever, settled where two said two things."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ent.accounts.actions import new_token
from ent.kernel.refused import Refused
from ent.school.attendance import actions, exits, planning, queries, services
from ent.school.attendance.actions import Mark, submit
from ent.school.attendance.models import (
    Attendance,
    AttendanceEvent,
    Exemption,
    ExitScheme,
    ExitTerms,
    Outing,
    OutingPupil,
    Passage,
    Register,
    ServiceRegister,
)  # fmt: skip
from ent.school.notifications.models import Notification
from ent.school.people.models import Function, Pupil
from tests import factories
from tests.conftest import SchoolClient


@pytest.fixture
def lesson(school):
    """A session under way: (session, teacher, three pupils)."""
    division = factories.division()
    teacher = factories.staff(teaches=division)
    pupils = [factories.pupil(division=division) for _ in range(3)]
    return factories.session(teacher, division), teacher, pupils


def sent(session, marks=None, by=None, based_on=0, client_id=None, **more):
    return submit(session, by.pk if by else None, marks or {}, client_id=client_id or uuid4(), based_on=based_on,
                  taken_at=timezone.now(), **more)  # fmt: skip


def test_a_register_where_all_are_present_is_a_record_with_author_and_time(lesson):
    session, teacher, _ = lesson
    sent(session, by=teacher)
    register = Register.objects.get(session=session)
    assert (register.taken_by, register.pupil_count, register.absent_count) == (teacher, 3, 0)
    assert not Attendance.objects.exists()


def test_the_page_sends_one_absent_pupil_and_one_late(lesson, sign_in):
    session, teacher, (first, second, third) = lesson
    page = sign_in(teacher).post(f"/sessions/{session.pk}/register/", {
        f"state-{first.pk}": "absent", f"state-{second.pk}": "late", f"minutes-{second.pk}": "7",
        f"state-{third.pk}": "present",
    })  # fmt: skip
    assert page.status_code == 302
    states = dict(Attendance.objects.values_list("pupil", "state"))
    assert states == {first.pk: "absent", second.pk: "late"}
    assert Attendance.objects.get(pupil=second).minutes == 7


def test_the_same_sending_twice_counts_once(lesson):
    session, teacher, (pupil, *_) = lesson
    once = uuid4()
    assert sent(session, {pupil.pk: Mark("absent")}, teacher, client_id=once).is_new
    assert not sent(session, {pupil.pk: Mark("absent")}, teacher, client_id=once).is_new
    assert AttendanceEvent.objects.count() == 1
    assert Register.objects.get().version == 1


def test_two_devices_that_disagree_are_shown_and_nothing_is_overwritten(lesson, sign_in):
    session, teacher, (pupil, other, _) = lesson
    sent(session, {pupil.pk: Mark("absent")}, teacher)
    late = sent(session, {pupil.pk: Mark(), other.pk: Mark("absent")}, teacher, based_on=0)
    assert late.conflicts == {pupil.pk: ("absent", "present"), other.pk: ("present", "absent")}
    assert set(Attendance.objects.filter(state="absent").values_list("pupil", flat=True)) == {pupil.pk}
    page = sign_in(teacher).get(f"/sessions/{session.pk}/register/").text
    assert "votre appel disait" in page
    sent(session, {pupil.pk: Mark(), other.pk: Mark("absent")}, teacher, based_on=1)
    assert not Register.objects.get().open_conflicts


def test_what_was_said_first_stays_in_the_history(lesson, sign_in):
    session, teacher, (pupil, *_) = lesson
    sent(session, {pupil.pk: Mark("absent")}, teacher)
    cpe = factories.staff(Function.CPE)
    sent(session, {pupil.pk: Mark("late", 12)}, cpe, based_on=1, any_day=True, reason="Vu dans la cour")
    assert [event.state for event in queries.history(session)] == ["absent", "late"]
    page = sign_in(cpe).get(f"/sessions/{session.pk}/register/history/").text
    assert "Vu dans la cour" in page


def test_a_teacher_does_not_take_the_roll_of_a_colleague(lesson, sign_in):
    session, _, _ = lesson
    assert sign_in(factories.staff()).get(f"/sessions/{session.pk}/register/").status_code == 403


@pytest.fixture
def application(school):
    """Sends a register over the API, as a person: answers (status, what it says)."""

    def send(person, session, client_id=None, based_on=0, **states):
        secret = new_token(factories.account_of(person), school, "Appel")
        marks = [{"pupil": pupil, "state": state} for pupil, state in states.items()]
        answer = SchoolClient(f"{school.subdomain}.ent.localhost").post(
            f"/api/registers/{session.pk}/send/",
            {"client_id": str(client_id or uuid4()), "based_on": based_on, "marks": marks},
            content_type="application/json", headers={"Authorization": f"Bearer {secret}"},
        )  # fmt: skip
        return answer.status_code, answer.json()

    return send


def posted(client, session, client_id=None, based_on=0, **states):
    fields = {f"state-{pupil}": state for pupil, state in states.items()}
    return client.post(f"/sessions/{session.pk}/register/", {
        **fields, "client_id": str(client_id or uuid4()), "based_on": based_on,
    }, headers={"Accept": "application/json"})  # fmt: skip


def test_the_roll_of_a_session_not_mine_is_refused_on_the_page_and_by_the_api(lesson, sign_in, application):
    session, _, (pupil, *_) = lesson
    other = factories.staff()
    assert posted(sign_in(other), session, **{str(pupil.pk): "absent"}).status_code == 403
    assert application(other, session, **{str(pupil.pk): "absent"})[0] == 403
    assert sign_in(factories.guardian(of=pupil)).post(f"/sessions/{session.pk}/register/").status_code == 403
    assert not Register.objects.exists()


def test_the_roll_of_tomorrow_and_of_another_class_are_refused_on_the_page_and_by_the_api(lesson, sign_in, application):
    session, teacher, _ = lesson
    tomorrow = factories.session(teacher, factories.division(), timezone.now() + timedelta(days=1))
    stranger = factories.pupil(division=factories.division("3C"))
    for one, states, words in (
        (tomorrow, {}, "n'a pas encore eu lieu"), (session, {str(stranger.pk): "absent"}, "rechargez la page"),
    ):  # fmt: skip
        answer = posted(sign_in(teacher), one, **states)
        assert answer.status_code == 409
        assert words in answer.json()["message"]
        status, told = application(teacher, one, **states)
        assert status == 409
        assert words in told["message"]
    assert not Register.objects.exists()


def test_two_devices_are_told_apart_and_the_same_sending_counts_once(lesson, sign_in, application):
    session, teacher, (pupil, *_) = lesson
    mine, once, key = sign_in(teacher), uuid4(), str(pupil.pk)
    first = posted(mine, session, once, **{key: "absent"}).json()
    assert (first["status"], first["version"]) == ("saved", 1)
    assert posted(mine, session, once, **{key: "absent"}).json()["version"] == 1
    assert application(teacher, session, once, **{key: "absent"})[1]["version"] == 1
    other = uuid4()
    for _ in range(2):
        status, told = application(teacher, session, other, **{key: "late"})
        assert (status, told["status"]) == (409, "conflict")
        assert told["conflicts"] == {key: {"theirs": "absent", "yours": "late"}}
    assert Attendance.objects.get().state == "absent"
    status, told = application(teacher, session, based_on=1, **{key: "late"})
    assert (status, told["version"]) == (200, 2)
    assert Attendance.objects.get().state == "late"


def test_an_application_reads_the_register_it_may_take(lesson, school):
    session, teacher, (pupil, *_) = lesson
    sent(session, {pupil.pk: Mark("late", 4)}, teacher)
    secret = new_token(factories.account_of(teacher), school, "Appel")
    client = SchoolClient(f"{school.subdomain}.ent.localhost")
    read = client.get(f"/api/registers/{session.pk}/", headers={"Authorization": f"Bearer {secret}"}).json()
    assert read["version"] == 1
    assert {"pupil": str(pupil.pk), "state": "late", "minutes": 4} in read["marks"]


def test_who_stands_in_takes_the_roll_and_the_absent_teacher_does_not(lesson, sign_in):
    session, teacher, _ = lesson
    session.session_teachers.update(part="absent")
    substitute = factories.staff()
    session.session_teachers.create(teacher=substitute, part="stands_in", day=session.day,
                                    during=(session.starts_at, session.ends_at), is_exclusive=False)  # fmt: skip
    assert sign_in(substitute).get(f"/sessions/{session.pk}/register/").status_code == 200
    assert sign_in(teacher).get(f"/sessions/{session.pk}/register/").status_code == 403


def test_the_roll_of_tomorrow_is_refused_in_words(lesson):
    session, teacher, _ = lesson
    tomorrow = factories.session(teacher, factories.division(), timezone.now() + timedelta(days=1))
    with pytest.raises(Refused, match="n'a pas encore eu lieu"):
        sent(tomorrow, by=teacher)
    session.state = "cancelled"
    session.save()
    with pytest.raises(Refused, match="annulée"):
        sent(session, by=teacher)


def test_a_teacher_corrects_on_the_day_only_and_student_life_later(lesson):
    _, teacher, (pupil, *_) = lesson
    before = factories.session(teacher, factories.division(), timezone.now() - timedelta(days=2))
    with pytest.raises(Refused, match="le jour même"):
        sent(before, {pupil.pk: Mark("absent")}, teacher)
    sent(before, {pupil.pk: Mark("absent")}, factories.staff(Function.CPE), any_day=True)
    assert Attendance.objects.get().day == before.day


def test_a_roll_taken_offline_and_sent_the_next_day_keeps_its_time(lesson):
    _, teacher, (pupil, *_) = lesson
    before = factories.session(teacher, factories.division(), timezone.now() - timedelta(days=1))
    taken = before.starts_at + timedelta(minutes=3)
    submit(before, teacher.pk, {pupil.pk: Mark("absent")}, client_id=uuid4(), based_on=0, taken_at=taken)
    assert Register.objects.get(session=before).taken_at == taken


def test_a_pupil_of_another_class_cannot_be_marked(lesson):
    session, teacher, _ = lesson
    stranger = factories.pupil(division=factories.division("3C"))
    with pytest.raises(Refused, match="ne sont plus dans cette séance"):
        sent(session, {stranger.pk: Mark("absent")}, teacher)


def test_who_is_known_to_be_elsewhere_is_already_marked_with_the_reason(lesson, sign_in):
    session, _, (exempt, away, ill) = lesson
    Exemption.objects.create(pupil=exempt, starts_on=session.day, ends_on=session.day, must_attend=False)
    trip = Outing.objects.create(kind="trip", title="Musée", starts_at=session.starts_at, ends_at=session.ends_at)
    OutingPupil.objects.create(outing=trip, pupil=away)
    Passage.objects.create(pupil=ill, place="infirmary", received_at=timezone.now())
    lines = {line.pupil: line for line in queries.sheet(session).lines}
    assert (lines[exempt].state, lines[away].note) == ("exempt", "Musée")
    assert (lines[ill].state, lines[ill].known) == ("elsewhere", "Infirmerie")


def test_absent_the_hour_before_is_told_and_shown_in_the_day_strip(lesson):
    session, teacher, (pupil, *_) = lesson
    before = factories.session(teacher, factories.division(), session.starts_at - timedelta(hours=1))
    if before.day != session.day:
        pytest.skip("minuit entre les deux séances")
    sent(before, {pupil.pk: Mark("absent")}, teacher)
    (line,) = [line for line in queries.sheet(session).lines if line.pupil == pupil]
    assert line.known == "Absent à l'heure d'avant"
    assert [hour.sign for hour in line.strip] == ["A"]
    assert teacher.formal_name in line.strip[0].words


def test_a_pupil_who_changed_class_keeps_the_past(lesson):
    session, _, (pupil, *_) = lesson
    pupil.enrolments.update(closed_at=timezone.now())
    assert pupil not in [line.pupil for line in queries.sheet(session).lines]
    earlier = factories.session(factories.staff(), factories.division(), timezone.now() - timedelta(days=3))
    assert pupil in [line.pupil for line in queries.sheet(earlier).lines]


def test_the_board_names_the_missing_registers_and_a_click_reminds(lesson, sign_in):
    session, teacher, (pupil, *_) = lesson
    cpe = sign_in(factories.staff(Function.CPE))
    assert "Rappeler" in cpe.get("/student-life/").text
    cpe.post(f"/sessions/{session.pk}/register/remind/")
    assert Notification.objects.get(person=teacher).title.endswith("manque")
    sent(session, {pupil.pk: Mark("absent")}, teacher)
    page = cpe.get("/student-life/", headers={"HX-Request": "true"}).text
    assert "Tous les appels sont faits" in page
    assert pupil.display_name in page


def test_who_is_sent_to_the_infirmary_is_expected_there(lesson, sign_in):
    session, teacher, (pupil, *_) = lesson
    client = sign_in(teacher)
    client.post(f"/sessions/{session.pk}/register/", {f"state-{pupil.pk}": "infirmary"})
    passage = Passage.objects.get(pupil=pupil)
    nurse = sign_in(factories.staff(Function.NURSE))
    nurse.post(f"/student-life/passages/{passage.pk}/receive/")
    nurse.post(f"/student-life/passages/{passage.pk}/let-go/", {"care_note": "Repos"})
    passage.refresh_from_db()
    assert passage.received_at
    assert passage.care_note == "Repos"


def test_the_nurse_finds_who_is_coming_on_her_home_page_and_in_her_menu(lesson, sign_in):
    session, teacher, (pupil, other, *_) = lesson
    sign_in(teacher).post(f"/sessions/{session.pk}/register/", {f"state-{pupil.pk}": "infirmary"})
    Passage.objects.create(pupil=other, place="library", received_at=timezone.now())
    passage = Passage.objects.get(pupil=pupil)
    nurse = sign_in(factories.staff(Function.NURSE))
    page = nurse.get("/").text
    assert 'href="/student-life/passages/"' in page
    assert pupil.display_name in page
    assert other.display_name not in page
    assert nurse.post(f"/student-life/passages/{passage.pk}/receive/", {"back": "home"})["Location"] == "/"
    assert "Note de soin" in nurse.get("/").text
    librarian = sign_in(factories.staff(Function.LIBRARIAN))
    assert other.display_name in librarian.get("/").text
    assert '<option value="library" selected>' in librarian.get("/student-life/passages/").text
    assert "Passages</span>" not in sign_in(factories.staff(Function.CPE)).get("/").text


def test_passages_show_who_is_coming_first_and_who_left_last(lesson):
    _, _, (gone, there, coming, *_) = lesson
    now = timezone.now()
    Passage.objects.create(pupil=gone, place="infirmary", received_at=now, left_at=now)
    Passage.objects.create(pupil=there, place="infirmary", received_at=now)
    Passage.objects.create(pupil=coming, place="infirmary", sent_at=now)
    assert [one.pupil for one in planning.passages_of(timezone.localdate())] == [coming, there, gone]


def test_the_lesson_of_the_moment_comes_before_those_that_are_over(lesson, sign_in):
    session, teacher, (pupil, *_) = lesson
    over = factories.session(teacher, pupil.enrolments.get().division, timezone.now() - timedelta(minutes=12), 5)
    Register.objects.create(session=over, day=over.day, taken_at=timezone.now(), taken_by=teacher)
    page = sign_in(teacher).get("/").text
    assert page.index(f"/sessions/{session.pk}/register/") < page.index(f"/sessions/{over.pk}/register/")


def test_a_care_note_is_read_by_nurses_alone(lesson, sign_in):
    _, _, (pupil, *_) = lesson
    Passage.objects.create(pupil=pupil, place="infirmary", received_at=timezone.now(), care_note="Secret")
    assert "Secret" in sign_in(factories.staff(Function.NURSE)).get("/student-life/passages/").text
    assert "Secret" not in sign_in(factories.staff(Function.CPE)).get("/student-life/passages/").text


def test_a_register_taken_by_mistake_is_taken_back(lesson, sign_in):
    session, teacher, (pupil, *_) = lesson
    sent(session, {pupil.pk: Mark("absent")}, teacher)
    sign_in(teacher).post(f"/sessions/{session.pk}/register/take-back/")
    assert not Register.objects.exists()
    assert Attendance.objects.get().state == "present"
    assert AttendanceEvent.objects.count() == 2


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.lists(st.integers(0, 2), min_size=1, max_size=6))
def test_however_often_sendings_are_repeated_each_counts_once(school, order):
    division = factories.division(f"P{uuid4().hex[:6]}")
    teacher, pupil = factories.staff(teaches=division), factories.pupil(division=division)
    session = factories.session(teacher, division)
    ids = [uuid4() for _ in range(3)]
    for index in order:
        version = Register.objects.filter(session=session).values_list("version", flat=True).first() or 0
        sent(session, {pupil.pk: Mark("absent")}, teacher, based_on=version, client_id=ids[index])
    assert Register.objects.get(session=session).version == len(set(order))
    assert AttendanceEvent.objects.filter(session=session).count() == 1


def test_a_second_reminder_tells_the_direction_too(lesson):
    session = lesson[0]
    head = factories.staff(Function.SCHOOL_HEAD)
    actions.remind(session, None)
    assert queries.board().missing[0].reminded_at
    assert not Notification.objects.filter(person=head).exists()
    actions.remind(session, None)
    assert Notification.objects.get(person=head).title.endswith("manque toujours")


def test_whoever_came_to_study_or_may_leave_is_shown_so(lesson):
    home, study = (factories.pupil(division=factories.division("3C")) for _ in range(2))
    scheme = exits.define(
        ExitScheme(name="Vert"), ExitTerms(starts_on=timezone.localdate(), after_last_lesson=True), None
    )
    exits.assign({home.pk: scheme.pk}, timezone.localdate(), None)
    services.take(ServiceRegister.Service.STUDY, {home.pk}, None)
    places = {one.pupil: (one.place, one.kind) for one in queries.whereabouts()}
    assert places[home] == ("Sans cours, autorisé à sortir", "out")
    assert places[study] == ("Permanence", "free")


def test_where_everyone_is_tells_who_is_out_and_who_was_noted_absent(lesson, sign_in):
    session, teacher, (absent, away, present) = lesson
    outing = Outing.objects.create(kind="trip", title="Musée", starts_at=timezone.now() - timedelta(hours=1),
                                   ends_at=timezone.now() + timedelta(hours=1))  # fmt: skip
    OutingPupil.objects.create(outing=outing, pupil=away)
    before = factories.session(teacher, factories.division(), timezone.now() - timedelta(minutes=70))
    sent(before, {absent.pk: Mark("absent"), present.pk: Mark("absent")}, teacher, any_day=True)
    kinds = {one.pupil: one.kind for one in queries.whereabouts()}
    assert (kinds[absent], kinds[away], kinds[present]) == ("absent", "away", "absent")
    sent(session, {absent.pk: Mark("absent")}, teacher)
    kinds = {one.pupil: one.kind for one in queries.whereabouts()}
    assert (kinds[absent], kinds[present]) == ("absent", "lesson")
    page = sign_in(factories.staff(Function.CPE)).get("/student-life/whereabouts/").text
    assert "1 élèves à retrouver" not in page
    assert "Pointé" in page
    assert "Musée" in page


def test_a_roll_taken_since_says_that_an_absent_pupil_has_come(lesson):
    session, teacher, (come, gone, _) = lesson
    for pupil in (come, gone):
        Pupil.objects.update_or_create(person=pupil, defaults={"boarding_scheme": "half_board"})
    early = factories.session(teacher, factories.division(), timezone.now() - timedelta(minutes=180))
    late = factories.session(teacher, factories.division(), timezone.now() - timedelta(minutes=120))
    session.delete()
    sent(early, {come.pk: Mark("absent"), gone.pk: Mark("absent")}, teacher, any_day=True)
    assert queries.board().earlier == 2
    sent(late, {gone.pk: Mark("absent")}, teacher, any_day=True)
    kinds = {one.pupil: one.kind for one in queries.whereabouts()}
    assert kinds[come] != kinds[gone] == "absent"
    assert queries.board().earlier == 1
    assert {one.pupil: one.is_absent for one in services.sheet(ServiceRegister.Service.CANTEEN).lines} == {
        come: False, gone: True,
    }  # fmt: skip


def test_who_was_sent_to_the_infirmary_and_never_came_is_where_a_roll_since_says(lesson):
    session, teacher, (back, gone, _) = lesson
    before = timezone.now() - timedelta(minutes=70)
    for pupil in (back, gone):
        Passage.objects.create(pupil=pupil, place="infirmary", sent_at=before, sent_by=teacher)
    sent(session, {gone.pk: Mark("absent")}, teacher, any_day=True)
    kinds = {one.pupil: one.kind for one in queries.whereabouts()}
    assert (kinds[back], kinds[gone]) == ("lesson", "absent")


def test_who_is_on_the_way_to_the_infirmary_is_out_of_class_everywhere(lesson, sign_in):
    session, teacher, (pupil, _, _) = lesson
    Passage.objects.create(pupil=pupil, session=session, place="infirmary", sent_at=timezone.now(), sent_by=teacher)
    where = next(one for one in queries.whereabouts() if one.pupil == pupil)
    assert (where.place, where.kind, where.is_inside) == ("Infirmerie, pas encore arrivé", "passage", True)
    assert (queries.moment().passages, len(queries.board().passages)) == (1, 1)
    page = sign_in(factories.staff(Function.CPE)).get("/student-life/whereabouts/").text
    assert "Hors de classe : 1" in page


def test_the_canteen_register_knows_who_is_absent_and_is_corrected(lesson, sign_in):
    session, teacher, (absent, there, _) = lesson
    for pupil in (absent, there):
        Pupil.objects.update_or_create(person=pupil, defaults={"boarding_scheme": "half_board"})
    sent(session, {absent.pk: Mark("absent")}, teacher)
    first = services.sheet(ServiceRegister.Service.CANTEEN)
    assert {one.pupil: one.is_absent for one in first.lines} == {absent: True, there: False}
    aed, path = sign_in(factories.staff(Function.AED)), "/student-life/services/canteen/"
    assert "Absent de cours" in aed.get(path).text
    shown = {f"shown-{one.pk}": "1" for one in (absent, there)}
    aed.post(path, shown | {f"absent-{there.pk}": "on", "absent-not-an-identifier-of-thirty-six-signs": "on"})
    assert [one.pupil for one in services.sheet(ServiceRegister.Service.CANTEEN).missing] == [there]
    aed.post(path, shown)
    assert "Tous sont là" in aed.get(path).text
    assert ServiceRegister.objects.count() == 1
    assert "présent" in aed.get(path + "?export=csv").getvalue().decode()


def test_the_study_hall_has_a_register_each_hour(lesson):
    pupil = factories.pupil(division=factories.division("3C"))
    noon = timezone.localtime().replace(hour=12, minute=5)
    for hours in (0, 1):
        services.take(ServiceRegister.Service.STUDY, set(), None, now=noon + timedelta(hours=hours))
    assert ServiceRegister.objects.count() == 2
    assert pupil in [one.pupil for one in services.sheet(ServiceRegister.Service.STUDY, noon).lines]


def test_the_certificate_of_an_exemption_is_kept_and_opened_by_student_life_alone(lesson, sign_in):
    _, teacher, (pupil, *_) = lesson
    cpe, office = factories.staff(function=Function.CPE), factories.staff(function=Function.OFFICE)
    today = timezone.localdate()
    fields = {"pupil": str(pupil.pk), "starts_on": today, "ends_on": today, "must_attend": "on"}
    bad = SimpleUploadedFile("certificat.pdf", b"#!/bin/sh")
    refused = sign_in(office).post("/student-life/exemptions/", {**fields, "document": bad})
    assert refused.status_code == 400
    assert "ce que son nom annonce" in refused.content.decode()
    good = SimpleUploadedFile("certificat.png", factories.image("PNG"))
    assert sign_in(office).post("/student-life/exemptions/", {**fields, "document": good}).status_code == 302
    exemption = Exemption.objects.get()
    path = f"/student-life/exemptions/{exemption.pk}/certificate/"
    assert sign_in(cpe).get(path)["X-Content-Type-Options"] == "nosniff"
    assert sign_in(office).get(path).status_code == sign_in(teacher).get(path).status_code == 403
    assert planning.document_bytes() > 0


def test_an_outing_lists_who_is_on_two_at_once(lesson):
    now, division = timezone.now(), factories.division("3C")
    factories.pupil(division=division)
    first, second = (
        planning.plan_outing(Outing(kind="trip", title=title, starts_at=now, ends_at=now + timedelta(hours=3)),
                             [division], None)
        for title in ("Musée", "Piscine")
    )  # fmt: skip
    (words,) = planning.anomalies_of(first)
    assert "est aussi prévu à « Piscine »" in words
    planning.keep_at_school(second, {str(one.pk) for one in planning.pupils_of(second)})
    assert planning.anomalies_of(first) == []


@pytest.mark.parametrize(("mark", "chosen"), [
    (Mark("elsewhere", 0, "Infirmerie"), "infirmary"), (Mark("elsewhere", 0, "CDI"), "elsewhere"),
    (Mark("exempt", 0, "Piscine"), "exempt"), (Mark("late", 5), "late"),
])  # fmt: skip
def test_how_a_pupil_is_stands_once_on_the_sheet(mark, chosen, lesson, sign_in):
    session, teacher, pupils = lesson
    sent(session, {pupils[0].pk: mark}, by=teacher)
    page = sign_in(teacher).get(f"/sessions/{session.pk}/register/").content.decode()
    assert re.findall(rf'name="state-{pupils[0].pk}" value="(\w+)" checked', page) == [chosen]
