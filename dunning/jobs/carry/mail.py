"""A request to a partner that has no call for it: a mail with the file number to PARTNER_CONTACT."""

from collections.abc import Callable

from dunning import effects
from dunning.actions.letters.send_step import Prepared
from dunning.clock import read_now
from dunning.desk import Desk
from dunning.errand import ReceivableErrand
from dunning.jobs.carry.post_mail import Ways, look_up, send_mail
from dunning.jobs.ways.channels import Channels
from dunning.outside.mail.channel import Receipt
from dunning.rules.letters.mails import PartnerRequest


def mail_request(
    message: ReceivableErrand,
    request: PartnerRequest,
    channels: Channels,
    desk: Desk,
    note_sent: Callable[[str], None],
) -> None:
    """Sends it and calls `note_sent` with the server's line. Nobody to write to: shown to support as failed.

    At least once: one of which nobody knows whether it arrived goes out again, under the same Message-ID.
    """
    contact = channels.settings.partner_contact
    if contact is None:
        effects.give_up(message, desk.now, "PARTNER_CONTACT is not set")
        return

    def ask_anew(error: str) -> None:
        effects.postpone(message, desk.now, error, effects.back_off(message), even_begun=True)

    ways = Ways(
        enter=lambda: effects.enter_notice(message, read_now()),
        finish=lambda receipt: note_sent(receipt.line),
        doubt=ask_anew,
        refuse=lambda error: effects.give_up(message, desk.now, error),
    )
    proof = look_up(message, channels, ways.doubt)
    if isinstance(proof, Receipt):
        ways.finish(proof)
    elif proof is None:
        send_mail(message, Prepared(request, contact, version=0), channels, desk, ways)
