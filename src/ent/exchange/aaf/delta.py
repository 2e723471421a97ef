"""A Delta: its few records are completed from what the schools kept, then staged like a Complet's."""

import json
from collections import defaultdict
from collections.abc import Callable

from django.db import connection

from ent.exchange.aaf.reader import Export, Record, kinships
from ent.exchange.aaf.staging import Staging
from tenants.context import inside_as_owner
from tenants.models import School

PEOPLE = ("staff", "relative", "pupil")
DONE = {"add": "added", "modify": "changed", "delete": "removed"}
Who = tuple[str, str]


def stage(staging: Staging, export: Export, progress: Callable[[str], None]) -> None:
    """Stage the people a Delta adds or modifies, and mark whoever it touches in each school."""
    schema = staging.schema
    staging.requests = dict.fromkeys((*DONE.values(), "unknown"), 0)
    for category in ("subject", "programme"):
        for record in export.records(category):
            if record.operation != "delete":
                staging.add(record)
    progress("Lecture des modifications")
    records: dict[Who, Record] = {
        (record.category, record.id[:40]): record for category in PEOPLE for record in export.records(category)
    }
    numbers = {s.school_pk: s.number for s in staging.structures.values() if s.wanted and s.school_pk is not None}
    schools = list(School.objects.filter(pk__in=numbers, revision__isnull=False))
    progress("Recherche des personnes connues")
    known: dict[Who, dict[int, dict]] = defaultdict(dict)
    family: dict[Who, set[int]] = defaultdict(set)
    for school in schools:
        _look_up(school, numbers[school.pk], list(records), known, family)
    complete: dict[Who, Record] = {}
    for who, record in records.items():
        stored = next(iter(known[who].values()), None) if who in known else None
        staging.requests["unknown" if stored is None and record.operation != "add" else DONE[record.operation]] += 1
        if record.operation == "add":
            if stored is not None:
                staging.findings.note(
                    record.file, record.id, "replaced", "Ajout d'une personne déjà connue : remplacée."
                )
            complete[who] = record
        elif stored is None:
            what = "Modification" if record.operation == "modify" else "Suppression"
            staging.note(record, "unknown", f"{what} d'une personne inconnue : sans effet.")
        elif record.operation == "modify":
            complete[who] = Record("modify", record.category, record.id, stored | record.attributes, record.file)
    _complete_families(schools, numbers, records, complete, known, family)
    touched: set[tuple[int, str, str]] = set()
    for record in complete.values():
        staging.add(record)
    for who in {*complete, *(who for who, record in records.items() if who in known)}:
        touched |= {(number, *who) for number in known.get(who, ())}
    touched |= {(number, *who) for who, numbers_there in family.items() for number in numbers_there}
    staging.flush()
    for row in touched:
        staging.rows["touched"].append(row)
    staging.flush()
    with connection.cursor() as cursor:
        # Whoever has a place is touched there; relatives keep theirs while a child untouched by the Delta stays.
        cursor.execute(
            f"INSERT INTO {schema}.touched SELECT school, category, key FROM {schema}.place UNION "
            f"SELECT l.school, 'relative', l.relative FROM {schema}.link l WHERE l.school IS NOT NULL "
            f"EXCEPT SELECT * FROM {schema}.touched"
        )
    for school in schools:
        _keep_relatives(staging.schema, school, numbers[school.pk])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT school FROM {schema}.touched")
        staging.concerned = {row[0] for row in cursor.fetchall()}


def _look_up(school, number: int, wanted: list[Who], known, family) -> None:
    """Stored attributes of these people here, and the relatives of those among them who are pupils."""
    categories, keys = [category for category, _ in wanted], [key for _, key in wanted]
    pupils = [key for category, key in wanted if category == "pupil"]
    with inside_as_owner(school), connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.category, r.key, r.attributes::text FROM aaf_directoryrecord r JOIN people_person p ON "
            "p.profile = r.category AND p.directory_key = r.key AND p.closed_at IS NULL "
            "WHERE (r.category, r.key) IN (SELECT * FROM unnest(%s::text[], %s::text[]))",
            [categories, keys],
        )
        for category, key, attributes in cursor.fetchall():
            known[category, key][number] = json.loads(attributes)
        cursor.execute(
            "SELECT DISTINCT r.directory_key FROM people_guardianship g JOIN people_person p ON p.id = g.pupil_id "
            "JOIN people_person r ON r.id = g.relative_id WHERE g.closed_at IS NULL AND p.profile = 'pupil' "
            "AND p.directory_key = ANY(%s)",
            [pupils],
        )
        for (key,) in cursor.fetchall():
            family["relative", key].add(number)


def _complete_families(schools, numbers, records, complete, known, family) -> None:
    """Relatives of touched pupils that the Delta does not mention are read from the schools that know them."""
    named = {
        ("relative", link.relative_id[:40])
        for (category, _), record in complete.items() if category == "pupil"
        for link in kinships(record.attributes)[0]
    }  # fmt: skip
    missing = [who for who in named | set(family) if who not in records]
    for school in schools if missing else []:
        _look_up(school, numbers[school.pk], missing, known, defaultdict(set))
    for who in missing:
        if who in known:
            category, key = who
            complete[who] = Record("modify", category, key, next(iter(known[who].values())), "")


def _keep_relatives(schema: str, school, number: int) -> None:
    """Relatives touched by the Delta keep the place and the rights they have by a pupil it does not touch."""
    kept = (
        "FROM people_guardianship g JOIN people_person r ON r.id = g.relative_id AND r.profile = 'relative' "
        "JOIN people_person p ON p.id = g.pupil_id AND p.closed_at IS NULL "
        f"JOIN {schema}.touched t ON t.school = {number} AND t.category = 'relative' AND t.key = r.directory_key "
        f"JOIN {schema}.person s ON s.category = 'relative' AND s.key = r.directory_key "
        "WHERE g.closed_at IS NULL AND NOT EXISTS (SELECT FROM "
        f"{schema}.touched u WHERE u.school = {number} AND u.category = 'pupil' AND u.key = p.directory_key)"
    )
    with inside_as_owner(school), connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {schema}.place SELECT DISTINCT {number}, 'relative', r.directory_key {kept}")
        cursor.execute(
            f"INSERT INTO {schema}.entitled SELECT DISTINCT {number}, r.directory_key {kept} AND g.legal_rank > 0"
        )
