"""A handover: freeze, talk to the partner, note the answer. Resumed as often as needed, released once."""

import datetime as dt

from dunning import effects
from dunning.actions.at_partner.hand_over import (
    accept_claim,
    drop_claim,
    freeze_claim,
    list_documents,
    reject_claim,
)
from dunning.desk import Desk
from dunning.errand import StepErrand
from dunning.jobs.partner.look import look_at_new
from dunning.jobs.ways.channels import Channels
from dunning.jobs.ways.line import check_line, watch_line
from dunning.outside.partner.answers import PartnerRefused, PartnerUnavailable
from dunning.outside.partner.talk import Document, Evidence, Outcome, advance_handover, is_released

# a claim under review is asked after again; a webhook only makes it sooner
ASK_AGAIN = dt.timedelta(minutes=5)


def carry_handover(errand: StepErrand, channels: Channels, desk: Desk) -> None:
    """Goes on where the evidence ends. Raises PartnerPaused, before anything is frozen, while the partner is away."""
    check_line(channels.partner, desk.now)
    frozen = freeze_claim(errand, desk, channels.partner.adapter)
    if frozen is None:
        return
    known: Evidence = dict(errand.evidence)

    def save(evidence: Evidence) -> None:
        effects.save_evidence(errand, evidence, "partner", desk.now, their_turn=is_released(evidence))
        known.update(evidence)

    documents = [Document(name, channels.storage.get(sha256)) for name, sha256 in list_documents(errand)]
    try:
        with watch_line(desk.now):
            outcome = advance_handover(
                channels.partner, frozen.handover, documents, known, save, wanted=frozen.wanted
            )
    except PartnerUnavailable as error:
        # it asks before it repeats anything: it may go on for as long as it takes
        wait = ASK_AGAIN if is_released(known) else effects.back_off(errand)
        effects.postpone(errand, desk.now, str(error), wait)
    except PartnerRefused as error:
        reject_claim(errand, desk, known.get("claim_id"), tuple(error.messages))
    else:
        _note_outcome(errand, desk, outcome)
        if outcome and outcome.state == "accepted" and outcome.mandate_id:
            look_at_new(channels.partner, outcome.mandate_id, desk)


def _note_outcome(errand: StepErrand, desk: Desk, outcome: Outcome | None) -> None:
    if outcome is None:
        drop_claim(errand, desk)
    elif outcome.state == "accepted":
        accept_claim(errand, desk, outcome.claim_id, outcome.mandate_id)
    elif outcome.state == "rejected":
        reject_claim(errand, desk, outcome.claim_id, outcome.reasons)
    else:
        effects.postpone(errand, desk.now, f"under review: {outcome.submission_state}", ASK_AGAIN)
