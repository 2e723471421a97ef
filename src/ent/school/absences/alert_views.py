"""Thresholds passed: each with its owner, its steps, the letter to the family, the report to the academy."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from ent.kernel import documents, tables
from ent.kernel.access import access
from ent.school.absences import alert_forms, alerts, queries, reporting
from ent.school.absences.models import Alert
from ent.school.absences.views import by_whom
from tenants.liaison.middleware import rows

PER_PAGE = 50
ENDED = "Cette procédure est close : elle se lit, elle ne se change plus."


def _alert(request: HttpRequest, alert: UUID) -> Alert:
    return get_object_or_404(Alert.objects.select_related("pupil", "rule", "owner", "report"), pk=alert)


@access("absences.follow_alerts")
@require_GET
def alerts_page(request: HttpRequest) -> HttpResponse:
    """Thresholds passed, each with its owner and the next step."""
    which = request.GET.get("which", "open")
    which = which if which in queries.ALERTS else "open"
    found = queries.alerts_of(which, request.acting.person_id)
    if tables.asked(request):
        header = ["Élève", "Seuil", "Comptés", "Du", "Au", "Suivi par", "Étape suivante", "Pour le", "Confiée à",
                  "Dossier envoyé le"]  # fmt: skip
        return tables.answer(request, "seuils", header, (_row(one) for one in found[:2000]))
    page = Paginator(found, rows(request, PER_PAGE)).get_page(request.GET.get("page"))
    return render(request, "absences/alerts.html", {
        "page": page, "which": which, "choices": queries.ALERTS, "rules": alerts.rules(),
        "sets_rules": request.user.has_perm("absences.manage_reasons"),
    })  # fmt: skip


def _row(one) -> list[object]:
    step = one.next_steps[0] if one.next_steps else None
    report = getattr(one, "report", None)
    return [
        str(one.pupil), str(one.rule), one.counted, one.from_day, one.to_day, str(one.owner or ""),
        step.get_kind_display() if step else "", step.due_on if step else None,
        str(step.owner or "") if step else "", report.sent_on if report else None,
    ]  # fmt: skip


@access("absences.follow_alerts", _alert)
@require_GET
def alert(request: HttpRequest, alert: Alert) -> HttpResponse:
    """A procedure: what was counted, what is to be done by whom, what was done, the report, its end."""
    return _page(request, alert)


def _page(request: HttpRequest, alert: Alert, **refused) -> HttpResponse:
    today, user = timezone.localdate(), request.user
    steps = list(alert.steps.select_related("owner", "by"))
    todo = sorted((one for one in steps if one.done_on is None), key=lambda one: one.due_on or today)
    owners = alert_forms.owners() if not alert.closed_at else []
    forms = {} if alert.closed_at else {
        "plan": alert_forms.PlanForm(owners=owners, initial={"owner": alert.owner_id, "due_on": today}),
        "done": alert_forms.DoneForm(initial={"done_on": today, "kind": todo[0].kind if todo else None}),
        "entrust": alert_forms.OwnedForm(owners=owners, initial={"owner": alert.owner_id}),
        "close": alert_forms.CloseForm(),
    }  # fmt: skip
    return render(request, "absences/alert.html", {
        "alert": alert, "todo": todo, "past": [one for one in steps if one.done_on], **forms, **refused,
        "report": getattr(alert, "report", None),
        "cases": queries.shown(queries.of_alert(alert), health=user.has_perm("absences.view_health")),
    }, status=400 if refused else 200)  # fmt: skip


@access("absences.follow_alerts", _alert)
@require_POST
def change(request: HttpRequest, alert: Alert) -> HttpResponse:
    """Plan a step, note that one was taken, name who follows, or close."""
    verb, by, data = request.POST.get("verb", ""), request.acting.person_id, request.POST
    if alert.closed_at:
        messages.error(request, ENDED)
        return redirect("absences:alert", alert.pk)
    form: Form
    if verb == "done":
        form = alert_forms.DoneForm(data)
        if form.is_valid():
            found = form.cleaned_data
            alerts.do_step(alert, found["kind"], found["done_on"], found["note"], by)
            messages.success(request, "L'étape est notée.")
    elif verb == "entrust":
        form = alert_forms.OwnedForm(data, owners=alert_forms.owners())
        if form.is_valid():
            alerts.entrust(alert, form.cleaned_data["owner"], by)
            messages.success(request, f"C'est confié à {form.cleaned_data['owner'].formal_name}.")
    elif verb == "close":
        form = alert_forms.CloseForm(data)
        if form.is_valid():
            alerts.close(alert, form.cleaned_data["words"], by)
            messages.success(request, "La procédure est close.")
            return redirect("absences:alerts")
    else:
        verb, form = "plan", alert_forms.PlanForm(data, owners=alert_forms.owners())
        if form.is_valid():
            found = form.cleaned_data
            alerts.plan_step(alert, found["kind"], found["owner"], found["due_on"], by)
            messages.success(request, "L'étape est prévue.")
    return redirect("absences:alert", alert.pk) if form.is_valid() else _page(request, alert, **{verb: form})


@access("absences.follow_alerts", _alert)
@require_GET
def report(request: HttpRequest, alert: Alert) -> HttpResponse:
    """The report to the academy: what it says, where it stands."""
    return _report_page(request, alert)


def _report_page(request: HttpRequest, alert: Alert, **refused) -> HttpResponse:
    today, kept = timezone.localdate(), getattr(alert, "report", None)
    sends = request.user.has_perm("absences.report")
    found: dict[str, Form] = {}
    if kept is None or kept.sent_on is None:
        found["observations"] = alert_forms.ObservationsForm(
            initial={"observations": kept.observations if kept else ""}
        )
        if sends:
            found["send"] = alert_forms.SendForm(initial={"sent_on": today})
    elif sends and kept.acknowledged_on is None:
        found["received"] = alert_forms.ReceivedForm(sent_on=kept.sent_on, initial={"acknowledged_on": today})
    return render(request, "absences/report.html", {
        "alert": alert, "report": kept, "content": reporting.shown(request.school, alert), **found, **refused,
    }, status=400 if refused else 200)  # fmt: skip


@access("absences.follow_alerts", _alert)
@require_POST
def write_report(request: HttpRequest, alert: Alert) -> HttpResponse:
    """The head's words, kept with the draft."""
    form = alert_forms.ObservationsForm(request.POST)
    if not form.is_valid():
        return _report_page(request, alert, observations=form)
    reporting.write(alert, form.cleaned_data["observations"], by_whom(request))
    messages.success(request, "L'avis est enregistré.")
    return redirect("absences:report", alert.pk)


