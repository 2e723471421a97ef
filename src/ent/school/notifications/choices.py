"""How people are told when they have chosen nothing: by what they are to the school, and by kind."""

from dataclasses import dataclass

from ent.school.notifications.models import Kind, Rhythm
from ent.school.people.models import Profile


@dataclass(frozen=True)
class Ways:
    """By which ways, and how often."""

    by_email: bool = False
    by_sms: bool = False
    rhythm: str = Rhythm.NOW


IN_THE_ENT = Ways()
AT_ONCE = Ways(by_email=True)
# What the summary is: it has no other rhythm.
EACH_WEEK = Ways(by_email=True, rhythm=Rhythm.WEEKLY)
DEFAULTS: dict[str, dict[str, Ways]] = {
    Profile.RELATIVE: {
        Kind.ABSENCE: Ways(by_email=True, by_sms=True),
        Kind.ANSWER: AT_ONCE,
        Kind.CONDUCT: AT_ONCE,
        Kind.NOTE: AT_ONCE,
        Kind.TIMETABLE: AT_ONCE,
        Kind.HOMEWORK: EACH_WEEK,
        Kind.SUMMARY: EACH_WEEK,
    },
    Profile.PUPIL: {
        Kind.HOMEWORK: IN_THE_ENT,
        Kind.TIMETABLE: IN_THE_ENT,
        Kind.NOTE: IN_THE_ENT,
        Kind.ABSENCE: IN_THE_ENT,
        Kind.ANSWER: IN_THE_ENT,
        Kind.CONDUCT: IN_THE_ENT,
    },
    Profile.STAFF: {
        Kind.WORK: Ways(by_email=True, rhythm=Rhythm.DAILY),
        Kind.TIMETABLE: AT_ONCE,
        Kind.ANSWER: AT_ONCE,
        Kind.NOTE: IN_THE_ENT,
    },
}


def default_of(profile: str, kind: str) -> Ways:
    """What holds without a choice."""
    return DEFAULTS[profile].get(kind, IN_THE_ENT)
