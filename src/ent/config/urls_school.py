"""URL map of a school's host."""

from django.urls import include, path

urlpatterns = [
    path("", include("ent.school.home.urls")),
    path("", include("ent.accounts.urls")),
    path("", include("tenants.configuration.urls")),
    path("", include("ent.school.people.urls")),
    path("", include("ent.school.structure.urls")),
    path("", include("ent.school.conduct.urls")),
    path("", include("ent.school.rights.urls")),
    path("", include("ent.school.notifications.urls")),
    path("", include("ent.school.timetable.urls")),
    path("", include("ent.school.attendance.urls")),
    path("", include("ent.school.absences.urls")),
    path("", include("ent.school.lessons.urls")),
    path("", include("ent.school.notes.urls")),
    path("", include("ent.exchange.timetable.urls")),
    path("administration/", include("ent.school.administration.urls")),
    path("api/", include("ent.school.api")),
]
