"""Who stands around the sample pupil: each role, and what the cast member is to that pupil."""

from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from ent.kernel.access import RIGHTS, Role, Scope
from ent.school.people.models import Function, Guardianship, Person
from tenants.configuration.models import SettingChange
from tenants.liaison.models import SupportRequest
from tenants.models import School
from tests import factories
from tests.isolation.samples import absences, attendance, conduct, lessons, notes, notifications, timetable

# What each module of the school day adds to the sample, those it stands on first.
SCHOOL_DAY = (notifications, timetable, attendance, absences, lessons, conduct, notes)

Related = frozenset[Scope]
SCHOOL_ONLY: Related = frozenset({Scope.SCHOOL})


@dataclass(frozen=True)
class Member:
    """A person, the roles they hold, and the scopes in which the sample objects lie for them."""

    label: str
    person: Person
    roles: tuple[Role, ...]
    near: Related

    def may(self, permission: str, concerns_sample: bool) -> bool:
        """What the rights matrix declares for this member."""
        scopes = [RIGHTS[permission].scopes[role] for role in self.roles if role in RIGHTS[permission].scopes]
        return any(scope in self.near for scope in scopes) if concerns_sample else bool(scopes)


@dataclass(frozen=True)
class Sample:
    """The objects that URLs are tried with."""

    pupil: Person
    division: object
    group: object
    guardian: Person
    link: Guardianship
    request: SupportRequest
    change: SettingChange
    # The teacher of the sample session, who wrote all that is written there.
    leader: Person
    # Objects of the school day, by the name URLs give them.
    day: dict[str, Any] = field(default_factory=dict)


def sample(prefix: str = "") -> Sample:
    """A pupil in a class and a group, with a photo; a change of the school's settings."""
    division, group = factories.division(f"{prefix}6A"), factories.group(f"{prefix}6LATIN")
    pupil = factories.photographed(factories.pupil(division=division, group=group))
    guardian = factories.guardian(of=pupil)
    here = School.objects.get(schema_name=connection.schema_name)
    change = SettingChange.objects.create(key="accent", school=here, after="lava", author="Administrateur de l'ENT")
    leader = factories.staff(teaches=division)
    found = Sample(pupil, division, group, guardian, guardian.wards.get(), factories.support_request(), change, leader)
    for module in SCHOOL_DAY:
        module.add(found)
    return found


def cast_around(objects: Sample) -> list[Member]:
    """Every role: those close to the sample pupil, and strangers of the same role."""
    teaches, tutors = frozenset({Scope.TAUGHT, Scope.SCHOOL}), frozenset({Scope.CLASS, Scope.SCHOOL})
    own = frozenset({Scope.OWN, Scope.SCHOOL})
    elsewhere = factories.division("3C")
    mate = factories.pupil(division=elsewhere)
    members = [
        Member("the pupil", objects.pupil, (Role.PUPIL,), own),
        Member("a pupil of another class", mate, (Role.PUPIL,), SCHOOL_ONLY),
        Member("the guardian", objects.guardian, (Role.GUARDIAN,), own),
        Member("another child's guardian", factories.guardian(of=mate), (Role.GUARDIAN,), SCHOOL_ONLY),
        Member("a parent without legal authority", factories.contact(of=objects.pupil, account=True), (), frozenset()),
        Member(
            "a parent kept away by a judge",
            factories.guardian(of=objects.pupil, restricted=True), (), frozenset(),
        ),
        Member(
            "the teacher of the session", objects.leader, (Role.TEACHER,),
            teaches | {Scope.LED, Scope.AUTHORED, Scope.ENTRUSTED},
        ),
        Member("a teacher of the class", factories.staff(teaches=objects.division), (Role.TEACHER,), teaches),
        Member("a teacher of the group", factories.staff(teaches=objects.group), (Role.TEACHER,), teaches),
        Member("a teacher of others", factories.staff(teaches=elsewhere), (Role.TEACHER,), SCHOOL_ONLY),
        Member(
            "the form tutor", factories.staff(tutors=objects.division), (Role.TEACHER, Role.FORM_TUTOR), tutors,
        ),
    ]  # fmt: skip
    for function in Function:
        if function != Function.TEACHER:
            person = factories.staff(function)
            members.append(Member(function.value, person, (Role(function.value),), SCHOOL_ONLY))
    return members
