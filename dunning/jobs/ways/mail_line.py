"""The line to the mail server: while it is away what is to go out waits, and one mail at a time finds out for all."""

import datetime as dt

from dunning.fuse import MAIL_FUSE
from dunning.jobs.ways.line import LinePaused
from dunning.outside.mail.outcome import MailError
from dunning.rules.effect_states import MAIL_AWAY

# the mail that has met the outage lets the others go first: it may be the only one the server refuses like this
AFTER_THE_OTHERS = dt.timedelta(minutes=1)


def ask_line(now: dt.datetime) -> bool:
    """Whether this mail finds out for all that wait. Raises LinePaused when another does, or when it is too early."""
    breaker = MAIL_FUSE.read_breaker()
    if breaker is None or breaker.paused_until is None:
        return False
    if MAIL_FUSE.is_paused(breaker, now) or not MAIL_FUSE.take_question(breaker, now):
        raise LinePaused(now, breaker.last_error, MAIL_AWAY)
    return True


def lose_line(now: dt.datetime, error: MailError) -> LinePaused:
    """Notes the outage; what to raise for the mail that has met it."""
    MAIL_FUSE.note_failure(now, str(error))
    return LinePaused(now + AFTER_THE_OTHERS, str(error), MAIL_AWAY)
