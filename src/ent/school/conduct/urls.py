"""Addresses of conduct."""

from django.urls import path

from ent.school.conduct import concerns, detentions, incidents, removals, sanctions, views

app_name = "conduct"
urlpatterns = [
    path("conduct/pupils/<uuid:pupil>/", views.pupil, name="pupil"),
    path("conduct/pupils/<uuid:pupil>/record/", views.record, name="record"),
    path("conduct/pupils/<uuid:pupil>/punish/", views.punish, name="punish"),
    path("conduct/pupils/<uuid:pupil>/sanctions/new/", sanctions.new_sanction, name="new_sanction"),
    path("sessions/<uuid:session>/removals/", removals.send, name="send_out"),
    path("conduct/removals/<uuid:removal>/", removals.removal, name="removal"),
    path("conduct/removals/<uuid:removal>/cancel/", removals.cancel, name="cancel_removal"),
    path("conduct/remarks/<uuid:remark>/sign/", views.sign, name="sign"),
    path("conduct/punishments/<uuid:punishment>/close/", views.close, name="close"),
    path("conduct/punishments/<uuid:punishment>/plan/", detentions.plan, name="plan"),
    path("conduct/punishments/<uuid:punishment>/acknowledge/", views.acknowledge_punishment,
         name="acknowledge_punishment"),
    path("conduct/sanctions/", sanctions.sanctions, name="sanctions"),
    path("conduct/sanctions/<uuid:sanction>/letter/", sanctions.sanction_letter, name="sanction_letter"),
    path("conduct/sanctions/<uuid:sanction>/acknowledge/", views.acknowledge_sanction, name="acknowledge_sanction"),
    path("conduct/detentions/", detentions.detentions, name="detentions"),
    path("conduct/detentions/new/", detentions.new_detention, name="new_detention"),
    path("conduct/detentions/<uuid:detention>/remove/", detentions.remove_detention, name="remove_detention"),
    path("conduct/incidents/", incidents.incidents, name="incidents"),
    path("conduct/incidents/new/", incidents.new_incident, name="new_incident"),
    path("conduct/incidents/<uuid:incident>/", incidents.incident, name="incident"),
    path("conduct/incidents/<uuid:incident>/parties/", incidents.add_party, name="add_party"),
    path("conduct/incidents/<uuid:incident>/steps/", incidents.add_step, name="add_step"),
    path("conduct/incidents/<uuid:incident>/close/", incidents.close_incident, name="close_incident"),
    path("conduct/parties/<uuid:party>/tell/", incidents.tell_party, name="tell_party"),
    path("help/", concerns.help_page, name="help"),
    path("help/calls/", concerns.concerns, name="concerns"),
    path("help/calls/<uuid:concern>/", concerns.concern, name="concern"),
    path("help/calls/<uuid:concern>/write/", concerns.write, name="write"),
    path("help/calls/<uuid:concern>/close/", concerns.close_concern, name="close_concern"),
    path("help/referents/", concerns.referents, name="referents"),
    path("help/referents/<uuid:referent>/remove/", concerns.remove_referent, name="remove_referent"),
]  # fmt: skip
