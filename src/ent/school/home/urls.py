"""The school's root address, and what one chooses for one's own browser."""

from django.urls import path

from ent.school.home import views

urlpatterns = [
    path("", views.home, name="home"),
    path("slow-network/", views.slow_network, name="slow_network"),
    path("announcements/dismiss/", views.dismiss, name="dismiss"),
]
