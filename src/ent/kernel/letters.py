"""Letters on paper, drawn by Typst; what is written travels as data, never as markup."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typst
from django.utils import timezone

from ent.kernel.text import dated

TEMPLATE = Path(__file__).with_name("letter.typ")


def letters_pdf(school: Any, pages: Sequence[Mapping[str, object]]) -> bytes:
    """A PDF of letters with the school's name, town and today's date, one `{to, title, words, lines}` a page:

    lines of the envelope, the object, paragraphs, and a list.
    """
    town = " ".join(filter(None, (school.postal_code, school.town)))
    data = {"school": school.name, "town": town, "date": dated(timezone.localdate(), "j F Y"), "pages": list(pages)}
    return typst.compile(
        TEMPLATE, root=TEMPLATE.parent, format="pdf", ignore_system_fonts=True, sys_inputs={"data": json.dumps(data)}
    )
