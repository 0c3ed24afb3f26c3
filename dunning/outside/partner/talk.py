"""The conversation of one handover: debtor, claim, documents, release; resumable wherever it broke off.

`evidence` is what is known for certain and is saved after each answer. A claim is only created when the
partner says it has none with our reference: however often the conversation is killed, one claim is released.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dunning.outside.partner.answers import ClaimAnswer, PartnerRefused, PartnerUnavailable
from dunning.outside.partner.port import Partner
from dunning.rules.partner.handover import Handover, Submission, map_submission

Evidence = dict[str, Any]
Save = Callable[[Evidence], None]


@dataclass(frozen=True)
class Document:
    """A PDF that goes with the claim."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Outcome:
    """Where the claim stands. `submission_state` is the partner's own word, also when we do not know it."""

    state: Submission
    claim_id: str
    mandate_id: str | None
    submission_state: str
    reasons: tuple[str, ...] = ()


def advance_handover(
    client: Partner,
    handover: Handover,
    documents: Sequence[Document],
    evidence: Evidence,
    save: Save,
    *,
    wanted: bool = True,
) -> Outcome | None:
    """Goes on where `evidence` ends and tells where the claim stands; once released it only asks.

    A claim that is not `wanted` any more and has not been released never is: None.

    `save` gets the whole evidence after each answer and must refuse (raise) when this worker has lost the
    effect: that keeps a worker that was away from releasing a second claim. Raises PartnerRefused,
    PartnerUnavailable and what `save` raises.
    """
    talk = HandoverTalk(client, handover, evidence, save)
    claim = talk.find_claim()
    if not wanted and (claim is None or claim.submission_state == "created"):
        return None
    claim = claim or talk.create_claim()
    if claim.submission_state == "created":
        talk.upload_documents(claim.id, documents)
        claim = talk.release_claim(claim.id)
    talk.note_release(claim)
    return judge_claim(claim)


def is_released(evidence: Evidence) -> bool:
    """Whether the partner has the claim for good: from then on it is only asked after."""
    return bool(evidence.get("released"))


def judge_claim(claim: ClaimAnswer) -> Outcome:
    """The outcome as of this answer; a state we do not know counts as still under review."""
    state = map_submission(claim.submission_state) or "review"
    reasons = claim.reasons if state == "rejected" else ()
    return Outcome(state, claim.id, claim.mandate, claim.submission_state, reasons)


class HandoverTalk:
    """One conversation, with what is known so far."""

    def __init__(self, client: Partner, handover: Handover, evidence: Evidence, save: Save) -> None:
        self._client = client
        self._handover = handover
        self._evidence = dict(evidence)
        self._save = save

    def find_claim(self) -> ClaimAnswer | None:
        """The claim of this handover if the partner has one: a released one first, else the oldest."""
        if "claim_id" in self._evidence:
            return self._client.get_claim(self._evidence["claim_id"])
        claims = self._client.find_claims(self._handover.reference)
        claims.sort(key=lambda claim: claim.submission_state == "created")
        if not claims:
            return None
        self._keep(claim_id=claims[0].id, debtor_id=claims[0].debtor)
        return claims[0]

    def create_claim(self) -> ClaimAnswer:
        """Debtor and claim. A debtor whose answer was lost is made again: without a claim it is nothing."""
        if "debtor_id" not in self._evidence:
            self._keep(debtor_id=self._client.create_debtor(self._handover))
        claim = self._client.create_claim(self._handover, self._evidence["debtor_id"])
        self._keep(claim_id=claim.id)
        return claim

    def upload_documents(self, claim_id: str, documents: Sequence[Document]) -> None:
        """Those not known to have arrived; one whose answer was lost goes twice, which harms nobody."""
        uploaded: list[str] = list(self._evidence.get("documents", ()))
        for document in documents:
            if document.sha256 not in uploaded:
                self._client.upload_document(claim_id, document.name, document.content)
                uploaded.append(document.sha256)
                self._keep(documents=list(uploaded))

    def release_claim(self, claim_id: str) -> ClaimAnswer:
        """Releases the claim, or finds it released by somebody who was faster."""
        try:
            claim = self._client.release_claim(claim_id)
        except PartnerRefused:
            claim = self._client.get_claim(claim_id)
            if claim.submission_state == "created":
                raise
        if claim.submission_state == "created":
            raise PartnerUnavailable("the release was answered, but not carried out", safe=False)
        return claim

    def note_release(self, claim: ClaimAnswer) -> None:
        """Keeps once that it was released, also found out later, when the answer to the release was lost; and what the
        partner calls the review whenever it calls it otherwise.
        """
        reviewed = map_submission(claim.submission_state) not in ("accepted", "rejected")
        renamed = reviewed and self._evidence.get("submission_state") != claim.submission_state
        if not is_released(self._evidence) or renamed:
            self._keep(released=True, submission_state=claim.submission_state)

    def _keep(self, **news: object) -> None:
        self._evidence |= news
        self._save(dict(self._evidence))
