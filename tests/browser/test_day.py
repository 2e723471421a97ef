"""The school day in a real browser: the roll with and without network, seen live; an absence announced."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Academy
from tests.browser.test_school_pages import CPE, PARENT, TUTOR, signed_in
from tests.browser.test_sign_in import faults

pytestmark = pytest.mark.xdist_group("day")


@pytest.fixture
def windows(browser, academy):
    """Windows of several people, closed together."""
    opened: list[Page] = []

    def window(role: str, **options) -> Page:
        opened.append(signed_in(browser, academy, role, **options))
        return opened[-1]

    yield window
    for page in opened:
        page.context.close()


# A session under way, of a teacher with their class, whose roll nobody has taken: at any hour, after any test.
SITTING = """
from datetime import timedelta
from django.utils import timezone
from psycopg.types.range import TimestamptzRange
from ent.accounts.models import Account
from ent.school.people.models import Person
from ent.school.timetable.models import Session, SessionAudience, SessionTeacher
from tenants.models import School
from tenants.context import inside_as_owner
begins, ends = timezone.now() - timedelta(minutes=10), timezone.now() + timedelta(minutes=45)
with inside_as_owner(School.objects.get(uai="{uai}")):
    account = Account.objects.get(sign_in_name="{name}")
    teacher = Person.objects.get(account_id=account.pk, tutored__closed_at=None, tutored__isnull=False)
    session = Session.objects.create(label="Séance", day=timezone.localdate(), starts_at=begins, ends_at=ends)
    SessionTeacher.objects.create(session=session, teacher=teacher, day=session.day, is_exclusive=False,
                                  during=TimestamptzRange(begins, ends))
    SessionAudience.objects.create(session=session, division=teacher.tutored.first().division, day=session.day)
    print(session.pk)
"""


@pytest.fixture
def sitting(academy) -> str:
    """The path of the register of a session under way of the form tutor."""
    uai, name = academy.who(TUTOR)
    session = academy.manage("shell", "--no-imports", "-c", SITTING.format(uai=uai, name=name)).split()[-1]
    return f"/sessions/{session}/register/"


def home(academy: Academy, role: str) -> str:
    return academy.url(academy.who(role)[0], "/")


def test_the_roll_takes_three_taps_and_student_life_sees_it_live(windows, academy, sitting):
    teacher, cpe = windows(TUTOR, viewport=PHONE), windows(CPE, viewport=DESK)
    cpe.goto(home(academy, CPE) + "student-life/")
    assert faults(cpe) == []
    teacher.goto(home(academy, TUTOR))
    teacher.locator(f'a.button:has-text("Faire l\'appel")[href$="{sitting}"]').click()
    assert faults(teacher) == []
    line = teacher.locator(".register-line").nth(2)
    name = line.locator("strong").inner_text()
    line.locator(".is-absent span").click()
    teacher.click('button:has-text("Terminer l\'appel")')
    expect(teacher.locator(".saved")).to_contain_text("Appel fait à")
    expect(cpe.locator("main")).to_contain_text(name, timeout=5_000)


def test_a_roll_taken_without_network_is_sent_once_when_it_is_back(windows, academy, sitting):
    teacher = windows(TUTOR, viewport=PHONE)
    context = teacher.context
    teacher.goto(home(academy, TUTOR))
    expect(teacher.locator("html")).to_have_attribute("data-kept", "yes", timeout=15_000)
    path = teacher.locator(f'a[data-keep][href$="{sitting}"]').get_attribute("href")
    teacher.reload()
    expect(teacher.locator("html")).to_have_attribute("data-kept", "yes", timeout=15_000)
    context.set_offline(True)
    teacher.goto(academy.url(academy.who(TUTOR)[0], path))
    line = teacher.locator(".register-line").nth(4)
    name = line.locator("strong").inner_text()
    line.locator(".is-late span").click()
    teacher.locator(".register-bar [type=submit]").click()
    expect(teacher.locator(".sent-state")).to_contain_text("En attente du réseau : 1 appel")
    context.set_offline(False)
    teacher.evaluate("dispatchEvent(new Event('online'))")
    expect(teacher.locator(".sent-state")).not_to_contain_text("En attente", timeout=10_000)
    teacher.goto(academy.url(academy.who(TUTOR)[0], f"{path}history/"))
    late = teacher.locator("tr", has_text=name).filter(has_text="En retard")
    assert late.count() == 1


def test_the_roll_is_taken_without_any_script(windows, academy, sitting):
    teacher = windows(TUTOR, viewport=PHONE, java_script_enabled=False)
    teacher.goto(home(academy, TUTOR))
    teacher.locator(f'a[data-keep][href$="{sitting}"]').click()
    teacher.locator(".register-line").nth(6).locator(".is-absent span").click()
    teacher.locator(".register-bar [type=submit]").click()
    expect(teacher.locator(".saved")).to_contain_text("Appel fait à")


def test_a_parent_announces_an_absence_in_three_taps(windows, academy):
    parent = windows(PARENT, viewport=PHONE)
    parent.goto(home(academy, PARENT))
    parent.locator("text=Signaler une absence").first.click()
    assert faults(parent) == []
    parent.locator("[name=reason]").first.check()
    parent.click('button:has-text("Envoyer à l\'établissement")')
    expect(parent.locator("main")).to_contain_text("Reçu à")
    assert faults(parent) == []
