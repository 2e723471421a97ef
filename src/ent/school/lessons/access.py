"""Rights over the log and homework: a teacher writes in the sessions they lead; families read what is published."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.utils import timezone

from ent.kernel.access import FAMILY, HEADS, NEAR, Acting, Role, Scope, Tie, chapter, relation, right
from ent.school.lessons.models import (
    Attachment,
    Homework,
    HomeworkAudience,
    LessonEntry,
    OwnTask,
    Placing,
    PlanStep,
    Submission,
    TeachingPlan,
)
from ent.school.structure import access as structure
from ent.school.structure.access import pupils_of, taught_pupils
from ent.school.structure.models import Division, Enrolment, FormTutor, GroupEnrolment, Teaching
from ent.school.timetable import access as timetable
from ent.school.timetable.access import leads

READERS = (Role.CPE, *HEADS)


@dataclass(frozen=True)
class ClassLog:
    """The log of a class: read by those who were in it or taught it too, once the year is over."""

    division: Division

    @property
    def pk(self):
        return self.division.pk


@dataclass(frozen=True)
class PlanToRead:
    """A teaching plan as its readers see it: one's own, or shared."""

    plan: TeachingPlan

    @property
    def pk(self):
        return self.plan.pk


chapter("lessons", "Cahier de textes et travail à faire")
right("lessons.write", "Écrire le cahier de textes d'une séance", {Role.TEACHER: Scope.LED, Role.FORM_TUTOR: Scope.LED})
right(
    "lessons.view_log",
    "Lire le cahier de textes d'une classe",
    dict.fromkeys(READERS, Scope.SCHOOL) | NEAR | FAMILY,
)
right("lessons.endorse", "Viser le cahier de textes", dict.fromkeys(HEADS, Scope.SCHOOL))
right("lessons.view_own", "Voir le travail à faire, le sien ou celui de son enfant", FAMILY)
right(
    "lessons.view_homework",
    "Ouvrir un travail à faire",
    dict.fromkeys(READERS, Scope.SCHOOL) | {Role.TEACHER: Scope.TAUGHT} | FAMILY,
)
right("lessons.do", "Cocher un travail fait, et le rendre", {Role.PUPIL: Scope.OWN})
right("lessons.correct", "Lire et rendre les copies", {Role.TEACHER: Scope.AUTHORED})
right(
    "lessons.open_file",
    "Ouvrir un document du cahier de textes",
    dict.fromkeys(READERS, Scope.SCHOOL) | {Role.TEACHER: Scope.TAUGHT} | FAMILY,
)
right("lessons.open_copy", "Ouvrir un fichier rendu par un élève", {Role.TEACHER: Scope.AUTHORED} | FAMILY)

right("lessons.plan", "Préparer ses progressions", {Role.TEACHER: Scope.SCHOOL})
right(
    "lessons.read_plan", "Lire une progression, la sienne ou partagée par un collègue", {Role.TEACHER: Scope.AUTHORED}
)
right(
    "lessons.edit_plan",
    "Modifier une progression, la sienne ou celle qu'un collègue ouvre aux autres",
    {Role.TEACHER: Scope.AUTHORED},
)
right("lessons.own_plan", "Partager ou supprimer sa progression", {Role.TEACHER: Scope.AUTHORED})
right("lessons.take_back_plan", "Annuler le placement d'une progression", {Role.TEACHER: Scope.AUTHORED})
right("lessons.change_file", "Décrire ou retirer un document de ses séances", {Role.TEACHER: Scope.AUTHORED})
right("lessons.open_reading", "Ouvrir un cahier de textes à un inspecteur", dict.fromkeys(HEADS, Scope.SCHOOL))


@dataclass(frozen=True)
class OwnPlan:
    """A teaching plan as its owner has it."""

    plan: TeachingPlan

    @property
    def pk(self):
        return self.plan.pk


@relation(PlanToRead, Scope.AUTHORED)
def may_read(acting: Acting, seen: PlanToRead) -> bool:
    """One's own, or shared with colleagues."""
    return seen.plan.owner_id == acting.person_id or seen.plan.sharing != TeachingPlan.Sharing.PRIVATE


@relation(TeachingPlan, Scope.AUTHORED)
def may_edit(acting: Acting, plan: TeachingPlan) -> bool:
    """One's own, or opened to colleagues."""
    return plan.owner_id == acting.person_id or plan.sharing == TeachingPlan.Sharing.EDIT


@relation(PlanStep, Scope.AUTHORED)
def may_edit_step(acting: Acting, step: PlanStep) -> bool:
    """Of a plan one may edit."""
    return may_edit(acting, step.plan)


@relation(Placing, Scope.AUTHORED)
def laid_it(acting: Acting, placing: Placing) -> bool:
    """One laid it."""
    return placing.by_id is not None and placing.by_id == acting.person_id


@relation(OwnPlan, Scope.AUTHORED)
def owns(acting: Acting, seen: OwnPlan) -> bool:
    """One's own."""
    return seen.plan.owner_id == acting.person_id


