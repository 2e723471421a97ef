"""Which schools need help first, and why: one function over a school's figures."""

from dataclasses import dataclass
from datetime import date

# Share of the accounts activated that a school reaches so many weeks after opening; short of it, it needs help.
EXPECTED = ((26, 0.75), (12, 0.65), (8, 0.55), (4, 0.40), (2, 0.20))
# From how many errors, and which share of the answers, something is wrong.
LEAST_ERRORS, ERROR_SHARE = 10, 0.005
# A page in a second at worst is the aim; three are a lot.
SLOW_MS, VERY_SLOW_MS = 1_000, 3_000
# In holidays nobody comes anywhere: a school is empty only while this share of the others' people come.
SCHOOL_TIME_SHARE = 0.10

REASONS = {
    "empty": "Personne n’est venu cette semaine",
    "import": "L’import de son annuaire a échoué",
    "late": "Ouverture en retard de {} jours ; étape à faire : {}",
    "activated": "{} % des comptes activés, {} semaines après l’ouverture",
    "errors": "{} pages en erreur cette semaine",
    "slow": "Une page sur vingt met plus de {} s",
    "silent": "Aucun compte rendu depuis {} jours",
}


@dataclass(frozen=True)
class Facts:
    """What is known of a school."""

    today: date
    is_open: bool
    opened_on: date | None = None
    # The last day its counts came up.
    day: date | None = None
    accounts: int = 0
    activated: int = 0
    came_this_week: int = 0
    requests: int = 0
    errors: int = 0
    p95_ms: int | None = None
    import_failed: bool = False
    planned_on: date | None = None
    next_step: str = ""
    # People come elsewhere: these are not holidays.
    is_school_time: bool = True


def help_needed(facts: Facts) -> tuple[int, list[list]]:
    """Points of help needed (0 to 255) and the reasons, worst first: [[code, values…], …].

    ==========  =====================================================================  ===========
    empty       open for two weeks, and nobody came while people come elsewhere         60
    import      its directory import failed                                             50
    late        its planned day has passed and it is not open                           20 to 60, 1 a day
    silent      open, and no counts for two days                                        40
    activated   fewer accounts activated than `EXPECTED` so many weeks after opening    0 to 50, in proportion
    errors      10 errors and 0.5 % of the answers or more in a week                    15 to 45
    slow        one page in twenty slower than a second                                 10 to 30, most from 3 s
    ==========  =====================================================================  ===========
    """
    found: list[tuple[int, list]] = []
    weeks = (facts.today - facts.opened_on).days // 7 if facts.opened_on else 0
    if facts.import_failed:
        found.append((50, ["import"]))
    if not facts.is_open:
        if facts.planned_on and facts.planned_on < facts.today:
            days = (facts.today - facts.planned_on).days
            found.append((min(20 + days, 60), ["late", days, facts.next_step]))
    else:
        if facts.day and (facts.today - facts.day).days > 2:
            found.append((40, ["silent", (facts.today - facts.day).days]))
        elif facts.accounts and not facts.came_this_week and weeks >= 2 and facts.is_school_time:
            found.append((60, ["empty"]))
        if facts.accounts:
            expected = next((share for least, share in EXPECTED if weeks >= least), 0.0)
            share = facts.activated / facts.accounts
            if share < expected:
                found.append((round(50 * (1 - share / expected)), ["activated", int(100 * share), weeks]))
        if facts.errors >= LEAST_ERRORS and facts.errors >= ERROR_SHARE * facts.requests:
            found.append((min(15 + round(1_000 * facts.errors / facts.requests), 45), ["errors", facts.errors]))
        if facts.p95_ms is not None and facts.p95_ms > SLOW_MS:
            over = min((facts.p95_ms - SLOW_MS) / (VERY_SLOW_MS - SLOW_MS), 1)
            found.append((10 + round(20 * over), ["slow", round(facts.p95_ms / 1000, 1)]))
    found = sorted((one for one in found if one[0] > 0), key=lambda one: -one[0])
    return min(sum(points for points, _ in found), 255), [reason for _, reason in found]


def told(reason: list) -> str:
    """A reason in words."""
    code, *values = reason
    if code == "late":
        days, step = values
        return REASONS[code].format(days, step.lower() or "aucune")
    return REASONS[code].format(*(str(value).replace(".", ",") for value in values))
