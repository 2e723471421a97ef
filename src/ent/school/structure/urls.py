"""Addresses of classes and groups."""

from django.urls import path

from ent.school.structure import views

app_name = "structure"
urlpatterns = [
    path("classes/", views.divisions, name="divisions"),
    path("classes/photos/", views.faces, name="faces"),
    path("classes/<uuid:pk>/", views.division, name="division"),
    path("classes/<uuid:pk>/list.csv", views.division_list, name="division_list"),
    path("groups/<uuid:pk>/", views.group, name="group"),
    path("groups/<uuid:pk>/list.csv", views.group_list, name="group_list"),
]
