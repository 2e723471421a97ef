"""Addresses of lessons and homework."""

from django.urls import path

from ent.school.lessons import views

app_name = "lessons"
urlpatterns = [
    path("sessions/<uuid:session>/log/", views.session_log, name="session"),
    path("sessions/<uuid:session>/log/save/", views.save_content, name="save"),
    path("sessions/<uuid:session>/log/give/", views.give, name="give"),
    path("sessions/<uuid:session>/log/copy/", views.copy, name="copy"),
    path("homework/", views.homework, name="homework"),
    path("homework/missed/", views.missed, name="missed"),
    path("homework/own/", views.plan_own, name="plan_own"),
    path("homework/own/<uuid:task>/", views.finish_own, name="finish_own"),
    path("homework/<uuid:homework>/", views.work, name="work"),
    path("homework/<uuid:homework>/tick/", views.tick, name="tick"),
    path("homework/<uuid:homework>/hand-in/", views.hand_in, name="hand_in"),
    path("homework/<uuid:homework>/edit/", views.edit, name="edit"),
    path("homework/<uuid:homework>/withdraw/", views.withdraw, name="withdraw"),
    path("homework/<uuid:homework>/copies/", views.copies, name="copies"),
    path("copies/<uuid:submission>/", views.give_back, name="give_back"),
    path("log/classes/<uuid:division>/", views.log, name="log"),
    path("log/classes/<uuid:division>/log.pdf", views.log_document, name="log_document"),
    path("attachments/<uuid:attachment>/", views.attachment, name="attachment"),
]
