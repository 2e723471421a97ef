"""People are told at once, by the ways they chose, within the hours set; never twice, never who left."""

from datetime import UTC, datetime, time, timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ent.school.notifications import actions, keeping, sending, sms, tasks, waiting
from ent.school.notifications.coming import coming_to
from ent.school.notifications.models import Choice, Delivery, Kind, Notification, OwnHours, Rhythm
from ent.school.people.models import Function, Guardianship
from tests import factories
from tests.school.notifications_factories import failure, notification

NOON, NIGHT = datetime(2026, 11, 24, 11, 0, tzinfo=UTC), datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
Way, State = Delivery.Way, Delivery.State


@pytest.fixture(autouse=True)
def texts(settings, tmp_path):
    """Text messages go to files of this test."""
    settings.DATA_DIR, settings.SMS_BACKEND = tmp_path, "ent.school.notifications.sms.FileSender"
    return lambda: [one.read_text() for one in (tmp_path / "sms").rglob("*.txt")]


@pytest.fixture
def at(monkeypatch):
    """What time it is."""

    def set_clock(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)

    set_clock(NOON)
    return set_clock


@pytest.fixture
def child(school):
    return factories.pupil(first_name="Élie", last_name="Roux")


@pytest.fixture
def parent(child):
    return factories.guardian(of=child, mobile_phone="06 39 98 00 01", directory_email="parent@exemple.test")


def told_of_absence(child, parent, **values):
    return actions.tell([parent], Kind.ABSENCE, "Absence de Élie Roux", text="Motif : rendez-vous",
                        pupil=child, **values)  # fmt: skip


def states() -> list[tuple[str, str]]:
    return sorted(Delivery.objects.values_list("way", "state"))


def test_a_parent_is_told_of_an_absence_at_once_by_email_and_sms(at, child, parent, school, texts):
    told_of_absence(child, parent)
    sending.send_due()
    assert states() == [("email", "sent"), ("sms", "sent")]
    (email,), (text,) = mail.outbox, texts()
    assert email.to == ["parent@exemple.test"]
    assert text.startswith("+33639980001")
    for sent in (email.body, text):
        assert "Absence de Élie Roux" in sent
        assert f"//{school.subdomain}." in sent
        assert "rendez-vous" not in sent


def test_the_address_one_gave_comes_before_the_directorys(at, child, parent):
    account = factories.account_of(parent)
    account.email = "choisie@exemple.test"
    account.save()
    told_of_absence(child, parent)
    sending.send_due()
    assert mail.outbox[0].to == ["choisie@exemple.test"]


def test_at_night_what_is_not_urgent_waits_in_pages_too(at, child, parent, sign_in):
    at(NIGHT)
    told_of_absence(child, parent)
    sending.send_due()
    assert not mail.outbox
    assert "Absence de Élie" not in sign_in(parent).get("/notifications/").text
    at(MORNING)
    sending.send_due()
    assert len(mail.outbox) == 1
    assert "Absence de Élie" in sign_in(parent).get("/notifications/").text


def test_what_is_urgent_leaves_at_night(at, child, parent):
    at(NIGHT)
    told_of_absence(child, parent, is_urgent=True)
    sending.send_due()
    assert states() == [("email", "sent"), ("sms", "sent")]


def test_ones_own_quiet_hours_hold(at, child, parent):
    OwnHours.objects.create(person=parent, begins_at=time(11), ends_at=time(14))
    (told,) = told_of_absence(child, parent)
    assert told.deliver_after == datetime(2026, 11, 24, 13, 0, tzinfo=UTC)


def test_staff_see_at_once_what_awaits_them_and_get_the_email_later(at, school):
    at(NIGHT)
    (told,) = actions.tell([factories.staff()], Kind.ANSWER, "Une demande vous attend")
    assert told.deliver_after == NIGHT
    assert told.deliveries.get().deliver_after == MORNING


