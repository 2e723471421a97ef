"""Entering a school: its schema and its role, for the time of a block."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django_tenants.utils import schema_context

from tenants.models import School


@contextmanager
def inside(school: School) -> Iterator[School]:
    """Work in a school's schema with that school's rights only."""
    with _context(school, owner=False):
        yield school


@contextmanager
def inside_as_owner(school: School) -> Iterator[School]:
    """Work in a school's schema with the owner's rights: provisioning, migrations, imports."""
    with _context(school, owner=True):
        yield school


@contextmanager
def platform() -> Iterator[None]:
    """Work in the platform layer with the owner's rights, from wherever one is."""
    was_owner = connection.is_owner
    connection.is_owner = True
    try:
        with schema_context("public"):
            yield
    finally:
        connection.is_owner = was_owner
        connection.search_path_set_schemas = None


@contextmanager
def _context(school: School, owner: bool) -> Iterator[None]:
    previous, was_owner = connection.tenant, connection.is_owner
    connection.is_owner = owner
    connection.set_tenant(school)
    try:
        yield
    finally:
        connection.is_owner = was_owner
        connection.set_tenant(previous)
