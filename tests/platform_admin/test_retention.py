"""What is kept no longer than said: accounts nobody knows any more, files of exports, what would undo an import."""

import os
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from ent.accounts.models import Account
from ent.exchange.aaf.models import ImportChange
from ent.exchange.models import ImportRun
from ent.kernel.ids import new_id
from platform_admin import tasks
from platform_admin.configuring.tasks import forget_accounts
from tenants.context import inside_as_owner
from tenants.models import School
from tests import factories

pytestmark = pytest.mark.usefixtures("platform_db")


def closed(account: Account, days: int) -> Account:
    Account.objects.filter(pk=account.pk).update(closed_at=timezone.now() - timedelta(days=days))
    return account


def test_an_account_closed_for_three_months_is_deleted_and_no_other():
    gone, lately, here = (factories.account_of_school() for _ in range(3))
    officer = closed(factories.officer().account, 200)
    closed(gone, 95), closed(lately, 20)
    forget_accounts()
    left = set(Account.objects.filter(pk__in=[gone.pk, lately.pk, here.pk, officer.pk]).values_list("pk", flat=True))
    assert left == {lately.pk, here.pk, officer.pk}


def test_the_files_of_an_old_export_go_unless_an_import_needs_them(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    old, needed, new = (tasks.imports_folder() / name for name in ("old", "needed", "new"))
    launch = tasks.launches_folder() / "launch"
    for folder in (old, needed, new, launch):
        folder.mkdir(parents=True)
    long_ago = (timezone.now() - timedelta(days=60)).timestamp()
    for folder in (old, needed, launch):
        os.utime(folder, (long_ago, long_ago))
    ImportRun.objects.create(folder=str(needed), state=ImportRun.State.RUNNING)
    tasks.forget_exports()
    assert [folder.exists() for folder in (old, needed, new, launch)] == [False, True, True, False]


def test_what_would_take_an_import_back_goes_after_seven_days():
    school = School.objects.get(uai=factories.uai(1))
    with inside_as_owner(school):
        for days in (8, 6):
            ImportChange.objects.create(
                run_id=new_id(), table="people_person", row_id="x", before={}, at=timezone.now() - timedelta(days=days)
            )
    tasks.forget_undo()
    with inside_as_owner(school):
        assert ImportChange.objects.count() == 1
