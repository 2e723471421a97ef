"""Teaching plans: made by hand or out of a log, shared with colleagues, laid on a class's sessions."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone
from django.utils.html import escape

from ent.school.lessons import actions
from ent.school.lessons.models import Attachment, Homework, LessonEntry, PlanStep, TeachingPlan
from ent.school.lessons.sequences import audience_of, due_after, following, is_prepared, led_by
from ent.school.lessons.text import cleaned, plain
from ent.school.structure.models import Division, SchoolYear, Subject
from ent.school.timetable.models import Session, SessionAudience

Sharing = TeachingPlan.Sharing


def plans_of(teacher: UUID) -> QuerySet[TeachingPlan]:
    """One's own plans, then those colleagues share. One query."""
    seen = TeachingPlan.objects.filter(removed_at=None).filter(Q(owner=teacher) | ~Q(sharing=Sharing.PRIVATE))
    return seen.select_related("subject", "owner").annotate(size=Count("steps")).order_by("title", "pk")


@dataclass(frozen=True)
class Source:
    """What a teacher wrote for a class in a subject, in a year."""

    division: Division
    subject: Subject
    year: SchoolYear
    size: int

    @property
    def key(self) -> str:
        return f"{self.division.pk}.{self.subject.pk}"


def sources_of(teacher: UUID) -> list[Source]:
    """The classes and subjects a teacher's log can be made a plan of, the latest year first. Three queries."""
    rows = (
        SessionAudience.objects.filter(session__session_teachers__teacher=teacher, session__entry__isnull=False,
                                       session__subject__isnull=False)
        .exclude(division=None).exclude(session__entry__content="")
        .values_list("division", "session__subject").annotate(size=Count("session"))
    )  # fmt: skip
    found = list(rows)
    divisions = Division.objects.select_related("year").in_bulk([one for one, _, _ in found])
    subjects = Subject.objects.in_bulk([one for _, one, _ in found])
    sources = [Source(divisions[d], subjects[s], divisions[d].year, size) for d, s, size in found]
    sources.sort(key=lambda one: (one.division.code, str(one.subject)))
    return sorted(sources, key=lambda one: one.year.starts_on, reverse=True)


@transaction.atomic
def make(owner: UUID, *, title: str, subject: Subject | None, grade: str, sharing: str) -> TeachingPlan:
    """A plan, still empty."""
    return TeachingPlan.objects.create(title=title, subject=subject, grade=grade, sharing=sharing, owner_id=owner)


@transaction.atomic
def make_from(owner: UUID, source: Source) -> TeachingPlan:
    """A plan out of what a teacher wrote and gave, session after session; documents follow."""
    plan = make(owner, title=f"{source.subject} {source.division.code} ({source.year})"[:120], subject=source.subject,
                grade="", sharing=Sharing.PRIVATE)  # fmt: skip
    written = LessonEntry.objects.filter(
        session__audiences__division=source.division, session__subject=source.subject,
        session__session_teachers__teacher=owner,
    ).exclude(content="")  # fmt: skip
    for entry in written.prefetch_related("attachments", "session__homework__attachments").order_by(
        "session__starts_at"
    ):
        works = [one for one in entry.session.homework.all() if one.withdrawn_at is None]
        first = plain(entry.content).split("\n")[0]
        step = _added(
            plan, title=first[:117] + ("…" if len(first) > 117 else "") or "Séance", content=entry.content,
            homework="".join(one.content for one in works), minutes=sum(one.minutes for one in works),
        )  # fmt: skip
        _copy([entry, *works], step=step)
    return plan


@transaction.atomic
def copy(plan: TeachingPlan, owner: UUID) -> TeachingPlan:
    """A plan of one's own out of a colleague's, or of another of one's own."""
    made = make(owner, title=f"{plan.title} (copie)"[:120], subject=plan.subject, grade=plan.grade,
                sharing=Sharing.PRIVATE)  # fmt: skip
    for one in plan.steps.prefetch_related("attachments"):
        step = _added(made, title=one.title, content=one.content, homework=one.homework, minutes=one.minutes)
        _copy([one], step=step)
    return made


def _copy(sources: Iterable[LessonEntry | Homework | PlanStep], **owner) -> list[Attachment]:
    return [
        Attachment.objects.create(name=one.name, link=one.link, file=one.file, size=one.size, alt=one.alt, **owner)
        for source in sources
        for one in source.attachments.all()
    ]


def _added(plan: TeachingPlan, **values) -> PlanStep:
    last = plan.steps.aggregate(last=Max("position"))["last"] or 0
    return PlanStep.objects.create(plan=plan, position=last + 1, **values)


