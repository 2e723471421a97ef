"""What a school counts of itself, and that counting never holds a page up."""

import threading
from datetime import date, timedelta

import pytest
import redis
from django.utils import timezone

from ent.kernel import measure
from ent.kernel.access import Role
from ent.kernel.ids import new_id
from ent.kernel.measure import RoleGroup


@pytest.fixture(autouse=True)
def nothing_counted(school):
    """Each test counts from zero."""

    def forget() -> None:
        measure.flush()
        valkey = measure._valkey()
        for key in valkey.scan_iter(match=f"measure:*:{school.schema_name}:*"):
            valkey.delete(key)

    forget()
    yield
    forget()


def count(school, **values) -> None:
    measure.note(school.schema_name, values.pop("milliseconds", 40), is_error=values.pop("is_error", False), **values)


@pytest.mark.parametrize(
    ("roles", "group"),
    [
        ({Role.PUPIL}, RoleGroup.PUPIL),
        ({Role.GUARDIAN}, RoleGroup.GUARDIAN),
        ({Role.TEACHER, Role.FORM_TUTOR}, RoleGroup.TEACHER),
        ({Role.TEACHER, Role.SCHOOL_ADMIN}, RoleGroup.TEACHER),
        ({Role.CPE}, RoleGroup.STAFF),
        ({Role.SCHOOL_HEAD}, RoleGroup.STAFF),
        (set(), None),
    ],
)
def test_each_role_is_counted_in_one_group(roles, group):
    assert measure.group_of(roles) == group


def test_someone_who_comes_ten_times_is_one_person(school):
    pupil, other = new_id(), new_id()
    for _ in range(10):
        count(school, account_id=pupil, roles={Role.PUPIL})
    count(school, account_id=other, roles={Role.PUPIL})
    measure.flush()
    today = timezone.localdate()
    assert measure.came(RoleGroup.PUPIL, today) == 2
    assert measure.came(RoleGroup.TEACHER, today) == 0
    assert measure.service_on(today).requests == 11


def test_the_week_counts_a_person_once_whatever_the_days(school):
    today, pupil = timezone.localdate(), new_id()
    for back in range(3):
        measure._waiting.add(
            measure._key(school.schema_name, today - timedelta(days=back)),
            {"requests": 1},
            (RoleGroup.PUPIL.value, pupil.bytes),
        )
    measure.flush()
    assert measure.came(RoleGroup.PUPIL, today, days=7) == 1


def test_counts_are_forgotten_after_eight_days(school):
    count(school, account_id=new_id(), roles={Role.PUPIL})
    measure.flush()
    valkey = measure._valkey()
    left = [valkey.ttl(key) for key in valkey.scan_iter(match=f"measure:*:{school.schema_name}:*")]
    assert len(left) == 2
    assert all(0 < seconds <= 8 * 24 * 3600 for seconds in left)


def test_nobodys_name_or_account_is_kept(school):
    someone = new_id()
    count(school, account_id=someone, roles={Role.PUPIL})
    measure.flush()
    valkey = measure._valkey()
    kept = b"".join(valkey.dump(key) for key in valkey.scan_iter(match=f"measure:*:{school.schema_name}:*"))
    assert someone.bytes not in kept
    assert str(someone).encode() not in kept


def test_one_school_does_not_count_anothers(school, other_school):
    count(other_school, account_id=new_id(), roles={Role.PUPIL})
    measure.flush()
    assert measure.came(RoleGroup.PUPIL, timezone.localdate()) == 0
    assert measure.service_on(timezone.localdate()).requests == 0


def test_a_valkey_that_is_away_holds_nothing_up_and_what_was_counted_waits(school, monkeypatch):
    # A port nobody answers on.
    away = redis.Redis(host="127.0.0.1", port=1, socket_timeout=0.2, socket_connect_timeout=0.2)
    with monkeypatch.context() as patch:
        askers = []
        patch.setattr(measure, "_valkey", lambda: askers.append(threading.current_thread()) or away)
        for _ in range(1_000):
            count(school)
        # A page never speaks to Valkey itself: the thread that does may wait for it.
        assert threading.current_thread() not in askers
        measure._waiting.send()
        assert threading.current_thread() in askers
    measure.flush()
    assert measure.service_on(timezone.localdate()).requests == 1_000


def test_pages_and_errors_are_counted_with_who_asked(school, sign_in):
    from tests import factories

    teacher = factories.staff()
    client = sign_in(teacher)
    assert client.get("/").status_code == 200
    assert client.get("/no-such-page/").status_code == 404
    measure.flush()
    service = measure.service_on(timezone.localdate())
    assert (service.requests, service.errors) == (2, 0)
    assert measure.came(RoleGroup.TEACHER, timezone.localdate()) == 1


def test_a_visitor_is_a_page_and_nobody(school, visitor):
    visitor.get("/sign-in/")
    measure.flush()
    assert measure.service_on(timezone.localdate()).requests == 1
    assert [measure.came(group, timezone.localdate()) for group in RoleGroup.values] == [0, 0, 0, 0]


def test_the_middle_answer_is_found_within_its_class():
    classes = [0] * (len(measure.BOUNDS) + 1)
    assert measure.percentile(classes, 0.5) is None
    classes[measure.BOUNDS.index(100)] = 100
    assert measure.percentile(classes, 0.5) == 88  # half-way from 75 to 100
    classes[measure.BOUNDS.index(1_000)] = 10
    assert 750 < measure.percentile(classes, 0.95) <= 1_000


def test_a_module_declares_what_it_counts(monkeypatch):
    monkeypatch.setattr(measure, "_counters", {name: [] for name in measure.COUNTED})
    measure.counter("rolls_taken", lambda day: 4)
    measure.counter("rolls_taken", lambda day: day.day)
    counts = measure.counted(date(2026, 11, 24))
    assert counts["rolls_taken"] == 28
    assert counts["lessons_filled"] == 0
    with pytest.raises(KeyError):
        measure.counter("rolls_forgotten", lambda day: 1)
