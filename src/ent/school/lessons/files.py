"""Documents of lessons: what may be sent, checked by its content, within the school's storage."""

from pathlib import PurePath

import puremagic
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Sum

from ent.school.lessons.models import Attachment

LARGEST = 25 * 1024 * 1024
GB = 1024**3
# Extension → what the content must look like ("" : text, whatever it says).
ALLOWED = {
    ".pdf": ".pdf", ".png": ".png", ".jpg": ".jpg", ".jpeg": ".jpg", ".gif": ".gif", ".webp": ".webp",
    ".odt": "zip", ".ods": "zip", ".odp": "zip", ".docx": "zip", ".xlsx": "zip", ".pptx": "zip", ".zip": "zip",
    ".ggb": "zip", ".sb3": "zip", ".mp3": ".mp3", ".m4a": ".m4a", ".ogg": ".ogg", ".mp4": ".mp4",
    ".txt": "", ".csv": "", ".py": "",
}  # fmt: skip
ZIPS = {".zip", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".epub", ".jar", ".ggb", ".sb3", ".apk"}
SAME = {".jpeg": ".jpg", ".jfif": ".jpg", ".jpe": ".jpg", ".m4v": ".mp4", ".m4a": ".mp4"}


def checked(file: UploadedFile, quota_gb: int) -> UploadedFile:
    """The same file, if it may be kept; `ValidationError` in French that says what to do."""
    name = PurePath(file.name or "document").name
    size = file.size or 0
    if size > LARGEST:
        raise ValidationError(f"« {name} » dépasse 25 Mo : envoyez un fichier plus petit, ou un lien.")
    if size == 0:
        raise ValidationError(f"« {name} » est vide : choisissez-le de nouveau.")
    kind = ALLOWED.get(PurePath(name).suffix.lower())
    if kind is None:
        raise ValidationError(f"« {name} » n'est pas d'un type accepté : PDF, image, texte, tableur, présentation, son "
                              "ou archive ZIP.")  # fmt: skip
    head = file.read(4096)
    file.seek(0)
    if kind == "":
        if b"\0" in head:
            raise ValidationError(f"« {name} » n'est pas du texte, malgré son nom.")
    else:
        try:
            found = {SAME.get(one.extension, one.extension) for one in puremagic.magic_string(head, name)}
        except (puremagic.PureError, ValueError):
            found = set()
        wanted = SAME.get(kind, kind)
        if not (found & ZIPS and head[:2] == b"PK" if kind == "zip" else wanted in found):
            raise ValidationError(
                f"Le contenu de « {name} » n'est pas celui que son nom annonce : exportez-le de nouveau."
            )
    used = Attachment.objects.aggregate(total=Sum("size"))["total"] or 0
    if used + size > quota_gb * GB:
        raise ValidationError("L'espace de stockage de l'établissement est plein : prévenez son administrateur.")
    return file


def attach(file: UploadedFile, **owner) -> Attachment:
    """Keep a checked file."""
    name = PurePath(file.name or "document").name[-160:]
    made = Attachment(name=name, size=file.size, **owner)
    made.file.save(f"{made.pk}{PurePath(name).suffix.lower()}", file, save=False)
    made.save()
    return made
