"""Conduct in a real browser: a pupil sent out and received live, a punishment acknowledged, a call for help."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.test_day import home, sitting, windows  # noqa: F401 - the fixtures
from tests.browser.test_school_pages import CPE, PARENT, TUTOR, overflow
from tests.browser.test_sign_in import faults

pytestmark = pytest.mark.xdist_group("day")
PUPIL, HEAD = "Élève", "Chef d'établissement"


def test_a_punishment_is_given_and_the_parent_acknowledges_it_in_two_clicks(windows, academy):  # noqa: F811
    cpe, parent = windows(CPE, viewport=DESK), windows(PARENT, viewport=PHONE)
    parent.goto(home(academy, PARENT))
    child = parent.locator("main a[href^='/people/']").first.get_attribute("href").strip("/").split("/")[-1]
    cpe.goto(home(academy, CPE) + f"conduct/pupils/{child}/")
    cpe.click("summary:has-text('Donner une punition')")
    cpe.locator("#punish [name=kind]").select_option("detention")
    cpe.locator("#punish [name=reason]").fill("Bavardages malgré trois rappels")
    cpe.click("button:has-text('Donner la punition')")
    expect(cpe.locator("main")).to_contain_text("Bavardages malgré trois rappels")
    assert faults(cpe) == []
    cpe.goto(home(academy, CPE) + "conduct/detentions/")
    expect(cpe.locator("main")).to_contain_text("Bavardages malgré trois rappels")
    assert faults(cpe) == []
    parent.goto(home(academy, PARENT))
    parent.locator(f"a[href$='/conduct/pupils/{child}/']").first.click()
    assert faults(parent) == []
    assert overflow(parent) <= 0
    card = parent.locator(".card", has_text="Bavardages malgré trois rappels")
    card.locator("button").click()
    expect(card).to_contain_text("Vous en avez pris connaissance")


def test_a_call_for_help_is_answered_by_a_referent_and_hidden_from_the_head(windows, academy):  # noqa: F811
    pupil, cpe, head = windows(PUPIL, viewport=PHONE), windows(CPE, viewport=DESK), windows(HEAD, viewport=DESK)
    pupil.goto(home(academy, PUPIL) + "help/")
    assert faults(pupil) == []
    assert overflow(pupil) <= 0
    pupil.locator("[name=about]").first.check()
    pupil.fill("[name=text]", "Deux élèves se moquent de moi chaque jour.")
    pupil.click("button:has-text('Envoyer aux référents')")
    expect(pupil.locator("main")).to_contain_text("à eux seuls")
    address = pupil.url
    assert head.goto(address).status == 403
    cpe.goto(home(academy, CPE))
    cpe.click("a:has-text('Lire les demandes')")
    assert faults(cpe) == []
    cpe.goto(address)
    cpe.fill("[name=text]", "Passez me voir à la récréation.")
    cpe.click("button:has-text('Enregistrer')")
    assert faults(cpe) == []
    pupil.reload()
    expect(pupil.locator("main")).to_contain_text("Passez me voir")


# A session under way of the form tutor with the class of a child.
SITTING = """
from datetime import timedelta
from django.utils import timezone
from psycopg.types.range import TimestamptzRange
from ent.accounts.models import Account
from ent.school.people.models import Person
from ent.school.structure.models import Enrolment
from ent.school.timetable.models import Session, SessionAudience, SessionTeacher
from tenants.models import School
from tenants.context import inside_as_owner
begins, ends = timezone.now() - timedelta(minutes=10), timezone.now() + timedelta(minutes=45)
with inside_as_owner(School.objects.get(uai="{uai}")):
    account = Account.objects.get(sign_in_name="{name}")
    teacher = Person.objects.get(account_id=account.pk, tutored__closed_at=None, tutored__isnull=False)
    division = Enrolment.objects.filter(pupil="{child}", closed_at=None).first().division
    session = Session.objects.create(label="Séance", day=timezone.localdate(), starts_at=begins, ends_at=ends)
    SessionTeacher.objects.create(session=session, teacher=teacher, day=session.day, is_exclusive=False,
                                  during=TimestamptzRange(begins, ends))
    SessionAudience.objects.create(session=session, division=division, day=session.day)
    print(session.pk)
