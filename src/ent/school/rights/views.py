"""The rights matrix, and the answer to « why can X see Y? »."""

from dataclasses import dataclass
from types import SimpleNamespace
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ent.accounts.models import Account
from ent.kernel.access import CHAPTERS, RIGHTS, Acting, Ground, Right, Role, Scope, access, grounds
from ent.school.people.identity import resolve
from ent.school.people.models import Person, Profile, StaffFunction
from ent.school.people.queries import search, with_faces

# Column heads, in the order of the matrix; the full name stands in the legend and for screen readers.
COLUMNS = {
    Role.PUPIL: "Élève", Role.GUARDIAN: "Resp. légal", Role.TEACHER: "Prof.", Role.FORM_TUTOR: "Prof. princ.",
    Role.CPE: "CPE", Role.AED: "AED", Role.AESH: "AESH", Role.LIBRARIAN: "Prof. doc.", Role.PSY_EN: "PsyEN",
    Role.NURSE: "Infirm.", Role.SOCIAL_WORKER: "Ass. social", Role.SCHOOL_HEAD: "Chef", Role.DEPUTY_HEAD: "Adjoint",
    Role.OFFICE: "Secrét.", Role.SCHOOL_ADMIN: "Admin. ENT", Role.OTHER: "Autre",
}  # fmt: skip
CELLS = {
    Scope.OWN: "soi", Scope.TAUGHT: "ses élèves", Scope.CLASS: "sa classe", Scope.COLLEAGUES: "collègues",
    Scope.LED: "ses séances", Scope.AUTHORED: "les siens", Scope.ENTRUSTED: "confié", Scope.SCHOOL: "tout",
}  # fmt: skip
LEGEND = {
    Scope.SCHOOL: "tout l'établissement",
    Scope.TAUGHT: "les élèves de ses classes et groupes, leurs responsables, et ses collègues",
    Scope.CLASS: "les élèves de la classe dont on est professeur principal, et leurs responsables",
    Scope.COLLEAGUES: "les personnels de l'établissement",
    Scope.LED: "les séances que l'on assure, ou que l'on remplace",
    Scope.AUTHORED: "ce que l'on a écrit ou demandé soi-même",
    Scope.ENTRUSTED: "ce que le chef d'établissement a confié à une personne, nommément",
    Scope.OWN: "soi-même ; pour un responsable légal, ses enfants ; pour une classe, celle où l'on est",
}
ASKED = ["people.view_person", "people.view_photo", "people.view_birth", "people.view_contact", "people.change_photo"]
MOST = 8


@access("people.view_rights")
def matrix(request: HttpRequest) -> HttpResponse:
    """One table: actions by module, roles across, and in each cell how far the right reaches."""
    ours = {name: right for name, right in RIGHTS.items() if right.scopes.keys() & COLUMNS.keys()}
    chapters = [
        (label, [(right.label, _cells(right)) for name, right in ours.items() if name.partition(".")[0] == prefix])
        for prefix, label in CHAPTERS.items()
    ]
    context = {
        "columns": [(head, role.label) for role, head in COLUMNS.items()],
        "chapters": chapters,
        "legend": [(CELLS[scope], meaning) for scope, meaning in LEGEND.items()],
    }
    return render(request, "rights/matrix.html", context)


def _cells(right: Right) -> list[tuple[str, bool]]:
    """Per column: the scope's short word ("" for none), and whether it is everything."""
    scopes = [right.scopes.get(role) for role in COLUMNS]
    return [(CELLS[scope] if scope else "", scope == Scope.SCHOOL) for scope in scopes]


