"""Sends one mail for an effect and turns every way it can end into the effect's state."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from dunning import effects
from dunning.actions.letters.send_step import Prepared, doubt_step, refuse_address
from dunning.actions.letters.write_letter import leave_to_post
from dunning.clock import read_now
from dunning.desk import Desk
from dunning.errand import Errand, StepErrand
from dunning.fuse import MAIL_FUSE
from dunning.jobs.ways.channels import Channels
from dunning.jobs.ways.mail_line import ask_line, lose_line
from dunning.outside.mail.channel import (
    Attachment,
    MailError,
    MailInDoubt,
    MailRefused,
    Receipt,
    Superseded,
    build_message,
    message_id,
)
from dunning.records.database import PAUSES, insist, transaction
from dunning.rules.letters.post import is_put_off_too_long
from dunning.rules.terms import LETTERS

AT_ONCE = dt.timedelta(0)
# between attempts to note that a mail is out; all together less than its lease
FINISH_PAUSES = (*PAUSES, *(dt.timedelta(seconds=seconds) for seconds in (15, 60, 120)))
# in the evidence: the instant from which on the server has put this mail off
PUT_OFF = "put_off_since"
# and the first at which it hung up on it
HUNG_UP = "hung_up_at"
ALREADY_OUT = Receipt("250 found where an earlier attempt had put it")
Proof = Receipt | Literal[False] | None


@dataclass(frozen=True)
class Ways:
    """What a mail's kind has to say: `enter` is asked before the body goes out, the others are told how it ended.

    `tire`: it was put off for too long; without one it counts as refused.
    """

    enter: Callable[[], bool]
    finish: Callable[[Receipt], None]
    doubt: Callable[[str], None]
    refuse: Callable[[str], None]
    tire: Callable[[str], None] | None = None


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
    """Sends the mail of a step, unless its receivable has changed, and calls `finish` with the server's line.

    What the server puts off for too long goes by post when it is a letter, and waits for a person when it is none.
    """

    def tire(error: str) -> None:
        if errand.kind in LETTERS:
            leave_to_post(errand, desk, error)
        else:
            effects.give_up(errand, desk.now, error)

    ways = Ways(
        enter=lambda: effects.enter_data(errand, prepared.version, read_now()),
        finish=finish,
        doubt=lambda error: doubt_step(errand, desk, error),
        refuse=lambda error: refuse_address(errand, desk, error),
        tire=tire,
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
    """Builds and sends; every end but those of `ways` puts the effect off. Raises LinePaused in an outage."""
    message = build_message(
        prepared.content,
        creditor=desk.policy.creditor,
        sender=channels.settings.mail_from,
        recipient=prepared.recipient,
        reference=errand.reference,
        date=desk.now,
        attachments=attachments,
    )
    asks_for_all = ask_line(desk.now)
    try:
        receipt = channels.mailer.send(message, prepared.recipient, ways.enter)
    except Superseded:
        effects.postpone(errand, desk.now, "the facts changed while it was being made", AT_ONCE)
    except MailInDoubt as error:
        ways.doubt(str(error))
        return
    except MailError as error:
        if error.outage and not is_its_own(errand, error):
            note_hung_up(errand, error, desk)
            raise lose_line(desk.now, error) from error
        if isinstance(error, MailRefused) and error.permanent:
            ways.refuse(str(error))
        else:
            put_off(errand, desk, str(error), ways)
        asks_for_all = asks_for_all and not error.outage
    else:
        note_receipt(ways.finish, receipt)
    if asks_for_all:
        MAIL_FUSE.note_success()


def note_hung_up(errand: Errand, error: MailError, desk: Desk) -> None:
    """Since when the server hangs up when it hears of this recipient."""
    if error.addressed and HUNG_UP not in errand.evidence:
        with transaction() as session:
            effects.change(session, errand, evidence={**errand.evidence, HUNG_UP: desk.now.isoformat()})


def is_its_own(errand: Errand, error: MailError) -> bool:
    """Whether an outage is one for this recipient only: other mail was taken since it was hung up on the first time."""
    if not error.addressed or HUNG_UP not in errand.evidence:
        return False
    breaker = MAIL_FUSE.read_breaker()
    first = dt.datetime.fromisoformat(errand.evidence[HUNG_UP])
    return breaker is None or not breaker.failures or breaker.since > first


def put_off(errand: Errand, desk: Desk, error: str, ways: Ways) -> None:
    """The server is there and takes this mail later, or so it says: believed for some working days."""
    known = dict(errand.evidence)
    since = dt.datetime.fromisoformat(known.pop(PUT_OFF, desk.now.isoformat()))
    tired = is_put_off_too_long(since.astimezone(desk.timezone), desk.local_now, desk.policy)
    with transaction() as session:  # sent again by a person it is believed anew
        evidence = known if tired else {**known, PUT_OFF: since.isoformat()}
        effects.change(session, errand, evidence=evidence)
    if tired:
        (ways.tire or ways.refuse)(error)
    else:
        effects.postpone(errand, desk.now, error, effects.back_off(errand), even_begun=True)


def note_receipt(finish: Callable[[Receipt], None], receipt: Receipt) -> None:
    """The mail is out: a database that cannot note it now is asked again, the mail is never sent again.

    When it stays away the effect is left to its lease, and then to a person.
    """
    insist(lambda: finish(receipt), FINISH_PAUSES)
