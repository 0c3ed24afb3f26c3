"""A reminder by e-mail."""

from dunning.actions.letters.send_step import finish_step, prepare_reminder
from dunning.desk import Desk
from dunning.effects import Claimed
from dunning.jobs.carry.post_mail import find_proof, post_mail
from dunning.jobs.ways.channels import Channels
from dunning.outside.mail.channel import Receipt


def carry_reminder(claimed: Claimed, channels: Channels, desk: Desk) -> None:
    """Read again, build, send, note."""

    def finish(receipt: Receipt) -> None:
        finish_step(claimed, desk, {"receipt": receipt.line})

    proof = find_proof(claimed, channels, desk)
    if isinstance(proof, Receipt):
        finish(proof)
    elif proof is None and (prepared := prepare_reminder(claimed, desk)):
        post_mail(claimed, prepared, channels, desk, finish)
