"""The journal of the platform, for the academy's administrators."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from ent.kernel.access import access
from platform_admin.officers.forms import JournalForm
from platform_admin.officers.journal import as_csv, events, lines

PER_PAGE = 100


@access("console.read_journal")
@require_GET
def journal(request: HttpRequest) -> HttpResponse:
    """Who did what on the platform; the same for a spreadsheet with `format=csv`."""
    form = JournalForm(request.GET)
    found = events(**form.cleaned_data) if form.is_valid() else events().none()
    if request.GET.get("format") == "csv" and form.is_valid():
        name = f"journal-{timezone.localdate():%Y-%m-%d}.csv"
        return HttpResponse(
            as_csv(found),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    query.pop("format", None)
    context = {
        "form": form, "page": page, "lines": lines(page),
        "query": f"{query.urlencode()}&" if query else "",
    }  # fmt: skip
    return render(request, "officers/journal.html", context, status=200 if form.is_valid() else 400)
