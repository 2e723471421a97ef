"""How the school layer changes: once by Django in the template, then as SQL in every school.

Stock migration opens each school, reads its catalog and rebuilds Django's state: seconds a school. Here the
template alone is migrated; what it ran is kept as numbered revisions, and a school needs the ones after its own.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import lru_cache

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.special import RunPython
from django.db.models import Max
from django_tenants.utils import schema_context, schema_exists

from tenants.context import inside_as_owner
from tenants.hosts import forget_all
from tenants.models import SchemaRevision, SchemaTemplate, School

# Schools migrated in one transaction while nothing goes wrong.
BATCH = 16


def head() -> int:
    """The newest revision recorded in this database (0 without any)."""
    return SchemaRevision.objects.aggregate(newest=Max("number"))["newest"] or 0


@lru_cache(maxsize=1)
def head_in_code() -> int:
    """The revision this process's code needs, looked up once: a school below it is not served."""
    with schema_context("public"):
        return head()


def schools_behind():
    """Schools with a schema older than the head: one query."""
    return School.objects.filter(revision__lt=head())


def template_is_current() -> bool:
    """Whether every school migration in the code has a revision."""
    known = set(SchemaRevision.objects.values_list("app", "name"))
    return set(_school_migrations()) <= known


def migrate_template() -> int:
    """Bring the template to the code's state, recording each migration; returns how many were new."""
    if template_is_current() and schema_exists(settings.TEMPLATE_SCHEMA):
        return 0
    connection.is_owner = True
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{settings.TEMPLATE_SCHEMA}"')
    number = head()
    recorded = []
    with schema_context(settings.TEMPLATE_SCHEMA):
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        executor.recorder.ensure_schema()
        state = executor._create_project_state(with_applied_migrations=True)
        for migration, _ in plan:
            connection.recorded_sql = []
            state = executor.apply_migration(state, migration)
            statements, connection.recorded_sql = connection.recorded_sql, None
            if migration.app_label in _school_apps():
                number += 1
                python = any(isinstance(operation, RunPython) for operation in migration.operations)
                recorded.append(
                    SchemaRevision(
                        number=number,
                        app=migration.app_label,
                        name=migration.name,
                        statements=statements,
                        runs_python=python,
                    )
                )
    with transaction.atomic():
        SchemaRevision.objects.bulk_create(recorded)
        SchemaTemplate.objects.all().delete()
    head_in_code.cache_clear()
    return len(recorded)


def migrate_schools(
    schools: Iterable[School], workers: int, progress: Callable[[School, Exception | None], None]
) -> list[tuple[School, Exception]]:
    """Apply what each school lacks, `workers` at a time; a failing school stops none of the others."""
    revisions, schools, failed = list(SchemaRevision.objects.all()), list(schools), []
    batches = [schools[start : start + BATCH] for start in range(0, len(schools), BATCH)]

    def done() -> Iterable[list[tuple[School, Exception | None]]]:
        if workers <= 1:
            yield from (_migrate_batch(batch, revisions) for batch in batches)
            return
        with ThreadPoolExecutor(workers) as pool:
            for future in as_completed([pool.submit(_migrate_batch, batch, revisions) for batch in batches]):
                yield future.result()
            for _ in range(workers):
                pool.submit(connection.close)

    for outcomes in done():
        for school, error in outcomes:
            progress(school, error)
            if error:
                failed.append((school, error))
    forget_all()
    return failed


def _migrate_batch(schools: list[School], revisions: list[SchemaRevision]) -> list[tuple[School, Exception | None]]:
    """A few schools in one transaction, which costs a third of one each; on failure, each in its own."""
    try:
        with transaction.atomic():
            for school in schools:
                _migrate(school, revisions)
    except Exception as error:  # reported per school, at the end
        if len(schools) == 1:
            return [(schools[0], error)]
        return [outcome for school in schools for outcome in _migrate_batch([school], revisions)]
    return [(school, None) for school in schools]


def _migrate(school: School, revisions: list[SchemaRevision]) -> None:
    """Apply the revisions after the school's own: their SQL in one round trip, or their Python."""
    missing = [revision for revision in revisions if revision.number > (school.revision or 0)]
    final = missing[-1].number
    with inside_as_owner(school):
        for revision in missing:
            if revision.runs_python:
                _run_migration(revision)
            else:
                _send(revision.statements)
        creates = any(text.startswith("CREATE TABLE") for revision in missing for text in revision.statements)
        _send([*(grants(school.schema_name) if creates else []),
               f"UPDATE tenants_school SET revision = {final} WHERE id = {school.pk}"])  # fmt: skip # noqa: S608


def _send(statements: list[str]) -> None:
    with connection.cursor():  # takes on the school's path
        raw = connection.connection
    with connection.wrap_database_errors, raw.pipeline(), raw.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def grants(schema: str) -> list[str]:
    """What lets a school's role use its tables; append-only ones only grow."""
    append_only = [
        f'"{schema}"."{model._meta.db_table}"' for model in apps.get_models() if getattr(model, "append_only", False)
    ]
    statements = [
        f'GRANT USAGE ON SCHEMA "{schema}" TO "{schema}"',
        f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "{schema}" TO "{schema}"',
    ]
    if append_only:
        statements.append(f'REVOKE UPDATE, DELETE ON {", ".join(append_only)} FROM "{schema}"')
    return statements


def _run_migration(revision: SchemaRevision) -> None:
    loader = MigrationLoader(None)
    migration = loader.get_migration(revision.app, revision.name)
    state = loader.project_state((revision.app, revision.name), at_end=False)
    with connection.schema_editor() as editor:
        migration.apply(state, editor)


def _school_apps() -> set[str]:
    return {config.label for config in apps.get_app_configs() if config.name in settings.TENANT_APPS}


def _school_migrations() -> list[tuple[str, str]]:
    loader = MigrationLoader(None)
    return [key for key in loader.disk_migrations if key[0] in _school_apps()]
