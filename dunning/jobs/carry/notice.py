"""A mail that is no step of a receivable: to a vendor, or to somebody who logs in."""

from collections.abc import Callable

from dunning import effects
from dunning.actions.letters.send_step import Prepared
from dunning.actions.people.digest import prepare_digest
from dunning.actions.people.hold_notice import prepare_hold_reminder
from dunning.actions.people.password_reset import prepare_reset
from dunning.actions.people.portal import prepare_invitation, prepare_portal_reset
from dunning.clock import read_now
from dunning.desk import Desk
from dunning.errand import Errand
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
from dunning.rules.terms import EffectKind
from dunning.settings import Settings

Prepare = Callable[[Errand, Desk, Settings], Prepared | None]

PREPARE: dict[EffectKind, Prepare] = {
    HANDOVER_DIGEST: lambda errand, desk, settings: prepare_digest(errand, desk, settings.public_url),
    PASSWORD_RESET: lambda errand, desk, settings: prepare_reset(
        errand, desk, settings.public_url, settings.secret_key
    ),
    HOLD_REMINDER: lambda errand, desk, settings: prepare_hold_reminder(errand, desk, settings.public_url),
    PORTAL_INVITATION: lambda errand, desk, _settings: prepare_invitation(errand, desk),
    PORTAL_RESET: lambda errand, desk, _settings: prepare_portal_reset(errand, desk),
}


def carry_notice(errand: Errand, channels: Channels, desk: Desk) -> None:
    """Made from the facts of the moment, sent, noted; nothing to say any more supersedes it."""
    ways = notice_ways(errand, desk)
    proof = look_up(errand, channels, ways.doubt)
    if isinstance(proof, Receipt):
        ways.finish(proof)
    elif proof is None and (prepared := PREPARE[errand.kind](errand, desk, channels.settings)):
        send_mail(errand, prepared, channels, desk, ways)


def notice_ways(errand: Errand, desk: Desk) -> Ways:
    """A refused address is a person's to mend."""

    def finish(receipt: Receipt) -> None:
        with transaction() as session:
            effects.finish(session, errand, desk.now, {"receipt": receipt.line})

    def doubt(error: str) -> None:
        with transaction() as session:
            effects.doubt(session, errand, error)

    return Ways(
        enter=lambda: effects.enter_notice(errand, read_now()),
        finish=finish,
        doubt=doubt,
        refuse=lambda error: effects.give_up(errand, desk.now, error),
    )
