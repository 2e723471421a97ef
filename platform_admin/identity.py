"""Who an account is on the platform's host: an officer, or someone passing through to a school."""

from ent.kernel.access import Acting
from platform_admin.models import Officer


def resolve(account, school, chosen: str | None) -> Acting:
    """The officer behind an account; nobody where there is none."""
    officer = Officer.objects.filter(account=account).first()
    if officer is None:
        return Acting()
    return Acting(
        name=officer.name,
        initials="".join(part[0] for part in officer.name.split()[:2]).upper(),
        profile="officer",
        roles=frozenset({officer.function}),
    )
