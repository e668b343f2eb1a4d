"""Where foreign bytes are parsed: child processes with a deadline and a memory limit.

A parser that hangs cannot be stopped from a thread, and one that asks for 20 GB takes its process with it. So feeds and
pages are handed to a few child processes, over a socket each: a child that hangs is killed, one that dies is replaced,
and its neighbours never notice.

The children are fresh interpreters (not forks: a worker has many threads) that do one task at a time. A child

- is limited in memory (RLIMIT_AS; Linux) and, should nobody be left to kill it, in CPU time (RLIMIT_CPU, per task);
- is killed by the kernel when its parent dies, even by SIGKILL (PR_SET_PDEATHSIG; Linux). Elsewhere an idle child sees
  its socket close and a busy one meets its CPU limit;
- ignores SIGINT and SIGTERM, which may reach the whole service: its parent finishes what is under way and ends it;
- has none of the project's settings, and so no secrets, in its environment;
- is replaced after ``lifetime`` tasks, so that a parser's leaks stay small.

To the kernel the "parent" is the *thread* that started the child. Therefore one thread starts them all and lives as
long as the workshop; were it whichever thread came first, its end would kill children in the middle of a task.

POSIX only: the socket is the child's standard input.
"""

from __future__ import annotations

import atexit
import ctypes
import json
import math
import os
import pickle
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self, TypeVar, TypeVarTuple

from pipeline.errors import Crashed, Overtime, PipelineError, Unavailable, Unreadable

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

PATIENCE = 120.0
"""Seconds to wait for a free child. Every task ahead ends within its own deadline, so this is reached only when far
too much is asked of too few children; then the work goes back and is tried again."""
START = 60.0
"""Seconds for a child to start and to import what it was told to."""
ANSWER_CAP = 64_000_000
"""Bytes of a pickled result: the parent has no memory limit of its own."""
LAST_WORDS = 5.0
"""Seconds for a child that has hung up to be gone."""

_LENGTH = 8  # bytes that announce a message's length
_READY = b"ready"
_PR_SET_PDEATHSIG = 1
_BOOT = (
    "import json, sys; told = json.loads(sys.argv[1]); sys.path[:] = told['path']; "
    "from pipeline.workshop import serve; serve(told)"
)


