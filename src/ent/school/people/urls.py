"""Addresses of people."""

from django.urls import path

from ent.school.people import views

app_name = "people"
urlpatterns = [
    path("people/", views.search, name="search"),
    path("people/<uuid:pk>/", views.person, name="person"),
    path("people/links/<uuid:pk>/restrict/", views.restrict, name="restrict"),
]
