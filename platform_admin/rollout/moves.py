"""What may become of a school in the plan: for each move, why it cannot be, in French; empty where it can."""

from datetime import date

from ent.kernel.text import dated
from platform_admin.rollout.models import NEEDS, OBSERVED, Deployment, Job, Step, StepRecord, Wave
from tenants import states
from tenants.models import School


class Refused(Exception):
    """A move cannot be made; `reasons`, in French, say why."""

    def __init__(self, reasons: list[str]):
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def refuse_if(reasons: list[str]) -> None:
    """Raise what is against a move."""
    if reasons:
        raise Refused(reasons)


def spoken(day: date) -> str:
    """« 3 novembre 2026 »."""
    return dated(day, "j F Y")


def steps_named(steps) -> str:
    """« convention signée, réseau prêt »."""
    return ", ".join(str(Step(step).label)[0].lower() + str(Step(step).label)[1:] for step in steps)


def is_launching(school: School) -> bool:
    """Whether a background job is at work on it, or will be."""
    return Job.objects.filter(school=school, state__in=Job.UNFINISHED).exists()


def why_not_place(school: School, wave: Wave, current: Wave | None) -> list[str]:
    """Against putting a school that is in no wave into one."""
    if current and current.pk == wave.pk:
        return ["Il est déjà dans cette vague."]
    if current:
        return [f"Il est déjà dans la vague « {current.name} »."]
    if school.state in (School.State.CLOSED, School.State.ARCHIVED):
        return [f"Il est {str(school.get_state_display()).lower()}."]
    return []


def why_not_move(school: School, wave: Wave, current: Wave | None, launching: bool) -> list[str]:
    """Against moving a school to another wave."""
    if current is None:
        return ["Il n’est dans aucune vague : placez-le."]
    if current.pk == wave.pk:
        return ["Il est déjà dans cette vague."]
    if launching:
        return ["Son lancement est en cours : attendez qu’il soit terminé."]
    if school.state == School.State.OPEN:
        return ["Il est déjà ouvert : il ne change plus de vague."]
    if school.state == School.State.SUSPENDED:
        return ["Il est suspendu : rouvrez-le ou fermez-le, il ne change plus de vague."]
    if school.state in (School.State.CLOSED, School.State.ARCHIVED):
        return [f"Il est {str(school.get_state_display()).lower()} : il ne change plus de vague."]
    return []


def why_not_remove(deployment: Deployment, launching: bool) -> list[str]:
    """Against taking a school out of the plan."""
    if launching:
        return ["Son lancement est en cours : attendez qu’il soit terminé."]
    if deployment.records.exists():
        return ["Des étapes ont été notées : déplacez-le dans une autre vague ou reportez-le, son historique reste."]
    return []


def why_not_postpone(deployment: Deployment, day: date, today: date) -> list[str]:
    """Against giving a school a later day than its wave's."""
    if deployment.school.state not in (School.State.REGISTERED, School.State.PROVISIONED):
        return [f"Il est {str(deployment.school.get_state_display()).lower()} : son ouverture ne se reporte plus."]
    if day < today:
        return [f"Le {spoken(day)} est passé : choisissez un jour à venir."]
    if deployment.wave.opens_on and day <= deployment.wave.opens_on:
        return [f"Sa vague ouvre le {spoken(deployment.wave.opens_on)} : un report est une date plus lointaine."]
    return []


def missing_steps(done, step: str) -> list[str]:
    """The steps that one needs and that are not done."""
    return [need for need in NEEDS[step] if need not in done]


def why_not_note(step: str, done, day: date, today: date) -> list[str]:
    """Against noting by hand that a step is done."""
    if step in OBSERVED:
        return ["La plateforme note elle-même cette étape."]
    if step in done:
        return ["Cette étape est déjà notée."]
    if day > today:
        return [f"Le {spoken(day)} n’est pas encore venu : une étape se note une fois faite."]
    missing = missing_steps(done, step)
    return [f"Il manque d’abord : {steps_named(missing)}."] if missing else []


def why_not_withdraw(record: StepRecord) -> list[str]:
    """Against withdrawing a step."""
    if record.withdrawn_at:
        return ["Cette étape est déjà annulée."]
    if record.step in OBSERVED:
        return ["La plateforme constate cette étape : elle ne s’annule pas à la main."]
    return []


def why_not_open(school: School, deployment: Deployment | None, done) -> list[str]:
    """Against opening a school for the first time, or again."""
    reasons = states.why_not(school, School.State.OPEN)
    if reasons or school.state != School.State.PROVISIONED:
        return reasons
    if deployment is None:
        return ["Placez-le d’abord dans une vague."]
    missing = missing_steps(done, Step.OPENING)
    return [f"Il manque : {steps_named(missing)}."] if missing else []


def why_not_delete(wave: Wave) -> list[str]:
    """Against deleting a wave."""
    if wave.deployments.exists():
        return ["Elle contient des établissements : déplacez-les d’abord."]
    if wave.launches.exists():
        return ["Elle a été lancée : son historique reste."]
    return []
