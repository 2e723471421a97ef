"""Absences: counted by the official rule, told at once, announced and justified by families, settled by the school."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ent.school.absences import actions, alerts, queries, reasons, statistics, syncing
from ent.school.absences.half_days import Span, count, half_day_of, total
from ent.school.absences.models import AbsenceCase, AbsenceNotice, Alert, CaseEvent, FamilyLetter
from ent.school.attendance import queries as attendance
from ent.school.attendance.actions import Mark, submit
from ent.school.attendance.models import Attendance
from ent.school.notifications.models import Notification
from ent.school.people.models import Function, Person
from tests import factories

MIDDAY = time(13)


def reason(code: str = "family"):
    return next(one for one in reasons.current() if one.code == code)


@pytest.fixture
def lesson(school):
    """(session under way, teacher, pupil, guardian)."""
    division = factories.division()
    teacher, pupil = factories.staff(teaches=division), factories.pupil(division=division)
    return factories.session(teacher, division), teacher, pupil, factories.guardian(of=pupil)


def absent(lesson, state: str = "absent", session=None, based_on: int = 0) -> None:
    session, teacher, pupil = session or lesson[0], lesson[1], lesson[2]
    submit(session, teacher.pk, {pupil.pk: Mark(state, 5 if state == "late" else 0)}, client_id=uuid4(),
           based_on=based_on, taken_at=timezone.now(), any_day=True)  # fmt: skip


# --- counting ----------------------------------------------------------------------------------------------------
def span(start: str, end: str) -> Span:
    return Span(*(datetime.fromisoformat(f"2026-11-24 {hour}") for hour in (start, end)))


def test_a_session_missed_counts_its_half_day_once():
    morning = [span("08:00", "08:55"), span("09:00", "09:55"), span("10:05", "11:00"), span("11:05", "12:00")]
    assert count(morning[:1], morning, MIDDAY).gross == 1
    assert count(morning, morning, MIDDAY).gross == 1
    assert count([*morning, span("14:00", "15:00")], [*morning, span("14:00", "15:00")], MIDDAY).gross == 2
    assert count(morning[:1], morning, MIDDAY).share == Decimal("0.250")


spans = st.builds(
    lambda day, hour, length: Span(moment := datetime(2026, 11, day, hour), moment + timedelta(minutes=length)),
    st.integers(2, 27), st.integers(8, 16), st.integers(1, 110),
)  # fmt: skip


@given(st.lists(spans, max_size=12), st.lists(spans, max_size=12))
def test_the_share_never_exceeds_the_half_days_and_nothing_missed_counts_nothing(missed, planned):
    counted = count(missed, planned, MIDDAY)
    assert 0 <= counted.share <= counted.gross
    assert (counted.gross == 0) == (not missed)
    assert set(counted.half_days) == {half_day_of(one.starts_at, MIDDAY) for one in missed}


@given(st.lists(spans, max_size=8))
def test_counting_twice_the_same_absence_counts_it_once(missed):
    once = count(missed, missed, MIDDAY)
    assert count(missed * 2, missed, MIDDAY) == once
    assert total([once, once]).gross == once.gross


# --- from the register to the family -----------------------------------------------------------------------------
def test_the_parent_is_told_at_once_and_only_once(lesson):
    absent(lesson)
    _, _, pupil, parent = lesson
    case = AbsenceCase.objects.get(pupil=pupil)
    assert case.half_days
    told = Notification.objects.get(person=parent)
    assert told.title.startswith(f"{pupil.first_name} : absence depuis")
    assert told.path == f"/absences/cases/{case.pk}/justify/"
    absent(lesson, based_on=1)
    assert Notification.objects.filter(person=parent).count() == 1


def test_a_parent_without_legal_authority_is_not_told(lesson):
    other = factories.contact(of=lesson[2], account=True)
    kept_away = factories.guardian(of=lesson[2], restricted=True)
    absent(lesson)
    assert not Notification.objects.filter(person__in=[other, kept_away]).exists()


def test_a_correction_closes_the_case_and_says_so(lesson):
    absent(lesson)
    absent(lesson, "present", based_on=1)
    assert AbsenceCase.objects.get().removed_at
    assert Notification.objects.filter(person=lesson[3], title__contains="était bien en cours").exists()


def test_sessions_that_follow_one_another_are_one_case(lesson):
    _, teacher, _, _ = lesson
    start = timezone.localtime().replace(hour=9, minute=0, second=0, microsecond=0) - timedelta(days=1)
    first = factories.session(teacher, factories.division(), start)
    second = factories.session(teacher, factories.division(), start + timedelta(hours=1))
    absent(lesson, session=first)
    absent(lesson, session=second)
    case = AbsenceCase.objects.get(removed_at=None)
    assert (case.session_count, len(case.half_days)) == (2, 1)


@pytest.fixture
def two_days(lesson):
    """Two hours of a day, two of the next: the latest were yesterday's."""
    _, teacher, _, _ = lesson
    start = timezone.localtime().replace(hour=9, minute=0, second=0, microsecond=0) - timedelta(days=2)
    return [factories.session(teacher, factories.division(), start + timedelta(days=day, hours=hour))
            for day in (0, 1) for hour in (0, 5)]  # fmt: skip


