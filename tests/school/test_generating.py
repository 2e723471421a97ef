"""From the week as planned to dated sessions."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ent.school.structure.models import SchoolYear
from ent.school.timetable.calendar import taught_days
from ent.school.timetable.generating import generate
from ent.school.timetable.models import CalendarDay, RoomUse, Session, SessionTeacher, Week
from tests import factories

pytestmark = pytest.mark.usefixtures("school")


def days(lesson) -> list[date]:
    return list(Session.objects.filter(lesson=lesson).order_by("day").values_list("day", flat=True))


def test_there_is_no_session_on_holidays_and_public_holidays():
    lesson = factories.lesson(factories.staff(), factories.division(), weekday=3)
    generate(factories.year(), "A")
    found = days(lesson)
    assert date(2026, 9, 2) in found
    assert date(2026, 11, 11) not in found  # Armistice, a Wednesday
    assert date(2026, 10, 21) not in found  # autumn holidays
    assert date(2026, 12, 23) not in found


def test_a_day_the_school_takes_off_has_no_session_and_one_it_teaches_has():
    lesson = factories.lesson(factories.staff(), factories.division(), weekday=3)
    CalendarDay.objects.create(day="2026-11-25", label="Journée pédagogique")
    CalendarDay.objects.create(day="2026-11-11", label="Rattrapage", is_taught=True)
    generate(factories.year(), "A")
    assert date(2026, 11, 25) not in days(lesson)
    assert date(2026, 11, 11) in days(lesson)


def test_weeks_a_and_b_alternate_over_taught_weeks_only():
    year = factories.year()
    calendar = taught_days(year, "A")
    assert calendar.pattern(date(2026, 8, 31)) == "A"
    assert calendar.pattern(date(2026, 9, 7)) == "B"
    before, after = calendar.pattern(date(2026, 10, 14)), calendar.pattern(date(2026, 11, 4))
    assert {before, after} == {"A", "B"}


def test_the_school_corrects_a_week_and_the_next_ones_follow():
    year = factories.year()
    Week.objects.create(monday="2026-09-07", pattern="A")
    calendar = taught_days(year, "A")
    assert [calendar.pattern(date(2026, 9, day)) for day in (1, 7, 14, 21)] == ["A", "A", "B", "A"]


def test_a_lesson_of_week_a_takes_place_every_other_taught_week():
    teacher, division = factories.staff(), factories.division()
    in_a = factories.lesson(teacher, division, pattern="A")
    in_b = factories.lesson(teacher, division, pattern="B")
    generate(factories.year(), "A")
    assert not set(days(in_a)) & set(days(in_b))
    assert abs(len(days(in_a)) - len(days(in_b))) <= 2


def test_generating_twice_changes_nothing_that_people_wrote():
    lesson = factories.lesson(factories.staff(), factories.division())
    generate(factories.year(), "A")
    kept = Session.objects.filter(lesson=lesson).first()
    Session.objects.filter(pk=kept.pk).update(is_kept=True, label="Contrôle")
    before = days(lesson)
    done = generate(factories.year(), "A")
    assert (done.created, done.removed, done.orphaned) == (0, 0, 0)
    assert days(lesson) == before
    kept.refresh_from_db()
    assert kept.label == "Contrôle"


def test_what_hangs_on_a_session_outlives_its_lesson():
    lesson = factories.lesson(factories.staff(), factories.division())
    generate(factories.year(), "A")
    kept = Session.objects.filter(lesson=lesson).first()
    Session.objects.filter(pk=kept.pk).update(is_kept=True)
    lesson.weekday = 2
    lesson.save()
    done = generate(factories.year(), "A")
    assert done.orphaned == 1
    assert Session.objects.get(pk=kept.pk).is_orphan
    lesson.weekday = 1
    lesson.save()
    generate(factories.year(), "A")
    assert not Session.objects.get(pk=kept.pk).is_orphan


def test_the_hour_stands_still_when_the_clock_changes():
    lesson = factories.lesson(factories.staff(), factories.division(), weekday=5, starts="08:00")
    generate(factories.year(), "A")
    hours = {factories.timezone.localtime(one.starts_at).hour for one in Session.objects.filter(lesson=lesson)}
    assert hours == {8}


def test_two_sessions_in_one_gymnasium_share_it_and_nothing_fails():
    gym = factories.room("Gymnase")
    for code in ("6A", "6B"):
        factories.lesson(factories.staff(), factories.division(code), in_room=gym)
    generate(factories.year(), "A")
    day = date(2026, 11, 23)
    assert sorted(RoomUse.objects.filter(room=gym, day=day).values_list("is_exclusive", flat=True)) == [False, True]
    assert SessionTeacher.objects.filter(day=day, is_exclusive=True).count() == 2


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.dates(date(2024, 8, 1), date(2027, 8, 1)))
def test_every_taught_day_is_in_the_year_and_none_is_a_sunday(school, start):
    year = SchoolYear(label="essai", starts_on=start, ends_on=date.fromordinal(start.toordinal() + 300))
    found = taught_days(year, "A").days
    assert all(year.starts_on <= day <= year.ends_on and day.isoweekday() != 7 for day in found)
    assert list(found) == sorted(set(found))
