"""Addresses of absences."""

from django.urls import path

from ent.school.absences import alert_views, case_views, letter_views, views

app_name = "absences"
urlpatterns = [
    path("absences/", views.family, name="family"),
    path("absences/announce/<uuid:pupil>/", views.announce, name="announce"),
    path("absences/cases/<uuid:case>/", case_views.case, name="case"),
    path("absences/cases/<uuid:case>/justify/", views.justify, name="justify"),
    path("absences/cases/<uuid:case>/decide/", case_views.decide, name="decide"),
    path("absences/notices/<uuid:notice>/withdraw/", views.withdraw, name="withdraw"),
    path("absences/notices/<uuid:notice>/document/", views.document, name="document"),
    path("absences/notices/<uuid:notice>/answer/", case_views.answer, name="answer"),
    path("absences/notices/<uuid:notice>/undo/", views.undo_answer, name="undo_answer"),
    path("absences/notices/accept/", views.accept_all, name="accept_all"),
    path("absences/pupils/<uuid:pupil>/", views.of_pupil, name="of_pupil"),
    path("absences/pupils/<uuid:pupil>/follow-up/", case_views.follow_up, name="follow_up"),
    path("absences/pupils/<uuid:pupil>/desk/", views.desk, name="desk"),
    path("absences/to-treat/", views.to_treat, name="to_treat"),
    path("absences/calls/", case_views.calls, name="calls"),
    path("absences/letters/", letter_views.letters, name="letters"),
    path("absences/letters/log/", letter_views.log, name="letters_log"),
    path("absences/rules/", letter_views.rules, name="rules"),
    path("absences/rules/<uuid:rule>/close/", letter_views.close_rule, name="close_rule"),
    path("absences/alerts/", alert_views.alerts_page, name="alerts"),
    path("absences/alerts/<uuid:alert>/", alert_views.alert, name="alert"),
    path("absences/alerts/<uuid:alert>/change/", alert_views.change, name="change_alert"),
    path("absences/alerts/<uuid:alert>/report/", alert_views.report, name="report"),
    path("absences/alerts/<uuid:alert>/report/write/", alert_views.write_report, name="write_report"),
    path("absences/alerts/<uuid:alert>/report/send/", alert_views.send_report, name="send_report"),
    path("absences/alerts/<uuid:alert>/report/received/", alert_views.report_received, name="report_received"),
    path("absences/alerts/<uuid:alert>/report.pdf", alert_views.report_pdf, name="report_pdf"),
    path("absences/statistics/", views.statistics_page, name="statistics"),
    path("absences/reasons/", views.reasons_page, name="reasons"),
    path("absences/reasons/<uuid:reason>/", views.change_reason, name="reason"),
]
