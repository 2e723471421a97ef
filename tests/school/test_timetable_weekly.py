"""Weekly lessons typed by hand: what they meet, what changes from a day on, what stays as it was lived."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from ent.kernel.text import dated
from ent.school.notifications.models import Notification
from ent.school.people.models import Function
from ent.school.timetable import changing, weekly
from ent.school.timetable.generating import generate
from ent.school.timetable.models import RecurringLesson, RoomUse, Session, TimeSlot
from tests import factories
from tests.school.timetable_factories import NOW, slot, typed_lesson

pytestmark = [pytest.mark.usefixtures("school"), pytest.mark.usefixtures("in_november")]


@pytest.fixture
def in_november(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def division():
    return factories.division("6B")


@pytest.fixture
def head(sign_in):
    return sign_in(factories.staff(Function.SCHOOL_HEAD))


def sessions(lesson, since=None) -> list[Session]:
    return list(Session.objects.filter(lesson=lesson, **({"day__gte": since} if since else {})).order_by("starts_at"))


def generated(*args, **values) -> RecurringLesson:
    lesson = factories.lesson(*args, **values)
    generate(factories.year(), "A")
    return lesson


def form_of(**values) -> dict:
    when = {"weekday": 1, "starts": "08:00", "ends": "08:55", "pattern": "", "since": str(NOW.date())}
    return when | {"subject": factories.subject().pk} | values


def test_a_lesson_typed_by_hand_has_its_sessions_until_its_last_day(head, division):
    first, second = factories.staff(), factories.staff()
    rooms = [factories.room("Labo 1"), factories.room("Labo 2")]
    response = head.post("/timetable/lessons/add/", form_of(
        divisions=[division.pk], teachers=[first.pk, second.pk], rooms=[one.pk for one in rooms], until="2026-12-14",
    ))  # fmt: skip
    assert response.status_code == 302
    lesson = RecurringLesson.objects.get()
    assert response["Location"] == f"/timetable/lessons/{lesson.pk}/"
    assert [one.day for one in sessions(lesson)] == [date(2026, 11, 30), date(2026, 12, 7), date(2026, 12, 14)]
    assert RoomUse.objects.filter(session__lesson=lesson).count() == 6
    assert {one.teachers.count() for one in sessions(lesson)} == {2}


def test_hours_come_from_the_grid(head, division):
    first, last = slot("M1", "08:00", "08:55"), slot("M2", "08:55", "09:50")
    page = head.get(f"/timetable/lessons/add/?division={division.pk}&weekday=3").content.decode()
    assert "M1 (8 h 00 – 8 h 55)" in page
    assert page.count("checked") == 1
    head.post("/timetable/lessons/add/", form_of(
        divisions=[division.pk], first_slot=first.pk, last_slot=last.pk, starts="", ends=""))  # fmt: skip
    lesson = RecurringLesson.objects.get()
    assert (f"{lesson.starts_at:%H:%M}", f"{lesson.ends_at:%H:%M}") == ("08:00", "09:50")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"starts": "09:00", "ends": "08:00"}, "La fin doit suivre le début."),
        ({"starts": "", "ends": ""}, "tapez les deux heures"),
        ({"since": "2027-09-01"}, "hors de l&#x27;année scolaire, qui va du 1er septembre 2026 au 31 août 2027"),
        ({"until": "2026-11-02"}, "La fin doit suivre le début."),
        ({"since": "2026-12-21", "until": "2026-12-31"}, "aucun jour"),
        ({"subject": "", "label": ""}, "Choisissez une matière, ou tapez un intitulé."),
        ({"divisions": []}, "Choisissez au moins une classe"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(head, division, wrong, said):
    typed = {"divisions": [division.pk], "label": "Chorale", "ends": "08:57"} | wrong
    response = head.post("/timetable/lessons/add/", form_of(**typed))
    assert response.status_code == 400
    page = response.content.decode()
    assert said in page
    assert not typed["label"] or 'value="Chorale"' in page
    assert not typed["ends"] or f'value="{typed["ends"]}"' in page
    assert not RecurringLesson.objects.exists()


def test_a_slot_of_the_grid_upside_down_is_refused(head, division):
    first, last = slot("M1", "08:00", "08:55"), slot("M2", "08:55", "09:50")
    response = head.post("/timetable/lessons/add/", form_of(
        divisions=[division.pk], first_slot=last.pk, last_slot=first.pk, starts="", ends=""))  # fmt: skip
    assert "Le dernier créneau doit venir après le premier." in response.content.decode()
    both = head.post("/timetable/lessons/add/", form_of(divisions=[division.pk], first_slot=last.pk))
    assert "pas les deux" in both.content.decode()


def test_a_taken_teacher_a_taken_room_and_shared_pupils_are_shown_then_accepted(head, division):
    latin = factories.group("6LATIN")
    factories.pupil(division=division, group=latin)
    factories.pupil(division=division)
    teacher, room = factories.staff(title="Mme", last_name="Prise"), factories.room("S. 12")
    other = generated(teacher, division, in_room=room)
    typed = form_of(groups=[latin.pk], teachers=[teacher.pk], rooms=[room.pk], label="Latin", starts="08:30")
    response = head.post("/timetable/lessons/add/", typed)
    page = response.content.decode()
    assert not RecurringLesson.objects.exclude(pk=other.pk).exists()
    assert f'href="/timetable/lessons/{other.pk}/"' in page
    for shown in ("Mme Prise", "S. 12", "1 élève en commun", "le lundi à 8 h 00", 'value="Latin"'):
        assert shown in page
    accepted = {"confirmed": response.context["accepting"]}
    # What was accepted is what was shown: other dates are looked at again.
    again = head.post("/timetable/lessons/add/", typed | accepted | {"since": "2026-12-07"})
    assert again.status_code == 200
    assert head.post("/timetable/lessons/add/", typed | accepted).status_code == 302
    assert RecurringLesson.objects.count() == 2


def test_half_classes_without_a_common_pupil_do_not_meet(head):
    one, two = factories.group("6B gr. 1"), factories.group("6B gr. 2")
    factories.pupil(division=factories.division("6B"), group=one)
    factories.pupil(division=factories.division("6B"), group=two)
    generated(factories.staff(), one)
    assert head.post("/timetable/lessons/add/", form_of(groups=[two.pk])).status_code == 302


def test_weeks_a_and_weeks_b_do_not_meet(head, division):
    generated(factories.staff(), division, pattern="A")
    assert head.post("/timetable/lessons/add/", form_of(divisions=[division.pk], pattern="B")).status_code == 302
    assert head.post("/timetable/lessons/add/", form_of(divisions=[division.pk], pattern="A")).status_code == 200


def test_a_booking_is_met_too(head, division):
    room, teacher = factories.room("CDI"), factories.staff()
    starts = factories.on("2026-12-07", "08:10")
    RoomUse.objects.create(room=room, booked_by=teacher, purpose="Exposition", day=starts.date(),
                           during=(starts, starts + timedelta(hours=1)))  # fmt: skip
    response = head.post("/timetable/lessons/add/", form_of(divisions=[division.pk], rooms=[room.pk]))
    assert "réservation (Exposition)" in response.content.decode()
    assert "le lundi 7 décembre" in response.content.decode()


def test_those_concerned_by_a_weekly_change_are_told_and_not_who_made_it(head, division):
    before, after, pupil = factories.staff(), factories.staff(), factories.pupil(division)
    parent, stranger = factories.guardian(of=pupil), factories.pupil(factories.division("6C"))
    lesson = generated(before, division)
    head.post(f"/timetable/lessons/{lesson.pk}/", form_of(
        divisions=[division.pk], teachers=[after.pk], starts="10:00", ends="10:55", since="2026-12-07"))  # fmt: skip
    told = dict(Notification.objects.values_list("person", "title"))
    assert set(told) == {before.pk, after.pk, pupil.pk, parent.pk}
    assert stranger.pk not in told
    assert set(told.values()) == {f"{factories.subject()}, le lundi à 10 h 00 : change à partir du 7 décembre"}
    Notification.objects.all().delete()
    head.post(f"/timetable/lessons/{lesson.pk}/end/", {"end-last": "2026-12-14"})
    told = set(Notification.objects.filter(person=pupil).values_list("title", flat=True))
    assert told == {f"{factories.subject()}, le lundi à 10 h 00 : n'a plus lieu après le 14 décembre"}


def test_nobody_is_told_while_timetables_are_made_before_the_year(division):
    factories.pupil(division)
    year = factories.year()
    year.starts_on = NOW.date() + timedelta(days=3)
    year.save()
    weekly.save(typed_lesson(division, since=date(2026, 12, 7)), year, "A")
    assert not Notification.objects.exists()


def test_a_change_from_a_day_on_leaves_what_was_before(division):
    teacher = factories.staff()
    lesson = generated(teacher, division, in_room=factories.room("Avant"))
    ids = {one.day: one.pk for one in sessions(lesson)}
    weekly.save(typed_lesson(division, since=date(2026, 12, 7), starts="10:00", ends="11:00", rooms=["Après"],
                             teachers=[teacher]), factories.year(), "A", lesson)  # fmt: skip
    before, after = Session.objects.get(day="2026-11-30"), Session.objects.get(day="2026-12-07")
    # Whatever makes sessions again later: the past is the same, and each session keeps its id.
    generate(factories.year(), "A")
    for session, hour, room in ((before, 8, "Avant"), (after, 10, "Après")):
        session.refresh_from_db()
        assert session.pk == ids[session.day]
        assert timezone.localtime(session.starts_at).hour == hour
        assert session.room_uses.get().room.name == room
    assert {one.day for one in Session.objects.all()} == set(ids)


def test_what_hangs_on_a_session_to_come_follows_and_what_was_changed_by_hand_stays(division):
    teacher = factories.staff()
    lesson = generated(teacher, division, in_room=factories.room("Avant"))
    kept, moved = Session.objects.get(day="2026-12-07"), Session.objects.get(day="2026-12-14")
    Session.objects.filter(pk=kept.pk).update(is_kept=True)
    changing.change_room(moved, factories.room("À part"), None)
    weekly.save(typed_lesson(division, rooms=["Après"], teachers=[teacher], starts="09:00", ends="10:00"),
                factories.year(), "A", lesson)  # fmt: skip
    kept.refresh_from_db()
    moved.refresh_from_db()
    assert timezone.localtime(kept.starts_at).hour == 9
    assert [use.room.name for use in kept.room_uses.all()] == ["Après"]
    assert kept.teachers.get() == teacher
    assert timezone.localtime(moved.starts_at).hour == 8
    assert [use.room.name for use in moved.room_uses.all()] == ["À part"]


def test_work_given_in_a_session_that_is_no_more_is_said_and_kept(head, division):
    lesson = generated(factories.staff(), division)
    kept = Session.objects.get(day="2026-12-07")
    Session.objects.filter(pk=kept.pk).update(is_kept=True)
    page = head.post(f"/timetable/lessons/{lesson.pk}/", form_of(divisions=[division.pk], weekday=2), follow=True)
    assert "Une séance à venir portait" in page.content.decode()
    kept.refresh_from_db()
    assert kept.is_orphan


def test_todays_session_that_has_begun_is_lived(division):
    lesson = generated(factories.staff(), division, weekday=NOW.isoweekday(), starts="08:00", ends="08:55")
    weekly.save(typed_lesson(division, weekday=NOW.isoweekday(), starts="16:00", ends="17:00",
                             since=weekly.first_day(NOW.date(), weekly.time(16), lesson)),
                factories.year(), "A", lesson)  # fmt: skip
    assert timezone.localtime(Session.objects.get(day=NOW.date()).starts_at).hour == 8


def test_a_past_day_is_refused_for_a_change(head, division):
    lesson = generated(factories.staff(), division)
    response = head.post(f"/timetable/lessons/{lesson.pk}/", form_of(divisions=[division.pk], since="2026-11-02"))
    assert "Les séances passées ne changent pas" in response.content.decode()


def test_an_ended_lesson_keeps_its_past(head, division):
    lesson = generated(factories.staff(), division)
    before = [one.pk for one in sessions(lesson) if one.day <= date(2026, 11, 30)]
    response = head.post(f"/timetable/lessons/{lesson.pk}/end/", {"end-last": "2026-11-30"}, follow=True)
    assert "dernier jour le lundi 30 novembre" in response.content.decode()
    assert [one.pk for one in sessions(lesson)] == before
    refused = head.post(f"/timetable/lessons/{lesson.pk}/end/", {"end-last": "2026-09-30"})
    assert "Les séances passées restent" in refused.content.decode()


def test_a_lesson_that_never_began_is_gone_once_ended(division):
    lesson, _ = weekly.save(typed_lesson(division, since=date(2026, 12, 7)), factories.year(), "A")
    weekly.end(lesson, date(2026, 11, 30), "A")
    assert not sessions(lesson)
    assert not weekly.listed(factories.year()).exists()


def test_the_list_is_filtered_and_goes_to_a_spreadsheet(head, division):
    teacher, latin = factories.staff(last_name="Martin"), factories.group("6LATIN")
    factories.pupil(division=division, group=latin)
    room = factories.room("S. 12")
    generated(teacher, division, in_room=room)
    generated(factories.staff(last_name="Autre"), latin, weekday=2)
    generated(factories.staff(last_name="Ailleurs"), factories.division("3C"), weekday=3)
    both = head.get(f"/timetable/lessons/?division={division.pk}").content.decode()
    assert "2 cours" in both
    for query in (f"teacher={teacher.pk}", f"room={room.pk}"):
        assert "1 cours" in head.get(f"/timetable/lessons/?{query}").content.decode()
    table = b"".join(head.get(f"/timetable/lessons/?teacher={teacher.pk}&export=csv").streaming_content).decode()
    assert "Lundi;08:00;08:55;Toutes les semaines;Mathématiques;Martin;6B;S. 12" in table


def test_an_empty_hour_of_a_classs_week_is_where_a_lesson_is_added(head, division):
    line = slot("M1", "08:00", "08:55")
    lesson = generated(factories.staff(), division, weekday=1)
    page = head.get(f"/timetable/classes/{division.pk}/?day=2026-11-30").content.decode()
    path = f"/timetable/lessons/add/?division={division.pk}&amp;weekday=2&amp;starts=08:00"
    assert path in page
    assert f"/timetable/lessons/{lesson.pk}/" in page
    form = head.get(path.replace("&amp;", "&")).content.decode()
    assert f'<option value="{line.pk}" selected>' in form
    assert '<option value="2" selected>Mardi' in form
    assert head.get("/timetable/lessons/add/?starts=nul&division=nul&weekday=nul").status_code == 200


def test_the_services_of_a_class_are_where_to_begin(head, division):
    teacher = factories.staff(teaches=division, last_name="Martin")
    page = head.get(f"/timetable/lessons/add/?division={division.pk}").content.decode()
    assert f"?division={division.pk}&amp;teacher={teacher.pk}&amp;subject={factories.subject().pk}" in page


def test_saving_one_lesson_leaves_the_sessions_of_others_untouched(division):
    other = generated(factories.staff(), factories.division("3C"))
    ids = [one.pk for one in sessions(other)]
    weekly.save(typed_lesson(division), factories.year(), "A")
    assert [one.pk for one in sessions(other)] == ids


def test_two_lines_of_one_grid_do_not_overlap(head):
    slot("M1", "08:00", "08:55")
    wrong = {"do": "slot", "slot-label": "M2", "slot-starts_at": "08:50", "slot-ends_at": "09:45"}
    assert "Ce créneau chevauche « M1 »" in head.post("/timetable/set-up/", wrong).content.decode()
    upside_down = wrong | {"slot-starts_at": "10:00"}
    assert "La fin doit suivre le début." in head.post("/timetable/set-up/", upside_down).content.decode()
    assert TimeSlot.objects.count() == 1
    assert dated(NOW.date(), "j F") == "25 novembre"
