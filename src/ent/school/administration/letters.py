"""Who gets an activation letter, and what it says."""

from dataclasses import dataclass

from django.db import transaction

from ent.accounts.actions import new_codes
from ent.accounts.letters import Letter, draw
from ent.accounts.models import Account
from ent.kernel.audit.models import record
from ent.school.administration.queries import (
    AUDIENCES,
    FAMILIES,
    PUPILS,
    STAFF,
    WAITING,
    at_work_elsewhere,
    children_of,
    chosen_people,
    distribution_class,
    managers,
)  # fmt: skip
from ent.school.people.models import Person, Profile
from ent.school.structure.models import Division, Enrolment
from tenants.models import School


@dataclass(frozen=True)
class Printing:
    """The people whose letters are to be printed; how many get theirs through another class, or where they work."""

    people: list[Person]
    elsewhere: int = 0
    at_work: int = 0


def waiting(school: School, audience: str, division: Division | None, *, manages: bool = True) -> Printing:
    """Who of a class (or of the staff) waits for a first password; a family gets one letter, through one class.

    A code opens all that an account may do: whoever manages the school's ENT is left out where the asker does not
    (`manages`), and a parent who works in another school gets theirs there.
    """
    people = list(chosen_people(audience, division, WAITING))
    if not manages:
        theirs = set(managers().values_list("person__account_id", flat=True))
        people = [person for person in people if person.account_id not in theirs]
    if audience != FAMILIES or division is None:
        return Printing(people)
    through = distribution_class(people)
    here = [person for person in people if through.get(person.pk) == division.pk]
    at_work = at_work_elsewhere([person.account_id for person in here if person.account_id], school)
    letters = [person for person in here if person.account_id not in at_work]
    return Printing(letters, len(people) - len(here), len(here) - len(letters))


def letters_for_division(
    school: School, division: Division, audience: str = PUPILS, by: Account | None = None
) -> bytes:
    """The letters of a class: pupils or families."""
    return _print(
        school, waiting(school, audience, division).people, by, f"{division.code}, {AUDIENCES[audience].lower()}"
    )


def letters_for_staff(school: School, by: Account | None = None, *, manages: bool = True) -> bytes:
    """The letters of the staff."""
    return _print(school, waiting(school, STAFF, None, manages=manages).people, by, "personnel")


def letter_for_person(school: School, person: Person, by: Account | None = None) -> bytes:
    """One person's letter, activated or not."""
    return _print(school, [person], by, "")


@transaction.atomic
def _print(school: School, people: list[Person], by: Account | None, what: str) -> bytes:
    accounts = {
        account.pk: account
        for account in Account.objects.filter(pk__in=[person.account_id for person in people], closed_at=None)
    }
    codes = new_codes(accounts)
    people = [person for person in people if person.account_id in codes]
    account_of = {person.pk: accounts[person.account_id] for person in people if person.account_id}
    children = children_of([person for person in people if person.profile == Profile.RELATIVE])
    classes = dict(
        Enrolment.objects.filter(pupil__in=people, closed_at=None, division__year__is_current=True)
        .order_by("-division__code")
        .values_list("pupil_id", "division__code")
    )
    letters = [
        Letter(
            name=" ".join(filter(None, (person.title, person.display_name))),
            sign_in_name=account_of[person.pk].sign_in_name,
            code=codes[account_of[person.pk].pk],
            place=f"Classe : {classes[person.pk]}" if person.pk in classes else "",
            children=children.get(person.pk, []),
            address=_address(person) if person.profile == Profile.RELATIVE else [],
            greeting="Bonjour," if person.profile == Profile.PUPIL else "Madame, Monsieur,",
            is_reset=account_of[person.pk].activated_at is not None,
        )
        for person in people
    ]
    drawn = draw(school, letters)
    record(
        "accounts.print_letters",
        account_id=by.pk if by else None,
        object_id=people[0].pk if len(people) == 1 else None,
        letters=len(letters),
        audience=what,
    )
    return drawn


def _address(person: Person) -> list[str]:
    return [part for part in (person.address, f"{person.postal_code} {person.town}".strip()) if part]
