"""One school: from the staging tables to its own, table by table, in the transaction of the caller."""

import datetime
from contextlib import nullcontext
from uuid import UUID

from django.db import connection

from ent.exchange.aaf.loading import without_secondary
from ent.exchange.aaf.merge import Merge, log_created, new_uuid
from ent.school.structure.models import school_start

PERSON_VALUES = (
    "account_id", "last_name", "first_name", "sort_key", "title", "birth_date", "directory_email", "home_phone",
    "work_phone", "mobile_phone", "address", "postal_code", "town", "country", "address_is_shared",
)  # fmt: skip
KINDS = ("pupils", "guardians", "contacts", "staff", "divisions", "groups", "teachings", "accounts")
AUDIENCES = {"divisions": "structure_division", "groups": "structure_group", "teachings": "structure_teaching"}
# What other statements join: where it has just grown, the planner would guess wildly.
ANALYSED = ("people_person", "people_pupil", "people_guardianship")
Counts = dict[str, dict[str, int]]


def school_year(date: datetime.date) -> tuple[str, datetime.date, datetime.date]:
    """Label, first and last day of the school year a day belongs to."""
    start = school_start(date)
    return f"{start.year}-{start.year + 1}", start, datetime.date(start.year + 1, 8, 31)


class SchoolImport:
    """The work in one school. `categories`: of whom the export speaks (a Complet closes the absent among them)."""

    def __init__(
        self, schema: str, number: int, school_pk: int, run: UUID, date: datetime.date, *, delta: bool, categories: set
    ) -> None:
        self.schema = schema  # where the run staged its export
        self.number, self.school_pk, self.run, self.date, self.delta = number, school_pk, run, date, delta
        self.categories = categories

    def do(self) -> Counts:
        """All tables; returns the counts of the report."""
        self._year()
        self._accounts()
        merges = self._merges()
        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM people_person)")
            is_first = not cursor.fetchone()[0]
        with without_secondary([merge.table for merge in merges]) if is_first else nullcontext():
            tables = {merge.table: self._merged(merge) for merge in merges}
        self._memberships()
        return self.people() | self._audiences(tables)

    def _merged(self, merge: Merge) -> tuple[int, int, int, int]:
        counts = created, _, _, read = merge.run(self.run)
        if created > read / 10 and merge.table in ANALYSED:
            with connection.cursor() as cursor:
                cursor.execute(f"ANALYZE {merge.table}")
        return counts

    # --- the school's tables -------------------------------------------------------------------------------------

    def _year(self) -> None:
        label, first, last = school_year(self.date)
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM structure_schoolyear WHERE label = %s AND is_current", [label])
            if cursor.fetchone():
                return
            cursor.execute("UPDATE structure_schoolyear SET is_current = false WHERE is_current")
            cursor.execute(
                "INSERT INTO structure_schoolyear (id, label, starts_on, ends_on, is_current) "
                f"VALUES ({new_uuid()}, %s, %s, %s, true) ON CONFLICT (label) DO UPDATE SET is_current = true",
                [label, first, last],
            )

    def _staged(self, table: str) -> str:
        return f"(SELECT * FROM {self.schema}.{table} WHERE school = {self.number})"

    def _profiles(self, *profiles: str) -> str:
        """Condition over the columns `profile`, `directory_key` of `p`: is the export to be believed on this person?"""
        if self.delta:
            return (
                f"(p.profile, p.directory_key) IN (SELECT category, key FROM {self.schema}.touched "
                f"WHERE school = {self.number})"
            )
        named = ", ".join(f"'{profile}'" for profile in profiles if profile in self.categories)
        return f"p.profile IN ({named})" if named else "false"

    def _about(self, column: str, *profiles: str) -> str:
        """Scope: the row's person is one the export speaks of."""
        return f"t.{column} IN (SELECT p.id FROM people_person p WHERE {self._profiles(*profiles)})"

    def _merges(self) -> list[Merge]:
        year = "(SELECT id FROM structure_schoolyear WHERE is_current)"
        person = f"{self.schema}.person"
        pupil = "JOIN people_person p ON p.profile = 'pupil' AND p.directory_key = x.key"
        staff = "JOIN people_person p ON p.profile = 'staff' AND p.directory_key = x.key"
        division = f"structure_division d ON d.year_id = {year} AND d.code = "
        group = f"structure_group g ON g.year_id = {year} AND g.code = "
        kept = "keep" if self.delta else "close"
        audiences = [
            Merge(
                f"structure_{name}", ("year_id", "code"), ("label",),
                f"SELECT {year} AS year_id, x.code, "
                f"coalesce(nullif(max(x.label), ''), (SELECT max(o.label) FROM structure_{name} o "
                f"WHERE o.year_id = {year} AND o.code = x.code), '') AS label "
                f"FROM {self._staged(table)} x GROUP BY x.code",
                scope="false" if self.delta else "true",
            )
            for name, table in (("division", "division"), ("group", "grp"))
        ]  # fmt: skip
        head = "row_number() OVER (PARTITION BY f.function ORDER BY f.key) > 1" + (
            " OR EXISTS (SELECT FROM people_stafffunction o JOIN people_person q ON q.id = o.person_id "
            "WHERE o.function = 'school_head' AND o.closed_at IS NULL AND o.source = 'directory' "
            "AND q.directory_key <> f.key AND q.closed_at IS NULL)" if self.delta else ""
        )  # fmt: skip
        return [
            Merge(
                "structure_subject", ("code",), ("label",),
                f"SELECT x.code, coalesce(nullif(max(s.label), ''), (SELECT o.label FROM structure_subject o "
                f"WHERE o.code = x.code), '') AS label FROM (SELECT DISTINCT subject AS code FROM "
                f"{self._staged('teaching')} t WHERE subject IS NOT NULL) x "
                f"LEFT JOIN {self.schema}.subject s ON s.code = x.code GROUP BY x.code",
                absent="keep",
            ),
            Merge(
                "structure_programme", ("mef_code",), ("label",),
                f"SELECT x.mef_code, coalesce(nullif(max(m.label), ''), (SELECT o.label FROM structure_programme o "
                f"WHERE o.mef_code = x.mef_code), '') AS label FROM (SELECT DISTINCT u.mef AS mef_code "
                f"FROM {self._staged('place')} l JOIN {self.schema}.pupil u ON u.key = l.key "
                f"WHERE l.category = 'pupil' AND u.mef <> '') x "
                f"LEFT JOIN {self.schema}.programme m ON m.code = x.mef_code GROUP BY x.mef_code",
                absent="keep",
            ),
            *audiences,
            Merge(
                "structure_groupdivision", ("group_id", "division_id"), (),
                f"SELECT DISTINCT g.id AS group_id, d.id AS division_id FROM {self._staged('grp_division')} x "
                f"JOIN {group} x.grp JOIN {division} x.division",
                absent="keep" if self.delta else "delete",
            ),
            Merge(
                "people_person", ("profile", "directory_key"), PERSON_VALUES,
                f"SELECT x.category AS profile, x.key AS directory_key, w.account AS account_id, "
                f"{', '.join('s.' + name for name in PERSON_VALUES[1:])} "
                f"FROM {self._staged('place')} x JOIN {person} s ON s.category = x.category AND s.key = x.key "
                f"LEFT JOIN {self._staged('wanted')} w ON w.category = x.category AND w.key = x.key",
                scope=self._profiles("pupil", "relative", "staff").replace("p.", "t."),
                extra={"photo": "''"},
            ),
            Merge(
                "aaf_directoryrecord", ("category", "key"), ("attributes",),
                f"SELECT x.category, x.key, s.attributes FROM {self._staged('place')} x "
                f"JOIN {person} s ON s.category = x.category AND s.key = x.key",
                absent="keep",
            ),
            Merge(
                "people_pupil", ("person_id",),
                ("ine", "school_number", "programme_id", "boarding_scheme", "has_scholarship", "uses_transport"),
                f"SELECT p.id AS person_id, u.ine, u.school_number, m.id AS programme_id, u.boarding_scheme, "
                f"u.has_scholarship, u.uses_transport FROM {self._staged('place')} x {pupil} AND x.category = 'pupil' "
                f"JOIN {self.schema}.pupil u ON u.key = x.key LEFT JOIN structure_programme m ON m.mef_code = u.mef",
                absent="keep", has_id=False,
            ),
            Merge(
                "structure_enrolment", ("pupil_id", "division_id"), ("starts_on",),
                f"SELECT p.id AS pupil_id, d.id AS division_id, min(x.starts_on) AS starts_on "
                f"FROM {self._staged('enrolment')} x {pupil} JOIN {division} x.code GROUP BY p.id, d.id",
                scope=self._about("pupil_id", "pupil"), history=True,
            ),
            Merge(
                "structure_groupenrolment", ("pupil_id", "group_id"), (),
                f"SELECT DISTINCT p.id AS pupil_id, g.id AS group_id "
                f"FROM {self._staged('group_enrolment')} x {pupil} JOIN {group} x.code",
                scope=self._about("pupil_id", "pupil"), history=True,
            ),
            Merge(
                "people_guardianship", ("pupil_id", "relative_id"),
                ("kinship", "legal_rank", "pays_fees", "is_paid", "is_contact", "contact_order"),
                f"SELECT DISTINCT ON (p.id, r.id) p.id AS pupil_id, r.id AS relative_id, x.kinship, x.legal_rank, "
                f"x.pays_fees, x.is_paid, x.is_contact, x.contact_order FROM "
                f"(SELECT *, pupil AS key FROM {self._staged('link')} k) x {pupil} "
                f"JOIN people_person r ON r.profile = 'relative' AND r.directory_key = x.relative "
                f"AND r.closed_at IS NULL ORDER BY p.id, r.id, x.contact_order",
                scope=f"({self._about('pupil_id', 'pupil')} OR "
                "t.relative_id IN (SELECT q.id FROM people_person q WHERE q.closed_at IS NOT NULL))",
                extra={"is_restricted": "false"},
            ),
            Merge(
                "people_stafffunction", ("person_id", "function", "source"), ("label",),
                f"SELECT p.id AS person_id, x.function, 'directory' AS source, min(x.label) AS label FROM "
                f"(SELECT f.key, f.label, CASE WHEN f.function = 'school_head' AND ({head}) THEN 'deputy_head' "
                f"ELSE f.function END AS function FROM {self._staged('function')} f) x {staff} "
                f"GROUP BY p.id, x.function",
                scope=f"t.source = 'directory' AND {self._about('person_id', 'staff')}", history=True,
                extra={"since": "now()"},
            ),
            Merge(
                "structure_teaching", ("teacher_id",), (),
                f"SELECT DISTINCT p.id AS teacher_id, m.id AS subject_id, d.id AS division_id, g.id AS group_id "
                f"FROM {self._staged('teaching')} x {staff} LEFT JOIN structure_subject m ON m.code = x.subject "
                f"LEFT JOIN {division} x.division LEFT JOIN {group} x.grp "
                f"WHERE d.id IS NOT NULL OR g.id IS NOT NULL",
                nullable_key=("subject_id", "division_id", "group_id"), scope=self._about("teacher_id", "staff"),
            ),
            Merge(
                "structure_formtutor", ("teacher_id", "division_id"), (),
                f"SELECT DISTINCT p.id AS teacher_id, d.id AS division_id FROM {self._staged('tutor')} x {staff} "
                f"JOIN {division} x.division",
                scope=self._about("teacher_id", "staff"), absent=kept if not self.delta else "close",
            ),
        ]  # fmt: skip

    # --- accounts ------------------------------------------------------------------------------------------------

    def _accounts(self) -> None:
        """Make the accounts and keys that lack, of those who are to have one here."""
        wanted = f"(SELECT * FROM {self.schema}.wanted WHERE school = {self.number}) w"
        with connection.cursor() as cursor:
            cursor.execute(
                "WITH c AS (INSERT INTO public.accounts_account (id, password, is_superuser, sign_in_name, email, "
                "language, created_at) SELECT DISTINCT ON (n.id) n.id, "
                "'!' || replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), "
                f"false, n.sign_in_name, '', '', now() FROM {wanted} JOIN {self.schema}.newcomer n ON n.id = w.account "
                "ON CONFLICT (id) DO NOTHING RETURNING id::text AS row_id) "
                f"{log_created('accounts_account', self.run)} FROM c HAVING count(*) > 0"
            )
            cursor.execute(
                "WITH c AS (INSERT INTO public.accounts_accountkey (account_id, category, key) "
                f"SELECT account, category, key FROM {wanted} "
                "ON CONFLICT (category, key) DO NOTHING RETURNING id::text AS row_id) "
                f"{log_created('accounts_accountkey', self.run)} FROM c HAVING count(*) > 0"
            )

    def _memberships(self) -> None:
        """Who has a person here; then accounts without any school close, those with one again open."""
        Merge(
            "public.accounts_membership", ("school_id", "person_id"), ("account_id", "profile"),
            f"SELECT {self.school_pk} AS school_id, p.id AS person_id, p.account_id, p.profile FROM people_person p "
            "WHERE p.closed_at IS NULL AND p.account_id IS NOT NULL",
            scope=f"t.school_id = {self.school_pk}", common=f"o.school_id = {self.school_pk}", number_id=True,
        ).run(self.run)  # fmt: skip
        member = (
            f"SELECT m.account_id FROM public.accounts_membership m WHERE m.school_id = {self.school_pk} "
            "AND m.closed_at IS {}"
        )
        written = (
            'INSERT INTO aaf_importchange (id, run_id, "table", row_id, before, at) '
            f"SELECT {new_uuid()}, '{self.run}', 'accounts_account', c.id::text, "
            "jsonb_build_object('closed_at', c.before), now() FROM c"
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "WITH c AS (UPDATE public.accounts_account a SET closed_at = NULL FROM public.accounts_account o "
                "WHERE o.id = a.id AND a.closed_at IS NOT NULL AND a.id IN "
                f"({member.format('NULL')}) RETURNING a.id, o.closed_at AS before) {written}"
            )
            cursor.execute(
                "WITH c AS (UPDATE public.accounts_account a SET closed_at = now() WHERE a.closed_at IS NULL "
                f"AND a.id IN ({member.format('NOT NULL')}) AND NOT EXISTS (SELECT FROM public.accounts_membership m "
                "WHERE m.account_id = a.id AND m.closed_at IS NULL) AND EXISTS (SELECT FROM "
                "public.accounts_accountkey k "
                "WHERE k.account_id = a.id) "
                f"RETURNING a.id, NULL::timestamptz AS before) {written}"
            )

    def _written(self, table: str) -> str:
        """The rows of a table that this run wrote: their key, and whether they are new."""
        where = f"WHERE run_id = '{self.run}' AND \"table\" = '{table}'"
        return (
            f"(SELECT row_id::uuid AS id, false AS is_new FROM aaf_importchange {where} "
            f"UNION ALL SELECT unnest(row_ids)::uuid, true FROM aaf_importcreation {where})"
        )

    # --- figures -------------------------------------------------------------------------------------------------

    def _audiences(self, tables: dict[str, tuple[int, int, int, int]]) -> Counts:
        counts = {}
        with connection.cursor() as cursor:
            for kind, table in AUDIENCES.items():
                created, changed, closed, _ = tables.get(table, (0, 0, 0, 0))
                cursor.execute(f"SELECT count(*) FROM {table} WHERE closed_at IS NULL")
                counts[kind] = {"created": created, "changed": changed,
                                "unchanged": cursor.fetchone()[0] - created - changed, "closed": closed}  # fmt: skip
        return counts

    def people(self) -> Counts:
        """What this run did to the people here and to their accounts, also said one by one in `outcome`."""
        related = " UNION ".join(
            f"SELECT x.{column} FROM {table} x JOIN {self._written(table)} c ON c.id = x.id"
            for table, column in (("structure_enrolment", "pupil_id"), ("structure_groupenrolment", "pupil_id"),
                                  ("people_guardianship", "relative_id"), ("people_stafffunction", "person_id"))
        )  # fmt: skip
        counts = {kind: empty() for kind in ("pupils", "guardians", "contacts", "staff", "accounts")}
        with connection.cursor() as cursor:
            cursor.execute(
                "WITH p AS MATERIALIZED (SELECT p.profile AS category, p.directory_key AS key, p.profile = 'relative' "
                "AND EXISTS (SELECT FROM people_guardianship g WHERE g.relative_id = p.id AND g.legal_rank > 0 "
                "AND (g.closed_at IS NULL OR p.closed_at IS NOT NULL)) AS is_guardian, "
                "CASE WHEN p.closed_at IS NOT NULL THEN 'closed' WHEN c.is_new THEN 'created' "
                "WHEN c.id IS NOT NULL OR r.id IS NOT NULL THEN 'changed' ELSE 'unchanged' END AS how, "
                "CASE WHEN p.closed_at IS NULL THEN p.account_id END AS account "
                f"FROM people_person p LEFT JOIN {self._written('people_person')} c ON c.id = p.id "
                f"LEFT JOIN (SELECT id FROM {self._written('people_pupil')} c UNION {related}) r (id) ON r.id = p.id "
                "WHERE p.closed_at IS NULL OR c.id IS NOT NULL), "
                f"w AS MATERIALIZED {self._written('accounts_account')}, "
                "a AS (SELECT id, 'unchanged' AS how FROM (SELECT account AS id FROM p WHERE account IS NOT NULL "
                "EXCEPT SELECT id FROM w) u UNION SELECT w.id, CASE WHEN bool_or(w.is_new) THEN 'created' "
                "WHEN bool_or(o.closed_at IS NULL) THEN 'changed' ELSE 'closed' END "
                "FROM w JOIN public.accounts_account o ON o.id = w.id GROUP BY w.id), "
                "o AS MATERIALIZED (SELECT category, key, is_guardian, how FROM p "
                "UNION ALL SELECT 'account', id::text, false, how FROM a), "
                f"kept AS (INSERT INTO {self.schema}.outcome SELECT {self.number}, o.* FROM o) "
                "SELECT category, is_guardian, how, count(*) FROM o GROUP BY 1, 2, 3"
            )
            for category, is_guardian, how, number in cursor.fetchall():
                counts[kind_of(category, is_guardian)][how] += number
        return counts


def kind_of(category: str, is_guardian: bool) -> str:
    """The report's kind of a category of `outcome`."""
    if category == "relative":
        return "guardians" if is_guardian else "contacts"
    return {"pupil": "pupils", "staff": "staff", "account": "accounts"}[category]


def empty() -> dict[str, int]:
    """No change."""
    return {"created": 0, "changed": 0, "unchanged": 0, "closed": 0}
