"""Timetables over REST: the sessions of oneself or one's children."""

from datetime import timedelta

from django.utils import timezone
from rest_framework import serializers, viewsets

from ent.kernel.access import acting_as, api_scope
from ent.kernel.text import typed_day
from ent.school.people.models import Profile
from ent.school.structure.access import pupils_of
from ent.school.timetable.access import audiences_of, leads
from ent.school.timetable.models import Session, monday_of
from ent.school.timetable.queries import detailed

LONGEST = timedelta(days=62)


class SessionSerializer(serializers.ModelSerializer):
    """A dated lesson; `last_change` says what was changed, with what stood before."""

    title = serializers.CharField(read_only=True)
    divisions = serializers.ListField(source="division_codes", read_only=True)
    groups = serializers.ListField(source="group_codes", read_only=True)
    rooms = serializers.ListField(source="room_names", read_only=True)
    teachers = serializers.ListField(source="teacher_names", read_only=True)
    last_change = serializers.JSONField(read_only=True)

    class Meta:
        model = Session
        fields = [
            "id",
            "title",
            "starts_at",
            "ends_at",
            "state",
            "divisions",
            "groups",
            "rooms",
            "teachers",
            "last_change",
        ]


class SessionViewSet(viewsets.ReadOnlyModelViewSet):
    """The sessions of the token's owner, or of their children: `?first=2026-11-23&last=2026-11-29` (this week)."""

    queryset = Session.objects.none()
    serializer_class = SessionSerializer
    scope = api_scope("school", "timetable", "Emploi du temps")
    permissions = {"list": "timetable.view_own", "retrieve": "timetable.view_session"}

    def get_queryset(self):
        sessions = detailed(Session.objects.all()).order_by("starts_at", "pk")
        if self.action == "retrieve":
            return sessions
        acting = acting_as(self.request.user)
        asked = self.request.GET
        first = typed_day(asked.get("first", "")) or monday_of(timezone.localdate())
        last = min(typed_day(asked.get("last", "")) or first + timedelta(days=6), first + LONGEST)
        mine = leads(acting) if acting.profile == Profile.STAFF else audiences_of(pupils_of(acting))
        return sessions.filter(day__range=(first, last), pk__in=mine.values("session"))


def register(router) -> None:
    """Add the module's addresses to the school's API."""
    router.register("sessions", SessionViewSet, basename="session")
