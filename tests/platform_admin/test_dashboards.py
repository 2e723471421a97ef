"""The dashboards: each officer's schools, what needs help, curves, files, the monthly report."""

import io
import re
from datetime import date, timedelta

import pytest
from django.conf import settings
from pypdf import PdfReader

from ent.kernel.audit.models import AuditEvent
from platform_admin.dashboards import demo
from platform_admin.dashboards.drawing import draw_map
from platform_admin.dashboards.models import Adoption, Standing
from platform_admin.dashboards.outlines import OUTLINES
from platform_admin.dashboards.queries import Place, View, alike_groups, alike_label, places
from platform_admin.dashboards.review import review
from platform_admin.officers.models import Officer
from platform_admin.rollout.models import Deployment, Step, StepRecord, Wave
from tenants.liaison.models import SchoolActivity, SchoolPulse
from tenants.models import School
from tests import factories
from tests.conftest import SchoolClient

pytestmark = pytest.mark.usefixtures("platform_db")
TODAY = date.today()
YESTERDAY = TODAY - timedelta(days=1)
AURILLAC = {"latitude": 44.93, "longitude": 2.44, "town": "Aurillac", "departement": "15"}


def used(school: School, *, came=(60, 40, 20, 9), accounts=100, activated=80, day: date = YESTERDAY) -> School:
    """A school with its counts of a day, by role."""
    for role, count in zip(("pupil", "guardian", "teacher", "staff"), came, strict=True):
        SchoolPulse.objects.create(
            school=school, day=day, role=role, accounts=accounts, activated=activated, came_this_week=count
        )
    SchoolActivity.objects.create(school=school, day=day, requests=1_000, errors=1, median_ms=80, p95_ms=400)
    return school


@pytest.fixture
def cantal():
    return factories.authority("15", "Cantal")


@pytest.fixture
def theirs(cantal):
    return used(factories.registered(authority=cantal, name="Collège de la Vallée d'Essai", state="open", **AURILLAC))


@pytest.fixture
def elsewhere():
    allier = factories.authority("03", "Allier")
    return used(factories.registered(authority=allier, name="Collège du Bocage d'Essai", state="open"))


def browser(officer: Officer) -> SchoolClient:
    client = SchoolClient(settings.BASE_DOMAIN)
    client.force_login(officer.account)
    return client


@pytest.fixture
def of_cantal(cantal):
    return browser(factories.officer(Officer.Function.OFFICER, cantal))


PAGES = ["/console/dashboard/", "/console/dashboard/help/", "/console/dashboard/schools/",
         "/console/dashboard/authorities/15/"]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_an_officer_of_cantal_sees_cantal_and_nothing_else(path, of_cantal, theirs, elsewhere):
    review()
    page = of_cantal.get(path)
    assert page.status_code == 200
    assert "Bocage" not in page.text
    assert "Allier" not in page.text


def test_another_departements_dashboard_is_not_found_and_noted(of_cantal, theirs, elsewhere):
    for path in (
        "authorities/03/",
        "authorities/03/report/?month=2026-10",
        "help/?authority=03",
        "schools/?authority=03",
    ):
        assert of_cantal.get(f"/console/dashboard/{path}").status_code == 404
    assert AuditEvent.objects.filter(action="console.refused", details__authority="03").count() == 4


def test_someone_who_is_no_officer_sees_no_dashboard(cantal):
    officer = factories.officer(Officer.Function.OFFICER, cantal)
    client = browser(officer)
    officer.delete()
    assert client.get("/console/dashboard/").status_code == 403


def test_the_academy_sees_everything_exactly(officer_client, theirs, elsewhere):
    SchoolPulse.objects.filter(school=theirs, role="staff").update(came_this_week=2)
    review()
    page = officer_client.get("/console/dashboard/").text
    assert "n. c." not in page
    assert theirs.uai in page
    assert elsewhere.uai in page


def test_a_collectivity_sees_no_small_number_nor_what_gives_it_away(of_cantal, cantal, theirs):
    used(factories.registered(authority=cantal, name="Collège du Plomb d'Essai", state="open"), came=(70, 30, 15, 3))
    review()
    page = of_cantal.get("/console/dashboard/schools/").text
    [row] = re.findall(r"<tr>(?:(?!</tr>).)*Plomb d&#x27;Essai.*?</tr>", page, re.DOTALL)
    assert row.count("Non communiqué") == 2
    assert ">3<" not in row
    response = of_cantal.get("/console/dashboard/schools/?export=csv")
    [line] = [one for one in b"".join(response.streaming_content).decode().splitlines() if "Plomb" in one]
    response.close()
    assert line.split(";")[3:8] == ["70", "30", "n. c.", "n. c.", "118"]


