"""RQ is the bell: it says that there is something to do, never what. Losing Redis loses no work.

After a commit the ids of new effects are rung; the relay rings what is ready whenever the queue is empty. New events in
the inbox are rung for together: while one job waits to apply them all, no other is needed.
"""

import time
from contextlib import suppress
from threading import Event, Thread

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from dunning import effects
from dunning.clock import read_now
from dunning.records.database import Ring, bells, db
from dunning.running import current_settings
from dunning.settings import Settings

log = structlog.get_logger()
QUEUE = "effects"
JOB = "dunning.jobs.carry_out"
INBOX_JOB = "dunning.jobs.apply_events"
NEWS_JOB, POLL_JOB = "dunning.jobs.apply_deliveries", "dunning.jobs.sync_partner"
# set while an inbox job waits; it ends by itself in case the job got lost
INBOX_RUNG, NEWS_RUNG, RUNG_SECONDS = "inbox-rung", "partner-news-rung", 60
INBOX_PAUSE = 0.05
# longer than all that a mail server may make us wait, before and after the content; the lease is what counts
JOB_TIMEOUT = 1200
# a poll asks for the questions of each mandate
POLL_TIMEOUT = 3600
# whoever clicked is waiting behind the bell, and the relay rings again anyway
PATIENCE = 2.0


def open_queue(settings: Settings, *, patience: float | None = None) -> Queue:
    """The one queue. JSON, so that whoever can write to Redis can run nothing but our jobs.

    `patience`: seconds to wait for an answer; a worker waits for jobs as long as it takes.
    """
    connection = Redis.from_url(settings.redis_url, socket_connect_timeout=2, socket_timeout=patience)
    return Queue(QUEUE, connection=connection, serializer=JSONSerializer, default_timeout=JOB_TIMEOUT)


def install_bell(settings: Settings) -> None:
    """Rings after each commit of this process that put an effect or an event.

    After a click that holds its effects back (`clicks.delay_seconds`) this ring always comes too early: its job finds
    nothing ready, and the relay rings again when there is.
    """
    queue = open_queue(settings, patience=PATIENCE)
    inbox = InboxBell(queue)

    def ring_left(left: Ring) -> None:
        ring(queue, left.effects)
        if left.inbox:
            inbox.ring_soon()
        if left.partner_news:
            ring_news(queue)

    bells.append(ring_left)


def ring(queue: Queue, effect_ids: list[int]) -> None:
    """Enqueues ids; a Redis that is down is noted, the relay rings again."""
    try:
        for effect_id in effect_ids:
            queue.enqueue(JOB, effect_id, result_ttl=0, failure_ttl=3600)
    except RedisError as error:
        log.warning("bell out of order", error=type(error).__name__, effects=len(effect_ids))


class InboxBell:
    """Rings for the inbox from a thread of its own: hundreds of events a second are one ring in a while.

    A ring that is lost with this process is made up for by the minute clock.
    """

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._wanted = Event()
        self._thread: Thread | None = None

    def ring_soon(self) -> None:
        """Returns at once."""
        self._wanted.set()
        if self._thread is None:  # not before it is needed: a process that forks would lose it
            self._thread = Thread(target=self._ring_on, daemon=True, name="inbox-bell")
            self._thread.start()

    def _ring_on(self) -> None:
        while self._wanted.wait():
            self._wanted.clear()
            ring_inbox(self._queue)
            time.sleep(INBOX_PAUSE)


def ring_inbox(queue: Queue) -> None:
    """Enqueues the job that applies what is new, unless one is waiting; the minute clock applies it anyway."""
    try:
        if queue.connection.set(INBOX_RUNG, 1, nx=True, ex=RUNG_SECONDS):
            queue.enqueue(INBOX_JOB, result_ttl=0, failure_ttl=3600)
    except RedisError as error:
        log.warning("bell out of order", error=type(error).__name__, effects=0)


def ring_news(queue: Queue) -> None:
    """Enqueues the job that looks at what webhooks are about, unless one is waiting."""
    try:
        if queue.connection.set(NEWS_RUNG, 1, nx=True, ex=RUNG_SECONDS):
            queue.enqueue(NEWS_JOB, result_ttl=0, failure_ttl=3600)
    except RedisError as error:
        log.warning("bell out of order", error=type(error).__name__, effects=0)


def answer_news(queue: Queue) -> None:
    """A webhook that comes in from now on rings anew. Without Redis the next one waits for the clock."""
    with suppress(RedisError):
        queue.connection.delete(NEWS_RUNG)


def ring_poll(queue: Queue) -> None:
    """Enqueues a poll of the partner; a lost one is made up for by the next."""
    try:
        queue.enqueue(POLL_JOB, job_timeout=POLL_TIMEOUT, result_ttl=0, failure_ttl=3600)
    except RedisError as error:
        log.warning("bell out of order", error=type(error).__name__, effects=0)


def answer_inbox(queue: Queue) -> None:
    """Whatever comes in from now on rings anew."""
    queue.connection.delete(INBOX_RUNG)


def ring_ready() -> int:
    """The relay: rings for everything ready when the queue is empty. Returns how many."""
    queue = open_queue(current_settings(), patience=PATIENCE)
    try:
        waiting = queue.count
    except RedisError as error:
        log.warning("bell out of order", error=type(error).__name__)
        return 0
    effect_ids = [] if waiting else list(effects.list_ready(read_now()))
    db.session.rollback()
    ring(queue, effect_ids)
    return len(effect_ids)
