"""Where the timetable stands in the navigation."""

from ent.kernel.navigation import module

module("timetable", "Emploi du temps", "timetable:", "timetable_files:", "api:session-")
