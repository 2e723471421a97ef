"""What a school is called here: its kind, whose it is, its subdomain."""

import re
from collections.abc import Container

from ent.kernel.text import folded
from tenants.models import SchoolKind

# Never a school's: the platform's own hosts.
RESERVED = frozenset(("www", "ent", "api", "live", "mail", "admin", "console", "static", "portail", "aide", "statut"))
SMALL_WORDS = frozenset(
    ("de", "du", "des", "la", "le", "les", "et", "en", "sur", "sous", "a", "au", "aux", "d", "l", "lès")
)
# Written small wherever they stand, and never part of a name.
KIND_WORDS = frozenset(
    ("lycee", "college", "general", "technologique", "polyvalent", "professionnel", "agricole", "prive", "regional",
     "adapte", "etablissement", "enseignement", "hotelier")
)  # fmt: skip
ACCENTS = {
    "lycee": "lycée", "college": "collège", "general": "général", "metiers": "métiers", "prive": "privé",
    "regional": "régional", "etablissement": "établissement", "adapte": "adapté", "agricole": "agricole",
    "ecole": "école", "saint": "saint", "sainte": "sainte", "andre": "André", "rene": "René", "jose": "José",
    "pole": "pôle", "hotelier": "hôtelier", "genevieve": "Geneviève", "helene": "Hélène", "desire": "Désiré",
}  # fmt: skip
# « … LYCEE DES METIERS DE L'HOTELLERIE » after a name is a label, not the name.
LABEL = re.compile(r"\s*[-,(]?\s*\b(lycee des metiers|label lycee|campus des metiers)\b.*$")
# « Collège Les Closeaux », but « Collège de la Pierre bleue »: an article that begins a name is part of it.
ARTICLES = frozenset(("le", "la", "les", "l"))
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
    own = re.sub(r"^(de la|de l|du|des|de|d) ", "", _NOISE.sub("", plain).strip()) or plain or "ecole"
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


def presentable_school(text: str) -> str:
    """« LYCEE POLYVALENT PAUL CONSTANS LYCEE DES METIERS … » → « Lycée polyvalent Paul Constans »."""
    text = " ".join(text.split())
    cut = LABEL.search(folded(text))
    if cut and cut.start() > 6 and len(folded(text)) == len(text):
        text = text[: cut.start()]
    if text != text.upper():
        return text
    words = []
    for index, word in enumerate(re.split(r"([ '’-])", text.lower())):
        plain, before = ACCENTS.get(word, word), folded(words[-2]) if len(words) > 1 else ""
        small = word in KIND_WORDS or (word in SMALL_WORDS and not (word in ARTICLES and before in KIND_WORDS))
        words.append(plain if small and index else plain[:1].upper() + plain[1:])
    return "".join(words)


def presentable_town(text: str) -> str:
    """« LE PUY EN VELAY » → « Le Puy-en-Velay »; what is already written with care stays."""
    text = " ".join(text.split())
    if text != text.upper():
        return text
    text = re.sub(r"\bSTE\b", "SAINTE", re.sub(r"\bST\b", "SAINT", text))
    words = re.split(r"[ -]", text.lower())
    shown = [word if word in SMALL_WORDS and index else word.capitalize() for index, word in enumerate(words)]
    article = len(shown) > 1 and shown[0] in ("Le", "La", "Les", "L'")
    return f"{shown[0]} {'-'.join(shown[1:])}" if article else "-".join(shown)


_DIRECTORY_KINDS = {
    "CLG": "Collège", "LYC": "Lycée", "LG": "Lycée", "LGT": "Lycée", "LPO": "Lycée polyvalent",
    "LP": "Lycée professionnel", "LT": "Lycée technologique", "EREA": "EREA",
}  # fmt: skip


def directory_school(raw: str, town: str) -> str:
    """A school's name out of the directory (ENTStructureNomCourant): « CLG$LES CLOSEAUX$RUNGIS », or plain."""
    raw = " ".join(raw.split())
    if "$" not in raw:
        return raw if re.search(r"[._0-9]", raw) else presentable_school(raw or town.upper())
    kind, name, place = [part.strip() for part in [*raw.split("$"), "", ""][:3]]
    named = presentable_school(f"COLLEGE {(name or place or town).upper()}").partition(" ")[2]
    return f"{_DIRECTORY_KINDS.get(kind.upper(), presentable_school(kind.upper()))} {named}".strip()