@access("absences.report", _alert)
@require_POST
def send_report(request: HttpRequest, alert: Alert) -> HttpResponse:
    """It is sent: what it says is kept as it is today."""
    form = alert_forms.SendForm(request.POST)
    if not form.is_valid():
        return _report_page(request, alert, send=form)
    found = form.cleaned_data
    if reporting.send(request.school, alert, found["sent_on"], found["way"], by_whom(request)):
        messages.success(request, "L'envoi est noté. Le dossier est gardé tel qu'il est parti.")
    else:
        messages.error(request, "Ce dossier est déjà parti.")
    return redirect("absences:report", alert.pk)


@access("absences.report", _alert)
@require_POST
def report_received(request: HttpRequest, alert: Alert) -> HttpResponse:
    """The academy acknowledged it."""
    kept = getattr(alert, "report", None)
    if kept is None or kept.sent_on is None:
        messages.error(request, "Notez d'abord l'envoi de ce dossier.")
        return redirect("absences:report", alert.pk)
    form = alert_forms.ReceivedForm(request.POST, sent_on=kept.sent_on)
    if not form.is_valid():
        return _report_page(request, alert, received=form)
    reporting.acknowledge(kept, form.cleaned_data["acknowledged_on"], form.cleaned_data["answer"], by_whom(request))
    messages.success(request, "L'accusé de réception est noté.")
    return redirect("absences:report", alert.pk)


@access("absences.follow_alerts", _alert)
@require_GET
def report_pdf(request: HttpRequest, alert: Alert) -> HttpResponse:
    """The report on paper, to be signed."""
    return documents.pdf(reporting.pdf(request.school, alert), "saisine-absenteisme.pdf")
