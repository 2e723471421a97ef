"""Accounts of the school by state, and who gets which letter."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Case, CharField, Count, Exists, Min, OuterRef, Q, QuerySet, Subquery, Value, When

from ent.accounts.models import Account, Membership
from ent.kernel.audit.models import AuditEvent
from ent.school.people.access import parental_ties
from ent.school.people.models import Function, Guardianship, Person, Profile, StaffFunction
from ent.school.structure.models import Division, Enrolment
from tenants.models import School

STAFF = "staff"
WAITING, ACTIVE, CLOSED = "waiting", "active", "closed"
STATES = {WAITING: "À activer", ACTIVE: "Activé", CLOSED: "Fermé"}
PUPILS, FAMILIES = "pupils", "families"
AUDIENCES = {PUPILS: "Élèves", FAMILIES: "Familles"}


@dataclass
class Row:
    """A class (or the staff): how many accounts are in which state."""

    label: str
    key: str
    audience: str
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATES, 0))

    @property
    def percent(self) -> int:
        """Share of the open accounts that are activated."""
        total = self.counts[WAITING] + self.counts[ACTIVE]
        return round(100 * self.counts[ACTIVE] / total) if total else 0

    @property
    def is_empty(self) -> bool:
        """Whether nobody here has an account."""
        return not any(self.counts.values())


def people_with_accounts():
    """People of the school who have an account, each with its `state`."""
    of_account = Case(
        When(closed_at__isnull=False, then=Value(CLOSED)),
        When(activated_at__isnull=False, then=Value(ACTIVE)),
        default=Value(WAITING),
        output_field=CharField(),
    )
    return Person.objects.filter(account_id__isnull=False).annotate(
        state=Case(
            When(closed_at__isnull=False, then=Value(CLOSED)),
            default=Subquery(Account.objects.filter(pk=OuterRef("account_id")).values_list(of_account)[:1]),
        )
    )


def current_divisions() -> QuerySet[Division]:
    """This year's classes."""
    return Division.objects.filter(closed_at=None, year__is_current=True).order_by("code")


def pupils_of(division: Division) -> Q:
    """Pupils enrolled in a class today."""
    return Q(Exists(Enrolment.objects.filter(pupil=OuterRef("pk"), division=division, closed_at=None)))


def relatives_of(division: Division) -> Q:
    """Guardians with legal authority over a pupil of a class."""
    return Q(
        Exists(
            with_rights().filter(
                relative=OuterRef("pk"), pupil__enrolments__division=division, pupil__enrolments__closed_at=None
            )
        )
    )


def with_rights() -> QuerySet[Guardianship]:
    """Guardianships that give a parent's rights over a pupil who is here."""
    return parental_ties().filter(pupil__closed_at=None).order_by()


def states_by_class() -> list[Row]:
    """Counts per class for pupils and families, then for staff. Four queries."""
    rows: dict[tuple[str, str], Row] = {}
    for pk, code in current_divisions().values_list("pk", "code"):
        for audience, label in AUDIENCES.items():
            rows[str(pk), audience] = Row(f"{code}, {label.lower()}", str(pk), audience)
    staff = rows["", STAFF] = Row("Personnel", "", STAFF)
    people = people_with_accounts().order_by()
    counted = (
        (PUPILS, "enrolments__division", Q(profile=Profile.PUPIL, enrolments__closed_at=None)),
        (FAMILIES, "wards__pupil__enrolments__division",
         Q(profile=Profile.RELATIVE, wards__closed_at=None, wards__legal_rank__gt=0, wards__is_restricted=False,
           wards__pupil__enrolments__closed_at=None)),
    )  # fmt: skip
    for audience, division, condition in counted:
        found = people.filter(condition).values(division, "state").annotate(n=Count("pk", distinct=True))
        for line in found:
            row = rows.get((str(line[division]), audience))
            if row:
                row.counts[line["state"]] = line["n"]
    for line in people.filter(profile=Profile.STAFF).values("state").annotate(n=Count("pk")):
        staff.counts[line["state"]] = line["n"]
    return list(rows.values())


def totals() -> dict[str, int]:
    """How many accounts of the school are in each state."""
    found = people_with_accounts().order_by().values("state").annotate(n=Count("pk"))
    return dict.fromkeys(STATES, 0) | {line["state"]: line["n"] for line in found}


def chosen_people(audience: str, division: Division | None, state: str) -> QuerySet[Person]:
    """The people of a filter, sorted by name."""
    people = people_with_accounts()
    if audience == STAFF:
        people = people.filter(profile=Profile.STAFF)
    elif audience == PUPILS:
        people = people.filter(profile=Profile.PUPIL)
    elif audience == FAMILIES:
        people = people.filter(profile=Profile.RELATIVE)
    if division and audience in AUDIENCES:
        people = people.filter(pupils_of(division) if audience == PUPILS else relatives_of(division))
    if state in STATES:
        people = people.filter(state=state)
    return people.order_by("sort_key")