def test_a_choice_comes_before_the_default(at, child, parent):
    Choice.objects.create(person=parent, kind=Kind.ABSENCE, by_email=False, by_sms=True)
    told_of_absence(child, parent)
    assert states() == [("sms", "waiting")]


def test_where_sms_are_off_none_is_tried(at, child, parent, settings, sign_in):
    settings.SMS_BACKEND = ""
    told_of_absence(child, parent)
    assert states() == [("email", "waiting")]
    assert "Les SMS ne sont pas en service" in sign_in(parent).get("/notifications/choices/").text


def test_a_digest_is_one_email_that_lists_all(at, child, parent):
    Choice.objects.create(person=parent, kind=Kind.HOMEWORK, rhythm=Rhythm.DAILY)
    for title in ("Travail à faire en maths", "Copie rendue en lettres"):
        actions.tell([parent], Kind.HOMEWORK, title, pupil=child)
    sending.send_due()
    assert not mail.outbox
    at(datetime(2026, 11, 24, 17, 0, tzinfo=UTC))
    sending.send_due()
    (email,) = mail.outbox
    assert "Travail à faire en maths" in email.body
    assert "Copie rendue en lettres" in email.body
    assert states() == [("email", "sent")] * 2


def test_a_digest_of_many_is_still_one_email(at, child, parent, monkeypatch):
    monkeypatch.setattr(sending, "BATCH", 2)
    for number in range(5):
        actions.tell([parent], Kind.HOMEWORK, f"Travail {number}", pupil=child)
    at(datetime(2026, 11, 27, 17, 0, tzinfo=UTC))
    sending.send_due()
    assert len(mail.outbox) == 1


def test_nothing_leaves_twice(at, child, parent):
    told_of_absence(child, parent)
    sending.send_due()
    sending.send_due()
    assert len(mail.outbox) == 1


def test_what_a_dead_job_had_taken_is_not_sent_again_and_staff_know(at, child, parent):
    told_of_absence(child, parent)
    Delivery.objects.filter(way="email").update(state=State.SENDING)
    sending.send_due()
    assert not mail.outbox
    assert states() == [("email", "failed"), ("sms", "sent")]
    assert "on ne sait pas" in Delivery.objects.get(way="email").problem


class Killed(BaseException):
    """A worker is killed: nothing catches it."""


def test_a_worker_killed_once_a_message_left_never_sends_it_again_and_loses_nothing_else(
    at, child, parent, monkeypatch
):
    other = factories.guardian(of=child, directory_email="autre@exemple.test")
    Choice.objects.create(person=parent, kind=Kind.ABSENCE)
    Choice.objects.create(person=other, kind=Kind.ABSENCE)
    actions.tell([parent, other], Kind.ABSENCE, "Absence de Élie Roux", pupil=child)

    def killed(deliveries, state, problem=""):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(sending, "_all_done", killed)
        with pytest.raises(Killed):
            sending.send_due()
    assert len(mail.outbox) == 1
    sending.send_due()
    assert sorted(one.to[0] for one in mail.outbox) == ["autre@exemple.test", "parent@exemple.test"]
    assert states() == [("email", "failed"), ("email", "sent")]


def test_what_was_read_meanwhile_is_not_sent(at, child, parent):
    (told,) = told_of_absence(child, parent)
    actions.read(parent.pk, told)
    sending.send_due()
    assert not mail.outbox
    assert states() == [("email", "dropped"), ("sms", "dropped")]


@pytest.mark.parametrize("change", [{"is_restricted": True}, {"legal_rank": 0}, {"closed_at": NOON}])
def test_a_parent_without_authority_any_more_is_told_nothing_of_the_child(at, child, parent, sign_in, change):
    other = factories.pupil()
    Guardianship.objects.create(pupil=other, relative=parent, kinship="mother", legal_rank=1)
    told_of_absence(child, parent)
    Guardianship.objects.filter(relative=parent, pupil=child).update(**change)
    sending.send_due()
    assert not mail.outbox
    assert "Absence de Élie" not in sign_in(parent).get("/notifications/").text


