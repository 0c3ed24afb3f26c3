"""The letters on a case's page: those that were made, and the one that can be previewed."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from dunning.actions.dossier.dossier import Dossier
from dunning.actions.letters.preview_letter import find_next_letter
from dunning.desk import Desk
from dunning.records.cases import Case
from dunning.records.queries.cases.case import LetterLine, list_letters


@dataclass(frozen=True)
class LetterCard:
    """`next` is the kind of the letter that can be previewed."""

    made: list[LetterLine]
    next: str | None


def read_letters(session: Session, dossier: Dossier, case: Case, desk: Desk) -> LetterCard:
    """Letters in the order they were made."""
    made = list_letters(session, case.id)
    return LetterCard(made, find_next_letter(dossier, made, desk))