class Workshop:
    """A pool of child processes; safe to share between threads. The children start with the first ``run``.

    ``size``: children. ``memory``: bytes of address space for each. ``lifetime``: tasks after which a child is
    replaced. ``imports``: modules that a child imports before its first task, so that no page pays for that within
    its deadline.
    """

    def __init__(
        self, *, size: int = 2, memory: int = 1_500_000_000, lifetime: int = 500, imports: Sequence[str] = ()
    ) -> None:
        self._size = size
        self._memory = memory
        self._lifetime = lifetime
        self._imports = tuple(imports)
        self._lock = threading.Lock()
        self._closed = False
        self._starter: threading.Thread | None = None
        self._children: set[_Child] = set()  # changed by the starter only
        # Children that wait for a task, or why one could not be started; None: closed.
        self._free: SimpleQueue[_Child | OSError | None] = SimpleQueue()
        # One order for the starter per child that is missing: the one to bury first, if any.
        self._orders: SimpleQueue[_Child | None] = SimpleQueue()

    def run(self, function: Callable[[*Ts], T], *args: *Ts, deadline: float = 20.0) -> T:
        """``function(*args)``, worked out in a child. Arguments and result must pickle, the function by its name.

        ``deadline``: seconds for the task itself. Waiting for a free child or for a child to start does not count; it
        is bounded by ``PATIENCE`` and ``START``.

        Raises what the function raised, when that is a PipelineError; Unreadable, with class, text and place, for
        any other exception; Overtime when the deadline passed; Crashed when the child died, ran out of memory or has
        too much to say; Unavailable when no child could be had or the workshop was closed.
        """
        task = pickle.dumps((function, args, deadline), pickle.HIGHEST_PROTOCOL)
        child = self._take()
        try:
            good, value = child.ask(task, deadline)
        except BaseException as error:
            self._replace(child)
            if self._closed and isinstance(error, Crashed):
                raise Unavailable("the workshop was closed in the middle of a task") from error
            raise
        if child.tasks >= self._lifetime or isinstance(value, Crashed):
            self._replace(child)
        else:
            self._release(child)
        if not good:
            raise value
        result: T = value
        return result

    def close(self) -> None:
        """Ends all children, those at work too: their ``run`` raises Unavailable. Further calls do nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        atexit.unregister(self.close)
        self._orders.put(None)
        if self._starter is not None:
            self._starter.join()
        for child in self._children:
            child.bury()
        while not self._free.empty():
            waiting = self._free.get()
            if isinstance(waiting, _Child):
                waiting.dismiss()
        self._free.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -------------------------------------------------------------- children come and go
    def _take(self) -> _Child:
        """A child that waits for a task. Raises Unavailable."""
        self._open()
        end = time.monotonic() + PATIENCE
        while True:
            try:
                child = self._free.get(timeout=max(0.0, end - time.monotonic()))
            except Empty:
                raise Unavailable(f"no workshop child became free within {PATIENCE:.0f} s") from None
            if child is None:
                self._free.put(None)  # for the next one who waits
                raise Unavailable("the workshop is closed")
            if isinstance(child, OSError):
                self._orders.put(None)
                raise Unavailable(f"a workshop child could not be started: {child.strerror}")
            try:
                child.greet()
            except BaseException:
                self._replace(child)
                raise
            if child.alive():
                return child
            self._replace(child)  # it died while it waited: no task is to blame

    def _release(self, child: _Child) -> None:
        with self._lock:
            if not self._closed:
                self._free.put(child)
                return
        child.dismiss()

    def _replace(self, child: _Child) -> None:
        child.dismiss()
        self._orders.put(child)

    def _open(self) -> None:
        """Starts the starter, once, and orders the first children."""
        with self._lock:
            if self._starter is None and not self._closed:
                for _ in range(self._size):
                    self._orders.put(None)
                self._starter = threading.Thread(target=self._start, name="workshop", daemon=True)
                self._starter.start()
                atexit.register(self.close)

    def _start(self) -> None:
        """The starter: buries what is spent and starts another in its place, until the workshop is closed."""
        while True:
            spent = self._orders.get()
            if self._closed:
                return
            if spent is not None:
                spent.bury()
                self._children.discard(spent)
            try:
                child = _Child(self._memory, self._imports)
            except OSError as error:
                self._free.put(error)
            else:
                self._children.add(child)
                self._free.put(child)


class _Child:
    """One child process, from the parent's side. Used by one thread at a time, but for ``bury``."""

    def __init__(self, memory: int, imports: Sequence[str]) -> None:
        """Starts it without waiting. Raises OSError."""
        self.tasks = 0
        self._ready = False
        told = {"path": sys.path, "parent": os.getpid(), "memory": memory, "imports": imports}
        self._line, theirs = socket.socketpair()
        try:
            # Its own process group: Ctrl-C must not reach it before it has learned to ignore it.
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and words
                [sys.executable, "-P", "-c", _BOOT, json.dumps(told)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env=_environment(),
                process_group=0,
            )
        except BaseException:
            self._line.close()
            raise
        finally:
            theirs.close()

    def greet(self) -> None:
        """Waits, the first time, until it is ready. Raises Unavailable."""
        if self._ready:
            return
        try:
            _receive(self._line, time.monotonic() + START)
        except TimeoutError:
            raise Unavailable(f"a workshop child was not ready within {START:.0f} s") from None
        except OSError:
            raise Unavailable(f"a workshop child did not start: it {self._fate()}") from None
        self._ready = True

    def ask(self, task: bytes, deadline: float) -> tuple[bool, Any]:
        """Sends a task and waits for ``(True, result)`` or ``(False, error)``. Raises Overtime or Crashed."""
        end = time.monotonic() + deadline
        self.tasks += 1
        try:
            _send(self._line, task, end)
            answer = _receive(self._line, end)
        except TimeoutError:
            raise Overtime(f"parsing did not end within {deadline:g} s") from None
        except OSError:
            raise Crashed(f"the parsing process {self._fate()}") from None
        good, value = pickle.loads(answer)  # noqa: S301 - written by our own child
        return good, value

    def alive(self) -> bool:
        return self._process.poll() is None

    def dismiss(self) -> None:
        """Hangs up and kills it; ``bury`` clears away what is left."""
        self._line.close()
        self._process.kill()

    def bury(self) -> None:
        """Kills it and waits until it is gone. Leaves the socket alone: another thread may be reading it."""
        self._process.kill()
        self._process.wait()

    def _fate(self) -> str:
        try:
            code = self._process.wait(LAST_WORDS)
        except subprocess.TimeoutExpired:
            return "hung up"
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"


