"""Absences over REST: the cases of oneself or one's children, with where they stand; what a guardian announces."""

from datetime import datetime, time

from django.utils import timezone
from rest_framework import mixins, serializers, viewsets

from ent.kernel.access import NOBODY, acting_as, api_scope
from ent.school.absences import actions, reasons
from ent.school.absences.forms import FARTHEST
from ent.school.absences.models import AbsenceCase, AbsenceNotice, AbsenceReason
from ent.school.absences.queries import cases
from ent.school.people.models import Person
from ent.school.structure.access import pupils_of

SCOPE = api_scope("school", "absences", "Absences, leurs motifs et réponses")


class CaseSerializer(serializers.ModelSerializer):
    """An absence or a late arrival; `is_settled`: the family answered; `is_valid`: the reason is accepted."""

    class Meta:
        model = AbsenceCase
        fields = ["id", "pupil", "kind", "starts_at", "ends_at", "half_days", "minutes", "is_settled", "is_valid"]


class NoticeSerializer(serializers.ModelSerializer):
    """What a guardian says of an absence, coming or past; `state` and `answer` are the school's."""

    reason = serializers.SlugRelatedField("code", queryset=AbsenceReason.objects.none())

    class Meta:
        model = AbsenceNotice
        fields = ["id", "pupil", "starts_at", "ends_at", "reason", "text", "state", "answer", "at"]
        read_only_fields = ["state", "answer", "at"]

    def get_fields(self):
        fields = super().get_fields()
        acting = acting_as(self.context["request"].user) if "request" in self.context else NOBODY
        # Someone else's child is as unknown as nobody's.
        fields["pupil"].queryset = Person.objects.filter(pk__in=pupils_of(acting), closed_at=None)
        fields["reason"].queryset = AbsenceReason.objects.filter(pk__in=[one.pk for one in reasons.for_parents()])
        return fields

    def to_representation(self, instance):
        # What the school keeps to itself is not told here either.
        hidden = {} if instance.reason.is_published else {"reason": None}
        return super().to_representation(instance) | hidden

    def validate(self, attrs):
        for name in ("starts_at", "ends_at"):
            if abs(timezone.localdate(attrs[name]) - timezone.localdate()) > FARTHEST:
                raise serializers.ValidationError({name: "Cette date est trop éloignée."})
        if attrs["starts_at"] >= attrs["ends_at"]:
            raise serializers.ValidationError({"ends_at": "La fin vient avant le début."})
        return attrs


class CaseViewSet(viewsets.ReadOnlyModelViewSet):
    """Absences and lateness of the token's owner, or of their children, the latest first."""

    queryset = AbsenceCase.objects.none()
    serializer_class = CaseSerializer
    scope = SCOPE
    permissions = {"list": "absences.view_own", "retrieve": "absences.view_own"}

    def get_queryset(self):
        return cases(pupil__in=pupils_of(acting_as(self.request.user)))


class NoticeViewSet(mixins.CreateModelMixin, mixins.ListModelMixin, viewsets.GenericViewSet):
    """What the token's owner announced or justified for their children; announcing for one of them."""

    queryset = AbsenceNotice.objects.none()
    serializer_class = NoticeSerializer
    scope = SCOPE
    permissions = {"list": "absences.announce", "create": "absences.announce"}

    def get_queryset(self):
        mine = AbsenceNotice.objects.filter(pupil__in=pupils_of(acting_as(self.request.user)))
        return mine.select_related("reason").order_by("-at")

    def perform_create(self, serializer):
        said, acting = serializer.validated_data, acting_as(self.request.user)
        is_past = timezone.localdate(said["starts_at"]) < timezone.localdate()
        serializer.instance = actions.give_notice(
            said["pupil"], kind=AbsenceNotice.Kind.JUSTIFIES if is_past else AbsenceNotice.Kind.ANNOUNCES,
            starts_at=said["starts_at"], ends_at=said["ends_at"], reason=said["reason"], text=said.get("text", ""),
            by=actions.By(acting.person_id, self.request.user.pk),
            is_exact=_has_hours(said["starts_at"], said["ends_at"]),
        )  # fmt: skip


def _has_hours(starts: datetime, ends: datetime) -> bool:
    """Whether some hours are meant, and not whole days."""
    bounds = tuple(timezone.localtime(one).time().replace(second=0, microsecond=0) for one in (starts, ends))
    return bounds not in ((time.min, time(23, 59)), (time.min, time.min))


def register(router) -> None:
    """Add the module's addresses to the school's API."""
    router.register("absences", CaseViewSet, basename="absence")
    router.register("absence-notices", NoticeViewSet, basename="absence-notice")
