"""A teacher is away: who could stand in, who is asked, who says yes, and what rights come of it."""

import pytest

from ent.kernel.refused import Refused
from ent.school.notifications.models import Notification
from ent.school.people.models import Function
from ent.school.timetable import changing, covering
from ent.school.timetable.models import ReplacementCall, Session, SessionTeacher
from ent.school.timetable.queries import sessions_of_teacher
from tests import factories
from tests.school.timetable_factories import asked, away, tomorrow

pytestmark = pytest.mark.usefixtures("school")
State = ReplacementCall.State


def told(person) -> list[str]:
    return list(Notification.objects.filter(person=person).values_list("title", flat=True))


@pytest.fixture
def division():
    return factories.division("6B")


@pytest.fixture
def session(division):
    return tomorrow(factories.staff(last_name="Absent"), division)


@pytest.fixture
def absence(session):
    return away(session.teachers.get())


def test_free_colleagues_of_the_subject_come_first_and_those_taken_are_not_proposed(division, session, absence):
    other = factories.staff(last_name="Autre")
    knows = factories.staff(teaches=division, last_name="Connaît")
    taken = factories.staff(teaches=division, last_name="Pris")
    tomorrow(taken, factories.division("5A"))
    away(ill := factories.staff(teaches=division, last_name="Malade"))
    (row,) = covering.to_cover(absence)
    names = [one.teacher for one in row.candidates]
    assert names.index(knows) < names.index(other)
    assert taken not in names
    assert ill not in names
    assert absence.teacher not in names


def test_the_first_yes_is_confirmed_and_the_others_are_told(session, absence):
    head = factories.staff(Function.SCHOOL_HEAD)
    first, second, third = (asked(session, factories.staff(), by=head) for _ in range(3))
    covering.answer(second, yes=True)
    covering.answer(first, yes=True)
    covering.answer(third, yes=False)
    (row,) = covering.to_cover(absence)
    assert row.first_yes == second
    assert any("peut remplacer" in title for title in told(head))
    covering.confirm(second, head.pk)
    for call in (first, second, third):
        call.refresh_from_db()
    assert [first.state, second.state, third.state] == [State.CLOSED, State.CONFIRMED, State.DECLINED]
    assert any("Un remplaçant est trouvé" in title for title in told(first.colleague))
    assert not any("Un remplaçant est trouvé" in title for title in told(third.colleague))
    assert session.session_teachers.get(teacher=second.colleague).part == SessionTeacher.Part.STANDS_IN
    assert session.session_teachers.get(teacher=absence.teacher).part == SessionTeacher.Part.ABSENT


def test_an_answer_comes_too_late_once_the_replacement_is_confirmed(session, absence):
    first, second = asked(session, factories.staff()), asked(session, factories.staff())
    covering.answer(first, yes=True)
    covering.confirm(first, None)
    with pytest.raises(Refused, match="close"):
        covering.answer(second, yes=True)


def test_one_may_change_their_mind_until_it_is_confirmed(session, absence):
    call = asked(session, factories.staff())
    covering.answer(call, yes=True)
    covering.answer(call, yes=False)
    with pytest.raises(Refused, match="changé d'avis"):
        covering.confirm(call, None)


def test_a_yes_from_someone_taken_since_is_not_confirmed(session, absence):
    call = asked(session, factories.staff())
    covering.answer(call, yes=True)
    tomorrow(call.colleague, factories.division("5A"))
    with pytest.raises(Refused, match="n'est plus libre"):
        covering.confirm(call, None)


def test_nobody_is_asked_twice_nor_for_a_cancelled_session(session, absence):
    call = asked(session, factories.staff())
    with pytest.raises(Refused, match="au moins un"):
        asked(session, call.colleague)
    covering.cancel(session, None)
    call.refresh_from_db()
    assert call.state == State.CLOSED
    with pytest.raises(Refused, match="annulée"):
        asked(session, factories.staff())


def test_families_never_read_why_a_teacher_is_away(session, absence):
    guardian = factories.guardian(of=factories.pupil(division=session.divisions.get()))
    covering.cancel(session, None)
    assert Notification.objects.get(person=guardian).text == "Enseignant absent"


def test_a_parent_of_two_reads_whose_lesson_is_cancelled_twins_share_a_line(session, absence):
    division = session.divisions.get()
    parent, twins = factories.guardian(of=(child := factories.pupil(division=division))), factories.guardian()
    factories.tie(parent, factories.pupil(division=factories.division("5A")))
    for _ in range(2):
        factories.tie(twins, factories.pupil(division=division))
    covering.cancel(session, None)
    assert Notification.objects.get(person=parent).pupil == child
    assert Notification.objects.get(person=twins).pupil is None


def test_a_substitute_gets_the_sessions_of_the_absence_and_no_other(session, absence):
    division, substitute = session.divisions.get(), factories.staff()
    pupil = factories.pupil(division=division)
    also, after = tomorrow(absence.teacher, division, 3), tomorrow(absence.teacher, division, 24 * 7)
    done, missed = covering.entrust(absence, substitute, None)
    assert (done, missed) == (2, [])
    mine = sessions_of_teacher(substitute.pk, session.day, after.day)
    assert set(mine) == {session, also}
    # Told once, not session by session.
    assert len(told(pupil)) == 1


def test_a_session_the_substitute_cannot_take_is_left_to_cover(session, absence):
    substitute = factories.staff()
    tomorrow(substitute, factories.division("5A"))
    done, missed = covering.entrust(absence, substitute, None)
    assert done == 0
    assert len(missed) == 1


def test_two_absences_of_one_teacher_do_not_meet(absence):
    with pytest.raises(Refused, match="déjà enregistrée"):
        away(absence.teacher)


def test_a_co_teacher_who_is_there_covers_the_session(session, absence):
    SessionTeacher.objects.create(
        session=session, teacher=factories.staff(), day=session.day, during=(session.starts_at, session.ends_at),
        is_exclusive=False,
    )  # fmt: skip
    assert [row.is_open for row in covering.to_cover(absence)] == [False]
    assert not covering.wanting(session.ends_at).exists()


def test_the_direction_sees_at_home_what_is_still_to_cover(session, absence):
    assert [row.session for row in covering.wanting(session.ends_at)] == [session]
    call = asked(session, factories.staff())
    covering.answer(call, yes=True)
    assert covering.wanting(session.ends_at).get().has_yes
    covering.confirm(call, None)
    assert not covering.wanting(session.ends_at).exists()


def test_undoing_a_replacement_opens_the_session_again(session, absence):
    call = asked(session, factories.staff())
    covering.answer(call, yes=True)
    covering.confirm(call, None)
    changing.undo(session.changes.get(), None, "A")
    call.refresh_from_db()
    assert call.state == State.CLOSED
    assert [row.is_open for row in covering.to_cover(absence)] == [True]


def test_removing_an_absence_closes_its_calls_and_keeps_its_replacements(session, absence):
    other = tomorrow(absence.teacher, session.divisions.get(), 3)
    waiting, kept = asked(other, factories.staff()), asked(session, factories.staff())
    covering.answer(kept, yes=True)
    covering.confirm(kept, None)
    covering.remove_absence(absence)
    waiting.refresh_from_db()
    kept.refresh_from_db()
    assert [waiting.state, kept.state] == [State.CLOSED, State.CONFIRMED]
    assert Session.objects.filter(pk=session.pk).exists()