@access("people.view_rights")
def why(request: HttpRequest) -> HttpResponse:
    """Choose two people; be told what the first may see of the second, and what ties them."""
    who, whom = _chosen(request, "who"), _chosen(request, "whom")
    context: dict[str, object] = {
        "who": who,
        "whom": whom,
        "who_found": _found(request, "who_q"),
        "whom_found": _found(request, "whom_q"),
        "who_q": request.GET.get("who_q", "")[:100],
        "whom_q": request.GET.get("whom_q", "")[:100],
    }
    if who and whom:
        acting = _acting(request, who)
        context |= {"roles_label": acting.roles_label, "answers": _answers(acting, who, whom)}
    return render(request, "rights/why.html", context)


@dataclass(frozen=True)
class Answer:
    """May the one do this to the other: the sentences that say why, else who could."""

    action: str
    because: list[str]
    needed: str


def _answers(acting: Acting, who: Person, whom: Person) -> list[Answer]:
    asker = SimpleNamespace(acting=acting)
    functions = {
        one.function: one for one in StaffFunction.objects.filter(person=who, closed_at=None).order_by("-source")
    }
    names = {one.pk: one.formal_name for one in Person.objects.filter(
        pk__in=[one.given_by for one in functions.values() if one.given_by]
    )}  # fmt: skip
    return [
        Answer(
            RIGHTS[name].label,
            [
                sentence
                for ground in grounds(asker, name, whom)
                for sentence in _because(ground, who, whom, functions.get(ground.role), names)
            ],
            ", ".join(
                f"{role.label} ({CELLS[RIGHTS[name].scopes[role]]})" for role in COLUMNS if role in RIGHTS[name].scopes
            ),
        )
        for name in ASKED
    ]


def _because(
    ground: Ground, who: Person, whom: Person, function: StaffFunction | None, names: dict[UUID, str]
) -> list[str]:
    """The relationship that grants a right, spelt out."""
    if who.pk == whom.pk and ground.scope != Scope.SCHOOL:
        return ["c'est sa propre fiche"]
    if ground.scope in (Scope.TAUGHT, Scope.COLLEAGUES) and whom.profile == Profile.STAFF:
        return [f"{whom.formal_name} est un ou une collègue, dans le même établissement"]
    if ground.ties:
        children = _children(whom) if ground.scope in (Scope.TAUGHT, Scope.CLASS) else ""
        return [f"{tie}{children}" for tie in ground.ties]
    label = ground.role.label
    if function is None:
        return [f"{label} : {ground.scope.label}"]
    since = f"{function.since:%d/%m/%Y}"
    if function.source == StaffFunction.Source.HAND:
        by = names.get(function.given_by, "") if function.given_by else ""
        source = f"fonction donnée à la main{f' par {by}' if by else ''} le {since}"
    else:
        source = f"fonction de l'annuaire de l'académie depuis le {since}"
    return [f"{label}, pour {ground.scope.label} ({source})"]


def _children(whom: Person) -> str:
    """« , où est Léa Roy », when the person looked at is a relative: through whom one comes to them."""
    if whom.profile != Profile.RELATIVE:
        return ""
    wards = whom.wards.filter(closed_at=None, pupil__closed_at=None).select_related("pupil")
    return f" ; {whom.formal_name} est de la famille de {', '.join(link.pupil.display_name for link in wards)}"


def _acting(request: HttpRequest, who: Person) -> Acting:
    """The person as their account would act; nobody, where no account is open."""
    account = Account.objects.filter(pk=who.account_id, closed_at=None).first() if who.account_id else None
    acting = resolve(account, request.school, str(who.pk)) if account else Acting()
    return acting if acting.person_id == who.pk else Acting()


def _chosen(request: HttpRequest, name: str) -> Person | None:
    try:
        return Person.objects.filter(pk=UUID(request.GET[name])).first()
    except (KeyError, ValueError):
        return None


def _found(request: HttpRequest, name: str) -> list[Person] | None:
    """The first people of a name typed; None where nothing was."""
    words = request.GET.get(name, "")[:100]
    if not words.strip():
        return None
    return with_faces(request.user, search(Person.objects.filter(closed_at=None), words)[:MOST])
