"""Identifiers that never match by accident between schools."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): unique everywhere, ordered by time, so that indexes grow at one end."""
    return uuid7()


def is_uuid(text: str) -> bool:
    """Whether a text typed or sent is an identifier."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
