"""What people send is counted together against the school's storage, whatever it is joined to."""

from collections.abc import Iterable, Set

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import connection
from django.utils import timezone

from ent.kernel.documents import ALL, GB, checked
from ent.kernel.measure import counted_now
from tenants.configuration.queries import effective

FULL = (
    "L'espace de stockage de l'établissement est plein : ce qui vient d'être choisi n'est pas gardé. Envoyez un lien, "
    "ou prévenez l'administrateur de l'ENT."
)


def accepted(files: Iterable[UploadedFile], kinds: Set[str] = ALL) -> list[UploadedFile]:
    """The same files, if they may be kept and there is room for all of them; `ValidationError` in French."""
    found = [checked(one, kinds) for one in files]
    if found and counted_now("storage_bytes", timezone.localdate()) + sum(one.size or 0 for one in found) > _room():
        raise ValidationError(FULL)
    return found


def _room() -> int:
    return int(effective(connection.tenant)["storage_quota"].value) * GB