def test_a_long_illness_is_one_case(lesson, two_days):
    for session in two_days:
        absent(lesson, session=session)
    case = AbsenceCase.objects.get(removed_at=None)
    assert (case.session_count, len(case.half_days), case.day) == (4, 4, two_days[0].day)
    assert (case.starts_at, case.ends_at) == (two_days[0].starts_at, two_days[3].ends_at)
    day = timezone.localdate()
    for by in statistics.BY:
        assert sum(one.half_days for one in statistics_of(by, two_days[3].day, day)) == 2


def test_an_hour_attended_or_an_answer_given_parts_a_long_absence(lesson, two_days):
    absent(lesson, session=two_days[0])
    absent(lesson, session=two_days[1])
    actions.decide([AbsenceCase.objects.get()], True, actions.By(None, None), reason())
    absent(lesson, session=two_days[2])
    first, second = AbsenceCase.objects.filter(removed_at=None).order_by("starts_at")
    assert (first.is_valid, first.session_count, second.is_valid, second.session_count) == (True, 2, None, 1)


def test_a_day_corrected_leaves_the_other_and_the_family_knows(lesson, two_days):
    for session in two_days:
        absent(lesson, session=session)
    for session in two_days[2:]:
        absent(lesson, "present", session=session, based_on=1)
    case = AbsenceCase.objects.get(removed_at=None)
    assert case.ends_at == two_days[1].ends_at
    assert Notification.objects.filter(person=lesson[3], title__contains="était bien en cours").exists()


def justify_part(two_days, pupil, first, last, sign_in, parent):
    case = AbsenceCase.objects.get(removed_at=None, reason=None)
    return sign_in(parent).post(f"/absences/cases/{case.pk}/justify/", {
        "reason": str(reason("medical").pk), "first": first, "last": last})  # fmt: skip


def test_what_a_family_justifies_in_part_settles_that_part_alone(lesson, two_days, sign_in):
    _, _, pupil, parent = lesson
    for session in two_days:
        absent(lesson, session=session)
    assert justify_part(two_days, pupil, 0, 1, sign_in, parent).status_code == 302
    actions.answer(AbsenceNotice.objects.get(), "accepted", actions.By(None, None))
    for _ in range(2):
        first, second = AbsenceCase.objects.filter(removed_at=None).order_by("starts_at")
        assert (first.is_valid, first.ends_at, first.half_days) == (True, two_days[1].ends_at, first.half_days[:2])
        assert (second.is_settled, second.reason, second.starts_at) == (False, None, two_days[2].starts_at)
        syncing.sync([pupil.pk], two_days[0].day)
    assert [one.pk for one in queries.owed_by_pupils([pupil.pk])[pupil.pk]] == [second.pk]


def test_an_hour_justified_apart_leaves_the_rest_of_the_day(lesson, two_days, sign_in):
    _, _, pupil, parent = lesson
    for session in two_days[:2]:
        absent(lesson, session=session)
    assert justify_part(two_days, pupil, 1, 0, sign_in, parent).status_code == 400
    justify_part(two_days, pupil, 0, 0, sign_in, parent)
    for state in ("accepted", "refused"):
        notice = AbsenceNotice.objects.get()
        actions.answer(notice, state, actions.By(None, None), "Sans certificat")
        syncing.sync([pupil.pk], two_days[0].day)
        first, second = AbsenceCase.objects.filter(removed_at=None).order_by("starts_at")
        assert (first.is_valid, second.is_settled, second.is_valid) == (state == "accepted", False, None)
        actions.undo_answer(notice, actions.By(None, None))


