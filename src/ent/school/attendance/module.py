"""Where student life stands in the navigation, and what is counted of it."""

from ent.kernel.measure import counter
from ent.kernel.navigation import entry, module
from ent.school.attendance.models import Register
from ent.school.attendance.planning import document_bytes

module("attendance", "Appel et vie scolaire", "attendance:", "api:attendance-")
entry("school", "Vie scolaire", "attendance:board", "clock", "attendance.view_board", 16)
# The nurse and the librarian receive pupils, and have no board.
entry("school", "Passages", "attendance:passages", "clock", "attendance.receive", 16, unless="attendance.view_board")
counter("storage_bytes", lambda day: document_bytes())
counter("rolls_taken", lambda day: Register.objects.filter(day=day).count())
