"""Where notes stand in the navigation of families, and what their documents take."""

from django.db.models import Sum

from ent.kernel.measure import counter
from ent.kernel.navigation import class_page, entry, module, person_page
from ent.school.notes import queries
from ent.school.notes.models import NoteFile

module("notes", "Mots et autorisations", "notes:", "api:note-")
entry("school", "Mots à signer", "notes:own", "letter", "notes.view_own", 26)
counter("storage_bytes", lambda day: NoteFile.objects.aggregate(total=Sum("size"))["total"] or 0)
person_page("Mots et autorisations", "notes:pupil", "letter", "notes.view_pupil", 40)
person_page("Écrire un mot", "notes:write", "pen", "notes.write", 41, field="pupil")
class_page("Écrire un mot", "notes:write", "pen", "notes.write", 40, "division", "division", may=queries.writes_to)
class_page("Écrire un mot", "notes:write", "pen", "notes.write", 40, "group", "group", may=queries.writes_to)