def test_beyond_the_hours_a_family_announced_it_is_told(lesson, two_days):
    _, _, pupil, parent = lesson
    first, second = two_days[2:]
    actions.give_notice(pupil, kind="announces", starts_at=first.starts_at, ends_at=first.ends_at, reason=reason(),
                        by=actions.By(parent.pk, None), is_exact=True)  # fmt: skip
    absent(lesson, session=first)
    assert not Notification.objects.filter(person=parent).exists()
    absent(lesson, session=second)
    assert AbsenceCase.objects.get(reason=None).starts_at == second.starts_at
    assert Notification.objects.filter(person=parent, title__contains="absence").count() == 1


def test_an_hour_missed_after_a_justification_is_told_and_to_be_justified(lesson, two_days, sign_in):
    parent = lesson[3]
    first, second = two_days[2:]
    absent(lesson, session=first)
    case = AbsenceCase.objects.get()
    sign_in(parent).post(f"/absences/cases/{case.pk}/justify/", {"reason": reason().pk})
    absent(lesson, session=second)
    later = AbsenceCase.objects.get(reason=None, removed_at=None)
    assert (later.starts_at, later.is_settled) == (second.starts_at, False)
    assert Notification.objects.filter(person=parent, title__contains="absence").count() == 2


def test_what_a_family_announced_for_days_keeps_them_one_case(lesson, two_days):
    actions.give_notice(lesson[2], kind="announces", starts_at=two_days[0].starts_at, ends_at=two_days[3].ends_at,
                        reason=reason(), by=actions.By(lesson[3].pk, None))  # fmt: skip
    for session in two_days:
        absent(lesson, session=session)
    assert AbsenceCase.objects.get(removed_at=None).reason == reason()


def test_half_days_are_counted_again_when_the_school_moves_its_midday(lesson, two_days, monkeypatch):
    for session in two_days[:2]:
        absent(lesson, session=session)
    assert len(AbsenceCase.objects.get().half_days) == 2
    monkeypatch.setattr(syncing, "midday", lambda: time(18))
    assert syncing.recount() == 1
    assert len(AbsenceCase.objects.get().half_days) == 1
    assert syncing.recount() == 0


# --- families ----------------------------------------------------------------------------------------------------
def test_a_parent_announces_and_the_register_knows(lesson, sign_in):
    session, _, pupil, parent = lesson
    page = sign_in(parent).post(f"/absences/announce/{pupil.pk}/", {"when": "today", "reason": str(reason().pk)})
    assert page.status_code == 302
    (line,) = attendance.sheet(session).lines
    assert (line.state, line.known[:16]) == ("absent", "Absence annoncée")


def test_a_parent_justifies_with_a_document_and_the_school_accepts(lesson, sign_in):
    absent(lesson)
    _, _, pupil, parent = lesson
    case, family = AbsenceCase.objects.get(), sign_in(parent)
    photo = SimpleUploadedFile("mot.png", factories.image("PNG"))
    family.post(f"/absences/cases/{case.pk}/justify/", {"reason": str(reason().pk), "document": photo})
    notice, cpe = AbsenceNotice.objects.get(), sign_in(factories.staff(Function.CPE))
    assert str(pupil) in cpe.get("/absences/to-treat/").text
    cpe.post(f"/absences/notices/{notice.pk}/answer/", {"verb": "accepted"})
    case.refresh_from_db()
    assert case.is_settled
    assert case.is_valid
    assert "Réglée" in family.get("/absences/").text
    assert Notification.objects.filter(person=parent, kind="answer").exists()


def test_a_refusal_says_why(lesson, sign_in):
    absent(lesson)
    parent, case = lesson[3], AbsenceCase.objects.get()
    sign_in(parent).post(f"/absences/cases/{case.pk}/justify/", {"reason": str(reason("alarm").pk)})
    notice, cpe = AbsenceNotice.objects.get(), sign_in(factories.staff(Function.CPE))
    cpe.post(f"/absences/notices/{notice.pk}/answer/", {"verb": "refused"})
    notice.refresh_from_db()
    assert notice.state == "received"
    cpe.post(f"/absences/notices/{notice.pk}/answer/", {"verb": "refused", "words": "Trop de réveils en panne"})
    assert "Trop de réveils en panne" in sign_in(parent).get("/absences/").text


