"""Addresses of timetables."""

from django.urls import path

from ent.school.timetable import absence_views, change_views, finding_views, set_up_views, views, weekly_views

app_name = "timetable"
urlpatterns = [
    path("timetable/", views.own, name="own"),
    path("timetable/people/<uuid:person>/", views.of_person, name="person"),
    path("timetable/classes/<uuid:division>/", views.of_division, name="division"),
    path("timetable/groups/<uuid:group>/", views.of_group, name="group"),
    path("timetable/rooms/<uuid:room>/", views.of_room, name="room"),
    path("timetable/subscribe/", views.subscribe, name="subscribe"),
    path("timetable/subscribe/<uuid:feed>/revoke/", views.revoke, name="revoke"),
    path("calendar/<str:token>.ics", views.calendar, name="calendar"),
    path("timetable/sessions/add/", change_views.add, name="add"),
    path("timetable/sessions/<uuid:session>/", change_views.change, name="change"),
    path("timetable/changes/<uuid:change>/undo/", change_views.undo, name="undo"),
    path("timetable/absences/", absence_views.absences, name="absences"),
    path("timetable/absences/<uuid:teacher_absence>/", absence_views.absence, name="teacher_absence"),
    path("timetable/calls/", absence_views.calls, name="calls"),
    path("timetable/calls/<uuid:call>/answer/", absence_views.answer, name="answer"),
    path("timetable/bookings/", change_views.bookings, name="bookings"),
    path("timetable/bookings/<uuid:booking>/release/", change_views.release, name="release"),
    path("timetable/lessons/", weekly_views.lessons, name="lessons"),
    path("timetable/lessons/add/", weekly_views.add_lesson, name="add_lesson"),
    path("timetable/lessons/<uuid:weekly_lesson>/", weekly_views.lesson, name="weekly_lesson"),
    path("timetable/lessons/<uuid:weekly_lesson>/end/", weekly_views.end_lesson, name="end_lesson"),
    path("timetable/free/", finding_views.find, name="find"),
    path("timetable/set-up/", set_up_views.set_up, name="set_up"),
    path("timetable/weeks/", set_up_views.year_weeks, name="year_weeks"),
    path("timetable/rooms/<uuid:room>/settings/", set_up_views.room_settings, name="room_settings"),
    path("timetable/slots/<uuid:time_slot>/settings/", set_up_views.slot_settings, name="slot_settings"),
]