def test_who_left_is_told_nothing(at, child, parent):
    told_of_absence(child, parent)
    parent.closed_at = NOON
    parent.save()
    sending.send_due()
    assert not mail.outbox
    assert told_of_absence(child, parent) == []


def test_without_an_address_staff_are_told(at, child):
    parent = factories.guardian(of=child)
    told_of_absence(child, parent)
    sending.send_due()
    problems = set(Delivery.objects.values_list("problem", flat=True))
    assert problems == {"Aucune adresse connue.", "Aucun portable connu."}


class Mailbox:
    """A mail server that fails as told."""

    def __init__(self, error: Exception):
        self.error, self.tries = error, 0

    def send_messages(self, messages):
        self.tries += 1
        raise self.error


def test_a_silent_server_is_tried_again_then_given_up(at, child, parent, monkeypatch):
    Choice.objects.create(person=parent, kind=Kind.ABSENCE)
    mailbox = Mailbox(SMTPServerDisconnected("…"))
    monkeypatch.setattr(sending, "get_connection", lambda: mailbox)
    told_of_absence(child, parent)
    for hour in range(72):
        at(NOON + timedelta(hours=hour))
        sending.send_due()
    assert mailbox.tries == 5
    assert states() == [("email", "failed")]
    assert "n'est pas joignable" in Delivery.objects.get().problem


def test_a_refused_address_is_not_tried_again(at, child, parent, monkeypatch):
    Choice.objects.create(person=parent, kind=Kind.ABSENCE)
    monkeypatch.setattr(sending, "get_connection", lambda: Mailbox(SMTPRecipientsRefused({})))
    told_of_absence(child, parent)
    sending.send_due()
    assert Delivery.objects.get().problem == "Adresse refusée par le serveur de courriel."


def test_an_sms_holds_in_one_with_its_link_whole(at, child, parent, texts):
    actions.tell([parent], Kind.ABSENCE, "Absence " * 20, pupil=child)
    sending.send_due()
    text = texts()[0].splitlines()[2]
    assert len(text) <= sending.SMS_LENGTH
    assert text.endswith("/notifications/")


def test_an_sms_that_is_cut_still_says_of_which_child_it_is(at, child, parent, texts):
    Choice.objects.create(person=parent, kind=Kind.TIMETABLE, by_sms=True)
    actions.tell([parent], Kind.TIMETABLE, "Sciences de la vie et de la Terre " * 4, pupil=child)
    sending.send_due()
    text = texts()[0].splitlines()[2]
    assert len(text) <= sending.SMS_LENGTH
    assert "… (Élie) http" in text


@pytest.mark.parametrize(("typed", "number"), [
    ("06 39 98 00 01", "+33639980001"), ("+33 6 39 98 00 01", "+33639980001"), ("0033639980001", "+33639980001"),
    ("+33 (0)6.39.98.00.01", "+33639980001"), ("04 73 00 00 00", ""), ("+351 912 345 678", "+351912345678"), ("", ""),
])  # fmt: skip
def test_a_mobile_number_is_read_however_typed(typed, number):
    assert sms.mobile(typed) == number


def test_a_thousand_people_are_told_in_as_many_queries_as_one(at, school):
    def queries(people) -> int:
        with CaptureQueriesContext(connection) as made:
            actions.tell(people, Kind.ABSENCE, "Le collège est fermé demain")
        return len(made)

    few = [factories.staff(account=False)]
    many = [factories.staff(account=False) for _ in range(1000)]
    queries(few)
    assert queries(many) == queries(few) <= 6
    assert Notification.objects.count() == 1002


def test_a_school_with_something_due_is_woken_when_it_is(
    at, child, parent, school, django_capture_on_commit_callbacks, monkeypatch
):
    woken = []
    monkeypatch.setattr(tasks.deliver_in, "delay", woken.append)
    at(NIGHT)
    with django_capture_on_commit_callbacks(execute=True):
        told_of_absence(child, parent)
    tasks.deliver()
    assert not woken
    at(MORNING)
    tasks.deliver()
    tasks.deliver()
    assert woken == [school.uai]
    assert waiting.due(MORNING) == []


