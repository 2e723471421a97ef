"""Absences: what families announce and justify, what student life settles."""

from datetime import time
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from ent.accounts.queries import me
from ent.kernel import documents, tables
from ent.kernel.access import access
from ent.kernel.ids import is_uuid
from ent.kernel.live import follow
from ent.school.absences import actions, forms, queries, reasons, statistics
from ent.school.absences.models import AbsenceCase, AbsenceNotice, AbsenceReason
from ent.school.absences.wording import span_words
from ent.school.attendance import exits
from ent.school.people.access import find_pupil
from ent.school.people.families import chosen_child
from ent.school.people.models import Person, Profile
from ent.school.structure.access import pupils_of
from tenants.liaison.middleware import rows

PER_PAGE = 50
# Of a table by pupil, those away most; all of them are in the file.
LISTED = 60
Kind = AbsenceNotice.Kind


def find_case(request: HttpRequest, case: UUID) -> AbsenceCase:
    return get_object_or_404(AbsenceCase.objects.select_related("pupil", "reason"), pk=case)


def _own_child(request: HttpRequest, pupil: UUID) -> Person:
    """One's child, with authority; of someone else's nothing is said, not even that they are here."""
    found = Person.objects.filter(profile=Profile.PUPIL, closed_at=None)
    return get_object_or_404(found.filter(_of_ones_own(request)), pk=pupil)


def _own_case(request: HttpRequest, case: UUID) -> AbsenceCase:
    found = AbsenceCase.objects.select_related("pupil", "reason")
    return get_object_or_404(found.filter(_of_ones_own(request, "pupil__")), pk=case)


def _own_notice(request: HttpRequest, notice: UUID) -> AbsenceNotice:
    """What one said oneself: the other parent's word is theirs to take back."""
    found = AbsenceNotice.objects.select_related("pupil", "reason").filter(_of_ones_own(request, "pupil__"))
    if request.user.has_perm("absences.announce"):
        found = found.filter(by=request.acting.person_id)
    return get_object_or_404(found, pk=notice)


def _of_ones_own(request: HttpRequest, path: str = "") -> Q:
    """For a guardian, their children; whoever has no right to announce is refused for that, with nothing looked up."""
    if not request.user.has_perm("absences.announce"):
        return Q()
    return Q(**{f"{path}pk__in": pupils_of(request.acting)})


def find_notice(request: HttpRequest, notice: UUID) -> AbsenceNotice:
    return get_object_or_404(AbsenceNotice.objects.select_related("pupil", "reason"), pk=notice)


def _reason(request: HttpRequest, reason: UUID) -> AbsenceReason:
    return get_object_or_404(AbsenceReason, pk=reason, closed_at=None)


def _midday(request: HttpRequest) -> time:
    return time.fromisoformat(request.in_force["midday"].value)


def _asked(request: HttpRequest) -> dict:
    """What a form of a family's word starts from: a key of its own, by which a double click is one."""
    return {"initial": {"client_id": uuid4()}}


def by_whom(request: HttpRequest) -> actions.By:
    return actions.By(request.acting.person_id, me(request).pk)


# --- families ----------------------------------------------------------------------------------------------------
@access("absences.view_own")
def family(request: HttpRequest) -> HttpResponse:
    """One's own record, or the child's; one child at a time."""
    children, child = chosen_child(request)
    record = queries.record_of(child.pk, health=True, family=True) if child else None
    return render(request, "absences/family.html", {
        "children": children, "child": child, "record": record, "announces": request.acting.profile == Profile.RELATIVE,
        "midday": request.in_force["midday"].value, "leaves": _leaves(child) if child else "",
    })  # fmt: skip


def _leaves(pupil: Person) -> str:
    """Canteen and when the pupil may leave, as of today."""
    return exits.words_for_family(exits.with_schemes(Person.objects.filter(pk=pupil.pk), timezone.localdate()).get())


@access("absences.announce", _own_child)
def announce(request: HttpRequest, pupil: Person) -> HttpResponse:
    """Child, when, why, send: the answer says when it was received."""
    form = forms.AnnounceForm(request.POST or None, request.FILES or None, **_asked(request))
    if request.method == "POST" and form.is_valid():
        made = _give(request, pupil, form, Kind.ANNOUNCES, form.cleaned_data["starts_at"],
                     form.cleaned_data["ends_at"], is_exact=form.is_exact)  # fmt: skip
        messages.success(request, f"Reçu à {timezone.localtime(made.at):%-H h %M}. L'établissement est prévenu.")
        return redirect(f"/absences/?child={pupil.pk}")
    return render(request, "absences/announce.html", {"pupil": pupil, "form": form}, status=400 if form.errors else 200)


