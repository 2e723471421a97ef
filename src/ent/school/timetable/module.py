"""Where the timetable stands in the navigation."""

from ent.kernel.navigation import class_page, entry, module, person_page

module("timetable", "Emploi du temps", "timetable:", "timetable_files:", "api:session-")
entry("school", "Emploi du temps", "timetable:own", "calendar", "timetable.view_own", 15)
person_page("Emploi du temps", "timetable:person", "calendar", "timetable.view_pupil", 10, ("pupil", "staff"))
class_page("Emploi du temps", "timetable:division", "calendar", "timetable.view_audience", 10)
class_page("Emploi du temps", "timetable:group", "calendar", "timetable.view_audience", 10, "group")
