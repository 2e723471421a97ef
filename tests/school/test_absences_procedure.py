"""Absenteeism as the law has it: steps with an owner and a date, the letter, the pupil's file sent to the academy."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from ent.kernel.text import dated
from ent.school.absences import actions, alerts, letters, queries, reasons, reporting
from ent.school.absences.models import AbsenceCase, AcademyReport, Alert, FamilyLetter
from ent.school.notifications.models import Notification
from ent.school.people.models import Function, Person
from tests import factories

NOBODY = actions.By(None, None)


@pytest.fixture
def staff(school):
    """(head, CPE)."""
    return factories.staff(Function.SCHOOL_HEAD), factories.staff(Function.CPE)


def away(pupil, *days_ago: int, **said) -> list[AbsenceCase]:
    """Half-days of absence, that many days ago."""
    made = []
    for back in days_ago:
        starts = timezone.now() - timedelta(days=back)
        day = timezone.localdate(starts)
        made.append(
            AbsenceCase.objects.create(pupil=pupil, kind="absence", day=day, starts_at=starts, half_days=[f"{day} M"],
                                       ends_at=starts + timedelta(minutes=5), **said)
        )  # fmt: skip
    return made


@pytest.fixture
def truant(staff):
    """A pupil over the first threshold of the law, with a guardian."""
    pupil = factories.pupil(division=factories.division())
    parent = factories.guardian(of=pupil)
    Person.objects.filter(pk=parent.pk).update(address="1 rue des Lilas", postal_code="63000", town="Clermont-Ferrand")
    away(pupil, 2, 3, 4, 5)
    alerts.check()
    return Alert.objects.select_related("pupil", "rule", "owner").get(pupil=pupil)


def change(client, alert, **fields):
    return client.post(f"/absences/alerts/{alert.pk}/change/", fields)


def test_a_threshold_opens_the_steps_of_the_law_each_with_an_owner_and_a_day(truant, staff):
    head, cpe = staff
    steps = {one.kind: one for one in truant.steps.all()}
    assert set(steps) == {"contact", "dialogue", "reminder", "team", "report"}
    assert (steps["contact"].owner, steps["report"].owner, truant.owner) == (cpe, head, head)
    assert all(timezone.localdate() < one.due_on and one.due_on.weekday() < 5 for one in steps.values())
    assert Notification.objects.filter(person=cpe).count() == Notification.objects.filter(person=head).count() == 1


def test_ten_half_days_open_the_second_procedure_beside_the_first(truant):
    away(truant.pupil, 6, 7, 8, 9, 10, 11)
    alerts.check()
    alerts.check()
    heavy = Alert.objects.get(rule__count=10)
    assert {one.kind for one in heavy.steps.all()} == {"contact", "community", "referent", "report"}
    assert Alert.objects.count() == 2


def test_a_step_is_taken_planned_entrusted_and_its_owner_told(truant, staff, sign_in):
    head, cpe = staff
    client = sign_in(head)
    assert (
        change(
            client, truant, verb="done", kind="contact", done_on=timezone.localdate(), note="Mère jointe"
        ).status_code
        == 302
    )
    assert truant.steps.get(kind="contact").by == head
    assert (
        change(client, truant, verb="plan", kind="meeting", owner=cpe.pk, due_on=timezone.localdate()).status_code
        == 302
    )
    assert Notification.objects.filter(person=cpe, title__contains="recevoir la famille").exists()
    assert change(client, truant, verb="entrust", owner=cpe.pk).status_code == 302
    truant.refresh_from_db()
    assert truant.owner == cpe
    assert truant.steps.get(kind="report").owner == cpe


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"verb": "done", "kind": "contact", "done_on": "2099-01-01", "note": "Répondeur"}, "dans l’avenir"),
        ({"verb": "plan", "kind": "meeting", "due_on": "2020-01-01"}, "est passée"),
        ({"verb": "close", "words": ""}, "comment la procédure se termine"),
    ],
)
def test_wrong_dates_are_told_beside_the_field_and_nothing_typed_is_lost(truant, staff, sign_in, fields, words):
    page = change(sign_in(staff[0]), truant, owner=staff[0].pk, **fields)
    assert page.status_code == 400
    assert words in page.text
    assert fields.get("note", "") in page.text


def test_a_closed_procedure_is_read_and_no_longer_changed(truant, staff, sign_in):
    client = sign_in(staff[0])
    change(client, truant, verb="close", words="Retour régulier")
    change(client, truant, verb="done", kind="contact", done_on=timezone.localdate())
    assert truant.steps.get(kind="contact").done_on is None
    assert "Retour régulier" in client.get(f"/absences/alerts/{truant.pk}/").text
    assert "Retour régulier" in client.get("/absences/alerts/?which=closed").text


def test_who_forgets_a_step_is_reminded_once(truant, staff):
    truant.steps.filter(kind="contact").update(due_on=timezone.localdate() - timedelta(days=1))
    assert alerts.remind_due() == 1
    assert alerts.remind_due() == 0
    assert Notification.objects.filter(person=staff[1], text__contains="aujourd").count() == 1


def test_the_list_shows_what_is_mine_and_what_is_late(truant, staff):
    _, cpe = staff
    assert [one.pk for one in queries.alerts_of("mine", cpe.pk)] == [truant.pk]
    assert not queries.alerts_of("late", cpe.pk)
    truant.steps.filter(kind="team").update(due_on=timezone.localdate() - timedelta(days=1))
    assert queries.alerts_of("late", cpe.pk)[0].next_steps[0].kind == "team"
    assert queries.waiting().late_steps == 1


def test_the_written_reminder_names_what_the_threshold_counted_and_goes_once(truant, staff, sign_in):
    away(truant.pupil, 3, is_settled=True, settled_at=timezone.now(), is_valid=True, decided_at=timezone.now())
    client = sign_in(staff[1])
    chosen = {"kind": "warn", "way": "paper", "pupil": truant.pupil_id, "since": truant.from_day,
              "until": truant.to_day}  # fmt: skip
    asked = client.get("/absences/letters/", chosen)
    assert str(truant.pupil) in asked.text
    (key,) = (one.key for one in letters.drafts(chosen)[0])
    assert client.post("/absences/letters/", chosen | {"letter": key}).content.startswith(b"%PDF")
    assert FamilyLetter.objects.count() == truant.counted == 4
    assert truant.steps.get(kind="reminder").done_on == timezone.localdate()
    assert client.post("/absences/letters/", chosen | {"letter": key}).status_code == 400
    assert FamilyLetter.objects.count() == 4


# --- the file for the academy ------------------------------------------------------------------------------------
def test_the_report_counts_month_by_month_and_hides_what_is_of_health(truant, staff, sign_in):
    by_code = {one.code: one for one in reasons.current()}
    decided = {"is_settled": True, "settled_at": timezone.now(), "decided_at": timezone.now()}
    away(truant.pupil, 6, reason=by_code["illness"], is_valid=True, **decided)
    away(truant.pupil, 7, reason=by_code["medical"])
    away(truant.pupil, 8, reason=by_code["holiday"], is_valid=False, refusal="Pas de dérogation", **decided)
    content = reporting.content_of(connection.tenant, truant)
    sums = [sum(getattr(one, name) for one in content.months) for name in ("unexcused", "excused", "waiting", "total")]
    assert sums == [5, 1, 1, 7]
    lines = [line for month in content.months for line in month.lines]
    assert len(lines) == 5
    assert any("vacances" in one and "motif refusé" in one for one in lines)
    page = sign_in(staff[1]).get(f"/absences/alerts/{truant.pk}/report/").text
    assert "motif de santé : 1 demi-journée" in page
    assert "1 rue des Lilas" in page
    assert "Maladie" not in page


def test_the_report_is_kept_as_it_was_sent_then_acknowledged(truant, staff, sign_in):
    head, _ = staff
    client, base, today = sign_in(head), f"/absences/alerts/{truant.pk}/report", timezone.localdate()
    change(client, truant, verb="done", kind="contact", done_on=today, note="Père joint au téléphone")
    assert client.post(f"{base}/received/", {"acknowledged_on": today}).status_code == 302
    assert client.post(f"{base}/write/", {"observations": "Situation préoccupante"}).status_code == 302
    assert client.post(f"{base}/send/", {"sent_on": "2999-01-01", "way": "mail"}).status_code == 400
    assert client.post(f"{base}/send/", {"sent_on": today, "way": "mail"}).status_code == 302
    kept = AcademyReport.objects.get()
    away(truant.pupil, 12)
    client.post(f"{base}/write/", {"observations": "Autre chose"})
    client.post(f"{base}/send/", {"sent_on": today, "way": "email"})
    kept.refresh_from_db()
    assert (kept.way, kept.sent_by, sum(one["unexcused"] for one in kept.content["months"])) == ("mail", head, 4)
    page = client.get(f"{base}/").text
    assert "Situation préoccupante" in page
    assert "Père joint au téléphone" in page
    assert truant.steps.get(kind="report").done_on == today
    early = client.post(f"{base}/received/", {"acknowledged_on": today - timedelta(days=1), "answer": "Convocation"})
    assert early.status_code == 400
    assert "Convocation" in early.text
    client.post(f"{base}/received/", {"acknowledged_on": today, "answer": "Avertissement à la famille"})
    assert "Avertissement à la famille" in client.get(f"/absences/alerts/{truant.pk}/").text
    assert client.get(f"{base}.pdf").content.startswith(b"%PDF")


def test_the_direction_alone_sends_the_report_and_teachers_see_nothing_of_it(truant, staff, sign_in):
    base = f"/absences/alerts/{truant.pk}/report"
    today = timezone.localdate()
    assert sign_in(staff[1]).post(f"{base}/send/", {"sent_on": today, "way": "mail"}).status_code == 403
    assert sign_in(factories.staff()).get(f"{base}/").status_code == 403


def test_figures_of_the_procedure_the_report_and_the_letter_agree(truant):
    (draft,) = letters.drafts({"kind": "warn", "way": "paper", "pupil": truant.pupil_id, "since": truant.from_day,
                               "until": truant.to_day})[0]  # fmt: skip
    months = reporting.content_of(connection.tenant, truant).months
    assert sum(len(one.half_days) for one in draft.cases) == truant.counted == sum(one.unexcused for one in months)
    record = queries.record_of(truant.pupil_id, health=True, family=False)
    assert record.year.gross == sum(one.total for one in months)
    assert dated(truant.from_day, "j F Y") in reporting.content_of(connection.tenant, truant).counted
