"""The content tells the format, whatever the file is called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ent.exchange.timetable.reading import kind_of
from ent.exchange.timetable.schedule import Unreadable
from tests.exchange.timetable import test_ics, test_sts, test_table, test_udt
from tests.exchange.timetable.samples import course, edt, real

KINDS = {
    "edt": edt(course()),
    "sts": test_sts.SMALL.encode("iso-8859-15"),
    "udt": test_udt.zipped(test_udt.MEMBERS),
    "ics": test_ics.calendar(test_ics.event()),
    "csv": f"{test_table.HEADER}\n{test_table.LINE}\n".encode(),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_format_is_known_by_its_content(kind):
    assert kind_of(KINDS[kind]) == kind


@pytest.mark.parametrize(
    ("path", "kind"),
    [("timetable/edt/export-college.xml", "edt"), ("sts/sts_emp_0639999Z_2021.xml", "sts")],
)
def test_the_real_files_are_known(path, kind):
    assert kind_of(real(path).read_bytes()) == kind


def test_a_mark_and_spaces_before_the_content():
    assert kind_of(b"\xef\xbb\xbf" + KINDS["edt"]) == "edt"
    assert kind_of(b"\r\n" + KINDS["ics"]) == "ics"
    assert kind_of("<ExportEmploiDuTemps/>".encode("utf-16")) == "edt"
    assert kind_of(test_table.GPU001.encode()) == "csv"
    assert kind_of(KINDS["csv"].decode().encode("utf-16")) == "csv"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "vide"),
        (b" \r\n", "vide"),
        (b"#!/bin/sh\necho pirate\n", "n'est pas un emploi du temps"),
        (b"import os, sys, re\nos.system('x')\nprint(1, 2, 3)\n", "n'est pas un emploi du temps"),
        (b"import os\nos.system('x')\n", "n'est pas un tableau"),
        (b"%PDF-1.7 a;b;c;d", "n'est pas un emploi du temps"),
        (b"\x7fELF\0\0", "n'est pas un emploi du temps"),
        (b"<html><script>alert(1)</script></html>", "pas un emploi du temps connu"),
        (b"<!DOCTYPE html><html>&nbsp;</html>", "pas un emploi du temps connu"),
        (b'<timetable ascttversion="2024"><periods/></timetable>', "aSc"),
        (b"<1", "illisible"),
        (b"PK\x03\x04", "abîmée"),
        (KINDS["udt"][:400], "abîmée"),
        (test_udt.zipped({"readme.txt": ""}), "pas d'emploi du temps"),
        (test_udt.zipped({"[Content_Types].xml": "", "xl/workbook.xml": ""}), "format CSV"),
        (test_udt.zipped({"mimetype": "", "content.xml": ""}), "format CSV"),
        (b"a;b;c;d\nx;y;z;t\n", "n'est pas un emploi du temps"),
    ],
)
def test_anything_else_is_refused_with_what_is_read(raw, said):
    with pytest.raises(Unreadable, match=said):
        kind_of(raw)


@given(st.binary(max_size=500), st.sampled_from([b"", b"PK\x03\x04", b"<", b"\xff\xfe<\0"]))
def test_random_bytes_are_refused(raw, start):
    with pytest.raises(Unreadable):
        kind_of(start + raw)
