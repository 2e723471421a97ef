"""What a school is called here: its kind, whose it is, its subdomain."""

import re
from collections.abc import Container

from ent.kernel.text import folded
from tenants.models import SchoolKind

# Never a school's: the platform's own hosts.
RESERVED = frozenset(("www", "ent", "api", "live", "mail", "admin", "console", "static", "portail", "aide", "statut"))
_KINDS = (
    (("apprenti", "cfa "), SchoolKind.CFA),
    (("erea", "regional d'enseignement adapte", "regional d enseignement adapte"), SchoolKind.EREA),
    (("agricole", "agricult"), SchoolKind.LYCEE_AGRI),
    (("lycee polyvalent", "lpo"), SchoolKind.LYCEE_POLY),
    (("lycee professionnel", "lp "), SchoolKind.LYCEE_PRO),
    (("lycee", "lgt", "lyc "), SchoolKind.LYCEE_GT),
    (("college", "clg "), SchoolKind.COLLEGE),
)
_NOISE = re.compile(
    r"^(college|lycee( (general et technologique|general|technologique|professionnel|polyvalent|agricole"
    r"|d enseignement general( et technologique)?|des metiers))?|cfa|erea|prive|public)\b"
)


def school_kind(*texts: str) -> str:
    """The kind that the first telling text says (`LYCEE PROFESSIONNEL`, `CLG$…`)."""
    for text in texts:
        plain = folded(text).replace("$", " ") + " "
        for words, kind in _KINDS:
            if any(plain.startswith(word) or f" {word}" in plain for word in words):
                return kind
    return SchoolKind.OTHER


def departement_of(uai: str, postal_code: str = "") -> str:
    """« 63 », « 2A », « 974 »: of the UAI's first digits, else of the postal code."""
    if re.fullmatch(r"0(\d\d)\d{4}[A-Z]", uai):
        return {"620": "2A", "720": "2B"}.get(uai[:3], uai[1:3])
    if re.fullmatch(r"97\d{5}[A-Z]", uai):
        return uai[:3]
    return postal_code[:2]


def subdomain(name: str, town: str, taken: Container[str]) -> str:
    """Short, readable, free: the name without its kind, then with its town, then numbered."""
    plain = re.sub(r"[^a-z0-9]+", " ", folded(name)).strip()
    own = _NOISE.sub("", plain).strip() or plain or "ecole"
    place = re.sub(r"[^a-z0-9]+", " ", folded(town)).strip().removesuffix(" cedex")
    candidates = [_slug(own, 30)]
    if place and place not in own:
        candidates.append(_slug(f"{own} {place}", 40))
    for candidate in candidates:
        if len(candidate) > 2 and candidate not in RESERVED and candidate not in taken:
            return candidate
    longest = candidates[-1][:36].strip("-")
    number = 2
    while f"{longest}-{number}" in taken:
        number += 1
    return f"{longest}-{number}"


def _slug(text: str, length: int) -> str:
    """Whole words, at most `length` characters."""
    slug = ""
    for word in text.split():
        longer = f"{slug}-{word}" if slug else word
        if len(longer) > length:
            break
        slug = longer
    return slug or text[:length].replace(" ", "-").strip("-")