@pytest.mark.parametrize(("fields", "words"), [
    ({"when": "dates", "from_day": "2026-12-10", "to_day": "2026-12-01"}, "vient avant le premier"),
    ({"when": "hours", "from_hour": "11:00", "to_hour": "10:00"}, "vient avant le début"),
    ({"when": "today", "reason": ""}, "Choisissez une raison"),
])  # fmt: skip
def test_wrong_input_is_told_beside_the_field(lesson, sign_in, fields, words):
    _, _, pupil, parent = lesson
    page = sign_in(parent).post(f"/absences/announce/{pupil.pk}/", {"reason": str(reason().pk)} | fields)
    assert page.status_code == 400
    assert words in page.text
    assert not AbsenceNotice.objects.exists()


def test_a_script_named_pdf_is_refused(lesson, sign_in):
    _, _, pupil, parent = lesson
    script = SimpleUploadedFile("mot.pdf", b"<script>alert(1)</script>")
    sent = {"when": "today", "reason": str(reason().pk), "document": script}
    page = sign_in(parent).post(f"/absences/announce/{pupil.pk}/", sent)
    assert page.status_code == 400
    assert "ce que son nom annonce" in page.text


def test_nobody_announces_for_someone_elses_child(lesson, sign_in):
    stranger = factories.guardian(of=factories.pupil(division=factories.division("3C")))
    absent(lesson)
    family, case = sign_in(stranger), AbsenceCase.objects.get()
    for path in (f"announce/{lesson[2].pk}", f"cases/{case.pk}/justify"):
        assert family.get(f"/absences/{path}/").status_code == 404
        assert family.post(f"/absences/{path}/", {"when": "today", "reason": str(reason().pk)}).status_code == 404
    assert not AbsenceNotice.objects.exists()


def test_a_settled_or_corrected_absence_is_not_justified_again(lesson, sign_in):
    absent(lesson)
    case, family = AbsenceCase.objects.get(), sign_in(lesson[3])
    actions.decide([case], True, actions.By(None, None), reason())
    family.post(f"/absences/cases/{case.pk}/justify/", {"reason": str(reason("alarm").pk)})
    absent(lesson, "present", based_on=1)
    family.post(f"/absences/cases/{case.pk}/justify/", {"reason": str(reason("alarm").pk)})
    case.refresh_from_db()
    assert case.reason.code == "family"
    assert not AbsenceNotice.objects.exists()


def test_what_was_typed_stays_when_an_answer_a_decision_or_a_call_is_not_valid(lesson, sign_in):
    absent(lesson)
    case, cpe = AbsenceCase.objects.get(), sign_in(factories.staff(Function.CPE))
    sign_in(lesson[3]).post(f"/absences/cases/{case.pk}/justify/", {"reason": str(reason().pk)})
    notice = AbsenceNotice.objects.get()
    page = cpe.post(f"/absences/notices/{notice.pk}/answer/", {"verb": "refused", "words": "x" * 301})
    assert (page.status_code, "x" * 301 in page.text) == (400, True)
    page = cpe.post(f"/absences/cases/{case.pk}/decide/", {"verb": "refuse", "reason": str(reason("alarm").pk)})
    assert (page.status_code, f'value="{reason("alarm").pk}" selected' in page.text) == (400, True)
    assert "Dites à la famille pourquoi" in page.text
    sent = {"act": "reached", "note": "Le père rappelle", "next_step": "Rappeler"}
    page = cpe.post(f"/absences/pupils/{lesson[2].pk}/follow-up/", sent)
    assert (page.status_code, "Le père rappelle" in page.text, "Dites pour quand" in page.text) == (400, True, True)


def test_the_family_reads_roles_and_times_in_the_trail_not_names(lesson, sign_in):
    absent(lesson)
    _, teacher, _, parent = lesson
    case = AbsenceCase.objects.get()
    seen, staff = (sign_in(one).get(f"/absences/cases/{case.pk}/").text for one in (parent, teacher))
    assert teacher.last_name not in seen
    assert "absent" in seen
    assert teacher.formal_name in staff


