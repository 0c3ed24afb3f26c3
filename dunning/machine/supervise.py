"""Keeps processes running: starts a dead one again, ends all of them together, leaves none behind.

The children are forked from this process, which has loaded the code already: all are up in the time one import
takes. Each leads a session of its own, so Ctrl-C reaches the supervisor alone, and dies with it (Linux tells it),
so that even `kill -9` of the supervisor leaves nothing.
"""

import contextlib
import ctypes
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from threading import Event
from types import FrameType

import structlog

GRACE_SECONDS = 5.0
LOOK_EVERY = 0.1
# seconds until a child is started again, longer each time; one that lived for a while begins anew
BACK_OFF = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
CALM_SECONDS = 60.0
PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
libc = ctypes.CDLL(None)

log = structlog.get_logger()
fork = multiprocessing.get_context("fork")


@dataclass
class Child:
    """A process to keep running. `pillar`: the others need it, so it is the last to end."""

    name: str
    run: Callable[[], object]
    pillar: bool = False
    process: BaseProcess | None = None
    started: float = 0.0
    failures: int = 0
    start_at: float | None = 0.0  # on the monotonic clock; None while it runs

    def start(self) -> None:
        """Forks it."""
        self.process = fork.Process(target=live, args=(self.name, self.run, os.getpid()))
        self.process.start()
        self.started, self.start_at = time.monotonic(), None

    def look(self) -> str | None:
        """Starts it when it is time to; says in one line when it has died."""
        now = time.monotonic()
        if self.start_at is not None:
            if now >= self.start_at:
                self.start()
            return None
        if self.process is None or self.process.is_alive():
            return None
        self.failures = 0 if now - self.started > CALM_SECONDS else self.failures
        wait = BACK_OFF[min(self.failures, len(BACK_OFF) - 1)]
        self.failures, self.start_at = self.failures + 1, now + wait
        how = describe_exit(self.process.exitcode)
        self.kill_group()
        return f"{self.name} {how}, starting again in {wait:g} s"

    def kill_group(self) -> None:
        """Whatever the child has started dies with it."""
        if self.process and self.process.pid:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.join()


class Supervisor:
    """Runs children until SIGTERM or SIGINT. `say` gets a line for a person."""

    def __init__(self, children: Sequence[Child], say: Callable[[str], None]) -> None:
        self.children, self.say = children, say
        self.stop = Event()
        self.hurry = Event()

    def run(self, is_ready: Callable[[], bool], greet: Callable[[], None]) -> None:
        """Returns when everything has ended. Calls `greet` once, as soon as `is_ready`."""
        greeted = False
        with self.catching_signals():
            try:
                while not self.stop.is_set():
                    for line in filter(None, [child.look() for child in self.children]):
                        self.say(line)
                    if not greeted and is_ready():
                        greeted = True
                        greet()
                    self.stop.wait(LOOK_EVERY)
            finally:
                self.end_children()

    @contextlib.contextmanager
    def catching_signals(self) -> Iterator[None]:
        """The first signal asks to stop, the second not to wait."""

        def ask(_number: int, _frame: FrameType | None) -> None:
            (self.hurry if self.stop.is_set() else self.stop).set()

        before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def end_children(self) -> None:
        """Asks, waits a little, then kills; what the others need goes last."""
        for pillar in (False, True):
            ending = [child.process for child in self.children if child.process and child.pillar is pillar]
            for process in ending:
                process.terminate()
            until = time.monotonic() + GRACE_SECONDS
            while any(p.is_alive() for p in ending) and time.monotonic() < until and not self.hurry.is_set():
                time.sleep(0.02)
        for child in self.children:
            child.kill_group()


def live(name: str, run: Callable[[], object], parent: int) -> None:
    """What a child does first. Its standard output goes where its log goes: ours is for people."""
    os.setsid()
    libc.prctl(PR_SET_NAME, name.encode())  # what `ps` and `top` call it
    die_with_parent(parent)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        run()
    except Exception:  # Python's own word on it would be no line of a log that machines read
        log.exception("process failed", process=name)
        sys.exit(1)


def die_with_parent(parent: int) -> None:
    """Asks the kernel for SIGKILL when the supervisor is gone, however it went."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it went before we could ask
        os._exit(1)


def describe_exit(code: int | None) -> str:
    """`ended with 1` or `was killed by SIGKILL`."""
    if code is not None and code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with {code}"
