"""One style sheet out of one file per component."""

from datetime import UTC, datetime
from pathlib import Path

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.base import ContentFile
from django.core.files.storage import Storage

FOLDER = Path(__file__).parent / "styles"
ORDER = [
    "tokens",
    "base",
    "layout",
    "search",
    "forms",
    "tables",
    "cards",
    "people",
    "day",
    "matrix",
    "rollout",
    "proof",
    "dashboards",
    "notices",
    "notifications",
    "configuration",
    "print",
]
NAME = "ui/ent.css"


class BundleStorage(Storage):
    """Serves the component files, joined in order, as one."""

    def _open(self, name, mode="rb"):
        return ContentFile("".join((FOLDER / f"{part}.css").read_text() for part in ORDER).encode(), name)

    def path(self, name: str) -> str:
        """Where it comes from, as `collectstatic` reports it."""
        return str(FOLDER)

    def exists(self, name: str) -> bool:
        return name == NAME

    def get_modified_time(self, name):
        newest = max((FOLDER / f"{part}.css").stat().st_mtime for part in ORDER)
        return datetime.fromtimestamp(newest, tz=UTC)


class BundleFinder(BaseFinder):
    """Finds the joined sheet for `collectstatic`."""

    def find(self, path, find_all=False, **kwargs):
        return [] if find_all else None

    def list(self, ignore_patterns):
        yield NAME, BundleStorage()
