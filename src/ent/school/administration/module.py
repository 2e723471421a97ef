"""The administration's place in the navigation."""

from django.http import HttpRequest

from ent.kernel.measure import counter
from ent.kernel.navigation import entry, module
from ent.school.administration.queries import letters_printed


def answers(request: HttpRequest) -> int:
    """The academy's answers that wait for whoever asks on the school's behalf; no query once warm."""
    return request.notices.answered if request.user.has_perm("support.ask") else 0


module("administration", "Administration", "administration:", essential=True)
entry("school", "Administration", "administration:accounts", "key", "people.manage_accounts", 80, count=answers)
counter("letters_printed", letters_printed)
