"""A mail that is no step of a receivable: to a vendor, or to somebody who logs in."""

from collections.abc import Callable

from dunning import effects
from dunning.actions.letters.send_step import Prepared
from dunning.actions.people.digest import prepare_digest
from dunning.actions.people.hold_notice import prepare_hold_reminder
from dunning.actions.people.password_reset import prepare_reset
from dunning.actions.people.portal import prepare_invitation, prepare_portal_reset
from dunning.desk import Desk
from dunning.effects import Held
from dunning.jobs.carry.post_mail import Ways, look_up, send_mail
from dunning.jobs.ways.channels import Channels
from dunning.outside.mail.channel import Receipt
from dunning.records.database import transaction
from dunning.rules.letters.mails import (
    HANDOVER_DIGEST,
    HOLD_REMINDER,
    PASSWORD_RESET,
    PORTAL_INVITATION,
    PORTAL_RESET,
)
from dunning.settings import Settings

Prepare = Callable[[Held, Desk, Settings], Prepared | None]

PREPARE: dict[str, Prepare] = {
    HANDOVER_DIGEST: lambda held, desk, settings: prepare_digest(held, desk, settings.public_url),
    PASSWORD_RESET: lambda held, desk, settings: prepare_reset(
        held, desk, settings.public_url, settings.secret_key
    ),
    HOLD_REMINDER: lambda held, desk, settings: prepare_hold_reminder(held, desk, settings.public_url),
    PORTAL_INVITATION: lambda held, desk, _settings: prepare_invitation(held, desk),
    PORTAL_RESET: lambda held, desk, _settings: prepare_portal_reset(held, desk),
}


def carry_notice(held: Held, channels: Channels, desk: Desk) -> None:
    """Made from the facts of the moment, sent, noted; nothing to say any more supersedes it."""
    ways = notice_ways(held, desk)
    proof = look_up(held, channels, ways.doubt)
    if isinstance(proof, Receipt):
        ways.finish(proof)
    elif proof is None and (prepared := PREPARE[held.kind](held, desk, channels.settings)):
        send_mail(held, prepared, channels, desk, ways)


def notice_ways(held: Held, desk: Desk) -> Ways:
    """A refused address is a person's to mend."""

    def finish(receipt: Receipt) -> None:
        with transaction() as session:
            effects.finish(session, held, desk.now, {"receipt": receipt.line})

    def doubt(error: str) -> None:
        with transaction() as session:
            effects.doubt(session, held, error)

    return Ways(
        enter=lambda: effects.enter_notice(held, desk.now),
        finish=finish,
        doubt=doubt,
        refuse=lambda error: effects.give_up(held, desk.now, error),
    )
