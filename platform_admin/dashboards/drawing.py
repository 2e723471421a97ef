"""The map and the curves, worked out here and drawn by templates: plain SVG, with words beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import cos, radians

from django.conf import settings
from django.urls import reverse
from django.utils.dateformat import format as date_format

from platform_admin.dashboards.outlines import OUTLINES
from platform_admin.dashboards.queries import Cluster, Place
from tenants.models import School

# Above, schools are drawn by département: a page of 11,000 links would help nobody.
MOST_POINTS = 600
MAP_WIDTH = 600
MARGIN = 24
# Two points of the map are at least so far from each other, so that each can be clicked.
APART = 11


@dataclass(frozen=True)
class Look:
    """How one kind of point is drawn: its shape says what its colour says. Colours here are for paper."""

    key: str
    label: str
    shape: str
    colour: str


SHAPES = {
    "circle": "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
    "square": "M-4.5-4.5h9v9h-9z",
    "triangle": "M0-6l6 10h-12z",
    "diamond": "M0-6.5l6.5 6.5-6.5 6.5-6.5-6.5z",
    "cross": "M-5-3l2-2 3 3 3-3 2 2-3 3 3 3-2 2-3-3-3 3-2-2 3-3z",
    "ring": "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0z",
}
STATES = {
    School.State.OPEN: Look("open", "Ouvert", "circle", "#1b5334"),
    School.State.PROVISIONED: Look("provisioned", "Espace créé", "square", "#684900"),
    School.State.REGISTERED: Look("registered", "À venir", "ring", "#474e55"),
    School.State.SUSPENDED: Look("suspended", "Suspendu", "diamond", "#8f2a12"),
    School.State.CLOSED: Look("closed", "Fermé ou archivé", "cross", "#1d2329"),
    School.State.ARCHIVED: Look("closed", "Fermé ou archivé", "cross", "#1d2329"),
}
USES = (
    (50, Look("much", "La moitié des personnes ou plus", "circle", "#1b5334")),
    (20, Look("some", "De 20 à 49 % des personnes", "square", "#16496f")),
    (1, Look("little", "Moins de 20 % des personnes", "triangle", "#684900")),
    (0, Look("none", "Personne n’est venu", "diamond", "#8f2a12")),
)
UNKNOWN = Look("unknown", "Sans chiffre", "ring", "#474e55")
BY = {"state": "État", "use": "Usage de la semaine"}


def look_of(place: Place, by: str) -> Look:
    """How a school is drawn."""
    if by != "use":
        return STATES[School.State(place.state)]
    if place.use is None:
        return UNKNOWN
    return next(look for least, look in USES if place.use >= least)


@dataclass(frozen=True)
class Mark:
    """A point of the map."""

    x: float
    y: float
    title: str
    url: str
    radius: float = 0
    text: str = ""


@dataclass(frozen=True)
class Entry:
    """A line of the list beside the map."""

    name: str
    town: str
    label: str
    url: str
    key: str


@dataclass
class Layer:
    """Points that look alike."""

    look: Look
    marks: list[Mark] = field(default_factory=list)
    count: int = 0


@dataclass
class Map:
    """What the template draws, and the list that says the same."""

    width: int
    height: int
    outlines: list[dict]
    layers: list[Layer]
    entries: dict[str, list[Entry]]
    clusters: list[Mark] = field(default_factory=list)
    # Schools whose place is not known, or lies elsewhere.
    off: int = 0

    @property
    def shapes(self) -> list[tuple[str, str]]:
        """The shapes in use."""
        used = {layer.look.shape for layer in self.layers}
        return [(name, path) for name, path in SHAPES.items() if name in used]


class Projection:
    """Longitude and latitude on a sheet: equirectangular around the middle, good enough for a region."""

    def __init__(self, points: Sequence[tuple[float, float]]):
        longitudes, latitudes = [lon for lon, _ in points], [lat for _, lat in points]
        self.west, self.north = min(longitudes), max(latitudes)
        self.east, self.south = max(longitudes), min(latitudes)
        self.narrowing = cos(radians((self.north + self.south) / 2))
        across = max((self.east - self.west) * self.narrowing, 0.01)
        self.scale = (MAP_WIDTH - 2 * MARGIN) / across
        self.height = round((self.north - self.south) * self.scale + 2 * MARGIN)

    def at(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Where a place is drawn."""
        x = MARGIN + (longitude - self.west) * self.narrowing * self.scale
        return round(x, 1), round(MARGIN + (self.north - latitude) * self.scale, 1)

    def holds(self, longitude: float | None, latitude: float | None) -> bool:
        """Whether a place is on the sheet."""
        if longitude is None or latitude is None:
            return False
        edge = MARGIN / self.scale
        inside = self.west - edge <= longitude <= self.east + edge
        return inside and self.south - edge <= latitude <= self.north + edge


