"""Addresses of the portal and of the console."""

from django.urls import include, path

from platform_admin import views

urlpatterns = [
    path("", include("platform_admin.configuring.urls")),
    path("console/", include("platform_admin.rollout.urls")),
    path("", include("platform_admin.network.urls")),
    path("", include("platform_admin.exchanges.urls")),
    path("", views.portal, name="home"),
    path("health", views.health, name="health"),
    path("", include("platform_admin.officers.urls")),
    path("console/", views.dashboard, name="console"),
    path("console/dashboard/", include("platform_admin.dashboards.urls")),
    path("console/schools/<str:uai>/", views.school, name="console_school"),
    path("console/schools/<str:uai>/provision/", views.provision_school, name="console_provision"),
    path("console/schools/<str:uai>/progress/", views.school_progress, name="console_progress"),
    path("console/imports/", views.imports, name="console_imports"),
    path("console/imports/<uuid:pk>/", views.import_run, name="console_import"),
    path("console/imports/<uuid:pk>/apply/", views.apply_import, name="console_import_apply"),
    path("console/imports/<uuid:pk>/undo/", views.undo_import, name="console_import_undo"),
]
