"""Notes of a year: old ones answered, an outing to allow soon, one just overdue; some papers, some silence."""

import random
from datetime import date, datetime, time, timedelta

from django.db import connection
from django.utils import timezone

from ent.accounts.models import Account
from ent.school.notes.addressing import addressed
from ent.school.notes.due import next_taught
from ent.school.notes.models import Note, NoteAnswer, NoteAudience, NoteRecipient
from ent.school.people.models import Guardianship
from ent.school.structure.models import Division, Enrolment, FormTutor, Teaching
from tenants.configuration.queries import effective

# (title, text, kind, who answers, due in so many days, how many of the families have answered)
NOTES = [
    ("Charte informatique", "Merci de relire la charte avec votre enfant.", "sign", "one", -60, 1.0),
    ("Réunion de rentrée", "La réunion a lieu en salle polyvalente à 18 h.", "read", "one", -70, 0.97),
    ("Droit à l'image", "La classe sera photographiée pour le journal de l'établissement.", "permission", "every",
     -30, 0.9),
    ("Carnet de bord du trimestre", "Merci de signer le bilan remis aux élèves.", "sign", "one", -2, 0.7),
    ("Sortie au musée", "Départ à 9 h, retour à 16 h. Prévoir un **pique-nique**.", "permission", "one", 4, 0.4),
]  # fmt: skip
# Of so many classes, the first ones by name: enough for every page.
CLASSES = 6
ON_PAPER = 0.12
REFUSES = 0.06
SENT_BEFORE = timedelta(days=8)


def build(rng: random.Random, today: date) -> None:
    """Each note to the first classes and of families who sign in, by a teacher of it; written at once."""
    divisions = list(Division.objects.filter(closed_at=None, year__is_current=True).order_by("code")[:CLASSES])
    ready = Account.objects.filter(activated_at__isnull=False).values("pk")
    shown = Enrolment.objects.filter(closed_at=None, pupil__guardianships__relative__account_id__in=ready)
    divisions += Division.objects.filter(pk__in=shown.values("division")).exclude(pk__in=[one.pk for one in divisions])
    authors = dict(Teaching.objects.filter(division__in=divisions, closed_at=None).values_list("division", "teacher"))
    authors |= dict(FormTutor.objects.filter(division__in=divisions, closed_at=None).values_list("division", "teacher"))
    zone = effective(connection.tenant)["holiday_zone"].value
    recipients: list[NoteRecipient] = []
    answers: list[NoteAnswer] = []
    for title, text, kind, asks, days, share in NOTES:
        due = next_taught(today + timedelta(days=days), zone)
        sent = timezone.make_aware(datetime.combine(due - SENT_BEFORE, time(16, 30)))
        for division in divisions:
            note = Note.objects.create(
                title=title, content=f"<p>{text.replace('**', '')}</p>", kind=kind, asks=asks, due_on=due,
                author_id=authors.get(division.pk), created_at=sent, sent_at=sent,
            )  # fmt: skip
            NoteAudience.objects.create(note=note, division=division)
            for pupil, person in sorted(addressed(note).pairs, key=str):
                one = NoteRecipient(note=note, pupil_id=pupil, person_id=person)
                recipients.append(one)
                if person and rng.random() < share:
                    answers.append(_answered(rng, one, today, authors.get(division.pk)))
    _leave_to_do(recipients, answers, today)
    NoteRecipient.objects.bulk_create(recipients, batch_size=2000)
    NoteAnswer.objects.bulk_create(answers, batch_size=2000)


def _answered(rng: random.Random, one: NoteRecipient, today: date, author) -> NoteAnswer:
    note = one.note
    sent = timezone.localdate(note.sent_at)
    one.answered_on = min(today, sent + timedelta(days=rng.randint(0, 9)))
    one.answer = note.answers[-1] if rng.random() < REFUSES else note.answers[0]
    one.is_late, one.on_paper = one.answered_on > note.due_on, rng.random() < ON_PAPER
    one.signer = "Signature lue sur le papier" if one.on_paper else ""
    at = timezone.make_aware(datetime.combine(one.answered_on, time(19, rng.randint(0, 59))))
    return NoteAnswer(
        recipient=one, answer=one.answer, at=min(at, timezone.now()), answered_on=one.answered_on, is_late=one.is_late,
        on_paper=one.on_paper, signer=one.signer, entered_by_id=author if one.on_paper else None,
    )  # fmt: skip


def _leave_to_do(recipients: list[NoteRecipient], answers: list[NoteAnswer], today: date) -> None:
    """The families that sign in to the demonstration have not answered what is due now: an outing, one overdue."""
    ready = Account.objects.filter(activated_at__isnull=False).values("pk")
    shown = set(Guardianship.objects.filter(relative__account_id__in=ready).values_list("pupil", flat=True))
    since = today - SENT_BEFORE
    open_ones = {one.pk: one for one in recipients if one.pupil_id in shown and one.note.due_on >= since}
    answers[:] = [one for one in answers if one.recipient_id not in open_ones]
    for one in open_ones.values():
        one.answer, one.answered_on, one.is_late, one.on_paper, one.signer = "", None, False, False, ""
