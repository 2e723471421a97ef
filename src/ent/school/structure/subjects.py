"""Subjects as people write them: the directory gives capitals without accents."""

import re

from ent.kernel.text import folded

# Words of the national nomenclature (BCN), by their form without accents.
_ACCENTED = {
    folded(word): word
    for word in (
        "français", "éducation", "géographie", "mathématiques", "lycée", "littérature", "étude", "études", "économie",
        "économique", "économiques", "européen", "européenne", "européennes", "régionale", "générale", "général",
        "générales",
        "spécialité", "mécanique", "électronique", "électrotechnique", "énergie", "énergies", "matériaux", "métiers",
        "découverte", "numérique", "numériques", "philosophie", "théâtre", "cinéma", "histoire", "santé", "hygiène",
        "prévention", "sécurité", "expérimentales", "ingénieur", "ingénierie", "systèmes", "activités", "méthodes",
        "accompagnement", "personnalisé", "pédagogique", "pédagogiques", "hébreu", "chinois", "créole", "antiquité",
        "appliquées", "appliqués", "société", "biotechnologies", "comptabilité", "mercatique", "gestion", "médico",
        "sociales", "esthétique", "développement", "durable", "procédés", "réalisation", "qualité", "modélisation",
        "enseignement", "individualisé", "individualisée", "renforcé", "aménagement", "atelier", "découvertes",
    )
}  # fmt: skip
# Written in capitals whatever stands around.
_ACRONYMS = frozenset(
    (
        "ap", "bts", "cap", "cdi", "dnl", "ebp", "eist", "emc", "epi", "eps", "hggsp", "hlp", "ii", "iii", "ipt", "lca",
        "llce", "lv1", "lv2", "lv3", "lva", "lvb", "lvc", "nsi", "pse", "segpa", "ses", "si", "snt", "st2s", "sti2d",
        "stmg", "svt", "tice", "tpe", "ulis", "upe2a",
    )
)  # fmt: skip


def presentable(label: str) -> str:
    """« HISTOIRE-GEOGRAPHIE » → « Histoire-géographie »; what is already written with care stays."""
    if label != label.upper():
        return label
    words = [_written(word) for word in re.split(r"([^A-Z0-9]+)", label)]
    text = "".join(words).replace(" & ", " et ")
    return text[:1].upper() + text[1:]


def _written(word: str) -> str:
    plain = folded(word)
    return word if plain in _ACRONYMS else _ACCENTED.get(plain, plain)
