"""Addresses of the rights pages."""

from django.urls import path

from ent.school.rights import views

app_name = "rights"
urlpatterns = [
    path("rights/", views.matrix, name="matrix"),
    path("rights/why/", views.why, name="why"),
]
