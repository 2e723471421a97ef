"""The school's administrator: accounts by state, letters, functions, import reports."""

import io
import re
from uuid import uuid4

import pytest
from pypdf import PdfReader

from ent.accounts.models import Account, ActivationCode, Membership
from ent.kernel.audit.models import AuditEvent
from ent.school.administration.letters import letters_for_division, letters_for_staff, waiting
from ent.school.people.models import Function, StaffFunction
from tests import factories


@pytest.fixture
def administrator(school):
    return factories.staff(Function.SCHOOL_ADMIN)


@pytest.fixture
def desk(administrator, sign_in):
    """The administrator's browser."""
    return sign_in(administrator)


def waits(*people) -> None:
    """These people have never activated their account."""
    Account.objects.filter(pk__in=[person.account_id for person in people]).update(activated_at=None, password="!")


def pages(pdf: bytes) -> list[str]:
    return [page.extract_text().replace("\n", " ") for page in PdfReader(io.BytesIO(pdf)).pages]


def code_on(page: str) -> str:
    return re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", page)[0]


def test_accounts_are_counted_by_class_and_state(desk, django_assert_max_num_queries):
    division = factories.division("6B")
    waiting, active = factories.pupil(division), factories.pupil(division)
    parent = factories.guardian(of=waiting)
    waits(waiting, parent)
    page = re.sub(r' data-label="[^"]*"', "", desk.get("/administration/accounts/").text)
    assert re.search(r"6B, élèves</a></th><td>1</td><td>1</td><td>0</td><td>50 %", page)
    assert re.search(r"6B, familles</a></th><td>1</td><td>0</td>", page)
    found = desk.get("/administration/accounts/", {"audience": "pupils", "division": division.pk, "state": "active"})
    assert active.last_name in found.text
    assert waiting.last_name not in found.text


def test_a_letter_per_pupil_who_waits_opens_the_account(desk, visitor):
    division = factories.division("6B")
    pupil, done = factories.pupil(division, first_name="Éloïse"), factories.pupil(division)
    waits(pupil)
    chosen = {"audience": "pupils", "division": division.pk}
    assert "Imprimer 1 lettre (PDF)" in desk.get("/administration/letters/", chosen).text
    answer = desk.post("/administration/letters/", chosen)
    assert answer["Content-Type"] == "application/pdf"
    [page] = pages(answer.content)
    assert pupil.display_name in page
    assert done.last_name not in page
    assert visitor.post("/activate/", {"code": code_on(page)})["Location"] == "/activate/"
    assert AuditEvent.objects.filter(action="accounts.print_letters", details__letters=1).exists()


def test_a_family_gets_one_letter_that_names_its_children_of_this_school(school):
    first, second = factories.division("3A"), factories.division("6B")
    eldest, youngest = factories.pupil(first, first_name="Zoé"), factories.pupil(second, first_name="Noé")
    parent = factories.guardian(of=eldest)
    factories.tie(parent, youngest)
    waits(parent)
    [page] = pages(letters_for_division(school, first, "families"))
    assert eldest.display_name in page
    assert youngest.display_name in page
    before = ActivationCode.objects.get().digest
    letters_for_division(school, second, "families")
    assert ActivationCode.objects.get().digest == before


def test_who_has_no_right_over_a_child_is_not_written_to(school):
    division = factories.division("6B")
    pupil = factories.pupil(division)
    waits(factories.guardian(of=pupil, restricted=True), factories.contact(of=pupil, account=True))
    letters_for_division(school, division, "families")
    assert not ActivationCode.objects.exists()


def test_names_are_text_whatever_they_hold(school):
    person = factories.staff(first_name="#panic()", last_name='$x$ *"\\ <script>')
    waits(person)
    [page] = pages(letters_for_staff(school))
    assert '#panic() $x$ *"\\ <script>' in page


def test_a_class_of_thirty_gets_thirty_letters(school):
    division = factories.division("6B")
    waits(*[factories.pupil(division) for _ in range(30)])
    assert len(pages(letters_for_division(school, division))) == 30


def test_someone_who_forgot_everything_gets_a_new_code_by_hand(desk, visitor):
    pupil = factories.pupil()
    answer = desk.post(f"/administration/people/{pupil.pk}/new-code/")
    [page] = pages(answer.content)
    assert "nouveau code" in page
    assert visitor.post("/activate/", {"code": code_on(page)}).status_code == 302


