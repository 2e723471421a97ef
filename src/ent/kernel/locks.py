"""Locks of the database, held on a connection of their own: whoever is killed lets go."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


def _key(name: str) -> int:
    """PostgreSQL's number for a lock of the layer in force: keyed by school, like everything that remembers."""
    digest = hashlib.blake2b(f"{connection.schema_name}:{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


@contextmanager
def held(name: str, *, wait: bool = False) -> Iterator[bool]:
    """Hold a lock for the block; tells whether it is ours. With `wait`, it always is, in the end."""
    key = _key(name)
    guard = connection.copy()
    try:
        with guard.cursor() as cursor:
            cursor.execute(f"SELECT pg_{'advisory' if wait else 'try_advisory'}_lock(%s)", [key])
            ours = wait or cursor.fetchone()[0]
        try:
            yield ours
        finally:
            # Said, not left to the end of the connection: the server takes a moment to see that.
            if ours:
                with guard.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
    finally:
        guard.close()


def is_held(name: str) -> bool:
    """Whether someone holds a lock at this moment. Asking takes nothing: who comes for it meanwhile finds it free."""
    with connection.cursor() as cursor:
        # PostgreSQL shows the key in two halves, as unsigned numbers.
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
            "AND (classid::bigint << 32) | objid::bigint = %s)",
            [_key(name)],
        )
        return cursor.fetchone()[0]
