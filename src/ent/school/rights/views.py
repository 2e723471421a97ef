"""The rights matrix, and the answer to « why can X see Y? »."""

from types import SimpleNamespace
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ent.accounts.models import Account
from ent.kernel.access import PLATFORM_ROLES, RIGHTS, Role, access, reasons
from ent.school.people.identity import resolve
from ent.school.people.models import Person
from ent.school.people.queries import search

SCHOOL_ROLES = [role for role in Role if role not in PLATFORM_ROLES]
ASKED = ["people.view_person", "people.view_birth", "people.view_contact"]
MOST = 8


@access("people.view_rights")
def matrix(request: HttpRequest) -> HttpResponse:
    """Every action, and how far each role's right reaches."""
    rows = [
        (right.label, [(role.label, right.scopes[role].label) for role in SCHOOL_ROLES if role in right.scopes])
        for right in RIGHTS.values()
        if right.scopes.keys() & set(SCHOOL_ROLES)
    ]
    return render(request, "rights/matrix.html", {"rows": rows})


@access("people.view_rights")
def why(request: HttpRequest) -> HttpResponse:
    """Choose two people; be told what the first may see of the second, and through which role."""
    who, whom = _chosen(request, "who"), _chosen(request, "whom")
    context: dict[str, object] = {
        "who": who,
        "whom": whom,
        "who_found": _found(request, "who_q"),
        "whom_found": _found(request, "whom_q"),
        "who_q": request.GET.get("who_q", ""),
        "whom_q": request.GET.get("whom_q", ""),
    }
    if who and whom:
        context["answers"] = _answers(request, who, whom)
    return render(request, "rights/why.html", context)


def _answers(request: HttpRequest, who: Person, whom: Person) -> list[tuple[str, list[tuple[str, str]], str]]:
    """(action, the roles and scopes that grant it, else the roles that would)."""
    account = Account.objects.filter(pk=who.account_id, closed_at=None).first()
    acting = resolve(account, request.school, str(who.pk)) if account else None
    asker = SimpleNamespace(acting=acting)
    return [
        (
            RIGHTS[name].label,
            [(role.label, scope.label) for role, scope in reasons(asker, name, whom)],
            ", ".join(role.label for role in SCHOOL_ROLES if role in RIGHTS[name].scopes),
        )
        for name in ASKED
    ]


def _chosen(request: HttpRequest, name: str) -> Person | None:
    try:
        return Person.objects.filter(pk=UUID(request.GET[name])).first()
    except (KeyError, ValueError, ValidationError):
        return None


def _found(request: HttpRequest, name: str) -> list[Person]:
    words = request.GET.get(name, "")[:100]
    return list(search(Person.objects.filter(closed_at=None), words)[:MOST]) if words.strip() else []
