"""A handover: freeze, talk to the partner, note the answer. Resumed as often as needed, released once."""

import datetime as dt

from dunning import effects
from dunning.actions.desk import Desk
from dunning.actions.hand_over import accept_claim, freeze_claim, list_documents, reject_claim
from dunning.effects import Claimed
from dunning.jobs.channels import Channels
from dunning.outside.handover_talk import Document, Evidence, Outcome, advance_handover
from dunning.outside.partner_answers import PartnerRefused, PartnerUnavailable
from dunning.rules.handover import thaw_handover

# a claim under review is asked after again; a webhook only makes it sooner
ASK_AGAIN = dt.timedelta(minutes=5)


def carry_handover(claimed: Claimed, channels: Channels, desk: Desk) -> None:
    """Goes on where the evidence ends."""
    frozen = freeze_claim(claimed, desk)
    if frozen is None:
        return

    def save(evidence: Evidence) -> None:
        effects.save_evidence(claimed, evidence, "partner", desk.now)

    documents = [Document(name, channels.storage.get(sha256)) for name, sha256 in list_documents(claimed)]
    try:
        outcome = advance_handover(channels.partner, thaw_handover(frozen), documents, claimed.evidence, save)
    except PartnerUnavailable as error:
        # a released claim is theirs to answer: we never stop asking
        wait = ASK_AGAIN if claimed.evidence.get("released") else None
        effects.postpone(claimed, desk.now, str(error), wait)
    except PartnerRefused as error:
        reject_claim(claimed, desk, claimed.evidence.get("claim_id"), tuple(error.messages))
    else:
        _note_outcome(claimed, desk, outcome)


def _note_outcome(claimed: Claimed, desk: Desk, outcome: Outcome) -> None:
    if outcome.state == "accepted":
        accept_claim(claimed, desk, outcome.claim_id, outcome.mandate_id)
    elif outcome.state == "rejected":
        reject_claim(claimed, desk, outcome.claim_id, outcome.reasons)
    else:
        effects.postpone(claimed, desk.now, f"under review: {outcome.submission_state}", ASK_AGAIN)
