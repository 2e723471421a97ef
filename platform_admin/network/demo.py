"""Believable connections: fibre in towns, copper and radio in villages, white zones in the mountains."""

import random
from datetime import timedelta

from django.utils import timezone

from ent.exchange.connectivity.importer import declare
from tenants.liaison.models import Connectivity, SpeedTest
from tenants.models import School

# Départements of the Massif central's heights, where more schools are far from everything.
HEIGHTS = ("15", "43")
Technology = Connectivity.Technology
# (technology, Mbit/s down, Mbit/s up, how likely in a plain and in the heights)
LINES = [
    (Technology.FIBRE, (100, 1000), 0.5, 70, 35),
    (Technology.VDSL, (30, 60), 0.2, 10, 12),
    (Technology.ADSL, (4, 16), 0.1, 10, 23),
    (Technology.MOBILE, (20, 80), 0.2, 4, 8),
    (Technology.RADIO, (10, 30), 0.15, 4, 14),
    (Technology.SATELLITE, (20, 40), 0.1, 2, 8),
]
# Way there and back of each kind of line, in ms.
LATENCY = {Technology.FIBRE: 9, Technology.VDSL: 24, Technology.ADSL: 45, Technology.MOBILE: 55, Technology.RADIO: 70,
           Technology.SATELLITE: 620}  # fmt: skip
POOR = (Technology.ADSL, Technology.RADIO, Technology.SATELLITE)


def build() -> None:
    """A connection for every school, and measures for those that are open; a second time changes nothing."""
    if Connectivity.objects.exists():
        return
    connections, tests = [], []
    for school in School.objects.order_by("uai"):
        # The same academy every time, whatever the order in which schools were registered.
        chance = random.Random(school.uai)  # noqa: S311
        connection = _connection(school, chance)
        connections.append(connection)
        if school.state == School.State.OPEN or chance.random() < 0.15:
            tests += _tests(school, connection, chance)
    declare(connections, author="Relevé des collectivités")
    SpeedTest.objects.bulk_create(tests)


def _connection(school: School, chance: random.Random) -> Connectivity:
    high = school.departement in HEIGHTS
    # Of the few open schools, those of the heights show what a poor network is.
    lines = LINES[2:] if high and school.state == School.State.OPEN else LINES
    line = chance.choices(lines, weights=[line[4] if high else line[3] for line in lines])[0]
    technology, (least, most), up, *_ = line
    down = float(round(chance.uniform(least, most)))
    return Connectivity(
        school=school,
        technology=technology,
        down_mbps=down,
        up_mbps=round(max(down * up, 1), 1),
        is_white_zone=technology in POOR and chance.random() < (0.5 if high else 0.1),
        declared_on=timezone.localdate() - timedelta(days=chance.randrange(20, 200)),
    )


def _tests(school: School, connection: Connectivity, chance: random.Random) -> list[SpeedTest]:
    """Two to five measures of the past two months, below what is declared, as they are."""
    return [
        SpeedTest(
            school=school,
            at=timezone.now() - timedelta(days=12 * number + chance.random() * 10),
            down_mbps=round((connection.down_mbps or 1) * chance.uniform(0.45, 0.95), 1),
            up_mbps=round((connection.up_mbps or 1) * chance.uniform(0.5, 0.95), 2),
            latency_ms=round(LATENCY[Technology(connection.technology)] * chance.uniform(0.9, 1.8), 1),
        )
        for number in range(chance.randint(2, 5))
    ]
