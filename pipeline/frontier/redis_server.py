"""A connection to one Redis (or Valkey) server: scripts, time limits, and what its errors mean.

Every answer comes within the time limits or ends in ``Unavailable``; a sentence of ours names host and port, never the
password.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import redis
from redis import exceptions as wrong
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from pipeline.errors import Unavailable, UserError

SCRIPTS = Path(__file__).with_name("lua")
OLDEST = (7, 0)
"""Version of Redis: what the tests run on. A Valkey calls itself 7.2."""
IDLE = 25
"""Seconds after which a connection is tried before it is used: firewalls forget idle ones."""


class RedisServer:
    """Scripts and plain commands on one server, from many threads.

    ``timeout`` and ``connect_timeout`` are seconds for one attempt. A connection that broke is made anew once: that is
    what a restart leaves behind, and every script of ours may run twice. What timed out is not tried again.
    """

    def __init__(self, url: str, prefix: str, *, timeout: float, connect_timeout: float) -> None:
        """Connects. Raises ``UserError`` when the URL cannot be used, the password is wrong or this is no Redis that
        can serve; ``Unavailable`` when it does not answer or is still loading its data."""
        self._prefix = prefix
        self._timeout = timeout
        self._scripts: dict[str, Any] = {}
        try:
            parts = urlsplit(url)
            self.place = f"{parts.hostname or 'localhost'}:{parts.port or 6379}"
            self._secrets = {secret for secret in (parts.password, unquote(parts.password or "")) if secret}
            self.client = redis.Redis.from_url(
                url,
                protocol=2,
                socket_timeout=timeout,
                socket_connect_timeout=connect_timeout,
                socket_keepalive=True,
                health_check_interval=IDLE,
                retry=Retry(ConstantBackoff(min(0.1, timeout)), 1, (wrong.ConnectionError,)),
            )
        except (ValueError, TypeError):
            raise UserError(
                "a frontier on Redis must be redis://[user:password@]host[:port][/database]",
                subject=url.rpartition("@")[2].partition("?")[0],
            ) from None
        try:
            self._look()
        except BaseException:
            self.close()
            raise

    def _look(self) -> None:
        try:
            told: dict[str, Any] = self.client.info("server")
        except wrong.NoPermissionError:
            return  # a user who may not ask how the server is; the scripts will tell
        except (wrong.AuthenticationError, wrong.AuthenticationWrongNumberOfArgsError):
            raise UserError(f"Redis at {self.place} does not take this user and password") from None
        except (wrong.InvalidResponse, UnicodeError):
            raise UserError(f"what answers at {self.place} is no Redis") from None
        except wrong.ResponseError as error:
            if "DB index" in str(error):
                raise UserError(f"Redis at {self.place} has no such database") from None
            raise self._meaning(error) from error
        except wrong.RedisError as error:
            raise self._meaning(error) from error
        version = str(told.get("redis_version", "0"))
        if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
            raise UserError(f"Redis at {self.place} is {version}; at least {'.'.join(map(str, OLDEST))} is needed")
        if told.get("redis_mode") == "cluster":
            raise UserError(f"Redis at {self.place} is a cluster; the frontier needs a single server")

    def run(self, name: str, *arguments: Any) -> Any:
        """Runs a script of ours in one step; loads it first where the server does not know it."""
        script = self._scripts.get(name)
        if script is None:
            script = self._scripts[name] = self.client.register_script(_text(name))
        with self.answering():
            return script(keys=[self._prefix], args=arguments)

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Turns what the client raises into ``Unavailable``."""
        try:
            yield
        except wrong.RedisError as error:
            raise self._meaning(error) from error

    def _meaning(self, error: wrong.RedisError) -> Unavailable:
        text = str(error)
        match error:
            case wrong.TimeoutError():
                what = f"did not answer within {self._timeout:g} s"
            case wrong.BusyLoadingError():
                what = "is still loading its data"
            case wrong.AuthenticationError() | wrong.AuthenticationWrongNumberOfArgsError():
                what = "does not take this user and password"
            case wrong.ConnectionError():
                what = f"cannot be reached: {text}"
            case wrong.OutOfMemoryError():
                what = "has no memory left; its maxmemory must be raised"
            case wrong.ReadOnlyError():
                what = "is a replica that takes no changes"
            case wrong.NoPermissionError():
                what = f"does not allow this user what the frontier needs: {text}"
            case _ if text.startswith("MISCONF"):
                what = "cannot write to its disk and takes no changes"
            case _:
                what = f"answers with an error: {text}"
        for secret in self._secrets:
            what = what.replace(secret, "***")
        return Unavailable(f"Redis at {self.place} {what}")

    def health(self) -> str:
        """What could make it lose our data, in one sentence; ''."""
        with self.answering():
            try:
                memory: dict[str, Any] = self.client.info("memory")
                disk: dict[str, Any] = self.client.info("persistence")
            except wrong.NoPermissionError:
                return ""
        ills = []
        policy = memory.get("maxmemory_policy", "noeviction")
        if policy != "noeviction":
            ills.append(f"may throw keys away (maxmemory-policy {policy}; it should be noeviction)")
        if not disk.get("aof_enabled"):
            ills.append("forgets the last minutes when it stops (appendonly no; it should be yes)")
        elif disk.get("aof_last_write_status", "ok") != "ok":
            ills.append("cannot write its append-only file")
        return f"Redis at {self.place} {' and '.join(ills)}" if ills else ""

    def close(self) -> None:
        """Closes all connections."""
        self.client.close()
        self.client.connection_pool.disconnect()


@cache
def _text(name: str) -> str:
    return f"{(SCRIPTS / 'common.lua').read_text('utf-8')}\n{(SCRIPTS / f'{name}.lua').read_text('utf-8')}"
