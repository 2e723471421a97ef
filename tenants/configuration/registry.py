"""The settings there are: what each is for, its default, at which levels it may be set and by whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models

from ent.kernel.navigation import modules
from tenants.configuration.kinds import (
    Choice,
    Colour,
    Email,
    Hour,
    Integer,
    Kind,
    LongText,
    Openings,
    Phone,
    Picture,
    Text,
    TimeRange,
)  # fmt: skip
from tenants.configuration.models import Level


class Hand(models.TextChoices):
    """Who changes a value."""

    ACADEMY = "academy", "l'académie"
    AUTHORITY = "authority", "la collectivité"
    SCHOOL = "school", "l'établissement"


ACADEMY_ALONE = frozenset({Hand.ACADEMY})
# Each level by its own people, and by those above, who help.
ANYWHERE: Mapping[Level, frozenset[Hand]] = {
    Level.ACADEMY: ACADEMY_ALONE,
    Level.AUTHORITY: frozenset({Hand.ACADEMY, Hand.AUTHORITY}),
    Level.SCHOOL: frozenset({Hand.ACADEMY, Hand.AUTHORITY, Hand.SCHOOL}),
}
# The colours of the style sheet (ui/styles/tokens.css): checked for contrast, in light and in dark.
ACCENTS = (
    ("lake", "Lac (bleu)"),
    ("meadow", "Prairie (vert)"),
    ("lava", "Lave (rouge brun)"),
    ("broom", "Genêt (brun doré)"),
    ("plum", "Prune (violet)"),
)
# Code de l'éducation, art. L521-1: the calendar is national, by zone; the académie de Clermont-Ferrand is in zone A.
HOLIDAY_ZONES = (("A", "Zone A"), ("B", "Zone B"), ("C", "Zone C"))


@dataclass(frozen=True)
class Setting:
    """One thing that can be set."""

    key: str
    label: str
    help: str
    group: str
    kind: Kind
    default: Any
    by: Mapping[Level, frozenset[Hand]]
    # What is shown where there is no value.
    if_none: str = ""

    def clean(self, raw: Any) -> Any:
        """The value, valid; `ValidationError` in French otherwise."""
        return self.kind.clean(raw)

    def shown(self, value: Any) -> str:
        """The value in words."""
        return self.if_none if self.if_none and not value else self.kind.shown(value)

    def may_be_set(self, level: Level, hand: Hand) -> bool:
        """Whether these people may set it at this level."""
        return hand in self.by.get(level, frozenset())

    def who_sets(self, level: Level) -> str:
        """« L'académie, la collectivité »: who may set it at a level, or where it is set instead."""
        names = [str(hand.label) for hand in Hand if hand in self.by.get(level, frozenset())]
        if names:
            return (", ".join(names)).capitalize()
        levels = [str(above.label).lower() for above in Level if above in self.by]
        return f"Se décide plus haut : {', '.join(levels)}"


def closable_modules() -> list[tuple[str, str]]:
    """The modules of a school that it may do without."""
    return [(module.key, module.label) for module in modules() if not module.is_essential]


