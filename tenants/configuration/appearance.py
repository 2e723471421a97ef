"""What the settings make of a page: name, logo, colour, messages, contact."""

import re
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from tenants.configuration.queries import Effective, effective
from tenants.models import School, without_kind


@dataclass(frozen=True)
class Look:
    """How a host presents itself."""

    name: str
    service: str
    accent: str
    logo: dict[str, Any] | None
    message: str
    support_email: str
    support_phone: str

    @property
    def short_name(self) -> str:
        """The name without the kind of school, for a phone's top bar."""
        return without_kind(self.name)

    @property
    def phone_link(self) -> str:
        """The telephone number as a link dials it."""
        return re.sub(r"[ .]", "", self.support_phone)


def look_of(school: School | None, settings: dict[str, Effective]) -> Look:
    """The look of a school's pages, or of the platform's."""
    service = settings["service_name"].value
    return Look(
        name=(settings["school_name"].value or school.name) if school else service,
        service=service,
        accent=settings["accent"].value,
        logo=settings["logo"].value,
        message=settings["sign_in_message"].value,
        support_email=settings["support_email"].value,
        support_phone=settings["support_phone"].value,
    )


def page(request: HttpRequest) -> dict[str, object]:
    """Context of every page."""
    school = getattr(request, "school", None)

    def look() -> Look:
        # A page that no address leads to has not been given its settings.
        return look_of(school, getattr(request, "in_force", None) or effective(school))

    return {"look": SimpleLazyObject(look)}
