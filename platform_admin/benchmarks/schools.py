"""What the benches share: the schools they measure on, a stop-watch, the database's plain address."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import connection
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice
from psycopg.conninfo import make_conninfo

from ent.accounts.models import Account
from tenants.models import UAI_LETTERS, School, SchoolKind
from tenants.provisioning import provision

ACADEMY = 271
Figure = float | int | str
Figures = dict[str, Figure | Mapping[str, Figure]]


@contextmanager
def timed(into: list[float]) -> Iterator[None]:
    """Append the block's seconds."""
    started = time.perf_counter()
    yield
    into.append(time.perf_counter() - started)


def registered(count: int, first: int = 1) -> list[School]:
    """`count` schools of the bench, numbered from `first`, registered if new."""
    schools = []
    for number in range(first, first + count):
        digits = f"0638{number:03}"
        uai = digits + UAI_LETTERS[int(digits) % 23]
        school, _ = School.objects.get_or_create(
            uai=uai,
            defaults={"name": f"Collège d'essai {number}", "kind": SchoolKind.COLLEGE, "subdomain": f"essai-{number}"},
        )
        schools.append(school)
    return schools


def provisioned(count: int, first: int = 1) -> list[School]:
    """`count` schools with their schema, open."""
    schools = registered(count, first)
    for school in schools:
        provision(school, opened=True)
        school.refresh_from_db()
    return schools


def plain_address() -> str:
    """The database in force, as psycopg alone is told of it."""
    database = connection.settings_dict
    named = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    return make_conninfo("", **{name: database[key] for name, key in named.items() if database[key]})


def pass_second_factor(client: Client, account: Account) -> None:
    """Let an officer's session on the platform's host through, as their authenticator would."""
    device, _ = TOTPDevice.objects.get_or_create(user=account, confirmed=True, defaults={"name": "mesure"})
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
