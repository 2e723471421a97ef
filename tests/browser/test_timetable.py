"""The timetable in a real browser: a teacher is away, a colleague says yes, the replacement is confirmed."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from ent.kernel.text import folded
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_day import home, windows  # noqa: F401
from tests.browser.test_school_pages import ADMIN, CPE, PUPIL, TUTOR, overflow
from tests.browser.test_sign_in import faults

pytestmark = pytest.mark.xdist_group("day")


def test_a_teacher_is_away_a_colleague_says_yes_and_the_replacement_is_confirmed(windows, academy):  # noqa: F811
    cpe, teacher = windows(CPE, viewport=DESK), windows(TUTOR, viewport=PHONE)
    _, sign_in_name = academy.who(TUTOR)
    cpe.goto(home(academy, CPE) + "timetable/absences/")
    assert faults(cpe) == []
    options = cpe.locator("[name=teacher] option").all()[1:]
    # The colleague asked is the one signed in: somebody else is away, later than any absence of the demonstration.
    away = next(one for one in options if folded(one.inner_text().split()[-1]) not in sign_in_name)
    cpe.select_option("[name=teacher]", away.get_attribute("value"))
    cpe.fill("[name=first]", str(date.today() + timedelta(days=30)))
    cpe.fill("[name=last]", str(date.today() + timedelta(days=60)))
    cpe.click("text=Enregistrer l'absence")
    expect(cpe.locator("h1")).to_contain_text("Remplacer")
    assert faults(cpe) == []
    surname = sign_in_name.split(".")[-1].rstrip("0123456789")
    asked = cpe.locator("section.card").filter(has=cpe.locator("[name=colleague]")).all()
    section, label = next(
        (section, label)
        for section in asked
        for label in section.locator("label.check").all()
        if surname in folded(label.text_content() or "")
    )
    moment = section.locator("h2").inner_text().split(" · ")[0]
    if not label.is_visible():
        section.locator("summary", has_text="Demander aux collègues libres").click()
    label.locator("input").check()
    section.locator("button", has_text="Demander").click()
    expect(cpe.locator("main")).to_contain_text("La demande est envoyée")
    teacher.goto(home(academy, TUTOR) + "timetable/calls/")
    assert faults(teacher) == []
    assert overflow(teacher) <= 0
    line = teacher.locator("li", has_text=moment)
    line.locator("button", has_text="Oui, je remplace").click()
    expect(teacher.locator("li", has_text=moment)).to_contain_text("Vous avez dit oui")
    cpe.reload()
    section = cpe.locator("section.card", has_text=moment).first
    section.locator("button", has_text="Confirmer le remplacement").click()
    expect(cpe.locator("section.card", has_text=moment).first).to_contain_text("Assurée")
    cpe.set_viewport_size(PHONE)
    assert overflow(cpe) <= 0


def with_a_class_and_a_room(page, days: int = 21) -> dict:
    """A session to come of the pupil signed in, for a class, in a room, that nothing was changed in."""
    first, last = date.today() + timedelta(days=1), date.today() + timedelta(days=days)
    rows = page.evaluate("path => fetch(path).then(one => one.json())", f"/api/sessions/?first={first}&last={last}")
    return next(one for one in rows["results"] if one["divisions"] and one["rooms"] and not one["last_change"])


def test_a_room_changed_in_three_clicks_is_on_the_pupils_open_page_within_five_seconds(windows, academy):  # noqa: F811
    admin, pupil = windows(ADMIN, viewport=DESK), windows(PUPIL, viewport=DESK)
    assert academy.who(ADMIN)[0] == academy.who(PUPIL)[0]
    site = home(academy, ADMIN)
    admin.goto(site + "timetable/set-up/")
    admin.fill("[name=room-name]", "Salle polyvalente")
    admin.click("text=Ajouter cette salle")
    expect(admin.locator("main")).to_contain_text("Salle polyvalente")
    session = with_a_class_and_a_room(pupil)
    day = session["starts_at"][:10]
    pupil.goto(f"{site}timetable/?day={day}")
    pupil.evaluate("window.wasNotReloaded = true")
    admin.goto(site + "timetable/")
    admin.locator("main .cards a", has_text=session["divisions"][0]).first.click()
    admin.goto(f"{admin.url}?day={day}")
    # From the session: modify it, choose the room, save.
    admin.locator(f'.one-week a[href="/timetable/sessions/{session["id"]}/"]').click()
    admin.select_option("[name=room-room]", label="Salle polyvalente")
    admin.locator("button", has_text="Changer de salle").click()
    place = pupil.locator(".one-week .room", has_text="Salle polyvalente")
    expect(place).to_be_visible(timeout=5_000)
    old = place.locator("s.old")
    expect(old).to_contain_text(session["rooms"][0])
    assert "line-through" in old.evaluate("one => getComputedStyle(one).textDecorationLine")
    assert pupil.evaluate("window.wasNotReloaded")
    for size in (PHONE, DESK):
        pupil.set_viewport_size(size)
        assert overflow(pupil) <= 0


def test_the_pages_that_set_the_week_up_have_no_fault_and_fit_a_phone(windows, academy):  # noqa: F811
    page, site = windows(ADMIN, viewport=PHONE), home(academy, ADMIN) + "timetable/"
    page.goto(site + "lessons/")
    lesson = page.locator("td a").first.get_attribute("href")
    page.goto(site + "set-up/")
    slot, room = (page.locator(f'a[href*="/{kind}/"][href$="/settings/"]').first.get_attribute("href")
                  for kind in ("slots", "rooms"))  # fmt: skip
    for path in ("lessons/", "lessons/add/", "weeks/", "free/", "free/?room=any&lines=2&label=Essai", "set-up/",
                 lesson, slot, room):  # fmt: skip
        page.goto(site + path if not path.startswith("/") else site.removesuffix("/timetable/") + path)
        for size in (PHONE, DESK):
            page.set_viewport_size(size)
            assert overflow(page) <= 0, path
            assert faults(page) == [], path