IDENTITY, HELP, USE, KEPT = "Identité", "Aide", "Usage", "Conservation des données"
SETTINGS: dict[str, Setting] = {
    setting.key: setting
    for setting in (
        Setting(
            "school_name", "Nom affiché", "Le nom en haut des pages de l'établissement et à l'identification.",
            IDENTITY, Text(may_be_empty=False), "", {Level.SCHOOL: ANYWHERE[Level.SCHOOL]},
            if_none="le nom de l'annuaire",
        ),
        Setting(
            "service_name", "Nom du service", "Le nom de l'espace numérique, au pied des pages.",
            IDENTITY, Text(longest=40, may_be_empty=False), "ENT Auvergne",
            {level: ANYWHERE[level] for level in (Level.ACADEMY, Level.AUTHORITY)},
        ),
        Setting(
            "logo", "Logo", "En haut des pages et à l'identification. Une image PNG, JPEG ou WebP de 2 Mo au plus ; "
            "elle est réduite à 48 points de haut.",
            IDENTITY, Picture(), None, ANYWHERE, if_none="pas de logo",
        ),
        Setting(
            "accent", "Couleur", "La couleur des boutons et des traits. Chacune a été vérifiée : elle se lit de jour "
            "comme de nuit.",
            IDENTITY, Colour(choices=ACCENTS), "lake", ANYWHERE,
        ),
        Setting(
            "sign_in_message", "Message à l'identification",
            "Quelques lignes au-dessus du formulaire. Tout le monde peut les lire : n'y écrivez rien de personnel.",
            HELP, LongText(), "", ANYWHERE, if_none="pas de message",
        ),
        Setting(
            "support_email", "Adresse électronique de l'assistance",
            "Au pied des pages. Vide, aucune adresse n'est montrée.", HELP, Email(), "", ANYWHERE,
        ),
        Setting(
            "support_phone", "Téléphone de l'assistance",
            "Au pied des pages. Vide, aucun numéro n'est montré.", HELP, Phone(), "", ANYWHERE,
        ),
        Setting(
            "closed_modules", "Modules ouverts",
            "Les pages d'un module fermé disparaissent de la navigation et ne s'ouvrent plus. Ses données restent.",
            USE, Openings(choices=closable_modules), [], ANYWHERE,
        ),
        Setting(
            "quiet_hours", "Heures calmes",
            "Pendant ces heures, les messages aux familles attendent, sauf ceux marqués urgents.",
            USE, TimeRange(), {"from": "20:00", "to": "07:00"}, ANYWHERE,
        ),
        Setting(
            "midday", "Milieu de la journée", "L'heure qui sépare les deux demi-journées. Les absences se comptent "
            "par demi-journée (code de l'éducation, article R131-5).",
            USE, Hour(), "13:00", ANYWHERE,
        ),
        Setting(
            "workload_minutes", "Travail du soir conseillé", "Au-delà de ce temps de travail pour un même jour, "
            "l'enseignant est averti avant d'en donner davantage. Rien n'est bloqué.",
            USE, Integer(10, 300, "minutes"), 60, ANYWHERE,
        ),
        Setting(
            "tests_a_day", "Contrôles par jour", "Au-delà de ce nombre de contrôles le même jour pour une classe, "
            "l'enseignant est averti avant d'en annoncer un autre. Rien n'est bloqué.",
            USE, Integer(1, 8, "contrôles"), 2, ANYWHERE,
        ),
        Setting(
            "holiday_zone", "Zone de vacances", "L'académie de Clermont-Ferrand est en zone A.",
            USE, Choice(choices=HOLIDAY_ZONES), "A", {Level.ACADEMY: ACADEMY_ALONE},
        ),
        Setting(
            "storage_quota", "Espace de stockage", "Ce que les fichiers d'un établissement peuvent occuper. L'académie "
            "seule le fixe, pour tous, pour une collectivité ou pour un établissement.",
            USE, Integer(1, 2000, "Go"), 50, dict.fromkeys(Level, ACADEMY_ALONE),
        ),
        Setting(
            "trail_months", "Journal des actions", "Six mois à un an : recommandation de la CNIL sur la "
            "journalisation (délibération n° 2021-122 du 14 octobre 2021). Au-delà, les lignes sont effacées.",
            KEPT, Integer(6, 12, "mois"), 12, {Level.ACADEMY: ACADEMY_ALONE},
        ),
        Setting(
            "closed_accounts_months", "Comptes fermés", "Trois mois au plus après qu'une personne n'a plus vocation à "
            "avoir un compte : arrêté du 30 novembre 2006 relatif aux ENT, article 6.",
            KEPT, Integer(1, 3, "mois"), 3, {Level.ACADEMY: ACADEMY_ALONE},
        ),
        Setting(
            "exports_days", "Exports d'annuaire reçus", "Le temps de revoir un import contesté. Ces fichiers "
            "contiennent ce que l'annuaire sait de chacun : le moins longtemps est le mieux (RGPD, article 5, 1, e).",
            KEPT, Integer(7, 30, "jours"), 30, {Level.ACADEMY: ACADEMY_ALONE},
        ),
    )
}  # fmt: skip
