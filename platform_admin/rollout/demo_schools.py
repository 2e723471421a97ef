"""The other schools of the demonstration's academy: invented names, placed inside Auvergne."""

# ruff: noqa: SIM905 (invented, the same every time; word lists read better as text)
import random
from math import cos, pi, sin, sqrt

from ent.exchange.naming import subdomain
from tenants.models import UAI_LETTERS, Authority, School, SchoolKind

PLACES = [
    ("du Bois", "m"), ("du Pré", "m"), ("du Pont", "m"), ("du Val", "m"), ("du Mont", "m"), ("du Champ", "m"),
    ("du Moulin", "m"), ("du Clos", "m"), ("du Suc", "m"), ("de la Combe", "f"), ("de la Croix", "f"),
    ("de la Lande", "f"), ("de la Roche", "f"), ("de la Source", "f"), ("de la Vigne", "f"), ("de la Garde", "f"),
    ("de la Fontaine", "f"), ("de la Côte", "f"),
]  # fmt: skip
QUALITIES = """Clair:Claire Vert:Verte Noir:Noire Rond:Ronde Haut:Haute Neuf:Neuve Fleuri:Fleurie Doré:Dorée Gris:Grise
Long:Longue Bas:Basse Rouge:Rouge Sauvage:Sauvage Tranquille:Tranquille Perdu:Perdue Joli:Jolie""".split()
VILLAGES = """Saint-Aurin Montviel Vernolles Chassagnoux Saint-Ybard Rochecombe Belverne Saint-Maudan Prélune Sauvagny
Fontclaire Saint-Orpin""".split()
# Of each département: its middle, its half-width and half-height in degrees (kept well inside), a river, towns.
DEPARTEMENTS = {
    "03": (46.37, 3.15, 0.20, 0.48, "sur-Bouble",
           [("Moulins", 46.565, 3.333), ("Vichy", 46.127, 3.426), ("Montluçon", 46.340, 2.603),
            ("Gannat", 46.100, 3.198)]),
    "15": (45.05, 2.70, 0.22, 0.32, "sur-Jordanne",
           [("Aurillac", 44.926, 2.444), ("Saint-Flour", 45.034, 3.093), ("Mauriac", 45.218, 2.333)]),
    "43": (45.10, 3.80, 0.17, 0.38, "sur-Arzon",
           [("Le Puy-en-Velay", 45.043, 3.885), ("Yssingeaux", 45.143, 4.124), ("Brioude", 45.294, 3.384)]),
    "63": (45.72, 3.12, 0.28, 0.42, "sur-Morge",
           [("Clermont-Ferrand", 45.777, 3.087), ("Riom", 45.894, 3.113), ("Thiers", 45.856, 3.548),
            ("Issoire", 45.544, 3.249), ("Ambert", 45.549, 3.742), ("Cournon-d’Auvergne", 45.742, 3.197)]),
}  # fmt: skip
# Schools of each kind, by département: about what the academy has (collèges follow people, the rest the towns).
NUMBERS = {
    SchoolKind.COLLEGE: {"03": 44, "15": 24, "43": 32, "63": 82},
    SchoolKind.LYCEE_GT: {"03": 7, "15": 3, "43": 4, "63": 13},
    SchoolKind.LYCEE_POLY: {"03": 3, "15": 1, "43": 2, "63": 7},
    SchoolKind.LYCEE_PRO: {"03": 5, "15": 3, "43": 3, "63": 9},
    SchoolKind.LYCEE_AGRI: {"03": 3, "15": 2, "43": 3, "63": 6},
    SchoolKind.EREA: {"63": 1},
    SchoolKind.CFA: {"03": 2, "15": 1, "43": 2, "63": 3},
}
NAMED = {
    SchoolKind.COLLEGE: "Collège", SchoolKind.LYCEE_GT: "Lycée", SchoolKind.LYCEE_POLY: "Lycée polyvalent",
    SchoolKind.LYCEE_PRO: "Lycée professionnel", SchoolKind.LYCEE_AGRI: "Lycée agricole", SchoolKind.EREA: "EREA",
    SchoolKind.CFA: "Centre de formation d’apprentis",
}  # fmt: skip
HEADCOUNTS = {
    SchoolKind.COLLEGE: (140, 760), SchoolKind.LYCEE_GT: (420, 1_650), SchoolKind.LYCEE_POLY: (500, 1_400),
    SchoolKind.LYCEE_PRO: (180, 620), SchoolKind.LYCEE_AGRI: (110, 420), SchoolKind.EREA: (90, 130),
    SchoolKind.CFA: (150, 900),
}  # fmt: skip
# UAIs from here on, below 9000, are the demonstration's: real ones end far lower.
FIRST_NUMBER = 8_001


def register(chance: random.Random) -> list[School]:
    """Register the invented schools, once; and give those of the directory export a place on the map."""
    authorities = dict(Authority.objects.values_list("code", "pk"))
    taken = set(School.objects.values_list("subdomain", flat=True))
    names = [f"{place}-{quality.split(':')[sex == 'f']}" for place, sex in PLACES for quality in QUALITIES]
    chance.shuffle(names)
    numbers = dict.fromkeys(DEPARTEMENTS, FIRST_NUMBER)
    made = []
    for kind, by_departement in NUMBERS.items():
        for code, count in by_departement.items():
            for _ in range(count):
                name = f"{NAMED[kind]} {names[len(made)]}"
                digits = f"0{code}{numbers[code]:04}"
                numbers[code] += 1
                uai = digits + UAI_LETTERS[int(digits) % 23]
                town, latitude, longitude = _place(code, chance)
                address = subdomain(name, town, taken)
                taken.add(address)
                made.append(
                    School(
                        uai=uai, schema_name=f"e_{uai.lower()}", name=name, kind=kind, town=town, departement=code,
                        latitude=latitude, longitude=longitude, headcount=chance.randint(*HEADCOUNTS[kind]),
                        subdomain=address, is_public=chance.random() < 0.8,
                        authority_id=authorities[code if kind == SchoolKind.COLLEGE else "ARA"],
                    )
                )  # fmt: skip
    known = set(School.objects.filter(uai__in=[school.uai for school in made]).values_list("uai", flat=True))
    School.objects.bulk_create([school for school in made if school.uai not in known])
    unplaced = list(School.objects.filter(latitude=None, departement__in=DEPARTEMENTS))
    for school in unplaced:
        _, school.latitude, school.longitude = _place(school.departement, chance, school.town)
        school.headcount = school.headcount or chance.randint(*HEADCOUNTS.get(school.kind, (150, 600)))
    School.objects.bulk_update(unplaced, ["latitude", "longitude", "headcount"])
    return list(School.objects.filter(uai__in=[school.uai for school in made]))


def _place(code: str, chance: random.Random, town: str = "") -> tuple[str, float, float]:
    """A town of the département and a point in it: half of the schools in the real towns, the others in villages."""
    latitude, longitude, height, width, river, towns = DEPARTEMENTS[code]
    near = [place for place in towns if place[0] == town] or (towns if not town and chance.random() < 0.5 else [])
    if near:
        name, latitude, longitude = chance.choice(near)
        return name, round(latitude + chance.gauss(0, 0.012), 4), round(longitude + chance.gauss(0, 0.018), 4)
    turn, far = chance.uniform(0, 2 * pi), sqrt(chance.random())
    name = town or f"{chance.choice(VILLAGES)}-{river}"
    return name, round(latitude + height * far * sin(turn), 4), round(longitude + width * far * cos(turn), 4)
