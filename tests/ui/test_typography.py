"""French typography in templates, which ask for nothing."""

from datetime import date

import pytest
from django.template import Context, Template


def shown(source: str, **context) -> str:
    return Template(source).render(Context(context))


def test_dates_and_names_read_as_french():
    assert shown('{{ day|date:"j F Y" }}', day=date(2027, 3, 1)) == "1er mars 2027"
    assert shown('{{ day|date:"j F" }}', day=None) == ""
    assert shown('{{ day|date:"Y-m-d" }}', day=date(2027, 3, 1)) == "2027-03-01"
    assert shown("{{ name|of|safe }}", name="Élie") == "d'Élie"
    assert shown('{% now "Y" as year %}{{ year }}').startswith("20")


@pytest.mark.parametrize(
    ("count", "ending"), [(0, ""), (1, ""), (1.5, ""), (2, "s"), ([1, 2], "s"), ([], ""), ("3", "s")]
)
def test_the_plural_begins_at_two(count, ending):
    assert shown("place{{ n|pluralize }}", n=count) == f"place{ending}"
    assert shown('trava{{ n|pluralize:"il,ux" }}', n=count) == ("travaux" if ending else "travail")
