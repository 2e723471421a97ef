"""Activation letters: one page per person, drawn by Typst. What people are called travels as data, never as markup."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import segno
from django.urls import reverse
from django.utils import timezone

from ent.kernel.letters import drawn_pdf
from ent.kernel.text import dated
from tenants.hosts import url_of
from tenants.models import School

TEMPLATE = Path(__file__).with_name("letters") / "letter.typ"


@dataclass(frozen=True)
class Letter:
    """What one page says."""

    name: str
    sign_in_name: str
    code: str
    # « 6e A », or what the person does.
    place: str = ""
    # The children a relative's letter names.
    children: list[str] = field(default_factory=list)
    address: list[str] = field(default_factory=list)
    greeting: str = "Madame, Monsieur,"
    is_reset: bool = False


@dataclass(frozen=True)
class Sender:
    """Who opens the access: a school, or the academy for those who work in its console."""

    name: str
    town: str
    opening: str
    ask: str
    note: str = ""


ACADEMY = Sender(
    name="ENT Auvergne",
    town="Académie de Clermont-Ferrand",
    opening="L'académie vous ouvre un accès à la console de l'ENT Auvergne, où se suit son déploiement.",
    ask="à la personne qui gère les agents de votre collectivité, ou à l'académie",
    note=(
        "À votre première connexion, il vous faudra une application d'authentification sur votre téléphone ou votre "
        "ordinateur (FreeOTP, Aegis, Microsoft Authenticator…) : elle donne le code de la seconde étape."
    ),
)


def _school(school: School) -> Sender:
    return Sender(
        name=school.name,
        town=" ".join(filter(None, (school.postal_code, school.town))),
        opening="L'établissement vous ouvre un accès à son espace numérique de travail (ENT).",
        ask="à l'établissement",
    )


def draw(school: School | None, letters: Iterable[Letter]) -> bytes:
    """The PDF of some letters, in the order given; from the academy where there is no school."""
    page = url_of(school, reverse("accounts:activate"))
    today = timezone.localdate()
    data = {
        "sender": asdict(_school(school) if school else ACADEMY),
        "site": url_of(school).rstrip("/"),
        "page": page,
        "date": dated(today, "j F Y"),
        "letters": [asdict(letter) | {"qr": _qr(f"{page}?{urlencode({'code': letter.code})}")} for letter in letters],
    }
    return drawn_pdf(TEMPLATE, data)


def _qr(text: str) -> str:
    drawn = BytesIO()
    segno.make(text, error="m").save(drawn, kind="svg", xmldecl=False, border=2)
    return drawn.getvalue().decode()
