"""The pages about agents: who they are, what they see, what they may do."""

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ent.accounts.queries import me
from ent.kernel import documents, tables
from ent.kernel.access import access
from ent.kernel.audit.models import record
from platform_admin.officers import actions, queries
from platform_admin.officers.access import MANAGED, seen_officers
from platform_admin.officers.forms import ChangeOfficerForm, GrantsForm, NewOfficerForm
from platform_admin.officers.models import Officer
from platform_admin.officers.second_factor import device_of

PER_PAGE = 50


def find_officer(request: HttpRequest, pk: int) -> Officer:
    """The agent of an address, if one sees them: 404 for any other, noted in the trail."""
    found = seen_officers(request.acting).select_related("account", "authority").filter(pk=pk).first()
    if found is None:
        if Officer.objects.filter(pk=pk).exists():
            record("console.refused", account_id=me(request).pk, path=request.path)
        raise Http404("Cet agent n'existe pas, ou n'est pas de votre ressort.")
    return found


@access("console.manage_officers")
@require_GET
def officers(request: HttpRequest) -> HttpResponse:
    """The agents one sees, with what each sees and may do."""
    chosen = {name: request.GET.get(name, "")[:80].strip() for name in ("q", "authority", "state")}
    found = queries.officers(request.acting, chosen["q"], chosen["authority"], chosen["state"])
    if tables.asked(request):
        held = queries.reaches(found)
        header = ["Nom", "Identifiant", "Fonction", "Collectivité", "Voit", "Peut agir", "Accès"]
        lines = (
            [one.name, one.account.sign_in_name, one.get_function_display(),
             one.authority.name if one.authority else "Académie", queries.names_seen(one, held[one.pk]),
             queries.names_acted(one, held[one.pk]), queries.state_of(one, is_enrolled=one.is_enrolled)]
            for one in found
        )  # fmt: skip
        return tables.answer(request, "agents", header, lines)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    reaches = queries.reaches(page)
    of_academy = request.acting.sees is None
    rows = [(one, reaches[one.pk], of_academy or one.function in MANAGED) for one in page]
    context = {
        "rows": rows, "page": page, "chosen": chosen,
        "authorities": queries.authorities_to_staff(request.acting) if of_academy else [],
    }  # fmt: skip
    return render(request, "officers/officers.html", context)


@access("console.manage_officers")
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new agent; the page about them then offers the letter."""
    form = NewOfficerForm(request.acting, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            officer = actions.add(me(request), request.acting, **form.cleaned_data)
        except actions.OfficerRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(
                request,
                f"{officer} est ajouté, avec l'identifiant « {officer.account.sign_in_name} ». Imprimez sa lettre.",
            )
            return redirect("officers:officer", officer.pk)
    return render(request, "officers/add.html", {"form": form}, status=400 if form.errors else 200)


@access("console.manage_officers", find_officer)
@require_http_methods(["GET", "HEAD", "POST"])
def officer(request: HttpRequest, officer: Officer) -> HttpResponse:
    """One agent; a POST changes name, function and collectivity."""
    form = ChangeOfficerForm(request.acting, officer, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(me(request), request.acting, officer, **form.cleaned_data)
        except actions.OfficerRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Les changements sont enregistrés.")
            return redirect("officers:officer", officer.pk)
    return _page(request, officer, form=form)


@access("console.manage_officers", find_officer)
@require_POST
def grant(request: HttpRequest, officer: Officer) -> HttpResponse:
    """What the agent sees and may do, collectivity by collectivity."""
    reach = queries.reaches([officer])[officer.pk]
    form = GrantsForm(queries.levels_to_give(request.acting, officer, reach), reach, request.POST)
    if not form.is_valid():
        return _page(request, officer, grants=form)
    return _done(
        request,
        officer,
        lambda: actions.grant(me(request), request.acting, officer, form.levels()),
        "Ce que voit et peut faire cette personne est enregistré.",
    )


@access("console.manage_officers", find_officer)
@require_POST
def close(request: HttpRequest, officer: Officer) -> HttpResponse:
    """The agent left."""
    return _done(request, officer, lambda: actions.close(me(request), officer), f"L'accès de {officer} est fermé.")


@access("console.manage_officers", find_officer)
@require_POST
def reopen(request: HttpRequest, officer: Officer) -> HttpResponse:
    """The agent is back."""
    return _done(
        request,
        officer,
        lambda: actions.reopen(me(request), request.acting, officer),
        f"L'accès de {officer} est rouvert : vérifiez ce qu'il voit.",
    )


@access("console.manage_officers", find_officer)
@require_POST
def reset_second_factor(request: HttpRequest, officer: Officer) -> HttpResponse:
    """The agent lost their device."""
    return _done(
        request,
        officer,
        lambda: actions.reset_second_factor(me(request), request.acting, officer),
        f"À sa prochaine connexion, {officer} enregistrera un nouvel appareil.",
    )


@access("console.manage_officers", find_officer)
@require_POST
def letter(request: HttpRequest, officer: Officer) -> HttpResponse:
    """The activation letter, with a new code."""
    try:
        content = actions.print_letter(me(request), request.acting, officer)
    except actions.OfficerRefused as refused:
        messages.error(request, str(refused))
        return redirect("officers:officer", officer.pk)
    return documents.pdf(content, f"lettre-{slugify(officer.name)}-{timezone.localdate():%Y-%m-%d}.pdf")


def _done(request: HttpRequest, officer: Officer, act: Callable[[], object], said: str) -> HttpResponse:
    try:
        act()
    except actions.OfficerRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, said)
    return redirect("officers:officer", officer.pk)


def _page(
    request: HttpRequest,
    officer: Officer,
    form: ChangeOfficerForm | None = None,
    grants: GrantsForm | None = None,
) -> HttpResponse:
    """Everything about one agent, with the form that was just refused."""
    reach = queries.reaches([officer])[officer.pk]
    levels = queries.levels_to_give(request.acting, officer, reach) if not officer.closed_at else []
    mine = {authority for authority, _ in levels}
    context = {
        "subject": officer,
        "form": form or ChangeOfficerForm(request.acting, officer),
        "grants": grants or GrantsForm(levels, reach),
        # Granted by others, on collectivities that are not one's to change.
        "others": [(one, one in reach.acts) for one in sorted(reach.sees - mine, key=lambda one: one.code)],
        "reach": reach,
        "device": device_of(officer.account),
        "is_oneself": officer.account_id == me(request).pk,
    }
    refused = (form and form.errors) or (grants and grants.errors)
    return render(request, "officers/officer.html", context, status=400 if refused else 200)
