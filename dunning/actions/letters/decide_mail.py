"""A mail of which nobody knows whether it arrived counts as sent, or is sent again, like one that failed for good."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
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
from dunning.rules.terms import EffectState, Verb
from dunning.work import Actor, Work, begin_work

CONFIRM: Final = "confirm_mail"
REPEAT: Final = "repeat_mail"
# what failed has certainly not gone out: it cannot count as sent
UNDECIDED: tuple[EffectState, ...] = ("in_doubt", "failed")
Settle = Callable[[Work, Dossier, StepErrand], None]


def confirm_mail(effect_id: int, actor: Actor, desk: Desk) -> None:
    """It counts as sent, on the business day it went out. Raises NotInDoubt, NotFound."""
    _decide(effect_id, CONFIRM, UNDECIDED[:1], actor, desk)


def repeat_mail(effect_id: int, actor: Actor, desk: Desk) -> None:
    """It goes out again, with today's numbers and the same Message-ID. Raises NotInDoubt, NotFound."""
    _decide(effect_id, REPEAT, UNDECIDED, actor, desk)


def repeat_failed(effect_ids: Iterable[int], actor: Actor, desk: Desk) -> int:
    """The same for many that failed, a transaction for each; how many go out again.

    What a colleague has decided meanwhile is left alone.
    """
    repeated = 0
    for effect_id in effect_ids:
        with suppress(NotInDoubt):
            _decide(effect_id, REPEAT, UNDECIDED[1:], actor, desk)
            repeated += 1
            actor = replace(actor, form_key=None)  # noted with the first
    return repeated


def _decide(effect_id: int, verb: Verb, states: tuple[EffectState, ...], actor: Actor, desk: Desk) -> None:
    with begin_work(desk, actor) as work:
        mail = work.session.scalar(select(Effect).where(Effect.id == effect_id, Effect.kind.in_(MAILS)))
        if mail is None:
            raise NotFound(effect_id)
        # the receivable's lock comes first, as in every verb
        dossier = open_dossier(work.session, mail.receivable_id) if mail.receivable_id else None
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
