"""Set-based comparison of a table with what an export says: one statement per table, every change written down."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection


@dataclass(frozen=True)
class Merge:
    """How a table follows a source.

    `source` selects the columns of `key`, `nullable_key` and `values`. Rows of the table within `scope` (over `t`)
    that the source lacks are closed (`absent="close"`), deleted or kept. With `history`, a closed row is never
    opened again: a new one is made. `extra` gives the other columns of new rows, as SQL.
    """

    table: str
    key: tuple[str, ...]
    values: tuple[str, ...]
    source: str
    nullable_key: tuple[str, ...] = ()
    scope: str = "true"
    # What every row of the key has in common, over `o`: spares reading the other schools' rows of a shared table.
    common: str = ""
    absent: str = "close"
    history: bool = False
    has_id: bool = True
    number_id: bool = False
    extra: dict[str, str] = field(default_factory=dict)

    def sql(self, run: UUID) -> str:
        """The whole comparison; its only row is (created, changed, closed, in the source)."""
        closes = self.absent == "close"
        row_id = "id" if self.has_id else self.key[0]
        match = [f"o.{c} = s.{c}" for c in self.key] + [f"o.{c} IS NOT DISTINCT FROM s.{c}" for c in self.nullable_key]
        if self.common:
            match.append(self.common)
        if self.history:
            match.append("o.closed_at IS NULL")
        same = " AND ".join(match)
        kept = (*self.values, "closed_at") if closes else self.values
        differs = [f"o.{c} IS DISTINCT FROM s.{c}" for c in self.values]
        differs += ["o.closed_at IS NOT NULL"] if closes and not self.history else []
        sets = [f"{c} = s.{c}" for c in self.values] + (["closed_at = NULL"] if closes else [])
        before = "jsonb_build_object({})".format(", ".join(f"'{c}', o.{c}" for c in kept))
        parts = [f"src AS MATERIALIZED ({self.source})"]
        if differs:
            parts.append(
                f"upd AS (UPDATE {self.table} t SET {', '.join(sets)} FROM src s JOIN {self.table} o ON {same} "
                f"WHERE t.{row_id} = o.{row_id} AND ({' OR '.join(differs)}) "
                f"RETURNING t.{row_id}::text AS row_id, {before} AS before)"
            )
        else:
            parts.append("upd AS (SELECT NULL::text AS row_id, NULL::jsonb AS before WHERE false)")
        columns = [*self.key, *self.nullable_key, *self.values]
        given = [f"s.{c}" for c in columns] + list(self.extra.values())
        columns += self.extra
        if self.has_id and not self.number_id:
            columns, given = ["id", *columns], [new_uuid(), *given]
        if closes:
            columns, given = [*columns, "closed_at"], [*given, "NULL"]
        parts.append(
            f"ins AS (INSERT INTO {self.table} ({', '.join(columns)}) SELECT {', '.join(given)} FROM src s "
            f"WHERE NOT EXISTS (SELECT FROM {self.table} o WHERE {same}) "
            f"RETURNING {row_id}::text AS row_id)"
        )
        gone = f"WHERE {self.scope} AND NOT EXISTS (SELECT FROM src s WHERE {same.replace('o.', 't.')})"
        if closes:
            parts.append(
                f"cls AS (UPDATE {self.table} t SET closed_at = now() {gone} AND t.closed_at IS NULL "
                f"RETURNING t.{row_id}::text AS row_id, '{{\"closed_at\": null}}'::jsonb AS before)"
            )
        elif self.absent == "delete":
            parts.append(
                f"cls AS (DELETE FROM {self.table} t {gone} RETURNING t.{row_id}::text AS row_id, "
                f"to_jsonb(t) AS before)"
            )
        else:
            parts.append("cls AS (SELECT NULL::text AS row_id, NULL::jsonb AS before WHERE false)")
        parts.append(
            f'log AS (INSERT INTO aaf_importchange (id, run_id, "table", row_id, before, at) '
            f"SELECT {new_uuid()}, '{run}', '{self.table}', row_id, before, now() FROM "
            f"(SELECT * FROM upd UNION ALL SELECT * FROM cls) c)"
        )
        parts.append(f"made AS ({log_created(self.table, run)} FROM ins HAVING count(*) > 0)")
        return (
            f"WITH {', '.join(parts)} SELECT (SELECT count(*) FROM ins), (SELECT count(*) FROM upd), "
            "(SELECT count(*) FROM cls), (SELECT count(*) FROM src)"
        )

    def run(self, run: UUID) -> tuple[int, int, int, int]:
        """Do it in the school in force; returns how many rows were created, changed, closed, and read."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql(run))
            return cursor.fetchone()


def log_created(table: str, run: UUID) -> str:
    """SQL that writes down the rows created in a table; to be followed by where their `row_id` comes from."""
    return (
        'INSERT INTO aaf_importcreation (id, run_id, "table", row_ids, at) '
        f"SELECT {new_uuid()}, '{run}', '{table}', array_agg(row_id), now()"
    )


def new_uuid() -> str:
    """SQL for a new key: a UUIDv7 where the server makes them."""
    return "uuidv7()" if connection.pg_version >= 180000 else "gen_random_uuid()"
