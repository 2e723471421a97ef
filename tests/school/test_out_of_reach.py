"""What people of the school day must not read nor change, tried as they would try it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ent.school.absences import actions as absences
from ent.school.absences import reasons
from ent.school.absences.models import AbsenceNotice
from ent.school.people.models import Function
from tests import factories

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture
def lesson(school):
    """(session under way, teacher, pupil, guardian)."""
    division = factories.division()
    teacher, pupil = factories.staff(teaches=division), factories.pupil(division=division, first_name="Lina")
    return factories.session(teacher, division), teacher, pupil, factories.guardian(of=pupil)


def reason(code: str):
    return next(one for one in reasons.current() if one.code == code)


def said(pupil, by, code: str = "family", **values) -> AbsenceNotice:
    """What a parent said of today."""
    now = timezone.now()
    asked = {"kind": "announces", "starts_at": now - timedelta(hours=3), "ends_at": now + timedelta(hours=3)} | values
    return absences.give_notice(pupil, reason=reason(code), by=absences.By(by.pk, by.account_id), **asked)


# --- health ------------------------------------------------------------------------------------------------------
def test_what_a_family_writes_of_an_illness_is_not_read_where_the_reason_is_hidden(lesson, sign_in):
    _, _, pupil, parent = lesson
    said(pupil, parent, "illness", text="Crise d'épilepsie cette nuit")
    said(pupil, parent, "family", text="Mariage de sa tante")
    page = sign_in(factories.staff(Function.OFFICE)).get("/absences/to-treat/").text
    assert "Motif non communiqué" in page
    assert "épilepsie" not in page
    assert "Mariage" in page
    assert "épilepsie" in sign_in(factories.staff(Function.CPE)).get("/absences/to-treat/").text
