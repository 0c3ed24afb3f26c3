"""A mail of which nobody knows whether it arrived counts as sent, or is sent again, like one that failed for good."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from dunning import effects
from dunning.actions.course.advance import schedule_from_start
from dunning.actions.dossier.actor import Actor
from dunning.actions.dossier.dossier import Dossier, open_dossier
from dunning.actions.dossier.history import note_form, note_receivable
from dunning.actions.dossier.refusals import NotFound, NotInDoubt
from dunning.actions.letters.send_step import mark_done
from dunning.actions.letters.write_letter import complete_letter
from dunning.desk import Desk
from dunning.effects import Errand, StepErrand
from dunning.records.cases import Letter
from dunning.records.database import transaction
from dunning.records.effects import Effect
from dunning.records.queries.letters.mails import MAILS

CONFIRM, REPEAT = "confirm_mail", "repeat_mail"
# what failed has certainly not gone out: it cannot count as sent
DECIDABLE = {CONFIRM: ("in_doubt",), REPEAT: ("in_doubt", "failed")}
Settle = Callable[[Session, Dossier, StepErrand, Desk], None]


def confirm_mail(effect_id: int, actor: Actor, desk: Desk) -> None:
    """It counts as sent, on the business day it went out. Raises NotInDoubt, NotFound."""
    _decide(effect_id, CONFIRM, _confirm, actor, desk)


def repeat_mail(effect_id: int, actor: Actor, desk: Desk) -> None:
    """It goes out again, with today's numbers and the same Message-ID. Raises NotInDoubt, NotFound."""
    _decide(effect_id, REPEAT, _repeat, actor, desk)


def _decide(effect_id: int, verb: str, settle: Settle, actor: Actor, desk: Desk) -> None:
    with transaction() as session:
        mail = session.scalar(select(Effect).where(Effect.id == effect_id, Effect.kind.in_(MAILS)))
        if mail is None:
            raise NotFound(effect_id)
        # the receivable's lock comes first, as in every verb
        dossier = open_dossier(session, mail.receivable_id) if mail.receivable_id else None
        errand = effects.retake(session, effect_id, DECIDABLE[verb])
        if errand is None:
            raise NotInDoubt(effect_id)
        note_form(session, actor, desk.now)
        if dossier is None or not isinstance(errand, StepErrand):
            _decide_notice(session, errand, verb, actor, desk)
            return
        settle(session, dossier, errand, desk)
        note_receivable(session, dossier, actor, verb, desk, kind=errand.kind, effect=errand.id)
        # whatever waited for this mail may be due since: the next run looks
        schedule_from_start(dossier, desk)


def _decide_notice(session: Session, errand: Errand, verb: str, actor: Actor, desk: Desk) -> None:
    """No case's history can tell who decided about a notice; the effect does."""
    if verb == CONFIRM:
        effects.finish(session, errand, desk.now, {"counted_as_sent": True, "decided_by": actor.user_id})
    else:
        effects.change(session, errand, evidence={**errand.evidence, "decided_by": actor.user_id})
        effects.put_back(session, errand, desk.now)


def _confirm(session: Session, dossier: Dossier, errand: StepErrand, desk: Desk) -> None:
    letter = session.scalar(select(Letter).where(Letter.effect_id == errand.id))
    step = dossier.step(errand.step_id)
    posted = step.state == "done"
    if letter is None:
        mark_done(dossier, errand, desk)
    else:
        letter.mailed_at = desk.now
        complete_letter(session, dossier, letter, errand, desk)
    if not posted:
        step.done_on = errand.on_date
    effects.finish(session, errand, desk.now, {"counted_as_sent": True})


def _repeat(session: Session, dossier: Dossier, errand: StepErrand, desk: Desk) -> None:
    step = dossier.step(errand.step_id)
    if step.state == "in_doubt":
        step.state = "planned"
    effects.put_back(session, errand, desk.now)
