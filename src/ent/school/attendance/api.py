"""Presence over REST: what was noted of oneself or one's children, and a register sent by an application."""

from django.utils import timezone
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from ent.kernel.access import Scope, acting_as, api_scope, reach
from ent.kernel.refused import Refused
from ent.school.attendance import actions, queries
from ent.school.attendance.models import Attendance, AttendanceState
from ent.school.structure.access import pupils_of
from ent.school.timetable.models import Session
from ent.school.timetable.queries import detailed

SCOPE = api_scope("school", "attendance", "Absences et retards")
ROLLS = api_scope("school", "registers", "Appels")


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
    scope = SCOPE
    permissions = {"list": "attendance.view_own", "retrieve": "attendance.view_own"}

    def get_queryset(self):
        mine = Attendance.objects.filter(pupil__in=pupils_of(acting_as(self.request.user))).exclude(state="present")
        return mine.select_related("session__subject").order_by("-starts_at")


class MarkSerializer(serializers.Serializer):
    """A pupil of a register, and how they are."""

    pupil = serializers.UUIDField()
    state = serializers.ChoiceField(AttendanceState.choices)
    minutes = serializers.IntegerField(min_value=0, max_value=600, default=0)


class LineSerializer(serializers.Serializer):
    """A pupil of a register, as taken or as expected."""

    pupil = serializers.UUIDField(source="pupil.pk")
    state = serializers.CharField()
    minutes = serializers.IntegerField()


class RollSerializer(serializers.Serializer):
    """The sheet of a session: as taken (`version` says how often), else as expected."""

    id = serializers.UUIDField(source="session.pk")
    title = serializers.CharField(source="session.title")
    starts_at = serializers.DateTimeField(source="session.starts_at")
    ends_at = serializers.DateTimeField(source="session.ends_at")
    version = serializers.IntegerField(source="register.version", default=0)
    marks = LineSerializer(source="lines", many=True)


class SendingSerializer(serializers.Serializer):
    """A register as a device sends it: `client_id` names this sending, `based_on` the version it knew."""

    client_id = serializers.UUIDField()
    based_on = serializers.IntegerField(min_value=0, default=0)
    taken_at = serializers.DateTimeField(required=False)
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)
    marks = MarkSerializer(many=True)


class RollViewSet(viewsets.GenericViewSet):
    """The register of a session its reader may take; sending it, once, without writing over a colleague's."""

    queryset = Session.objects.none()
    serializer_class = RollSerializer
    scope = ROLLS
    permissions = {"retrieve": "attendance.take", "send": "attendance.take"}

    def get_queryset(self):
        return detailed(Session.objects.all())

    def retrieve(self, request, pk=None):
        """The sheet of one session."""
        return Response(self.get_serializer(queries.sheet(self.get_object())).data)

    @action(detail=True, methods=["post"])
    def send(self, request, pk=None):
        """200: kept, or already received; 409: someone said otherwise meanwhile, or why it cannot be taken."""
        session = self.get_object()
        asked = SendingSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        marks = {one["pupil"]: actions.Mark(one["state"], one["minutes"]) for one in said["marks"]}
        try:
            sent = actions.submit(
                session, acting_as(request.user).person_id, marks, client_id=said["client_id"],
                based_on=said["based_on"], taken_at=said.get("taken_at") or timezone.now(),
                any_day=Scope.SCHOOL in reach(request.user, "attendance.take"), reason=said.get("reason", ""),
            )  # fmt: skip
        except Refused as error:
            return Response({"status": "refused", "message": str(error)}, status.HTTP_409_CONFLICT)
        told = {"version": sent.register.version, "at": sent.register.taken_at}
        if sent.conflicts:
            pupils = {str(pupil): {"theirs": two[0], "yours": two[1]} for pupil, two in sent.conflicts.items()}
            return Response({"status": "conflict", "conflicts": pupils, **told}, status.HTTP_409_CONFLICT)
        return Response({"status": "saved", **told})


def register(router) -> None:
    """Add the module's addresses to the school's API."""
    router.register("attendance", AttendanceViewSet, basename="attendance")
    router.register("registers", RollViewSet, basename="attendance-register")
