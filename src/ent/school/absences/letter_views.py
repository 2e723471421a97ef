"""Letters: choose, see who lacks an address or a phone, print or send; the log; and the thresholds themselves."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ent.kernel import documents, tables
from ent.kernel.access import access
from ent.school.absences import alerts
from ent.school.absences import letters as writing
from ent.school.absences.alert_forms import RuleForm
from ent.school.absences.forms import LetterForm
from ent.school.absences.models import AlertRule, FamilyLetter
from ent.school.absences.views import by_whom
from tenants.liaison.middleware import rows

PER_PAGE = 50


@access("absences.write_families")
@require_http_methods(["GET", "HEAD", "POST"])
def letters(request: HttpRequest) -> HttpResponse:
    """Which cases; then who would be written to, and what is missing; then the letters, each once."""
    data = request.POST if request.method == "POST" else request.GET if "kind" in request.GET else None
    form = LetterForm(data, initial={"since": timezone.localdate() - timedelta(days=30)})
    context: dict[str, object] = {"form": form}
    if form.is_bound and form.is_valid():
        chosen = form.cleaned_data
        if request.method == "POST":
            going, pdf = writing.send(request.school, chosen, set(request.POST.getlist("letter")), by_whom(request))
            if pdf:
                return documents.pdf(pdf, "courriers.pdf")
            if going:
                one = len(going) == 1
                messages.success(request, "Un message est parti." if one else f"{len(going)} messages sont partis.")
                return redirect("absences:letters_log")
            form.add_error(None, "Rien à envoyer : cochez au moins un nom. Ce qui est déjà parti ne repart pas.")
        found, alone = writing.drafts(chosen)
        context |= {
            "drafts": [one for one in found if one.goes], "anomalies": [one for one in found if one.anomaly],
            "alone": alone, "pupil": chosen["pupil"], "is_paper": chosen["way"] == FamilyLetter.Way.PAPER,
            "previewed": True,
        }  # fmt: skip
    return render(request, "absences/letters.html", context, status=400 if form.errors else 200)


@access("absences.write_families")
@require_GET
def log(request: HttpRequest) -> HttpResponse:
    """What was written, to whom, when, by whom."""
    found = FamilyLetter.objects.select_related("case__pupil", "recipient", "by").order_by("-at", "pk")
    if tables.asked(request):
        lines = ([one.at, str(one.recipient), str(one.case.pupil), one.case.starts_at, one.get_kind_display(),
                  one.get_way_display(), str(one.by or "")] for one in found[:5000])  # fmt: skip
        header = ["Date", "Destinataire", "Élève", "Absence du", "Objet", "Envoi", "Par"]
        return tables.answer(request, "courriers", header, lines)
    page = Paginator(found, rows(request, PER_PAGE)).get_page(request.GET.get("page"))
    return render(request, "absences/letters_log.html", {"page": page})


def _rule(request: HttpRequest, rule: UUID) -> AlertRule:
    return get_object_or_404(AlertRule, pk=rule, closed_at=None)


@access("absences.manage_reasons")
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """The thresholds in force, with who follows each; one to add."""
    form = RuleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        alerts.add_rule(form.save(commit=False))
        messages.success(request, "Le seuil est ajouté.")
        return redirect("absences:rules")
    context = {"rules": alerts.rules(), "form": form}
    return render(request, "absences/rules.html", context, status=400 if form.errors else 200)


@access("absences.manage_reasons", _rule)
@require_POST
def close_rule(request: HttpRequest, rule: AlertRule) -> HttpResponse:
    """A threshold holds no more; those of the law always do."""
    if alerts.close_rule(rule):
        messages.success(request, "Le seuil est retiré. Les procédures ouvertes continuent.")
    else:
        messages.error(request, "Ce seuil vient de la loi : il ne peut pas être retiré.")
    return redirect("absences:rules")
