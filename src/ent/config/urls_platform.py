"""URL map of the platform's host."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("platform_admin.api")),
    path("", include("platform_admin.urls")),
    path("", include("ent.accounts.urls")),
    path("", include("tenants.configuration.urls")),
]
