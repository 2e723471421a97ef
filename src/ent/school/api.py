"""People, classes and groups over REST, under the same rights as the pages."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework import serializers, viewsets
from rest_framework.routers import SimpleRouter

from ent.kernel.access import api_scope, open_to_all
from ent.school.absences import api as absences
from ent.school.attendance import api as attendance
from ent.school.conduct import api as conduct
from ent.school.lessons import api as lessons
from ent.school.notes import api as notes
from ent.school.people.models import Person
from ent.school.people.queries import search, visible_people
from ent.school.structure.models import Division, Group
from ent.school.structure.queries import divisions, groups
from ent.school.timetable import api as timetable

PEOPLE = api_scope("school", "people", "Personnes, classes et groupes")


class PersonSerializer(serializers.ModelSerializer):
    """A person's identity; contact details are not part of it."""

    class Meta:
        model = Person
        fields = ["id", "profile", "first_name", "last_name"]


class DivisionSerializer(serializers.ModelSerializer):
    """A class with its headcount."""

    headcount = serializers.IntegerField(read_only=True)

    class Meta:
        model = Division
        fields = ["id", "code", "label", "headcount"]


class GroupSerializer(serializers.ModelSerializer):
    """A group with its headcount."""

    headcount = serializers.IntegerField(read_only=True)

    class Meta:
        model = Group
        fields = ["id", "code", "label", "headcount"]


class PersonViewSet(viewsets.ReadOnlyModelViewSet):
    """The people the token's owner may open; `?q=` searches as the page does."""

    queryset = Person.objects.none()
    serializer_class = PersonSerializer
    scope = PEOPLE
    permissions = {"list": "people.view_person", "retrieve": "people.view_person"}

    def get_queryset(self):
        if self.action == "retrieve":
            return Person.objects.all()
        return search(visible_people(self.request.user), self.request.GET.get("q", "")[:100])


class DivisionViewSet(viewsets.ReadOnlyModelViewSet):
    """The classes of the year."""

    queryset = Division.objects.none()
    serializer_class = DivisionSerializer
    scope = PEOPLE
    permissions = {"list": "structure.list", "retrieve": "structure.view"}

    def get_queryset(self):
        return divisions()


class GroupViewSet(viewsets.ReadOnlyModelViewSet):
    """The groups of the year."""

    queryset = Group.objects.none()
    serializer_class = GroupSerializer
    scope = PEOPLE
    permissions = {"list": "structure.list", "retrieve": "structure.view"}

    def get_queryset(self):
        return groups()


app_name = "api"
router = SimpleRouter()
router.register("people", PersonViewSet, basename="people")
router.register("divisions", DivisionViewSet, basename="division")
router.register("groups", GroupViewSet, basename="group")
timetable.register(router)
attendance.register(router)
absences.register(router)
lessons.register(router)
conduct.register(router)
notes.register(router)

_open = open_to_all("la description de l'API ne contient aucune donnée")
urlpatterns = [
    path(
        "",
        _open(SpectacularSwaggerView.as_view(url_name="api:schema", permission_classes=[])),
        name="page",
    ),
    path("schema/", _open(SpectacularAPIView.as_view(permission_classes=[])), name="schema"),
    *router.urls,
]
