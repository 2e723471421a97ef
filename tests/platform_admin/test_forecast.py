"""A predicted opening: what can be said of it whatever the dates."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from platform_admin.rollout.forecast import ASSUMED, ENOUGH, LATELY, History, days_taken, pace, predicted_opening
from platform_admin.rollout.models import NEEDS, Step

TODAY = date(2026, 11, 24)
days = st.dates(TODAY - timedelta(days=400), TODAY)
histories = st.builds(
    History, st.none() | days, st.dictionaries(st.sampled_from(sorted(ASSUMED)), days)
)  # fmt: skip
rhythms = st.fixed_dictionaries({step: st.floats(0, 200) for step in ASSUMED})
planned = st.none() | st.dates(TODAY - timedelta(days=100), TODAY + timedelta(days=300))


@given(histories, rhythms, planned)
def test_no_school_is_said_to_open_in_the_past_or_before_its_day(history, rhythm, planned):
    day = predicted_opening(history, rhythm, planned, TODAY)
    assert day >= TODAY
    assert planned is None or day >= planned


@given(histories, rhythms, planned, st.sampled_from(sorted(ASSUMED)))
def test_a_step_done_today_never_puts_the_opening_off(history, rhythm, planned, step):
    if step in history.done or any(need not in history.done for need in NEEDS[step]):
        return
    after = History(history.began, {**history.done, step: TODAY})
    assert predicted_opening(after, rhythm, planned, TODAY) <= predicted_opening(history, rhythm, planned, TODAY)


@given(histories, rhythms, planned, st.sampled_from(sorted(ASSUMED)), st.floats(0, 100))
def test_a_slower_pace_never_brings_the_opening_nearer(history, rhythm, planned, step, more):
    slower = {**rhythm, step: rhythm[step] + more}
    assert predicted_opening(history, slower, planned, TODAY) >= predicted_opening(history, rhythm, planned, TODAY)


@given(histories)
def test_no_step_takes_less_than_nothing(history):
    assert all(taken >= 0 for taken in days_taken(history).values())


def test_all_done_and_its_day_come_a_school_opens_today():
    done = dict.fromkeys(ASSUMED, TODAY - timedelta(days=3))
    assert predicted_opening(History(None, done), ASSUMED, TODAY - timedelta(days=1), TODAY) == TODAY


def test_a_school_that_opened_opened_that_day():
    opened = TODAY - timedelta(days=40)
    history = History(None, dict.fromkeys(ASSUMED, opened) | {Step.OPENING: opened})
    assert predicted_opening(history, ASSUMED, TODAY, TODAY) == opened


def signed_after(days: int, when: date = TODAY) -> History:
    return History(when - timedelta(days=days), {Step.AGREEMENT: when})


def test_the_pace_is_the_median_of_those_who_did_it_lately():
    assert pace([signed_after(days) for days in (10, 12, 90)], TODAY)[Step.AGREEMENT] == 12


def test_too_few_schools_tell_nothing_nor_do_those_of_long_ago():
    long_ago = TODAY - LATELY - timedelta(days=1)
    few = [signed_after(1)] * (ENOUGH - 1) + [signed_after(1, long_ago)] * ENOUGH
    assert pace(few, TODAY) == ASSUMED


def test_what_remains_is_laid_along_what_it_needs():
    """Space, directory, then training and letters side by side: the longer of the two counts."""
    done = {Step.AGREEMENT: TODAY, Step.NETWORK: TODAY}
    rhythm = {**ASSUMED, Step.SPACE: 1, Step.DIRECTORY: 2, Step.TRAINING: 14, Step.LETTERS: 7}
    assert predicted_opening(History(None, done), rhythm, None, TODAY) == TODAY + timedelta(days=17)


def test_what_has_waited_long_still_needs_half_its_usual_time():
    """No agreement six months after the wave began: not today, but not as if it began today either."""
    history = History(TODAY - timedelta(days=180), {Step.NETWORK: TODAY - timedelta(days=100)})
    rhythm = {**dict.fromkeys(ASSUMED, 0), Step.AGREEMENT: 30}
    assert predicted_opening(history, rhythm, None, TODAY) == TODAY + timedelta(days=15)


def test_a_step_done_before_its_wave_began_tells_nothing_of_the_pace():
    early = History(TODAY + timedelta(days=60), {Step.AGREEMENT: TODAY})
    assert days_taken(early) == {}
