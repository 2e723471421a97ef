"""What an export says, copied into unlogged tables of their own schema: nothing of a school is touched yet."""

from collections.abc import Callable, Iterable
from uuid import UUID

from django.db import connection

from ent.exchange.aaf.reader import Export, Record
from ent.exchange.aaf.reading import BATCH, read_apart
from ent.exchange.aaf.rows import Rows, Structure

TABLES = {
    "person": "category text, key text, file text, hash bigint, last_name text, first_name text, sort_key text, "
    "base text, title text, birth_date date, directory_email text, home_phone text, work_phone text, "
    "mobile_phone text, address text, postal_code text, town text, country text, address_is_shared boolean, "
    "attributes jsonb",
    "place": "school int, category text, key text",
    "pupil": "key text, ine text, school_number text, mef text, boarding_scheme text, has_scholarship boolean, "
    "uses_transport boolean",
    "enrolment": "school int, key text, code text, starts_on date",
    "group_enrolment": "school int, key text, code text",
    "link": "school int, pupil text, relative text, kinship text, legal_rank int, pays_fees boolean, "
    "is_contact boolean, is_paid boolean, contact_order int, file text",
    "function": "school int, key text, function text, label text",
    "teaching": "school int, key text, subject text, division text, grp text",
    "tutor": "school int, key text, division text",
    "division": "school int, code text, label text",
    "grp": "school int, code text, label text",
    "grp_division": "school int, grp text, division text",
    "subject": "code text, label text",
    "programme": "code text, label text",
    # Filled by SQL, or by a Delta.
    "touched": "school int, category text, key text",
    # Relatives with legal authority over a pupil of the school.
    "entitled": "school int, key text",
    # What became of each person and account, school by school: the totals count everyone once.
    "outcome": "school int, category text, key text, is_guardian boolean, how text",
}


class Staging(Rows):
    """The tables, and what the records read into them leave beside."""

    def __init__(self, structures: dict[str, Structure], schema: str) -> None:
        super().__init__(structures)
        self.schema = schema
        # Of a Delta: how many people it adds, changes, removes; and its schools.
        self.requests: dict[str, int] = {}
        self.concerned: set[int] = set()

    def create(self) -> None:
        """Empty tables, whatever an interrupted import left."""
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE")
            cursor.execute(f"CREATE SCHEMA {self.schema}")
            for name, columns in TABLES.items():
                cursor.execute(f"CREATE UNLOGGED TABLE {self.schema}.{name} ({columns})")

    def drop(self) -> None:
        """Leave nothing behind."""
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE")

    def read(self, export: Export, progress: Callable[[str], None]) -> None:
        """Stage a whole Complet."""
        for rows in read_apart(export, self.structures, self.findings, progress):
            self.copy(rows)

    def add(self, record: Record) -> None:
        """Stage one record."""
        super().add(record)
        if self.waiting >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Copy what waits."""
        self.copy(self.taken())

    def copy(self, tables: dict[str, list[tuple]]) -> None:
        """Copy rows into their tables."""
        with connection.cursor() as cursor:
            for name, rows in tables.items():
                with cursor.copy(f"COPY {self.schema}.{name} FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)


def schema_of(run: UUID) -> str:
    """Where a run stages: a schema of its own, so that several exports are read at once."""
    return f"aaf_{run.hex}"


def drop_left_over(needed: Iterable[UUID]) -> int:
    """Drop what killed runs staged, except for those that will go on; returns how many schemas."""
    kept = [schema_of(run) for run in needed]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname ~ '^aaf_[0-9a-f]{32}$' AND NOT nspname = ANY(%s)", [kept]
        )
        found = [row[0] for row in cursor.fetchall()]
        for schema in found:
            cursor.execute(f"DROP SCHEMA {schema} CASCADE")
    return len(found)
