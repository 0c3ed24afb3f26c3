"""The letter that would go out next, with today's numbers: only read, nothing is noted."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from dunning.actions.dossier.dossier import Dossier, read_dossiers
from dunning.actions.dossier.refusals import NotFound
from dunning.actions.letters.write_letter import compose_letter
from dunning.desk import Desk
from dunning.records.queries.cases.case import LetterLine, find_receivable, list_letters
from dunning.rules.course.outlook import list_planned
from dunning.rules.letters.letter import Letter
from dunning.rules.money.claim import compute_claim
from dunning.rules.terms import LETTERS, LetterKind, StepState

# a letter was made and its step is not done: it is on its way, or waits for the post or for a person
UNDER_WAY: tuple[StepState, ...] = ("planned", "in_doubt")


def find_next_letter(dossier: Dossier, made: Sequence[LetterLine], desk: Desk) -> LetterKind | None:
    """The kind of the letter to be made next; None while one is under way, and when none will follow."""
    facts, policy, today = dossier.read_facts(), desk.policy, desk.today
    if any(letter.step_state in UNDER_WAY for letter in made):
        return None
    if compute_claim(facts, policy, today).total <= 0:
        return None
    return next((step.kind for step in list_planned(facts, policy, today) if step.kind in LETTERS), None)


def preview_letter(session: Session, case_id: int, vendor_id: int | None, desk: Desk) -> Letter:
    """The next letter as if it went out now. `vendor_id` None asks for all vendors.

    Raises NotFound for another vendor's case and when no letter is next.
    """
    receivable_id = find_receivable(session, case_id, vendor_id)
    dossiers = read_dossiers(session, [receivable_id]) if receivable_id else []
    made = list_letters(session, case_id) if dossiers else []
    kind = find_next_letter(dossiers[0], made, desk) if dossiers else None
    if kind is None:
        raise NotFound(case_id)
    return compose_letter(dossiers[0], kind, desk, len(made) + 1, made)
