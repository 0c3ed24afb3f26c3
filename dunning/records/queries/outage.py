"""Whether the mail server is away, and what waits for it."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dunning.fuse import MAIL
from dunning.records.effects import Effect
from dunning.records.partner import Breaker
from dunning.rules.effect_states import MAIL_AWAY


@dataclass(frozen=True)
class Outage:
    """Since which instant (UTC), what the server said last, how many mails wait for it."""

    since: dt.datetime
    said: str
    waiting: int


def find_outage(session: Session) -> Outage | None:
    """None while the server takes mail, as far as anybody has tried."""
    found = session.execute(
        select(Breaker.since, Breaker.last_error).where(Breaker.name == MAIL, Breaker.failures > 0)
    ).first()
    if found is None:
        return None
    waits = select(func.count()).where(Effect.state == "retry_wait", Effect.phase == MAIL_AWAY)
    return Outage(*found, waiting=session.scalar(waits) or 0)
