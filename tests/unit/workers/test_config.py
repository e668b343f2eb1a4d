"""Celery's configuration holds what the monitor relies on."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from celery.app.defaults import DEFAULTS

from config.celery import QUEUES, TASKS, celery_config
from config.settings import Settings
from pipeline.errors import UserError
from workers.app import demand_server, make_app
from workers.tasks import TASK_SECONDS

REDIS = "redis://queue.example:6379/1"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, broker_url=REDIS)


def test_values(settings: Settings) -> None:
    conf = make_app(settings).conf
    assert conf.task_acks_late
    assert conf.task_acks_on_failure
    assert not conf.task_reject_on_worker_lost
    assert conf.task_ignore_result
    assert conf.worker_prefetch_multiplier == 1
    assert list(conf.accept_content) == ["json"]
    assert conf.task_serializer == "json"
    assert not conf.task_create_missing_queues
    assert conf.timezone == "UTC"
    assert not conf.worker_hijack_root_logger
    assert not conf.worker_enable_remote_control
    assert conf.broker_connection_max_retries is None
    assert conf.worker_soft_shutdown_timeout == 30
    assert conf.result_backend is None


@pytest.mark.parametrize("url", ["memory://", REDIS, "rediss://queue.example"])
def test_nothing_in_the_configuration_is_misspelt(tmp_path: Path, url: str) -> None:
    assert set(celery_config(Settings(home=tmp_path, broker_url=url))) <= set(DEFAULTS)


def test_the_transport_is_told_what_redis_needs(settings: Settings) -> None:
    from kombu.transport.redis import Channel

    options = make_app(settings).conf.broker_transport_options
    assert set(options) <= {*Channel.from_transport_options, "max_retries"}
    assert options["max_retries"] == 0, "kombu's Connection takes it: whoever sends a hint does not wait for a broker"
    assert options["visibility_timeout"] == 900
    assert options["unacked_restore_throttle"] == 1
    assert options["socket_timeout"]
    assert options["global_keyprefix"].endswith(":")


def test_a_hint_comes_back_after_any_task_has_ended(settings: Settings) -> None:
    longest = TASK_SECONDS + 120 + 60 + 20 + 20  # waits for a child, its start, the parsing, the fetching
    assert settings.visibility_seconds > longest


def test_every_task_has_a_queue_and_every_queue_its_tick_and_its_sweep(settings: Settings) -> None:
    config = celery_config(settings)
    assert set(config["task_queues"]) == set(QUEUES) == set(TASKS.values())
    entries = config["beat_schedule"].values()
    assert {(entry["task"], entry["options"]["queue"]) for entry in entries} == set(TASKS.items())
    assert sorted(entry["schedule"] for entry in entries) == [1, 1, 1, 600, 600, 600, 600]
    assert all("args" not in entry and "kwargs" not in entry for entry in entries), "a hint carries nothing"


def test_hints_do_not_grow_old(settings: Settings) -> None:
    """The clock of one machine says nothing on another; the length of the queue is bounded instead."""
    assert all("expires" not in entry["options"] for entry in celery_config(settings)["beat_schedule"].values())


@pytest.mark.parametrize(("url", "broker"), [("memory://", "memory://localhost/"), (REDIS, REDIS)])
def test_the_broker(tmp_path: Path, url: str, broker: str) -> None:
    conf = make_app(Settings(home=tmp_path, broker_url=url)).conf
    assert conf.broker_url == broker
    assert conf.broker_use_ssl is None


def test_tls_checks_certificates(tmp_path: Path) -> None:
    conf = make_app(Settings(home=tmp_path, broker_url="rediss://queue.example")).conf
    assert conf.broker_use_ssl == {"ssl_cert_reqs": ssl.CERT_REQUIRED}


def test_memory_is_no_broker_for_many(tmp_path: Path, settings: Settings) -> None:
    demand_server(settings)
    with pytest.raises(UserError, match="SANCTUARY_WATCH_BROKER_URL"):
        demand_server(Settings(home=tmp_path))


def test_the_app_is_not_the_processs_only_one(settings: Settings) -> None:
    from celery import current_app

    assert current_app._get_current_object() is not make_app(settings)
