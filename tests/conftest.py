"""One database per worker, with two schools cloned from the template once; every test rolls back."""

import os
import tempfile
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from tenants.configuration.queries import ACADEMY, forget
from tenants.context import inside, inside_as_owner, platform
from tenants.models import School
from tests import factories


def pytest_configure(config) -> None:
    """Workers share Valkey: each has its own prefix (of this run), database name and files."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    settings.CACHES["default"]["KEY_PREFIX"] = f"{worker}-{os.getpid()}"
    settings.DATABASES["default"]["TEST"]["NAME"] = f"test_ent_{worker}"
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STATIC_ROOT = tempfile.mkdtemp(prefix="ent-test-static-")
    settings.MEDIA_ROOT = tempfile.mkdtemp(prefix="ent-test-files-")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker) -> Iterator[None]:
    """Build the worker's database: platform, template, two schools."""
    from django.core.management import call_command

    with django_db_blocker.unblock():
        ordinary = connection.settings_dict["NAME"]
        name = connection.creation._create_test_db(verbosity=0, autoclobber=True)
        connection.close()
        connection.settings_dict["NAME"] = name
        call_command("migrate_schools", verbosity=0)
        with platform():
            factories.build_schools()
        yield
        connection.close()
        connection.settings_dict["NAME"] = ordinary
        connection.creation._destroy_test_db(name, verbosity=0)


@pytest.fixture(autouse=True)
def settings_forgotten() -> Iterator[None]:
    """What a test set is rolled back: nothing of it stays in the cache."""
    yield
    forget(ACADEMY)


@pytest.fixture
def platform_db(db) -> Iterator[None]:
    """The platform layer, with the owner's rights."""
    with platform():
        yield


@pytest.fixture
def school(db) -> Iterator[School]:
    """The run's first school; the test's own queries are made in it."""
    school = School.objects.get(uai=factories.uai(1))
    with inside_as_owner(school):
        yield school


@pytest.fixture
def other_school(db) -> School:
    """The run's second school."""
    with platform():
        return School.objects.get(uai=factories.uai(2))


@pytest.fixture
def platform_client(db) -> Client:
    """A visitor of the platform's host."""
    return SchoolClient(settings.BASE_DOMAIN)


@pytest.fixture
def visitor(school) -> Client:
    """A visitor of the school's host."""
    return SchoolClient(f"{school.subdomain}.{settings.BASE_DOMAIN}")


@pytest.fixture
def sign_in(school) -> Callable[..., Client]:
    """A signed-in browser: `sign_in(person)`, at another school with `at=`."""

    def client_of(person, at: School | None = None) -> Client:
        at = at or school
        client = SchoolClient(f"{at.subdomain}.{settings.BASE_DOMAIN}")
        with inside(at):
            client.force_login(factories.account_of(person))
        return client

    return client_of


@pytest.fixture
def officer_client(platform_db) -> Client:
    """The academy's administrator, signed in on the platform's host."""
    client = SchoolClient(settings.BASE_DOMAIN)
    client.force_login(factories.officer().account)
    return client


class SchoolClient(Client):
    """Django's client bound to one host; leaves the test where it was in the database."""

    def __init__(self, host: str):
        super().__init__(headers={"host": host}, SERVER_NAME=host)
        self.is_platform = host == settings.BASE_DOMAIN

    def force_login(self, user, backend=None, *, second_factor: bool = True):
        """Sign in; on the platform's host past the second factor too, where the account has one."""
        super().force_login(user, backend)
        device = TOTPDevice.objects.filter(user=user, confirmed=True).first() if self.is_platform else None
        if device and second_factor:
            session = self.session
            session[DEVICE_ID_SESSION_KEY] = device.persistent_id
            session.save()

    def request(self, **request):
        tenant, was_owner = connection.tenant, connection.is_owner
        try:
            response = super().request(**request)
            if response.streaming:  # read to its end, so that its file is closed, as a server does
                response.streaming_content = [b"".join(response.streaming_content)]
            return response
        finally:
            connection.is_owner = was_owner
            connection.set_tenant(tenant)