@transaction.atomic
def write_step(
    plan: TeachingPlan, step: PlanStep | None, *, title: str, content: str, homework: str, minutes: int,
    files: Iterable[UploadedFile] = (), link: str = "",
) -> PlanStep:  # fmt: skip
    """Add a planned session, or change one."""
    TeachingPlan.objects.select_for_update().get(pk=plan.pk)
    values = {"title": title, "content": cleaned(content), "homework": cleaned(homework), "minutes": minutes}
    if step is None:
        step = _added(plan, **values)
    else:
        for name, value in values.items():
            setattr(step, name, value)
        step.save()
    for file in files:
        actions.attach(file, step=step)
    if link:
        Attachment.objects.create(step=step, name=link[:160], link=link)
    _changed(plan)
    return step


@transaction.atomic
def move_step(step: PlanStep, *, up: bool) -> None:
    """One place earlier or later."""
    TeachingPlan.objects.select_for_update().get(pk=step.plan_id)
    step.refresh_from_db()
    beside = step.plan.steps.filter(position__lt=step.position).last() if up else (
        step.plan.steps.filter(position__gt=step.position).first()
    )  # fmt: skip
    if beside:
        step.position, beside.position = beside.position, step.position
        step.save(update_fields=["position"])
        beside.save(update_fields=["position"])
        _changed(step.plan)


@transaction.atomic
def remove_step(step: PlanStep) -> None:
    """A planned session is no longer part of the plan; what was laid from it stays."""
    _changed(step.plan)
    step.delete()


def settle(plan: TeachingPlan, *, title: str, subject: Subject | None, grade: str, sharing: str) -> None:
    """Name, subject, level, and who may read or change it."""
    plan.title, plan.subject, plan.grade, plan.sharing = title, subject, grade, sharing
    plan.save(update_fields=["title", "subject", "grade", "sharing"])
    _changed(plan)


def remove(plan: TeachingPlan) -> None:
    """The plan is no longer listed; what was laid from it stays."""
    plan.removed_at = timezone.now()
    plan.save(update_fields=["removed_at"])


def _changed(plan: TeachingPlan) -> None:
    TeachingPlan.objects.filter(pk=plan.pk).update(changed_at=timezone.now())


# --- on the calendar ---------------------------------------------------------------------------------------------
def places_for(plan: TeachingPlan, teacher: UUID) -> list[Session]:
    """Where a plan may begin: the next sessions of its subject, of each class. Three queries."""
    coming, seen = [], {}
    for one in led_by(teacher, plan.subject_id, timezone.now()):
        key = audience_of(one)
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= 12:
            coming.append(one)
    return sorted(coming, key=lambda one: (one.division_codes, one.group_codes, one.starts_at))


def laid(plan: TeachingPlan, start: Session, first: int) -> list[tuple[PlanStep, Session | None]]:
    """Where each step would fall: in the free sessions from `start` on; None for those that find no place."""
    steps = list(plan.steps.filter(position__gte=first))
    free = iter([one for one in (start, *following(start)) if not is_prepared(one)])
    return [(step, next(free, None)) for step in steps]


@dataclass(frozen=True)
class Inserted:
    """A planned session put into a session: the content it held before (None: it had none), and what was made."""

    entry: LessonEntry
    before: str | None
    works: tuple[Homework, ...]
    files: tuple[Attachment, ...]


@transaction.atomic
def insert(step: PlanStep, session: Session, by: UUID) -> Inserted:
    """A planned session into one session: after what is written there; its work is due next time."""
    entry = LessonEntry.objects.select_for_update().filter(session=session).first()
    before = entry.content if entry else None
    entry = entry or LessonEntry(session=session, version=0, publish_at=actions.publication(session, "end"))
    entry.content = f"{entry.content}<h3>{escape(step.title)}</h3>{step.content}"
    owner: dict = {"entry": entry}
    works: tuple[Homework, ...] = ()
    if plain(step.homework):
        due = due_after(following(session), session.day)
        if due:
            works = (actions.give(
                session, by, content=step.homework, due_on=due.day, due_session=due, minutes=step.minutes,
                is_test=False, takes_files=False, publish="end",
            ),)  # fmt: skip
            owner = {"homework": works[0]}
        else:
            entry.content += f"<p>À faire :</p>{step.homework}"
    entry.author_id, entry.version, entry.saved_at = by, entry.version + 1, timezone.now()
    entry.save()
    files = _copy([step], **owner)
    Session.objects.filter(pk=session.pk).update(is_kept=True)
    return Inserted(entry, before, works, tuple(files))
