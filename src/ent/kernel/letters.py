"""Papers drawn by Typst, letters first; what is written travels as data, never as markup."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typst
from django.utils import timezone

from ent.kernel.text import dated

TEMPLATE = Path(__file__).with_name("letter.typ")


def drawn_pdf(template: Path, data: Mapping[str, object]) -> bytes:
    """The PDF that a template of Typst makes of some data."""
    return typst.compile(
        template, root=template.parent, format="pdf", ignore_system_fonts=True, sys_inputs={"data": json.dumps(data)}
    )


def letters_pdf(school: Any, pages: Sequence[Mapping[str, object]]) -> bytes:
    """A PDF of letters with the school's name, town and today's date, one `{to, title, words, lines}` a page:

    lines of the envelope, the object, paragraphs, and a list.
    """
    town = " ".join(filter(None, (school.postal_code, school.town)))
    data = {"school": school.name, "town": town, "date": dated(timezone.localdate(), "j F Y"), "pages": list(pages)}
    return drawn_pdf(TEMPLATE, data)
