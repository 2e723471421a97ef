"""The right to bring a timetable file into the school."""

from ent.kernel.access import HEADS, Role, Scope, right

right(
    "timetable.import_file",
    "Importer un emploi du temps",
    dict.fromkeys((Role.SCHOOL_ADMIN, *HEADS), Scope.SCHOOL),
)
