"""Pages of the school's administrator."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ent.accounts.models import Account
from ent.accounts.queries import me
from ent.kernel.access import access
from ent.kernel.documents import MB, pdf, takes
from ent.school.administration import actions, letters, queries
from ent.school.administration.forms import FilterForm, FunctionForm, PhotosForm, PrintForm
from ent.school.administration.photos import LARGEST_ZIP, ZipError, load
from ent.school.people.models import Function, Person, StaffFunction
from tenants.liaison.middleware import rows

PAGE = 100


def find_person(request: HttpRequest, pk: UUID) -> Person:
    """Someone of the school."""
    return get_object_or_404(Person, pk=pk)


@access("people.manage_accounts")
@require_GET
def accounts(request: HttpRequest) -> HttpResponse:
    """Accounts by state; and the people of a filter."""
    form = FilterForm(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    context = {"form": form, "labels": queries.STATES, "rows": [], "people": None}
    if any(chosen.values()):
        people = queries.chosen_people(chosen["audience"], chosen["division"], chosen["state"])
        page = Paginator(people, rows(request, PAGE)).get_page(request.GET.get("page"))
        names = dict(
            Account.objects.filter(pk__in=[person.account_id for person in page]).values_list("pk", "sign_in_name")
        )
        for person in page:
            person.sign_in_name = names.get(person.account_id or person.pk, "")
            person.state_label = queries.STATES[person.state]
        context["people"] = page
    else:
        context["rows"] = [row for row in queries.states_by_class() if not row.is_empty]
        context["totals"] = [(queries.STATES[state], count) for state, count in queries.totals().items()]
    return render(request, "administration/accounts.html", context)


@access("people.manage_accounts")
@require_http_methods(["GET", "HEAD", "POST"])
def print_letters(request: HttpRequest) -> HttpResponse:
    """Choose a class or the staff (the page says how many letters), then print."""
    data = request.POST if request.method == "POST" else (request.GET if "audience" in request.GET else None)
    form = PrintForm(data)
    context: dict[str, object] = {"form": form, "printing": None}
    if data is not None and form.is_valid():
        audience, division = form.cleaned_data["audience"], form.cleaned_data["division"]
        manages = request.user.has_perm("people.manage_functions")
        printing = letters.waiting(request.school, audience, division, manages=manages)
        if request.method == "POST" and printing.people:
            drawn = (
                letters.letters_for_staff(request.school, me(request), manages=manages)
                if audience == queries.STAFF
                else letters.letters_for_division(request.school, division, audience, me(request))
            )
            return _letters(drawn, "personnel" if audience == queries.STAFF else f"{division.code}-{audience}")
        context["printing"] = printing
    return render(request, "administration/letters.html", context, status=400 if form.errors else 200)


@access("people.manage_accounts", find_person)
@require_http_methods(["GET", "HEAD", "POST"])
def new_code(request: HttpRequest, person: Person) -> HttpResponse:
    """A new code for one person, on a letter; the old code stops working."""
    account = None
    if person.account_id and not person.closed_at:
        account = Account.objects.filter(pk=person.account_id, closed_at=None).first()
    manages = request.user.has_perm("people.manage_functions")
    reason = queries.why_no_code(person, account, request.school, manages=manages) if account else ""
    if request.method == "POST" and account:
        if reason:
            raise PermissionDenied(reason)
        return _letters(letters.letter_for_person(request.school, person, me(request)), person.display_name)
    context = {"subject": person, "account": account, "reason": reason}
    return render(request, "administration/new_code.html", context)


@access("people.manage_functions")
@require_GET
def functions(request: HttpRequest) -> HttpResponse:
    """Who has which function, and where it comes from."""
    return functions_page(request, FunctionForm())


@access("people.manage_functions")
@require_POST
def give_function(request: HttpRequest) -> HttpResponse:
    """Give a function by hand."""
    form = FunctionForm(request.POST)
    if not form.is_valid():
        return functions_page(request, form, status=400)
    person, function = form.cleaned_data["person"], form.cleaned_data["function"]
    given = actions.give_function(person, function, acting=request.acting, account_id=me(request).pk)
    label = Function(function).label
    messages.success(
        request, f"{person} : fonction « {label} » {'donnée' if given else 'déjà donnée, rien ne change'}."
    )
    return redirect("administration:functions")


@access("people.manage_functions")
@require_POST
def withdraw_function(request: HttpRequest) -> HttpResponse:
    """Withdraw a function given by hand."""
    try:
        pk = UUID(request.POST.get("function", ""))
    except ValueError:
        return functions_page(request, FunctionForm(), status=400)
    function = get_object_or_404(StaffFunction, pk=pk, source=StaffFunction.Source.HAND, closed_at=None)
    actions.withdraw_function(function, account_id=me(request).pk)
    messages.success(request, f"{function.person} : fonction « {function.get_function_display()} » retirée.")
    return redirect("administration:functions")


def functions_page(request: HttpRequest, form: FunctionForm, status: int = 200) -> HttpResponse:
    """The list of functions, with the form to give one."""
    found = list(queries.open_functions())
    givers = queries.givers(found)
    for function in found:
        function.giver = givers.get(function.given_by or function.pk, "")
    return render(request, "administration/functions.html", {"functions": found, "form": form}, status=status)


@takes(LARGEST_ZIP + MB)
@access("people.import_photos")
@require_http_methods(["GET", "HEAD", "POST"])
def photos(request: HttpRequest) -> HttpResponse:
    """Who has a photo, class by class; and an archive of photos, with what became of each file."""
    form = PhotosForm(request.POST, request.FILES) if request.method == "POST" else PhotosForm()
    report = None
    if request.method == "POST" and form.is_valid():
        try:
            report = load(form.cleaned_data["archive"], form.cleaned_data["division"], by=me(request))
        except ZipError as error:
            form.add_error("archive", str(error))
        else:
            form = PhotosForm()
    context = {"form": form, "report": report, "divisions": queries.photos_by_class()}
    refused = request.method == "POST" and report is None
    return render(request, "administration/photos.html", context, status=400 if refused else 200)


@access("people.manage_accounts")
@require_GET
def imports(request: HttpRequest) -> HttpResponse:
    """What each directory import did here."""
    runs = list(request.school.imports.select_related("run").order_by("-at")[:50])
    for one in runs:
        one.counts = queries.counts_of(one.report)
    return render(request, "administration/imports.html", {"imports": runs})


def _letters(content: bytes, name: str) -> HttpResponse:
    return pdf(content, f"lettres-{slugify(name)}-{timezone.localdate():%Y-%m-%d}.pdf")
