"""What teachers and pupils do with lessons: write, give, copy, tick, hand in, return."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from ent.kernel import documents
from ent.kernel.audit.models import record
from ent.school.lessons.models import (
    Attachment,
    Endorsement,
    Habit,
    Homework,
    HomeworkAudience,
    HomeworkTick,
    LessonEntry,
    OwnTask,
    Submission,
)  # fmt: skip
from ent.school.lessons.sequences import following
from ent.school.lessons.text import cleaned, plain
from ent.school.notifications.actions import tell
from ent.school.notifications.models import Kind
from ent.school.structure.models import Division, Enrolment, GroupEnrolment
from ent.school.timetable.models import Session, SessionAudience

MORNING = time(7, 30)


class ChangedMeanwhile(Exception):
    """Someone else saved this content since it was read: theirs is shown beside, nothing is overwritten."""


class GivenBack(Exception):
    """A copy that the teacher returned is not changed any more."""


def publication(session: Session, chosen: str, at: datetime | None = None) -> datetime | None:
    """When something is shown; never before now.

    « start » or « end » of the session, « now », next « morning », « on » a moment of one's choice, « draft »: not yet.
    """
    now = timezone.now()
    if chosen == "draft":
        return None
    if chosen == "start":
        return max(now, session.starts_at)
    if chosen == "morning":
        local = timezone.localtime(now)
        day = local.date() if local.time() < MORNING else local.date() + timedelta(days=1)
        return timezone.make_aware(datetime.combine(day, MORNING))
    return max(now, session.ends_at) if chosen == "end" else max(now, at or now)


def choice_of(shown: LessonEntry | Homework, session: Session | None) -> str:
    """The choice of `publication` that this was shown by: offered again as it stands."""
    at = shown.publish_at
    if at is None:
        return "draft"
    if session and at in (session.starts_at, session.ends_at):
        return "end" if at == session.ends_at else "start"
    if at <= timezone.now():
        return "now"
    return "morning" if at == publication(session or Session(), "morning") else "on"


@transaction.atomic
def write(session: Session, by: UUID, *, content: str, private_note: str, based_on: int, publish: str = "end",
          publish_on: datetime | None = None) -> LessonEntry:  # fmt: skip
    """Save what was done in a session; `ChangedMeanwhile` where someone else saved since version `based_on`."""
    entry = LessonEntry.objects.select_for_update().filter(session=session).first()
    html = cleaned(content)
    if entry and entry.hides_note_from(by):
        private_note, noted_by = entry.private_note, entry.noted_by_id
    else:
        noted_by = by if private_note else None
    if entry and entry.version > based_on and (entry.content, entry.private_note) != (html, private_note):
        raise ChangedMeanwhile
    # Saving again changes nothing of when it is shown, unless another choice is made.
    kept = entry is not None and publish == choice_of(entry, session) and publish != "on"
    at = entry.publish_at if kept else publication(session, publish, publish_on)
    entry = entry or LessonEntry(session=session, version=0)
    entry.content, entry.author_id, entry.publish_at = html, by, at
    entry.private_note, entry.noted_by_id = private_note, noted_by
    entry.version, entry.saved_at = entry.version + 1, timezone.now()
    entry.save()
    _keep(session)
    return entry


@transaction.atomic
def give(
    session: Session, by: UUID, *, content: str, due_on: date, due_session: Session | None, minutes: int,
    is_test: bool, takes_files: bool, publish: str, publish_on: datetime | None = None,
    files: Iterable[UploadedFile] = (), link: str = "",
) -> Homework:  # fmt: skip
    """Give work to the session's classes and groups."""
    homework = Homework.objects.create(
        given_in=session, due_session=due_session, subject_id=session.subject_id, label=session.label, author_id=by,
        content=cleaned(content), due_on=due_on, minutes=minutes, is_test=is_test, takes_files=takes_files,
        publish_at=publication(session, publish, publish_on),
    )  # fmt: skip
    _address(homework, session)
    for file in files:
        attach(file, homework=homework)
    if link:
        Attachment.objects.create(homework=homework, name=link[:160], link=link)
    _keep(session)
    tell_published(Homework.objects.filter(pk=homework.pk))
    return homework


