"""A year of lessons: contents of most sessions, homework for most weeks, some tests, some copies."""

import random
from datetime import date, timedelta

from django.utils import timezone

from ent.school.lessons.models import (
    Homework,
    HomeworkAudience,
    HomeworkTick,
    LessonEntry,
    PlanStep,
    Submission,
    TeachingPlan,
)  # fmt: skip
from ent.school.structure.models import Enrolment, FormTutor, Teaching
from ent.school.timetable.models import Session, SessionAudience, SessionTeacher

CONTENTS = {
    "061300": ["Théorème de Pythagore : démonstration et exercices 12 à 15.", "Fractions : addition et comparaison.",
               "Correction du devoir, puis calcul littéral.", "Proportionnalité : situations de la vie courante."],
    "020700": ["Lecture de l'incipit, relevé du champ lexical.", "Grammaire : la proposition relative.",
               "Écriture d'invention : rédiger une lettre.", "Étude d'un poème, versification."],
    "043700": ["Les grandes découvertes, étude de cartes.", "La Révolution française : la prise de la Bastille.",
               "Lecture d'un paysage, croquis."],
    "030201": ["Present perfect, exercices à l'oral.", "Compréhension d'un document audio sur Londres."],
}  # fmt: skip
WORKS = ["Exercices {a} et {b} page {p}.", "Apprendre la leçon, chapitre {c}.", "Lire les pages {p} à {q}.",
         "Terminer l'activité commencée en classe.", "Rédiger un paragraphe de dix lignes.",
         "Apprendre le vocabulaire de la page {p}."]  # fmt: skip
GENERAL = ["Travail sur document, mise en commun.", "Cours et exercices d'application.", "Travaux pratiques par deux.",
           "Révisions avant le contrôle.", "Suite du chapitre, prise de notes."]  # fmt: skip
WORDS = ["Très bon travail, continuez.", "Le raisonnement est juste ; soignez la rédaction.",
         "Reprenez la deuxième question : l'unité manque.", "Travail sérieux, quelques fautes à corriger."]  # fmt: skip
STEPS = ["Découverte du chapitre", "Cours : définitions et exemples", "Exercices d'application", "Travail en groupe",
         "Correction et bilan", "Révisions", "Évaluation"]  # fmt: skip
PLANS = 12
NEWEST = timedelta(days=120)


def build(rng: random.Random, today: date) -> None:
    """Contents and homework of the sessions up to now; the last weeks only, older ones lighter."""
    now = timezone.now()
    leaders = dict(SessionTeacher.objects.filter(day__lte=today).values_list("session", "teacher"))
    heard: dict = {}
    for row in SessionAudience.objects.filter(day__range=(today - NEWEST, today)):
        heard.setdefault(row.session_id, []).append((row.division_id, row.group_id))
    sessions = list(
        Session.objects.filter(starts_at__lt=now, day__gt=today - NEWEST, state=Session.State.PLANNED,
                               subject__isnull=False)
        .select_related("subject").order_by("starts_at", "pk")
    )  # fmt: skip
    later: dict = {}
    for session in reversed(sessions):
        key = (session.subject_id, *heard.get(session.pk, [(None, None)])[0])
        session.following = later.get(key)
        later[key] = session.day
    entries, works, audiences = [], [], []
    for session in sessions:
        teacher = leaders.get(session.pk)
        if rng.random() < 0.1:
            continue
        text = rng.choice(CONTENTS.get(session.subject.code, GENERAL))
        entries.append(LessonEntry(session=session, author_id=teacher, content=f"<p>{text}</p>",
                                   publish_at=session.ends_at, saved_at=session.ends_at))  # fmt: skip
        if rng.random() < 0.35:
            due = session.following or today + timedelta(days=rng.choice((1, 1, 2, 3, 5)))
            due += timedelta(days=max(0, 8 - due.isoweekday()) if due.isoweekday() > 5 else 0)
            page = rng.randint(12, 180)
            words = rng.choice(WORKS).format(a=rng.randint(1, 9), b=rng.randint(10, 30), p=page, q=page + 6,
                                             c=rng.randint(1, 9))  # fmt: skip
            is_test = rng.random() < 0.07
            work = Homework(given_in=session, subject_id=session.subject_id, author_id=teacher,
                            content=f"<p>{'Contrôle : réviser le chapitre.' if is_test else words}</p>", due_on=due,
                            minutes=rng.choice((10, 15, 20, 20, 30)), is_test=is_test,
                            takes_files=not is_test and rng.random() < 0.15, publish_at=session.ends_at,
                            told_at=session.ends_at, created_at=session.ends_at)  # fmt: skip
            works.append(work)
            audiences += [HomeworkAudience(homework=work, division_id=division, group_id=group, due_on=due)
                          for division, group in heard.get(session.pk, ())]  # fmt: skip
    LessonEntry.objects.bulk_create(entries, batch_size=2000)
    Homework.objects.bulk_create(works, batch_size=2000)
    HomeworkAudience.objects.bulk_create(audiences, batch_size=2000)
    Session.objects.filter(pk__in=[one.session_id for one in entries]).update(is_kept=True)
    _pupils(rng, today, works, audiences)
    _plans(rng)


