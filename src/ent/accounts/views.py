"""Signing in and out, activation, forgotten passwords, one's own account, passing from host to host."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth import views as auth_views
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ent.accounts import actions, demo, tries
from ent.accounts.forms import (
    TOO_MANY,
    ChangePasswordForm,
    CodeForm,
    EmailForm,
    FirstPasswordForm,
    NewPasswordForm,
    ReminderForm,
    SignInForm,
    TokenForm,
)  # fmt: skip
from ent.accounts.models import Account, ActivationCode
from ent.accounts.queries import has_keys, may_enter, me, school_to_enter, schools_of, valid_code
from ent.kernel.access import open_to_all, signed_in
from ent.kernel.language import COOKIE
from ent.kernel.limits import client_address

BACKEND = "ent.kernel.grants.backends.PasswordBackend"
CODE_IN_SESSION = "activation_code"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600


class SignIn(auth_views.LoginView):
    """Name and password."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        return reverse("home") if self.request.school else reverse("accounts:my_schools")

    def get_context_data(self, **kwargs):
        shown = demo.sign_ins(self.request.school) if settings.DEMO else []
        return super().get_context_data(demo_sign_ins=shown, demo_password=demo.PASSWORD, **kwargs)

    def form_valid(self, form) -> HttpResponse:
        account = form.get_user()
        login(self.request, account, BACKEND)
        return with_language(redirect(self.get_success_url()), account.language)


sign_in = open_to_all("page d'identification")(SignIn.as_view())


@open_to_all("quitter sa session, même éteinte")
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session of this host."""
    logout(request)
    return redirect("accounts:sign_in")


@open_to_all("choisir sa langue avant d'avoir un compte")
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Keep the chosen language in this browser, and in the account of who is signed in."""
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        return HttpResponseBadRequest("Langue inconnue.")
    if request.user.is_authenticated:
        Account.objects.filter(pk=me(request).pk).update(language=chosen)
    return with_language(redirect(own_path(request, request.POST.get("next", ""))), chosen)


@open_to_all("activer son compte avec le code de sa lettre")
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def activate(request: HttpRequest) -> HttpResponse:
    """The code of the letter (typed, or from its QR code), then one's own password."""
    if "code" in request.GET or "code" in request.POST:
        form = CodeForm(request.POST if request.method == "POST" else request.GET, request=request)
        if form.is_valid():
            request.session[CODE_IN_SESSION] = form.cleaned_data["code"].digest
            return redirect("accounts:activate")
        return render(request, "accounts/activate.html", {"form": form})
    code = code_in_session(request)
    if code is None:
        form = CodeForm(request.POST if request.method == "POST" else None, request=request)
        return render(request, "accounts/activate.html", {"form": form})
    own = FirstPasswordForm(code.account, request.POST or None, initial={"email": code.account.email})
    if request.method == "POST" and own.is_valid():
        account = actions.activate(
            code, own.cleaned_data["new_password1"], own.cleaned_data["email"], translation.get_language() or ""
        )
        request.session.pop(CODE_IN_SESSION, None)
        if account is None:
            messages.error(request, _("Ce code a déjà servi."))
            return redirect("accounts:activate")
        if request.user.is_authenticated:
            logout(request)
        login(request, account, BACKEND)
        return redirect("home" if request.school else "accounts:my_schools")
    return render(request, "accounts/first_password.html", {"form": own, "account": code.account})


@open_to_all("recommencer l'activation avec un autre code")
@require_POST
def activate_again(request: HttpRequest) -> HttpResponse:
    """Forget the code typed so far: another person of the family comes next."""
    request.session.pop(CODE_IN_SESSION, None)
    return redirect("accounts:activate")


def code_in_session(request: HttpRequest) -> ActivationCode | None:
    """The code given a moment ago, if it still is good."""
    digest = request.session.get(CODE_IN_SESSION)
    return valid_code(digest, request.school) if digest else None


@open_to_all("mot de passe oublié")
@require_http_methods(["GET", "HEAD", "POST"])
def password_forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link by e-mail; the answer is the same whether the account exists or not."""
    form = ReminderForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        typed, address = form.cleaned_data["identifier"], client_address(request)
        if tries.REMINDER.begin(typed.strip().lower(), address):
            tries.REMINDER.failed(address)
            actions.remind(typed, request.school)
            return render(request, "accounts/reminded.html")
        form.add_error(None, TOO_MANY)
    return render(request, "accounts/password_forgotten.html", {"form": form})


class PasswordReset(auth_views.PasswordResetConfirmView):
    """The link of the mail, then a new password."""

    template_name = "accounts/password_reset.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("accounts:sign_in")
    reset_url_token = "choix"  # noqa: S105

    def get_user(self, uidb64: str) -> Account | None:
        try:
            account = super().get_user(uidb64)
        except (ValidationError, ValueError):
            return None
        return account if account and may_enter(account, self.request.school) else None

    def form_valid(self, form) -> HttpResponse:
        response = super().form_valid(form)
        ActivationCode.objects.filter(account=self.user).delete()
        actions.withdraw_keys(form.user)
        messages.success(self.request, _("Votre mot de passe est changé. Identifiez-vous."))
        return response


password_reset = open_to_all("lien reçu par courriel, à usage unique")(PasswordReset.as_view())


@signed_in("son propre compte")
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """My account."""
    return account_page(request)


@signed_in("sa propre adresse")
@sensitive_post_parameters()
@require_POST
def change_email(request: HttpRequest) -> HttpResponse:
    """Change or erase one's e-mail."""
    form = EmailForm(me(request), request, request.POST)
    if not form.is_valid():
        return account_page(request, email_form=form)
    Account.objects.filter(pk=me(request).pk).update(email=form.cleaned_data["email"])
    messages.success(request, "Votre adresse est enregistrée.")
    return redirect("accounts:account")


