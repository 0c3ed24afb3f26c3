"""Notes of people on a case."""

from dunning.actions.dossier.dossier import open_case_dossier
from dunning.actions.dossier.history import note_event
from dunning.desk import Desk
from dunning.work import Actor, begin_work


def add_note(case_id: int, text: str, actor: Actor, desk: Desk) -> None:
    """Adds a note to the history; NotFound for another vendor's case."""
    with begin_work(desk, actor) as work:
        _, case = open_case_dossier(work.session, case_id, actor.vendor_id)
        note_event(work, case, "note", reason=text.strip())
