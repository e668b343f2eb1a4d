"""The whole monitor in production form: ``python -m benchmarks.endtoend [--times 50] [--workers 1,2,4]``.

The demo's newsroom many times over (``_newsrooms``), a Redis as frontier and broker, an Elasticsearch node, a mail
server that takes everything, a beat, and one, two and four worker processes, each for all queues, all on this machine:
from feeds that were never polled to the last mail. Each number of workers begins with nothing. What was found is
compared with what each newsroom must bring; any difference is told, and the exit status is 1.

Processor time is told by whoever spent it: workers with their child processes, beat, Elasticsearch and Redis by
their own accounts, the newsrooms' server, and this program with its mail server. Needs Linux and the extra ``test``.

Stages are seconds of threads, waiting included, from what the monitor keeps anyhow: the durations of Celery's tasks
(``/metrics``) and the instants of each entry's steps. ``extract`` runs from the answer of a page's host to the text (a
child process has to be free), ``record`` from the text to the written outcome; ``fetch`` is what remains of the tasks:
claiming, reading the entry, robots.txt, and the request.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast
from urllib.parse import urlsplit

import redis
from aiosmtpd.controller import Controller
from elasticsearch import Elasticsearch
from prometheus_client.parser import text_string_to_metric_families

from analyst import answers
from benchmarks._elasticsearch import new_prefix, remove, server_url
from benchmarks._harness import machine
from benchmarks._newsrooms import MOST, Replica, a_port, newsrooms, serving
from config.settings import load
from demo import compare
from demo.newsroom import NETWORK
from demo.show import AlertJSON, ArticleJSON, MeasureJSON, WhyJSON
from pipeline import flow
from pipeline.alerts.subscriptions import subscribe
from pipeline.archive.base import Archive, every
from pipeline.archive.elastic.archive import ElasticArchive
from pipeline.model import Alert, Article, Entry, Feed, utc_now
from pipeline.tools import Tools, open_tools
from tests.integration.fleet import Process
from tests.servers.processes import free_port
from tests.servers.redis import programs, running

STATES = ("AL", "AZ", "CA", "CO", "CT", "IL", "MO", "NC", "NY", "PA", "TX", "VT", "WA", "WI")
"""Where something is adopted in the newsrooms: each state has one subscriber."""
LOOK = 0.5
"""Seconds between looks at whether all is done: what the clock is right to."""
DAY = 86_400
ROUNDS = 3
"""Further polls of every feed."""
ITEMS_A_DAY = 1_000_000
POLLS_A_DAY = 200_000 * 24
"""Of the larger monitor that the last table is about: its feeds are polled once an hour on average."""
TICKS = os.sysconf("SC_CLK_TCK")
OURS = ("workers", "beat")
SERVERS = ("Elasticsearch", "Redis")
CORES = ("workers", *SERVERS)
STAGES = ("poll", "fetch", "extract", "record", "deliver", "sweeps")


@dataclass
class Run:
    """What one number of workers did."""

    workers: int
    feeds: int
    wall: float
    cpu: dict[str, float]
    """Processor seconds by who spent them."""
    outcomes: Counter[str]
    measures: int
    mails: int
    stages: dict[str, tuple[float, int]]
    """Thread-seconds, and of how many things."""
    index: dict[str, tuple[float, int]]
    """Elasticsearch's own account: seconds and how many, by what it did."""
    redis: dict[str, tuple[float, int]]
    """Redis' own account, by command."""
    again: dict[str, float] = field(default_factory=dict)
    """Processor seconds of a later poll that finds nothing new, by who spent them."""
    differences: list[str] = field(default_factory=list)

    @property
    def items(self) -> int:
        """Entries that were decided."""
        return sum(n for outcome, n in self.outcomes.items() if outcome != "waiting")


