"""What a register's page sends, pupil by pupil."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from ent.kernel.ids import is_uuid
from ent.school.attendance.actions import INFIRMARY, SENT_OUT, Mark
from ent.school.attendance.models import AttendanceState

State = AttendanceState
# What « + » offers: (value of the field, label, state, note).
MORE = (
    ("left_early", "Parti avant la fin", State.LEFT_EARLY, ""),
    ("infirmary", "Envoyé à l'infirmerie", State.ELSEWHERE, INFIRMARY),
    ("sent_out", "Exclu du cours, envoyé à la vie scolaire", State.ELSEWHERE, SENT_OUT),
    ("elsewhere", "Ailleurs dans l'établissement", State.ELSEWHERE, ""),
    ("exempt", "Dispensé", State.EXEMPT, ""),
)
LONGEST_MINUTES = 600


def choice_of(state: str, note: str) -> str:
    """The one choice that says a state and its note: what says both, else what says the state alone."""
    same = [(said, name) for name, _, its, said in MORE if its == state and said in (note, "")]
    return max(same)[1] if same else state


def marks_of(data, pupils: Iterable[UUID]) -> dict[UUID, Mark]:
    """{pupil: mark} of the fields `state-<id>`, `minutes-<id>`, `note-<id>`; who is not named is present."""
    more = {name: (state, note) for name, _, state, note in MORE}
    found = {}
    for pupil in pupils:
        said = data.get(f"state-{pupil}", State.PRESENT)
        state, note = more.get(said, (said, ""))
        if state not in State.values:
            state = State.PRESENT
        note = note or (data.get(f"note-{pupil}", "")[:200] if state == State.ELSEWHERE else "")
        minutes = _minutes(data.get(f"minutes-{pupil}", "")) if state in (State.LATE, State.LEFT_EARLY) else 0
        found[pupil] = Mark(str(state), minutes, note)
    return found


def _minutes(text: str) -> int:
    return min(int(text), LONGEST_MINUTES) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def client_id(data) -> UUID:
    """The sending's own identifier; a browser without script sends none, and gets one."""
    text = data.get("client_id", "")
    return UUID(text) if is_uuid(text) else uuid4()


def based_on(data) -> int:
    """The version the page showed."""
    text = data.get("based_on", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


def taken_at(data) -> datetime:
    """When the roll was taken on the device (ISO 8601); now, where it does not say."""
    try:
        moment = parse_datetime(data.get("taken_at", ""))
    except ValueError:
        moment = None
    return moment if moment and timezone.is_aware(moment) else timezone.now()
