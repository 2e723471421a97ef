"""Notes home: written, sent, signed by each parent for themselves, followed by the school."""

import re
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from ent.accounts.actions import new_token
from ent.school.notes import actions, queries, tasks
from ent.school.notes.models import Answer, Note, NoteAnswer, NoteFile, NoteRecipient
from ent.school.notifications.models import Notification
from ent.school.people.models import Function, Guardianship
from ent.school.structure.models import Enrolment
from tests import factories
from tests.conftest import SchoolClient
from tests.school.notes_factories import TODAY, draft, permission, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def family(school):
    """A teacher, a pupil of their class, and two parents who live apart."""
    division = factories.division()
    pupil = factories.pupil(division=division, first_name="Lina")
    mother = factories.guardian(of=pupil, first_name="Maëlle", address="3 rue des Lilas")
    father = factories.guardian(of=pupil, rank=2, first_name="Yann", address="8 rue des Ormes")
    return factories.staff(teaches=division), division, pupil, mother, father


def sign(client, note, pupil, value="signed"):
    return client.post(f"/notes/{note.pk}/answer/", {"pupil": pupil.pk, "answer": value})


def told(person) -> list[str]:
    return list(Notification.objects.filter(person=person).order_by("created_at").values_list("title", flat=True))


FORM = {"title": "Sortie", "content": "Au musée", "kind": "permission", "asks": "one"}


# --- writing -----------------------------------------------------------------------------------------------------
def test_a_teacher_writes_a_note_reads_it_again_and_sends_it(family, sign_in):
    teacher, division, _pupil, mother, father = family
    client = sign_in(teacher)
    answer = client.post("/notes/write/", FORM | {"divisions": division.pk, "due_on": TODAY() + timedelta(days=3)})
    assert answer.status_code == 302
    preview = client.get(answer["Location"]).text
    assert "<strong>1</strong> élève, <strong>2</strong> personnes" in preview
    assert not told(mother)
    client.post(answer["Location"] + "send/")
    assert len(told(mother)) == len(told(father)) == 1


def test_a_note_to_a_class_goes_at_once_and_never_twice(family, sign_in):
    teacher, division, _pupil, mother, _father = family
    client = sign_in(teacher)
    page = client.get(f"/notes/write/?division={division.pk}").text
    key = re.search(r'name="client_id" value="([^"]+)"', page)[1]
    typed = FORM | {"client_id": key, "divisions": division.pk, "due_on": TODAY() + timedelta(days=3), "send": "1"}
    assert "Envoyé, pour 1 élève." in client.post("/notes/write/", typed, follow=True).text
    assert "pas envoyé deux fois" in client.post("/notes/write/", typed, follow=True).text
    assert Note.objects.count() == len(told(mother)) == 1


def test_a_note_to_every_class_is_read_again_before_it_goes(family, sign_in):
    client = sign_in(factories.staff(Function.SCHOOL_HEAD))
    typed = FORM | {"everyone": "on", "due_on": TODAY() + timedelta(days=3), "send": "1"}
    assert "Relisez-le, puis envoyez" in client.post("/notes/write/", typed, follow=True).text
    assert not Note.objects.get().sent_at


def test_a_page_come_back_to_does_not_join_its_document_twice(family, sign_in):
    teacher, division, *_ = family
    client, key = sign_in(teacher), "0199a1b2-0000-7000-8000-000000000001"
    for content in (b"%PDF-1.4 un", b"%PDF-1.4 un", b"%PDF-1.4 deux"):
        typed = FORM | {"client_id": key, "divisions": division.pk, "due_on": TODAY() + timedelta(days=3)}
        client.post("/notes/write/", typed | {"files": SimpleUploadedFile("sortie.pdf", content)})
    assert sorted(NoteFile.objects.values_list("size", flat=True)) == [len(b"%PDF-1.4 un"), len(b"%PDF-1.4 deux")]


