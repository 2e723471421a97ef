"""Addresses of the waves, of a school's checklist and of the plan, below `console/`."""

from django.urls import path

from platform_admin.rollout import launch_views, plan_views, school_views, wave_views

app_name = "rollout"
urlpatterns = [
    path("waves/", wave_views.waves, name="waves"),
    path("waves/new/", wave_views.new_wave, name="new_wave"),
    path("waves/<int:pk>/", wave_views.wave, name="wave"),
    path("waves/<int:pk>/edit/", wave_views.edit_wave, name="edit_wave"),
    path("waves/<int:pk>/delete/", wave_views.delete_wave, name="delete_wave"),
    path("waves/<int:pk>/schools/", wave_views.pick, name="pick"),
    path("waves/<int:pk>/paste/", wave_views.paste, name="paste"),
    path("waves/<int:pk>/launch/", launch_views.launch_wave, name="launch_wave"),
    path("launches/<uuid:pk>/", launch_views.launch, name="launch"),
    path("launches/<uuid:pk>/pause/", launch_views.pause, name="pause"),
    path("launches/<uuid:pk>/resume/", launch_views.resume, name="resume"),
    path("launches/<uuid:pk>/retry/", launch_views.retry, name="retry"),
    path("launches/jobs/<uuid:pk>/export/", launch_views.replace_export, name="replace_export"),
    path("schools/<str:uai>/rollout/", school_views.school, name="school"),
    path("schools/<str:uai>/rollout/note/", school_views.note_step, name="note_step"),
    path("schools/<str:uai>/rollout/withdraw/", school_views.withdraw_step, name="withdraw_step"),
    path("schools/<str:uai>/rollout/postpone/", school_views.postpone, name="postpone"),
    path("schools/<str:uai>/rollout/rejoin/", school_views.rejoin, name="rejoin"),
    path("schools/<str:uai>/rollout/move/", school_views.move, name="move"),
    path("schools/<str:uai>/rollout/remove/", school_views.remove, name="remove"),
    path("schools/<str:uai>/rollout/state/", school_views.change_state, name="change_state"),
    path("schools/<str:uai>/rollout/archive/", school_views.archive, name="archive"),
    path("step-documents/<uuid:pk>/", school_views.step_document, name="step_document"),
    path("plan/", plan_views.calendar, name="plan"),
    path("plan/schools/", plan_views.predictions, name="predictions"),
    path("plan/agreements/", plan_views.agreements, name="agreements"),
    path("plan/agreements/new/", plan_views.new_agreement, name="new_agreement"),
    path("plan/agreements/<uuid:pk>/withdraw/", plan_views.withdraw_agreement, name="withdraw_agreement"),
    path("plan/agreements/<uuid:pk>/document/", plan_views.agreement_document, name="agreement_document"),
    path("plan/training/", plan_views.trainings, name="trainings"),
    path("plan/training/new/", plan_views.new_training, name="new_training"),
    path("plan/training/<uuid:pk>/", plan_views.training, name="training"),
    path("plan/training/<uuid:pk>/seats/", plan_views.take_seats, name="take_seats"),
    path("plan/training/<uuid:pk>/attendance/", plan_views.note_attendance, name="note_attendance"),
    path("plan/training/<uuid:pk>/cancel/", plan_views.cancel_training, name="cancel_training"),
]
