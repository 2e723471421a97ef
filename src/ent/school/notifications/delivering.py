"""What leaves the ENT: e-mails and text messages that are due, each once, tried a few times."""

from datetime import timedelta
from smtplib import SMTPException

from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from ent.accounts.models import Account
from ent.school.notifications.models import Delivery
from ent.school.notifications.sms import sender
from tenants.hosts import url_of
from tenants.models import School

BATCH, MOST_TRIES = 100, 5
AGAIN_AFTER = timedelta(minutes=5)
State, Way = Delivery.State, Delivery.Way


def deliver_due(school: School) -> int:
    """Send what is due in the school in force; returns how many left. Two workers never take the same one."""
    sent = 0
    while batch := _deliver_batch(school):
        sent += batch
    return sent


@transaction.atomic
def _deliver_batch(school: School) -> int:
    due = list(
        Delivery.objects.filter(state=State.WAITING, deliver_after__lte=timezone.now())
        .select_related("notification__person")
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("deliver_after")[:BATCH]
    )
    accounts = [one.notification.person.account_id for one in due if one.notification.person.account_id]
    emails = dict(Account.objects.filter(pk__in=accounts).exclude(email="").values_list("pk", "email"))
    for one in due:
        _deliver(one, school, emails)
    Delivery.objects.bulk_update(due, ["state", "address", "tried_at", "tries", "problem", "deliver_after"])
    return len(due)


def _deliver(one: Delivery, school: School, emails: dict) -> None:
    told, person = one.notification, one.notification.person
    one.tried_at, one.tries = timezone.now(), one.tries + 1
    if person.closed_at:
        one.state, one.problem = State.FAILED, "Cette personne a quitté l'établissement."
        return
    if one.way == Way.EMAIL:
        one.address = emails.get(person.account_id) or person.directory_email
    else:
        one.address = person.mobile_phone
    out = sender() if one.way == Way.SMS else None
    if not one.address or (one.way == Way.SMS and out is None):
        one.state = State.NO_ADDRESS
        one.problem = "Aucune adresse." if not one.address else "L'envoi de SMS n'est pas réglé."
        return
    link = url_of(school, told.path or "/notifications/")
    try:
        if out:
            out.send(one.address, f"{school.name} : {told.title}. {link}")
        else:
            send_mail(f"{told.title} – {school.name}", f"{told.title}.\n{told.text}\n\n{link}\n", None, [one.address])
    except (SMTPException, OSError) as error:
        one.problem = str(error)[:200]
        one.deliver_after = timezone.now() + AGAIN_AFTER * one.tries
        one.state = State.FAILED if one.tries >= MOST_TRIES else State.WAITING
        return
    one.state, one.problem = State.SENT, ""