def main() -> int:
    """Prints the tables; 1 when something was not found as expected."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=50, help="newsrooms: 2 to see whether it works")
    parser.add_argument("--workers", default="1,2,4", help="numbers of worker processes, one run each")
    parser.add_argument("--concurrency", type=int, default=16, help="threads of a worker")
    parser.add_argument("--elasticsearch", default="", help="elasticsearch+http://host:port; a node is started without")
    parser.add_argument("--heap", type=int, default=1024, help="MB of the node that is started")
    parser.add_argument("--refresh", default="", help="Elasticsearch's refresh interval; default: of each kind its own")
    parser.add_argument("--patience", type=float, default=3600, help="seconds after which a run is given up")
    parser.add_argument("--keep", type=Path, help="folder for the logs of the processes")
    options = parser.parse_args()
    if not 1 <= options.times <= MOST:
        parser.error(f"--times: from 1 to {MOST}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything that was started ends too
    print(machine(), flush=True)
    replicas = newsrooms(options.times, datetime.now(UTC), a_port())
    feeds = sum(len(replica.outlets) for replica in replicas)
    stories = sum(len(replica.stories) for replica in replicas)
    print(f"{options.times} newsrooms: {feeds:,} feeds, {stories:,} items", flush=True)
    runs = []
    with server_url(options.elasticsearch, options.heap) as url, serving(replicas) as pid:
        # The node's Java compiles what it does often: the first run pays for it, so a small one goes before.
        with serving(warm := newsrooms(1, datetime.now(UTC), a_port())) as warm_pid:
            _run(warm, warm_pid, url, 1, options, [])
        for count in map(int, options.workers.split(",")):
            runs.append(_run(replicas, pid, url, count, options, replicas))
            _tell(runs[-1])
    _tables(runs)
    return 1 if any(run.differences for run in runs) else 0


# ------------------------------------------------------------------ one run
def _run(
    replicas: Sequence[Replica], newsroom: int, server: str, count: int, options: argparse.Namespace,
    judged: Sequence[Replica],
) -> Run:  # fmt: skip
    sink = _Sink()
    with (
        TemporaryDirectory() as folder,
        running(programs()["valkey"], Path(folder, "redis"), appendfsync="everysec") as store,
        _mail_server(sink) as mail_port,
    ):
        refresh = f"?refresh={options.refresh}" if options.refresh else ""
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SANCTUARY_WATCH_")},
            "SANCTUARY_WATCH_HOME": str(Path(folder, "home")),
            "SANCTUARY_WATCH_ARCHIVE_URL": f"{server}/{new_prefix()}{refresh}",
            "SANCTUARY_WATCH_FRONTIER_URL": store.url,
            "SANCTUARY_WATCH_BROKER_URL": store.url.removesuffix("/0") + "/1",
            "SANCTUARY_WATCH_SMTP_URL": f"smtp://127.0.0.1:{mail_port}",
            "SANCTUARY_WATCH_ALLOW_NETWORKS": NETWORK,
            "SANCTUARY_WATCH_MAIL_PER_HOUR": "1000",
        }
        settings = load(environment)
        with open_tools(settings) as tools, store.client() as client:
            archive = cast(ElasticArchive, tools.archive)
            archive.create_many([feed for replica in replicas for feed in replica.watched(utc_now())])
            for state in STATES:
                archive.create(subscribe(f"{state.lower()}@example.org", places=(state,), now=utc_now()))
            archive.refresh()
            patterns = f"{archive.layout.address.prefix}-*"
            workers, ports = [], [free_port() for _ in range(count)]
            beat = None
            try:
                for port in ports:
                    listen = {"SANCTUARY_WATCH_METRICS_LISTEN": f"127.0.0.1:{port}"}
                    arguments = ("worker", "--concurrency", str(options.concurrency))
                    workers.append(Process(arguments, {**environment, **listen}))
                for worker in workers:
                    worker.wait_for("working on", 60)
                with Elasticsearch(list(archive.layout.address.hosts)) as elastic:
                    account = _Account(workers, None, newsroom, client, elastic, patterns)
                    client.config_resetstat()
                    began = time.monotonic()
                    beat = account.beat = Process(("beat",), environment)
                    _wait(tools, sum(len(replica.outlets) for replica in replicas), began + options.patience)
                    wall = time.monotonic() - began
                    cpu, commands, index = account.spent(), account.commands(), account.index()
                    tasks = _tasks(ports)
                    again = _poll_again(tools, elastic, client, newsroom, workers, beat, patterns)
            finally:
                for process in filter(None, (beat, *workers)):
                    process.send(signal.SIGTERM)
                for process in filter(None, (beat, *workers)):
                    process.end(60)
                    if options.keep:
                        options.keep.mkdir(parents=True, exist_ok=True)
                        name = f"{count}-{process.arguments[0]}-{process.pid}.log"
                        (options.keep / name).write_text(process.said)
            archive.refresh()
            run = _found(archive, replicas, count, wall, cpu, sink, tasks, index, commands)
            run.again = again
            run.differences = _differences(archive, judged, sink)
            remove(archive)
            return run


def _wait(tools: Tools, feeds: int, end: float) -> None:
    """Until the workers have filled the frontier, nothing is due, pending or owed, and aggregators' leads were tried
    twice."""
    woken = False
    while time.monotonic() < end:
        time.sleep(LOOK)
        if tools.frontier.backlog(tools.now()).feeds < feeds or not flow.is_idle(tools):
            continue
        if woken:
            return
        flow.wake_leads(tools)
        woken = True
    raise SystemExit("it did not come to an end in time")


def _poll_again(
    tools: Tools, elastic: Elasticsearch, store: redis.Redis, newsroom: int, workers: Sequence[Process], beat: Process,
    patterns: str,
) -> dict[str, float]:  # fmt: skip
    """Processor seconds of a poll that finds nothing new, by who spent them."""
    account = _Account(workers, beat, newsroom, store, elastic, patterns)
    for _ in range(ROUNDS):
        flow.make_all_due(tools)
        while not flow.is_idle(tools):
            time.sleep(LOOK)
    polls = ROUNDS * tools.archive.count(Feed)
    return {name: seconds / polls for name, seconds in account.spent().items()}


class _Sink:
    """Takes every mail."""

    def __init__(self) -> None:
        self.mails: Counter[str] = Counter()
        """By Message-ID."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's
        head = envelope.content.partition(b"\r\n\r\n")[0].decode("ascii", "replace")
        ids = [line.partition(":")[2].strip() for line in head.splitlines() if line.lower().startswith("message-id:")]
        self.mails[ids[0] if ids else ""] += 1
        return "250 taken"


