"""Settings, URL maps and processes. The background jobs' application is known to all of them."""

from ent.config.celery import app as celery_app

__all__ = ["celery_app"]
