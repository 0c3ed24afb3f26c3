"""A letter: compose, print, keep under its hash, send with its cover mail, note."""

from dunning import effects
from dunning.actions.letters.write_letter import finish_letter, keep_letter, leave_to_post, prepare_letter
from dunning.desk import Desk
from dunning.errand import StepErrand
from dunning.jobs.carry.post_mail import find_proof, post_mail
from dunning.jobs.ways.channels import Channels
from dunning.outside.mail.channel import Attachment, Receipt
from dunning.outside.press.press import LetterFailed
from dunning.rules.letters.letter import Letter

NAMES = {"de": "Mahnung", "en": "Reminder-letter"}


def carry_letter(errand: StepErrand, channels: Channels, desk: Desk) -> None:
    """The PDF is stored before anything is sent; the same letter is the same bytes."""

    def finish(receipt: Receipt) -> None:
        finish_letter(errand, desk, receipt.line)

    proof = find_proof(errand, channels, desk)
    if isinstance(proof, Receipt):
        finish(proof)
        return
    prepared = prepare_letter(errand, desk) if proof is None else None
    if prepared is None:
        return
    try:
        pdf = channels.press.render(prepared.letter)
    except LetterFailed as error:
        effects.give_up(errand, desk.now, str(error))
        return
    keep_letter(errand, desk, prepared.letter, channels.storage.put(pdf))
    if prepared.mail is None:
        leave_to_post(errand, desk)
    else:
        post_mail(
            errand, prepared.mail, channels, desk, finish, [Attachment(name_file(prepared.letter), pdf)]
        )


def name_file(letter: Letter) -> str:
    """What the buyer sees: `1-Mahnung-M6B5zL7i.pdf`."""
    number = 1 if letter.kind == "first_letter" else 2
    return f"{number}-{NAMES[letter.language]}-{letter.order_id}.pdf"
