"""Which schools need help first, and why."""

from datetime import date, timedelta

import pytest

from platform_admin.dashboards.score import Facts, help_needed, told

TODAY = date(2026, 11, 24)


def facts(weeks: int = 10, **values) -> Facts:
    """A school open for some weeks where all is well, but for what is given."""
    well = {
        "is_open": True, "opened_on": TODAY - timedelta(weeks=weeks), "day": TODAY - timedelta(days=1),
        "accounts": 500, "activated": 450, "came_this_week": 400, "requests": 20_000, "errors": 3, "p95_ms": 300,
    }  # fmt: skip
    return Facts(today=TODAY, **well | values)


def reasons(**values) -> list[str]:
    return [told(reason) for reason in help_needed(facts(**values))[1]]


def test_a_school_where_all_is_well_needs_no_help():
    assert help_needed(facts()) == (0, [])


def test_nobody_came_while_people_come_elsewhere():
    assert reasons(came_this_week=0) == ["Personne n’est venu cette semaine"]


def test_in_holidays_an_empty_school_is_no_matter():
    assert reasons(came_this_week=0, is_school_time=False) == []


def test_a_school_just_opened_is_given_time():
    assert reasons(weeks=1, activated=10, came_this_week=0) == []


def test_few_accounts_activated_weeks_after_opening():
    assert reasons(weeks=6, activated=60) == ["12 % des comptes activés, 6 semaines après l’ouverture"]


def test_the_fewer_the_accounts_the_more_help():
    points = [help_needed(facts(weeks=6, activated=count))[0] for count in (180, 100, 40, 0)]
    assert points == sorted(points)
    assert points[0] > 0


def test_a_failed_import_counts_more_than_slow_pages():
    assert reasons(import_failed=True, p95_ms=2_500) == [
        "L’import de son annuaire a échoué",
        "Une page sur vingt met plus de 2,5 s",
    ]


def test_errors_need_to_be_many_and_a_share():
    assert reasons(errors=9, requests=100) == []
    assert reasons(errors=50, requests=1_000_000) == []
    assert reasons(errors=200) == ["200 pages en erreur cette semaine"]


def test_a_late_opening_names_the_step_to_take():
    late = Facts(today=TODAY, is_open=False, planned_on=TODAY - timedelta(days=12), next_step="Réseau prêt")
    points, [reason] = help_needed(late)
    assert told(reason) == "Ouverture en retard de 12 jours ; étape à faire : réseau prêt"
    assert points == 32


def test_an_opening_to_come_is_not_late():
    assert help_needed(Facts(today=TODAY, is_open=False, planned_on=TODAY + timedelta(days=12))) == (0, [])


def test_a_school_that_sends_no_counts_is_not_called_empty():
    assert reasons(day=TODAY - timedelta(days=9), came_this_week=0) == ["Aucun compte rendu depuis 9 jours"]


@pytest.mark.parametrize("weeks", [0, 2, 5, 9, 30])
def test_points_fit_their_column(weeks):
    worst = facts(weeks=weeks, activated=0, came_this_week=0, errors=20_000, p95_ms=60_000, import_failed=True)
    assert 0 < help_needed(worst)[0] <= 255
