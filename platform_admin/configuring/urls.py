"""Addresses of settings in the console. « academy » stands where the code of a collectivity would."""

from django.urls import path

from platform_admin.configuring import views

app_name = "configuring"
urlpatterns = [
    path("console/settings/", views.settings, name="settings"),
    path("console/settings/<str:code>/", views.authority, name="authority"),
    path("console/settings/<str:code>/undo/<uuid:change>/", views.undo, name="undo"),
    path("console/settings/<str:code>/<slug:key>/", views.setting, name="setting"),
    path("console/schools/<str:uai>/settings/", views.school, name="school"),
    path("console/schools/<str:uai>/settings/undo/<uuid:change>/", views.undo, name="school_undo"),
    path("console/schools/<str:uai>/settings/<slug:key>/", views.setting, name="school_setting"),
]
