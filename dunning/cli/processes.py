"""`flask work` and `flask clock`: the two processes beside the web."""

import signal
import time
from threading import Event

import click
import structlog
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested

from dunning.jobs.bell import install_bell, open_queue
from dunning.jobs.minute import run_clock
from dunning.jobs.ways.channels import close_channels
from dunning.running import current_settings

log = structlog.get_logger()
WAIT_SECONDS = 0.1


@click.command("work")
def work() -> None:
    """Carry out effects as the bell rings, until told to stop.

    The worker does not fork for each job: its press stays warm, and what can hang or crash runs in the press's own
    child process. One queue per worker; it needs no scheduler, because time lives in the database.
    """
    install_bell(current_settings())
    queue = open_queue(current_settings())
    try:
        while lost_redis(queue):
            log.warning("worker lost its bell and waits for it")
    except StopRequested:  # while it waited
        pass
    finally:
        close_channels()


class BellWorker(SimpleWorker):
    """Remembers that it was told to stop: with Redis away it could not say goodbye, which looks like a loss."""

    told_to_stop = False

    def handle_warm_shutdown_request(self) -> None:
        """RQ's hook, called by the signal's handler."""
        self.told_to_stop = True

    def subscribe(self) -> None:
        """Nobody sends workers commands, and the thread that waits for them would outlive a lost Redis."""


def lost_redis(queue: Queue) -> bool:
    """Works until told to stop (False) or until Redis is gone (True): that ends RQ's loop, but need not end us."""
    await_redis(queue)
    worker = BellWorker([queue], connection=queue.connection, serializer=queue.serializer)
    try:
        worker.work(with_scheduler=False, logging_level="WARNING")
    except RedisError:
        return not worker.told_to_stop
    return False


def await_redis(queue: Queue) -> None:
    """Returns when Redis answers: it may have been started together with us."""
    while True:
        try:
            queue.connection.ping()
        except RedisError:
            time.sleep(WAIT_SECONDS)
        else:
            return


@click.command("clock")
def clock() -> None:
    """Play the day from working hours on, and ring for what is ready."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    install_bell(current_settings())
    run_clock(current_settings(), stop)
