"""Addresses of logos, the same on every host."""

from django.urls import path

from tenants.configuration import views

app_name = "configuration"
urlpatterns = [path("logo/<slug:digest>.webp", views.logo, name="logo")]
