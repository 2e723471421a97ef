"""Addresses of what one is told."""

from django.urls import path

from ent.school.notifications import views

app_name = "notifications"
urlpatterns = [
    path("notifications/", views.told, name="list"),
    path("notifications/read/", views.read_all, name="read_all"),
    path("notifications/bell/", views.bell, name="bell"),
    path("notifications/choices/", views.choices, name="choices"),
    path("notifications/failures/", views.failures, name="failures"),
    path("notifications/failures/resend/", views.resend_all, name="resend_all"),
    path("notifications/failures/<uuid:delivery>/resend/", views.resend, name="resend"),
    path("notifications/week/classes/<uuid:division>/", views.weeks, name="weeks"),
    path("notifications/week/", views.own_week, name="week"),
    path("notifications/week/<uuid:person>/", views.week_of, name="week_of"),
    path("notifications/<uuid:notification>/", views.open_one, name="open"),
]
