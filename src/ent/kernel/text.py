"""Accents folded: the one form used for search, sorting and sign-in names."""

import unicodedata

LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "’": "'"})


def folded(text: str) -> str:
    """Lower case without accents ("Éloïse" → "eloise"); what has no Latin base letter stays as it is."""
    decomposed = unicodedata.normalize("NFKD", text).lower().translate(LIGATURES)
    decomposed = unicodedata.normalize("NFKD", decomposed)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
