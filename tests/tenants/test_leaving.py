"""A school is archived or deleted only when named twice, an export written first; the export can be put back."""

import psycopg
import pytest
from django.conf import settings

from tenants.models import School
from tenants.provisioning import ProvisioningError, archive, delete, restore
from tests import factories
from tests.tenants.apart import database, manage, register

__all__ = ["database"]


@pytest.fixture
def left(platform_db):
    return factories.registered(provisioned=True)


def test_named_once_it_is_neither_archived_nor_deleted(left, tmp_path):
    for leave in (archive, delete):
        with pytest.raises(ProvisioningError, match="seconde fois"):
            leave(left, "", tmp_path)
    assert School.objects.get(pk=left.pk).state == School.State.OPEN
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_export_is_refused_in_french(platform_db, tmp_path):
    path = tmp_path / "autre.sql.gz"
    path.write_bytes(b"not gzip")
    with pytest.raises(ProvisioningError, match="export"):
        restore(path)


def test_a_deleted_school_comes_back_with_its_people_and_files(database, tmp_path):
    def done(*command: str) -> int:
        with manage(database, *command) as running:
            running.stdout.read()
        return running.returncode

    with psycopg.connect(database, autocommit=True) as connection:
        uai = register(connection, 990)
        schema = f"e_{uai.lower()}"
        assert done("provision_school", uai) == 0
        connection.execute(
            f"INSERT INTO {schema}.structure_subject (id, code, label) VALUES (gen_random_uuid(), '1', 'Latin')"  # noqa: S608
        )
        photo = settings.DATA_DIR / "files" / schema / "photos" / "a.webp"
        photo.parent.mkdir(parents=True, exist_ok=True)
        photo.write_bytes(b"a photo")
        assert done("delete_school", uai, "--confirm", uai) == 0
        assert not photo.exists()
        assert connection.execute("SELECT to_regnamespace(%s)", [schema]).fetchone() == (None,)
        assert done("restore_school", str(settings.DATA_DIR / "exports" / f"{uai}.sql.gz")) == 0
        assert connection.execute(f"SELECT label FROM {schema}.structure_subject").fetchall() == [("Latin",)]  # noqa: S608
        assert photo.read_bytes() == b"a photo"
        owned = connection.execute("SELECT has_schema_privilege(%s, %s, 'USAGE')", [schema, schema]).fetchone()
        assert owned == (True,)
