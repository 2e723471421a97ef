"""The demonstration's plan at today's date: pilot open since spring, first wave in every state, the rest planned."""

# ruff: noqa: S311 (invented, the same every time)
import random
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

import typst
from django.core.files.base import ContentFile
from django.utils import timezone

from platform_admin.rollout import demo_exports, predictions
from platform_admin.rollout.demo_schools import register
from platform_admin.rollout.models import (
    PLATFORM,
    Agreement,
    Deployment,
    Job,
    Launch,
    Move,
    Step,
    StepRecord,
    Wave,
)  # fmt: skip
from tenants.liaison.models import Seats, Training
from tenants.models import Authority, School, SchoolKind
from tenants.provisioning import provision

SEED = 2026
ACADEMY, REGION = "Agent de l’académie", "Agent de la région"
A, N, S, D, T, L, O = Step.values  # noqa: E741
# The first wave: how many schools have done what; the rest of what can be said of them beside.
WAVE_2 = [
    (8, (A, N, S, D, T, L, O), "open"),
    (1, (A, N, S, D, T, L, O), "suspended"),
    (3, (A, N, S, D, T, L), ""),
    (3, (A, N, S, D, T), ""),
    (3, (A, N, S, D, L), ""),
    (4, (A, N, S), "failed"),
    (10, (A, N), ""),
    (7, (A,), ""),
    (6, (N,), ""),
    (2, (), ""),
    (1, (A,), "postponed"),
]
FAILURES = [
    "Le fichier ENT_Complet_Eleve_0000.xml est coupé à la ligne 18 204 : demandez un nouvel export.",
    "L’export ne contient aucun élève de cet établissement.",
    "Deux structures portent le même UAI dans l’export : gardez la bonne.",
    "Le fichier ENT_Complet_PersEducNat_0000.xml n’est pas lisible : demandez un nouvel export.",
]
# Days a step takes: usual, and how much that varies.
USUAL = {A: (24, 9), N: (31, 13), S: (1, 0.6), D: (2, 1.5), T: (12, 5), L: (5, 2)}


def dates(wave: Wave) -> tuple[date, date]:
    """When a wave begins and opens: in the demonstration all have both."""
    if wave.starts_on is None or wave.opens_on is None:
        raise ValueError(wave.name)
    return wave.starts_on, wave.opens_on


class Plan:
    """What is written at the end, table by table."""

    def __init__(self, chance: random.Random, today: date):
        self.chance, self.today = chance, today
        self.deployments: list[Deployment] = []
        self.records: list[StepRecord] = []
        self.moves: list[Move] = []
        self.agreements: list[Agreement] = []

    def at(self, day: date, hour: int = 0) -> datetime:
        """A moment of a day, in working hours, never to come."""
        moment = time(hour or self.chance.randint(8, 16), self.chance.randint(0, 59))
        return min(datetime.combine(day, moment, timezone.get_current_timezone()), timezone.now())

    def move(self, school: School, kind: str, day: date, author: str = ACADEMY, **values) -> None:
        """Something became of a school."""
        self.moves.append(Move(school=school, kind=kind, at=self.at(day), author=author, **values))

    def place(self, school: School, wave: Wave, day: date, opens_on: date | None = None) -> Deployment:
        """A school in a wave."""
        deployment = Deployment(school=school, wave=wave, opens_on=opens_on)
        self.deployments.append(deployment)
        self.move(school, Move.Kind.PLACED, day, after=wave.name)
        return deployment

    def walk(self, deployment: Deployment, steps: Iterable[str], began: date) -> dict[str, date]:
        """Do some steps, each some days after what it needs; the last ones fall before today."""
        done: dict[str, date] = {}
        _, opens = dates(deployment.wave)
        is_early = opens > self.today
        for step in steps:
            if step == O:
                continue
            needs = {A: (), N: (), S: (A, N), D: (S,), T: (D,), L: (D,)}[step]
            since = max((done[need] for need in needs), default=began)
            usual, varies = USUAL[step]
            days = max(0, round(self.chance.gauss(usual, varies)))
            done[step] = min(since + timedelta(days=days), self.today - timedelta(days=1))
        if O in steps:
            ready = max(done.values())
            done[O] = max(ready, opens) if not is_early else ready
        for step, day in done.items():
            author = PLATFORM if step in (S, D, O) else ACADEMY
            note = "Ouvert avant les autres, à sa demande." if step == O and is_early else ""
            if step == N:
                note = self.chance.choice(["", "Fibre raccordée.", "Bornes Wi-Fi posées.", "Débit vérifié sur place."])
            self.records.append(
                StepRecord(deployment=deployment, step=step, done_on=day, at=self.at(day), author=author, note=note)
            )
            if step != O:
                self.move(deployment.school, Move.Kind.STEP_DONE, day, author, after=str(Step(step).label))
            if step == A:
                self.agreements.append(
                    Agreement(
                        authority_id=deployment.school.authority_id, school=deployment.school, signed_on=day,
                        expires_on=day + timedelta(days=3 * 365), author=author,
                    )
                )  # fmt: skip
        if O in done:
            author = ACADEMY if is_early else PLATFORM
            self.move(deployment.school, Move.Kind.OPENED, done[O], author, before="Espace créé", after="Ouvert")
        return done

    def write(self) -> None:
        """All of it."""
        Deployment.objects.bulk_create(self.deployments)
        StepRecord.objects.bulk_create(self.records)
        Move.objects.bulk_create(self.moves)
        Agreement.objects.bulk_create(self.agreements)


