"""A school asks, the academy answers: what each side does to a request, told at once to both."""

from django.db import transaction
from django.utils import timezone

from ent.kernel.live import announce
from tenants.context import inside, platform
from tenants.liaison.models import SupportMessage, SupportRequest
from tenants.liaison.notices import forget_notices
from tenants.models import School

State, Event = SupportRequest.State, SupportMessage.Event


@transaction.atomic
def ask(school: School, *, subject: str, title: str, text: str, author: str) -> SupportRequest:
    """A school opens a request."""
    request = SupportRequest.objects.create(school=school, subject=subject, title=title)
    _say(request, State.OPEN, from_school=True, author=author, text=text)
    return request


@transaction.atomic
def write(request: SupportRequest, *, from_school: bool, author: str, text: str) -> None:
    """One more turn: whoever wrote waits for the other. It opens a closed request again."""
    request = _locked(request)
    event = Event.REOPENED if request.state == State.CLOSED else ""
    state = State.OPEN if from_school else State.ANSWERED
    _say(request, state, from_school=from_school, author=author, text=text, event=event)


@transaction.atomic
def close(request: SupportRequest, *, from_school: bool, author: str) -> None:
    """It is settled; closed twice it is closed once."""
    request = _locked(request)
    if request.state != State.CLOSED:
        _say(request, State.CLOSED, from_school=from_school, author=author, event=Event.CLOSED)


@transaction.atomic
def reopen(request: SupportRequest, *, from_school: bool, author: str) -> None:
    """It was not settled: the academy is to look again."""
    request = _locked(request)
    if request.state == State.CLOSED:
        _say(request, State.OPEN, from_school=from_school, author=author, event=Event.REOPENED)


def _locked(request: SupportRequest) -> SupportRequest:
    return SupportRequest.objects.select_for_update(of=("self",)).select_related("school").get(pk=request.pk)


def _say(
    request: SupportRequest, state: str, *, from_school: bool, author: str, text: str = "", event: str = ""
) -> None:
    SupportMessage.objects.create(request=request, from_school=from_school, author=author, text=text, event=event)
    request.state, request.updated_at = state, timezone.now()
    request.save(update_fields=["state", "updated_at"])
    forget_notices(request.school_id)
    with inside(request.school):
        announce(request.topic)
    with platform():
        announce(request.topic)
        announce("support")