def _give(request: HttpRequest, pupil: Person, form, kind: str, starts, ends, way: str = AbsenceNotice.Way.ENT,
          is_exact: bool = False):  # fmt: skip
    found = form.cleaned_data
    return actions.give_notice(
        pupil, kind=kind, starts_at=starts, ends_at=ends, reason=found["reason"], by=by_whom(request),
        text=found["text"], document=found["document"], way=way, client_id=found["client_id"],
        is_exact=is_exact,
    )  # fmt: skip


@access("absences.announce", _own_case)
def justify(request: HttpRequest, case: AbsenceCase) -> HttpResponse:
    """Why, and send: the school accepts or refuses, saying why. Nothing more is asked of a case that is settled."""
    if case.removed_at or case.is_settled:
        words = "L'appel est corrigé : il n'y a rien à justifier." if case.removed_at else "C'est déjà réglé."
        messages.info(request, f"{words} Pour y revenir, appelez la vie scolaire.")
        return redirect(f"/absences/?child={case.pupil_id}")
    parts = queries.parts_of(case, _midday(request))
    form = forms.JustifyForm(request.POST or None, request.FILES or None, parts=parts, **_asked(request))
    if request.method == "POST" and form.is_valid():
        starts, ends = form.chosen or (case.starts_at, case.ends_at)
        made = _give(request, case.pupil, form, Kind.JUSTIFIES, starts, ends, is_exact=form.chosen is not None)
        messages.success(request, f"Reçu à {timezone.localtime(made.at):%-H h %M}. La vie scolaire vous répondra ici.")
        return redirect(f"/absences/?child={case.pupil_id}")
    return render(request, "absences/justify.html", {
        "case": case, "form": form, "when": span_words(case.starts_at, case.ends_at),
    }, status=400 if form.errors else 200)  # fmt: skip


@access("absences.announce", _own_notice)
@require_POST
def withdraw(request: HttpRequest, notice: AbsenceNotice) -> HttpResponse:
    """Take back what was said, before it is answered."""
    done = actions.withdraw(notice)
    words = "C'est retiré." if done else "L'établissement a déjà répondu : appelez la vie scolaire."
    (messages.success if done else messages.error)(request, words)
    return redirect(f"/absences/?child={notice.pupil_id}")


@access("absences.view_document", find_notice)
@require_GET
def document(request: HttpRequest, notice: AbsenceNotice) -> HttpResponse:
    """What the family attached."""
    return documents.served(notice.document, notice.document_name)


@access("absences.view", find_pupil)
def of_pupil(request: HttpRequest, pupil: Person) -> HttpResponse:
    """A pupil's record, as far as its reader may see."""
    user, is_family = request.user, request.acting.profile != Profile.STAFF
    health = user.has_perm("absences.view_health")
    record = queries.record_of(pupil.pk, health=health, family=is_family)
    records = user.has_perm("absences.record")
    return render(request, "absences/pupil.html", {
        "pupil": pupil, "record": record, "records": records, "settles": user.has_perm("absences.settle"),
        "follow_ups": pupil.absence_follow_ups.select_related("by")[:20] if records else [],
        "form": forms.FollowUpForm(), "is_family": is_family, "midday": request.in_force["midday"].value,
    })  # fmt: skip


# --- student life ------------------------------------------------------------------------------------------------
@access("absences.record")
def to_treat(request: HttpRequest) -> HttpResponse:
    """What waits: families' words, calls to make, cases to settle."""
    user = request.user
    # A page or a file of the list asked for without a choice is of what the list shows then.
    form = forms.FilterForm({"settled": "no"} | request.GET.dict())
    found = form.cleaned_data if form.is_valid() else {"settled": "no"}
    health = user.has_perm("absences.view_health")
    asked = queries.filtered(found)
    if tables.asked(request):
        lines = (
            [str(one.case.pupil), one.case.get_kind_display(), span_words(one.case.starts_at, one.case.ends_at),
             len(one.case.half_days), one.case.minutes, one.reason, one.state]
            for one in queries.shown(asked[:5000], health=health)
        )  # fmt: skip
        return tables.answer(
            request, "absences", ["Élève", "Sorte", "Quand", "Demi-journées", "Minutes", "Motif", "État"], lines
        )
    page = Paginator(asked, rows(request, PER_PAGE)).get_page(request.GET.get("page"))
    notices = list(queries.waiting_notices()[:40])
    return render(request, "absences/to_treat.html", {
        "form": form, "page": page, "cases": queries.shown(page, health=health),
        "notices": notices, "calls": queries.to_call_count(),
        "awaited": sum(1 for one in notices if one.state == AbsenceNotice.State.CERTIFICATE),
        "matching": queries.matching_notices().count(), "settles": user.has_perm("absences.settle"), "health": health,
        "stream": follow(request, actions.TOPIC),
    })  # fmt: skip