def test_a_secretary_cannot_take_the_heads_account(sign_in):
    head, office = factories.staff(Function.SCHOOL_HEAD), factories.staff(Function.OFFICE)
    assert sign_in(office).post(f"/administration/people/{head.pk}/new-code/").status_code == 403


def test_nor_by_the_heads_other_self_as_a_parent(sign_in, visitor):
    account = factories.account_of(factories.staff(Function.DEPUTY_HEAD))
    as_parent = factories.guardian(of=factories.pupil(), account=account)
    office = sign_in(factories.staff(Function.OFFICE))
    assert "administre l" in office.get(f"/administration/people/{as_parent.pk}/new-code/").text
    assert office.post(f"/administration/people/{as_parent.pk}/new-code/").status_code == 403


def test_no_letter_opens_what_someone_does_in_another_school(desk, school, other_school):
    division = factories.division("6B")
    parent, colleague = factories.guardian(of=factories.pupil(division)), factories.staff()
    for person in (parent, colleague):
        Membership.objects.create(
            account=factories.account_of(person), school=other_school, profile="staff", person_id=uuid4()
        )
        assert desk.post(f"/administration/people/{person.pk}/new-code/").status_code == 403
    waits(parent, colleague)
    assert desk.post(f"/administration/people/{parent.pk}/new-code/").status_code == 403
    printing = waiting(school, "families", division)
    assert (printing.people, printing.at_work) == ([], 1)
    # Their first letter, before anything is opened, comes from whichever of their schools prints first.
    assert desk.post(f"/administration/people/{colleague.pk}/new-code/").status_code == 200


def test_a_secretary_prints_the_letters_of_the_staff_but_not_of_who_manages(sign_in, school):
    head, teacher = factories.staff(Function.SCHOOL_HEAD), factories.staff()
    waits(head, teacher)
    office = sign_in(factories.staff(Function.OFFICE))
    answer = office.post("/administration/letters/", {"audience": "staff"})
    assert [teacher.display_name in page for page in pages(answer.content)] == [True]
    assert set(waiting(school, "staff", None).people) == {head, teacher}


def test_a_contact_without_account_gets_no_code(desk):
    person = factories.contact(of=factories.pupil())
    assert "pas de compte ouvert" in desk.get(f"/administration/people/{person.pk}/new-code/").text


def test_a_function_given_by_hand_is_seen_and_withdrawn_with_a_trace(desk, administrator):
    person = factories.staff()
    desk.post("/administration/functions/give/", {"person": person.pk, "function": "cpe"})
    given = StaffFunction.objects.get(person=person, function="cpe")
    assert (given.source, given.given_by) == ("hand", administrator.pk)
    assert administrator.display_name in desk.get("/administration/functions/").text
    desk.post("/administration/functions/withdraw/", {"function": given.pk})
    given.refresh_from_db()
    assert given.closed_at
    actions = AuditEvent.objects.filter(object_id=person.pk).values_list("action", flat=True)
    assert set(actions) == {"people.give_function", "people.withdraw_function"}


def test_the_directorys_functions_cannot_be_withdrawn_by_hand(desk):
    function = StaffFunction.objects.get(person=factories.staff())
    assert desk.post("/administration/functions/withdraw/", {"function": function.pk}).status_code == 404
    assert desk.post("/administration/functions/withdraw/", {"function": "x"}).status_code == 400


def test_import_reports_are_this_schools_only(desk, school, other_school):
    from ent.exchange.models import ImportRun, SchoolImport

    run = ImportRun.objects.create(digest="x", folder="/x", kind="Complet", state="done")
    SchoolImport.objects.create(run=run, school=school, report={"pupils": {"created": 321}})
    SchoolImport.objects.create(run=run, school=other_school, report={"pupils": {"created": 654}})
    page = desk.get("/administration/imports/").text
    assert "321" in page
    assert "654" not in page


@pytest.mark.parametrize("path", ["accounts", "letters", "functions", "imports"])
def test_pages_open_with_few_queries(desk, path, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        assert desk.get(f"/administration/{path}/").status_code == 200
