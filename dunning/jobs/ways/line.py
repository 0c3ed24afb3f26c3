"""The line to the partner: whoever speaks to it asks here first and notes how it went."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from dunning.actions.at_partner.breaker import (
    ASKING,
    PAUSE,
    is_paused,
    note_failure,
    note_success,
    read_breaker,
    take_question,
)
from dunning.outside.partner.answers import PartnerRefused, PartnerUnavailable
from dunning.outside.partner.port import Partner


class LinePaused(Exception):
    """Whoever is to be spoken to is away: nobody calls before `until`. What waits has cost no attempt."""

    def __init__(self, until: dt.datetime, why: str, phase: str | None = None) -> None:
        super().__init__(why)
        self.until, self.phase = until, phase


class PartnerPaused(LinePaused):
    """The partner is away."""

    def __init__(self, until: dt.datetime, error: str) -> None:
        super().__init__(until, f"the partner is away: {error}")


@contextmanager
def open_line(client: Partner, now: dt.datetime) -> Iterator[None]:
    """Everything said to the partner for one effect, at an instant. Raises PartnerPaused before anything is said."""
    check_line(client, now)
    with watch_line(now):
        yield


def check_line(client: Partner, now: dt.datetime) -> None:
    """Raises PartnerPaused while the partner is away; after a pause one worker finds out for all.

    It asks for something that changes nothing, so no claim has to be tried for it.
    """
    breaker = read_breaker()
    if breaker is None or breaker.paused_until is None:
        return
    if is_paused(breaker, now):
        raise PartnerPaused(breaker.paused_until, breaker.last_error)
    if not take_question(breaker, now):
        raise PartnerPaused(now + ASKING, breaker.last_error)
    try:
        with suppress(PartnerRefused), watch_line(now):
            next(iter(client.list_mandates()), None)
    except PartnerUnavailable as error:
        raise PartnerPaused(now + PAUSE, str(error)) from error


@contextmanager
def watch_line(now: dt.datetime) -> Iterator[None]:
    """Notes whether the partner could be had; a refusal is an answer, too."""
    try:
        yield
    except PartnerUnavailable as error:
        if error.away:
            note_failure(now, str(error))
        else:
            note_success()
        raise
    except PartnerRefused:
        note_success()
        raise
    note_success()
