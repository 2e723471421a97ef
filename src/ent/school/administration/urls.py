"""Addresses of the school's administration."""

from django.urls import path

from ent.school.administration import liaison_views, settings_views, training_views, views

app_name = "administration"
urlpatterns = [
    path("accounts/", views.accounts, name="accounts"),
    path("letters/", views.print_letters, name="letters"),
    path("people/<uuid:pk>/new-code/", views.new_code, name="new_code"),
    path("functions/", views.functions, name="functions"),
    path("functions/give/", views.give_function, name="give_function"),
    path("functions/withdraw/", views.withdraw_function, name="withdraw_function"),
    path("photos/", views.photos, name="photos"),
    path("imports/", views.imports, name="imports"),
    path("settings/", settings_views.settings, name="settings"),
    path("settings/undo/<uuid:change>/", settings_views.undo, name="undo_setting"),
    path("settings/<slug:key>/", settings_views.setting, name="setting"),
    path("training/", training_views.sessions, name="training"),
    path("training/sign-up/", training_views.sign_up, name="sign_up"),
    path("network/", liaison_views.network, name="network"),
    path("network/sample/", liaison_views.sample, name="network_sample"),
    path("network/measure/", liaison_views.measure, name="network_measure"),
    path("network/slow/", liaison_views.slow_for_all, name="network_slow"),
    path("support/", liaison_views.support, name="support"),
    path("support/<int:number>/", liaison_views.request_page, name="support_request"),
    path("support/<int:number>/close/", liaison_views.close_request, name="support_close"),
    path("support/<int:number>/reopen/", liaison_views.reopen_request, name="support_reopen"),
]
