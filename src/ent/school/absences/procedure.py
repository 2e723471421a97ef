"""What is done about a pupil who passed a threshold: steps, each with who takes it and by when.

Code de l'éducation, L131-8 and R131-7; circulaire 2014-159. Four half-days in a month: the family is reached and
reminded, the commission éducative looks for measures signed with the family, the pupil's file goes to the academy,
which warns the family. Ten: the communauté éducative proposes help, a referent is named, the file goes there again.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from ent.school.absences.models import Alert, AlertRule, AlertStep
from ent.school.people.models import Function, Person

Step = AlertStep.Kind
HEAD, CPE = Function.SCHOOL_HEAD, Function.CPE
HEAVY = 10
# (step, whose it is, how many days after).
FIRST = ((Step.CONTACT, CPE, 2), (Step.DIALOGUE, CPE, 5), (Step.REMINDER, HEAD, 7), (Step.TEAM, HEAD, 15),
         (Step.REPORT, HEAD, 16))  # fmt: skip
LASTING = ((Step.CONTACT, CPE, 1), (Step.COMMUNITY, HEAD, 8), (Step.REFERENT, HEAD, 8), (Step.REPORT, HEAD, 10))
OTHERS = ((Step.CONTACT, CPE, 3), (Step.DIALOGUE, CPE, 7))
SCHOOL_FUNCTIONS = {HEAD, CPE}


def planned_steps(alert: Alert, holders: Mapping[str, Person], today: date) -> list[AlertStep]:
    """The steps of a procedure that opens today; where nobody holds the function, the owner of all takes it."""
    return [
        AlertStep(alert=alert, kind=kind, owner=holders.get(function) or alert.owner, due_on=working_day(today, days))
        for kind, function, days in _plan(alert.rule)
    ]


def _plan(rule: AlertRule) -> tuple:
    if not rule.is_legal:
        return OTHERS
    return LASTING if rule.count >= HEAVY else FIRST


def working_day(day: date, later: int) -> date:
    """That many days later; on Monday where it would be a weekend."""
    found = day + timedelta(days=later)
    return found + timedelta(days=(7 - found.weekday()) % 7 if found.weekday() > 4 else 0)
