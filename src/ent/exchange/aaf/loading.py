"""Filling empty tables quickly."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection

# What would be kept up to date row by row, and is made at once far sooner: indexes that forbid nothing, and the
# foreign keys between a school's tables (those to shared tables stay, not to lock these).
SECONDARY = """
SELECT 'DROP INDEX ' || i.indexrelid::regclass, pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY(%(tables)s) AND NOT i.indisunique
UNION ALL
SELECT format('ALTER TABLE %%I DROP CONSTRAINT %%I', c.relname, k.conname),
       format('ALTER TABLE %%I ADD CONSTRAINT %%I %%s', c.relname, k.conname, pg_get_constraintdef(k.oid))
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class f ON f.oid = k.confrelid
WHERE k.contype = 'f' AND c.relnamespace = current_schema()::regnamespace AND f.relnamespace = c.relnamespace
AND c.relname = ANY(%(tables)s)
"""


@contextmanager
def without_secondary(tables: Sequence[str]) -> Iterator[None]:
    """Inside a transaction and the block, these tables of the school in force have no secondary index or key."""
    with connection.cursor() as cursor:
        cursor.execute(SECONDARY, {"tables": list(tables)})
        secondary = cursor.fetchall()
        cursor.execute("; ".join(drop for drop, _ in secondary))
    yield  # after an exception the transaction puts them back
    with connection.cursor() as cursor:
        cursor.execute("; ".join(create for _, create in secondary))
