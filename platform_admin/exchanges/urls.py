"""Addresses of announcements and requests for help in the console."""

from django.urls import path

from platform_admin.exchanges import views

app_name = "exchanges"
urlpatterns = [
    path("console/exchanges/", views.home, name="home"),
    path("console/exchanges/support/", views.support, name="support"),
    path("console/exchanges/support/<int:number>/", views.request_page, name="request"),
    path("console/exchanges/support/<int:number>/answer/", views.answer, name="answer"),
    path("console/exchanges/support/<int:number>/close/", views.close, name="close"),
    path("console/exchanges/support/<int:number>/reopen/", views.reopen, name="reopen"),
    path("console/exchanges/announcements/", views.announcements, name="announcements"),
    path("console/exchanges/announcements/new/", views.new_announcement, name="new"),
    path("console/exchanges/announcements/<uuid:announcement>/", views.announcement, name="announcement"),
    path("console/exchanges/announcements/<uuid:announcement>/edit/", views.edit_announcement, name="edit"),
    path("console/exchanges/announcements/<uuid:announcement>/withdraw/", views.withdraw, name="withdraw"),
    path("console/schools/<str:uai>/support/", views.school, name="school"),
]
