"""The administration's place in the navigation."""

from ent.kernel.navigation import entry, module

module("administration", "Administration", "administration:", essential=True)
entry("school", "Administration", "administration:accounts", "key", "people.manage_accounts", 80)