# ------------------------------------------------------------------ the child's side
def serve(told: dict[str, Any]) -> None:
    """A child's whole life: limits itself, imports, then does task after task until its parent hangs up.

    ``told``: ``path`` (sys.path), ``parent`` (its process id), ``memory`` (bytes), ``imports`` (module names).
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != told["parent"]:  # it died before it could be watched
            return
        _limit(resource.RLIMIT_AS, told["memory"])
    line = socket.socket(fileno=os.dup(0))
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a parser that reads standard input finds nothing there
        os.dup2(nothing.fileno(), 0)
    for name in told["imports"]:
        import_module(name)
    with line:
        try:
            _send(line, _READY)
            while True:
                _send(line, _work(_receive(line)))
        except OSError:
            return  # the parent hung up


def _work(task: bytearray) -> bytes:
    """The answer to one task."""
    try:
        function, args, deadline = pickle.loads(task)  # noqa: S301 - written by our own parent
        _limit(resource.RLIMIT_CPU, math.ceil(time.process_time() + 2 * deadline) + 5)
        answer = pickle.dumps((True, function(*args)), pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        return pickle.dumps((False, Crashed("parsing ran out of memory")))
    except PipelineError as error:
        return pickle.dumps((False, error))
    except BaseException as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        reason = f"{type(error).__name__}: {str(error)[:500]} (at {where.name}, line {where.lineno})"
        return pickle.dumps((False, Unreadable(reason)))
    if len(answer) > ANSWER_CAP:
        return pickle.dumps((False, Crashed(f"the result of parsing has {len(answer)} bytes")))
    return answer


def _limit(what: int, soft: int) -> None:
    hard = resource.getrlimit(what)[1]
    resource.setrlimit(what, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _environment() -> dict[str, str]:
    """The parent's environment without the project's settings. Numeric libraries get one thread: each further one
    takes address space, and there are as many children as the operator wants processors used."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SANCTUARY_WATCH_")}
    return kept | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


# ------------------------------------------------------------------ messages: eight bytes of length, then as many
def _send(line: socket.socket, message: bytes, end: float | None = None) -> None:
    _until(line, end)
    line.sendall(len(message).to_bytes(_LENGTH) + message)


def _receive(line: socket.socket, end: float | None = None) -> bytearray:
    """One message. Raises TimeoutError after ``end`` (monotonic), OSError when the other side hung up."""
    length = int.from_bytes(_exactly(line, _LENGTH, end))
    if end is not None and length > ANSWER_CAP:
        raise OSError(f"a message of {length} bytes")
    return _exactly(line, length, end)


def _exactly(line: socket.socket, size: int, end: float | None) -> bytearray:
    data = bytearray(size)
    view = memoryview(data)
    while view:
        _until(line, end)
        if not (count := line.recv_into(view)):
            raise ConnectionResetError("the other side hung up")
        view = view[count:]
    return data


def _until(line: socket.socket, end: float | None) -> None:
    if end is None:
        line.settimeout(None)
        return
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    line.settimeout(left)