def test_a_call_is_noted_in_one_tap_where_the_phone_is(lesson, sign_in):
    absent(lesson)
    Person.objects.filter(pk=lesson[3].pk).update(mobile_phone="06 00 00 00 01")
    case, cpe = AbsenceCase.objects.get(), sign_in(factories.staff(Function.CPE))
    assert "tel:0600000001" in cpe.get("/absences/calls/").text
    cpe.post(f"/absences/pupils/{lesson[2].pk}/follow-up/", {"act": "voicemail", "case": str(case.pk),
                                                            "next": "/absences/calls/"})  # fmt: skip
    assert case.follow_ups.get().act == "voicemail"
    assert "Message sur le répondeur, " in cpe.get("/absences/calls/").text


def test_a_page_of_the_list_and_its_file_are_of_what_the_list_shows(lesson, sign_in):
    absent(lesson)
    pupil, cpe, path = lesson[2], sign_in(factories.staff(Function.CPE)), "/absences/to-treat/"

    def listed(**asked) -> bool:
        answer = cpe.get(path, asked)
        words = answer.getvalue() if "export" in asked else answer.content
        return pupil.last_name in words.decode()

    assert all((listed(), listed(page=1), listed(export="csv")))
    assert queries.waiting().cases == 1
    AbsenceCase.objects.update(is_settled=True, settled_at=timezone.now())
    assert not any((listed(), listed(page=1), listed(export="csv")))
    assert all((listed(settled="", export="csv"), listed(settled="yes")))
    assert queries.waiting().cases == 0


def test_all_that_agrees_with_the_registers_is_accepted_at_once(lesson, sign_in):
    absent(lesson)
    case, tomorrow = AbsenceCase.objects.get(), timezone.now() + timedelta(days=1)
    by = actions.By(lesson[3].pk, None)
    said = {"kind": "justifies", "reason": reason(), "by": by}
    agrees = actions.give_notice(lesson[2], starts_at=case.starts_at, ends_at=case.ends_at, **said)
    other = actions.give_notice(lesson[2], starts_at=tomorrow, ends_at=tomorrow + timedelta(hours=2), **said)
    sign_in(factories.staff(Function.CPE)).post("/absences/notices/accept/", {"matching": "1"})
    for notice, state in ((agrees, "accepted"), (other, "received")):
        notice.refresh_from_db()
        assert notice.state == state


def test_a_double_click_makes_one_notice(lesson):
    _, _, pupil, parent = lesson
    once, by = uuid4(), actions.By(parent.pk, None)
    for _ in range(2):
        actions.give_notice(pupil, kind="announces", starts_at=timezone.now(), reason=reason(), by=by, client_id=once,
                            ends_at=timezone.now() + timedelta(hours=1))  # fmt: skip
    assert AbsenceNotice.objects.count() == 1


def test_teachers_do_not_read_health_reasons(lesson, sign_in):
    absent(lesson)
    case = AbsenceCase.objects.get()
    actions.give_reason([case], reason("illness"), actions.By(None, None))
    actions.give_notice(lesson[2], kind="justifies", starts_at=case.starts_at, ends_at=case.ends_at,
                        reason=reason("illness"), by=actions.By(lesson[3].pk, None), text="Fièvre")  # fmt: skip
    page = sign_in(lesson[1]).get(f"/absences/pupils/{lesson[2].pk}/").text
    assert "Maladie" not in page
    assert "Fièvre" not in page
    assert "Maladie" in sign_in(factories.staff(Function.CPE)).get(f"/absences/pupils/{lesson[2].pk}/").text


# --- student life ------------------------------------------------------------------------------------------------
def test_a_decision_is_undone_and_the_trail_keeps_both(lesson):
    absent(lesson)
    case, by = AbsenceCase.objects.get(), actions.By(None, None)
    actions.decide([case], True, by)
    actions.reopen([case], by)
    case.refresh_from_db()
    assert case.is_valid is None
    assert list(CaseEvent.objects.values_list("act", flat=True)) == ["valid", "reopened"]


def half_days_of(pupil, number: int) -> None:
    """As many unexplained half-days, one a day, before today."""
    for back in range(1, number + 1):
        starts = timezone.now() - timedelta(days=back)
        day = timezone.localdate(starts)
        AbsenceCase.objects.create(pupil=pupil, kind="absence", day=day, starts_at=starts, half_days=[f"{day} M"],
                                   ends_at=starts + timedelta(hours=1))  # fmt: skip


