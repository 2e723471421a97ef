"""Everything that remembers is keyed by school."""

from django.db import connection


def school_key(key: str, key_prefix: str, version: int) -> str:
    """Django's cache key, below the schema in force: one school never reads another's cache or sessions."""
    return f"{connection.schema_name}:{key_prefix}:{version}:{key}"
