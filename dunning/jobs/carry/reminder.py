"""A reminder by e-mail."""

from dunning.actions.letters.send_step import finish_step, prepare_reminder
from dunning.desk import Desk
from dunning.errand import StepErrand
from dunning.jobs.carry.post_mail import find_proof, post_mail
from dunning.jobs.ways.channels import Channels
from dunning.outside.mail.channel import Receipt


def carry_reminder(errand: StepErrand, channels: Channels, desk: Desk) -> None:
    """Read again, build, send, note."""

    def finish(receipt: Receipt) -> None:
        finish_step(errand, desk, {"receipt": receipt.line})

    proof = find_proof(errand, channels, desk)
    if isinstance(proof, Receipt):
        finish(proof)
    elif proof is None and (prepared := prepare_reminder(errand, desk)):
        post_mail(errand, prepared, channels, desk, finish)
