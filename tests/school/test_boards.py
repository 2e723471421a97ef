"""What the law leaves to the head and to the disciplinary board, and the delays of each."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from ent.school.conduct import law
from ent.school.conduct.models import DisciplinaryBoard, ErasureRecord, Sanction
from ent.school.conduct.retention import erase_due
from ent.school.notifications.models import Notification
from tests import factories


@pytest.mark.parametrize(("told_on", "first"), [
    ("2026-11-23", "2026-11-26"),  # Monday: Tuesday and Wednesday count
    ("2026-11-27", "2026-12-01"),  # Friday: Saturday and Monday count, Sunday does not
    ("2026-11-10", "2026-11-14"),  # 11 November does not count
])  # fmt: skip
def test_the_head_leaves_two_working_days_for_a_defence(told_on, first):
    assert law.first_day_to_decide(date.fromisoformat(told_on)) == date.fromisoformat(first)


@given(st.dates(date(2020, 1, 1), date(2060, 1, 1)))
def test_whatever_the_day_two_whole_working_days_lie_between(told_on):
    first = law.first_day_to_decide(told_on)
    between = [told_on + timedelta(days=n) for n in range(1, (first - told_on).days)]
    assert sum(law.is_working_day(day) for day in between) == law.DEFENCE_DAYS


def test_a_sanction_decided_too_early_is_refused_with_the_first_day(school, sign_in):
    url = reverse("conduct:new_sanction", args=[factories.pupil(division=factories.division()).pk])
    typed = {"kind": "warning", "reason": "Insolence", "told_facts_on": "2026-11-23", "decided_on": "2026-11-24"}
    page = sign_in(factories.staff("school_head")).post(url, typed)
    assert page.status_code == 400
    assert "à partir du jeudi 26 novembre" in page.text


def test_the_head_alone_excludes_nobody_for_good(school, sign_in):
    pupil = factories.pupil(division=factories.division())
    url = reverse("conduct:new_sanction", args=[pupil.pk])
    typed = {"kind": "permanent", "reason": "Violences", "told_facts_on": "2026-11-16", "decided_on": "2026-11-24"}
    assert sign_in(factories.staff("school_head")).post(url, typed).status_code == 400
    with pytest.raises(IntegrityError):
        Sanction.objects.create(pupil=pupil, kind="permanent", reason="Violences", decided_on=date(2026, 11, 24))


def planned(client, pupil, days: int = 6, **typed):
    held = timezone.localtime() + timedelta(days=days)
    typed = {"reason": "Violences répétées", "summoned_on": f"{timezone.localdate()}", "place": "Salle du conseil",
             "held_at": f"{held:%Y-%m-%dT%H:%M}"} | typed  # fmt: skip
    return client.post(reverse("conduct:new_board", args=[pupil.pk]), typed)


def test_a_board_is_summoned_five_days_ahead_with_letters_for_all(school, sign_in):
    pupil, cpe = factories.pupil(division=factories.division()), factories.staff("cpe")
    parent, head = factories.guardian(of=pupil), sign_in(factories.staff("school_head"))
    early = planned(head, pupil, days=2)
    assert early.status_code == 400
    assert "au moins 5 jours avant" in early.text
    assert planned(head, pupil, members=[cpe.pk], other_members="Mme Exemple, parent élue").status_code == 302
    board = DisciplinaryBoard.objects.get()
    assert Notification.objects.filter(person=parent, title__startswith="Convocation").exists()
    assert pupil.last_name not in Notification.objects.get(person=cpe).title
    page = head.get(reverse("conduct:board", args=[board.pk])).text
    assert "Mme Exemple" in page
    assert head.get(reverse("conduct:board_letters", args=[board.pk])).content.startswith(b"%PDF")
    assert "Conseil de discipline le" in sign_in(parent).get(reverse("conduct:pupil", args=[pupil.pk])).text
    assert sign_in(cpe).get(reverse("conduct:board", args=[board.pk])).status_code == 403


def test_what_a_board_decides_is_a_sanction_recorded_once_and_after_it_met(school, sign_in):
    pupil, head = factories.pupil(division=factories.division()), sign_in(factories.staff("school_head"))
    planned(head, pupil)
    board = DisciplinaryBoard.objects.get()
    url, typed = reverse("conduct:close_board", args=[board.pk]), {"kind": "permanent", "reason": "Violences"}
    head.post(url, typed)
    assert not Sanction.objects.exists()
    DisciplinaryBoard.objects.update(held_at=timezone.now() - timedelta(hours=2))
    assert head.post(url, typed | {"kind": "school_exclusion"}).status_code == 400
    for _ in range(2):
        head.post(url, typed)
    made = Sanction.objects.get()
    assert (made.board, made.kind, made.erase_on) == (board, "permanent", None)
    letter = head.get(reverse("conduct:sanction_letter", args=[made.pk]))
    factories.guardian(of=pupil)
    assert letter.status_code == 302
    assert head.get(reverse("conduct:sanction_letter", args=[made.pk])).content.startswith(b"%PDF")


def test_a_board_without_sanction_leaves_with_the_school_year(school, sign_in):
    pupil, head = factories.pupil(), sign_in(factories.staff("school_head"))
    planned(head, pupil)
    DisciplinaryBoard.objects.update(held_at=timezone.now() - timedelta(hours=2))
    board = DisciplinaryBoard.objects.get()
    head.post(reverse("conduct:close_board", args=[board.pk]), {"none": "1"})
    board.refresh_from_db()
    assert board.closed_at
    assert erase_due(board.erase_on) == 1
    assert ErasureRecord.objects.get().label == "Conseil de discipline"


def test_sanctions_are_cut_by_period_class_and_kind_and_exported(school, sign_in):
    division, head = factories.division("5A"), sign_in(factories.staff("school_head"))
    inside, outside = factories.pupil(division=division), factories.pupil(division=factories.division("3C"))
    for pupil, kind, day in ((inside, "warning", 10), (inside, "reprimand", 20), (outside, "warning", 20)):
        Sanction.objects.create(pupil=pupil, kind=kind, reason=f"{kind} {day}", decided_on=date(2026, 11, day))
    url = reverse("conduct:sanctions")
    asked = f"?division={division.pk}&kind=warning&since=2026-11-01&until=2026-11-15"
    table = head.get(f"{url}{asked}&export=csv").getvalue().decode()
    assert table.count("5A") == 1
    assert "warning 10" in table
    assert head.get(f"{url}?since=2026-11-15&until=2026-11-01").status_code == 400