@access("absences.settle", find_notice)
@require_POST
def undo_answer(request: HttpRequest, notice: AbsenceNotice) -> HttpResponse:
    """The statement waits again."""
    actions.undo_answer(notice, by_whom(request))
    messages.success(request, "La réponse est reprise : la demande attend de nouveau.")
    return redirect("absences:of_pupil", notice.pupil_id)


@access("absences.settle")
@require_POST
def accept_all(request: HttpRequest) -> HttpResponse:
    """Accept the statements that are ticked, or all that agree with the registers."""
    keys = [UUID(one) for one in request.POST.getlist("notice") if is_uuid(one)]
    if "matching" in request.POST:
        keys = list(queries.matching_notices().values_list("pk", flat=True))
    count = actions.accept_all(keys, by_whom(request))
    messages.success(request, f"{count} demande{'s' if count > 1 else ''} acceptée{'s' if count > 1 else ''}.")
    return redirect("absences:to_treat")


@access("absences.record", find_pupil)
def desk(request: HttpRequest, pupil: Person) -> HttpResponse:
    """What a family says at the desk or by phone, typed by the staff."""
    form = forms.DeskForm(request.POST or None, request.FILES or None, **_asked(request))
    if request.method == "POST" and form.is_valid():
        found = form.cleaned_data
        _give(request, pupil, form, Kind.ANNOUNCES, found["starts_at"], found["ends_at"], found["way"],
              is_exact=form.is_exact)  # fmt: skip
        messages.success(request, "C'est enregistré, au nom de la famille.")
        return redirect("absences:of_pupil", pupil.pk)
    return render(request, "absences/announce.html", {"pupil": pupil, "form": form, "is_desk": True},
                  status=400 if form.errors else 200)  # fmt: skip


@access("absences.view_statistics")
@require_GET
def statistics_page(request: HttpRequest) -> HttpResponse:
    """Absences and lateness by class, reason, weekday, hour or pupil, with the rate and a chart."""
    form = forms.PeriodForm(request.GET or None)
    found = form.cleaned_data if form.is_valid() else {}
    first, last = found.get("since") or queries.since_september(), found.get("until") or timezone.localdate()
    by = request.GET.get("by", "class")
    by = by if by in statistics.BY else "class"
    of = statistics.span(first, last, _midday(request), found.get("division"))
    lines = statistics.lines(by, of, health=request.user.has_perm("absences.view_health"))
    if tables.asked(request):
        header = [statistics.BY[by], *statistics.HEADER]
        if "masked" in request.GET:
            # Of a pupil, nothing leaves the school this way.
            shown = [] if by == "pupil" else statistics.masked(lines)
            return tables.answer(request, f"absences-{by}-hors-etablissement", header, shown)
        values = ([one.label, one.half_days, one.minutes, one.rate, one.latenesses] for one in lines)
        return tables.answer(request, f"absences-{by}", header, values)
    rates = statistics.rates(of)[-60:]
    return render(request, "absences/statistics.html", {
        "form": form if form.errors else forms.PeriodForm(
            initial={"since": first, "until": last, "division": of.division}),
        "lines": lines[:LISTED], "left_out": max(len(lines) - LISTED, 0),
        "by": by, "first": first, "last": last, "total": statistics.total(lines), "division": of.division,
        "choices": statistics.BY, "label": statistics.BY[by], "rates": rates, "chart": statistics.chart(rates),
        "most": max((one.half_days for one in lines), default=1) or 1, "has_rate": by not in ("reason", "pupil"),
    })  # fmt: skip


@access("absences.manage_reasons")
def reasons_page(request: HttpRequest) -> HttpResponse:
    """The school's reasons; adding one."""
    form = forms.ReasonPropertiesForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reasons.add(form.cleaned_data, request.acting.person_id)
        messages.success(request, "Le motif est ajouté.")
        return redirect("absences:reasons")
    return render(request, "absences/reasons.html", {"reasons": reasons.current(), "form": form},
                  status=400 if form.errors else 200)  # fmt: skip


@access("absences.manage_reasons", _reason)
def change_reason(request: HttpRequest, reason: AbsenceReason) -> HttpResponse:
    """Change a reason: what was decided under its former properties keeps them."""
    form = forms.ReasonPropertiesForm(request.POST or None, instance=reason)
    if request.method == "POST":
        if "close" in request.POST:
            reasons.close(reason)
            messages.success(request, "Ce motif n'est plus proposé.")
            return redirect("absences:reasons")
        if form.is_valid():
            before = AbsenceReason.objects.get(pk=reason.pk)
            reasons.change(before, form.cleaned_data, request.acting.person_id)
            messages.success(request, "Le motif est changé. Ce qui était décidé le reste.")
            return redirect("absences:reasons")
    return render(request, "absences/reason.html", {"reason": reason, "form": form, "history": reasons.history(reason)},
                  status=400 if form.errors else 200)  # fmt: skip
