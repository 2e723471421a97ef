"""Two announcements, one of a maintenance next Sunday, and requests for help in every state."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from platform_admin.exchanges.actions import reached
from tenants.liaison.models import Announcement, SupportMessage, SupportRequest
from tenants.liaison.notices import forget_notices
from tenants.models import School

State, Subject = SupportRequest.State, SupportRequest.Subject
SUNDAY = 6
SCHOOL, ACADEMY = "Administrateur de l'ENT", "Académie de Clermont-Ferrand"
# (subject, title, days since, state, turns: who speaks and what they say)
REQUESTS = [
    (Subject.SIGN_IN, "Lettres d’activation des 6e à réimprimer", 1, State.OPEN,
     ["Les lettres de deux classes ont été perdues avant d’être distribuées. Faut-il de nouveaux codes ?"]),
    (Subject.NETWORK, "Pages lentes entre 8 h et 9 h", 3, State.OPEN,
     ["Tout est lent quand les classes s’identifient ensemble. La mesure du réseau est dans l’onglet « Réseau »."]),
    (Subject.DIRECTORY, "Une classe manque après l’import", 6, State.ANSWERED,
     ["La 3e C n’apparaît pas depuis l’import de lundi.",
      "Elle n’était pas dans l’export de lundi. L’annuaire est corrigé : elle viendra avec l’import de cette nuit."]),
    (Subject.TRAINING, "Places à la formation des administrateurs", 9, State.ANSWERED,
     ["Pouvons-nous venir à deux à la prochaine session ?", "Oui, il reste des places : inscrivez-vous toutes deux."]),
    (Subject.PAGES, "Le trombinoscope s’imprime sur deux colonnes", 20, State.CLOSED,
     ["À l’impression, les photos se chevauchent.", "C’est corrigé depuis ce matin.", "Tout va bien, merci."]),
    (Subject.OTHER, "Changer la couleur de nos pages", 30, State.CLOSED,
     ["Où choisit-on la couleur de l’établissement ?", "Dans les réglages de l’établissement."]),
]  # fmt: skip


def build() -> None:
    """Announce and ask; a second time changes nothing."""
    if Announcement.objects.exists() or SupportRequest.objects.exists():
        return
    _announce()
    schools = list(School.objects.filter(state=School.State.OPEN).order_by("uai"))
    for number, request in enumerate(REQUESTS if schools else []):
        _ask(schools[number % len(schools)], *request)
    forget_notices(*[school.pk for school in schools])


def _announce() -> None:
    today, now = timezone.localdate(), timezone.now()
    sunday = today + timedelta(days=(SUNDAY - today.weekday()) % 7 or 7)
    starts, ends = (timezone.make_aware(datetime.combine(sunday, time(hour))) for hour in (6, 8))
    made = [
        Announcement(
            kind=Announcement.Kind.MAINTENANCE, title="Mise à jour du service", starts_at=starts, ends_at=ends,
            body="Le service sera fermé pendant la mise à jour. Rien de ce qui est enregistré n’est perdu.",
            shown_from=starts - timedelta(days=7), shown_until=ends, author="Agent de l'académie",
        ),
        Announcement(
            title="Des pages plus légères là où le réseau est lent", shown_from=now - timedelta(days=2),
            shown_until=now + timedelta(days=20), author="Agent de l'académie",
            body="Le mode « réseau lent » s’active au bas de chaque page : listes courtes, sans photos. Il se quitte "
            "au même endroit.",
        ),
    ]  # fmt: skip
    for announcement in made:
        announcement.save()
        announcement.schools.set(reached(None, {}))


def _ask(school: School, subject: str, title: str, days: int, state: str, turns: list[str]) -> None:
    opened = timezone.localtime().replace(hour=9, minute=20) - timedelta(days=days)
    asked = SupportRequest.objects.create(
        school=school, subject=subject, title=title, state=state, created_at=opened,
        updated_at=opened + timedelta(hours=3 * (len(turns) - 1)),
    )  # fmt: skip
    for number, text in enumerate(turns):
        from_school = number % 2 == 0
        SupportMessage.objects.create(
            request=asked, from_school=from_school, author=SCHOOL if from_school else ACADEMY, text=text,
            at=opened + timedelta(hours=3 * number),
        )  # fmt: skip
    if state == State.CLOSED:
        SupportMessage.objects.create(
            request=asked, from_school=True, author=SCHOOL, event=SupportMessage.Event.CLOSED,
            at=asked.updated_at + timedelta(minutes=10),
        )  # fmt: skip