@pytest.mark.parametrize("key", ["theirs", "\x00", "12", ""])
def test_a_note_is_kept_whatever_key_its_page_has(family, sign_in, key):
    teacher, division, *_ = family
    theirs = draft(factories.staff(Function.CPE), division)
    key = str(theirs.pk) if key == "theirs" else key
    typed = FORM | {"client_id": key, "divisions": division.pk, "due_on": TODAY() + timedelta(days=3)}
    assert sign_in(teacher).post("/notes/write/", typed).status_code == 302
    assert Note.objects.get(author=teacher).title == "Sortie"
    theirs.refresh_from_db()
    assert theirs.author != teacher


def test_somebody_elses_note_is_not_written_over(family, sign_in):
    teacher, division, *_ = family
    theirs = sent(teacher, division)
    typed = FORM | {"client_id": theirs.pk, "everyone": "on", "due_on": TODAY() + timedelta(days=3), "send": "1"}
    sign_in(factories.staff(Function.SCHOOL_HEAD)).post("/notes/write/", typed)
    theirs.refresh_from_db()
    assert (theirs.author, theirs.title) == (teacher, "Sortie au musée")
    assert Note.objects.exclude(pk=theirs.pk).get().title == "Sortie"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"due_on": "2020-01-01"}, "Cette date est passée"),
        ({"due_on": "2060-01-01"}, "trop lointaine"),
        ({"divisions": []}, "Choisissez au moins une classe"),
        ({"content": "<p></p>"}, "Écrivez le texte avec des mots"),
        ({"title": ""}, "obligatoire"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(family, sign_in, typed, said):
    teacher, division, *_ = family
    good = FORM | {"title": "Sortie au lac", "divisions": division.pk, "due_on": TODAY() + timedelta(days=3)}
    answer = sign_in(teacher).post("/notes/write/", good | typed)
    assert answer.status_code == 400
    assert said in answer.text
    assert "Les fichiers choisis" not in answer.text
    assert "title" in typed or "Sortie au lac" in answer.text
    assert not Note.objects.exists()


def test_a_teacher_does_not_write_to_a_class_of_others(family, sign_in):
    teacher, *_ = family
    other = factories.division("3C")
    answer = sign_in(teacher).post("/notes/write/", FORM | {"divisions": other.pk, "due_on": TODAY()})
    assert answer.status_code == 400
    assert str(other.pk) not in sign_in(teacher).get("/notes/write/").text


def test_the_head_writes_to_every_class_at_once(family, sign_in):
    factories.pupil(division=factories.division("3C"))
    head = factories.staff(Function.SCHOOL_HEAD)
    sign_in(head).post("/notes/write/", FORM | {"everyone": "on", "due_on": TODAY()})
    assert Note.objects.get().audiences.count() == 2


def test_a_note_to_one_pupils_family_starts_from_their_page(family, sign_in):
    teacher, _, pupil, *_ = family
    client = sign_in(teacher)
    assert str(pupil.pk) in client.get(f"/notes/write/?pupil={pupil.pk}").text
    stranger = factories.pupil(division=factories.division("3C"))
    assert f'value="{stranger.pk}"' not in client.get(f"/notes/write/?pupil={stranger.pk}&pupil=x").text


def test_what_is_written_is_cleaned(family):
    teacher, division, *_ = family
    note = draft(teacher, division, content="<p onclick=x>Bonjour<script>alert(1)</script></p>")
    assert note.content == "<p>Bonjour</p>"


def test_a_draft_is_its_authors_alone(family, sign_in):
    teacher, division, _, mother, _ = family
    note = draft(teacher, division)
    assert sign_in(factories.staff(teaches=division)).get(f"/notes/drafts/{note.pk}/").status_code == 403
    assert sign_in(mother).get(f"/notes/{note.pk}/").status_code == 404


def test_a_draft_is_taken_up_as_it_was_typed_and_its_document_may_be_taken_away(family, sign_in):
    teacher, division, *_ = family
    client = sign_in(teacher)
    joined = SimpleUploadedFile("plan.txt", b"Le plan")
    values = FORM | {"divisions": division.pk, "due_on": TODAY(), "content": "Au **musée**"}
    client.post("/notes/write/", values | {"files": joined})
    note = Note.objects.get()
    page = client.get(f"/notes/drafts/{note.pk}/edit/").text
    assert "Au **musée**" in page
    assert "plan.txt" in page
    client.post(f"/notes/drafts/{note.pk}/edit/", values | {"removed": note.files.get().pk})
    assert not NoteFile.objects.exists()


def test_a_sent_note_is_no_draft_any_more(family, sign_in):
    teacher, division, *_ = family
    note = sent(teacher, division)
    client = sign_in(teacher)
    assert client.get(f"/notes/drafts/{note.pk}/edit/").status_code == 404
    assert client.post(f"/notes/drafts/{note.pk}/delete/").status_code == 404


def test_sending_twice_sends_once(family):
    teacher, division, _, mother, _ = family
    note = sent(teacher, division)
    actions.send(note, account_id=None)
    assert len(told(mother)) == 1


def test_a_draft_for_an_empty_class_is_not_sent(school, sign_in):
    empty = factories.division("3Z")
    teacher = factories.staff(teaches=empty)
    note = draft(teacher, empty)
    answer = sign_in(teacher).post(f"/notes/drafts/{note.pk}/send/", follow=True)
    assert "Aucun élève n&#x27;est inscrit" in answer.text
    assert not Note.objects.get().sent_at


def test_who_has_nobody_to_sign_is_named_before_sending(family, sign_in):
    teacher, division, *_ = family
    alone = factories.pupil(division=division, first_name="Esteban")
    factories.contact(of=alone)
    page = sign_in(teacher).get(f"/notes/drafts/{draft(teacher, division).pk}/").text
    assert "Esteban" in page


# --- who is asked ------------------------------------------------------------------------------------------------
def test_pupils_of_age_answer_in_their_parents_place(family, sign_in):
    teacher, division, _, _, _ = family
    adult = factories.pupil(division=division, birth_date=TODAY() - timedelta(days=19 * 366))
    parent = factories.guardian(of=adult)
    note = sent(teacher, division, asks_adults=True)
    assert list(NoteRecipient.objects.filter(pupil=adult).values_list("person", flat=True)) == [adult.pk]
    assert not told(parent)
    assert sign(sign_in(adult), note, adult).status_code == 302


def test_a_parent_kept_away_receives_nothing(family, sign_in):
    teacher, division, pupil, *_ = family
    away = factories.guardian(of=pupil, restricted=True)
    note = sent(teacher, division)
    assert not told(away)
    assert sign_in(away).get(f"/notes/{note.pk}/").status_code == 403


def test_a_parent_who_lost_authority_since_is_told_nothing_more(family, sign_in):
    teacher, division, pupil, mother, _ = family
    note = sent(teacher, division, asks=Note.Asks.EVERY)
    Guardianship.objects.filter(relative=mother).update(is_restricted=True)
    actions.remind(note)
    actions.withdraw(note, account_id=None)
    assert len(told(mother)) == 1
    assert sign(sign_in(mother), note, pupil).status_code == 403


@pytest.mark.parametrize("change", [{"legal_rank": 0}, {"closed_at": timezone.now()}, {"is_restricted": True}])
def test_who_lost_authority_is_waited_for_no_more_and_reads_nothing(family, sign_in, change):
    teacher, division, pupil, mother, father = family
    note = sent(teacher, division, asks="every")
    actions.answer(note, pupil.pk, mother.pk, Answer.SIGNED)
    assert queries.counted([note])[0].waiting == 1
    Guardianship.objects.filter(relative=father).update(**change)
    assert queries.counted([note])[0].waiting == 0
    assert queries.lines(note)[0].state == "done"
    assert "n&#x27;est plus responsable légal" in sign_in(teacher).get(f"/notes/{note.pk}/").text.replace("'", "&#x27;")
    client = sign_in(father)
    assert note.title not in client.get("/notes/").text
    assert note.title not in client.get("/notifications/").text
    assert client.get(f"/notes/{note.pk}/").status_code == 403


def test_where_nobody_has_authority_any_more_the_school_is_told_and_a_paper_is_entered(family):
    teacher, division, pupil, _, father = family
    note = sent(teacher, division, asks="every")
    Guardianship.objects.filter(pupil=pupil).update(legal_rank=0)
    [line] = queries.lines(note)
    assert line.state == "nobody"
    assert queries.counted([note])[0].waiting == 1
    assert father.pk in {one.person_id for one in line.signers}


def test_the_class_page_and_the_pupils_page_lead_to_a_note(family, sign_in):
    teacher, division, pupil, *_ = family
    client = sign_in(teacher)
    assert f"/notes/write/?division={division.pk}" in client.get(f"/classes/{division.pk}/").text
    assert f"/notes/write/?pupil={pupil.pk}" in client.get(f"/people/{pupil.pk}/").text
    assert "/notes/write/" not in sign_in(factories.staff(Function.NURSE)).get(f"/classes/{division.pk}/").text


def test_a_day_without_lessons_is_proposed_to_nobody_and_said_before_sending(family, sign_in):
    teacher, division, *_ = family
    factories.year()
    day = TODAY() + timedelta(days=7)
    sunday = day + timedelta(days=7 - day.isoweekday())
    client = sign_in(teacher)
    answer = client.post("/notes/write/", FORM | {"divisions": division.pk, "due_on": sunday}, follow=True)
    assert "Cette date est un dimanche." in answer.text
    assert "Cette date est un dimanche." in client.get(f"/notes/drafts/{Note.objects.get().pk}/edit/").text


def test_a_pupil_who_comes_later_gets_it_too_and_once(family):
    teacher, division, *_ = family
    note = sent(teacher, division)
    later = factories.pupil(division=division)
    parent = factories.guardian(of=later)
    actions.send_to_newcomers()
    actions.send_to_newcomers()
    assert note.recipients.filter(pupil=later).count() == 1
    assert len(told(parent)) == 1


def test_a_guardian_found_later_takes_the_empty_line(family):
    teacher, division, *_ = family
    alone = factories.pupil(division=division)
    note = sent(teacher, division)
    found = factories.guardian(of=alone)
    actions.send_to_newcomers()
    assert list(note.recipients.filter(pupil=alone).values_list("person", flat=True)) == [found.pk]


def test_a_pupil_who_left_the_class_keeps_the_line(family):
    teacher, division, pupil, *_ = family
    note = sent(teacher, division)
    Enrolment.objects.filter(pupil=pupil).update(closed_at=timezone.now())
    actions.send_to_newcomers()
    assert note.recipients.filter(pupil=pupil).count() == 2


# --- answering ---------------------------------------------------------------------------------------------------
def test_a_parent_signs_in_two_clicks_from_home(family, sign_in):
    teacher, division, pupil, mother, _ = family
    note = sent(teacher, division)
    client = sign_in(mother)
    assert f'href="/notes/{note.pk}/">Lire et signer' in client.get("/").text
    assert "Je signe" in client.get(f"/notes/{note.pk}/").text
    page = sign(client, note, pupil)
    assert page.status_code == 302
    assert "Vous avez signé" in client.get(f"/notes/{note.pk}/").text
    assert "Lire et signer" not in client.get("/").text


def test_one_mind_changed_keeps_both_answers(family, sign_in):
    teacher, division, pupil, mother, _ = family
    note = permission(teacher, division)
    client = sign_in(mother)
    sign(client, note, pupil, "yes")
    sign(client, note, pupil, "yes")
    sign(client, note, pupil, "no")
    assert list(NoteAnswer.objects.values_list("answer", flat=True)) == ["yes", "no"]
    assert NoteRecipient.objects.get(person=mother).answer == Answer.NO
    assert "Réponses précédentes" in sign_in(teacher).get(f"/notes/{note.pk}/").text


def test_a_late_answer_is_marked_late_and_stands(family, sign_in):
    teacher, division, pupil, mother, _ = family
    note = permission(teacher, division, overdue=1)
    client = sign_in(mother)
    assert sign(client, note, pupil, "yes").status_code == 302
    assert NoteRecipient.objects.get(person=mother).is_late
    refused = sign(client, note, pupil, "no")
    assert refused.status_code == 400
    assert "La date de réponse est passée" in refused.text


@pytest.mark.parametrize("value", ["yes", "", "perhaps"])
def test_what_is_not_asked_is_no_answer(family, sign_in, value):
    teacher, division, pupil, mother, _ = family
    assert sign(sign_in(mother), sent(teacher, division), pupil, value).status_code == 400
    assert not NoteAnswer.objects.exists()


def test_a_parent_does_not_answer_for_another_child(family, sign_in):
    teacher, division, _, mother, _ = family
    mate = factories.pupil(division=division)
    factories.guardian(of=mate)
    note = sent(teacher, division)
    assert sign(sign_in(mother), note, mate).status_code == 400
    assert not NoteAnswer.objects.exists()


def test_each_parent_sees_their_own_answer_and_not_the_others(family, sign_in):
    teacher, division, pupil, mother, father = family
    note = permission(teacher, division, asks=Note.Asks.EVERY)
    sign(sign_in(mother), note, pupil, "no")
    page = sign_in(father).get(f"/notes/{note.pk}/").text
    assert "Maëlle" not in page
    assert "rue des Lilas" not in page
    assert "autorisez pas" not in page


def test_one_guardian_is_enough_or_every_one_is_waited_for(family, sign_in):
    teacher, division, pupil, mother, father = family
    one, every = sent(teacher, division), sent(teacher, division, title="Règlement", asks=Note.Asks.EVERY)
    for note in (one, every):
        actions.answer(note, pupil.pk, mother.pk, Answer.SIGNED)
    home = sign_in(father).get("/").text
    assert f"/notes/{every.pk}/" in home
    assert f"/notes/{one.pk}/" not in home
    assert [line.state for line in queries.lines(one)] == ["done"]
    assert [line.state for line in queries.lines(every)] == ["waiting"]


def test_one_refusal_is_a_refusal(family):
    teacher, division, pupil, mother, _father = family
    note = permission(teacher, division, asks=Note.Asks.EVERY)
    actions.answer(note, pupil.pk, mother.pk, Answer.NO)
    assert queries.lines(note)[0].state == "no"
    assert not note.recipients.waiting().exists()


@pytest.mark.parametrize("asks", Note.Asks.values)
@pytest.mark.parametrize("given", [(), ("yes",), ("no",), ("yes", "yes"), ("yes", "no")])
def test_the_page_and_the_count_say_the_same(family, asks, given):
    teacher, division, pupil, *parents = family
    note = permission(teacher, division, asks=asks)
    for parent, value in zip(parents, given, strict=False):
        actions.answer(note, pupil.pk, parent.pk, value)
    is_waiting = queries.lines(note)[0].state == "waiting"
    assert is_waiting == note.recipients.waiting().exists()


def test_a_pupil_sees_that_it_exists_and_where_it_stands_but_does_not_answer(family, sign_in):
    teacher, division, pupil, mother, _ = family
    note = sent(teacher, division)
    client = sign_in(pupil)
    assert "En attente de vos responsables" in client.get("/notes/").text
    assert "Je signe" not in client.get(f"/notes/{note.pk}/").text
    assert sign(client, note, pupil).status_code == 400
    actions.answer(note, pupil.pk, mother.pk, Answer.SIGNED)
    assert "Répondu" in client.get("/notes/").text


def test_two_children_of_one_class_are_answered_for_apart(family, sign_in):
    teacher, division, pupil, mother, _ = family
    twin = factories.pupil(division=division, first_name="Lou")
    factories.tie(mother, twin)
    note = permission(teacher, division)
    client = sign_in(mother)
    sign(client, note, pupil, "yes")
    sign(client, note, twin, "no")
    assert dict(NoteRecipient.objects.filter(person=mother).values_list("pupil__first_name", "answer")) == {
        "Lina": "yes", "Lou": "no",
    }  # fmt: skip


# --- following ---------------------------------------------------------------------------------------------------
def test_staff_see_who_signed_and_who_did_not_and_take_it_away_as_a_table(family, sign_in):
    teacher, division, pupil, mother, _ = family
    note = sent(teacher, division, asks=Note.Asks.EVERY)
    actions.answer(note, pupil.pk, mother.pk, Answer.SIGNED)
    client = sign_in(teacher)
    assert "lu et signé, le" in client.get(f"/notes/{note.pk}/").text
    table = client.get(f"/notes/{note.pk}/?export=csv")
    assert "Lu et signé" in b"".join(table).decode()
    assert client.get("/notes/sent/?export=xlsx").status_code == 200


def test_a_teacher_sees_answers_of_their_own_pupils_only(family, sign_in):
    _, division, _, _, _ = family
    elsewhere = factories.division("3C")
    factories.pupil(division=elsewhere, first_name="Zéphyr")
    note = sent(factories.staff(Function.SCHOOL_HEAD), division, elsewhere)
    page = sign_in(factories.staff(teaches=division)).get(f"/notes/{note.pk}/").text
    assert "Lina" in page
    assert "Zéphyr" not in page


def test_families_are_reminded_once_a_day_and_only_who_has_not_answered(family, sign_in):
    teacher, division, pupil, mother, father = family
    note = sent(teacher, division, asks=Note.Asks.EVERY)
    actions.answer(note, pupil.pk, mother.pk, Answer.SIGNED)
    client = sign_in(teacher)
    for _ in range(2):
        page = client.post(f"/notes/{note.pk}/remind/", follow=True).text
    assert "déjà été relancées aujourd" in page
    assert len(told(mother)) == 1
    assert len(told(father)) == 2
    assert told(father)[-1].startswith("Rappel. À signer avant le")


def test_the_evening_before_those_who_have_not_answered_are_reminded(family):
    teacher, division, pupil, mother, father = family
    due_tomorrow = sent(teacher, division, in_days=1, asks=Note.Asks.EVERY)
    sent(teacher, division, in_days=3)
    actions.answer(due_tomorrow, pupil.pk, mother.pk, Answer.SIGNED)
    actions.remind_of_tomorrow()
    actions.remind_of_tomorrow()
    assert len(told(mother)) == 2
    assert len(told(father)) == 3


def test_the_hourly_job_reminds_in_the_evening_alone(family, school, monkeypatch):
    teacher, division, _, mother, _ = family
    sent(teacher, division, in_days=1)
    monkeypatch.setattr(tasks, "EVENING", 25)
    tasks.follow_notes_of(school.uai)
    assert len(told(mother)) == 1
    monkeypatch.setattr(tasks, "EVENING", 0)
    tasks.follow_notes_of(school.uai)
    assert len(told(mother)) == 2


def test_papers_are_entered_by_hand_with_the_name_and_who_entered_them(family, sign_in):
    teacher, division, _, mother, _ = family
    note = sent(teacher, division)
    line = note.recipients.get(person=mother)
    values = {"received_on": TODAY(), f"answer-{line.pk}": "signed", f"name-{line.pk}": "Mme Martin"}
    sign_in(teacher).post(f"/notes/{note.pk}/paper/", values)
    kept = NoteAnswer.objects.get()
    assert (kept.on_paper, kept.signer, kept.entered_by) == (True, "Mme Martin", teacher)
    assert queries.lines(note)[0].state == "done"
    page = sign_in(teacher).get(f"/notes/{note.pk}/").text
    assert "Mme Martin : lu et signé, le" in page
    assert f"sur papier (saisi par {teacher.display_name})" in page


def test_a_paper_for_a_pupil_nobody_signs_for_needs_a_name(family, sign_in):
    teacher, division, *_ = family
    alone = factories.pupil(division=division)
    note = sent(teacher, division)
    line = note.recipients.get(pupil=alone)
    url, client = f"/notes/{note.pk}/paper/", sign_in(teacher)
    refused = client.post(url, {"received_on": TODAY(), f"answer-{line.pk}": "signed"})
    assert "Écrivez le nom de la personne" in refused.text
    assert "encore venu" in client.post(url, {"received_on": date(2090, 1, 1)}).text
    assert "Choisissez une réponse" in client.post(url, {"received_on": TODAY()}).text
    client.post(url, {"received_on": TODAY(), f"answer-{line.pk}": "signed", f"name-{line.pk}": "Sa tante"})
    assert [one.state for one in queries.lines(note) if one.pupil == alone] == ["done"]


def test_a_withdrawn_note_asks_nothing_more(family, sign_in):
    teacher, division, pupil, mother, _ = family
    note = sent(teacher, division)
    sign_in(teacher).post(f"/notes/{note.pk}/withdraw/")
    client = sign_in(mother)
    assert "Lire et signer" not in client.get("/").text
    assert "a retiré ce mot" in client.get(f"/notes/{note.pk}/").text
    assert sign(client, note, pupil).status_code == 400
    assert told(mother)[-1].startswith("Retiré")
    assert "plus personne à relancer" in sign_in(teacher).post(f"/notes/{note.pk}/remind/", follow=True).text


def test_the_author_finds_what_is_due_soon_on_the_home_page(family, sign_in):
    teacher, division, *_ = family
    note = sent(teacher, division, in_days=1)
    sent(teacher, division, in_days=20, title="Bien plus tard")
    home = sign_in(teacher).get("/").text
    assert f"/notes/{note.pk}/?state=waiting" in home
    assert "Bien plus tard" not in home


def test_a_document_opens_for_the_family_and_not_for_others(family, sign_in):
    teacher, division, _, mother, _ = family
    note = draft(teacher, division, files=[SimpleUploadedFile("plan.txt", b"Le plan")])
    path = f"/notes/files/{note.files.get().pk}/"
    assert sign_in(factories.staff(Function.CPE)).get(path).status_code == 404
    actions.send(note, account_id=None)
    answer = sign_in(mother).get(path)
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    other = factories.guardian(of=factories.pupil(division=factories.division("3C")))
    assert sign_in(other).get(path).status_code == 403


def test_a_pupils_page_leads_to_what_their_family_received(family, sign_in):
    teacher, division, pupil, *_ = family
    sent(teacher, division)
    client = sign_in(teacher)
    assert f"/notes/pupils/{pupil.pk}/" in client.get(f"/people/{pupil.pk}/").text
    assert "Sortie au musée" in client.get(f"/notes/pupils/{pupil.pk}/").text


# --- API ---------------------------------------------------------------------------------------------------------
def test_a_parent_reads_and_signs_through_the_api(family, school):
    teacher, division, pupil, mother, father = family
    note = sent(teacher, division)
    secret = new_token(factories.account_of(mother), school, "Agenda")
    client = SchoolClient(f"{school.subdomain}.ent.localhost")
    key = {"headers": {"Authorization": f"Bearer {secret}"}}
    row = client.get("/api/notes/", **key).json()["results"][0]
    assert row["mine"] == [{"pupil": str(pupil.pk), "answer": "", "answered_on": None, "is_late": False}]
    path = f"/api/notes/{note.pk}/sign/"
    assert client.post(path, {"pupil": pupil.pk, "answer": "yes"}, **key).status_code == 400
    assert client.post(path, {"pupil": pupil.pk, "answer": "signed"}, **key).json()["answer"] == "signed"
    assert NoteRecipient.objects.get(person=father).answer == ""
