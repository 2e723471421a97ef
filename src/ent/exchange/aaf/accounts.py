"""Whose account is whose, decided for the whole export at once; each school then makes those that lack."""

from django.db import connection

from ent.exchange.aaf.merge import new_uuid

KEY = "public.accounts_accountkey"


def assign(schema: str) -> None:
    """In a run's schema: `wanted`, who is to have an account in which school; `newcomer`, accounts to be made."""
    s = schema
    statements = [
        # A relative with the name of a member of staff, and the same birth date or address: one person.
        f"CREATE UNLOGGED TABLE {s}.alias AS SELECT DISTINCT ON (r.key) r.key AS relative, t.key AS staff "
        f"FROM {s}.person r JOIN {s}.person t ON t.category = 'staff' AND t.sort_key = r.sort_key AND "
        "(t.birth_date = r.birth_date OR (t.directory_email <> '' AND lower(t.directory_email) = "
        "lower(r.directory_email))) WHERE r.category = 'relative' ORDER BY r.key, t.key",
        f"INSERT INTO {s}.entitled SELECT school, relative FROM {s}.link WHERE legal_rank > 0 AND school IS NOT NULL "
        f"EXCEPT SELECT school, key FROM {s}.entitled",
        f"ANALYZE {s}.alias, {s}.entitled",
        # Known by one's own key, else by the key one has in one's other quality.
        f"CREATE UNLOGGED TABLE {s}.wanted AS SELECT x.school, x.category, x.key, s.base, "
        "coalesce('staff:' || a.staff, x.category || ':' || x.key) AS who, "
        "coalesce(k.account_id, (SELECT o.account_id FROM "
        f"{KEY} o WHERE o.category = 'staff' AND o.key = a.staff), (SELECT o.account_id FROM {s}.alias b JOIN {KEY} o "
        "ON o.category = 'relative' AND o.key = b.relative WHERE x.category = 'staff' AND b.staff = x.key LIMIT 1)) "
        f"AS account FROM {s}.place x JOIN {s}.person s ON s.category = x.category AND s.key = x.key "
        f"LEFT JOIN {s}.alias a ON x.category = 'relative' AND a.relative = x.key "
        f"LEFT JOIN {KEY} k ON k.category = x.category AND k.key = x.key "
        f"LEFT JOIN {s}.entitled e ON x.category = 'relative' AND e.school = x.school AND e.key = x.key "
        "WHERE x.category <> 'relative' OR e.key IS NOT NULL",
        # Sign-in names are numbered from the highest taken, in the order of the schools.
        f"CREATE UNLOGGED TABLE {s}.newcomer AS SELECT n.who, {new_uuid()} AS id, n.base || CASE WHEN n.number > 1 "
        "THEN n.number::text ELSE '' END AS sign_in_name FROM (SELECT w.who, w.base, coalesce(t.last, 0) + "
        "row_number() OVER (PARTITION BY w.base ORDER BY w.school, w.who) AS number FROM (SELECT who, min(base) AS "
        f"base, min(school) AS school FROM {s}.wanted WHERE account IS NULL GROUP BY who) w LEFT JOIN "
        "(SELECT regexp_replace(sign_in_name, '[0-9]+$', '') AS base, "
        "max(coalesce(nullif(left(substring(sign_in_name from '[0-9]+$'), 9), '')::int, 1)) AS last "
        "FROM public.accounts_account GROUP BY 1) t ON t.base = w.base) n",
        f"UPDATE {s}.wanted w SET account = n.id FROM {s}.newcomer n WHERE w.account IS NULL AND n.who = w.who",
        f"CREATE INDEX ON {s}.wanted (school)",
        f"CREATE INDEX ON {s}.newcomer (id)",
        f"ANALYZE {s}.wanted, {s}.newcomer",
    ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
