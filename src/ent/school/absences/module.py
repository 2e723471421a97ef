"""Where absences stand in the navigation."""

from ent.kernel.measure import counter
from ent.kernel.navigation import entry, module, person_page
from ent.school.absences.queries import document_bytes

module("absences", "Absences et retards", "absences:", "api:absence")
entry("school", "Absences", "absences:to_treat", "warning", "absences.record", 25, within=("absences:family",))
entry("school", "Absences", "absences:family", "warning", "absences.view_own", 25)
counter("storage_bytes", lambda day: document_bytes())
person_page("Absences", "absences:of_pupil", "clock", "absences.view", 20)
