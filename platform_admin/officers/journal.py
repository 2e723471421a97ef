"""The platform's trail in plain sentences.

Whatever records an action in the platform layer says how the journal tells it:

    tell("waves.postpone", "Établissement reporté", "a reporté {school} au {date}")

The words in braces are the event's details; `{school}` is the name of the school whose `uai` stands there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from string import Formatter
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from ent.accounts.models import Account
from ent.kernel.access import RIGHTS
from ent.kernel.audit.models import AuditEvent
from platform_admin.officers.models import Officer
from tenants.models import School


@dataclass(frozen=True)
class Telling:
    """How an action is named in the filter, and told in the journal."""

    label: str
    sentence: str


TELLINGS: dict[str, Telling] = {}
NOBODY = "La plateforme"
BATCH = 1000


def tell(action: str, label: str, sentence: str) -> None:
    """Declare how the journal tells an action."""
    TELLINGS[action] = Telling(label, sentence)


@dataclass(frozen=True)
class Line:
    """One event as it is read."""

    at: datetime
    who: str
    what: str
    label: str


def events(action: str = "", since: date | None = None, until: date | None = None) -> QuerySet[AuditEvent]:
    """The platform's events, the latest first; both days are included."""
    found = AuditEvent.objects.all()
    if action:
        found = found.filter(action=action)
    if since:
        found = found.filter(at__gte=_midnight(since))
    if until:
        found = found.filter(at__lt=_midnight(date.fromordinal(until.toordinal() + 1)))
    return found


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def lines(found: Iterable[AuditEvent]) -> list[Line]:
    """Events told, in three queries however many they are."""
    events = list(found)
    accounts = {event.account_id for event in events if event.account_id}
    who = dict(Account.objects.filter(pk__in=accounts).values_list("pk", "sign_in_name"))
    who |= dict(Officer.objects.filter(account__in=accounts).values_list("account_id", "name"))
    uais = {str(event.details.get("uai")) for event in events if event.details.get("uai")}
    schools = dict(School.objects.filter(uai__in=uais).values_list("uai", "name"))
    return [
        Line(
            event.at,
            who.get(event.account_id, "Un compte effacé") if event.account_id else NOBODY,
            _told(event.action, event.details, schools),
            label(event.action),
        )
        for event in events
    ]


def label(action: str) -> str:
    """What an action is called: as declared, else as the right of that name."""
    if action in TELLINGS:
        return TELLINGS[action].label
    return RIGHTS[action].label if action in RIGHTS else action


class _Words(Formatter):
    """Fills a sentence; what an event does not say leaves a blank, and a mistaken sentence is no error."""

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        return kwargs.get(key, "…") if isinstance(key, str) else "…"


def _told(action: str, details: dict[str, Any], schools: dict[str, str]) -> str:
    uai = str(details.get("uai", ""))
    words = {key: _word(value) for key, value in details.items()}
    words["school"] = f"{schools.get(uai, 'un établissement')} ({uai})" if uai else "…"
    telling = TELLINGS.get(action)
    if telling:
        return _Words().vformat(telling.sentence, (), words).replace(" ()", "")
    named = [words["school"]] if uai else []
    named += [f"{key} : {word}" for key, word in words.items() if key not in ("uai", "school") and word]
    return f"{label(action)} ({', '.join(named)})" if named else label(action)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, list):
        return ", ".join(_word(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(filter(None, (_word(one) for one in value.values())))
    return "" if value is None else str(value)


def every_line(found: QuerySet[AuditEvent]) -> Iterator[Line]:
    """The whole journal, read a batch at a time."""
    rows = found.iterator(chunk_size=BATCH)
    while events := list(islice(rows, BATCH)):
        yield from lines(events)


for _action, _label, _sentence in (
    ("console.refused", "Page d’un autre ressort", "a demandé une page qui n’est pas de son ressort : {path}"),
    ("officers.add", "Agent ajouté", "a ajouté {name}, {function} ({authority})"),
    ("officers.change", "Agent modifié", "a modifié {name}, {function} ({authority}) ; avant : {before}"),
    ("officers.grant", "Droit accordé ou retiré", "a mis {name} à « {level} » pour {of} ; avant : « {before} »"),
    ("officers.close", "Accès fermé", "a fermé l’accès de {name}, {function} ({authority})"),
    ("officers.reopen", "Accès rouvert", "a rouvert l’accès de {name}, {function} ({authority})"),
    ("officers.print_letter", "Lettre imprimée", "a imprimé la lettre d’activation de {name}"),
    ("officers.reset_second_factor", "Appareil réinitialisé", "a réinitialisé la seconde étape de {name}"),
    ("officers.enrol", "Appareil enregistré", "a enregistré son appareil pour la seconde étape"),
    ("officers.replace_device", "Appareil remplacé", "a retiré son appareil pour en enregistrer un autre"),
    ("officers.use_recovery_code", "Code de secours utilisé", "s’est identifié avec un code de secours"),
    ("officers.new_recovery_codes", "Codes de secours refaits", "a refait ses codes de secours"),
    ("officers.wrong_code", "Code refusé", "a saisi un code qui n’est pas le bon"),
    ("officers.trust_browser", "Appareil de confiance", "fait confiance à {browser} pendant 30 jours"),
    ("officers.forget_browsers", "Confiance retirée", "ne fait plus confiance à un ou plusieurs appareils"),
):
    tell(_action, _label, _sentence)
