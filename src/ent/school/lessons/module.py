"""Where homework stands in the navigation, and what is counted of lessons."""

from ent.kernel.measure import counter
from ent.kernel.navigation import class_page, entry, module
from ent.school.lessons import queries
from ent.school.lessons.models import LessonEntry
from ent.school.lessons.storage import document_bytes
from ent.school.timetable.marks import mark

module("lessons", "Cahier de textes", "lessons:", "api:homework-")
entry("school", "Travail à faire", "lessons:homework", "book", "lessons.view_own", 18)
entry("school", "Progressions", "lessons:plans", "book", "lessons.plan", 18)
class_page("Cahier de textes", "lessons:log", "book", "lessons.view_log", 12)
counter("lessons_filled", lambda day: LessonEntry.objects.filter(session__day=day).exclude(content="").count())
counter("storage_bytes", lambda day: document_bytes())
mark(queries.to_write)
