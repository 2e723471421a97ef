"""How well the service will work over a school's connection, and why."""

import math
from dataclasses import dataclass

from django.db import models

from tenants.liaison.models import Connectivity, SpeedTest
from tenants.models import School

# Each bound below is the connection needed, per pupil, for what pages weigh (at most 60 kB to sign in and find one's
# home, 12 kB for any later page) to come in one second while one pupil in twenty asks for a page at that moment.
AT_ONCE = 1 / 20
_FIRST_PAGES_MBIT, _PAGE_MBIT = 60 * 8 / 1000, 12 * 8 / 1000
FAIR_MBPS_PER_PUPIL = _FIRST_PAGES_MBIT * AT_ONCE  # 0.024: first pages in a second
SLOW_MBPS_PER_PUPIL = _PAGE_MBIT * AT_ONCE  # 0.0048: a later page in a second, the first ones in five
# Short-term target for schools' connections: 100 Mbit/s per 1,000 pupils (SETDA, "The Broadband Imperative", 2012).
COMFORTABLE_MBPS_PER_PUPIL = 0.1
# A first page takes about four round trips (name, connection, page, styles): one second is gone at 250 ms each
# (a satellite in low orbit or a busy radio link), more than two at 600 ms (a geostationary satellite).
LONG_LATENCY_MS, VERY_LONG_LATENCY_MS = 250, 600
# Of a school whose headcount is not known: about the academy's mean.
USUAL_HEADCOUNT = 400


class Level(models.IntegerChoices):
    """How the service will be felt, from best to worst."""

    COMFORTABLE = 1, "Confortable"
    FAIR = 2, "Correct"
    SLOW = 3, "Lent"
    VERY_SLOW = 4, "Très lent"


@dataclass(frozen=True)
class Expected:
    """What to expect of a connection; `level` is None where nothing is known of it."""

    level: Level | None
    reasons: tuple[str, ...]

    @property
    def is_slow(self) -> bool:
        """Whether the light pages are worth proposing."""
        return self.level is not None and self.level >= Level.SLOW


def expected(
    down_mbps: float | None, pupils: int | None, latency_ms: float | None = None, is_white_zone: bool = False
) -> Expected:
    """How the service will be over a connection: the worst of what its speed, its latency and its zone allow.

    Speed counts per pupil, against the bounds above. A latency of 250 ms allows « correct » at best, of 600 ms
    « lent ». In a white zone pupils have no network of their own: « lent » at best, whatever the school's line.
    """
    found: list[tuple[Level, str]] = []
    if down_mbps is not None:
        found.append(_by_speed(down_mbps, pupils))
    if latency_ms is not None and latency_ms >= LONG_LATENCY_MS:
        level = Level.SLOW if latency_ms >= VERY_LONG_LATENCY_MS else Level.FAIR
        found.append((level, f"chaque échange attend {french(latency_ms)} ms"))
    if is_white_zone:
        found.append((Level.SLOW, "commune en zone blanche"))
    if not found:
        return Expected(None, ("aucun débit déclaré ni mesuré",))
    worst = max(level for level, _ in found)
    # What explains the level; for a good one, the speed that makes it.
    return Expected(worst, tuple(reason for level, reason in found if level == worst))


def expected_at(school: School) -> Expected:
    """What to expect at a school: by its last test, else by what is declared. Two queries."""
    return expected_of(
        school, Connectivity.objects.filter(school=school).first(), SpeedTest.objects.filter(school=school).first()
    )


def expected_of(school: School, connectivity: Connectivity | None, test: SpeedTest | None) -> Expected:
    """What to expect at a school of which this is declared and that was measured last."""
    declared = connectivity.down_mbps if connectivity else None
    return expected(
        test.down_mbps if test else declared,
        school.headcount,
        test.latency_ms if test else None,
        bool(connectivity and connectivity.is_white_zone),
    )


def _by_speed(down_mbps: float, pupils: int | None) -> tuple[Level, str]:
    share = down_mbps / (pupils or USUAL_HEADCOUNT)
    counted = "" if pupils else f" (effectif inconnu, compté à {USUAL_HEADCOUNT})"
    reason = f"{french(share * 1000)} kbit/s par élève{counted}"
    if share >= COMFORTABLE_MBPS_PER_PUPIL:
        return Level.COMFORTABLE, reason
    if share >= FAIR_MBPS_PER_PUPIL:
        return Level.FAIR, reason
    return (Level.SLOW if share >= SLOW_MBPS_PER_PUPIL else Level.VERY_SLOW), reason


def french(value: float) -> str:
    """A measure as people read it: « 0,5 », « 12 », « 1 250 »."""
    if not math.isfinite(value):
        return "–"
    shown = f"{value:,.1f}" if abs(value) < 100 and round(value, 1) != round(value) else f"{value:,.0f}"
    return shown.replace(",", " ").replace(".", ",")
