"""The Celery app."""

from __future__ import annotations

from celery import Celery

from config.celery import celery_config
from config.settings import Settings


def make_app(settings: Settings) -> Celery:
    """A Celery app configured for these settings, without tasks yet (see ``tasks.add_tasks``)."""
    app = Celery("sanctuary-watch", set_as_current=False, fixups=[])
    app.conf.update(celery_config(settings))
    return app