def test_the_sweep_finds_what_a_restart_forgot(at, child, parent, school, monkeypatch):
    told_of_absence(child, parent)
    monkeypatch.setattr(tasks.deliver_in, "apply_async", lambda args, **_: tasks.deliver_in(*args))
    tasks.sweep()
    assert len(mail.outbox) == 1


def test_the_bell_counts_what_is_unread_and_opening_leads_to_the_page(
    school, sign_in, django_capture_on_commit_callbacks
):
    teacher = factories.staff()
    client = sign_in(teacher)
    assert "non lue" not in client.get("/").text
    with django_capture_on_commit_callbacks(execute=True):
        (told,) = actions.tell([teacher], Kind.TIMETABLE, "Salle changée", path="/account/")
    assert "1<span" in client.get("/notifications/bell/").text
    with django_capture_on_commit_callbacks(execute=True):
        response = client.get(f"/notifications/{told.pk}/")
    assert response["Location"] == "/account/"
    assert "non lue" not in client.get("/notifications/bell/").text


def test_a_path_that_leads_elsewhere_is_not_followed(school, sign_in):
    teacher = factories.staff()
    told = notification(teacher, path="//ailleurs.test/")
    assert "ailleurs" not in sign_in(teacher).get(f"/notifications/{told.pk}/")["Location"]


def test_all_is_marked_as_read_of_oneself_alone(school, sign_in):
    mine, theirs = notification(factories.staff()), notification(factories.staff())
    sign_in(mine.person).post("/notifications/read/")
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert mine.read_at
    assert not theirs.read_at


def choices(**values) -> dict[str, str]:
    kinds = ("absence", "answer", "conduct", "note", "timetable", "homework")
    return {f"rhythm-{kind}": "now" for kind in kinds} | values


def test_a_parent_chooses_ways_rhythm_and_hours(child, parent, sign_in):
    client = sign_in(parent)
    posted = choices(quiet_from="18:00", quiet_to="08:00") | {"email-absence": "on", "rhythm-absence": "daily"}
    page = client.post("/notifications/choices/", posted, follow=True)
    assert "Vos choix sont enregistrés" in page.text
    kept = Choice.objects.get(person=parent, kind=Kind.ABSENCE)
    assert (kept.by_email, kept.by_sms, kept.rhythm) == (True, False, "daily")
    assert OwnHours.objects.get(person=parent).quiet == {"from": "18:00", "to": "08:00"}
    client.post("/notifications/choices/", choices() | {"sms-absence": "on"})
    assert Choice.objects.get(person=parent, kind=Kind.ABSENCE).by_sms
    assert not OwnHours.objects.exists()


@pytest.mark.parametrize(("hours", "error"), [
    ({"quiet_from": "18:00"}, "Tapez les deux heures, ou aucune."),
    ({"quiet_from": "25 h", "quiet_to": "08:00"}, "Tapez une heure, comme 20:30."),
    ({"quiet_from": "18:00", "quiet_to": "18:00"}, "choisissez deux heures différentes"),
])  # fmt: skip
def test_hours_that_make_no_sense_are_said_so_and_nothing_typed_is_lost(child, parent, sign_in, hours, error):
    page = sign_in(parent).post("/notifications/choices/", choices(**hours)).text
    assert error in page
    assert all(f'value="{typed}"' in page for typed in hours.values())
    assert not Choice.objects.exists()


def test_the_cpe_sees_what_could_not_leave_and_exports_it(child, parent, sign_in):
    failure(parent, problem="Adresse refusée.")
    client = sign_in(factories.staff(Function.CPE))
    assert "Adresse refusée." in client.get("/notifications/failures/").text
    exported = client.get("/notifications/failures/?export=csv")
    assert parent.last_name in exported.getvalue().decode()


