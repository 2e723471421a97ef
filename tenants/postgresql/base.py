"""Our database backend: school and role taken on in one statement, connections that forget schools.

Below django-tenants' backend, of which it keeps the schema bookkeeping.
"""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql.schema import DatabaseSchemaEditor
from django_tenants.postgresql_backend import base
from django_tenants.utils import get_public_schema_name
from psycopg.pq import TransactionStatus


class RecordingSchemaEditor(DatabaseSchemaEditor):
    """Keeps the statements a migration runs, when the connection asks for it."""

    def execute(self, sql, params=()):
        recorded = self.connection.recorded_sql
        if recorded is not None:
            recorded.append(str(sql) % tuple(map(self.quote_value, params)) if params else str(sql))
        return super().execute(sql, params)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection serves few schools, as the role of the one in force, and then retires."""

    SchemaEditorClass = RecordingSchemaEditor

    def __init__(self, *args, **kwargs):
        self.recorded_sql: list[str] | None = None
        self.schools_served: set[str] = set()
        # True inside `as_owner()`: migrations, provisioning and imports work with the owner's rights.
        self.is_owner = False
        super().__init__(*args, **kwargs)

    def get_new_connection(self, conn_params):
        self.schools_served = set()
        self.search_path_set_schemas = None
        return super().get_new_connection(conn_params)

    def set_tenant(self, tenant, include_public=True):
        """Choose the schema; nothing is sent before the next query.

        Unlike django-tenants, the content types are not forgotten: they live in `public` only.
        """
        self.tenant = tenant
        self.schema_name = tenant.schema_name
        self.include_public_schema = include_public
        self.set_settings_schema(self.schema_name)
        self.search_path_set_schemas = None

    def _handle_search_path(self, cursor=None):
        if self._setting_search_path or self.search_path_set_schemas:
            return
        if self.connection.info.transaction_status == TransactionStatus.INERROR:
            return  # nothing but a rollback is possible, and it needs no path
        if not self.schema_name:
            raise ImproperlyConfigured("No schema is set: call set_tenant() first.")
        self._setting_search_path = True
        try:
            self._retire_if_it_knows_too_much()
            public = get_public_schema_name()
            at_school = self.schema_name not in (public, settings.TEMPLATE_SCHEMA)
            role = self.schema_name if at_school and not self.is_owner else "none"
            path = self._get_cursor_search_paths()
            quoted = ", ".join(f'"{schema}"' for schema in path)
            with self.connection.cursor() as raw:
                raw.execute(
                    "SELECT set_config('role', %s, false), set_config('search_path', %s, false)", (role, quoted)
                )
            self.search_path_set_schemas = path
            self.schools_served.add(self.schema_name)
        finally:
            self._setting_search_path = False

    def _retire_if_it_knows_too_much(self):
        """Open a new connection where this one has served enough schools (a backend never forgets a table)."""
        if (
            self.connection is not None
            and not self.in_atomic_block
            and self.get_autocommit()
            and self.schema_name not in self.schools_served
            and len(self.schools_served) >= settings.SCHOOLS_PER_CONNECTION
        ):
            schema = self.tenant
            self.close()
            self.connect()
            self.set_tenant(schema, self.include_public_schema)
            self._setting_search_path = True

    def _cursor(self, name=None):
        """The path first, then the cursor: retiring a connection must not leave a cursor of the old one."""
        self.ensure_connection()
        with self.wrap_database_errors:
            self._handle_search_path()
        return super()._cursor(name=name)
