"""Host → school, without a query once warm."""

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django_tenants.utils import schema_context

from tenants.models import Domain, School

KEPT_SECONDS = 3600
UNKNOWN = "unknown"


def base_host() -> str:
    """The platform's own host."""
    return settings.BASE_DOMAIN


def host_of(school: School) -> str:
    """The school's host name."""
    return f"{school.subdomain}.{settings.BASE_DOMAIN}"


def url_of(school: School | None, path: str = "/") -> str:
    """An absolute address on the school's host (on the platform's, without school)."""
    host = host_of(school) if school else base_host()
    port = f":{settings.PUBLIC_PORT}" if settings.PUBLIC_PORT else ""
    return f"{settings.SCHEME}://{host}{port}{path}"


def school_at(host: str) -> School | None:
    """The school that answers to a host name; None where there is none. Asked of the cache first."""
    with schema_context("public"):
        known = cache.get(_key(host))
        if known is None:
            domain = Domain.objects.select_related("tenant").filter(domain=host).first()
            # A school without a space yet has no domain: its page says that it opens soon.
            name = host.removesuffix(f".{settings.BASE_DOMAIN}")
            known = domain.tenant if domain else School.objects.filter(subdomain=name).first() or UNKNOWN
            cache.set(_key(host), known, KEPT_SECONDS)
    return None if known == UNKNOWN else known


def forget(school: School) -> None:
    """Drop what is remembered of a school's hosts: called whenever it or its domains change."""
    previous = connection.tenant
    connection.set_schema_to_public()
    try:
        hosts = [*Domain.objects.filter(tenant=school).values_list("domain", flat=True), host_of(school)]
        cache.delete_many([_key(host) for host in hosts])
    finally:
        connection.set_tenant(previous)


def forget_all() -> None:
    """Drop what is remembered of every school's hosts, after all schemas changed."""
    previous = connection.tenant
    connection.set_schema_to_public()
    try:
        cache.delete_many([_key(host) for host in Domain.objects.values_list("domain", flat=True)])
    finally:
        connection.set_tenant(previous)


def _key(host: str) -> str:
    return f"school-at:{host.lower()}"
