"""The rows of a table somebody saved as CSV, one that cannot be read among them."""

import csv
from collections.abc import Iterator, Sequence

LONGEST_FIELD = 2_000


def numbered_rows(lines: Sequence[str], delimiter: str) -> Iterator[tuple[int, list[str] | None]]:
    """(line number, cells), from the first row that says anything; no cells (None) where a row cannot be read."""
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(lines, delimiter=delimiter)
    started = False
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:  # a field too long, or a quotation mark lost
            yield number, None
            continue
        started = started or any(cell.strip() for cell in cells)
        if started:
            yield number, cells
