"""Takes back what is planned but has not begun: effects nobody has taken, and their steps."""

from sqlalchemy import update

from dunning.actions.dossier.dossier import Dossier
from dunning.records.effects import Effect
from dunning.work import Work


def withdraw_effects(work: Work, dossier: Dossier, reason: str) -> None:
    """Supersedes effects that wait; one already taken reads the changed facts itself before anything leaves."""
    query = (
        update(Effect)
        .where(Effect.receivable_id == dossier.receivable.id, Effect.state.in_(("due", "retry_wait")))
        # what the partner is to be told stays true
        .where(Effect.step_id.is_not(None))
        .values(state="superseded", last_error=reason, finished_at=work.now)
        .returning(Effect.step_id)
    )
    step_ids = set(work.session.scalars(query))
    for step in dossier.steps:
        if step.id in step_ids and step.state == "planned":
            step.state, step.reason = "superseded", reason
