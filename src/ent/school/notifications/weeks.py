"""The week to come of a class on paper, a page a pupil, for families that no message reaches; drawn by Typst."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import typst
from django.utils import timezone

from ent.accounts.models import Account
from ent.kernel.text import dated
from ent.school.notifications.actions import with_legal_authority
from ent.school.notifications.coming import WEEK, Coming, coming_to
from ent.school.people.models import Person
from ent.school.structure.access import pupils_in
from ent.school.structure.models import Division

TEMPLATE = Path(__file__).with_name("week.typ")


@dataclass(frozen=True)
class Family:
    """A pupil, and whether somebody of the family has an address e-mails reach."""

    pupil: Person
    has_email: bool


def families_of(division: Division) -> list[Family]:
    """The pupils of a class by name. Three queries."""
    pupils = list(pupils_in(division).order_by("sort_key", "pk"))
    ties = with_legal_authority().filter(pupil__in=pupils).select_related("relative")
    relatives = [(one.pupil_id, one.relative) for one in ties]
    accounts = {relative.account_id for _, relative in relatives} - {None}
    known = set(Account.objects.filter(pk__in=accounts).exclude(email="").values_list("pk", flat=True))
    reached = {pupil for pupil, one in relatives if one.directory_email or one.account_id in known}
    return [Family(one, one.pk in reached) for one in pupils]


def weeks_pdf(division: Division, pupils: Sequence[Person], school: str, closed: Iterable[str]) -> bytes:
    """A page a pupil: what comes in the next seven days."""
    coming = coming_to(pupils, WEEK, closed)
    first = timezone.localdate() + timedelta(days=1)
    pages = [_page(one, division) for pupil in pupils for one in coming.get(pupil.pk, [])]
    data = {"school": school, "pages": pages, "date": dated(timezone.localdate(), "j F Y"),
            "span": f"du {dated(first)} au {dated(first + timedelta(days=WEEK - 1))}"}  # fmt: skip
    return typst.compile(
        TEMPLATE, root=TEMPLATE.parent, format="pdf", ignore_system_fonts=True, sys_inputs={"data": json.dumps(data)}
    )


def _page(one: Coming, division: Division) -> dict[str, object]:
    return {
        "name": one.pupil.display_name, "division": division.code,
        "parts": [{"label": label, "lines": lines} for label, lines in one.parts],
    }  # fmt: skip
