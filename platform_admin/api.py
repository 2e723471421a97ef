"""The platform over REST, read only: waves, schools, deployments, aggregates. Keys are cut to some of them."""

from django.conf import settings
from django.db.models import Count, Prefetch, Q
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework import mixins, serializers, viewsets
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from ent.kernel.access import acting_as, api_scope, open_to_all
from ent.kernel.measure import RoleGroup
from platform_admin.dashboards.masking import masked
from platform_admin.dashboards.queries import View, adoption
from platform_admin.officers.access import seen_schools
from platform_admin.rollout.models import Deployment, StepRecord, Wave
from tenants.hosts import url_of
from tenants.models import School

WAVES = api_scope("platform", "waves", "Les vagues")
SCHOOLS = api_scope("platform", "schools", "Les établissements")
DEPLOYMENTS = api_scope("platform", "deployments", "L'avancement de chaque établissement")
AGGREGATES = api_scope("platform", "aggregates", "Les comptes par semaine et par rôle")


class SchoolSerializer(serializers.ModelSerializer):
    """A school, whose it is, and where it is reached."""

    authority = serializers.CharField(source="authority.code", default=None)
    address = serializers.SerializerMethodField()

    class Meta:
        model = School
        fields = ["uai", "name", "kind", "is_public", "town", "departement", "authority", "state", "address"]

    def get_address(self, school: School) -> str:
        """The school's own address."""
        return url_of(school)


class WaveSerializer(serializers.ModelSerializer):
    """A wave, and how far its schools are: those the key's owner sees."""

    schools = serializers.IntegerField(read_only=True)
    opened = serializers.IntegerField(read_only=True)

    class Meta:
        model = Wave
        fields = ["number", "name", "starts_on", "opens_on", "schools", "opened"]


class StepSerializer(serializers.ModelSerializer):
    """A step done."""

    class Meta:
        model = StepRecord
        fields = ["step", "done_on"]


class DeploymentSerializer(serializers.ModelSerializer):
    """A school's place in the plan, the steps it has done, when it is to open and is foreseen to."""

    uai = serializers.CharField(source="school.uai")
    state = serializers.CharField(source="school.state")
    wave = serializers.IntegerField(source="wave.number")
    planned_on = serializers.DateField()
    steps = StepSerializer(source="standing", many=True)

    class Meta:
        model = Deployment
        fields = ["uai", "state", "wave", "planned_on", "predicted_on", "steps"]


class AggregateSerializer(serializers.Serializer):
    """Counts of one role group on the last full day of a week; null where fewer than five people would show."""

    day = serializers.DateField()
    role = serializers.ChoiceField(RoleGroup.choices)
    accounts = serializers.IntegerField(allow_null=True)
    activated = serializers.IntegerField(allow_null=True)
    came_this_week = serializers.IntegerField(allow_null=True)


class SchoolViewSet(viewsets.ReadOnlyModelViewSet):
    """The schools the key's owner sees."""

    queryset = School.objects.none()
    serializer_class = SchoolSerializer
    lookup_field = "uai"
    permissions = {"list": "console.view", "retrieve": "console.view"}
    scope = SCHOOLS

    def get_queryset(self):
        return seen_schools(acting_as(self.request.user)).select_related("authority").order_by("uai")


class WaveViewSet(viewsets.ReadOnlyModelViewSet):
    """The waves of the plan."""

    queryset = Wave.objects.none()
    serializer_class = WaveSerializer
    lookup_field = "number"
    permissions = {"list": "rollout.view", "retrieve": "rollout.view"}
    scope = WAVES

    def get_queryset(self):
        seen = Q(deployments__school__in=seen_schools(acting_as(self.request.user)))
        opened = seen & Q(deployments__school__state=School.State.OPEN)
        return Wave.objects.annotate(
            schools=Count("deployments", filter=seen), opened=Count("deployments", filter=opened)
        ).order_by("number")


class DeploymentViewSet(viewsets.ReadOnlyModelViewSet):
    """How far each school is."""

    queryset = Deployment.objects.none()
    serializer_class = DeploymentSerializer
    lookup_field, lookup_url_kwarg = "school__uai", "uai"
    permissions = {"list": "rollout.view", "retrieve": "rollout.view"}
    scope = DEPLOYMENTS

    def get_queryset(self):
        standing = Prefetch("records", StepRecord.objects.filter(withdrawn_at=None), to_attr="standing")
        return (
            Deployment.objects.filter(school__in=seen_schools(acting_as(self.request.user)))
            .select_related("school", "wave")
            .prefetch_related(standing)
            .order_by("school__uai")
        )


class AggregateViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Week by week and role by role: accounts, activated ones, people who came."""

    queryset = School.objects.none()
    serializer_class = AggregateSerializer
    permissions = {"list": "dashboards.view"}
    scope = AGGREGATES

    @extend_schema(parameters=[OpenApiParameter("until", OpenApiTypes.DATE, description="Dernier jour voulu.")])
    def list(self, request, *args, **kwargs) -> Response:
        """The key's owner's schools together; of a collectivity's agent, one collectivity's."""
        until = serializers.DateField(allow_null=True, default=None).run_validation(request.GET.get("until") or None)
        view = View.of(acting_as(request.user))
        curves = adoption(view, until)
        rows = [row for day in curves.days for row in _of_day(curves.roles, day, view.is_masked)]
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


def _of_day(roles, day, is_masked: bool) -> list[dict]:
    """One row per role group, small numbers hidden with what would give them away."""
    counts = [roles[role][day] for role in RoleGroup.values]
    columns: list[list[int | None]] = []
    for name in ("accounts", "activated", "came"):
        values = [getattr(count, name) for count in counts]
        columns.append(masked([values])[0][:-1] if is_masked else list(values))
    return [
        {"day": day, "role": role, "accounts": accounts, "activated": activated, "came_this_week": came}
        for role, accounts, activated, came in zip(RoleGroup.values, *columns, strict=True)
    ]


URLCONF = settings.PUBLIC_SCHEMA_URLCONF
app_name = "api"
router = SimpleRouter()
router.register("schools", SchoolViewSet, basename="school")
router.register("waves", WaveViewSet, basename="wave")
router.register("deployments", DeploymentViewSet, basename="deployment")
router.register("aggregates", AggregateViewSet, basename="aggregate")
_open = open_to_all("la description de l'API ne contient aucune donnée")
urlpatterns = [
    path("", _open(SpectacularSwaggerView.as_view(url_name="api:schema", permission_classes=[])), name="page"),
    path("schema/", _open(SpectacularAPIView.as_view(urlconf=URLCONF, permission_classes=[])), name="schema"),
    *router.urls,
]