def distribution_class(relatives: list[Person]) -> dict[UUID, UUID]:
    """Through which class each family gets its letter: the first, in order, of its children's classes."""
    found: dict[UUID, UUID] = {}
    first = (
        Enrolment.objects.filter(
            closed_at=None, division__year__is_current=True, pupil__closed_at=None,
            pupil__guardianships__in=with_rights().filter(relative__in=relatives),
        )
        .values("pupil__guardianships__relative", "division")
        .annotate(first=Min("division__code"))
        .order_by("first", "division")
    )  # fmt: skip
    for line in first:
        found.setdefault(line["pupil__guardianships__relative"], line["division"])
    return found


def children_of(relatives: list[Person]) -> dict[UUID, list[str]]:
    """The children of this school that each relative has rights over, by name."""
    found: dict[UUID, list[str]] = defaultdict(list)
    links = with_rights().filter(relative__in=relatives).select_related("pupil").order_by("pupil__sort_key")
    for link in links:
        found[link.relative_id].append(link.pupil.display_name)
    return found


def photos_by_class() -> QuerySet[Division]:
    """This year's classes, each with its pupils (`pupils`) and how many have a photo (`photographed`)."""
    here = Q(enrolments__closed_at=None, enrolments__pupil__closed_at=None, enrolments__isnull=False)
    return current_divisions().annotate(
        pupils=Count("enrolments", filter=here),
        photographed=Count("enrolments", filter=here & ~Q(enrolments__pupil__photo="")),
    )


def open_functions() -> QuerySet[StaffFunction]:
    """Who has which function today."""
    return (
        StaffFunction.objects.filter(closed_at=None, person__closed_at=None)
        .select_related("person")
        .order_by("function", "person__sort_key", "source")
    )


def givers(functions: list[StaffFunction]) -> dict[UUID, str]:
    """The names of those who gave functions by hand."""
    ids = {one.given_by for one in functions if one.given_by}
    return {person.pk: person.display_name for person in Person.objects.filter(pk__in=ids)}


MANAGING = (Function.SCHOOL_ADMIN, Function.SCHOOL_HEAD, Function.DEPUTY_HEAD)


def managers() -> QuerySet[StaffFunction]:
    """Who manages the school's ENT, function by function: only their like give them a new code."""
    return StaffFunction.objects.filter(
        function__in=MANAGING, closed_at=None, person__closed_at=None, person__account_id__isnull=False
    )


def at_work_elsewhere(accounts: Iterable[UUID], school: School) -> set[UUID]:
    """Those of these accounts that also open another school as its staff: what they may do there is not known here."""
    found = Membership.objects.filter(account__in=accounts, profile=Membership.Profile.STAFF, closed_at=None)
    return set(found.exclude(school=school).values_list("account_id", flat=True))


def why_no_code(person: Person, account: Account, school: School, *, manages: bool) -> str:
    """Why one may not print a new code for an account, or nothing.

    A code opens the whole account, whichever of its people it was asked for: what counts is all that the account
    opens, here (`manages`: the asker manages functions) and elsewhere.
    """
    if not manages and managers().filter(person__account_id=account.pk).exists():
        return (
            "Cette personne administre l'espace de l'établissement : seuls le chef d'établissement, son adjoint ou "
            "l'administrateur de l'ENT peuvent lui donner un nouveau code."
        )
    is_theirs = person.profile == Profile.STAFF and not account.activated_at
    if not is_theirs and at_work_elsewhere([account.pk], school):
        return (
            "Cette personne travaille dans un autre établissement, que ce compte ouvre également : elle choisit un "
            "nouveau mot de passe avec « Mot de passe oublié », ou reçoit sa lettre là où elle travaille."
        )
    return ""


KINDS = {
    "pupils": "Élèves", "guardians": "Responsables légaux", "contacts": "Contacts", "staff": "Personnel",
    "divisions": "Classes", "groups": "Groupes", "teachings": "Enseignements", "accounts": "Comptes",
}  # fmt: skip


def counts_of(report: dict) -> list[dict]:
    """The counts per kind of a school's part of an import report."""
    return [
        {"label": label, **{word: report[kind].get(word, 0) for word in ("created", "changed", "unchanged", "closed")}}
        for kind, label in KINDS.items()
        if isinstance(report.get(kind), dict)
    ]


def letters_printed(day: date) -> int:
    """Activation letters printed on a day, as the audit trail says."""
    lines = AuditEvent.objects.filter(action="accounts.print_letters", at__date=day)
    return sum(lines.values_list("details__letters", flat=True))
