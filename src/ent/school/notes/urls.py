"""Addresses of notes."""

from django.urls import path

from ent.school.notes import family_views, views, writing_views

app_name = "notes"
urlpatterns = [
    path("notes/", family_views.own, name="own"),
    path("notes/sent/", views.sent, name="sent"),
    path("notes/write/", writing_views.write, name="write"),
    path("notes/drafts/<uuid:draft>/", writing_views.draft, name="draft"),
    path("notes/drafts/<uuid:draft>/edit/", writing_views.edit, name="edit"),
    path("notes/drafts/<uuid:draft>/send/", writing_views.send, name="send"),
    path("notes/drafts/<uuid:draft>/delete/", writing_views.delete, name="delete"),
    path("notes/pupils/<uuid:pupil>/", views.pupil, name="pupil"),
    path("notes/files/<uuid:note_file>/", views.file, name="file"),
    path("notes/<uuid:note>/", views.note, name="note"),
    path("notes/<uuid:note>/answer/", family_views.answer, name="answer"),
    path("notes/<uuid:note>/paper/", views.paper, name="paper"),
    path("notes/<uuid:note>/remind/", views.remind, name="remind"),
    path("notes/<uuid:note>/withdraw/", views.withdraw, name="withdraw"),
]
