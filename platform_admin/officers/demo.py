"""The demonstration's agents: a manager and an officer of each collectivity, a guest, the academy's; their devices."""

from django.conf import settings
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from guardian.shortcuts import assign_perm

from ent.accounts.models import Account
from ent.accounts.queries import free_sign_in_name
from ent.kernel.audit.models import record
from platform_admin.officers.access import ACT, SEE
from platform_admin.officers.models import Officer
from tenants.models import Authority

DEVICE = "démonstration"
ACADEMY = [
    ("agent.academie", "Agent de l'académie", Officer.Function.ADMINISTRATOR),
    ("pilote.academie", "Pilote de l'académie", Officer.Function.PILOT),
]
# Invented people: responsable and agent of each collectivity, by its code.
COLLECTIVITIES = {
    "ARA": (("Odile", "Mercœur"), ("Yanis", "Delorme")),
    "03": (("Bérengère", "Tixier"), ("Malik", "Aubrac")),
    "15": (("Lucien", "Vidalenc"), ("Nadège", "Puyraimond")),
    "43": (("Solange", "Chabrier"), ("Théo", "Marsanne")),
    "63": (("Armand", "Sauvagnat"), ("Inès", "Fontfreyde")),
}
GUEST = ("Camille", "Rochefer")


def build(password: str) -> list[list[str]]:
    """Agents with a device each; returns (what they are, sign-in name)."""
    rows = []
    for name, shown, function in ACADEMY:
        rows.append(_officer(name, shown, function, None, password))
    authorities = {one.code: one for one in Authority.objects.filter(code__in=COLLECTIVITIES)}
    for code, (manager, officer) in COLLECTIVITIES.items():
        authority = authorities[code]
        rows.append(_person(manager, Officer.Function.MANAGER, authority, password, acts=True))
        rows.append(_person(officer, Officer.Function.OFFICER, authority, password, acts=True))
    rows.append(_person(GUEST, Officer.Function.GUEST, authorities["63"], password, acts=False))
    return rows


def _person(
    name: tuple[str, str], function: Officer.Function, authority: Authority, password: str, *, acts: bool
) -> list[str]:
    shown = " ".join(name)
    known = Officer.objects.filter(name=shown, authority=authority).first()
    sign_in = known.account.sign_in_name if known else free_sign_in_name(*name)
    return _officer(sign_in, shown, function, authority, password, acts=acts)


def _officer(
    sign_in: str, shown: str, function: Officer.Function, authority: Authority | None, password: str, acts: bool = False
) -> list[str]:
    account, _ = Account.objects.update_or_create(
        sign_in_name=sign_in, defaults={"password": password, "activated_at": timezone.now()}
    )
    officer, is_new = Officer.objects.update_or_create(
        account=account, defaults={"name": shown, "function": function, "authority": authority}
    )
    if authority:
        for codename in (SEE, ACT) if acts else (SEE,):
            assign_perm(f"tenants.{codename}", account, authority)
        if is_new:
            administrator = Account.objects.get(sign_in_name=ACADEMY[0][0])
            record(
                "officers.add", account_id=administrator.pk, object_id=account.pk,
                name=shown, function=officer.get_function_display(), authority=authority.name,
            )  # fmt: skip
    TOTPDevice.objects.get_or_create(user=account, name=DEVICE, confirmed=True)
    label = str(function.label)
    return [f"{label}, {authority.name}" if authority else label, sign_in]


def code_to_type(device: TOTPDevice | None) -> str:
    """The code a demonstration's agent would read on their telephone; empty for anyone else, and outside of it.

    Several people enter as the same agent in the same half minute: what one of them typed serves the others too.
    """
    if not settings.DEMO or device is None or device.name != DEVICE:
        return ""
    TOTPDevice.objects.filter(pk=device.pk).update(last_t=-1, throttling_failure_count=0)
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    totp.time = timezone.now().timestamp()
    return f"{totp.token():06d}"
