"""Hiding small numbers of people, so that nobody is found behind a count (k = 5)."""

from collections.abc import Sequence

SMALLEST = 5
Table = Sequence[Sequence[int]]
Shown = list[list[int | None]]


def share(part: int, whole: int) -> int | None:
    """A share in per cent; None where it would tell of fewer than five people, or of nobody."""
    if whole < SMALLEST or 0 < part < SMALLEST:
        return None
    return round(100 * part / whole)


def masked(table: Table, smallest: int = SMALLEST) -> Shown:
    """The table with its totals (last row, last column), None where a number is hidden.

    Hidden are the cells of 1 to `smallest` - 1 people, and as many others as it takes (complement protection) that no
    hidden cell can be found by subtraction, nor a hidden group smaller than `smallest`: in each row and column,
    nothing is hidden, or at least two cells that together hold `smallest` people; and no cell links two
    parts of what is hidden by itself alone. An empty cell holds nobody and is shown, unless it has to protect another.
    """
    if not table:
        return []
    cells = [[*row, sum(row)] for row in table]
    cells.append([sum(column) for column in zip(*cells, strict=True)])
    hidden = {(y, x) for y, row in enumerate(cells) for x, count in enumerate(row) if 0 < count < smallest}
    lines = [[(y, x) for x in range(len(cells[0]))] for y in range(len(cells))]
    lines += [[(y, x) for y in range(len(cells))] for x in range(len(cells[0]))]
    while more := _exposed(cells, hidden, lines, smallest):
        hidden |= more
    return [[None if (y, x) in hidden else count for x, count in enumerate(row)] for y, row in enumerate(cells)]


def _exposed(cells, hidden, lines, smallest) -> set[tuple[int, int]]:
    """What has to be hidden besides, one cell for each line that gives a hidden one away; nothing when all is safe."""
    more: set[tuple[int, int]] = set()
    for line in lines:
        within = [place for place in line if place in hidden or place in more]
        if not within:
            continue
        *parts, total = line
        group = sum(cells[y][x] for y, x in parts if (y, x) in within)
        too_small = total not in within and group < smallest
        if len(within) == 1 or too_small:
            more |= _cheapest(cells, line, {*hidden, *more})
    if more:
        return more
    for y, x in _bridges(hidden):
        return _cheapest(cells, lines[y], hidden) or _cheapest(cells, lines[len(cells) + x], hidden)
    return set()


def _cheapest(cells, line, hidden) -> set[tuple[int, int]]:
    """The cell of a line that tells least when hidden: the smallest with people in it, the total last."""
    *parts, total = line
    free = [place for place in parts if place not in hidden]
    free.sort(key=lambda place: (not cells[place[0]][place[1]], cells[place[0]][place[1]]))
    rest = [total] if total not in hidden else []
    return set((free + rest)[:1])


def _bridges(hidden: set[tuple[int, int]]) -> list[tuple[int, int]]:
    """Hidden cells that the sums of whole parts give away: bridges of the graph of rows and columns (Tarjan, 1974)."""
    around: dict[tuple[str, int], list[tuple[tuple[str, int], tuple[int, int]]]] = {}
    for y, x in sorted(hidden):
        around.setdefault(("row", y), []).append((("column", x), (y, x)))
        around.setdefault(("column", x), []).append((("row", y), (y, x)))
    seen: dict[tuple[str, int], int] = {}
    lowest: dict[tuple[str, int], int] = {}
    found = []
    for start in around:
        if start in seen:
            continue
        seen[start] = lowest[start] = len(seen)
        stack = [(start, None, iter(around[start]))]
        while stack:
            node, by, rest = stack[-1]
            for other, edge in rest:
                if edge == by:
                    continue
                if other in seen:
                    lowest[node] = min(lowest[node], seen[other])
                    continue
                seen[other] = lowest[other] = len(seen)
                stack.append((other, edge, iter(around[other])))
                break
            else:
                stack.pop()
                if stack:
                    above = stack[-1][0]
                    lowest[above] = min(lowest[above], lowest[node])
                    if lowest[node] > seen[above]:
                        found.append(by)
    return found
