"""Celery's configuration holds what the monitor relies on."""

from __future__ import annotations

from pathlib import Path

import pytest
from celery.app.defaults import DEFAULTS

from config.celery import QUEUES, TICK, celery_config
from config.settings import Settings
from workers.app import make_app


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def test_values(settings: Settings) -> None:
    conf = make_app(settings).conf
    assert conf.task_acks_late
    assert conf.task_ignore_result
    assert conf.worker_prefetch_multiplier == 1
    assert list(conf.accept_content) == ["json"]
    assert conf.task_serializer == "json"
    assert not conf.task_create_missing_queues
    assert conf.timezone == "UTC"
    assert not conf.worker_hijack_root_logger
    assert not conf.worker_enable_remote_control
    assert conf.result_backend is None


def test_nothing_in_the_configuration_is_misspelt(settings: Settings) -> None:
    assert set(celery_config(settings)) <= set(DEFAULTS)


def test_every_queue_is_named(settings: Settings) -> None:
    config = celery_config(settings)
    assert set(config["task_queues"]) == set(QUEUES)
    assert config["task_default_queue"] in QUEUES
    assert {entry["options"]["queue"] for entry in config["beat_schedule"].values()} <= set(QUEUES)


def test_hints_expire_when_a_newer_one_is_there(settings: Settings) -> None:
    tick = celery_config(settings)["beat_schedule"]["tick"]
    assert tick["schedule"] == TICK
    assert tick["options"]["expires"] == 2 * TICK.total_seconds()


@pytest.mark.parametrize(
    ("url", "broker"),
    [("memory://", "memory://localhost/"), ("redis://queue.example:6379/1", "redis://queue.example:6379/1")],
)
def test_the_broker(tmp_path: Path, url: str, broker: str) -> None:
    assert make_app(Settings(home=tmp_path, broker_url=url)).conf.broker_url == broker


def test_the_app_is_not_the_processs_only_one(settings: Settings) -> None:
    from celery import current_app

    assert current_app._get_current_object() is not make_app(settings)
