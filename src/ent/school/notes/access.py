"""Rights over notes: a teacher writes to their own classes and groups; each parent answers for themselves."""

from django.db.models import Exists, OuterRef, Q

from ent.kernel.access import FAMILY, HEADS, NEAR, Acting, Role, Scope, chapter, relation, right
from ent.school.notes.models import Note, NoteFile, NoteRecipient
from ent.school.people.access import with_authority
from ent.school.structure.access import taught_pupils, tutored_pupils

SCHOOL = dict.fromkeys((Role.CPE, *HEADS, Role.OFFICE), Scope.SCHOOL)
WRITERS = SCHOOL | NEAR
AUTHORS = {Role.TEACHER: Scope.AUTHORED, Role.FORM_TUTOR: Scope.AUTHORED}

chapter("notes", "Mots et autorisations")
right("notes.write", "Écrire un mot aux familles", WRITERS)
right("notes.edit_draft", "Reprendre un mot pas encore envoyé", dict.fromkeys(WRITERS, Scope.AUTHORED))
right("notes.view", "Lire un mot envoyé, et qui a répondu", WRITERS | FAMILY)
right("notes.view_pupil", "Voir les mots envoyés à la famille d'un élève", WRITERS)
right("notes.manage", "Relancer les familles, retirer un mot", SCHOOL | AUTHORS)
right("notes.enter_paper", "Saisir les réponses rendues sur papier", SCHOOL | AUTHORS | {Role.FORM_TUTOR: Scope.CLASS})
right("notes.view_own", "Voir les mots reçus, pour soi ou son enfant", FAMILY)
right("notes.answer", "Signer un mot, autoriser ou non (l'élève : s'il est majeur et qu'on le lui demande)", FAMILY)
right("notes.open_file", "Ouvrir un document joint à un mot", WRITERS | FAMILY)


def addressed_to(acting: Acting):
    """The lines of sent notes that a family sees: the pupil's own; a parent's, for children under their authority."""
    children = with_authority(acting).filter(pupil=OuterRef("pupil"), pupil__closed_at=None)
    mine = Q(pupil=acting.person_id) if Role.PUPIL in acting.roles else Q(Exists(children), person=acting.person_id)
    return NoteRecipient.objects.filter(mine, note__sent_at__isnull=False)


def answerable(acting: Acting):
    """The lines that a person is asked to answer: theirs, while they have authority."""
    return addressed_to(acting).filter(person=acting.person_id)


@relation(Note, Scope.AUTHORED)
def is_authored(acting: Acting, note: Note) -> bool:
    """One wrote it."""
    return note.author_id is not None and note.author_id == acting.person_id


@relation(Note, Scope.OWN)
def is_own(acting: Acting, note: Note) -> bool:
    """Sent to oneself, or about the pupil one is."""
    return addressed_to(acting).filter(note=note).exists()


@relation(Note, Scope.TAUGHT)
def is_to_taught(acting: Acting, note: Note) -> bool:
    """One's own, or sent for pupils one teaches."""
    return is_authored(acting, note) or _concerns(note, taught_pupils(acting))


@relation(Note, Scope.CLASS)
def is_to_tutored(acting: Acting, note: Note) -> bool:
    """Sent for pupils of one's class."""
    return _concerns(note, tutored_pupils(acting))


def _concerns(note: Note, pupils) -> bool:
    return note.sent_at is not None and NoteRecipient.objects.filter(note=note, pupil__in=pupils).exists()


for _scope, _tied in ((Scope.OWN, is_own), (Scope.TAUGHT, is_to_taught), (Scope.CLASS, is_to_tutored)):
    relation(NoteFile, _scope)(lambda acting, file, tied=_tied: tied(acting, file.note))
