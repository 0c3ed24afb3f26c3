"""Letters on paper: handed in at the post, or come back."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import select

from dunning import effects
from dunning.actions.course.advance import advance_dossier
from dunning.actions.dossier.dossier import Dossier, open_case_dossier, touch_order
from dunning.actions.dossier.history import note_event
from dunning.actions.dossier.refusals import NotFound, WrongDay
from dunning.actions.letters.write_letter import complete_step
from dunning.desk import Desk
from dunning.records.cases import Case, Letter
from dunning.records.effects import Effect
from dunning.rules.letters.letter import name_recipient, thaw_letter
from dunning.rules.terms import Verb
from dunning.work import Actor, Work, begin_work

WAITING = ("planned", "in_doubt")


def mark_posted(letter_ids: Iterable[int], on: dt.date, actor: Actor, desk: Desk) -> int:
    """Notes that letters were handed in at the post on the local day `on`; returns how many had not been noted.

    The step of a letter that no mail server accepted is done on that day, with the deadline the letter names. A
    transaction for each letter: again is idle. Raises WrongDay, NotFound.
    """
    posted = 0
    for letter_id in letter_ids:
        posted += _post_letter(letter_id, on, actor, desk)
        actor = replace(actor, form_key=None)  # noted with the first
    return posted


def _post_letter(letter_id: int, on: dt.date, actor: Actor, desk: Desk) -> bool:
    with begin_work(desk, actor) as work:
        dossier, case, letter = open_letter(work, letter_id, on)
        if letter.posted_on is not None:
            return False
        letter.posted_on = on
        if dossier.step(letter.step_id).state in WAITING:
            complete_step(work, dossier, letter, on)
            end_effect(work, letter, "posted")
        note_letter(work, case, letter, "letter_posted", on)
        advance_dossier(work, dossier)
    return True


def mark_undeliverable(letter_id: int, on: dt.date, actor: Actor, desk: Desk) -> None:
    """Notes that the letter came back on the local day `on`; again is idle.

    Street and postcode are red from then on, until the address is corrected or another imported; of a letter that had
    an earlier address they are not. Raises WrongDay, NotFound.
    """
    with begin_work(desk, actor) as work:
        dossier, case, letter = open_letter(work, letter_id, on)
        if letter.undeliverable_on is not None:
            return
        letter.undeliverable_on = on
        if has_address(dossier, letter):
            dossier.buyer.undeliverable_on = on
            touch_order(work.session, dossier)
        note_letter(work, case, letter, "letter_undeliverable", on)
        advance_dossier(work, dossier)


def open_letter(work: Work, letter_id: int, on: dt.date) -> tuple[Dossier, Case, Letter]:
    """The letter with its dossier, locked. NotFound; WrongDay for a day before the letter's or after today."""
    case_id = work.session.scalar(select(Letter.case_id).where(Letter.id == letter_id))
    if case_id is None:
        raise NotFound(letter_id)
    dossier, case = open_case_dossier(work.session, case_id, None)
    letter = work.session.get_one(Letter, letter_id, populate_existing=True)
    if not letter.on_date <= on <= work.today:
        raise WrongDay(f"{on} is not between {letter.on_date} and {work.today}")
    return dossier, case, letter


def note_letter(work: Work, case: Case, letter: Letter, verb: Verb, on: dt.date) -> None:
    """The history names the letter and the day it is about."""
    note_event(work, case, verb, kind=letter.kind, number=letter.number, on=on.isoformat())


def has_address(dossier: Dossier, letter: Letter) -> bool:
    """Whether the letter went where the buyer is known to live now."""
    return thaw_letter(letter.content).recipient == name_recipient(dossier.read_facts().buyer)


def end_effect(work: Work, letter: Letter, reason: str) -> bool:
    """Supersedes the letter's mail if it is not out. False when it is being sent at this moment."""
    effects.withdraw(work, "end_effect", reason, Effect.id == letter.effect_id)
    state = work.session.scalar(select(Effect.state).where(Effect.id == letter.effect_id))
    return state in ("done", "superseded")
