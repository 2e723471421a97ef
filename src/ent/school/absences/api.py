"""Absences over REST: the cases of oneself or one's children, with where they stand."""

from rest_framework import serializers, viewsets

from ent.kernel.access import acting_as, api_scope
from ent.school.absences.models import AbsenceCase
from ent.school.absences.queries import cases
from ent.school.structure.access import pupils_of


class CaseSerializer(serializers.ModelSerializer):
    """An absence or a late arrival; `is_settled`: the family answered; `is_valid`: the reason is accepted."""

    class Meta:
        model = AbsenceCase
        fields = ["id", "pupil", "kind", "starts_at", "ends_at", "half_days", "minutes", "is_settled", "is_valid"]


class CaseViewSet(viewsets.ReadOnlyModelViewSet):
    """Absences and lateness of the token's owner, or of their children, the latest first."""

    queryset = AbsenceCase.objects.none()
    serializer_class = CaseSerializer
    scope = api_scope("school", "absences", "Absences, leurs motifs et réponses")
    permissions = {"list": "absences.view_own", "retrieve": "absences.view_own"}

    def get_queryset(self):
        return cases(pupil__in=pupils_of(acting_as(self.request.user)))


def register(router) -> None:
    """Add the module's addresses to the school's API."""
    router.register("absences", CaseViewSet, basename="absence")
