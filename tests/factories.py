"""People and schools of tests, each in one line. Invented, and recognisable as such."""

import io
import itertools
import os
import re
from datetime import date, datetime, timedelta
from functools import cache

from django.contrib.auth.hashers import make_password
from django.db import connection
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from guardian.shortcuts import assign_perm
from PIL import Image

from ent.accounts.models import Account, Membership
from ent.kernel.ids import new_id
from ent.kernel.text import folded
from ent.school.people.actions import set_photo
from ent.school.people.models import Function, Guardianship, Person, Profile, Pupil, StaffFunction
from ent.school.people.photos import portrait
from ent.school.structure.models import (
    Division,
    Enrolment,
    FormTutor,
    Group,
    GroupEnrolment,
    SchoolYear,
    Subject,
    Teaching,
)  # fmt: skip
from ent.school.timetable.models import (
    LessonAudience,
    LessonRoom,
    LessonTeacher,
    RecurringLesson,
    Room,
    RoomUse,
    Session,
    SessionAudience,
    SessionTeacher,
)  # fmt: skip
from platform_admin.officers.models import Officer
from platform_admin.rollout.models import Deployment, StepRecord, Wave
from tenants.liaison.models import Announcement, SupportMessage, SupportRequest, Training
from tenants.models import UAI_LETTERS, Authority, School, SchoolKind
from tenants.provisioning import provision

PASSWORD = "demonstration-2026"
_numbers = itertools.count(1)
# Three digits of a UAI: fewer schools than people are made.
_schools = itertools.count(101)


def uai(number: int) -> str:
    """A valid UAI of this worker's own (roles are shared by all databases of the server)."""
    worker = int(re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or -1) + 1
    # 0639… are the generator's.
    digits = f"063{worker}{number:03}"
    return digits + UAI_LETTERS[int(digits) % 23]


def build_schools() -> None:
    """The two schools of a run."""
    authority, _ = Authority.objects.get_or_create(
        code="63", defaults={"kind": Authority.Kind.DEPARTEMENT, "name": "Puy-de-Dôme"}
    )
    for number, name in ((1, "Collège des Volcans"), (2, "Collège des Sources")):
        registered(number, name=name, authority=authority, provisioned=True)


def registered(number: int | None = None, *, provisioned: bool = False, **values) -> School:
    """A school of the list; with its schema, open, if `provisioned`."""
    number = number or next(_schools)
    defaults = {"name": f"Collège d'essai {number}", "kind": SchoolKind.COLLEGE, "town": "Essai-la-Ville",
                "departement": "63", "subdomain": f"essai-{uai(number).lower()}"}  # fmt: skip
    school = School.objects.create(uai=uai(number), **defaults | values)
    if provisioned:
        provision(school, opened=True)
        school.refresh_from_db()
    return school


@cache
def _hashed() -> str:
    return make_password(PASSWORD)


def _person(profile: str, *, account: bool | Account = True, **values) -> Person:
    number = next(_numbers)
    first, last = values.pop("first_name", "Camille"), values.pop("last_name", f"Essai{number}")
    person = Person(
        profile=profile, directory_key=f"t{number}", first_name=first, last_name=last,
        sort_key=folded(f"{last} {first}"), **values,
    )  # fmt: skip
    if account:
        if account is True:
            name = re.sub(r"[^a-z0-9.]", "", folded(f"{first}.{last}"))
            account = Account.objects.create(
                sign_in_name=f"{name}{number}", password=_hashed(), activated_at=timezone.now()
            )
        person.account_id = account.pk
    person.save()
    if account:
        Membership.objects.create(
            account=account, school=School.objects.get(schema_name=connection.schema_name),
            profile=profile, person_id=person.pk,
        )  # fmt: skip
    return person


def account_of(person: Person) -> Account:
    """The account of a person."""
    return Account.objects.get(pk=person.account_id)


def year() -> SchoolYear:
    """The current school year."""
    return SchoolYear.objects.get_or_create(
        label="2026-2027", defaults={"starts_on": date(2026, 9, 1), "ends_on": date(2027, 8, 31), "is_current": True}
    )[0]


def division(code: str = "6A") -> Division:
    """A class."""
    return Division.objects.get_or_create(year=year(), code=code)[0]


