"""Beat: a hint to every queue at each tick, whether anything is due or not. It opens no archive and asks no frontier
what is due, so that it goes on while either is away.

Two beats are harmless: hints carry nothing, and what they lead to is claimed once.
"""

from __future__ import annotations

import logging
import signal
from contextlib import closing
from functools import partial
from types import FrameType
from typing import Any

from celery.apps.beat import Beat
from celery.beat import Scheduler, Service

from config.celery import QUEUES
from config.settings import Settings
from pipeline.frontier import open_frontier
from workers.app import demand_server, make_app, send_hint
from workers.health import Watch
from workers.tasks import Watch as Listener

log = logging.getLogger(__name__)


class HintScheduler(Scheduler):
    """Celery's scheduler, without a file (the entries are few and fixed), which adds nothing to a queue that is full
    and tells of an outage of the broker once."""

    def __init__(self, *args: Any, watch: Listener, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._watch = watch
        self._broker_is_away = False

    def setup_schedule(self) -> None:
        """Every entry is due at the start: a beat that is restarted often sweeps all the same."""
        super().setup_schedule()
        for entry in self.data.values():
            entry.last_run_at = self.app.now() - entry.schedule.run_every

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        """Sends one hint; a failure is told and the next tick tries again."""
        try:
            send_hint(self.app, entry.task)
        except Exception as error:
            if not self._broker_is_away:
                log.warning("no hints can be sent until the broker answers: %s", error)
            self._broker_is_away = True
            return
        if self._broker_is_away:
            log.info("hints are sent again")
        self._broker_is_away = False
        self._watch.heard(entry.options["queue"])


class QuietlyStopped(Beat):
    """Celery's beat, whose handler of signals only takes note: its own closes the broker's connection and raises where
    the signal struck, which may be in the middle of a send that swallows the exception and goes on."""

    def install_sync_handler(self, service: Service) -> None:
        """On SIGTERM or SIGINT the tick under way is the last one."""

        def note(_number: int, _frame: FrameType | None) -> None:
            service._is_shutdown.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, note)


def beat(settings: Settings) -> None:
    """Sends hints until SIGTERM or SIGINT, in the main thread. Raises ``UserError`` when the broker is in memory,
    ``Unavailable`` when the frontier, where it leaves its heartbeat, does not answer at the start."""
    demand_server(settings)
    settings.ensure_home()
    with (
        closing(open_frontier(settings.frontier)) as frontier,
        Watch(settings, frontier, "beat", QUEUES) as watch,
    ):
        log.info("beat: a hint to each queue every %g s", settings.tick_seconds)
        QuietlyStopped(app=make_app(settings), scheduler_cls=partial(HintScheduler, watch=watch), quiet=True).run()
        log.info("beat ends")
