"""Tables that leave for a spreadsheet."""

import csv
import io
import zipfile
from datetime import date
from xml.etree import ElementTree

import pytest
from django.test import RequestFactory

from ent.kernel import tables

HEADER = ["Nom", "Effectif", "Ouvert le"]


def exported(kind: str, rows: list) -> bytes:
    response = tables.answer(RequestFactory().get("/", {"export": kind}), "essai", HEADER, rows)
    content = b"".join(response.streaming_content)
    response.close()
    return content


@pytest.mark.parametrize("text", ["=1+1", "+33 4", "-2+3", "@SUM(A1)", "\tx", "\rx"])
def test_no_cell_is_taken_for_a_formula(text):
    assert tables.plain(text) == f"'{text}"
    [_, row] = csv.reader(
        io.StringIO(exported("csv", [[text, 1, None]]).decode("utf-8-sig"), newline=""), delimiter=";"
    )
    assert row[0] == f"'{text}"
    with zipfile.ZipFile(io.BytesIO(exported("xlsx", [[text, 1, None]]))) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_numbers_stay_numbers_and_dates_dates():
    [_, row] = csv.reader(
        io.StringIO(exported("csv", [["Collège", 12.5, date(2026, 9, 1)]]).decode("utf-8-sig")), delimiter=";"
    )
    assert row == ["Collège", "12,5", "2026-09-01"]
    with zipfile.ZipFile(io.BytesIO(exported("xlsx", [["Collège", 12.5, date(2026, 9, 1)]]))) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314
    space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    cells = sheet.findall(".//m:row[2]/m:c", space)
    assert [cell.find("m:v", space).text for cell in cells[1:]] == ["12.5", "46266"]


def test_a_table_is_asked_for_by_format_and_name():
    ask = RequestFactory().get
    assert tables.asked(ask("/", {"export": "csv"})) == "csv"
    assert tables.asked(ask("/", {"export": "csv", "table": "waves"})) == ""
    assert tables.asked(ask("/", {"export": "csv", "table": "waves"}), "waves") == "csv"
    assert tables.asked(ask("/", {"export": "exe"})) == ""
    assert tables.asked(ask("/")) == ""


def test_a_hundred_thousand_rows_go_through_a_file():
    rows = ([f"Collège {number}", number, None] for number in range(100_000))
    response = tables.answer(RequestFactory().get("/", {"export": "csv"}), "essai", HEADER, rows)
    assert sum(chunk.count(b"\n") for chunk in response.streaming_content) == 100_001
    response.close()
