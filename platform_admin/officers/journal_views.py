"""The journal of the platform, for the academy's administrators."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ent.kernel import tables
from ent.kernel.access import access
from platform_admin.officers.forms import JournalForm
from platform_admin.officers.journal import events, every_line, lines

PER_PAGE = 100


@access("console.read_journal")
@require_GET
def journal(request: HttpRequest) -> HttpResponse:
    """Who did what on the platform."""
    form = JournalForm(request.GET)
    found = events(**form.cleaned_data) if form.is_valid() else events().none()
    if tables.asked(request) and form.is_valid():
        rows = ([line.at, line.who, line.label, line.what] for line in every_line(found))
        return tables.answer(request, "journal", ["Quand", "Qui", "Action", "Ce qui a été fait"], rows)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form, "page": page, "lines": lines(page),
    }  # fmt: skip
    return render(request, "officers/journal.html", context, status=200 if form.is_valid() else 400)
