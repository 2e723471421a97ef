"""Text messages leave through a sender named by a setting; without one there are none, and pages say so.

A sender is a class whose `send(number, text)` raises `SmsRefused` for good, or OSError to be tried again.
"""

import re
from typing import Protocol

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.module_loading import import_string

from ent.kernel.ids import new_id


class SmsRefused(Exception):
    """The operator will not deliver this message; says why in French."""


class Sender(Protocol):
    """What the setting names."""

    def send(self, number: str, text: str) -> None:
        """Hand one message to the operator."""


class FileSender:
    """Writes each message to a file below the data folder: development and demonstration."""

    def send(self, number: str, text: str) -> None:
        """One file a message, a folder a school."""
        folder = settings.DATA_DIR / "sms" / connection.schema_name
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / f"{timezone.localtime():%Y%m%d-%H%M%S}-{new_id()}.txt").write_text(f"{number}\n\n{text}\n")


def is_on() -> bool:
    """Whether text messages leave at all."""
    return bool(settings.SMS_BACKEND)


def sender() -> Sender:
    """The sender in force."""
    return import_string(settings.SMS_BACKEND)()


def mobile(typed: str) -> str:
    """« 06 12 34 56 78 » → « +33612345678 »; "" for what is no mobile number."""
    digits = re.sub(r"[\s.\-()]", "", typed)
    digits = re.sub(r"^(?:\+33|0033)0?", "0", digits)
    if re.fullmatch(r"0[67]\d{8}", digits):
        return f"+33{digits[1:]}"
    return digits if re.fullmatch(r"\+(?!33)\d{8,15}", digits) else ""
