"""A lock is one's own, at one school, for as long as one holds it."""

import pytest

from ent.kernel import locks
from ent.kernel.locks import held, is_held
from tenants.context import inside, inside_as_owner


def test_a_lock_has_one_holder(school):
    with held("roll-call") as first, held("roll-call") as second:
        assert (first, second) == (True, False)
        assert is_held("roll-call")
    assert not is_held("roll-call")


def test_another_school_has_its_own(school, other_school):
    with held("roll-call"), inside_as_owner(other_school), held("roll-call") as theirs:
        assert theirs


def test_it_is_let_go_when_the_work_fails(school):
    with pytest.raises(ValueError, match="broken"), held("roll-call"):
        raise ValueError("broken")
    assert not is_held("roll-call")


def test_asking_whether_a_lock_is_held_never_takes_it(school, monkeypatch):
    """Whoever comes for it at that moment must find it free."""
    monkeypatch.setattr(locks, "held", lambda *_, **__: pytest.fail("it was taken"))
    assert not is_held("roll-call")


@pytest.mark.parametrize("number", range(8))
def test_every_number_of_a_lock_is_found_again(school, number):
    """PostgreSQL shows its two halves, without signs."""
    with held(f"roll-call-{number}"):
        assert is_held(f"roll-call-{number}")


def test_a_schools_role_may_ask(school):
    with inside(school), held("roll-call"):
        assert is_held("roll-call")
