"""Sends one mail for an effect and turns every way it can end into the effect's state."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from dunning import effects
from dunning.actions.letters.send_step import Prepared, doubt_step, refuse_address
from dunning.clock import read_now
from dunning.desk import Desk
from dunning.errand import Errand, StepErrand
from dunning.jobs.ways.channels import Channels
from dunning.outside.mail.channel import (
    Attachment,
    MailInDoubt,
    MailNotStarted,
    MailRefused,
    Receipt,
    Superseded,
    build_message,
    message_id,
)
from dunning.records.database import PAUSES, insist

AT_ONCE = dt.timedelta(0)
# between attempts to note that a mail is out; all together less than its lease
FINISH_PAUSES = (*PAUSES, *(dt.timedelta(seconds=seconds) for seconds in (15, 60, 120)))
ALREADY_OUT = Receipt("250 found where an earlier attempt had put it")
Proof = Receipt | Literal[False] | None


@dataclass(frozen=True)
class Ways:
    """What a mail's kind has to say: `enter` is asked before the body goes out, the others are told how it ended."""

    enter: Callable[[], bool]
    finish: Callable[[Receipt], None]
    doubt: Callable[[str], None]
    refuse: Callable[[str], None]


def find_proof(errand: StepErrand, channels: Channels, desk: Desk) -> Proof:
    """`look_up` for the mail of a step."""
    return look_up(errand, channels, lambda error: doubt_step(errand, desk, error))


def look_up(errand: Errand, channels: Channels, doubt: Callable[[str], None]) -> Proof:
    """What became of an attempt that had begun to send: a receipt, None (nothing went out) or False (parked)."""
    if errand.phase != "data":
        return None
    proof = channels.mailer.proof(message_id(errand.reference, channels.settings.mail_from))
    if proof is None:
        doubt("the worker ended while the message was going out")
        return False
    return ALREADY_OUT if proof else None


def post_mail(
    errand: StepErrand,
    prepared: Prepared,
    channels: Channels,
    desk: Desk,
    finish: Callable[[Receipt], None],
    attachments: Sequence[Attachment] = (),
) -> None:
    """Sends the mail of a step, unless its receivable has changed, and calls `finish` with the server's line."""
    ways = Ways(
        enter=lambda: effects.enter_data(errand, prepared.version, read_now()),
        finish=finish,
        doubt=lambda error: doubt_step(errand, desk, error),
        refuse=lambda error: refuse_address(errand, desk, error),
    )
    send_mail(errand, prepared, channels, desk, ways, attachments)


def send_mail(
    errand: Errand,
    prepared: Prepared,
    channels: Channels,
    desk: Desk,
    ways: Ways,
    attachments: Sequence[Attachment] = (),
) -> None:
    """Builds and sends; every end but the four of `ways` puts the effect off."""
    message = build_message(
        prepared.content,
        creditor=desk.policy.creditor,
        sender=channels.settings.mail_from,
        recipient=prepared.recipient,
        reference=errand.reference,
        date=desk.now,
        attachments=attachments,
    )
    try:
        receipt = channels.mailer.send(message, prepared.recipient, ways.enter)
    except Superseded:
        effects.postpone(errand, desk.now, "the facts changed while it was being made", AT_ONCE)
    except MailInDoubt as error:
        ways.doubt(str(error))
    except MailNotStarted as error:
        effects.postpone(errand, desk.now, str(error))
    except MailRefused as error:
        if error.permanent:
            ways.refuse(str(error))
        else:
            effects.postpone(errand, desk.now, str(error), even_begun=True)
    else:
        note_receipt(ways.finish, receipt)


def note_receipt(finish: Callable[[Receipt], None], receipt: Receipt) -> None:
    """The mail is out: a database that cannot note it now is asked again, the mail is never sent again.

    When it stays away the effect is left to its lease, and then to a person.
    """
    insist(lambda: finish(receipt), FINISH_PAUSES)
