"""Quiet hours, over midnight and over the nights when clocks change."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ent.school.notifications.quiet import PARIS, deliver_after, digest_at, is_quiet, told_again

DAY = 24 * 60


def clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


NIGHT = {"from": "20:00", "to": "07:00"}
periods = st.builds(
    lambda begins, length: {"from": clock(begins), "to": clock((begins + length) % DAY)},
    st.integers(0, DAY - 1), st.integers(1, DAY - 1),
)  # fmt: skip
# Half of the moments lie around a change of clocks.
around_changes = st.sampled_from([datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)])
moments = st.one_of(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    st.builds(lambda at, off: at + timedelta(minutes=off), around_changes, st.integers(-1500, 1500)),
)


def paris(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=PARIS)


@pytest.mark.parametrize(("now", "leaves"), [
    (paris(2026, 11, 24, 16, 30), paris(2026, 11, 24, 16, 30)),
    (paris(2026, 11, 24, 19, 59), paris(2026, 11, 24, 19, 59)),
    (paris(2026, 11, 24, 20, 0), paris(2026, 11, 25, 7, 0)),
    (paris(2026, 11, 25, 0, 30), paris(2026, 11, 25, 7, 0)),
    (paris(2026, 11, 25, 7, 0), paris(2026, 11, 25, 7, 0)),
    (paris(2026, 3, 28, 22, 0), paris(2026, 3, 29, 7, 0)),  # an hour shorter
    (paris(2026, 10, 24, 22, 0), paris(2026, 10, 25, 7, 0)),  # an hour longer
])  # fmt: skip
def test_what_is_told_at_night_leaves_in_the_morning(now, leaves):
    assert deliver_after(now, NIGHT) == leaves


def test_ones_own_hours_add_to_the_schools():
    assert deliver_after(paris(2026, 11, 24, 18, 0), NIGHT, {"from": "17:00", "to": "08:30"}) == paris(
        2026, 11, 25, 8, 30
    )


def test_hours_that_leave_no_moment_free_give_way_to_the_schools():
    assert deliver_after(paris(2026, 11, 24, 21, 0), NIGHT, {"from": "07:00", "to": "20:00"}) == paris(
        2026, 11, 25, 7, 0
    )


@pytest.mark.parametrize(("now", "leaves"), [
    # Toussaint in zone A: from Saturday 17 October to Sunday 1 November.
    (paris(2026, 10, 16, 19, 0), paris(2026, 10, 16, 19, 0)),
    (paris(2026, 10, 16, 21, 0), paris(2026, 11, 2, 7, 0)),
    (paris(2026, 10, 21, 12, 0), paris(2026, 11, 2, 7, 0)),
    (paris(2026, 11, 2, 12, 0), paris(2026, 11, 2, 12, 0)),
    # In summer, until the week before the return.
    (paris(2026, 7, 20, 12, 0), paris(2026, 8, 25, 7, 0)),
    (paris(2026, 8, 27, 12, 0), paris(2026, 8, 27, 12, 0)),
])  # fmt: skip
def test_what_is_told_in_the_holidays_leaves_when_they_end(now, leaves):
    assert deliver_after(now, NIGHT, None, told_again("A")) == leaves


def test_each_zone_has_its_own_holidays():
    at = paris(2027, 2, 8, 12, 0)
    assert {zone: deliver_after(at, NIGHT, None, told_again(zone)) == at for zone in "ABC"} == {
        "A": True, "B": True, "C": False,
    }  # fmt: skip


@given(moments, periods, st.none() | periods, st.sampled_from("ABC"))
def test_nothing_leaves_in_the_holidays_nor_in_the_schools_hours(now, quiet, own, zone):
    leaves = deliver_after(now, quiet, own, told_again(zone))
    assert leaves >= deliver_after(now, quiet, own)
    assert not is_quiet(leaves, quiet)
    day = leaves.astimezone(PARIS).date()
    assert told_again(zone)(day) == day


@given(moments, periods)
def test_nothing_leaves_before_it_is_told_nor_in_quiet_hours(now, quiet):
    leaves = deliver_after(now, quiet)
    assert leaves >= now
    assert not is_quiet(leaves, quiet)
    assert leaves - now <= timedelta(hours=49)
    assert (leaves == now) == (not is_quiet(now, quiet))
    assert deliver_after(leaves, quiet) == leaves


@given(moments, periods, periods)
def test_with_ones_own_hours_nothing_leaves_in_the_schools(now, quiet, own):
    leaves = deliver_after(now, quiet, own)
    assert leaves >= now
    assert not is_quiet(leaves, quiet)
    assert leaves >= deliver_after(now, quiet)


@given(moments, st.booleans())
def test_a_digest_leaves_after_school_within_its_time(now, weekly):
    local = digest_at(now, weekly).astimezone(PARIS)
    assert (local.hour, local.minute) == (18, 0)
    assert now < local <= now.astimezone(PARIS) + timedelta(days=7 if weekly else 1)
    assert not weekly or local.isoweekday() == 5