@relation(ClassLog, Scope.OWN)
def was_in_class(acting: Acting, log: ClassLog) -> bool:
    """Of a class that the pupil, or a child, is or was in."""
    return Enrolment.objects.filter(division=log.division, pupil__in=pupils_of(acting)).exists()


@relation(ClassLog, Scope.TAUGHT)
def taught_class(acting: Acting, log: ClassLog) -> bool:
    """Of a class one teaches or taught, or of one's pupils."""
    ever = Teaching.objects.filter(division=OuterRef("pk"), teacher=acting.person_id)
    some = Enrolment.objects.filter(division=OuterRef("pk"), closed_at=None, pupil__closed_at=None,
                                    pupil__in=taught_pupils(acting))  # fmt: skip
    return Division.objects.filter(Exists(ever) | Exists(some), pk=log.pk).exists()


@relation(ClassLog, Scope.CLASS)
def is_log_of_tutored(acting: Acting, log: ClassLog) -> bool:
    """Of the class one is form tutor of, or was."""
    return FormTutor.objects.filter(division=log.division, teacher=acting.person_id).exists() or (
        structure.is_tutored(acting, log.division)
    )


def homework_of(pupils):
    """The audiences of homework that some of these pupils belong to."""
    in_division = Enrolment.objects.filter(division=OuterRef("division"), pupil__in=pupils, closed_at=None)
    in_group = GroupEnrolment.objects.filter(group=OuterRef("group"), pupil__in=pupils, closed_at=None)
    return HomeworkAudience.objects.filter(Exists(in_division) | Exists(in_group))


def is_shown(homework: Homework) -> bool:
    """Published, and not withdrawn: what pupils and families see."""
    return homework.withdrawn_at is None and homework.publish_at is not None and homework.publish_at <= timezone.now()


@relation(Homework, Scope.OWN)
def is_own(acting: Acting, homework: Homework) -> bool:
    """Of the pupil, or of a child, once published."""
    return is_shown(homework) and homework_of(pupils_of(acting)).filter(homework=homework).exists()


@relation(Homework, Scope.TAUGHT)
def is_of_taught(acting: Acting, homework: Homework) -> bool:
    """One's own, or given to pupils one teaches; a colleague's draft is theirs alone."""
    return bool(is_authored(acting, homework)) or (
        _is_open(homework) and homework_of(taught_pupils(acting)).filter(homework=homework).exists()
    )


@relation(Homework, Scope.AUTHORED)
def is_authored(acting: Acting, homework: Homework) -> Tie:
    """One gave it, or leads the session it was given in."""
    return homework.author_id == acting.person_id or leads(acting).filter(session=homework.given_in_id).exists()


@relation(Submission, Scope.AUTHORED)
def is_to_correct(acting: Acting, submission: Submission) -> Tie:
    """Handed in for homework of one's own."""
    return is_authored(acting, submission.homework)


@relation(OwnTask, Scope.OWN)
def is_ones_task(acting: Acting, task: OwnTask) -> bool:
    """One's own."""
    return task.pupil_id == acting.person_id


@relation(Attachment, Scope.OWN)
def is_ones_file(acting: Acting, attachment: Attachment) -> bool:
    """Of published homework or content of one's class; of what one (or one's child) handed in or got back."""
    if attachment.submission:
        mine = pupils_of(acting)
        return Submission.objects.filter(pk=attachment.submission_id, pupil__in=mine).exists()
    if attachment.homework:
        return is_own(acting, attachment.homework)
    if attachment.step:
        return False
    entry = attachment.entry
    return _is_open(entry) and timetable.is_own(acting, entry.session)


@relation(Attachment, Scope.TAUGHT)
def is_file_of_taught(acting: Acting, attachment: Attachment) -> bool:
    """Of lessons and homework of one's pupils; what was handed in, for one's own homework alone."""
    if attachment.submission:
        return bool(is_to_correct(acting, attachment.submission))
    if attachment.homework:
        return is_of_taught(acting, attachment.homework)
    if attachment.step:
        return may_read(acting, PlanToRead(attachment.step.plan))
    entry = attachment.entry
    if leads(acting).filter(session=entry.session).exists():
        return True
    return _is_open(entry) and timetable.is_of_taught(acting, entry.session)


@relation(Attachment, Scope.AUTHORED)
def is_file_to_correct(acting: Acting, attachment: Attachment) -> bool:
    """Handed in for homework of one's own, or joined to one's own session, homework or plan."""
    if attachment.submission:
        return bool(is_to_correct(acting, attachment.submission))
    if attachment.homework:
        return bool(is_authored(acting, attachment.homework))
    if attachment.step:
        return may_edit(acting, attachment.step.plan)
    return leads(acting).filter(session=attachment.entry.session).exists()


def _is_open(shown: LessonEntry | Homework) -> bool:
    return shown.publish_at is not None and shown.publish_at <= timezone.now()
