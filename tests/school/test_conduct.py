"""Remarks reach the family and are signed; sanctions leave the file when the law says so."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from ent.school.attendance.models import Passage
from ent.school.conduct import queries
from ent.school.conduct.models import (
    Concern,
    Detention,
    ErasureRecord,
    Incident,
    IncidentParty,
    Punishment,
    Referent,
    Remark,
    Sanction,
)
from ent.school.conduct.retention import erase_due, erase_on
from ent.school.conduct.tasks import erase_due_sanctions_of
from ent.school.notifications.models import Delivery, Notification
from ent.school.timetable.models import Room, RoomUse, Session, SessionAudience
from tests import factories


def test_a_teacher_encourages_in_one_tap_and_the_family_is_told(school, sign_in):
    division = factories.division()
    pupil = factories.pupil(division=division)
    parent, teacher = factories.guardian(of=pupil), factories.staff(teaches=division)
    sign_in(teacher).post(reverse("conduct:record", args=[pupil.pk]), {"kind": "encouragement"})
    assert Remark.objects.get().by == teacher
    assert Notification.objects.filter(person=parent, pupil=pupil).exists()


def test_an_observation_without_words_is_asked_for_them(school, sign_in):
    division = factories.division()
    pupil, teacher = factories.pupil(division=division), factories.staff(teaches=division)
    page = sign_in(teacher).post(reverse("conduct:record", args=[pupil.pk]), {"kind": "observation"})
    assert page.status_code == 400
    assert "Dites en une phrase" in page.content.decode()


def test_a_parent_signs_once_and_another_parent_may_not(school, sign_in):
    pupil = factories.pupil(division=factories.division())
    parent, stranger = factories.guardian(of=pupil), factories.guardian(of=factories.pupil())
    remark = Remark.objects.create(pupil=pupil, kind="observation", text="Bavarde.", needs_signature=True)
    for _ in range(2):
        sign_in(parent).post(reverse("conduct:sign", args=[remark.pk]))
    assert remark.acknowledgements.get().guardian == parent
    assert "je signe" not in sign_in(parent).get(reverse("conduct:pupil", args=[pupil.pk])).content.decode()
    assert sign_in(stranger).post(reverse("conduct:sign", args=[remark.pk])).status_code == 403


def test_a_teacher_does_not_see_what_a_colleague_wrote_but_the_form_tutor_does(school, sign_in):
    division = factories.division()
    pupil = factories.pupil(division=division)
    Remark.objects.create(pupil=pupil, kind="observation", text="Insolence.", by=factories.staff(teaches=division))
    url = reverse("conduct:pupil", args=[pupil.pk])
    assert "Insolence." not in sign_in(factories.staff(teaches=division)).get(url).content.decode()
    assert "Insolence." in sign_in(factories.staff(tutors=division)).get(url).content.decode()


@pytest.mark.parametrize(("kind", "day"), [
    ("warning", date(2027, 9, 1)), ("reprimand", date(2028, 9, 1)), ("responsibility", date(2028, 9, 1)),
    ("class_exclusion", date(2029, 9, 1)), ("school_exclusion", date(2029, 9, 1)), ("permanent", None),
])  # fmt: skip
def test_a_sanction_leaves_the_file_after_the_school_years_of_the_law(kind, day):
    assert erase_on(kind, date(2026, 11, 24)) == erase_on(kind, date(2027, 8, 31)) == day


@given(st.sampled_from(Sanction.Kind.values), st.dates(date(2015, 1, 1), date(2060, 1, 1)))
def test_a_sanction_is_never_erased_on_the_day_it_is_decided(kind, decided_on):
    day = erase_on(kind, decided_on)
    assert day is None or (decided_on < day and (day.month, day.day) == (9, 1))


def test_what_is_due_is_erased_with_a_count_and_nobodys_name(school):
    pupil, decided = factories.pupil(), date(2026, 11, 24)
    for kind in ("warning", "reprimand"):
        Sanction.objects.create(pupil=pupil, kind=kind, reason="Bagarre", decided_on=decided,
                                erase_on=erase_on(kind, decided))  # fmt: skip
    assert erase_due(date(2027, 8, 31)) == 0
    assert erase_due(date(2027, 9, 1)) == 1
    assert erase_due(date(2027, 9, 1)) == 0
    assert Sanction.objects.get().kind == "reprimand"
    assert (ErasureRecord.objects.get().kind, ErasureRecord.objects.get().count) == ("warning", 1)


def test_the_schools_nightly_job_erases_under_its_own_role(school):
    Sanction.objects.create(pupil=factories.pupil(), kind="warning", reason="Bagarre",
                            decided_on=date(2020, 9, 7), erase_on=date(2021, 9, 1))  # fmt: skip
    erase_due_sanctions_of(school.uai)
    assert not Sanction.objects.exists()


def test_home_tells_a_parent_what_is_to_sign_until_it_is_signed(school, sign_in):
    pupil = factories.pupil(division=factories.division())
    parent = sign_in(factories.guardian(of=pupil))
    remark = Remark.objects.create(pupil=pupil, kind="observation", text="Bavarde.", needs_signature=True)
    assert "1 mot de la vie scolaire" in parent.get("/").content.decode()
    parent.post(reverse("conduct:sign", args=[remark.pk]))
    assert "Lire et signer" not in parent.get("/").content.decode()


def test_the_head_alone_decides_a_sanction_and_the_family_reads_when_it_leaves_the_file(school, sign_in):
    pupil = factories.pupil(division=factories.division())
    parent, head = factories.guardian(of=pupil), sign_in(factories.staff("school_head"))
    url = reverse("conduct:new_sanction", args=[pupil.pk])
    typed = {"kind": "reprimand", "reason": "Insultes répétées.", "told_facts_on": "2026-09-10",
             "decided_on": "2026-09-14"}  # fmt: skip
    assert sign_in(factories.staff("cpe")).post(url, typed).status_code == 403
    assert head.post(url, typed).status_code == 302
    assert Sanction.objects.get().erase_on == date(2028, 9, 1)
    assert Notification.objects.filter(person=parent, pupil=pupil).exists()
    read = sign_in(parent).get(reverse("conduct:pupil", args=[pupil.pk])).content.decode()
    assert "Insultes répétées." in read
    assert "sera effacée le 1er septembre 2028" in read
    assert "Sera effacée le" in head.get(reverse("conduct:sanctions")).content.decode()


@pytest.mark.parametrize(("ends_on", "told"), [
    ("", "premier et le dernier jour"), ("2026-09-30", "dépasser 8 jours"), ("2026-09-10", "après le début"),
])  # fmt: skip
def test_a_temporary_exclusion_needs_dates_the_law_allows(school, sign_in, ends_on, told):
    url = reverse("conduct:new_sanction", args=[factories.pupil(division=factories.division()).pk])
    typed = {"kind": "school_exclusion", "reason": "Bagarre", "told_facts_on": "2026-09-10",
             "decided_on": "2026-09-14", "starts_on": "2026-09-15", "ends_on": ends_on}  # fmt: skip
    page = sign_in(factories.staff("school_head")).post(url, typed)
    assert page.status_code == 400
    assert told in page.content.decode()
    assert "Bagarre" in page.content.decode()


def test_a_teacher_and_an_assistant_do_not_read_sanctions(school, sign_in):
    division = factories.division()
    pupil = factories.pupil(division=division)
    Sanction.objects.create(pupil=pupil, kind="warning", reason="Bagarre", decided_on=date(2026, 9, 14))
    for reader in (factories.staff(teaches=division), factories.staff("aed")):
        page = sign_in(reader).get(reverse("conduct:pupil", args=[pupil.pk]))
        assert "Bagarre" not in page.content.decode()


# --- punishments and detentions ----------------------------------------------------------------------------------
def detention(places: int = 10, hours_ahead: int = 48) -> Detention:
    begins = timezone.now() + timedelta(hours=hours_ahead)
    room = Room.objects.create(name=f"Salle {Room.objects.count()}")
    return Detention.objects.create(starts_at=begins, ends_at=begins + timedelta(hours=1), room=room, places=places)


def punished(pupil=None, **given) -> Punishment:
    given = {"kind": "detention", "reason": "Bavardages", "erase_on": date(2099, 9, 1)} | given
    return Punishment.objects.create(pupil=pupil or factories.pupil(division=factories.division()), **given)


def test_a_teacher_gives_a_detention_student_life_plans_it_and_the_parent_acknowledges_it(school, sign_in):
    division = factories.division()
    pupil = factories.pupil(division=division)
    parent, teacher, cpe = factories.guardian(of=pupil), factories.staff(teaches=division), factories.staff("cpe")
    typed = {"kind": "detention", "reason": "Bavardages répétés", "work": "Exercice 4"}
    assert sign_in(teacher).post(reverse("conduct:punish", args=[pupil.pk]), typed).status_code == 302
    given, slot = Punishment.objects.get(), detention()
    assert given.given_by == teacher
    sign_in(cpe).post(reverse("conduct:plan", args=[given.pk]), {"detention": slot.pk})
    given.refresh_from_db()
    assert given.detention == slot
    assert Notification.objects.filter(person=parent, title__contains="Retenue").count() == 2
    for _ in range(2):
        sign_in(parent).post(reverse("conduct:acknowledge_punishment", args=[given.pk]))
    assert given.acknowledgements.get().guardian == parent
    assert "Vous en avez pris connaissance" in sign_in(parent).get(f"/conduct/pupils/{pupil.pk}/").content.decode()


def test_extra_work_without_work_is_asked_for_it_and_nothing_typed_is_lost(school, sign_in):
    pupil = factories.pupil(division=factories.division())
    page = sign_in(factories.staff("cpe")).post(
        reverse("conduct:punish", args=[pupil.pk]), {"kind": "extra_work", "reason": "Travail non fait"}
    )
    assert page.status_code == 400
    assert "Dites quel travail est à faire." in page.content.decode()
    assert "Travail non fait" in page.content.decode()


def test_a_full_detention_takes_nobody_more(school, sign_in):
    slot, late = detention(places=1), punished()
    punished(detention=slot)
    page = sign_in(factories.staff("cpe")).post(
        reverse("conduct:plan", args=[late.pk]), {"detention": slot.pk}, follow=True
    )
    assert "Cette retenue est complète" in page.content.decode()
    assert Punishment.objects.get(pk=late.pk).detention is None


def test_a_lesson_the_pupil_would_miss_is_shown_before_planning(school, sign_in):
    slot = detention()
    division = factories.division()
    pupil = factories.pupil(division=division)
    lesson(division, slot.starts_at)
    given, cpe = punished(pupil), sign_in(factories.staff("cpe"))
    page = cpe.post(reverse("conduct:plan", args=[given.pk]), {"detention": slot.pk})
    assert "a cours à ce moment" in page.content.decode()
    assert Punishment.objects.get().detention is None
    cpe.post(reverse("conduct:plan", args=[given.pk]), {"detention": slot.pk, "anyway": "1"})
    assert Punishment.objects.get().detention == slot


def lesson(division, begins) -> Session:
    session = Session.objects.create(label="Cours d'essai", day=timezone.localdate(begins), starts_at=begins,
                                     ends_at=begins + timedelta(minutes=55))  # fmt: skip
    SessionAudience.objects.create(session=session, division=division, day=session.day)
    return session


def test_a_detention_books_its_room_and_gives_it_back(school, sign_in):
    cpe, room = sign_in(factories.staff("cpe")), Room.objects.create(name="Salle 12")
    day = timezone.localdate() + timedelta(days=3)
    typed = {"day": day, "begins": "17:00", "ends": "18:00", "room": room.pk, "places": 10}
    assert cpe.post(reverse("conduct:new_detention"), typed).status_code == 302
    assert RoomUse.objects.get(room=room).purpose == "Retenue"
    again = cpe.post(reverse("conduct:new_detention"), typed)
    assert again.status_code == 400
    assert "est déjà prise" in again.content.decode()
    cpe.post(reverse("conduct:remove_detention", args=[Detention.objects.get().pk]))
    assert not RoomUse.objects.filter(room=room).exists()


def test_an_excused_detention_waits_for_another_date(school, sign_in):
    given = punished(detention=detention())
    cpe = sign_in(factories.staff("cpe"))
    cpe.post(reverse("conduct:close", args=[given.pk]), {"outcome": "excused"})
    assert str(given.pupil) in cpe.get(reverse("conduct:detentions")).content.decode()
    assert list(queries.waiting()) == [given]


def test_the_weeks_grid_shows_places_taken_and_left_and_actions_return_to_it(school, sign_in):
    slot, waiting = detention(places=3, hours_ahead=24 * 9), punished()
    punished(detention=slot)
    day = f"{timezone.localdate(slot.starts_at)}"
    monday = slot.starts_at.date() - timedelta(days=timezone.localdate(slot.starts_at).weekday())
    cpe = sign_in(factories.staff("cpe"))
    page = cpe.get(reverse("conduct:detentions") + f"?day={day}").text
    assert "1 inscrit" in page
    assert "2 places libres sur 3" in page
    planned = cpe.post(reverse("conduct:plan", args=[waiting.pk]), {"detention": slot.pk, "day": day})
    removed = cpe.post(reverse("conduct:remove_detention", args=[slot.pk]), {"day": day})
    assert {planned["Location"], removed["Location"]} == {reverse("conduct:detentions") + f"?day={monday}"}


def test_a_list_is_marked_in_one_go_once_the_detention_has_begun(school, sign_in):
    slot = detention()
    came, missed = punished(detention=slot), punished(detention=slot)
    cpe, url = sign_in(factories.staff("cpe")), reverse("conduct:detention", args=[slot.pk])
    typed = {f"outcome-{came.pk}": "done", f"outcome-{missed.pk}": "not_done"}
    cpe.post(url, typed)
    assert not Punishment.objects.exclude(outcome="").exists()
    Detention.objects.update(starts_at=timezone.now() - timedelta(minutes=5))
    cpe.post(url, typed)
    assert dict(Punishment.objects.values_list("pk", "outcome")) == {came.pk: "done", missed.pk: "not_done"}
    assert "Signature" in cpe.get(url).text


def test_what_the_family_was_told_leaves_with_the_school_year(school, sign_in):
    pupil = factories.pupil(division=factories.division())
    parent = factories.guardian(of=pupil)
    sign_in(factories.staff("cpe")).post(
        reverse("conduct:punish", args=[pupil.pk]), {"kind": "apology", "reason": "Insultes"}
    )
    Notification.objects.update(created_at=factories.on("2026-11-24"))
    erase_due(date(2027, 8, 31))
    assert Notification.objects.filter(person=parent).exists()
    erase_due(date(2027, 9, 1))
    assert not Notification.objects.filter(person=parent).exists()


def test_a_removal_leaves_with_the_school_year(school):
    session = factories.session(factories.staff(), factories.division())
    Passage.objects.create(pupil=factories.pupil(), place="student_life", is_removal=True, session=session,
                           sent_at=factories.on("2026-11-24"))  # fmt: skip
    assert erase_due(date(2027, 8, 31)) == 0
    assert erase_due(date(2027, 9, 1)) == 1
    assert ErasureRecord.objects.get().label == "Exclusion de cours"


def test_a_teacher_closes_only_the_punishments_they_gave(school, sign_in):
    division = factories.division()
    mine, other = factories.staff(teaches=division), factories.staff(teaches=division)
    given = punished(factories.pupil(division=division), kind="extra_work", given_by=mine)
    url = reverse("conduct:close", args=[given.pk])
    assert sign_in(other).post(url, {"outcome": "done"}).status_code == 403
    assert sign_in(mine).post(url, {"outcome": "done"}).status_code == 302
    given.refresh_from_db()
    assert given.outcome == "done"


def test_a_punishment_leaves_at_the_end_of_the_school_year(school):
    punished(erase_on=date(2027, 9, 1))
    assert erase_due(date(2027, 8, 31)) == 0
    assert erase_due(date(2027, 9, 1)) == 1
    assert ErasureRecord.objects.get().label == "Punition : retenue"


# --- incidents ---------------------------------------------------------------------------------------------------
def incident(author, victim, **given) -> Incident:
    given = {"kind": "insult", "place": "playground", "happened_at": timezone.now(), "account": "Des insultes.",
             "erase_on": date(2099, 9, 1)} | given  # fmt: skip
    made = Incident.objects.create(**given)
    IncidentParty.objects.create(incident=made, part="author", person=author)
    IncidentParty.objects.create(incident=made, part="victim", person=victim)
    return made


def test_each_family_reads_its_own_childs_part_and_no_other_name(school, sign_in):
    division = factories.division()
    author, victim = factories.pupil(division=division), factories.pupil(division=division)
    parent = sign_in(factories.guardian(of=victim))
    made, cpe = incident(author, victim), sign_in(factories.staff("cpe"))
    party = made.parties.get(part="victim")
    url = reverse("conduct:tell_party", args=[party.pk])
    refused = cpe.post(url, {"text": f"{author.last_name} a insulté votre enfant."})
    assert refused.status_code == 400
    assert "nomme quelqu&#x27;un d&#x27;autre" in refused.content.decode()
    cpe.post(url, {"text": "Votre enfant a été insulté ce matin ; nous l'avons reçu."})
    page = parent.get(reverse("conduct:pupil", args=[victim.pk])).content.decode()
    assert "Votre enfant a été insulté" in page
    assert author.last_name not in page
    assert "Des insultes." not in page
    assert parent.get(reverse("conduct:incident", args=[made.pk])).status_code == 403


def test_what_a_family_has_read_of_an_incident_does_not_change(school, sign_in):
    author, victim = factories.pupil(), factories.pupil()
    party, cpe = incident(author, victim).parties.get(part="victim"), sign_in(factories.staff("cpe"))
    for text in ("Votre enfant a été insulté.", "Tout autre chose."):
        cpe.post(reverse("conduct:tell_party", args=[party.pk]), {"text": text})
    party.refresh_from_db()
    assert party.family_text == "Votre enfant a été insulté."


def test_a_punishment_given_from_an_incident_stands_in_it(school, sign_in):
    author, victim = factories.pupil(), factories.pupil()
    made, cpe = incident(author, victim), sign_in(factories.staff("cpe"))
    typed = {"kind": "apology", "reason": "Insultes", "incident": made.pk}
    cpe.post(reverse("conduct:punish", args=[author.pk]), typed)
    assert made.punishments.get().pupil == author
    refused = cpe.post(reverse("conduct:punish", args=[factories.pupil().pk]), typed)
    assert refused.status_code == 400


def test_extra_work_has_no_place_in_a_detention(school, sign_in):
    given, slot = punished(kind="extra_work"), detention()
    page = sign_in(factories.staff("cpe")).post(
        reverse("conduct:plan", args=[given.pk]), {"detention": slot.pk}, follow=True
    )
    assert "Seule une retenue" in page.content.decode()


def test_a_teacher_reads_the_incidents_they_reported_and_the_form_tutor_those_of_the_class(school, sign_in):
    division = factories.division()
    reporter, other = factories.staff(teaches=division), factories.staff(teaches=division)
    tutor = factories.staff(tutors=division)
    made = incident(factories.pupil(division=division), factories.pupil(division=division), reported_by=reporter)
    url = reverse("conduct:incident", args=[made.pk])
    assert [sign_in(one).get(url).status_code for one in (reporter, other, tutor)] == [200, 403, 200]
    assert "Aucun incident" in sign_in(other).get(reverse("conduct:incidents")).content.decode()


def test_reporting_an_incident_names_the_pupil_and_refuses_the_future(school, sign_in):
    pupil, teacher = factories.pupil(division=factories.division()), sign_in(factories.staff("aed"))
    typed = {"kind": "theft", "place": "corridor", "severity": 2, "account": "Un vol.", "pupil": pupil.pk,
             "part": "victim"}  # fmt: skip
    late = timezone.localtime() + timedelta(days=1)
    refused = teacher.post(reverse("conduct:new_incident"), typed | {"happened_at": f"{late:%Y-%m-%dT%H:%M}"})
    assert "pas encore venue" in refused.content.decode()
    early = timezone.localtime() - timedelta(hours=1)
    teacher.post(reverse("conduct:new_incident"), typed | {"happened_at": f"{early:%Y-%m-%dT%H:%M}"})
    assert IncidentParty.objects.get().person == pupil


# --- calls for help ----------------------------------------------------------------------------------------------
def test_a_call_for_help_reaches_the_referents_and_nobody_else(school, sign_in):
    pupil = factories.pupil(division=factories.division())
    parent, nurse, cpe, head = (factories.guardian(of=pupil), factories.staff("nurse"), factories.staff("cpe"),
                                factories.staff("school_head"))  # fmt: skip
    Referent.objects.create(person=nurse)
    typed = {"about": "myself", "text": "On me harcèle.", "is_private": "on"}
    sign_in(pupil).post(reverse("conduct:help"), typed)
    call = Concern.objects.get()
    url = reverse("conduct:concern", args=[call.pk])
    assert [sign_in(one).get(url).status_code for one in (pupil, nurse, parent, cpe, head)] == [200, 200, 403, 403, 403]
    told = Notification.objects.filter(path=url)
    assert [one.person for one in told] == [nurse]
    assert "harcèle" not in told.get().title + told.get().text
    assert "On me harcèle" not in sign_in(cpe).get(reverse("conduct:concerns")).content.decode()


def test_help_is_at_the_foot_of_every_page_of_a_pupil_and_the_week_on_the_page_of_the_class(school, sign_in):
    division = factories.division()
    page = sign_in(factories.pupil(division=division)).get("/homework/").content.decode()
    assert f'<a href="{reverse("conduct:help")}">Besoin d&#x27;aide</a>' in page
    teacher = sign_in(factories.staff(teaches=division))
    page = teacher.get(reverse("structure:division", args=[division.pk])).content.decode()
    assert reverse("timetable:division", args=[division.pk]) in page


def test_whoever_is_no_referent_finds_no_trace_of_a_call_for_help(school, sign_in):
    pupil = factories.pupil(division=factories.division(), last_name="Vergnaud")
    parent, nurse = factories.guardian(of=pupil), factories.staff("nurse")
    Referent.objects.create(person=nurse)
    sign_in(pupil).post(reverse("conduct:help"), {"about": "myself", "text": "On me harcèle."})
    call = Concern.objects.get()
    sign_in(nurse).post(reverse("conduct:write", args=[call.pk]), {"text": "Passez me voir.", "is_answer": "on"})
    Delivery.objects.update(state=Delivery.State.FAILED)
    ErasureRecord.objects.create(what="concern", kind="myself", count=1)
    about = reverse("conduct:pupil", args=[pupil.pk])
    pages = ["/", "/people/?q=vergnaud", f"/people/{pupil.pk}/", about, "/notifications/", "/notifications/failures/",
             "/conduct/sanctions/", "/help/calls/", "/conduct/incidents/?show=all", "/rights/", "/administration/",
             "/api/conduct/remarks/", "/api/conduct/punishments/"]  # fmt: skip
    readers = [parent, *(factories.staff(one) for one in ("school_admin", "school_head", "deputy_head", "cpe", "aed"))]
    for reader in readers:
        client = sign_in(reader)
        for page in pages:
            text = client.get(page).content.decode()
            for word in (
                str(call.pk),
                "harcèle.",
                "Passez me voir",
                "Demande d&#x27;aide : ",
                "demande d'aide ouverte",
            ):
                assert word not in text, (reader.functions.first(), page, word)
    assert not Notification.objects.exclude(person__in=[nurse, pupil]).exists()
    assert not Notification.objects.filter(title__contains="aide").exists()


def test_who_called_reads_the_answers_and_not_the_notes_among_referents(school, sign_in):
    pupil, nurse = factories.pupil(division=factories.division()), factories.staff("nurse")
    Referent.objects.create(person=nurse)
    call = Concern.objects.create(author=pupil, about="myself", text="On me harcèle.")
    url = reverse("conduct:write", args=[call.pk])
    sign_in(nurse).post(url, {"text": "Passez me voir à 10 h.", "is_answer": "on"})
    sign_in(nurse).post(url, {"text": "Prévenir l'assistante sociale."})
    page = sign_in(pupil).get(reverse("conduct:concern", args=[call.pk])).content.decode()
    assert "Passez me voir" in page
    assert "assistante sociale" not in page


def test_without_a_referent_nothing_can_be_sent_and_the_page_says_whom_to_see(school, sign_in):
    pupil = sign_in(factories.pupil(division=factories.division()))
    page = pupil.post(reverse("conduct:help"), {"about": "myself", "text": "On me harcèle."})
    assert "3018" in page.content.decode()
    assert not Concern.objects.exists()


def test_the_letter_of_a_sanction_is_a_pdf_for_the_direction(school, sign_in):
    pupil = factories.pupil(division=factories.division())
    factories.guardian(of=pupil)
    made = Sanction.objects.create(pupil=pupil, kind="warning", reason="Insolence", decided_on=date(2026, 11, 2))
    url = reverse("conduct:sanction_letter", args=[made.pk])
    assert sign_in(factories.staff("cpe")).get(url).status_code == 403
    assert sign_in(factories.staff("school_head")).get(url).content.startswith(b"%PDF")