def build(today: date | None = None) -> None:
    """Register the invented schools and write the plan, once."""
    if Deployment.objects.exists():
        return
    today = today or timezone.localdate()
    chance = random.Random(SEED)
    pilots = list(School.objects.filter(revision__isnull=False).order_by("uai"))
    invented = register(chance)
    waves = _waves(today)
    plan = Plan(chance, today)
    _frameworks(today)
    began, pilot_opened = dates(waves["Pilote"])
    for school in pilots:
        plan.walk(plan.place(school, waves["Pilote"], began - timedelta(days=20)), (A, N, S, D, T, L, O), began)
    secondary = [school for school in invented if school.kind not in (SchoolKind.LYCEE_AGRI, SchoolKind.CFA)]
    chance.shuffle(secondary)
    # The last six are left for the academy to place.
    second, later = secondary[:48], secondary[48:-6]
    failed = _first_wave(plan, waves["Première vague"], second)
    for school in later:
        deployment = plan.place(school, waves["Toute l’académie"], today - timedelta(days=40))
        if chance.random() < 0.15:
            plan.walk(deployment, chance.choice([(A,), (N,), (A, N)]), today - timedelta(days=50))
    for kind, name in ((SchoolKind.LYCEE_AGRI, "Lycées agricoles"), (SchoolKind.CFA, "Centres d’apprentissage")):
        for school in invented:
            if school.kind == kind:
                plan.place(school, waves[name], today - timedelta(days=30))
    plan.write()
    _launch(waves["Première vague"], plan, failed, today)
    _endings(plan, today)
    _training(chance, today, pilot_opened, pilots, second)
    predictions.refresh()
    demo_exports.write(waves["Première vague"])


def _waves(today: date) -> dict[str, Wave]:
    """The five waves, dated: pilot last spring, the first one opening next month, the others after it."""
    spring = date(today.year if today >= date(today.year, 5, 15) else today.year - 1, 4, 7)
    autumn = date(today.year if today >= date(today.year, 10, 15) else today.year - 1, 9, 7)
    opens = _weekday(max(today + timedelta(days=26), autumn + timedelta(days=75)))
    planned = {
        "Pilote": (spring - timedelta(days=95), spring),
        "Première vague": (autumn, opens),
        "Toute l’académie": (_weekday(opens + timedelta(days=25)), _weekday(opens + timedelta(days=255))),
        "Lycées agricoles": (_weekday(opens + timedelta(days=200)), _weekday(opens + timedelta(days=330))),
        "Centres d’apprentissage": (_weekday(opens + timedelta(days=330)), _weekday(opens + timedelta(days=430))),
    }
    found = {}
    for name, (starts, opened) in planned.items():
        wave = Wave.objects.filter(name=name).first() or Wave(name=name, number=len(found) + 1)
        wave.starts_on, wave.opens_on = starts, opened
        wave.save()
        found[name] = wave
    return found


def _weekday(day: date) -> date:
    return day + timedelta(days=7 - day.weekday()) if day.weekday() > 4 else day


def _first_wave(plan: Plan, wave: Wave, schools: list[School]) -> list[School]:
    """The forty-eight, in every state; returns those whose launch failed."""
    failed, rest = [], iter(schools)
    began, opens = dates(wave)
    for count, steps, how in WAVE_2:
        for _ in range(count):
            school = next(rest)
            later = opens + timedelta(days=56) if how == "postponed" else None
            deployment = plan.place(school, wave, began - timedelta(days=30), later)
            plan.walk(deployment, steps, began)
            if S in steps:
                provision(school, opened=how == "open")
            if how == "suspended":
                School.objects.filter(pk=school.pk).update(state=School.State.SUSPENDED)
                plan.move(
                    school, Move.Kind.SUSPENDED, plan.today - timedelta(days=1), before="Ouvert", after="Suspendu",
                    note="Coupure du réseau pendant les travaux du bâtiment principal.",
                )  # fmt: skip
            elif how == "postponed":
                plan.move(
                    school, Move.Kind.POSTPONED, plan.today - timedelta(days=9), after=f"{later:%d/%m/%Y}",
                    note="Le raccordement à la fibre n’est annoncé que pour l’hiver.",
                )  # fmt: skip
            elif how == "failed":
                failed.append(school)
    return failed


