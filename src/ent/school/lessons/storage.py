"""What the documents of lessons take: a document copied along with its session is kept once."""

from django.db import transaction
from django.db.models import Sum
from django.db.models.signals import post_delete
from django.dispatch import receiver

from ent.school.lessons.models import Attachment


def document_bytes() -> int:
    """Of every document, once, however many sessions it is joined to. One query."""
    kept = Attachment.objects.exclude(file="").order_by().values("file", "size").distinct()
    return kept.aggregate(total=Sum("size"))["total"] or 0


@receiver(post_delete, sender=Attachment)
def erase(sender: type, instance: Attachment, **kwargs: object) -> None:
    """The file goes with the last row that names it."""
    name = instance.file.name
    if name and not Attachment.objects.filter(file=name).exists():
        kept = instance.file.storage
        transaction.on_commit(lambda: kept.delete(name))
