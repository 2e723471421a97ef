"""The administration's place in the navigation."""

from ent.kernel.measure import counter
from ent.kernel.navigation import entry, module
from ent.school.administration.queries import letters_printed

module("administration", "Administration", "administration:", essential=True)
entry("school", "Administration", "administration:accounts", "key", "people.manage_accounts", 80)
counter("letters_printed", letters_printed)
