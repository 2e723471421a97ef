"""The demonstration: an invented academy, imported like a real one, with a sign-in for every role."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from ent.accounts.models import Account, Membership
from ent.exchange.aaf.generator import generate, this_year
from ent.exchange.aaf.importer import run_import
from ent.kernel.access import Role
from ent.school import day_demo
from ent.school.people.models import Function, Person, Profile, StaffFunction
from ent.school.timetable import demo as timetable_demo
from platform_admin.configuring import demo as configuring
from platform_admin.dashboards import demo as dashboards
from platform_admin.exchanges import demo as exchanges
from platform_admin.network import demo as network
from platform_admin.officers import demo as officers
from platform_admin.rollout import demo as rollout_demo
from tenants.context import inside_as_owner, platform
from tenants.models import Authority, School

PASSWORD = "demonstration"  # noqa: S105
PILOT_SCHOOLS = 6
SEED = 63
AUTHORITIES = [
    (Authority.Kind.ACADEMY, "06", "Rectorat de Clermont-Ferrand"),
    (Authority.Kind.REGION, "ARA", "Région Auvergne-Rhône-Alpes"),
    (Authority.Kind.DEPARTEMENT, "03", "Allier"),
    (Authority.Kind.DEPARTEMENT, "15", "Cantal"),
    (Authority.Kind.DEPARTEMENT, "43", "Haute-Loire"),
    (Authority.Kind.DEPARTEMENT, "63", "Puy-de-Dôme"),
]
STAFF_ROLES = [
    Function.SCHOOL_HEAD, Function.DEPUTY_HEAD, Function.SCHOOL_ADMIN, Function.CPE, Function.AED,
    Function.AESH, Function.LIBRARIAN, Function.PSY_EN, Function.NURSE, Function.SOCIAL_WORKER, Function.OFFICE,
]  # fmt: skip


def sign_ins_file() -> Path:
    """Where the demonstration's sign-ins are kept: {UAI or "platform": [[role, name], …]}."""
    return settings.DATA_DIR / "demo-sign-ins.json"


def build(folder: Path | None, schools: int, progress: Callable[[str], None]) -> None:
    """Build the academy from an export (an invented one by default), open its schools, prepare sign-ins."""
    with platform():
        for kind, code, name in AUTHORITIES:
            Authority.objects.update_or_create(code=code, defaults={"kind": kind, "name": name})
        if folder is None:
            folder = settings.DATA_DIR / "demo-export"
            progress("Invention d'un annuaire de l'académie…")
            shutil.rmtree(folder, ignore_errors=True)  # what an interrupted construction left
            generate(folder, schools, SEED, pilot=schools == PILOT_SCHOOLS, day=this_year())
        progress("Import de l'annuaire…")
        run_import(
            folder, create_schools=True, progress=lambda message, percent: progress(f"  {percent:3} % {message}")
        )
        password = make_password(PASSWORD)
        sign_ins = {"platform": officers.build(password)}
        for school in School.objects.filter(state=School.State.PROVISIONED):
            school.state = School.State.OPEN
            school.save()
            sign_ins[school.uai] = _people(school, password)
            progress(f"  Une année de vie scolaire : {school.name}…")
            with inside_as_owner(school):
                day_demo.build(school.uai, timezone.localdate())
        progress("Plan du déploiement…")
        rollout_demo.build()
        dashboards.build()
        network.build()
        exchanges.build()
        configuring.build()
        sign_ins_file().write_text(json.dumps(sign_ins, ensure_ascii=False, indent=1))


def keep_alive() -> None:
    """Sessions for this very hour in every open school, where the calendar has none."""
    with platform():
        schools = list(School.objects.filter(state=School.State.OPEN, revision__isnull=False))
    for school in schools:
        with inside_as_owner(school):
            timetable_demo.keep_alive()


def _people(school: School, password: str) -> list[list[str]]:
    """One person per role, activated with the demonstration's password."""
    chosen: list[tuple[Any, Person]] = []
    with inside_as_owner(school):
        people = Person.objects.filter(closed_at=None, account_id__isnull=False)
        office = people.filter(functions__function=Function.OFFICE).last() or people.filter(profile="staff").last()
        if office:
            StaffFunction.objects.get_or_create(
                person=office, function=Function.SCHOOL_ADMIN, source=StaffFunction.Source.HAND, closed_at=None
            )
        tutor = people.filter(tutored__isnull=False).first()
        pupils = people.filter(profile=Profile.PUPIL, enrolments__closed_at=None, guardianships__legal_rank__gt=0)
        # Of the tutor's class: what one gives, the other does.
        pupil = pupils.filter(enrolments__division__form_tutors__teacher=tutor).first() or pupils.first()
        if pupil:
            chosen.append((Role.PUPIL.label, pupil))
            parent = people.filter(wards__pupil=pupil, wards__legal_rank__gt=0).first()
            if parent:
                chosen.append((Role.GUARDIAN.label, parent))
        chosen += _parents_of_several(school, people)
        teacher = people.filter(teachings__division__isnull=False, tutored=None).first()
        chosen += [(Role.TEACHER.label, teacher)] if teacher else []
        chosen += [(Role.FORM_TUTOR.label, tutor)] if tutor else []
        for function in STAFF_ROLES:
            person = people.filter(functions__function=function, functions__closed_at=None).first()
            if person:
                chosen.append((Role(function.value).label, person))
        accounts = {label: person.account_id for label, person in chosen if person.account_id}
    Account.objects.filter(pk__in=accounts.values()).update(password=password, activated_at=timezone.now())
    names = dict(Account.objects.filter(pk__in=accounts.values()).values_list("pk", "sign_in_name"))
    return [[str(label), names[account]] for label, account in accounts.items()]


def _parents_of_several(school: School, people) -> list[tuple[Any, Person]]:
    """A parent with children in two schools, and a teacher who is also a parent, where there are any."""
    found = []
    with platform():
        mine = Membership.objects.filter(school=school, closed_at=None)
        elsewhere = Membership.objects.filter(profile="relative", closed_at=None).exclude(school=school)
        two_schools = mine.filter(profile="relative", account__in=elsewhere.values("account")).first()
        both = mine.filter(profile="staff", account__memberships__profile="relative").first()
    for label, membership in (("Parent d'enfants dans deux établissements", two_schools),
                              ("Enseignant et parent", both)):  # fmt: skip
        person = people.filter(pk=membership.person_id).first() if membership else None
        if person:
            found.append((label, person))
    return found