def test_four_unjustified_half_days_in_a_month_open_a_procedure_for_the_head(lesson, sign_in):
    pupil, head = lesson[2], factories.staff(Function.SCHOOL_HEAD)
    half_days_of(pupil, 3)
    absent(lesson)
    assert not Alert.objects.exists()
    half_days_of(pupil, 0)
    starts = timezone.now() - timedelta(days=9)
    day = timezone.localdate(starts)
    AbsenceCase.objects.create(pupil=pupil, kind="absence", day=day, starts_at=starts, half_days=[f"{day} M"],
                               ends_at=starts + timedelta(hours=1))  # fmt: skip
    actions.settle([AbsenceCase.objects.filter(day=day).get()], actions.By(None, None))
    alert = Alert.objects.get()
    assert (alert.owner, alert.counted) == (head, 4)
    assert sign_in(head).get(f"/absences/alerts/{alert.pk}/report.pdf").content.startswith(b"%PDF")


def test_letters_name_who_lacks_an_address_and_never_go_twice(lesson, sign_in):
    absent(lesson)
    _, _, pupil, mother = lesson
    father = factories.guardian(of=pupil, rank=2)
    Person.objects.filter(pk=mother.pk).update(address="1 rue des Écoles", postal_code="63000", town="Essai")
    Person.objects.filter(pk=father.pk).update(address="", town="")
    cpe, chosen = sign_in(factories.staff(Function.CPE)), {"kind": "ask", "way": "paper"}
    preview = cpe.get("/absences/letters/", chosen).text
    assert f"{father.formal_name}, pour {pupil} : Sans adresse postale" in preview
    ticked = chosen | {"letter": [f"{pupil.pk}.{mother.pk}", f"{pupil.pk}.{father.pk}"]}
    assert cpe.post("/absences/letters/", ticked).content.startswith(b"%PDF")
    assert cpe.post("/absences/letters/", ticked).status_code == 400
    assert [one.recipient for one in FamilyLetter.objects.all()] == [mother]
    assert mother.formal_name in cpe.get("/absences/letters/log/").text


def test_a_message_names_who_has_no_phone_and_goes_once(lesson, sign_in):
    absent(lesson)
    _, _, pupil, mother = lesson
    Person.objects.filter(pk=mother.pk).update(mobile_phone="", directory_email="")
    cpe, chosen = sign_in(factories.staff(Function.CPE)), {"kind": "ask", "way": "message"}
    assert "Sans téléphone mobile" in cpe.get("/absences/letters/", chosen).text
    for status in (302, 400):
        sent = cpe.post("/absences/letters/", chosen | {"letter": [f"{pupil.pk}.{mother.pk}"]})
        assert sent.status_code == status
    assert Notification.objects.filter(person=mother, title__contains="absences à justifier").count() == 1


def test_a_school_adds_a_threshold_and_keeps_those_of_the_law(lesson, sign_in):
    cpe = sign_in(factories.staff(Function.CPE))
    rule = {"kind": "lates", "count": "3", "window_days": "15", "owner_function": "cpe"}
    assert cpe.post("/absences/rules/", rule).status_code == 302
    again = cpe.post("/absences/rules/", rule)
    assert (again.status_code, "existe déjà" in again.text) == (400, True)
    legal = next(one for one in alerts.rules() if one.is_legal)
    for one in alerts.rules():
        cpe.post(f"/absences/rules/{one.pk}/close/")
    assert legal in alerts.rules()
    assert not [one for one in alerts.rules() if not one.is_legal]


MARKS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 9), st.sampled_from([0, 1, 2, 3, 5, 6, 7]),
              st.sampled_from(["absent", "late", "left_early"])),
    max_size=14, unique_by=lambda one: one[:3],
)  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(MARKS, st.integers(0, 9), st.integers(0, 9))
def test_whatever_they_are_counted_by_statistics_are_those_of_a_naive_recount(school, marks, one_day, other_day):
    with transaction.atomic():
        _recount(marks, min(one_day, other_day), max(one_day, other_day))
        transaction.set_rollback(True)


