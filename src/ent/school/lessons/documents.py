"""The class's log of a year as a PDF, drawn by Typst; what was written travels as data, never as markup."""

from itertools import groupby
from pathlib import Path

from django.utils import timezone

from ent.kernel.letters import drawn_pdf
from ent.kernel.text import dated
from ent.school.lessons.models import Endorsement, Homework, LessonEntry
from ent.school.lessons.queries import Logged
from ent.school.lessons.text import plain
from ent.school.structure.models import Division

TEMPLATE = Path(__file__).with_name("log.typ")


def log_pdf(division: Division, entries: list[Logged], school: str, endorsements: list[Endorsement]) -> bytes:
    """The log in order of time, day by day, and who has read it."""
    ordered = sorted(entries, key=lambda one: one.session.starts_at)
    days = [
        {"label": dated(day, "l j F Y"), "entries": [_entry(one) for one in those]}
        for day, those in groupby(ordered, key=lambda one: one.session.day)
    ]
    data = {"title": f"Cahier de textes · {division} · {division.year}", "school": school, "days": days,
            "date": dated(timezone.localdate(), "j F Y"),
            "endorsements": [_read(one) for one in reversed(endorsements)]}  # fmt: skip
    return drawn_pdf(TEMPLATE, data)


def _read(one: Endorsement) -> str:
    span = f"du {dated(one.starts_on, 'j F')} au {dated(one.ends_on, 'j F Y')}"
    said = f"Visé par {one.who} le {dated(timezone.localdate(one.at), 'j F Y')}, {span}"
    return f"{said} : {one.comment}" if one.comment else said


def _files(owner: LessonEntry | Homework | None) -> str:
    names = [one.name for one in owner.files] if owner else []
    return f"Documents : {', '.join(names)}" if names else ""


def _work(work: Homework) -> str:
    said = f"À faire pour le {dated(work.due_on, 'j F')} : {plain(work.content)}"
    return " ".join(part for part in (said, _files(work)) if part)


def _entry(one: Logged) -> dict[str, object]:
    begins, ends = timezone.localtime(one.session.starts_at), timezone.localtime(one.session.ends_at)
    author = one.entry.author if one.entry else None
    return {
        "title": one.session.title,
        "hours": f"{begins:%-H h %M} – {ends:%-H h %M}",
        "text": plain(one.entry.content) if one.entry else "",
        "files": _files(one.entry),
        "works": [_work(work) for work in one.works],
        "author": author.formal_name if author else "",
    }
