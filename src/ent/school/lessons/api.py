"""Homework over REST: what is to do, for oneself or one's children, and saying that it is done."""

from datetime import timedelta

from django.utils import timezone
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from ent.kernel.access import acting_as, api_scope
from ent.school.lessons import actions
from ent.school.lessons.access import homework_of
from ent.school.lessons.models import Homework
from ent.school.lessons.queries import shown_homework
from ent.school.structure.access import pupils_of


class HomeworkSerializer(serializers.ModelSerializer):
    """Work to do; `content` is safe HTML."""

    subject = serializers.CharField(source="title", read_only=True)

    class Meta:
        model = Homework
        fields = ["id", "subject", "content", "due_on", "minutes", "is_test", "takes_files"]


class DoneSerializer(serializers.Serializer):
    """Whether it is done."""

    done = serializers.BooleanField(default=True)


class HomeworkViewSet(viewsets.ReadOnlyModelViewSet):
    """Published work of the token's owner, or of their children, from a week ago on."""

    queryset = Homework.objects.none()
    serializer_class = HomeworkSerializer
    scope = api_scope("school", "homework", "Travail à faire")
    permissions = {"list": "lessons.view_own", "retrieve": "lessons.view_homework", "done": "lessons.do"}

    def get_queryset(self):
        if self.action != "list":
            return Homework.objects.select_related("subject")
        mine = homework_of(pupils_of(acting_as(self.request.user)))
        since = timezone.localdate() - timedelta(days=7)
        works = shown_homework().filter(due_on__gte=since, pk__in=mine.values("homework"))
        return works.select_related("subject").order_by("due_on", "pk")

    @action(detail=True, methods=["post"])
    def done(self, request, pk=None):
        """Say that it is done (`{"done": true}`) or not."""
        asked = DoneSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        done = asked.validated_data["done"]
        actions.tick(self.get_object(), acting_as(request.user).person_id, done=done)
        return Response({"done": done})


def register(router) -> None:
    """Add the module's addresses to the school's API."""
    router.register("homework", HomeworkViewSet, basename="homework")
