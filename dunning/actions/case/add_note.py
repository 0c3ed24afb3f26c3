"""Notes of people on a case."""

from dunning.actions.dossier.actor import Actor
from dunning.actions.dossier.dossier import open_case_dossier
from dunning.actions.dossier.history import note_event, note_form
from dunning.desk import Desk
from dunning.records.database import transaction


def add_note(case_id: int, text: str, actor: Actor, desk: Desk) -> None:
    """Adds a note to the history; NotFound for another vendor's case."""
    with transaction() as session:
        _, case = open_case_dossier(session, case_id, actor.vendor_id)
        note_form(session, actor, desk.now)
        note_event(session, case, actor, "note", desk, reason=text.strip())
