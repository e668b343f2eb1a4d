from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from config.settings import BadSetting, Settings, load


def test_defaults_are_the_embedded_ones() -> None:
    settings = load({"SANCTUARY_WATCH_HOME": "/somewhere"})
    assert settings.home == Path("/somewhere")
    assert settings.archive == "sqlite:////somewhere/archive.sqlite3"
    assert settings.frontier == "sqlite:////somewhere/frontier.sqlite3"
    assert settings.broker_url == "memory://"
    assert settings.smtp_url == ""
    assert settings.outbox == Path("/somewhere/outbox")
    assert settings.web_listen == "127.0.0.1:8050"
    assert settings.networks == ()


def test_times_are_numbers_of_seconds(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("tick_seconds = 0.5\nmail_per_hour = 3\n")
    settings = load({"SANCTUARY_WATCH_LEASE_SECONDS": "20"}, config=file)
    assert settings.tick == timedelta(seconds=0.5)
    assert settings.lease == timedelta(seconds=20)
    assert settings.mail_per_hour == 3
    assert Settings(home=tmp_path).silence == timedelta(minutes=1)


def test_home_is_the_platforms_data_folder_when_not_said() -> None:
    assert load({}).home.name == "sanctuary-watch"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('mail_from = "file@example.org"\nallow_networks = ["127.0.0.0/8", "10.0.0.0/8"]\n')
    settings = load({"SANCTUARY_WATCH_MAIL_FROM": "env@example.org"}, config=file)
    assert settings.mail_from == "env@example.org"
    assert [str(network) for network in settings.networks] == ["127.0.0.0/8", "10.0.0.0/8"]


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "smtp"
    secret.write_text("smtps://user:pass@mail.example:465\n")
    assert load({"SANCTUARY_WATCH_SMTP_URL_FILE": str(secret)}).smtp_url == "smtps://user:pass@mail.example:465"


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"SANCTUARY_WATCH_ARCHIVE_URL": "mysql://x"}, "SANCTUARY_WATCH_ARCHIVE_URL: must begin with sqlite:///"),
        ({"SANCTUARY_WATCH_BROKER_URL": "amqp://x"}, "SANCTUARY_WATCH_BROKER_URL"),
        ({"SANCTUARY_WATCH_ALLOW_NETWORKS": "localhost"}, "SANCTUARY_WATCH_ALLOW_NETWORKS"),
        ({"SANCTUARY_WATCH_WEB_TRUSTED": "localhost"}, "SANCTUARY_WATCH_WEB_TRUSTED"),
        ({"SANCTUARY_WATCH_API_PER_MINUTE": "0"}, "SANCTUARY_WATCH_API_PER_MINUTE: must be a whole number from 1 to"),
        ({"SANCTUARY_WATCH_WEB_LISTEN": "8050"}, "SANCTUARY_WATCH_WEB_LISTEN: must be host:port"),
        ({"SANCTUARY_WATCH_METRICS_LISTEN": "9100"}, "SANCTUARY_WATCH_METRICS_LISTEN: must be host:port"),
        ({"SANCTUARY_WATCH_LEASE_SECONDS": "4m"}, "SANCTUARY_WATCH_LEASE_SECONDS: must be a number of seconds"),
        ({"SANCTUARY_WATCH_TICK_SECONDS": "0"}, "SANCTUARY_WATCH_TICK_SECONDS: must be a number of seconds, at least"),
        ({"SANCTUARY_WATCH_TICK_SECONDS": "nan"}, "SANCTUARY_WATCH_TICK_SECONDS"),
        ({"SANCTUARY_WATCH_MAIL_FROM": "me"}, "SANCTUARY_WATCH_MAIL_FROM"),
        ({"SANCTUARY_WATCH_SMTP_URL_FILE": "/nowhere/at/all"}, "SANCTUARY_WATCH_SMTP_URL_FILE: cannot read"),
    ],
)
def test_what_cannot_be_used_is_named(environ: dict[str, str], said: str) -> None:
    with pytest.raises(BadSetting) as caught:
        load(environ)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [("nonsense = 1\n", "unknown setting 'nonsense'"), ("home = [\n", "settings.toml"), (None, "cannot be read")],
)
def test_a_bad_file_is_named(tmp_path: Path, content: str | None, said: str) -> None:
    file = tmp_path / "settings.toml"
    if content is not None:
        file.write_text(content)
    with pytest.raises(BadSetting, match=r"settings\.toml") as caught:
        load({}, config=file)
    assert said in str(caught.value)


def test_the_secret_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first = Settings(home=tmp_path / "home").ensure_secret_key()
    again = Settings(home=tmp_path / "home").ensure_secret_key()
    assert first.secret_key == again.secret_key
    assert len(first.secret_key) >= 40
    assert stat.S_IMODE((tmp_path / "home" / "secret_key").stat().st_mode) == 0o600
    assert Settings(home=tmp_path, secret_key="given").ensure_secret_key().secret_key == "given"
