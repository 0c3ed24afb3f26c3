"""A mail of which nobody knows whether it arrived: a person says that it counts as sent, or sends it again."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from dunning import effects
from dunning.actions.actor import Actor
from dunning.actions.advance import schedule_anew
from dunning.actions.desk import Desk
from dunning.actions.facts import File, open_file
from dunning.actions.journal import note_file, note_form
from dunning.actions.refusals import NotFound, NotInDoubt
from dunning.actions.send_step import mark_done
from dunning.actions.write_letter import complete_letter
from dunning.effects import Claimed
from dunning.records.cases import Letter
from dunning.records.database import transaction
from dunning.records.effects import Effect
from dunning.rules.steps import LETTERS, REMINDERS

Settle = Callable[[Session, File, Claimed, Desk], None]


def confirm_mail(effect_id: int, actor: Actor, desk: Desk) -> None:
    """It counts as sent, on the business day it went out. Raises NotInDoubt, NotFound."""
    _decide(effect_id, "confirm_mail", _confirm, actor, desk)


def repeat_mail(effect_id: int, actor: Actor, desk: Desk) -> None:
    """It goes out again, with today's numbers and the same Message-ID. Raises NotInDoubt, NotFound."""
    _decide(effect_id, "repeat_mail", _repeat, actor, desk)


def _decide(effect_id: int, verb: str, settle: Settle, actor: Actor, desk: Desk) -> None:
    with transaction() as session:
        known = select(Effect.receivable_id).where(
            Effect.id == effect_id, Effect.kind.in_((*REMINDERS, *LETTERS))
        )
        receivable_id = session.scalar(known)
        if receivable_id is None:
            raise NotFound(effect_id)
        # the receivable's lock comes first, as in every verb
        file = open_file(session, receivable_id)
        claimed = effects.reclaim_doubt(session, effect_id)
        if not isinstance(claimed, Claimed):
            raise NotInDoubt(effect_id)
        note_form(session, actor, desk.now)
        settle(session, file, claimed, desk)
        note_file(session, file, actor, verb, desk, kind=claimed.kind, effect=claimed.id)
        # whatever waited for this mail may be due since: the next run looks
        schedule_anew(file, desk)


def _confirm(session: Session, file: File, claimed: Claimed, desk: Desk) -> None:
    letter = session.scalar(select(Letter).where(Letter.effect_id == claimed.id))
    step = file.step(claimed.step_id)
    posted = step.state == "done"
    if letter is None:
        mark_done(file, claimed, desk)
    else:
        letter.mailed_at = desk.now
        complete_letter(session, file, letter, claimed, desk)
    if not posted:
        step.done_on = claimed.on_date
    effects.finish(session, claimed, desk.now, {"counted_as_sent": True})


def _repeat(session: Session, file: File, claimed: Claimed, desk: Desk) -> None:
    step = file.step(claimed.step_id)
    if step.state == "in_doubt":
        step.state = "planned"
    effects.put_back(session, claimed, desk.now)
