"""Sign-in names: « prenom.nom », numbered for those who share it."""

import re
from functools import lru_cache


def sign_in_base(first: str, last: str) -> str:
    """`prenom.nom` of folded names; never ends in a digit, which numbers those who share it."""
    parts = _part(first), _part(last)
    return ".".join(part for part in parts if part).rstrip("0123456789.-") or "compte"


@lru_cache(20_000)
def _part(name: str) -> str:
    return re.sub(r"[^a-z0-9-]+", "", re.sub(r"[\s'’]+", "-", name)).strip("-")[:35].strip("-")
