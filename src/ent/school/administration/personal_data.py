"""Does a text seem to name someone? A gentle warning, never a refusal: the academy needs no name to help."""

import re

from django.contrib.postgres.fields import ArrayField
from django.db.models import Func, TextField, Value

from ent.kernel.text import folded
from ent.school.people.models import Person

EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w{2,}")
# A French number, or an international one, with or without spaces, dots or dashes.
PHONE = re.compile(r"(?<!\d)(?:\+\d{2,3}|0)[\s.-]?[1-9](?:[\s.-]?\d{2}){4}(?!\d)")
TITLE = re.compile(r"\b(?:M\.|Mr|Mme|Mlle|Madame|Monsieur)\s+[A-ZÀ-Ý]")
WORDS = 500


def personal_data_in(text: str) -> list[str]:
    """What a text seems to hold: « une adresse électronique », « un numéro de téléphone », « le nom de… »."""
    found = []
    if EMAIL.search(text):
        found.append("une adresse électronique")
    if PHONE.search(text):
        found.append("un numéro de téléphone")
    if TITLE.search(text) or _names_someone(text):
        found.append("le nom d’une personne")
    return found


def _names_someone(text: str) -> bool:
    """Whether the first and the last name of someone of the school stand in the text. One query."""
    words = re.findall(r"[a-z0-9]+", folded(text))[:WORDS]
    named = Func(
        "sort_key", Value("[^a-z0-9]+"), function="regexp_split_to_array", output_field=ArrayField(TextField())
    )
    people = Person.objects.filter(closed_at=None).exclude(first_name="")
    return people.annotate(named=named).filter(named__contained_by=words).exists()