def test_the_last_full_day_counts_and_not_the_day_that_begins(theirs):
    used(theirs, came=(1, 1, 1, 1), activated=81, day=TODAY)
    review()
    assert Standing.objects.get(school=theirs).came_this_week == 129
    assert set(Adoption.objects.filter(day=TODAY)) == set()


def test_a_first_day_is_shown_at_once(cantal):
    school = used(factories.registered(authority=cantal, state="open"), day=TODAY)
    review()
    assert Standing.objects.get(school=school).day == TODAY


def test_reviewing_twice_changes_nothing(theirs, elsewhere):
    review()
    before = list(Standing.objects.order_by("pk").values()), Adoption.objects.count()
    review()
    assert (list(Standing.objects.order_by("pk").values()), Adoption.objects.count()) == before


def test_an_empty_school_is_to_be_helped_and_says_why(officer_client, theirs, elsewhere):
    used(theirs, day=TODAY - timedelta(weeks=20))
    SchoolPulse.objects.filter(school=theirs, day=YESTERDAY).update(came_this_week=0)
    review()
    page = officer_client.get("/console/dashboard/help/").text
    assert "Personne n’est venu cette semaine" in page
    assert elsewhere.uai not in page


def test_a_school_past_its_planned_day_is_late_and_the_step_is_named(officer_client, cantal):
    school = factories.registered(authority=cantal, name="Collège Tardif d'Essai")
    wave, _ = Wave.objects.get_or_create(number=9, defaults={"name": "Vague neuve"})
    Wave.objects.filter(pk=wave.pk).update(opens_on=TODAY - timedelta(days=7))
    deployment = Deployment.objects.create(school=school, wave=wave)
    StepRecord.objects.create(deployment=deployment, step=Step.AGREEMENT, author="Agent d'essai")
    review()
    page = officer_client.get("/console/dashboard/help/").text
    assert "Ouverture en retard de 7 jours ; étape à faire : réseau prêt" in page


def test_waves_have_their_curve(officer_client, theirs):
    wave, _ = Wave.objects.get_or_create(number=9, defaults={"name": "Vague neuve"})
    Deployment.objects.create(school=theirs, wave=wave)
    review()
    assert Adoption.objects.filter(wave=9).count() == 4
    assert wave.name in officer_client.get("/console/dashboard/").text


def test_schools_are_compared_with_those_alike(theirs, cantal):
    School.objects.filter(pk=theirs.pk).update(headcount=450)
    for activated in (40, 60):
        used(factories.registered(authority=cantal, headcount=500, state="open"), activated=activated)
    review()
    view = View.of(factories_acting())
    group = alike_groups(view)["college:2"]
    assert (group.schools, group.activated) == (3, 60)
    assert alike_label("college:2") == "Collège, 400 à 699 élèves"
    assert alike_label("lycee_gt:") == "Lycée général et technologique, effectif inconnu"


def factories_acting():
    """The academy's eyes."""
    from ent.kernel.access import Acting

    return Acting(name="Agent", sees=None, acts=None)


def test_every_school_is_on_the_map_or_counted_beside_it(theirs):
    factories.registered(name="Collège sans Place d'Essai")
    drawn = draw_map(places(View.of(factories_acting())))
    listed = sum(len(entries) for entries in drawn.entries.values())
    assert listed == School.objects.count()
    assert sum(len(layer.marks) for layer in drawn.layers) + drawn.off == listed
    assert [mark.title for layer in drawn.layers for mark in layer.marks if "Vallée" in mark.title] == [
        "Collège de la Vallée d'Essai, Aurillac : ouvert"
    ]


def test_schools_of_one_town_are_drawn_side_by_side():
    crowd = [Place(f"063{n:04}A", f"École {n}", "Clermont", "63", 45.78, 3.08, "open", None, False) for n in range(80)]
    marks = [(mark.x, mark.y) for layer in draw_map(crowd).layers for mark in layer.marks]
    assert len(set(marks)) == 80


def test_outlines_close_and_share_their_borders():
    assert set(OUTLINES) == {"03", "15", "43", "63"}
    for _, ring in OUTLINES.values():
        assert 50 <= len(ring) <= 60
        # No long jump from a point to the next: the ring is in order.
        assert all(abs(a - c) + abs(b - d) < 0.4 for (a, b), (c, d) in zip(ring, [*ring[1:], ring[0]], strict=True))
    assert len(set(OUTLINES["63"][1]) & set(OUTLINES["43"][1])) >= 10


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("table", ["roles", "waves", "weekly", "service", "alike", "people"])
def test_every_table_of_the_dashboard_is_a_file(kind, table, officer_client, theirs):
    review()
    response = officer_client.get("/console/dashboard/", {"export": kind, "table": table})
    content = b"".join(response.streaming_content)
    response.close()
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert content.startswith(b"PK" if kind == "xlsx" else b"\xef\xbb\xbf")