def group(code: str = "6LATIN") -> Group:
    """A group."""
    return Group.objects.get_or_create(year=year(), code=code)[0]


def pupil(division: Division | None = None, group: Group | None = None, **values) -> Person:
    """A pupil with an account, in a class and a group if given."""
    person = _person(Profile.PUPIL, **values)
    Pupil.objects.create(person=person)
    if division:
        Enrolment.objects.create(pupil=person, division=division)
    if group:
        GroupEnrolment.objects.create(pupil=person, group=group)
    return person


def guardian(of: Person | None = None, rank: int = 1, restricted: bool = False, **values) -> Person:
    """A relative with legal authority over a pupil, and an account."""
    person = _person(Profile.RELATIVE, **values)
    if of:
        tie(person, of, legal_rank=rank, is_restricted=restricted)
    return person


def tie(relative: Person, pupil: Person, legal_rank: int = 1, **values) -> Guardianship:
    """A relative and one more child."""
    return Guardianship.objects.create(
        pupil=pupil, relative=relative, **{"kinship": "mother", "legal_rank": legal_rank} | values
    )


def image(kind: str = "JPEG", size: tuple[int, int] = (600, 800), colour: str = "teal", **options) -> bytes:
    """A picture, as a file's bytes."""
    written = io.BytesIO()
    Image.new("RGB", size, colour).save(written, kind, **options)
    return written.getvalue()


def photographed(person: Person) -> Person:
    """The same person, with a photo."""
    set_photo(person, portrait(io.BytesIO(image())), by=account_of(person))
    return person


def contact(of: Person, **values) -> Person:
    """A relative without legal authority: no account."""
    return guardian(of, rank=0, **{"account": False} | values)


def staff(
    function: str = Function.TEACHER, teaches: Division | Group | None = None, tutors: Division | None = None, **values
) -> Person:
    """A member of staff, with a class or group taught, or a class tutored."""
    person = _person(Profile.STAFF, **values)
    StaffFunction.objects.create(person=person, function=function, source=StaffFunction.Source.DIRECTORY)
    if teaches is not None:
        subject, _ = Subject.objects.get_or_create(code="061300", defaults={"label": "Mathématiques"})
        audience = {"division": teaches} if isinstance(teaches, Division) else {"group": teaches}
        Teaching.objects.create(teacher=person, subject=subject, **audience)
    if tutors is not None:
        FormTutor.objects.create(teacher=person, division=tutors)
    return person


def officer(
    function: str = Officer.Function.ADMINISTRATOR, authority: Authority | None = None, acts: bool = True
) -> Officer:
    """An agent of the academy, or of a collectivity they see and, where granted, act for; a device enrolled."""
    number = next(_numbers)
    account = Account.objects.create(
        sign_in_name=f"agent.essai{number}", password=_hashed(), activated_at=timezone.now()
    )
    if authority:
        assign_perm("tenants.see_authority", account, authority)
        if acts:
            assign_perm("tenants.act_for_authority", account, authority)
    TOTPDevice.objects.create(user=account, name="essai", confirmed=True)
    return Officer.objects.create(account=account, name=f"Agent Essai {number}", function=function, authority=authority)


def authority(code: str = "15", name: str = "Cantal") -> Authority:
    """A département."""
    return Authority.objects.get_or_create(code=code, defaults={"kind": Authority.Kind.DEPARTEMENT, "name": name})[0]


def wave(**values) -> Wave:
    """A wave after those of the plan."""
    number = next(_numbers) + 100
    return Wave.objects.create(**{"number": number, "name": f"Vague d'essai {number}"} | values)


def deployed(wave_: Wave | None = None, steps: tuple[str, ...] = (), opens_on=None, **values) -> Deployment:
    """A school of a wave that has done some steps; its state is what it says, without a schema."""
    deployment = Deployment.objects.create(school=registered(**values), wave=wave_ or wave(), opens_on=opens_on)
    StepRecord.objects.bulk_create(
        StepRecord(deployment=deployment, step=step, author="Essai") for step in steps
    )  # fmt: skip
    return deployment


def training(**values) -> Training:
    """A session of the academy, in a week."""
    begins = timezone.now() + timedelta(days=7)
    defaults = {"title": "Prendre en main l'administration", "place": "Rectorat", "starts_at": begins,
                "ends_at": begins + timedelta(hours=2), "seats": 10}  # fmt: skip
    return Training.objects.create(**defaults | values)


