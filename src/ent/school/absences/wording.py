"""Dates, hours and absences as people say them."""

from datetime import date, datetime

from django.utils import timezone

from ent.kernel.text import dated, hour
from ent.school.absences.half_days import MORNING, day_of


def day_words(day: date, today: date | None = None) -> str:
    """« aujourd’hui », « hier », « demain », « lundi 23 novembre »."""
    away = (day - (today or timezone.localdate())).days
    near = {0: "aujourd’hui", -1: "hier", 1: "demain"}
    return near.get(away) or dated(day, "l j F")


def half_day_words(half_day: str) -> str:
    """« lundi 23 novembre, matin »."""
    return f"{dated(day_of(half_day), 'l j F')}, {'matin' if half_day.endswith(MORNING) else 'après-midi'}"


def span_words(starts: datetime, ends: datetime) -> str:
    """« aujourd’hui, de 8 h à 10 h », « du lundi 23 novembre, 8 h au mardi 24 novembre, 18 h »."""
    first, last = timezone.localtime(starts), timezone.localtime(ends)
    if first.date() == last.date():
        if first.hour == 0 and last.hour == 23:
            return f"{day_words(first.date())}, toute la journée"
        return f"{day_words(first.date())}, de {hour(first)} à {hour(last)}"
    return f"du {dated(first, 'l j F')} au {dated(last, 'l j F')}"


def span_in_full(starts: datetime, ends: datetime) -> str:
    """« 23 novembre 2026, de 8 h à 10 h »: for what is read later, on paper."""
    first, last = timezone.localtime(starts), timezone.localtime(ends)
    if first.date() == last.date():
        return f"{dated(first, 'j F Y')}, de {hour(first)} à {hour(last)}"
    return f"du {dated(first, 'j F')} au {dated(last, 'j F Y')}"
