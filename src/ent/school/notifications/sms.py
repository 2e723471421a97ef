"""Text messages: whoever sends them is named by `ENT_SMS_BACKEND`; in development a file is written for each."""

from typing import Protocol

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from ent.kernel.ids import new_id


class Sender(Protocol):
    """What sends a text message, or raises with the reason."""

    def send(self, number: str, text: str) -> None:
        """Send `text` to a telephone number."""


class FileSender:
    """Writes each message to a file below the data folder: development and demonstration."""

    def send(self, number: str, text: str) -> None:
        """One file a message."""
        folder = settings.DATA_DIR / "sms"
        folder.mkdir(parents=True, exist_ok=True)
        stamp = timezone.localtime()
        (folder / f"{stamp:%Y%m%d-%H%M%S}-{new_id()}.txt").write_text(f"{number}\n{text}\n")


def sender() -> Sender | None:
    """The sender in force; None where text messages are off."""
    return import_string(settings.SMS_BACKEND)() if settings.SMS_BACKEND else None
