"""Notes over REST: those received, with one's own answers, and answering."""

from django.db.models import Prefetch
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from ent.kernel.access import acting_as, api_scope
from ent.school.notes import actions
from ent.school.notes.access import addressed_to, answerable
from ent.school.notes.models import Answer, Note, NoteRecipient


class OwnAnswerSerializer(serializers.ModelSerializer):
    """What is asked of oneself for a pupil, and what one answered (empty: nothing yet)."""

    class Meta:
        model = NoteRecipient
        fields = ["pupil", "answer", "answered_on", "is_late"]


class NoteSerializer(serializers.ModelSerializer):
    """A note; `content` is safe HTML; `mine`: one's own answers, nobody else's."""

    mine = OwnAnswerSerializer(many=True, read_only=True)

    class Meta:
        model = Note
        fields = ["id", "title", "content", "kind", "due_on", "sent_at", "withdrawn_at", "mine"]


class AnswerSerializer(serializers.Serializer):
    """An answer for a pupil."""

    pupil = serializers.UUIDField()
    answer = serializers.ChoiceField(choices=Answer.choices)


class NoteViewSet(viewsets.ReadOnlyModelViewSet):
    """The notes the token's owner received, for themselves or their children, the latest first."""

    queryset = Note.objects.none()
    serializer_class = NoteSerializer
    scope = api_scope("school", "notes", "Les mots et autorisations")
    permissions = {"list": "notes.view_own", "retrieve": "notes.view_own", "sign": "notes.answer"}

    def get_queryset(self):
        acting = acting_as(self.request.user)
        mine = Prefetch("recipients", answerable(acting), to_attr="mine")
        return Note.objects.filter(pk__in=addressed_to(acting).values("note")).prefetch_related(mine)

    @action(detail=True, methods=["post"])
    def sign(self, request, pk=None):
        """Answer for a pupil: `{"pupil": "…", "answer": "read|signed|yes|no"}`."""
        note = self.get_object()
        asked = AnswerSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        pupil, value = asked.validated_data["pupil"], asked.validated_data["answer"]
        if value not in note.answers:
            raise ValidationError({"answer": f"Réponses possibles : {', '.join(note.answers)}."})
        if pupil not in {one.pupil_id for one in note.mine}:
            raise ValidationError({"pupil": "On n'attend pas de réponse de vous pour cet élève."})
        try:
            made = actions.answer(note, pupil, acting_as(request.user).person_id, value)
        except actions.NotAsked:
            raise ValidationError("Ce mot est retiré.") from None
        except actions.TooLate:
            raise ValidationError("La date de réponse est passée.") from None
        return Response(OwnAnswerSerializer(made).data)


def register(router) -> None:
    """Add the module's addresses to the school's API."""
    router.register("notes", NoteViewSet, basename="note")
