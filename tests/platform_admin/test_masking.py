"""No small number of people is found behind what is shown, whatever the table."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from platform_admin.dashboards.masking import SMALLEST, masked, share

TABLES = st.integers(1, 5).flatmap(
    lambda width: st.lists(
        st.lists(st.one_of(st.integers(0, 8), st.integers(0, 400)), min_size=width, max_size=width),
        min_size=1,
        max_size=7,
    )
)


def whole(table):
    """The table with its totals."""
    rows = [[*row, sum(row)] for row in table]
    return [*rows, [sum(column) for column in zip(*rows, strict=True)]]


def determined(shown) -> set[tuple[int, int]]:
    """Hidden cells that a reader can work out: those the sums of rows and columns leave no choice for."""
    unknown = [(y, x) for y, row in enumerate(shown) for x, cell in enumerate(row) if cell is None]
    sums = [[(y, x) for x in range(len(shown[0]))] for y in range(len(shown))]
    sums += [[(y, x) for y in range(len(shown))] for x in range(len(shown[0]))]
    # In each line, the parts less the total make zero: one equation per line over what is unknown.
    rows = [[Fraction((-1 if place == line[-1] else 1) if place in line else 0) for place in unknown] for line in sums]
    pivots = {}
    for row in rows:
        for column, pivot in pivots.items():
            if row[column]:
                factor = row[column]
                row[:] = [a - factor * b for a, b in zip(row, pivot, strict=True)]
        lead = next((column for column, value in enumerate(row) if value), None)
        if lead is None:
            continue
        row[:] = [value / row[lead] for value in row]
        for other in pivots.values():
            factor = other[lead]
            if factor:
                other[:] = [a - factor * b for a, b in zip(other, row, strict=True)]
        pivots[lead] = row
    return {unknown[column] for column, row in pivots.items() if sum(value != 0 for value in row) == 1}


@settings(max_examples=400, deadline=None)
@given(TABLES)
def test_no_cell_of_one_to_four_people_is_shown(table):
    shown = [cell for row in masked(table) for cell in row]
    assert not [cell for cell in shown if cell is not None and 0 < cell < SMALLEST]


@settings(max_examples=400, deadline=None)
@given(TABLES)
def test_what_is_shown_is_true(table):
    for shown, true in zip(masked(table), whole(table), strict=True):
        assert all(cell is None or cell == count for cell, count in zip(shown, true, strict=True))


@settings(max_examples=400, deadline=None)
@given(TABLES)
def test_no_hidden_cell_is_found_by_subtraction(table):
    assert determined(masked(table)) == set()


@settings(max_examples=400, deadline=None)
@given(TABLES)
def test_what_is_hidden_together_in_a_line_is_no_small_group(table):
    shown, true = masked(table), whole(table)
    lines = [[(y, x) for x in range(len(true[0]))] for y in range(len(true))]
    lines += [[(y, x) for y in range(len(true))] for x in range(len(true[0]))]
    for *parts, (y, x) in lines:
        hidden = [true[row][column] for row, column in parts if shown[row][column] is None]
        if hidden and shown[y][x] is not None:
            assert len(hidden) >= 2
            assert sum(hidden) >= SMALLEST


def test_a_table_without_small_numbers_is_shown_whole():
    table = [[12, 40, 7], [0, 5, 300]]
    assert masked(table) == whole(table)


def test_the_smallest_neighbour_protects_a_small_cell():
    # Two teachers of one school: a second cell of its row goes, and one more of each column.
    assert masked([[2, 50, 9], [60, 70, 80]]) == [[None, 50, None, 61], [None, 70, None, 210], [62, 120, 89, 271]]


def test_the_checker_itself_sees_a_cell_given_away():
    assert determined([[None, 50, 52], [60, 70, 130], [62, 120, 182]]) == {(0, 0)}


def test_no_school_no_table():
    assert masked([]) == []


def test_a_share_of_few_is_not_told():
    assert share(3, 40) is None
    assert share(2, 4) is None
    assert share(0, 40) == 0
    assert share(30, 40) == 75