@transaction.atomic
def edit(
    homework: Homework, *, content: str, publish: str, publish_on: datetime | None = None, **values
) -> Homework:  # fmt: skip
    """Change work already given, or publish a draft."""
    session = homework.given_in
    if publish == "on" or publish != choice_of(homework, session):
        given = session or Session(starts_at=homework.created_at, ends_at=homework.created_at)
        homework.publish_at = publication(given, publish, publish_on)
    homework.content = cleaned(content)
    for name, value in values.items():
        setattr(homework, name, value)
    homework.save()
    homework.audiences.update(due_on=homework.due_on)
    tell_published(Homework.objects.filter(pk=homework.pk))
    return homework


def tell_published(works: QuerySet[Homework]) -> None:
    """Tell pupils, once, of work shown for the same day or the next: they would not look in time."""
    now, today = timezone.now(), timezone.localdate()
    tomorrow = today + timedelta(days=1)
    near = works.filter(withdrawn_at=None, told_at=None, publish_at__range=(now - timedelta(days=1), now),
                        due_on__range=(today, tomorrow))  # fmt: skip
    with transaction.atomic():
        for one in near.select_related("subject").select_for_update(of=("self",)):
            if one.due_on <= timezone.localdate(one.publish_at) + timedelta(days=1):
                tell(pupils_of_homework(one), Kind.HOMEWORK, f"{one.title} : travail pour le {one.due_on:%d/%m}",
                     text=plain(one.content), path="/homework/")  # fmt: skip
                one.told_at = now
                one.save(update_fields=["told_at"])


def _address(homework: Homework, session: Session) -> None:
    rows = SessionAudience.objects.filter(session=session)
    HomeworkAudience.objects.bulk_create(
        HomeworkAudience(homework=homework, division_id=row.division_id, group_id=row.group_id, due_on=homework.due_on)
        for row in rows
    )


def pupils_of_homework(homework: Homework) -> set[UUID]:
    """The pupils it is for, today."""
    rows = homework.audiences.all()
    divisions = Enrolment.objects.filter(division__in=rows.values("division"), closed_at=None, pupil__closed_at=None)
    groups = GroupEnrolment.objects.filter(group__in=rows.values("group"), closed_at=None, pupil__closed_at=None)
    return set(divisions.values_list("pupil", flat=True)) | set(groups.values_list("pupil", flat=True))


@transaction.atomic
def copy(source: Session, target: Session, by: UUID, why_off: Callable[[date], str] = lambda day: "") -> None:
    """The content and the homework of a session, for another class or another day; twice is as once.

    Work for a day without that class is for its next session.
    """
    entry = LessonEntry.objects.filter(session=source).first()
    there = LessonEntry.objects.select_for_update().filter(session=target).first()
    if entry and not (there and there.content):
        made = there or LessonEntry(session=target, version=0)
        made.content, made.author_id = entry.content, by
        if not made.private_note and not entry.hides_note_from(by):
            made.private_note, made.noted_by_id = entry.private_note, entry.noted_by_id
        made.publish_at = publication(target, "draft" if entry.publish_at is None else "end")
        made.version, made.saved_at = made.version + 1, timezone.now()
        made.save()
        _copy_documents(entry, entry=made)
    coming = following(target)
    already = set(target.homework.filter(withdrawn_at=None).values_list("content", flat=True))
    for homework in source.homework.filter(withdrawn_at=None).exclude(content__in=already):
        due_on, due = _due_on(target, homework, source, coming, why_off)
        work = Homework.objects.create(
            given_in=target, subject_id=homework.subject_id, label=homework.label, author_id=by,
            content=homework.content, due_on=due_on, due_session=due, minutes=homework.minutes,
            is_test=homework.is_test, takes_files=homework.takes_files,
            publish_at=publication(target, "draft" if homework.publish_at is None else "end"),
        )  # fmt: skip
        _address(work, target)
        _copy_documents(homework, homework=work)
    _keep(target)


def _due_on(target: Session, homework: Homework, source: Session, coming: list[Session],
            why_off: Callable[[date], str]) -> tuple[date, Session | None]:  # fmt: skip
    wanted = max(target.day + (homework.due_on - source.day), timezone.localdate())
    if due := next((one for one in coming if one.day >= wanted), None):
        return due.day, due
    while why_off(wanted) and wanted < target.day + timedelta(days=90):
        wanted += timedelta(days=1)
    return wanted, None