def _sheet(departements: set[str]) -> tuple[Projection, list[dict]]:
    framed = [code for code in OUTLINES if code in departements] or list(OUTLINES)
    projection = Projection([point for code in framed for point in OUTLINES[code][1]])
    outlines = []
    for code in framed:
        name, ring = OUTLINES[code]
        drawn = [projection.at(*point) for point in ring]
        middle = (min(x for x, _ in drawn) + max(x for x, _ in drawn)) / 2
        low = (min(y for _, y in drawn) + max(y for _, y in drawn)) / 2
        path = "M" + "L".join(f"{x:g} {y:g}" for x, y in drawn) + "z"
        outlines.append({"name": name, "path": path, "x": round(middle), "y": round(low)})
    return projection, outlines


def draw_map(places: list[Place], by: str = "state") -> Map:
    """Every school as a point, and in a list by département."""
    projection, outlines = _sheet({place.departement for place in places})
    layers: dict[str, Layer] = {}
    entries: dict[str, list[Entry]] = {}
    taken: set[tuple[int, int]] = set()
    off = 0
    for place in places:
        look = look_of(place, by)
        layer = layers.setdefault(look.key, Layer(look))
        layer.count += 1
        label = f"{place.use} %" if by == "use" and place.use is not None else look.label
        url = _address("console_school", place.uai)
        department = OUTLINES.get(place.departement, (f"Département {place.departement}",))[0]
        entries.setdefault(department, []).append(Entry(place.name, place.town, label, url, look.key))
        if not projection.holds(place.longitude, place.latitude):
            off += 1
            continue
        x, y = _free(*projection.at(place.longitude, place.latitude), taken)
        layer.marks.append(Mark(x, y, f"{place.name}, {place.town} : {label.lower()}", url))
    order = [look.key for look in (*STATES.values(), *(look for _, look in USES), UNKNOWN)]
    shown = sorted(layers.values(), key=lambda layer: order.index(layer.look.key))
    return Map(MAP_WIDTH, projection.height, outlines, shown, entries, off=off)


def draw_clusters(clusters: list[Cluster]) -> Map:
    """Schools by département, as discs that bear their number."""
    known = [(one.longitude, one.latitude) for one in clusters]
    placed = [(x, y) for x, y in known if x is not None and y is not None]
    projection, outlines = _sheet({one.departement for one in clusters})
    if any(one.departement not in OUTLINES for one in clusters):
        # Beyond the académie: mainland France, so that overseas départements do not shrink it to a dot.
        near = [(x, y) for x, y in placed if 41 < y < 52 and -6 < x < 10]
        projection, outlines = Projection(near), []
    most = max((one.schools for one in clusters), default=1)
    marks, off = [], 0
    for one in clusters:
        if one.longitude is None or one.latitude is None or not projection.holds(one.longitude, one.latitude):
            off += one.schools
        else:
            x, y = projection.at(one.longitude, one.latitude)
            title = f"{_department(one.departement)} : {one.schools} établissements, {one.open} ouverts"
            marks.append(
                Mark(x, y, title, _list_of(one), round(9 + 12 * (one.schools / most) ** 0.5, 1), str(one.schools))
            )
    entries = {
        "": [
            Entry(
                _department(one.departement), "", f"{one.schools} établissements, {one.open} ouverts", _list_of(one), ""
            )
            for one in clusters
        ]
    }
    return Map(MAP_WIDTH, projection.height, outlines, [], entries, clusters=marks, off=off)


def _address(name: str, *args: str) -> str:
    """An address of the console, from a background job too."""
    return reverse(name, urlconf=settings.PUBLIC_SCHEMA_URLCONF, args=args)


def _department(code: str) -> str:
    return OUTLINES[code][0] if code in OUTLINES else f"Département {code or 'inconnu'}"


def _list_of(cluster: Cluster) -> str:
    return f"{_address('console')}?departement={cluster.departement}"


def _free(x: float, y: float, taken: set[tuple[int, int]]) -> tuple[float, float]:
    """The nearest free place: points in the same town are set side by side."""
    column, row = round(x / APART), round(y / APART)
    if (column, row) not in taken:
        taken.add((column, row))
        return x, y
    ring = 1
    while True:
        around = [
            (column + dx, row + dy)
            for dx in range(-ring, ring + 1)
            for dy in range(-ring, ring + 1)
            if max(abs(dx), abs(dy)) == ring and (column + dx, row + dy) not in taken
        ]
        if around:
            place = min(around, key=lambda one: ((one[0] * APART - x) ** 2 + (one[1] * APART - y) ** 2, one))
            taken.add(place)
            return float(place[0] * APART), float(place[1] * APART)
        ring += 1


