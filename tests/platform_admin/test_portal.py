"""The portal leads everyone to their school."""

import re

import pytest

from tenants.models import School
from tests import factories

pytestmark = pytest.mark.usefixtures("platform_db")


def test_what_was_searched_is_kept_from_page_to_page(platform_client):
    for number in range(105):
        factories.registered(number + 300, name=f"Collège d'Essai {number}", state=School.State.OPEN)

    def towards(rel: str, page: str) -> str:
        return re.search(rf'rel="{rel}" href="([^"]*)"', page)[1]

    first = platform_client.get("/?q=essai&page=1").text
    assert towards("next", first) == "?q=essai&amp;page=2"
    second = platform_client.get("/?q=essai&page=2").text
    assert (towards("prev", second), towards("next", second)) == ("?q=essai&amp;page=1", "?q=essai&amp;page=3")
