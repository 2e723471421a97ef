"""Several counts in one query, for pages that only say how much waits where."""

from django.db.models import Count, QuerySet, Value


def count_all(**asked: QuerySet) -> dict[str, int]:
    """{name: how many rows} of some querysets, whatever their tables. One query.

    A queryset of values is counted by distinct values: `absent=marks.values("pupil")`.
    """
    parts = []
    for name, found in asked.items():
        column, distinct = (found.query.values_select[0], True) if found.query.values_select else ("pk", False)
        rows = found.order_by().annotate(counted_as=Value(name)).values("counted_as")
        parts.append(rows.annotate(n=Count(column, distinct=distinct)).values_list("counted_as", "n"))
    return dict.fromkeys(asked, 0) | dict(parts[0].union(*parts[1:], all=True))
