"""Addresses of the network in the console."""

from django.urls import path

from platform_admin.network import views

app_name = "network"
urlpatterns = [
    path("console/network/", views.overview, name="overview"),
    path("console/network/import/", views.import_list, name="import"),
    path("console/schools/<str:uai>/network/", views.school, name="school"),
]
