"""Where people stand in the navigation."""

from ent.kernel.measure import counter
from ent.kernel.navigation import entry, module
from ent.school.people.queries import photo_bytes

module("people", "Personnes", "people:", "api:people-")
module("rights", "Droits", "rights:", essential=True)
entry("school", "Accueil", "home", "home", "people.use_school", 10)
entry("school", "Personnes", "people:search", "users", "people.search", 30)
counter("storage_bytes", lambda day: photo_bytes())
