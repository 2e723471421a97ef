"""Addresses of registers and of the control room."""

from django.urls import path

from ent.school.attendance import board_views, exit_views, views

app_name = "attendance"
urlpatterns = [
    path("sessions/<uuid:session>/register/", views.register, name="register"),
    path("sessions/<uuid:session>/seats/", views.seats, name="seats"),
    path("sessions/<uuid:session>/register/take-back/", views.take_back, name="take_back"),
    path("sessions/<uuid:session>/register/history/", views.history, name="history"),
    path("sessions/<uuid:session>/register/remind/", views.remind, name="remind"),
    path("register-worker.js", views.worker, name="worker"),
    path("student-life/", board_views.board, name="board"),
    path("student-life/whereabouts/", board_views.whereabouts, name="whereabouts"),
    path("student-life/gate/", exit_views.gate, name="gate"),
    path("student-life/exit-schemes/", exit_views.schemes, name="exit_schemes"),
    path("student-life/exit-schemes/assign/", exit_views.assign, name="exit_assign"),
    path("student-life/exit-schemes/<uuid:scheme>/", exit_views.scheme, name="exit_scheme"),
    path("student-life/exit-schemes/<uuid:scheme>/withdraw/", exit_views.withdraw, name="withdraw_exit_scheme"),
    path("student-life/passages/", board_views.passages, name="passages"),
    path("student-life/passages/<uuid:passage>/receive/", board_views.receive, name="receive"),
    path("student-life/passages/<uuid:passage>/let-go/", board_views.let_go, name="let_go"),
    path("student-life/services/<slug:service>/", board_views.service, name="service"),
    path("student-life/exemptions/", board_views.exemptions, name="exemptions"),
    path("student-life/exemptions/<uuid:exemption>/end/", board_views.end_exemption, name="end_exemption"),
    path("student-life/exemptions/<uuid:exemption>/certificate/", board_views.certificate, name="certificate"),
    path("student-life/outings/", board_views.outings, name="outings"),
    path("student-life/outings/<uuid:outing>/", board_views.outing, name="outing"),
]
