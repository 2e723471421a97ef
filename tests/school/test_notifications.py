"""Telling people: outside quiet hours, by the ways they chose, each once."""

from datetime import datetime, time, timedelta

import pytest
from django.core import mail
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from ent.school.notifications.actions import choose, tell
from ent.school.notifications.delivering import deliver_due
from ent.school.notifications.models import Delivery, Kind, Notification
from ent.school.notifications.quiet import deliver_after
from tests import factories

NIGHT = {"from": "20:00", "to": "07:00"}
hours = st.times().map(lambda one: f"{one:%H:%M}")


def paris(text: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(text))


@pytest.mark.parametrize(("now", "after"), [
    ("2026-11-24 08:00", "2026-11-24 08:00"),
    ("2026-11-24 21:40", "2026-11-25 07:00"),
    ("2026-11-24 05:00", "2026-11-24 07:00"),
    ("2026-10-24 23:30", "2026-10-25 07:00"),  # the clock goes back in the night
    ("2027-03-27 23:30", "2027-03-28 07:00"),  # and forward
])  # fmt: skip
def test_nothing_is_delivered_at_night(now, after):
    assert deliver_after(paris(now), NIGHT) == paris(after)


@given(st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)), hours, hours)
def test_delivery_is_never_earlier_nor_within_quiet_hours_nor_a_day_late(moment, begins, ends):
    now = timezone.make_aware(moment, timezone.get_current_timezone())
    after = deliver_after(now, {"from": begins, "to": ends})
    assert now <= after <= now + timedelta(hours=26)
    if begins != ends:
        local, first, last = timezone.localtime(after).time(), time.fromisoformat(begins), time.fromisoformat(ends)
        quiet = (local >= first or local < last) if first > last else first <= local < last
        assert not quiet


def due(person, kind=Kind.ABSENCE, **values) -> None:
    tell([person], kind, "Lina : absence", path="/absences/", is_urgent=True, **values)


def test_a_parent_gets_an_email_and_a_text_message_with_a_link_and_no_detail(school, tmp_path, settings):
    settings.DATA_DIR = tmp_path
    settings.SMS_BACKEND = "ent.school.notifications.sms.FileSender"
    parent = factories.guardian(of=factories.pupil(), directory_email="p@exemple.fr", mobile_phone="+33 6 39 98 00 01")
    due(parent)
    assert deliver_due(school) == 2
    assert mail.outbox[0].to == ["p@exemple.fr"]
    assert "/absences/" in mail.outbox[0].body
    assert "+33 6 39 98 00 01" in next((tmp_path / "sms").iterdir()).read_text()
    assert deliver_due(school) == 0
    assert len(mail.outbox) == 1


def test_who_chose_otherwise_is_told_otherwise(school):
    parent = factories.guardian(of=factories.pupil(), directory_email="p@exemple.fr")
    choose(parent.pk, Kind.ABSENCE, by_email=False, by_sms=False)
    due(parent)
    assert not Delivery.objects.exists()
    assert Notification.objects.filter(person=parent).exists()


def test_a_missing_phone_is_listed_for_the_staff(school, sign_in):
    parent = factories.guardian(of=factories.pupil(), directory_email="p@exemple.fr")
    due(parent)
    deliver_due(school)
    assert Delivery.objects.get(way="sms").state == "no_address"
    page = sign_in(factories.staff("cpe")).get("/notifications/failures/").text
    assert parent.display_name in page


def test_who_left_is_told_nothing_more(school):
    parent = factories.guardian(of=factories.pupil(), directory_email="p@exemple.fr")
    due(parent)
    parent.closed_at = timezone.now()
    parent.save()
    deliver_due(school)
    assert not mail.outbox


def test_what_waits_for_the_morning_is_not_shown_before(school, sign_in):
    pupil = factories.pupil()
    Notification.objects.create(
        person=pupil, kind="note", title="Un mot", deliver_after=timezone.now() + timedelta(hours=5)
    )
    assert "Un mot" not in sign_in(pupil).get("/notifications/").text


def test_opening_one_goes_where_it_stands_and_counts_it_read(school, sign_in):
    pupil = factories.pupil()
    due(pupil, Kind.HOMEWORK)
    client, one = sign_in(pupil), Notification.objects.get()
    assert client.get(f"/notifications/{one.pk}/")["Location"] == "/absences/"
    one.refresh_from_db()
    assert one.read_at


def test_telling_many_people_takes_as_many_queries_as_telling_one(school, django_assert_num_queries):
    people = [factories.guardian(of=factories.pupil()) for _ in range(6)]
    tell(people[:1], Kind.ABSENCE, "Essai")
    with django_assert_num_queries(4):
        tell(people, Kind.ABSENCE, "Essai")
