"""A worker outlives its bell: Redis may go in the middle of a job and come back, SIGTERM still ends it (F05)."""

import os
import signal
from collections.abc import Iterator

import pytest

from dunning.cli.processes import lost_redis
from dunning.jobs.bell import open_queue
from dunning.settings import Settings
from tests.faults.conftest import Redis

servers: list[Redis] = []


def take_redis_away() -> None:
    """A job in whose middle Redis dies."""
    servers[-1].stop()


def ask_to_stop() -> None:
    """A job in whose middle the worker is told to stop."""
    os.kill(os.getpid(), signal.SIGTERM)


def stop_without_redis() -> None:
    """A job with both, as when everything is shut down at once."""
    ask_to_stop()
    take_redis_away()


@pytest.fixture
def signals() -> Iterator[None]:
    """A worker sets its own, for the whole process."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def worker_settings(settings: Settings, bell_server: Redis, signals: None) -> Iterator[Settings]:
    """Settings on a Redis that jobs can stop."""
    servers.append(bell_server)
    yield Settings.from_environment({"DUNNING_HOME": str(settings.home), "REDIS_URL": bell_server.url})
    servers.pop()


def ends_lost(settings: Settings, job: object) -> bool:
    """Has a worker do one job."""
    queue = open_queue(settings)
    queue.enqueue(job)
    return lost_redis(queue)


def test_a_worker_whose_redis_dies_in_a_job_goes_on_with_the_next(
    worker_settings: Settings, bell_server: Redis
) -> None:
    assert ends_lost(worker_settings, take_redis_away)
    bell_server.start()
    assert not ends_lost(worker_settings, ask_to_stop)


def test_a_worker_told_to_stop_ends_also_without_redis(worker_settings: Settings) -> None:
    assert not ends_lost(worker_settings, stop_without_redis)