def _recount(marks, first, last) -> None:
    divisions = [factories.division("6X"), factories.division("6Y")]
    pupils = [factories.pupil(division=divisions[number % 2]) for number in range(3)]
    teacher = factories.staff()
    monday = timezone.localtime().replace(hour=8, minute=0, second=0, microsecond=0) - timedelta(days=14)
    half_days, minutes, lates = set(), 0, 0
    for number, day, hour, state in marks:
        starts = monday + timedelta(days=day, hours=hour)
        session = factories.session(teacher, divisions[number % 2], starts)
        length = 55 if state == "absent" else 7
        Attendance.objects.create(session=session, pupil=pupils[number], state=state, day=session.day, minutes=7,
                                  starts_at=session.starts_at, ends_at=session.ends_at)  # fmt: skip
        if first <= day <= last:
            begins = session.ends_at - timedelta(minutes=7) if state == "left_early" else session.starts_at
            if state == "late":
                lates += 1
            else:
                half_days.add((number, day, timezone.localtime(begins).time() < MIDDAY))
                minutes += length
    for pupil in pupils:
        syncing.sync([pupil.pk], monday.date(), tells=False)
        syncing.sync([pupil.pk], monday.date() + timedelta(days=9), tells=False)
    days = [monday.date() + timedelta(days=one) for one in (first, last)]
    for by in statistics.BY:
        total = statistics.total(statistics_of(by, *days))
        assert (total.half_days, total.minutes, total.latenesses) == (len(half_days), minutes, lates), by
    if (first, last) == (0, 9):
        records = [queries.record_of(pupil.pk, health=True, family=False, since=days[0]) for pupil in pupils]
        assert sum(one.year.gross for one in records) == len(half_days)
        assert sum(one.latenesses for one in records) == lates


def statistics_of(by, first, last) -> list[statistics.Line]:
    return statistics.lines(by, statistics.span(first, last, MIDDAY), health=True)


def test_the_page_shows_the_same_sum_and_says_the_chart_in_words(lesson, sign_in):
    absent(lesson)
    cpe = sign_in(factories.staff(Function.CPE))
    for by in statistics.BY:
        page = cpe.get(f"/absences/statistics/?by={by}").text
        foot = page[page.index("<tfoot>") : page.index("</tfoot>")]
        assert 'data-label="Demi-journées">1<' in foot
        assert "Les chiffres de ce dessin" in page
    assert "100,0 %" in cpe.get("/absences/statistics/?by=class").text


def test_changing_a_reason_keeps_what_was_decided_under_it(lesson):
    absent(lesson)
    case, before = AbsenceCase.objects.get(), reason("family")
    actions.give_reason([case], before, actions.By(None, None))
    reasons.change(before, {"label": "Affaire de famille"}, None)
    case.refresh_from_db()
    assert case.reason.label == "Raison familiale"
    assert reason("family").label == "Affaire de famille"


def test_a_paper_that_leaves_the_school_hides_small_numbers(lesson, sign_in):
    lines = [statistics.Line("6A", 12, 600, 0, 4.2), statistics.Line("6B", 3, 90, 7, 1.0),
             statistics.Line("6C", 9, 400, 9)]  # fmt: skip
    assert statistics.masked(lines) == [
        ("6A", "12", "600", "4,2", "0"), ("6B", "moins de 5", "", "", "7"), ("6C", "masqué", "", "", "9"),
    ]  # fmt: skip
    absent(lesson)
    cpe = sign_in(factories.staff(Function.CPE))
    assert "moins de 5" in cpe.get("/absences/statistics/?by=class&masked=1&export=csv").getvalue().decode()
    named = cpe.get("/absences/statistics/?by=pupil&masked=1&export=csv").getvalue().decode()
    assert lesson[2].last_name not in named


def test_an_application_announces_for_ones_own_child_only(lesson, sign_in):
    _, _, pupil, parent = lesson
    stranger = factories.guardian(of=factories.pupil(division=factories.division("3C")))
    starts = timezone.now() + timedelta(days=1)
    said = {"pupil": str(pupil.pk), "reason": "family", "starts_at": starts.isoformat(),
            "ends_at": (starts + timedelta(hours=2)).isoformat()}  # fmt: skip
    for person, status in ((stranger, 400), (lesson[1], 403), (parent, 201)):
        sent = sign_in(person).post("/api/absence-notices/", said, content_type="application/json")
        assert sent.status_code == status
    assert AbsenceNotice.objects.get().by == parent
    wrong = sign_in(parent).post("/api/absence-notices/", said | {"ends_at": said["starts_at"]},
                                 content_type="application/json")  # fmt: skip
    assert "La fin vient avant le début." in wrong.content.decode()
