"""A lock is one's own, at one school, for as long as one holds it."""

import pytest

from ent.kernel.locks import held, is_held
from tenants.context import inside_as_owner


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
