"""Presence over REST: what was noted of oneself or one's children, and a register sent by an application."""

from rest_framework import serializers, viewsets

from ent.kernel.access import acting_as, api_scope
from ent.school.attendance.models import Attendance
from ent.school.structure.access import pupils_of


class AttendanceSerializer(serializers.ModelSerializer):
    """A session missed, come to late or left early."""

    subject = serializers.CharField(source="session.title", read_only=True)

    class Meta:
        model = Attendance
        fields = ["id", "pupil", "session", "subject", "state", "minutes", "starts_at", "ends_at"]


class AttendanceViewSet(viewsets.ReadOnlyModelViewSet):
    """Absences, lateness and early leaves of the token's owner, or of their children, the latest first."""

    queryset = Attendance.objects.none()
    serializer_class = AttendanceSerializer
    scope = api_scope("school", "attendance", "Absences et retards")
    permissions = {"list": "attendance.view_own", "retrieve": "attendance.view_own"}

    def get_queryset(self):
        mine = Attendance.objects.filter(pupil__in=pupils_of(acting_as(self.request.user))).exclude(state="present")
        return mine.select_related("session__subject").order_by("-starts_at")


def register(router) -> None:
    """Add the module's addresses to the school's API."""
    router.register("attendance", AttendanceViewSet, basename="attendance")
