"""The administration's place in the navigation."""

from ent.kernel.navigation import entry

entry("school", "Administration", "administration:accounts", "key", "people.manage_accounts", 80)
