"""Tables for spreadsheets: CSV and XLSX, from the same rows as the page, in constant memory.

    if tables.asked(request):
        return tables.answer(request, "etablissements", ["Nom", "UAI"], rows)

and `{% export_links %}` in the template. A page with several tables names them: `asked(request, "accounts")`,
`{% export_links "accounts" %}`.
"""

import csv
import io
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import IO, Any, cast

import xlsxwriter
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils import timezone

FORMATS = {"csv": "CSV", "xlsx": "XLSX"}
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# Below, a file stays in memory.
IN_MEMORY_BYTES = 1_000_000
Row = Sequence[Any]


def asked(request: HttpRequest, table: str = "") -> str:
    """The format in which this table of the page is asked for, or nothing."""
    kind = request.GET.get("export", "")
    return kind if kind in FORMATS and request.GET.get("table", "") == table else ""


def answer(request: HttpRequest, name: str, header: Sequence[str], rows: Iterable[Row]) -> HttpResponse:
    """The table as the file asked for, named for what it holds and the day."""
    kind = request.GET.get("export", "")
    kind = kind if kind in FORMATS else "csv"
    write = _write_xlsx if kind == "xlsx" else _write_csv
    # Written before it is sent: rows are read while the request is still in its school.
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115
    write(file, header, rows)
    file.seek(0)
    filename = f"{name}-{timezone.localdate():%Y-%m-%d}.{kind}"
    sent = FileResponse(file, as_attachment=True, filename=filename, content_type=CONTENT_TYPES[kind])
    # A streamed answer is one like any other to the view.
    return cast(HttpResponse, sent)


def plain(value: Any) -> Any:
    """A cell no spreadsheet takes for a formula (OWASP, CSV injection). Numbers and dates stay what they are."""
    text = str(value) if not isinstance(value, (int, float, date, str)) and value is not None else value
    return f"'{text}" if isinstance(text, str) and text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _write_csv(file: IO[bytes], header: Sequence[str], rows: Iterable[Row]) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    text.write("\ufeff")  # spreadsheets take it for UTF-8
    writer = csv.writer(text, delimiter=";")
    writer.writerow(header)
    writer.writerows([_french(plain(value)) for value in row] for row in rows)
    text.detach()


def _french(value: Any) -> Any:
    """Decimals with a comma and local time, as spreadsheets set to French read them."""
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    return str(value).replace(".", ",") if isinstance(value, float) else value


def _write_xlsx(file: IO[bytes], header: Sequence[str], rows: Iterable[Row]) -> None:
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False, "remove_timezone": True},
    )  # fmt: skip
    sheet = book.add_worksheet()
    bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "dd/mm/yyyy"})
    moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(header) - 1, 18)
    sheet.write_row(0, 0, header, bold)
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            cell = plain(value)
            if isinstance(cell, datetime):
                sheet.write_datetime(number, column, timezone.localtime(cell).replace(tzinfo=None), moment)
            elif isinstance(cell, date):
                sheet.write_datetime(number, column, datetime(cell.year, cell.month, cell.day), day)
            elif isinstance(cell, str):
                sheet.write_string(number, column, cell)
            else:
                sheet.write(number, column, cell)
    book.close()