"""


def test_a_pupil_sent_out_is_expected_live_received_in_one_tap_and_told_to_the_parent(windows, academy):  # noqa: F811
    teacher, cpe, parent = (windows(TUTOR, viewport=PHONE), windows(CPE, viewport=DESK),
                            windows(PARENT, viewport=PHONE))  # fmt: skip
    parent.goto(home(academy, PARENT))
    child = parent.locator("main a[href^='/people/']").first.get_attribute("href").strip("/").split("/")[-1]
    uai, name = academy.who(TUTOR)
    made = academy.manage("shell", "--no-imports", "-c", SITTING.format(uai=uai, name=name, child=child)).split()[-1]
    cpe.goto(home(academy, CPE) + "student-life/")
    teacher.goto(home(academy, TUTOR) + f"sessions/{made}/register/")
    line = teacher.locator(".register-line", has=teacher.locator(f"button[value='{child}']"))
    line.locator("summary").click()
    assert faults(teacher) == []
    assert overflow(teacher) <= 0
    line.locator("[data-send-out]").click()
    teacher.wait_for_url("**/conduct/removals/**")
    assert faults(teacher) == []
    assert overflow(teacher) <= 0
    coming = cpe.locator(".todo li", has_text="exclu de Séance")
    expect(coming).to_contain_text("pas encore arrivé", timeout=5_000)
    assert faults(cpe) == []
    coming.locator("button:has-text('Reçu')").click()
    expect(coming).to_contain_text("reçu à")
    teacher.fill("[name=reason]", "Insolence après trois rappels")
    teacher.fill("[name=work]", "Exercice 4 page 58")
    teacher.click("button:has-text('Enregistrer et prévenir')")
    expect(teacher.locator(".register-line .badge", has_text="Exclu du cours, envoyé à")).to_contain_text("reçu à")
    parent.goto(home(academy, PARENT) + f"conduct/pupils/{child}/")
    card = parent.locator(".card", has_text="Insolence après trois rappels")
    expect(card).to_contain_text("Exercice 4 page 58")
    expect(card).to_contain_text("reçu à")
    assert faults(parent) == []
    assert overflow(parent) <= 0


def test_marks_not_sent_yet_stay_when_a_pupil_is_sent_out(windows, academy, sitting):  # noqa: F811
    teacher = windows(TUTOR, viewport=PHONE)
    teacher.goto(home(academy, TUTOR).rstrip("/") + sitting)
    lines = teacher.locator(".register-line")
    lines.nth(0).locator(".is-absent span").click()
    lines.nth(1).locator("summary").click()
    lines.nth(1).locator("[data-send-out]").click()
    expect(lines.nth(1)).to_contain_text("écrire le motif")
    expect(lines.nth(0).locator("[value=absent]")).to_be_checked()
    teacher.click('button:has-text("Terminer l\'appel")')
    expect(teacher.locator(".saved")).to_contain_text("Appel fait à")
    expect(lines.nth(1).locator(".badge", has_text="Exclu du cours, envoyé à")).to_be_visible()


@pytest.mark.parametrize(("role", "path"), [
    (CPE, "student-life/exit-schemes/"), (CPE, "student-life/exit-schemes/assign/"), (CPE, "student-life/gate/?q=a"),
    (CPE, "conduct/detentions/"), (CPE, "conduct/incidents/?show=mine"), (HEAD, "conduct/sanctions/"),
    (HEAD, "conduct/boards/"),
])  # fmt: skip
def test_a_page_has_no_accessibility_fault_and_fits_a_phone(windows, academy, role, path):  # noqa: F811
    page = windows(role, viewport=PHONE)
    page.goto(home(academy, role) + path)
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        assert overflow(page) <= 0
        assert faults(page) == []
