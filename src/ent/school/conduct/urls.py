"""Addresses of conduct."""

from django.urls import path

from ent.school.conduct import sanctions, views

app_name = "conduct"
urlpatterns = [
    path("conduct/pupils/<uuid:pupil>/", views.pupil, name="pupil"),
    path("conduct/pupils/<uuid:pupil>/record/", views.record, name="record"),
    path("conduct/remarks/<uuid:remark>/sign/", views.sign, name="sign"),
    path("conduct/pupils/<uuid:pupil>/sanctions/new/", sanctions.new_sanction, name="new_sanction"),
    path("conduct/sanctions/", sanctions.sanctions, name="sanctions"),
]
