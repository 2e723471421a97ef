"""The demonstration's sign-ins, offered on the sign-in page in demonstration mode only."""

import json

from django.conf import settings

from tenants.models import School

PASSWORD = "demonstration"  # noqa: S105


def sign_ins(school: School | None) -> list[tuple[str, str]]:
    """(role, sign-in name) for this host."""
    try:
        rows = json.loads((settings.DATA_DIR / "demo-sign-ins.json").read_text())
    except (OSError, ValueError):
        return []
    return [(label, name) for label, name in rows.get(school.uai if school else "platform", [])]
