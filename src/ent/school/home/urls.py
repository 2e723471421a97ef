"""The school's root address."""

from django.urls import path

from ent.school.home import views

urlpatterns = [path("", views.home, name="home")]
