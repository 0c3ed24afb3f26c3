"""Sends one mail for an effect and turns every way it can end into the effect's state."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Literal

from dunning import effects
from dunning.actions.desk import Desk
from dunning.actions.send_step import Prepared, doubt_step, refuse_address
from dunning.effects import Claimed
from dunning.jobs.channels import Channels
from dunning.outside.mail import (
    Attachment,
    MailInDoubt,
    MailNotStarted,
    MailRefused,
    Receipt,
    Superseded,
    build_message,
    message_id,
)

AT_ONCE = dt.timedelta(0)
ALREADY_OUT = Receipt("250 found where an earlier attempt had put it")


def find_proof(claimed: Claimed, channels: Channels, desk: Desk) -> Receipt | Literal[False] | None:
    """What became of an attempt that had begun to send: a receipt, None (nothing went out) or False (parked)."""
    if claimed.phase != "data":
        return None
    proof = channels.mailer.proof(message_id(claimed.reference, channels.settings.mail_from))
    if proof is None:
        doubt_step(claimed, desk, "the worker ended while the message was going out")
        return False
    return ALREADY_OUT if proof else None


def post_mail(
    claimed: Claimed,
    prepared: Prepared,
    channels: Channels,
    desk: Desk,
    finish: Callable[[Receipt], None],
    attachments: Sequence[Attachment] = (),
) -> None:
    """Sends and calls `finish` with the server's line; every other end is noted here."""
    message = build_message(
        prepared.content,
        creditor=desk.policy.creditor,
        sender=channels.settings.mail_from,
        recipient=prepared.recipient,
        reference=claimed.reference,
        date=desk.now,
        attachments=attachments,
    )
    try:
        receipt = channels.mailer.send(
            message, prepared.recipient, lambda: effects.enter_data(claimed, prepared.version, desk.now)
        )
    except Superseded:
        effects.postpone(claimed, desk.now, "the facts changed while it was being made", AT_ONCE)
    except MailInDoubt as error:
        doubt_step(claimed, desk, str(error))
    except MailNotStarted as error:
        effects.postpone(claimed, desk.now, str(error))
    except MailRefused as error:
        _note_refusal(claimed, desk, error)
    else:
        finish(receipt)


def _note_refusal(claimed: Claimed, desk: Desk, error: MailRefused) -> None:
    if error.permanent:
        refuse_address(claimed, desk, str(error))
    else:
        effects.postpone(claimed, desk.now, str(error))