def test_a_worded_text_leaves_only_where_nothing_in_it_is_sensitive(at, child, parent):
    actions.tell([parent], Kind.TIMETABLE, "Anglais : séance déplacée", text="Salle 12 à 10 h.", pupil=child)
    actions.tell([parent], Kind.CONDUCT, "Sanction pour Élie Roux : blâme", text="Insultes.", pupil=child)
    sending.send_due()
    timetable, conduct = sorted(mail.outbox, key=lambda one: "vie scolaire" in one.subject)
    assert "Salle 12 à 10 h." in timetable.body
    assert conduct.subject == "Un message de la vie scolaire vous attend (Élie)"
    assert "Insultes" not in conduct.body
    assert "blâme" not in conduct.body


def test_what_is_urgent_says_why_and_the_school_counts_it(at, child, parent, sign_in):
    actions.tell([parent], Kind.NOTE, "Le car ne passe pas", is_urgent=True, because="Routes fermées")
    actions.tell([parent, child], Kind.NOTE, "Rentrez plus tôt", is_urgent=True, because="Routes fermées")
    page = sign_in(factories.staff(Function.CPE)).get("/notifications/failures/").text
    assert "Routes fermées : 3 personnes" in page


@pytest.fixture
def homework(child, monkeypatch):
    """What a module says that comes."""
    from ent.school.notifications import coming

    source = coming.Source("Contrôles", "lessons:homework", 1, lambda pupils, first, last: {
        child.pk: [f"{last:%d/%m} : dictée"]
    })  # fmt: skip
    monkeypatch.setattr(coming, "_sources", [source])


def test_a_parent_who_never_signs_in_still_gets_the_week_to_come(at, child, parent, homework, texts):
    Choice.objects.create(person=parent, kind=Kind.SUMMARY, by_email=True, by_sms=True, rhythm=Rhythm.WEEKLY)
    kept_away = factories.guardian(of=child, restricted=True)
    assert keeping.summarise() == 1
    assert keeping.summarise() == 0
    assert not Notification.objects.filter(person=kept_away).exists()
    sending.send_due()
    assert not mail.outbox
    at(datetime(2026, 11, 27, 17, 0, tzinfo=UTC))
    sending.send_due()
    (email,), (text,) = mail.outbox, texts()
    assert "Élie Roux : ce qui vient" in email.body
    assert ": dictée" in email.body
    assert "Élie : contrôles 1" in text
    assert len(text.splitlines()) <= 5


def test_a_daily_digest_tells_of_the_next_days(at, child, parent, homework):
    Choice.objects.create(person=parent, kind=Kind.HOMEWORK, rhythm=Rhythm.DAILY)
    actions.tell([parent], Kind.HOMEWORK, "Copie rendue", pupil=child)
    at(datetime(2026, 11, 24, 17, 0, tzinfo=UTC))
    sending.send_due()
    assert "27/11 : dictée" in mail.outbox[0].body


def test_the_week_to_come_is_printed_for_a_family_by_staff_who_may(school, child, parent, homework, sign_in):
    assert ": dictée" in sign_in(parent).get("/notifications/week/").text
    url = f"/notifications/week/{parent.pk}/"
    assert ": dictée" in sign_in(factories.staff(Function.CPE)).get(url).text
    assert sign_in(factories.guardian(of=factories.pupil())).get(url).status_code == 403
    assert sign_in(factories.staff()).get(url).status_code == 403


def test_where_a_module_is_closed_nothing_comes_of_it(school, child, homework):
    assert coming_to([child], 7, ["lessons"])[child.pk][0].parts == []
    assert coming_to([child], 7, [])[child.pk][0].parts


def test_what_is_old_is_forgotten_and_what_nobody_read_is_kept_longer(school):
    people = [factories.staff(account=False) for _ in range(4)]
    now = timezone.now()
    for person, days, read in zip(people, (100, 100, 310, 10), (True, False, False, True), strict=True):
        notification(person, created_at=now - timedelta(days=days), read_at=now if read else None)
    assert keeping.forget_old() == 2
    assert set(Notification.objects.values_list("person", flat=True)) == {people[1].pk, people[3].pk}


