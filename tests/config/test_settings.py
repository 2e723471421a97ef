"""What production must be told is asked for, and named in the README."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "ENT_DEMO": "0", "SECRET_KEY": "x" * 60, "DATABASE_URL": "postgresql://ent@/ent", "REDIS_URL": "unix:///nowhere",
    "ENT_EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
}  # fmt: skip


def settings_read(tmp_path: Path, without: str = "", then: str = "") -> subprocess.CompletedProcess[str]:
    """The settings in a process of production."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("ENT_")}
    told = {name: value for name, value in PRODUCTION.items() if name != without}
    ours.pop(without, None)
    return subprocess.run(
        [sys.executable, "-c", f"from ent.config import settings\n{then}"],
        env=ours | told | {"ENT_DATA": str(tmp_path)}, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("name", [name for name in PRODUCTION if name != "ENT_DEMO"])
def test_production_says_what_it_was_not_told(tmp_path, name):
    assert settings_read(tmp_path).returncode == 0
    refused = settings_read(tmp_path, without=name)
    assert refused.returncode != 0
    assert f"Définissez la variable d'environnement {name}" in refused.stderr


def test_what_a_process_writes_is_its_own_accounts_alone(tmp_path):
    settings_read(tmp_path, then="(settings.DATA_DIR / 'export').write_text('Camille')")
    assert (tmp_path / "export").stat().st_mode & 0o077 == 0


def test_the_readme_names_every_variable():
    asked = re.findall(r'env\("(\w+)"', (ROOT / "src/ent/config/settings.py").read_text())
    readme = (ROOT / "README.md").read_text()
    assert [name for name in asked if f"`{name}`" not in readme] == []
