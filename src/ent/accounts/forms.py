"""What people type about their account."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ent.accounts import tries
from ent.accounts.codes import code_digest
from ent.accounts.models import Account
from ent.accounts.queries import may_enter, valid_code
from ent.kernel.access import API_SCOPES
from ent.kernel.limits import client_address

TOO_MANY = _("Trop d'essais. Attendez un quart d'heure, puis recommencez.")


class SignInForm(AuthenticationForm):
    """Name and password. The answer never tells whether the name exists."""

    error_messages = {
        "invalid_login": _("Identifiant ou mot de passe incorrect. Vérifiez-les sur votre lettre, puis recommencez."),
        "too_many": TOO_MANY,
    }

    def __init__(self, request=None, *args, **kwargs):
        super().__init__(request, *args, **kwargs)
        self.fields["username"].label = _("Identifiant")
        self.fields["username"].widget.attrs |= {
            "autocapitalize": "none", "autocomplete": "username", "spellcheck": "false",
        }  # fmt: skip
        self.fields["password"].label = _("Mot de passe")

    def clean(self):
        name, address = (self.cleaned_data.get("username") or "").strip().lower(), client_address(self.request)
        if not tries.SIGN_IN.begin(name, address):
            raise ValidationError(self.error_messages["too_many"], code="too_many")
        try:
            cleaned = super().clean()
        except ValidationError:
            tries.SIGN_IN.failed(address)
            raise
        if self.user_cache is not None:
            tries.SIGN_IN.succeeded(name)
        return cleaned

    def confirm_login_allowed(self, user) -> None:
        if not may_enter(user, self.request.school):
            raise self.get_invalid_login_error()


class CodeForm(forms.Form):
    """The code of the letter."""

    code = forms.CharField(
        label=_("Code de la lettre"),
        max_length=40,
        help_text=_("Douze lettres et chiffres, en trois groupes de quatre."),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false",
                   "placeholder": "XXXX-XXXX-XXXX", "dir": "ltr", "autofocus": True}
        ),
    )  # fmt: skip

    def __init__(self, *args, request, **kwargs):
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_code(self):
        address = client_address(self.request)
        if not tries.CODE.begin("all", address):
            raise ValidationError(TOO_MANY)
        digest = code_digest(self.cleaned_data["code"])
        code = valid_code(digest, self.request.school) if digest else None
        if code is None:
            tries.CODE.failed(address)
            raise ValidationError(
                _("Ce code n'est pas valable ou a déjà servi. Vérifiez-le, ou demandez une nouvelle lettre "
                  "à l'établissement.")
            )  # fmt: skip
        return code


class OwnPasswordForm(SetPasswordForm):
    """A password of one's own, twice."""

    def save(self, commit=True):
        """Save the password alone: a school's role may not write the rest of the account."""
        account = super().save(commit=False)
        if commit:
            account.save(update_fields=["password"])
        return account


class FirstPasswordForm(OwnPasswordForm):
    """Own password, and an e-mail for those who have one."""

    email = forms.EmailField(
        label=_("Adresse électronique (facultatif)"),
        required=False,
        max_length=254,
        help_text=_("Elle sert à choisir un nouveau mot de passe si vous l'oubliez."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _explain_password(self)


class ReminderForm(forms.Form):
    """Sign-in name or e-mail."""

    identifier = forms.CharField(
        label=_("Identifiant ou adresse électronique"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )


class NewPasswordForm(OwnPasswordForm):
    """After a reset."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _explain_password(self)


class _KnowsPassword(forms.Form):
    """A change that asks for the password first: the computer may be a shared one."""

    current_password = forms.CharField(
        label="Mot de passe actuel",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, account: Account, request, *args, **kwargs):
        self.account, self.request = account, request
        super().__init__(*args, **kwargs)

    def clean_current_password(self) -> str:
        typed, address = self.cleaned_data["current_password"], client_address(self.request)
        if not tries.SIGN_IN.begin(self.account.sign_in_name, address):
            raise ValidationError(TOO_MANY)
        if not self.account.check_password(typed):
            tries.SIGN_IN.failed(address)
            raise ValidationError("Ce n'est pas votre mot de passe actuel.")
        tries.SIGN_IN.succeeded(self.account.sign_in_name)
        return typed


class EmailForm(_KnowsPassword):
    """One's e-mail, or none."""

    email = forms.EmailField(label="Adresse électronique", required=False, max_length=254)
    field_order = ["email", "current_password"]


class ChangePasswordForm(_KnowsPassword, OwnPasswordForm):
    """A new password for the old."""

    field_order = ["current_password", "new_password1", "new_password2"]

    def __init__(self, account: Account, request, *args, **kwargs):
        self.account, self.request = account, request
        OwnPasswordForm.__init__(self, account, *args, **kwargs)
        _explain_password(self)


class TokenForm(forms.Form):
    """A name for an application, and what it may read where that can be chosen."""

    name = forms.CharField(label="Nom de l'application", max_length=80)
    scopes = forms.MultipleChoiceField(
        label="Ce que l'application peut lire", widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins une chose à lire."},
    )  # fmt: skip

    def __init__(self, request, *args, **kwargs):
        super().__init__(*args, **kwargs)
        choices = API_SCOPES["school" if request.school else "platform"]
        if choices:
            self.fields["scopes"].choices = list(choices.items())
        else:
            del self.fields["scopes"]


def _explain_password(form: forms.Form) -> None:
    form.fields["new_password1"].label = _("Votre nouveau mot de passe")
    form.fields["new_password1"].help_text = _("Au moins 10 caractères, pas seulement des chiffres.")
    form.fields["new_password2"].label = _("Le même, une seconde fois")
    form.fields["new_password2"].help_text = ""
