"""A mail of which nobody knows whether it arrived counts as sent, or is sent again, like what has failed."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Final

from sqlalchemy import select

from dunning import effects
from dunning.actions.course.advance import schedule_from_start
from dunning.actions.dossier.dossier import Dossier, open_dossier
from dunning.actions.dossier.history import note_receivable
from dunning.actions.dossier.refusals import NotFound, NotInDoubt
from dunning.actions.letters.send_step import mark_done
from dunning.actions.letters.write_letter import complete_letter
from dunning.desk import Desk
from dunning.errand import Errand, StepErrand
from dunning.records.cases import Letter
from dunning.records.effects import Effect
from dunning.records.queries.letters.mails import MAILS
from dunning.rules.terms import NOTICES, EffectState, Verb
from dunning.work import Actor, Work, begin_work

CONFIRM: Final = "confirm_mail"
REPEAT: Final = "repeat_mail"
UNDO: Final = "undo_repeat"
# what failed has certainly not gone out: it cannot count as sent
UNDECIDED: tuple[EffectState, ...] = ("in_doubt", "failed")
Settle = Callable[[Work, Dossier, StepErrand], None]


def confirm_mail(effect_id: int, actor: Actor, desk: Desk) -> None:
    """It counts as sent, on the business day it went out. Raises NotInDoubt, NotFound."""
    _decide(effect_id, CONFIRM, UNDECIDED[:1], actor, desk)


def repeat_mail(effect_id: int, actor: Actor, desk: Desk) -> None:
    """It goes out again, with today's numbers and the same Message-ID. Raises NotInDoubt, NotFound."""
    _decide(effect_id, REPEAT, UNDECIDED, actor, replace(desk, delay=timedelta(0)))


def repeat_failed(effect_ids: Iterable[int], actor: Actor, desk: Desk) -> int:
    """The same for many that failed, when the desk's delay is over; how many go out again."""
    return _for_each(effect_ids, actor, lambda one, by: _decide(one, REPEAT, UNDECIDED[1:], by, desk))


def undo_repeat(effect_ids: Iterable[int], actor: Actor, desk: Desk) -> int:
    """Takes that back while the delay lasts, so that they have failed as before; how many."""
    return _for_each(effect_ids, actor, lambda one, by: _undo(one, by, desk))


def drop_notice(effect_id: int, actor: Actor, desk: Desk) -> None:
    """A failed mail about no receivable is not sent any more. Raises NotInDoubt."""
    with begin_work(desk, actor) as work:
        notice = (Effect.id == effect_id, Effect.kind.in_(NOTICES))
        if not effects.withdraw(work, "drop_notice", f"dropped by user {actor.user_id}", *notice):
            raise NotInDoubt(effect_id)


def _for_each(effect_ids: Iterable[int], actor: Actor, decide: Callable[[int, Actor], None]) -> int:
    """A transaction for each; what a colleague or a worker was faster with is left alone."""
    decided = 0
    for effect_id in effect_ids:
        with suppress(NotInDoubt):
            decide(effect_id, actor)
            decided += 1
            actor = replace(actor, form_key=None)  # noted with the first
    return decided


def _undo(effect_id: int, actor: Actor, desk: Desk) -> None:
    with begin_work(desk, actor) as work:
        mail, dossier = _open(work, effect_id)
        if not effects.undo_repeat(work, effect_id):
            raise NotInDoubt(effect_id)
        if dossier is not None:
            note_receivable(work, dossier, UNDO, kind=mail.kind, effect=effect_id)


def _open(work: Work, effect_id: int) -> tuple[Effect, Dossier | None]:
    """The mail; the receivable's lock comes first, as in every verb. Raises NotFound."""
    mail = work.session.scalar(select(Effect).where(Effect.id == effect_id, Effect.kind.in_(MAILS)))
    if mail is None:
        raise NotFound(effect_id)
    return mail, open_dossier(work.session, mail.receivable_id) if mail.receivable_id else None


def _decide(effect_id: int, verb: Verb, states: tuple[EffectState, ...], actor: Actor, desk: Desk) -> None:
    with begin_work(desk, actor) as work:
        _mail, dossier = _open(work, effect_id)
        errand = effects.retake(work.session, effect_id, states)
        if errand is None:
            raise NotInDoubt(effect_id)
        if dossier is None or not isinstance(errand, StepErrand):
            _decide_notice(work, errand, verb)
            return
        _SETTLE[verb](work, dossier, errand)
        note_receivable(work, dossier, verb, kind=errand.kind, effect=errand.id)
        # whatever waited for this mail may be due since: the next run looks
        schedule_from_start(work, dossier)


def _decide_notice(work: Work, errand: Errand, verb: Verb) -> None:
    """No case's history can tell who decided about a notice; the effect does."""
    if verb == CONFIRM:
        effects.finish(
            work.session, errand, work.now, {"counted_as_sent": True, "decided_by": work.actor.user_id}
        )
    else:
        effects.change(work.session, errand, evidence={**errand.evidence, "decided_by": work.actor.user_id})
        effects.put_back(work, errand)


def _confirm(work: Work, dossier: Dossier, errand: StepErrand) -> None:
    letter = work.session.scalar(select(Letter).where(Letter.effect_id == errand.id))
    step = dossier.step(errand.step_id)
    posted = step.state == "done"
    if letter is None:
        mark_done(dossier, errand, work.desk)
    else:
        letter.mailed_at = work.now
        complete_letter(work, dossier, letter, errand)
    if not posted:
        step.done_on = errand.on_date
    effects.finish(work.session, errand, work.now, {"counted_as_sent": True})


def _repeat(work: Work, dossier: Dossier, errand: StepErrand) -> None:
    step = dossier.step(errand.step_id)
    if step.state == "in_doubt":
        step.state = "planned"
    effects.put_back(work, errand)


_SETTLE: dict[Verb, Settle] = {CONFIRM: _confirm, REPEAT: _repeat}
