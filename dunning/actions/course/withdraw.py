"""Takes back what is planned but has not begun: effects nobody has taken, and their steps."""

from dunning import effects
from dunning.actions.dossier.dossier import Dossier
from dunning.records.effects import Effect
from dunning.work import Work


def withdraw_effects(work: Work, dossier: Dossier, reason: str) -> None:
    """Supersedes effects that wait; one already taken reads the changed facts itself before anything leaves."""
    own = Effect.receivable_id == dossier.receivable.id
    # what the partner is to be told stays true
    steps = Effect.step_id.is_not(None)
    step_ids = effects.withdraw(work, "withdraw_effects", reason, own, steps)
    for step in dossier.steps:
        if step.id in step_ids and step.state == "planned":
            step.state, step.reason = "superseded", reason
