"""The second factor: to give it, to enrol a device, to look after one's own."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ent.accounts.queries import me
from ent.accounts.views import own_path
from ent.kernel.access import signed_in
from platform_admin.officers import demo, second_factor
from platform_admin.officers.forms import AgainForm, FirstCodeForm, ProofForm


def _next(request: HttpRequest) -> str:
    return own_path(request, request.POST.get("next") or request.GET.get("next") or "/console/")


def _officers_only(request: HttpRequest) -> None:
    if request.acting.profile != "officer":
        raise Http404("Cette page est celle des agents de la console.")


@signed_in("donner le second facteur, sans lequel aucun droit n'est tenu", before_proof=True)
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def prove(request: HttpRequest) -> HttpResponse:
    """The code, after the password; nothing to type in a trusted browser."""
    _officers_only(request)
    back = _next(request)
    if not request.acting.must_prove:
        return redirect(back)
    account = me(request)
    device = second_factor.device_of(account)
    if device is None:
        return redirect(f"{reverse('officers:enrol')}?{urlencode({'next': back})}")
    if second_factor.trusted_browser(request):
        second_factor.pass_through(request, device)
        return redirect(back)
    form = ProofForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            used = second_factor.check(account, form.cleaned_data["code"])
        except second_factor.CodeRefused as refused:
            form.add_error("code", str(refused))
        else:
            second_factor.pass_through(request, used)
            response = redirect(back)
            if form.cleaned_data["trust"]:
                second_factor.trust(request, response)
            return response
    context = {"form": form, "next": back, "shown_code": demo.code_to_type(device)}
    return render(request, "officers/prove.html", context, status=400 if form.errors else 200)


@signed_in("enregistrer son premier appareil", before_proof=True)
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """The secret, drawn and typed; confirmed by a code; then the recovery codes, shown this once."""
    _officers_only(request)
    back, account = _next(request), me(request)
    if second_factor.device_of(account):
        return redirect(back)
    form = FirstCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = second_factor.enrol(account, form.cleaned_data["code"])
        except second_factor.CodeRefused as refused:
            form.add_error("code", str(refused))
        else:
            device = second_factor.device_of(account)
            if device:
                second_factor.pass_through(request, device)
            return render(request, "officers/recovery_codes.html", {"codes": codes, "next": back})
    device = second_factor.device_to_enrol(account)
    context = {
        "form": form, "next": back,
        "drawing": second_factor.drawing_of(device), "secret": second_factor.secret_of(device),
    }  # fmt: skip
    return render(request, "officers/enrol.html", context, status=400 if form.errors else 200)


@signed_in("son propre second facteur")
@require_GET
def manage(request: HttpRequest) -> HttpResponse:
    """One's own device, recovery codes and trusted browsers."""
    _officers_only(request)
    return _manage_page(request)


@signed_in("ses propres codes de secours")
@sensitive_post_parameters("code")
@require_POST
def new_codes(request: HttpRequest) -> HttpResponse:
    """Ten other recovery codes, shown this once."""
    _officers_only(request)
    form = AgainForm(request.POST, prefix="codes")
    if not _confirmed(request, form):
        return _manage_page(request, codes_form=form)
    codes = second_factor.new_recovery_codes(me(request))
    return render(request, "officers/recovery_codes.html", {"codes": codes, "next": reverse("officers:manage")})


@signed_in("son propre appareil")
@sensitive_post_parameters("code")
@require_POST
def replace(request: HttpRequest) -> HttpResponse:
    """Another device: the one so far opens nothing any more."""
    _officers_only(request)
    form = AgainForm(request.POST, prefix="replace")
    if not _confirmed(request, form):
        return _manage_page(request, replace_form=form)
    second_factor.replace(me(request))
    return redirect("officers:enrol")


@signed_in("les navigateurs auxquels on fait soi-même confiance")
@require_POST
def forget_browser(request: HttpRequest) -> HttpResponse:
    """Ask for the code again in one browser, or in all of them."""
    _officers_only(request)
    second_factor.forget_browsers(me(request), request.POST.get("browser", ""))
    messages.success(request, "Le code y sera demandé à la prochaine connexion.")
    return redirect("officers:manage")


def _confirmed(request: HttpRequest, form: AgainForm) -> bool:
    if not form.is_valid():
        return False
    try:
        second_factor.check(me(request), form.cleaned_data["code"])
    except second_factor.CodeRefused as refused:
        form.add_error("code", str(refused))
        return False
    return True


def _manage_page(request: HttpRequest, **shown) -> HttpResponse:
    account = me(request)
    device = second_factor.device_of(account)
    context = {
        "codes_form": AgainForm(prefix="codes"),
        "replace_form": AgainForm(prefix="replace"),
        "device": device,
        "left": second_factor.recovery_codes_left(account),
        "browsers": second_factor.browsers_of(account),
        "shown_code": demo.code_to_type(device),
    } | shown  # fmt: skip
    return render(request, "officers/second_factor.html", context, status=400 if shown else 200)
