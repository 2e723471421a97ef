"""Secrets given out once: what is handed over, and the digest that is kept."""

import hashlib
import secrets

# Crockford's base 32: no I, L, O, U. Twelve letters hold 60 bits.
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
_TYPED = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_code() -> str:
    """An activation code, grouped for reading: « 7K2M-9QXA-41TD »."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    return "-".join(letters[start : start + 4] for start in range(0, LENGTH, 4))


def code_digest(typed: str) -> str:
    """The digest of a code however it was typed: lower case, spaces, O for zero; empty where it is no code."""
    letters = "".join(letter for letter in typed.upper().translate(_TYPED) if letter.isascii() and letter.isalnum())
    return digest(letters) if len(letters) == LENGTH else ""


def digest(secret: str) -> str:
    """What is stored of a secret that chance alone made long enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
