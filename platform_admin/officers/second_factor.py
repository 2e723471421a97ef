"""The second factor of those who work in the console: an authenticator's code, recovery codes, trusted browsers."""

from base64 import b32encode
from datetime import timedelta
from secrets import token_urlsafe

import segno
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django_otp import login
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from ent.accounts.codes import digest
from ent.accounts.models import Account
from ent.accounts.queries import me
from ent.kernel.audit.models import record
from platform_admin.officers.models import TrustedBrowser

RECOVERY_CODES = 10
TRUST_LIFE = timedelta(days=30)
COOKIE = "ent_trusted"
# The cookie is sent to the pages of the second factor alone.
COOKIE_PATH = "/second-factor/"
DIGITS = 6


class CodeRefused(ValueError):
    """Why a code does not open, in words for who typed it."""


def is_proven(account: Account) -> bool:
    """Whether the second factor was given: in this session, or before the key of an application was made."""
    token = getattr(account, "by_token", None)
    if token is not None:
        return TOTPDevice.objects.filter(user=account, confirmed=True, created_at__lte=token.created_at).exists()
    return bool(getattr(account, "otp_device", None))


def device_of(account: Account) -> TOTPDevice | None:
    """The authenticator an account has enrolled."""
    return TOTPDevice.objects.filter(user=account, confirmed=True).first()


def device_to_enrol(account: Account) -> TOTPDevice:
    """The authenticator being enrolled: the same secret until it is confirmed."""
    waiting = TOTPDevice.objects.filter(user=account, confirmed=False).first()
    return waiting or TOTPDevice.objects.create(user=account, name="authenticator", confirmed=False)


def secret_of(device: TOTPDevice) -> str:
    """The secret as one types it: « ABCD EFGH … »."""
    secret = b32encode(device.bin_key).decode()
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def drawing_of(device: TOTPDevice) -> str:
    """The same secret as a QR code, in SVG."""
    return segno.make(device.config_url, error="m").svg_inline(border=3, light="#fff", omitsize=True)


def check(account: Account, typed: str) -> Device:
    """The device that accepts a code: six digits of the authenticator, or a recovery code, which then is used up."""
    code = "".join(typed.split()).replace("-", "").lower()
    is_recovery = not (code.isascii() and code.isdigit() and len(code) == DIGITS)
    model = StaticDevice if is_recovery else TOTPDevice
    with transaction.atomic():
        device = model.objects.select_for_update().filter(user=account, confirmed=True).first()
        accepted = device is not None and _verified(device, code)
        if not accepted:
            record("officers.wrong_code", account_id=account.pk)
        elif is_recovery:
            record("officers.use_recovery_code", account_id=account.pk)
    if device is None or not accepted:
        raise CodeRefused(
            "Ce code de secours n'est pas valable, ou a déjà servi."
            if is_recovery
            else "Ce code n'est pas le bon, ou il a déjà servi. Attendez que l'application en montre un autre."
        )
    return device


def _verified(device: TOTPDevice | StaticDevice, code: str) -> bool:
    """Whether the device takes the code; refused without a look while too many tries weigh on it."""
    may_try, why = device.verify_is_allowed()
    if not may_try:
        raise CodeRefused(f"Trop d'essais. Attendez {_span(why['locked_until'] - timezone.now())}, puis recommencez.")
    return device.verify_token(code)