def _copy_documents(source: LessonEntry | Homework, **owner) -> None:
    for one in source.attachments.all():
        Attachment.objects.create(name=one.name, link=one.link, file=one.file, size=one.size, alt=one.alt, **owner)


def attach(file: UploadedFile, **owner) -> Attachment:
    """Keep a checked file."""
    made = Attachment(name=documents.shown_name(file), size=file.size or 0, **owner)
    documents.keep(made.file, made.pk, file)
    made.save()
    return made


@transaction.atomic
def join(session: Session, by: UUID, files: Iterable[UploadedFile], link: str = "") -> LessonEntry:
    """Documents and a link beside what was done; nothing need be written yet."""
    entry, _ = LessonEntry.objects.get_or_create(
        session=session, defaults={"author_id": by, "version": 0, "publish_at": publication(session, "end")}
    )
    for file in files:
        attach(file, entry=entry)
    if link:
        Attachment.objects.create(entry=entry, name=link[:160], link=link)
    _keep(session)
    return entry


def describe(attachment: Attachment, words: str) -> None:
    """What an image shows, for those who do not see it."""
    attachment.alt = words[:250]
    attachment.save(update_fields=["alt"])


def withdraw(homework: Homework) -> None:
    """Work given by mistake is not to be done; what was handed in stays."""
    homework.withdrawn_at = timezone.now()
    homework.save(update_fields=["withdrawn_at"])


def _keep(session: Session) -> None:
    if not session.is_kept:
        Session.objects.filter(pk=session.pk).update(is_kept=True)


def settle_habit(teacher: UUID, publish: str) -> None:
    """When what a teacher writes is shown, unless they say otherwise of one thing."""
    Habit.objects.update_or_create(person_id=teacher, defaults={"publish": publish})


# --- pupils ------------------------------------------------------------------------------------------------------
def tick(homework: Homework, pupil: UUID, *, done: bool) -> None:
    """The pupil says that it is done, or not; as often as they like, the last word counts."""
    if done:
        HomeworkTick.objects.get_or_create(homework=homework, pupil_id=pupil)
    else:
        HomeworkTick.objects.filter(homework=homework, pupil=pupil).delete()


def plan_own(pupil: UUID, text: str, due_on: date) -> OwnTask:
    """A to-do of one's own."""
    return OwnTask.objects.create(pupil_id=pupil, text=text, due_on=due_on)


def drop_own(task: OwnTask) -> None:
    """One's own to-do is no more."""
    task.delete()


def finish_own(task: OwnTask, *, done: bool) -> None:
    """One's own to-do is done, or not."""
    task.done_at = timezone.now() if done else None
    task.save(update_fields=["done_at"])


@transaction.atomic
def hand_in(homework: Homework, pupil: UUID, text: str, files: Iterable[UploadedFile]) -> Submission:
    """Hand in, or hand in again until it is returned; late after the day it was due."""
    made, _ = Submission.objects.select_for_update().get_or_create(homework=homework, pupil_id=pupil)
    if made.returned_at:
        raise GivenBack
    made.text, made.handed_in_at = text, timezone.now()
    made.is_late = timezone.localdate() > homework.due_on
    made.save()
    for file in files:
        attach(file, submission=made)
    tick(homework, pupil, done=True)
    return made


@transaction.atomic
def give_back(submission: Submission, by: UUID, comment: str, files: Iterable[UploadedFile]) -> Submission:
    """Return a copy with a comment and, where given, an annotated file; the pupil is told."""
    submission.comment, submission.returned_at, submission.returned_by_id = comment, timezone.now(), by
    submission.save()
    for file in files:
        attach(file, submission=submission, is_return=True)
    tell([submission.pupil_id], Kind.HOMEWORK, f"{submission.homework.title} : votre travail est rendu",
         path=f"/homework/{submission.homework_id}/")  # fmt: skip
    return submission


@transaction.atomic
def endorse(division: Division, first: date, last: date, comment: str, by: UUID, account: UUID) -> Endorsement:
    """The head has read the class's log of these days."""
    made = Endorsement.objects.create(division=division, starts_on=first, ends_on=last, comment=comment, by_id=by)
    record("lessons.endorse", account_id=account, object_id=made.pk)
    return made
