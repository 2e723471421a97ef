"""Addresses of the dashboards."""

from django.urls import path

from platform_admin.dashboards import views

app_name = "dashboards"
urlpatterns = [
    path("", views.home, name="home"),
    path("help/", views.help_first, name="help"),
    path("schools/", views.schools, name="schools"),
    path("authorities/<str:code>/", views.of_authority, name="authority"),
    path("authorities/<str:code>/report/", views.monthly_report, name="report"),
]
