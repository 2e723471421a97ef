"""Addresses of people."""

from django.urls import path

from ent.school.people import views

app_name = "people"
urlpatterns = [
    path("people/", views.search, name="search"),
    path("people/suggestions/", views.suggestions, name="suggestions"),
    path("people/<uuid:pk>/", views.person, name="person"),
    path("people/<uuid:pk>/photo/", views.photo, name="photo"),
    path("people/<uuid:pk>/photo/change/", views.change_photo, name="change_photo"),
    path("people/links/<uuid:pk>/restrict/", views.restrict, name="restrict"),
]