@contextmanager
def _mail_server(sink: _Sink) -> Iterator[int]:
    port = free_port()
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


# ------------------------------------------------------------------ who spent what
class _Account:
    """Processor seconds since it was opened, by who spent them."""

    def __init__(
        self, workers: Sequence[Process], beat: Process | None, newsroom: int, store: redis.Redis,
        elastic: Elasticsearch, names: str,
    ) -> None:  # fmt: skip
        self._workers, self.beat, self._newsroom = workers, beat, newsroom
        self._store, self._elastic, self._names = store, elastic, names
        self._before = self._now()
        self._index = self._index_now()

    def _now(self) -> dict[str, float]:
        told = self._store.info("cpu")
        nodes = self._elastic.nodes.stats(metric="process")["nodes"].values()
        return {
            "workers": sum(_of_session(worker.pid) for worker in self._workers),
            "beat": _of_session(self.beat.pid) if self.beat else 0.0,
            "Elasticsearch": sum(node["process"]["cpu"]["total_in_millis"] for node in nodes) / 1000,
            "Redis": told["used_cpu_sys"] + told["used_cpu_user"],
            "newsrooms": _of(self._newsroom),
            "this program, mail server": time.process_time(),
        }

    def spent(self) -> dict[str, float]:
        return {name: seconds - self._before[name] for name, seconds in self._now().items()}

    def commands(self) -> dict[str, tuple[float, int]]:
        told = self._store.info("commandstats")
        spent = {name.removeprefix("cmdstat_"): (row["usec"] / 1e6, row["calls"]) for name, row in told.items()}
        return dict(sorted(spent.items(), key=lambda item: -item[1][0]))

    def _index_now(self) -> dict[str, tuple[float, int]]:
        names = self._names
        all_ = self._elastic.indices.stats(index=names, metric="indexing,get,search,refresh,flush,merge")["_all"]
        told = all_["primaries"]
        return {
            "index": (told["indexing"]["index_time_in_millis"] / 1000, told["indexing"]["index_total"]),
            "get": (told["get"]["time_in_millis"] / 1000, told["get"]["total"]),
            "search": (told["search"]["query_time_in_millis"] / 1000, told["search"]["query_total"]),
            "fetch found": (told["search"]["fetch_time_in_millis"] / 1000, told["search"]["fetch_total"]),
            "refresh": (told["refresh"]["total_time_in_millis"] / 1000, told["refresh"]["total"]),
            "merge": (told["merges"]["total_time_in_millis"] / 1000, told["merges"]["total"]),
            "flush": (told["flush"]["total_time_in_millis"] / 1000, told["flush"]["total"]),
        }

    def index(self) -> dict[str, tuple[float, int]]:
        before = self._index
        return {
            name: (seconds - before[name][0], n - before[name][1]) for name, (seconds, n) in self._index_now().items()
        }