def _span(left: timedelta) -> str:
    seconds = int(left.total_seconds()) + 1
    if seconds < 60:
        return f"{seconds} seconde{'s' * (seconds > 1)}"
    minutes = -(-seconds // 60)
    return f"{minutes} minute{'s' * (minutes > 1)}"


def enrol(account: Account, typed: str) -> list[str]:
    """Confirm the authenticator with its first code; returns the recovery codes, shown this once."""
    code = "".join(typed.split())
    with transaction.atomic():
        device = TOTPDevice.objects.select_for_update().filter(user=account, confirmed=False).first()
        if device is None:
            raise CodeRefused("Recommencez : cet appareil n'attend plus de code.")
        if accepted := _verified(device, code):
            device.confirmed = True
            device.save(update_fields=["confirmed"])
            codes = _new_codes(account)
            record("officers.enrol", account_id=account.pk)
    if not accepted:
        raise CodeRefused(
            "Ce code n'est pas le bon. Vérifiez que l'heure de l'appareil est juste, puis saisissez le code affiché."
        )
    return codes


@transaction.atomic
def new_recovery_codes(account: Account) -> list[str]:
    """Ten other recovery codes; those before stop working."""
    record("officers.new_recovery_codes", account_id=account.pk)
    return _new_codes(account)


def _new_codes(account: Account) -> list[str]:
    StaticDevice.objects.filter(user=account).delete()
    device = StaticDevice.objects.create(user=account, name="recovery")
    codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create([StaticToken(device=device, token=code) for code in codes])
    return [f"{code[:4]}-{code[4:]}" for code in codes]


def recovery_codes_left(account: Account) -> int:
    """How many recovery codes have not served."""
    return StaticToken.objects.filter(device__user=account, device__confirmed=True).count()


def forget(account: Account) -> None:
    """Take away the device, recovery codes, trusted browsers and keys; the next sign-in enrols another device."""
    TOTPDevice.objects.filter(user=account).delete()
    StaticDevice.objects.filter(user=account).delete()
    account.trusted_browsers.all().delete()
    account.api_tokens.filter(school=None).delete()


def pass_through(request: HttpRequest, device: Device) -> None:
    """This session has proven who it is; the session's key changes, as for a sign-in."""
    request.session.cycle_key()
    login(request, device)


def trust(request: HttpRequest, response: HttpResponse) -> None:
    """Do not ask again in this browser for thirty days: a signed cookie, worth nothing to another account."""
    account, secret = me(request), token_urlsafe(32)
    label = browser_label(request.headers.get("User-Agent", ""))
    account.trusted_browsers.filter(expires_at__lt=timezone.now()).delete()
    account.trusted_browsers.create(digest=digest(secret), label=label, expires_at=timezone.now() + TRUST_LIFE)
    record("officers.trust_browser", account_id=account.pk, browser=label)
    response.set_signed_cookie(
        COOKIE, secret, salt=_salt(account), max_age=TRUST_LIFE, path=COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax",
    )  # fmt: skip


def trusted_browser(request: HttpRequest) -> TrustedBrowser | None:
    """The trust this browser has from the account signed in, if it still stands."""
    account = me(request)
    secret = request.get_signed_cookie(COOKIE, default="", salt=_salt(account), max_age=TRUST_LIFE)
    if not secret:
        return None
    return account.trusted_browsers.filter(digest=digest(secret), expires_at__gt=timezone.now()).first()


def _salt(account: Account) -> str:
    # With the password, its trust ends too.
    return f"trusted-browser:{account.pk}:{account.get_session_auth_hash()}"


def browser_label(agent: str) -> str:
    """« Firefox sur Windows »: enough to recognise one's own browsers in a list."""
    browsers = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrom": "Chrome", "Safari": "Safari"}
    systems = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows", "Mac OS": "Mac",
               "CrOS": "Chromebook", "Linux": "Linux"}  # fmt: skip
    browser = next((name for sign, name in browsers.items() if sign in agent), "Navigateur")
    system = next((name for sign, name in systems.items() if sign in agent), "")
    return f"{browser} sur {system}" if system else browser


@transaction.atomic
def replace(account: Account) -> None:
    """Another device is to be enrolled: the one so far is forgotten."""
    forget(account)
    record("officers.replace_device", account_id=account.pk)


def browsers_of(account: Account) -> QuerySet[TrustedBrowser]:
    """The browsers an account trusts today."""
    return account.trusted_browsers.filter(expires_at__gt=timezone.now())


@transaction.atomic
def forget_browsers(account: Account, chosen: str) -> None:
    """Trust one browser no more, or none of them where none is chosen."""
    found = account.trusted_browsers.all()
    if chosen:
        found = found.filter(pk=int(chosen)) if chosen.isdecimal() else found.none()
    if found.delete()[0]:
        record("officers.forget_browsers", account_id=account.pk)
