"""The timetable in a real browser: a teacher is away, a colleague says yes, the replacement is confirmed."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from ent.kernel.text import folded
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_day import home, windows  # noqa: F401
from tests.browser.test_school_pages import CPE, TUTOR, overflow
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
    expect(cpe.locator("main")).to_contain_text("qui vous demandez")
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
