"""The demonstration's settings: Cantal's own colour and contact, schools with a name, a logo, a message; a history."""

import io
from datetime import timedelta
from typing import Any

from django.utils import timezone
from PIL import Image, ImageDraw

from ent.kernel.access import Role
from platform_admin.officers.models import Officer
from tenants.configuration import images
from tenants.configuration.actions import Author, set_value, undo, version
from tenants.configuration.models import SettingChange
from tenants.configuration.queries import ACADEMY, Place, last_change
from tenants.configuration.registry import SETTINGS
from tenants.models import Authority, School

# 04 65 71 and 02 61 91 are numbers kept for fiction (ARCEP, decision 2018-0881); « .example » is no one's (RFC 2606).
AT_ACADEMY = {
    "support_email": "aide.ent@academie.example",
    "support_phone": "04 65 71 00 06",
    "sign_in_message": "Maintenance mercredi de 13\u00a0h à 14\u00a0h\u00a0: l'espace numérique sera fermé.",
}
AT_AUTHORITY: dict[str, dict[str, Any]] = {
    "15": {"accent": "lava", "support_email": "ent.colleges@cantal.example", "support_phone": "04 65 71 00 15"},
    "43": {"accent": "meadow"},
    "ARA": {"accent": "plum", "support_email": "ent.lycees@region.example"},
}
WELCOME = "Bienvenue\u00a0! Première connexion\u00a0? Votre code est sur la lettre remise en classe."


def build() -> None:
    """Set values as their own people would have, over the last weeks. Done again, it changes nothing."""
    if SettingChange.objects.exists():
        return
    administrator = Officer.objects.filter(function=Officer.Function.ADMINISTRATOR).first()
    account = administrator.account_id if administrator else None
    academy = Author(account, str(Officer.Function.ADMINISTRATOR.label))
    for key, value in AT_ACADEMY.items():
        _put(key, ACADEMY, value, academy, days=40)
    greeting = _put("sign_in_message", ACADEMY, "Bonne rentrée à tous.", academy, days=38)
    _date(undo(greeting, ACADEMY, author=academy), days=37)
    for code, values in AT_AUTHORITY.items():
        authority = Authority.objects.filter(code=code).first()
        if authority:
            place, agent = Place(authority=authority), Author(account, f"{Officer.Function.OFFICER.label}, {authority}")
            for number, (key, value) in enumerate(values.items()):
                _put(key, place, value, agent, days=30 - number)
            _date(undo(_put("accent", place, "broom", agent, days=12), place, author=agent), days=11)
    schools = School.objects.exclude(revision=None).order_by("uai")
    for number, school in enumerate(schools[:3]):
        place, head = Place(school=school), Author(account, str(Role.SCHOOL_ADMIN.label))
        _put("sign_in_message", place, WELCOME, head, days=9)
        if number == 0:
            _put("school_name", place, f"{school.name}, {school.town}" if school.town else school.name, head, days=8)
            _put("logo", place, images.take(_logo()), head, days=8)
            _date(undo(_put("accent", place, "plum", head, days=6), place, author=head), days=5)


def _put(key: str, place: Place, value: Any, author: Author, *, days: int) -> SettingChange:
    setting = SETTINGS[key]
    change = set_value(setting, place, value, read=version(last_change(setting, place)), author=author)
    if change is None:
        raise ValueError(f"{setting.label} ({place.label}) a déjà cette valeur")
    _date(change, days=days)
    return change


def _date(change: SettingChange, *, days: int) -> None:
    SettingChange.objects.filter(pk=change.pk).update(at=timezone.now() - timedelta(days=days))


def _logo() -> io.BytesIO:
    """A volcano on a shield."""
    image = Image.new("RGBA", (480, 480), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((20, 20, 460, 460), 90, fill="#1b5334")
    pen.polygon([(80, 390), (200, 160), (240, 200), (280, 160), (400, 390)], fill="#f6f5f1")
    pen.ellipse((205, 80, 275, 150), fill="#f0cf83")
    written = io.BytesIO()
    image.save(written, "PNG")
    written.seek(0)
    return written
