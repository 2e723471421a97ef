"""Everything that remembers is keyed by school."""

from collections.abc import Iterable

from django.core.cache import cache
from django.db import connection


def school_key(key: str, key_prefix: str, version: int) -> str:
    """Django's cache key, below the schema in force: one school never reads another's cache or sessions."""
    return f"{connection.schema_name}:{key_prefix}:{version}:{key}"


def forget_in(schemas: Iterable[str], key: str) -> None:
    """Drop a key in many schools at once: one exchange, and no school is entered for it."""
    made = [f"{schema}:{cache.key_prefix}:{cache.version}:{key}" for schema in schemas]
    if made:
        # The public interface makes keys for the schema in force alone.
        cache._cache.delete_many(made)