@pytest.mark.parametrize("path", ["help/", "schools/"])
def test_the_lists_are_files_too(path, officer_client, theirs):
    Standing.objects.all().delete()
    review()
    Standing.objects.filter(school=theirs).update(score=60, reasons=[["empty"]])
    response = officer_client.get(f"/console/dashboard/{path}?export=csv")
    text = b"".join(response.streaming_content).decode()
    response.close()
    assert theirs.uai in text


def test_the_report_of_a_month_fits_one_page_and_names_nobody(of_cantal, cantal, theirs):
    month = (TODAY.replace(day=1) - timedelta(days=1)).replace(day=1)
    demo_day = month + timedelta(days=14)
    used(theirs, day=demo_day - timedelta(days=(demo_day.weekday() - 3) % 7))
    for number in range(12):
        late = factories.registered(authority=cantal, name=f"Collège au Nom Fort Long d'Essai {number}", **AURILLAC)
        used(late, came=(0, 0, 0, 0), activated=1, day=TODAY - timedelta(weeks=20))
    review()
    response = of_cantal.get(f"/console/dashboard/authorities/15/report/?month={month:%Y-%m}")
    assert response.headers["Content-Type"] == "application/pdf"
    pdf = PdfReader(io.BytesIO(response.content))
    assert len(pdf.pages) == 1
    text = pdf.pages[0].extract_text()
    assert "Cantal" in text
    assert "Élèves" in text


@pytest.mark.parametrize("month", ["2026", "2026-13", "octobre", "1999-01", "2999-01", "-1-1"])
def test_a_month_that_is_none_is_not_found(month, of_cantal, theirs):
    assert of_cantal.get("/console/dashboard/authorities/15/report/", {"month": month}).status_code == 404


@pytest.mark.parametrize("path", ["", "?by=use", "help/", "schools/", "schools/?order=slow"])
def test_pages_cost_the_same_whatever_the_schools(path, officer_client, theirs, django_assert_max_num_queries):
    review()
    with django_assert_max_num_queries(15) as few:
        officer_client.get(f"/console/dashboard/{path}")
    for _ in range(12):
        used(factories.registered(authority=factories.authority("43", "Haute-Loire"), state="open"))
    review()
    with django_assert_max_num_queries(15) as many:
        officer_client.get(f"/console/dashboard/{path}")
    assert len(many) <= len(few)


def test_nonsense_in_the_address_shows_the_page_all_the_same(officer_client, theirs):
    for query in ("?by=nobody&page=x", "?export=exe", "?export=csv&table=nothing"):
        assert officer_client.get(f"/console/dashboard/{query}").status_code == 200
    assert officer_client.get("/console/?q=%00").status_code == 400


def test_the_demonstration_is_lived_in_and_holidays_show(theirs):
    SchoolPulse.objects.all().delete()
    SchoolActivity.objects.all().delete()
    demo.build()
    pupils = SchoolPulse.objects.filter(school=theirs, role="pupil")
    assert pupils.filter(day__lt=TODAY - timedelta(days=700)).exists()
    assert all(one.came_today <= one.came_this_week <= one.activated <= one.accounts for one in pupils)
    thursday = {one.day: one.came_today for one in pupils if one.day.weekday() == 3}
    lessons = [count for day, count in thursday.items() if not demo.is_holiday(day)]
    holidays = [count for day, count in thursday.items() if demo.is_holiday(day)]
    assert sum(holidays) / len(holidays) < 0.3 * sum(lessons) / len(lessons)
    rows = SchoolPulse.objects.count()
    demo.build()
    assert SchoolPulse.objects.count() == rows


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/console/", "UAI"), ("/console/?table=authorities", "Espaces créés"), ("/console/imports/", "Début")],
)
def test_the_consoles_lists_are_files(path, expected, officer_client, theirs):
    response = officer_client.get(f"{path}{'&' if '?' in path else '?'}export=csv")
    text = b"".join(response.streaming_content).decode()
    response.close()
    assert expected in text.splitlines()[0]
    assert ("Vallée" in text) == (path == "/console/")


def test_a_file_holds_what_the_page_was_cut_to(officer_client, theirs, elsewhere):
    response = officer_client.get("/console/?departement=15&export=csv")
    text = b"".join(response.streaming_content).decode()
    response.close()
    assert theirs.uai in text
    assert elsewhere.uai not in text