def _pupils(rng: random.Random, today: date, works: list[Homework], audiences: list[HomeworkAudience]) -> None:
    pupils: dict = {}
    for division, pupil in Enrolment.objects.filter(closed_at=None).values_list("division", "pupil"):
        pupils.setdefault(division, []).append(pupil)
    takes = {one.pk: one for one in works if one.takes_files and one.due_on >= today - timedelta(days=10)}
    copies, ticks, now = [], [], timezone.now()
    for row in audiences:
        for pupil in sorted(pupils.get(row.division_id, ())):
            if row.homework_id in takes and rng.random() < 0.5:
                copy = Submission(homework_id=row.homework_id, pupil_id=pupil, text="Voici mon travail.",
                                  handed_in_at=now - timedelta(hours=rng.randint(1, 60)))  # fmt: skip
                # Half are read already, and given back with a word.
                if rng.random() < 0.5:
                    copy.comment, copy.returned_at = rng.choice(WORDS), now - timedelta(minutes=rng.randint(5, 50))
                    copy.returned_by_id = takes[row.homework_id].author_id
                copies.append(copy)
            if row.due_on >= today and rng.random() < 0.3:
                ticks.append(HomeworkTick(homework_id=row.homework_id, pupil_id=pupil))
    Submission.objects.bulk_create(copies, batch_size=2000, ignore_conflicts=True)
    HomeworkTick.objects.bulk_create(ticks, batch_size=2000, ignore_conflicts=True)


def _plans(rng: random.Random) -> None:
    """A plan for some teachers, half of them shared; form tutors, whom the demonstration signs in as, among them."""
    tutors = set(FormTutor.objects.filter(closed_at=None).values_list("teacher", flat=True))
    rows = Teaching.objects.filter(closed_at=None).exclude(subject=None).exclude(division=None)
    firsts: dict = {}
    for row in rows.select_related("subject", "division").order_by("teacher", "division__code"):
        firsts.setdefault(row.teacher_id, row)
    chosen = sorted(firsts.values(), key=lambda row: (row.teacher_id not in tutors, row.teacher_id))[:PLANS]
    plans, steps = [], []
    for number, row in enumerate(chosen):
        grade = row.division.code[:2]
        plan = TeachingPlan(title=f"{row.subject}, premier chapitre", subject=row.subject, grade=grade,
                            owner_id=row.teacher_id, sharing=("read", "edit", "private")[number % 3])  # fmt: skip
        plans.append(plan)
        for position, title in enumerate(STEPS, 1):
            page = rng.randint(12, 180)
            steps.append(PlanStep(
                plan=plan, position=position, title=title, content=f"<p>{title} (manuel, page {page}).</p>",
                homework=f"<p>Relire la page {page}.</p>" if position % 2 else "", minutes=15 if position % 2 else 0,
            ))  # fmt: skip
    TeachingPlan.objects.bulk_create(plans)
    PlanStep.objects.bulk_create(steps)