# --- curves ------------------------------------------------------------------------------------------------------
CHART_WIDTH, CHART_HEIGHT = 640, 240
LEFT, RIGHT, TOP, BOTTOM = 56, 20, 12, 28
# On paper, lines bear their names, in the margin.
NAMES = 150
LINE_APART = 17
COLOURS = ("#16496f", "#1b5334", "#8f2a12", "#684900", "#5d2a5f", "#1d2329")
DASHES = ("", "8 4", "2 4", "10 3 2 3", "5 5", "1 3")


@dataclass
class Line:
    """A curve: a name, a value for each day (None: nothing known, or not told), and how it is drawn."""

    label: str
    values: dict[date, float | None]
    number: int = 0
    pieces: list[str] = field(default_factory=list)
    end_x: float = 0
    end_y: float = 0
    label_y: float = 0

    @property
    def colour(self) -> str:
        """On paper."""
        return COLOURS[self.number % len(COLOURS)]

    @property
    def dash(self) -> str:
        """Told apart without colour."""
        return DASHES[self.number % len(DASHES)]


@dataclass
class Chart:
    """Curves over the same days, their axes, and the table that says the same."""

    title: str
    unit: str
    days: list[date]
    lines: list[Line]
    highest: float
    steps: list[tuple[float, str]] = field(default_factory=list)
    ticks: list[tuple[float, str]] = field(default_factory=list)
    width: int = CHART_WIDTH
    height: int = CHART_HEIGHT
    left: int = LEFT
    right: int = CHART_WIDTH - RIGHT
    bottom: int = CHART_HEIGHT - BOTTOM

    def table(self, most: int = 27) -> list[tuple[date, list[float | None]]]:
        """Rows for those who read the figures: at most so many, evenly chosen, the last day among them."""
        step = max(1, -(-len(self.days) // most))
        chosen = self.days[::-1][::step]
        return [(day, [line.values.get(day) for line in self.lines]) for day in chosen]

    @property
    def rows(self) -> list[tuple[date, list[float | None]]]:
        """Every day, for a spreadsheet."""
        return [(day, [line.values.get(day) for line in self.lines]) for day in self.days]


def draw_chart(
    title: str, lines: list[Line], days: list[date], unit: str = "%", highest: float | None = None, margin: int = RIGHT
) -> Chart:
    """Work out the curves of these lines."""
    lines = [line for line in lines if any(value is not None for value in line.values.values())]
    known = [value for line in lines for value in line.values.values() if value is not None]
    highest = highest or _round_above(max(known, default=1))
    right, bottom = CHART_WIDTH - margin, CHART_HEIGHT - BOTTOM
    chart = Chart(title, unit, days, lines, highest, right=right)
    if not days or not lines:
        return chart
    first, span = days[0], max((days[-1] - days[0]).days, 1)

    def x(day: date) -> float:
        return round(LEFT + (right - LEFT) * (day - first).days / span, 1)

    def y(value: float) -> float:
        return round(bottom - (bottom - TOP) * min(value / highest, 1), 1)

    chart.steps = [(y(highest * part / 4), f"{highest * part / 4:g}".replace(".", ",")) for part in range(5)]
    chart.ticks = [(x(day), label) for day, label in _ticks(days[0], days[-1])]
    for number, line in enumerate(lines):
        line.number = number
        piece: list[str] = []
        for day in days:
            value = line.values.get(day)
            if value is None:
                line.pieces += [" ".join(piece)] if piece else []
                piece = []
                continue
            piece.append(f"{x(day):g},{y(value):g}")
            line.end_x, line.end_y = x(day), y(value)
        line.pieces += [" ".join(piece)] if piece else []
    _label(lines, bottom)
    return chart


def _label(lines: list[Line], bottom: float) -> None:
    """Names stand at the end of their lines, none over another."""
    order = sorted(lines, key=lambda line: line.end_y)
    lowest = TOP - LINE_APART / 2
    for line in order:
        line.label_y = lowest = max(line.end_y + 5, lowest + LINE_APART)
    over = max(0.0, (order[-1].label_y if order else 0) - bottom)
    for line in order:
        line.label_y = round(line.label_y - over, 1)


def _round_above(value: float) -> float:
    """A round number not below the value, that four steps divide well."""
    step = 1.0
    while True:
        for factor in (1, 2, 4, 8):
            if step * factor >= value:
                return step * factor
        step *= 10


def _ticks(first: date, last: date) -> list[tuple[date, str]]:
    """Where the axis of days bears a name: months of the school year, or Mondays over some weeks."""
    if (last - first).days <= 62:
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        return [(day, date_format(day, "j b")) for day in days if day.weekday() == 0]
    months = (1, 4, 9) if (last - first).days > 250 else range(1, 13)
    found = []
    for year in range(first.year, last.year + 1):
        for month in months:
            day = date(year, month, 1)
            if first <= day <= last:
                found.append((day, date_format(day, "b Y" if month == 1 else "b")))
    return found
