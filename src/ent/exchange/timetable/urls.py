"""Addresses of timetable files, on a school's host."""

from django.urls import path

from ent.exchange.timetable import views

app_name = "timetable_files"
urlpatterns = [
    path("timetable/imports/", views.imports, name="imports"),
    path("timetable/imports/<uuid:timetable_import>/", views.settle, name="settle"),
    path("timetable/imports/<uuid:timetable_import>/columns/", views.name_columns, name="columns"),
    path("timetable/imports/<uuid:timetable_import>/names/", views.keep_names, name="names"),
    path("timetable/imports/<uuid:timetable_import>/apply/", views.apply_file, name="apply"),
    path("timetable/imports/<uuid:timetable_import>/again/", views.take_again, name="again"),
    path("timetable/imports/<uuid:timetable_import>/undo/", views.undo_file, name="undo"),
    path("timetable/orphans/", views.orphans, name="orphans"),
    path("timetable/orphans/<uuid:orphan>/move/", views.move_orphan, name="move_orphan"),
    path("timetable/orphans/<uuid:orphan>/keep/", views.keep_orphan, name="keep_orphan"),
]
