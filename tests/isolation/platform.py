"""What the platform's URLs are tried with: a collectivity, its school, and what hangs on them.

A URL that takes an argument needs a line in SAMPLES: how to make, in a collectivity's world, the thing it names.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from django.core.files.base import ContentFile

from ent.exchange.models import ImportRun
from ent.kernel.access import RIGHTS, Role, Scope
from platform_admin.officers.models import Officer
from platform_admin.rollout.models import Agreement, Deployment, Job, Launch, Step, StepRecord
from tenants.configuration.models import SettingChange
from tenants.liaison.models import Announcement
from tenants.models import Authority, School
from tests import factories
from tests.isolation.urls import Address


@dataclass
class World:
    """A collectivity and a school of it; the samples made there, once each."""

    authority: Authority
    school: School
    made: dict[int, Any] = field(default_factory=dict)

    def arguments(self, address: Address) -> dict[str, Any]:
        """The URL's arguments, for the things of this world."""
        return {name: self._value(sample_for(address, name)) for name in address.kwargs}

    def _value(self, sample: "Sample") -> Any:
        if id(sample) not in self.made:
            self.made[id(sample)] = sample.make(self)
        return self.made[id(sample)]


@dataclass(frozen=True)
class Sample:
    """What an argument stands for: in which URLs (their names), and the value in a world.

    `of_academy`: the thing belongs to no collectivity, so that nobody is told it does not exist.
    """

    urls: str
    argument: str
    make: Callable[[World], Any]
    of_academy: bool = False


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def deployment(world: World) -> Deployment:
    """The school's place in a wave."""
    found, _ = Deployment.objects.get_or_create(school=world.school, defaults={"wave": factories.wave()})
    return found


def agreement(world: World) -> Agreement:
    """A framework agreement with its document."""
    return Agreement.objects.create(
        authority=world.authority, signed_on="2026-01-05", expires_on="2029-01-05", author="Essai",
        document=ContentFile(PDF, "convention.pdf"),
    )  # fmt: skip


def step(world: World) -> StepRecord:
    """A step with its document."""
    return StepRecord.objects.create(
        deployment=deployment(world), step=Step.AGREEMENT, author="Essai", attachment=ContentFile(PDF, "convention.pdf")
    )


def announcement(world: World) -> Announcement:
    """What the collectivity says to its school."""
    return factories.announcement([world.school], authority=world.authority)


def launch(world: World) -> Launch:
    """A launch of the school alone, come to its end."""
    found = Launch.objects.create(wave=deployment(world).wave, folder="export", author="Essai", state=Launch.State.DONE)
    Job.objects.create(launch=found, school=world.school, state=Job.State.DONE)
    return found


def change(**level) -> UUID:
    """A change of a setting at a level."""
    return SettingChange.objects.create(key="accent", after="lava", author="Essai", **level).pk


SAMPLES = [
    Sample(r".*", "uai", lambda world: world.school.uai),
    Sample(r".*", "code", lambda world: world.authority.code),
    Sample(r"configuring:", "key", lambda world: "accent"),
    Sample(r"configuring:school_undo", "change", lambda world: change(school=world.school)),
    Sample(r"configuring:undo", "change", lambda world: change(authority=world.authority)),
    Sample(r"console_import", "pk", lambda world: ImportRun.objects.create(folder="export").pk, of_academy=True),
    Sample(r"rollout:.*agreement", "pk", lambda world: agreement(world).pk),
    Sample(
        r"rollout:.*(training|seats|attendance)", "pk", lambda world: factories.training(authority=world.authority).pk
    ),
    Sample(r"rollout:step_document", "pk", lambda world: step(world).pk),
    Sample(r"rollout:(launch|pause|resume|retry)$", "pk", lambda world: launch(world).pk, of_academy=True),
    Sample(r"rollout:replace_export", "pk", lambda world: launch(world).jobs.get().pk, of_academy=True),
    Sample(r"rollout:", "pk", lambda world: factories.wave().pk, of_academy=True),
    Sample(r"api:wave", "number", lambda world: factories.wave().number, of_academy=True),
    Sample(r"exchanges:", "number", lambda world: factories.support_request(world.school).pk),
    Sample(
        r"exchanges:",
        "announcement",
        lambda world: factories.announcement([world.school], authority=world.authority).pk,
    ),
    Sample(r"officers:", "pk", lambda world: factories.officer(Officer.Function.OFFICER, world.authority).pk),
]


def sample_for(address: Address, argument: str) -> Sample:
    """The declared sample of an argument; the test fails where there is none."""
    for sample in SAMPLES:
        if sample.argument == argument and re.match(sample.urls, address.name):
            return sample
    pytest.fail(f"{address}: say in SAMPLES (tests/isolation/platform.py) what « {argument} » stands for")


@dataclass(frozen=True)
class PlatformMember:
    """An account on the platform's host, its role, and the collectivities it sees and acts for (None: all)."""

    label: str
    account: Any
    role: Role | None
    sees: frozenset[int] | None = frozenset()
    acts: frozenset[int] | None = frozenset()

    def may(self, address: Address, world: World) -> bool:
        """What the matrix declares for this member, for the things of this world."""
        scope = RIGHTS[address.permission].scopes.get(self.role) if self.role else None
        if scope is None or not address.kwargs:
            return scope is not None
        if scope == Scope.SEEN_AUTHORITIES and all(sample_for(address, name).of_academy for name in address.kwargs):
            return True
        reached = {Scope.ACADEMY: None, Scope.SEEN_AUTHORITIES: self.sees, Scope.GRANTED_AUTHORITIES: self.acts}[scope]
        return reached is None or world.authority.pk in reached

    def knows_of(self, address: Address, world: World) -> bool:
        """Whether the things of this world exist for this member."""
        if not address.kwargs or any(sample_for(address, name).of_academy for name in address.kwargs):
            return True
        return self.sees is None or world.authority.pk in self.sees


def platform_cast(own: Authority) -> list[PlatformMember]:
    """Every role of the platform, at one collectivity where it is of one; and an account that is no officer's."""
    here = frozenset({own.pk})
    nothing: frozenset[int] = frozenset()
    members = [
        PlatformMember(role.value, factories.officer(role.value).account, role, None, None)
        for role in (Role.ACADEMY_ADMIN, Role.ACADEMY_PILOT)
    ]
    for label, role, acts in (
        ("its manager", Role.MANAGER, True),
        ("its officer, who may act", Role.OFFICER, True),
        ("its officer, who only looks", Role.OFFICER, False),
        ("its guest", Role.GUEST, False),
    ):
        account = factories.officer(role.value, own, acts=acts).account
        members.append(PlatformMember(label, account, role, here, here if acts else nothing))
    closed = factories.officer(Role.MANAGER.value, own)
    Officer.objects.filter(pk=closed.pk).update(closed_at="2026-11-01T08:00Z")
    members.append(PlatformMember("an officer who left", closed.account, None))
    members.append(PlatformMember("an account of a school", factories.account_of_school(), None))
    return members
