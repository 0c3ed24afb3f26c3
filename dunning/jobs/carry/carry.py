"""One effect: take it, carry it out by its kind, note the outcome. Ringing twice does nothing twice."""

import datetime as dt
from collections.abc import Callable
from contextlib import suppress

import structlog
from flask import current_app

from dunning import effects
from dunning.clock import read_now
from dunning.desk import Desk
from dunning.errand import Errand, LostLease, ReceivableErrand, StepErrand
from dunning.jobs.carry.answer import carry_answer
from dunning.jobs.carry.handover import carry_handover
from dunning.jobs.carry.letter import carry_letter
from dunning.jobs.carry.message import carry_message
from dunning.jobs.carry.notice import carry_notice
from dunning.jobs.carry.reminder import carry_reminder
from dunning.jobs.ways.channels import Channels, thread_channels
from dunning.jobs.ways.line import LinePaused
from dunning.rules.partner.messages import (
    PARTNER_ANSWER,
    PARTNER_CANCEL,
    PARTNER_DISPUTE,
    PARTNER_HOLD,
    PARTNER_PAYMENT,
)
from dunning.rules.terms import (
    FIRST_LETTER,
    HANDOVER,
    PAYMENT_REMINDER,
    SECOND_LETTER,
    UPCOMING_REMINDER,
    EffectKind,
)
from dunning.running import current_settings
from dunning.settings import Settings

log = structlog.get_logger()

CARRIERS: dict[EffectKind, Callable[[StepErrand, Channels, Desk], None]] = {
    UPCOMING_REMINDER: carry_reminder,
    PAYMENT_REMINDER: carry_reminder,
    FIRST_LETTER: carry_letter,
    SECOND_LETTER: carry_letter,
    HANDOVER: carry_handover,
}
# what the partner is told beside handovers
MESSAGES: dict[EffectKind, Callable[[ReceivableErrand, Channels, Desk], None]] = {
    PARTNER_ANSWER: carry_answer,
    PARTNER_HOLD: carry_message,
    PARTNER_CANCEL: carry_message,
    PARTNER_PAYMENT: carry_message,
    PARTNER_DISPUTE: carry_message,
}


def carry_out(effect_id: int, now: dt.datetime | None = None) -> bool:
    """Does one effect in an app context of its own. False when there was nothing to take.

    `now` is the present unless somebody plays the past, as the demo does.
    """
    settings = current_settings()
    with current_app.app_context():
        now = now or read_now()
        errand = effects.take(effect_id, now, settings.local_day(now))
        if errand is None:
            return False
        _carry(errand, settings, now)
    return True


def _carry(errand: Errand, settings: Settings, now: dt.datetime) -> None:
    desk = Desk.at(settings, now, errand.on_date, pinned=errand.pinned)
    try:
        if isinstance(errand, StepErrand):
            CARRIERS[errand.kind](errand, thread_channels(settings), desk)
        elif isinstance(errand, ReceivableErrand):
            MESSAGES[errand.kind](errand, thread_channels(settings), desk)
        else:
            carry_notice(errand, thread_channels(settings), desk)
    except LostLease:
        log.warning("lease lost", effect_id=errand.id, kind=errand.kind)
    except LinePaused as pause:
        with suppress(LostLease):
            effects.rest(errand, pause.until, str(pause), pause.phase)
    except Exception as error:  # a poison item waits and is counted; it stops no other
        log.exception("effect failed", effect_id=errand.id, kind=errand.kind)
        # a handover asks before it repeats anything; given up it would hold its case in review for ever
        wait = effects.back_off(errand) if errand.kind == HANDOVER else None
        with suppress(LostLease):  # then it is another worker's to postpone
            effects.postpone(errand, read_now(), f"{type(error).__name__}: {error}", wait)