# --- holidays ----------------------------------------------------------------------------------------------------
TOUSSAINT, RETURN = datetime(2026, 10, 21, 10, 0, tzinfo=UTC), datetime(2026, 11, 2, 6, 0, tzinfo=UTC)


def test_in_the_holidays_what_is_not_urgent_waits_for_their_end(at, child, parent):
    at(TOUSSAINT)
    told_of_absence(child, parent)
    actions.tell([parent], Kind.ABSENCE, "Absence urgente", pupil=child, is_urgent=True, because="accident")
    sending.send_due()
    assert [one.subject for one in mail.outbox] == ["Absence urgente"]
    assert set(Delivery.objects.filter(state=State.WAITING).values_list("deliver_after", flat=True)) == {RETURN}
    at(RETURN)
    sending.send_due()
    assert len(mail.outbox) == 2


def test_no_summary_before_a_week_of_holidays(at, child, parent):
    at(datetime(2026, 10, 23, 15, 0, tzinfo=UTC))
    assert keeping.summarise() == 0
    at(datetime(2026, 10, 30, 16, 0, tzinfo=UTC))
    assert keeping.summarise() == 1
    assert Delivery.objects.filter(deliver_after__lt=RETURN).exists()


# --- again -------------------------------------------------------------------------------------------------------
def test_the_school_sends_again_what_could_not_leave_one_or_all(at, child, parent, sign_in):
    first, second = failure(parent), failure(parent, state=State.NO_ADDRESS)
    client = sign_in(factories.staff(Function.CPE))
    assert "Tout renvoyer (2)" in client.get("/notifications/failures/").text
    client.post(f"/notifications/failures/{first.pk}/resend/")
    sending.send_due()
    sending.send_due()
    assert len(mail.outbox) == 1
    page = client.post("/notifications/failures/resend/", follow=True).text
    assert "1 message part de nouveau" in page
    sending.send_due()
    assert len(mail.outbox) == 2
    assert states() == [("email", "sent"), ("email", "sent")]
    assert "plus rien à renvoyer" in client.post("/notifications/failures/resend/", follow=True).text
    assert sign_in(factories.staff()).post(f"/notifications/failures/{second.pk}/resend/").status_code == 403


def test_what_left_is_not_sent_again(at, child, parent, sign_in):
    left = failure(parent, state=State.SENT)
    sign_in(factories.staff(Function.CPE)).post(f"/notifications/failures/{left.pk}/resend/")
    sending.send_due()
    assert not mail.outbox


def test_what_is_sent_again_waits_for_the_morning_too(at, child, parent, sign_in):
    lost = failure(parent)
    at(NIGHT)
    actions.resend(Delivery.objects.filter(pk=lost.pk), factories.account_of(parent).pk)
    lost.refresh_from_db()
    assert (lost.state, lost.deliver_after) == (State.WAITING, MORNING)


# --- on paper ----------------------------------------------------------------------------------------------------
def test_the_weeks_of_a_class_are_printed_for_families_no_email_reaches(school, sign_in):
    division = factories.division()
    reached, alone = (factories.pupil(division=division, first_name=name) for name in ("Lina", "Yann"))
    factories.guardian(of=reached, directory_email="parent@exemple.test")
    client = sign_in(factories.staff(Function.CPE))
    path = f"/notifications/week/classes/{division.pk}/"
    assert path in client.get(f"/classes/{division.pk}/").text
    page = client.get(path).text
    assert page.count("sans courriel") == 1
    assert f'value="{alone.pk}" checked' in page
    assert client.get(f"{path}?pdf=1&pupil={alone.pk}").content.startswith(b"%PDF")
    assert client.get(f"{path}?pdf=1&all=1").content.startswith(b"%PDF")
    refused = client.get(f"{path}?pdf=1&pupil=x")
    assert (refused.status_code, "Cochez au moins un élève" in refused.text) == (400, True)
    assert sign_in(factories.staff(teaches=division)).get(path).status_code == 403
