"""Conduct over REST: what is written of oneself or one's children."""

from rest_framework import mixins, serializers, viewsets

from ent.kernel.access import acting_as, api_scope
from ent.school.attendance.models import Passage
from ent.school.conduct.models import Punishment, Remark
from ent.school.structure.access import pupils_of

SCOPE = api_scope("school", "conduct", "Observations, encouragements et punitions")
PERMISSIONS = {"list": "conduct.view"}


class RemarkSerializer(serializers.ModelSerializer):
    """A remark or an encouragement, with its text."""

    class Meta:
        model = Remark
        fields = ["id", "pupil", "kind", "text", "at", "needs_signature"]


class PunishmentSerializer(serializers.ModelSerializer):
    """A punishment, what is to be done for it and what came of it."""

    class Meta:
        model = Punishment
        fields = ["id", "pupil", "kind", "reason", "work", "due_on", "given_at", "outcome"]


class RemovalSerializer(serializers.ModelSerializer):
    """A removal from a lesson: why, with what work, when the pupil was sent and received."""

    class Meta:
        model = Passage
        fields = ["id", "pupil", "session", "reason", "work", "sent_at", "received_at"]


class RemarkViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Remarks about the token's owner, or their children, the latest first."""

    queryset = Remark.objects.none()
    serializer_class, scope, permissions = RemarkSerializer, SCOPE, PERMISSIONS

    def get_queryset(self):
        return Remark.objects.filter(pupil__in=pupils_of(acting_as(self.request.user)))


class PunishmentViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Punishments of the token's owner, or their children, the latest first."""

    queryset = Punishment.objects.none()
    serializer_class, scope, permissions = PunishmentSerializer, SCOPE, PERMISSIONS

    def get_queryset(self):
        return Punishment.objects.filter(pupil__in=pupils_of(acting_as(self.request.user)))


class RemovalViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Removals from lessons the family was told of, of the token's owner, or their children, the latest first."""

    queryset = Passage.objects.none()
    serializer_class, scope, permissions = RemovalSerializer, SCOPE, PERMISSIONS

    def get_queryset(self):
        mine = Passage.objects.filter(pupil__in=pupils_of(acting_as(self.request.user)), is_removal=True)
        return mine.filter(told_at__isnull=False).order_by("-sent_at")


def register(router) -> None:
    """Add the module's addresses to the school's API."""
    router.register("conduct/remarks", RemarkViewSet, basename="conduct-remark")
    router.register("conduct/punishments", PunishmentViewSet, basename="conduct-punishment")
    router.register("conduct/removals", RemovalViewSet, basename="conduct-removal")