def _launch(wave: Wave, plan: Plan, failed: list[School], today: date) -> None:
    """The launch that made the spaces there are: some schools failed."""
    began = plan.at(today - timedelta(days=6), 18)
    launch = Launch.objects.create(
        wave=wave, state=Launch.State.DONE, folder="imports/premiere-vague", started_at=began,
        ended_at=began + timedelta(minutes=4), author=ACADEMY,
    )  # fmt: skip
    launched = {
        record.deployment.school for record in plan.records if record.step == S and record.deployment.wave == wave
    }
    jobs = []
    for number, school in enumerate(sorted(launched, key=lambda one: one.name)):
        has_failed = school in failed
        jobs.append(
            Job(
                launch=launch, school=school, attempts=1, progress=40 if has_failed else 100,
                state=Job.State.FAILED if has_failed else Job.State.DONE,
                message=FAILURES[failed.index(school) % len(FAILURES)] if has_failed else "",
                started_at=began + timedelta(seconds=9 * number), ended_at=began + timedelta(seconds=9 * number + 8),
            )
        )  # fmt: skip
    Job.objects.bulk_create(jobs)


def _frameworks(today: date) -> None:
    """A framework agreement by collectivity: one about to end, one that has just ended."""
    ends = {"03": 45, "15": 800, "43": -20, "63": 650, "ARA": 1_020}
    for authority in Authority.objects.filter(code__in=ends):
        agreement = Agreement(
            authority=authority, signed_on=today + timedelta(days=ends[authority.code] - 3 * 365),
            expires_on=today + timedelta(days=ends[authority.code]), author=ACADEMY,
        )  # fmt: skip
        agreement.document.save(f"convention-cadre-{authority.code}.pdf", ContentFile(_pdf(str(authority))), save=False)
        agreement.save()


def _pdf(whose: str) -> bytes:
    """An example of a signed document."""
    text = f'#set text(lang: "fr")\n= Convention cadre\n{whose} – exemple de la démonstration, sans valeur.'
    return typst.compile(text.encode(), format="pdf", ignore_system_fonts=True)


def _endings(plan: Plan, today: date) -> None:
    """Two schools' agreements come to their end."""
    for days, agreement in zip((21, 52), plan.agreements[:2], strict=False):
        agreement.expires_on = today + timedelta(days=days)
        agreement.save(update_fields=["expires_on"])


def _training(
    chance: random.Random, today: date, pilot_opened: date, pilots: list[School], second: list[School]
) -> None:
    """Sessions past, with who came; sessions to come, one full, one cancelled."""
    zone = timezone.get_current_timezone()
    authorities = {authority.code: authority for authority in Authority.objects.all()}
    before_pilot = (pilot_opened - today).days - 50
    for days, title, place, code, seats, how in (
        (before_pilot, "Prendre en main l’administration", "Clermont-Ferrand, rectorat", "", 24, "pilots"),
        (-60, "Prendre en main l’administration", "Clermont-Ferrand, rectorat", "", 40, "second"),
        (-41, "Importer l’annuaire et imprimer les lettres", "Aurillac, hôtel du département", "15", 20, "second"),
        (-20, "Prendre en main l’administration", "Moulins, hôtel du département", "03", 24, "second"),
        (-6, "Importer l’annuaire et imprimer les lettres", "À distance", "", 60, "second"),
        (8, "Prendre en main l’administration", "Clermont-Ferrand, rectorat", "", 12, "full"),
        (15, "Importer l’annuaire et imprimer les lettres", "À distance", "", 60, "second"),
        (17, "Prendre en main l’administration", "Le Puy-en-Velay, hôtel du département", "43", 20, "second"),
        (23, "Accompagner les équipes", "Vichy, pôle universitaire", "03", 20, "cancelled"),
        (50, "Prendre en main l’administration", "Clermont-Ferrand, rectorat", "", 40, ""),
    ):
        begins = datetime.combine(_weekday(today + timedelta(days=days)), time(14), zone)
        training = Training.objects.create(
            authority=authorities.get(code), title=title, place=place, seats=seats, starts_at=begins,
            ends_at=begins + timedelta(hours=2, minutes=30),
            cancelled_at=timezone.now() - timedelta(days=2) if how == "cancelled" else None,
        )  # fmt: skip
        invited = pilots if how == "pilots" else [one for one in second if not code or one.departement == code]
        chance.shuffle(invited)
        left, rows = seats, []
        for school in invited[: 16 if how else 0]:
            taken = min(left, chance.choice([1, 2, 2, 2, 3]))
            if taken:
                came = max(0, taken - (chance.random() < 0.15)) if days < -10 else None
                rows.append(Seats(training=training, school=school, taken=taken, came=came))
                left -= taken
        if how == "full" and rows:
            rows[-1].taken += left
        Seats.objects.bulk_create(rows)
