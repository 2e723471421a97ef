"""Addresses of agents, of the journal and of the second factor."""

from django.urls import path

from platform_admin.officers import journal_views, proof_views, views

app_name = "officers"
urlpatterns = [
    path("console/officers/", views.officers, name="officers"),
    path("console/officers/add/", views.add, name="add"),
    path("console/officers/<int:pk>/", views.officer, name="officer"),
    path("console/officers/<int:pk>/grants/", views.grant, name="grant"),
    path("console/officers/<int:pk>/letter/", views.letter, name="letter"),
    path("console/officers/<int:pk>/close/", views.close, name="close"),
    path("console/officers/<int:pk>/reopen/", views.reopen, name="reopen"),
    path("console/officers/<int:pk>/second-factor/", views.reset_second_factor, name="reset_second_factor"),
    path("console/journal/", journal_views.journal, name="journal"),
    path("second-factor/", proof_views.prove, name="prove"),
    path("second-factor/enrol/", proof_views.enrol, name="enrol"),
    path("second-factor/manage/", proof_views.manage, name="manage"),
    path("second-factor/codes/", proof_views.new_codes, name="new_codes"),
    path("second-factor/replace/", proof_views.replace, name="replace"),
    path("second-factor/browsers/forget/", proof_views.forget_browser, name="forget_browser"),
]