@signed_in("son propre mot de passe")
@sensitive_post_parameters()
@require_POST
def change_password(request: HttpRequest) -> HttpResponse:
    """Change one's password; other sessions of the account end."""
    form = ChangePasswordForm(me(request), request, request.POST)
    if not form.is_valid():
        return account_page(request, password_form=form)
    form.save()
    update_session_auth_hash(request, me(request))
    keys = has_keys(me(request))
    kept = " Les clés de vos applications restent valables : supprimez celles que vous ne connaissez pas."
    messages.success(request, f"Votre mot de passe est changé. Vos autres sessions sont fermées.{kept if keys else ''}")
    return redirect("accounts:account")


@signed_in("ses propres clés")
@require_POST
def create_token(request: HttpRequest) -> HttpResponse:
    """Create a key for an application; it is shown on this answer only."""
    form = TokenForm(request, request.POST)
    if not form.is_valid():
        return account_page(request, token_form=form)
    scopes = form.cleaned_data.get("scopes", [])
    token = actions.new_token(me(request), request.school, form.cleaned_data["name"], scopes)
    return account_page(request, new_token=token)


@signed_in("ses propres clés")
@require_POST
def revoke_token(request: HttpRequest) -> HttpResponse:
    """Withdraw a key."""
    pk = request.POST.get("token", "")
    if pk.isdecimal():
        request.user.api_tokens.filter(pk=int(pk), school=request.school).delete()
    messages.success(request, "La clé ne fonctionne plus.")
    return redirect("accounts:account")


def account_page(request: HttpRequest, **shown) -> HttpResponse:
    """My account, with the form that was just refused or the key just created."""
    forms = {
        "email_form": EmailForm(me(request), request, initial={"email": request.user.email}),
        "password_form": ChangePasswordForm(me(request), request),
        "token_form": TokenForm(request),
    }
    context = forms | shown | {
        "tokens": request.user.api_tokens.filter(school=request.school).order_by("name"),
        "schools": schools_of(me(request)),
    }  # fmt: skip
    return render(request, "accounts/account.html", context)


@signed_in("changer de profil parmi les siens")
@require_POST
def act_as(request: HttpRequest) -> HttpResponse:
    """Act as another of the people one is here."""
    chosen = request.POST.get("person", "")
    if chosen not in {str(identity["id"]) for identity in request.user.acting.identities}:
        return HttpResponseBadRequest("Ce profil n'est pas le vôtre.")
    request.session["acting_as"] = chosen
    return redirect("home")


@signed_in("la liste de ses propres établissements", before_proof=True)
@require_GET
def my_schools(request: HttpRequest) -> HttpResponse:
    """The portal's door: one school opens at once, an officer without school goes to the console."""
    schools = list(schools_of(me(request)))
    is_officer = not request.school and request.acting.profile == "officer"
    if not request.school:
        if is_officer and not schools:
            return redirect(settings.CONSOLE_URL)
        if len(schools) == 1 and not is_officer:
            return redirect("accounts:passage", subdomain=schools[0].subdomain)
    return render(
        request, "accounts/my_schools.html", {"schools": schools, "console": settings.CONSOLE_URL if is_officer else ""}
    )


@signed_in("passer dans un autre de ses établissements", before_proof=True)
@require_http_methods(["GET", "HEAD", "POST"])
def passage(request: HttpRequest, subdomain: str) -> HttpResponse:
    """To another of one's schools, without a new password."""
    school = school_to_enter(me(request), subdomain)
    if school is None:
        raise Http404("Cet établissement n'est pas l'un des vôtres, ou il n'est pas encore ouvert.")
    destination = own_path(request, request.GET.get("next", ""))
    if school == request.school:
        return redirect(destination)
    return redirect(actions.passage_url(me(request), school, destination))


@open_to_all("arrivée avec un ticket à usage unique, depuis un autre établissement")
@require_GET
def arrive(request: HttpRequest) -> HttpResponse:
    """Use the ticket: whoever was signed in here leaves, the ticket's account comes in."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise PermissionDenied("Un autre site ne peut pas ouvrir de session ici.")
    account = actions.use_ticket(request.GET.get("ticket", ""), request.school)
    if account is None or not may_enter(account, request.school):
        messages.error(request, _("Ce passage n'est plus valable. Identifiez-vous."))
        return redirect("accounts:sign_in")
    if request.user.is_authenticated and request.user != account:
        logout(request)
    login(request, account, BACKEND)
    return with_language(redirect(own_path(request, request.GET.get("next", ""))), account.language)


def own_path(request: HttpRequest, path: str) -> str:
    """A path of this site as given, the home page for anything else."""
    safe = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if safe else "/"


def with_language(response: HttpResponse, chosen: str) -> HttpResponse:
    """The response, with the language kept in a cookie."""
    if chosen in dict(settings.LANGUAGES):
        response.set_cookie(
            COOKIE, chosen, LANGUAGE_COOKIE_AGE, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
        )
    return response