def _of(pid: int) -> float:
    """Processor seconds of a process and the children it has waited for."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(ticks) for ticks in fields[11:15]) / TICKS


def _of_session(leader: int) -> float:
    """The same of all processes of a session."""
    total = 0.0
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text("utf-8").rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == leader:
                total += sum(int(ticks) for ticks in fields[11:15]) / TICKS
    return total


# ------------------------------------------------------------------ what came of it
def _tasks(ports: Sequence[int]) -> dict[str, tuple[float, int]]:
    """Seconds and how many of each Celery task, of all workers."""
    spent: dict[str, float] = defaultdict(float)
    ended: dict[str, float] = defaultdict(float)
    for port in ports:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == "sanctuary_watch_task_duration_seconds_sum":
                    spent[sample.labels["task"]] += sample.value
                elif sample.name == "sanctuary_watch_task_duration_seconds_count":
                    ended[sample.labels["task"]] += sample.value
    return {task: (seconds, int(ended[task])) for task, seconds in spent.items()}


def _found(
    archive: Archive, replicas: Sequence[Replica], workers: int, wall: float, cpu: Mapping[str, float], sink: _Sink,
    tasks: Mapping[str, tuple[float, int]], index: Mapping[str, tuple[float, int]],
    commands: Mapping[str, tuple[float, int]],
) -> Run:  # fmt: skip
    outcomes: Counter[str] = Counter()
    extract, record = [], []
    for stored in every(archive, Entry):
        entry = stored.record
        outcomes[entry.outcome] += 1
        at = {step.step: step.at for step in entry.steps}
        if "page" in at and "text" in at:
            extract.append((at["text"] - at["page"]).total_seconds())
        if "relevance" in at and "outcome" in at:
            record.append((at["outcome"] - at["relevance"]).total_seconds())
    feeds = archive.count(Feed)
    read = sum(extract) + sum(record)
    none = (0.0, 0)
    sweeps = [tasks.get(task, none) for task in ("sweep feeds", "sweep articles", "sweep notices")]
    decided = sum(outcomes.values())
    return Run(
        workers=workers,
        feeds=feeds,
        wall=wall,
        cpu=dict(cpu),
        outcomes=outcomes,
        measures=len(answers.docket(archive)["measures"]),
        mails=sum(sink.mails.values()),
        stages={
            "poll": (tasks.get("poll", none)[0], feeds),
            "fetch": (tasks.get("article", none)[0] - read, decided),
            "extract": (sum(extract), len(extract)),
            "record": (sum(record), len(record)),
            "deliver": (tasks.get("alert", none)[0], sum(sink.mails.values())),
            "sweeps": (sum(one[0] for one in sweeps), sum(one[1] for one in sweeps)),
        },
        index=dict(index),
        redis=dict(commands),
    )


def _differences(archive: Archive, replicas: Sequence[Replica], sink: _Sink) -> list[str]:
    """What was not found as each newsroom's expectations want it, a sentence each."""
    measures = cast("list[MeasureJSON]", answers.docket(archive)["measures"])
    alerts = [stored.record for stored in every(archive, Alert)]
    articles: dict[str, list[ArticleJSON]] = defaultdict(list)
    entries: dict[str, dict[str, WhyJSON]] = defaultdict(dict)
    for stored in every(archive, Article):
        one = stored.record
        shown = {"url": one.url, "story": one.story, "copy_of": one.copy_of or None}
        articles[_network(one.url)].append(cast("ArticleJSON", shown))
    for kept in every(archive, Entry):
        entry = kept.record
        told = "unknown" if entry.outcome == "waiting" else entry.outcome
        why = {"url": entry.url, "outcome": told, "reason": entry.reason, "steps": list(entry.steps)}
        entries[_network(entry.item.link)][entry.item.link] = cast("WhyJSON", why)
    of_measure: dict[str, set[str]] = {
        measure["id"]: {_network(proof["url"]) for action in measure["actions"] for proof in action["evidence"]}
        for measure in measures
    }
    differences: list[str] = []
    for replica in replicas:
        wanted = replica.expected()
        own = [measure for measure in measures if replica.network in of_measure[measure["id"]]]
        sent = [
            cast("AlertJSON", {"measure": alert.measure, "kind": alert.kind})
            for alert in alerts
            if alert.state == "sent" and replica.network in of_measure.get(alert.measure, ())
        ]
        found = [
            *compare.measures(wanted, own),
            *compare.alerts(wanted, sent, own),
            *compare.copies(wanted, articles[replica.network]),
            *compare.endings(wanted, entries[replica.network]),
        ]
        differences += [f"newsroom {replica.number}: {text}" for text in found]
    unsent = Counter(alert.state for alert in alerts if alert.state != "sent")
    if unsent:
        differences.append(f"alerts that were not sent: {dict(unsent)}")
    doubled = sum(n > 1 for n in sink.mails.values())
    if doubled or len(sink.mails) != len(alerts):
        differences.append(f"{len(alerts)} alerts, but {len(sink.mails)} mails, {doubled} of them more than once")
    if replicas:
        surely = sum(sum(replica.expected().alerts.values()) for replica in replicas)
        print(f"alerts that must be: {surely:,}; that were sent: {len(alerts):,}", flush=True)
    return differences


