"""Where the timetable stands in the navigation."""

from ent.kernel.navigation import entry, module

module("timetable", "Emploi du temps", "timetable:", "timetable_files:", "api:session-")
entry("school", "Emploi du temps", "timetable:own", "calendar", "timetable.view_own", 15)
