"""What support reads and can do on a case's page, and no vendor."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from dunning.actions.case.move_case import list_targets
from dunning.actions.dossier.dossier import Dossier
from dunning.records.cases import Case
from dunning.rules.statuses import SUPPORT, allowed_verbs
from dunning.web.words.labels import label_status
from dunning.web.words.settings import Words, describe_settings
from dunning.web.words.step_labels import BLOCK_LABELS


@dataclass(frozen=True)
class SupportCard:
    """`targets` are the statuses to choose from, with their names; `settings` are the vendor's."""

    targets: list[tuple[str, str]]
    may_block: bool
    settings: list[Words]

    @property
    def block_reasons(self) -> list[tuple[str, str]]:
        return [(key, str(label)) for key, label in BLOCK_LABELS.items()]


def offer_support(session: Session, dossier: Dossier, case: Case) -> SupportCard:
    """While the partner reviews the claim nothing can be paused."""
    return SupportCard(
        targets=[(status, label_status(status, staff=True)) for status in list_targets(session, case)],
        may_block="block" in allowed_verbs(case.status, SUPPORT) and not case.claim_in_review,
        settings=describe_settings(dossier.settings),
    )