def _network(url: str) -> str:
    host = urlsplit(url).hostname or ""
    return host[: host.find(".", host.find(".") + 1) + 1] + "0." if host.startswith("127.") else host


# ------------------------------------------------------------------ telling
def _tell(run: Run) -> None:
    told = ", ".join(f"{n:,} {outcome}" for outcome, n in run.outcomes.most_common())
    print(f"\n{run.workers} workers: {told}; {run.measures:,} measures, {run.mails:,} mails in {run.wall:.0f} s")
    print("  of Elasticsearch: " + _spent(run.index))
    print("  of Redis: " + _spent(dict(list(run.redis.items())[:8])))
    print(f"  as expected: {not run.differences}")
    for text in run.differences[:20]:
        print(f"  - {text}")
    if len(run.differences) > 20:
        print(f"  - and {len(run.differences) - 20} more")
    sys.stdout.flush()


def _spent(account: Mapping[str, tuple[float, int]]) -> str:
    return ", ".join(f"{name} {seconds:.1f} s in {n:,}" for name, (seconds, n) in account.items())


def _tables(runs: Sequence[Run]) -> None:
    """For docs/benchmarks.md."""
    count = [f"{run.workers} worker{'s' * (run.workers > 1)}" for run in runs]
    rows = [
        [
            "articles, copies, discards",
            *("{article}, {copy}, {discard}".format_map(_Zero(run.outcomes)) for run in runs),
        ],
        ["measures, mails", *(f"{run.measures:,}, {run.mails:,}" for run in runs)],
        ["wall seconds", *(f"{run.wall:.0f}" for run in runs)],
        ["**items a second**", *(f"**{run.items / run.wall:.1f}**" for run in runs)],
        ["CPU seconds", *(f"{sum(run.cpu.values()):.0f}" for run in runs)],
        *([f"... {name}", *(f"{run.cpu[name]:.1f}" for run in runs)] for name in runs[0].cpu),
        ["share of ours", *(_share(run, OURS) for run in runs)],
        ["share of the servers", *(_share(run, SERVERS) for run in runs)],
        ["CPU ms an item, ours", *(_each(run, OURS) for run in runs)],
        ["CPU ms an item, Elasticsearch", *(_each(run, ("Elasticsearch",)) for run in runs)],
        ["CPU ms an item, Redis", *(_each(run, ("Redis",)) for run in runs)],
    ]
    print("\n## The curve")
    _markdown(["", *count], rows)
    print("\n## Stages: thread-milliseconds each, waiting included (thread-seconds in all)")
    _markdown(
        ["", *count],
        [
            [
                stage,
                *(
                    f"{1000 * run.stages[stage][0] / max(1, run.stages[stage][1]):.1f} ({run.stages[stage][0]:.0f})"
                    for run in runs
                ),
            ]
            for stage in STAGES
        ],
    )
    print("\n## Requests of one item")
    _markdown(
        ["", *count],
        [
            *(
                [f"Elasticsearch: {name}", *(f"{run.index[name][1] / run.items:.2f}" for run in runs)]
                for name in runs[0].index
            ),
            [
                "Redis: commands, those inside scripts included",
                *(f"{sum(n for _, n in run.redis.values()) / run.items:.1f}" for run in runs),
            ],
        ],
    )
    print("\n## CPU milliseconds of a poll that finds nothing new")
    _markdown(["", *count], [[name, *(f"{1000 * run.again[name]:.2f}" for run in runs)] for name in (*OURS, *SERVERS)])
    print(f"\n## Cores that are busy all day with {ITEMS_A_DAY:,} items and {POLLS_A_DAY:,} polls, at these costs")
    _markdown(
        ["", *count],
        [[name, *(" + ".join(f"{cores:.2f}" for cores in _cores(run, name)) for run in runs)] for name in CORES],
    )


def _cores(run: Run, name: str) -> tuple[float, float]:
    """Of the items, of the polls."""
    return run.cpu[name] / run.items * ITEMS_A_DAY / DAY, run.again[name] * POLLS_A_DAY / DAY


class _Zero(dict[str, int]):
    def __missing__(self, key: str) -> int:
        return 0


def _share(run: Run, names: Sequence[str]) -> str:
    return f"{sum(run.cpu[name] for name in names) / sum(run.cpu.values()):.0%}"


def _each(run: Run, names: Sequence[str]) -> str:
    return f"{1000 * sum(run.cpu[name] for name in names) / run.items:.1f}"


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    for row in (head, ["---"] * len(head), *rows):
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    sys.exit(main())