def account_of_school(school: School | None = None) -> Account:
    """An account with a person in a school, who is no officer (the person's own row is not needed here)."""
    number = next(_numbers)
    account = Account.objects.create(
        sign_in_name=f"personnel.essai{number}", password=_hashed(), activated_at=timezone.now()
    )
    school = school or School.objects.get(uai=uai(1))
    Membership.objects.create(account=account, school=school, profile=Profile.STAFF, person_id=new_id())
    return account


def support_request(school: School | None = None, title: str = "Une page reste blanche", **values) -> SupportRequest:
    """A request for help, of the school in force unless given, with its first message."""
    school = school or School.objects.get(schema_name=connection.schema_name)
    asked = SupportRequest.objects.create(school=school, title=title, **{"subject": "pages"} | values)
    SupportMessage.objects.create(
        request=asked, from_school=True, author="Administrateur de l'ENT", text="Depuis lundi."
    )
    return asked


def announcement(schools: list[School], title: str = "Des nouvelles de l'académie", **values) -> Announcement:
    """An information shown now to these schools."""
    now = timezone.now()
    shown = {"shown_from": now - timedelta(hours=1), "shown_until": now + timedelta(days=1), "author": "Agent Essai"}
    made = Announcement.objects.create(title=title, **shown | values)
    made.schools.set(schools)
    return made


def maintenance(schools: list[School], starts_in: timedelta, lasts: timedelta = timedelta(hours=2)) -> Announcement:
    """A maintenance announced three days before."""
    starts = timezone.now() + starts_in
    return announcement(
        schools, "Mise à jour du service", kind=Announcement.Kind.MAINTENANCE, starts_at=starts, ends_at=starts + lasts,
        shown_from=starts - timedelta(days=3), shown_until=starts + lasts,
    )  # fmt: skip


def room(name: str = "S. 204", **values) -> Room:
    """A room."""
    return Room.objects.get_or_create(name=name, defaults=values)[0]


def subject(code: str = "061300", label: str = "Mathématiques") -> Subject:
    """A subject."""
    return Subject.objects.get_or_create(code=code, defaults={"label": label})[0]


def lesson(teacher: Person, audience: Division | Group, weekday: int = 1, starts: str = "08:00", ends: str = "08:55",
           in_room: Room | None = None, **values) -> RecurringLesson:  # fmt: skip
    """A recurring lesson; its sessions are not generated."""
    made = RecurringLesson.objects.create(
        year=year(), weekday=weekday, starts_at=starts, ends_at=ends, **{"subject": subject()} | values
    )
    LessonTeacher.objects.create(lesson=made, teacher=teacher)
    LessonAudience.objects.create(lesson=made, **_audience(audience))
    if in_room:
        LessonRoom.objects.create(lesson=made, room=in_room)
    made.refresh_from_db()
    return made


def session(teacher: Person, audience: Division | Group, starts: datetime | None = None, minutes: int = 55,
            in_room: Room | None = None, is_exclusive: bool = False, **values) -> Session:  # fmt: skip
    """A dated session, begun ten minutes ago unless told otherwise. `is_exclusive`: counts against clashes."""
    starts = starts or timezone.now() - timedelta(minutes=10)
    ends, day = starts + timedelta(minutes=minutes), timezone.localdate(starts)
    made = Session.objects.create(day=day, starts_at=starts, ends_at=ends, **{"subject": subject()} | values)
    during = (starts, ends)
    SessionTeacher.objects.create(session=made, teacher=teacher, day=day, during=during, is_exclusive=is_exclusive)
    SessionAudience.objects.create(session=made, day=day, **_audience(audience))
    if in_room:
        RoomUse.objects.create(session=made, room=in_room, day=day, during=during, is_exclusive=is_exclusive)
    return made


def on(day: str | date, hour: str = "08:00") -> datetime:
    """An hour of a day, in France: `on("2026-11-24", "08:05")`."""
    return timezone.make_aware(datetime.fromisoformat(f"{day} {hour}"))


def _audience(audience: Division | Group) -> dict[str, Division | Group]:
    return {"division": audience} if isinstance(audience, Division) else {"group": audience}
