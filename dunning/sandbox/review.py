"""How the sandbox partner decides about a claim.

A debtor's last name steers it: `REJECT-` is rejected, `SLOW-` stays under review and `QUESTION-` waits for
the client until somebody decides on the sandbox's page; everybody else is accepted at once.
"""

from sqlalchemy import update
from sqlalchemy.orm import Session

from dunning.clock import read_now
from dunning.sandbox.balance import charge_fee, split_claim
from dunning.sandbox.clock import read_today
from dunning.sandbox.news import queue_claim_news, queue_news
from dunning.sandbox.tables import SandboxClaim, SandboxDebtor, SandboxMandate

SLOW = "SLOW-"
STEERING = {"REJECT-": "rejected", SLOW: "under_review", "QUESTION-": "client_response_pending"}
UNDECIDED = ("under_review", "client_response_pending")
REJECTION = ("The address could not be verified.", "The documents do not show the contract.")


def name_person(debtor: SandboxDebtor) -> tuple[str, str]:
    """First and last name; an organization has its name as last name."""
    person = debtor.body.get("person")
    if person:
        return person["first_name"], person["last_name"]
    return "", debtor.body["organization"]["name"]


def review_claim(session: Session, claim: SandboxClaim) -> bool:
    """What follows a release, by the debtor's last name. False when the claim was released before."""
    _, last_name = name_person(claim.debtor)
    decision = next((state for prefix, state in STEERING.items() if last_name.startswith(prefix)), "accepted")
    if decision == "rejected":
        return change_claim(session, claim, ("created",), decision, reasons=list(REJECTION))
    if decision == "accepted":
        return accept_claim(session, claim, ("created",))
    return change_claim(session, claim, ("created",), decision)


def accept_claim(session: Session, claim: SandboxClaim, seen: tuple[str, ...] = UNDECIDED) -> bool:
    """Takes the claim into a mandate; False, and nothing is left behind, when it is in no state for that."""
    principal, _ = split_claim(claim.body)
    mandate = SandboxMandate(costs_cents=charge_fee(principal, read_today()), updated=read_now())
    session.add(mandate)
    session.flush()
    accepted = change_claim(session, claim, seen, "accepted", mandate_number=mandate.number)
    if accepted:
        queue_news(session, mandate, "mandate.created")
    else:
        session.delete(mandate)
    return accepted


def reject_claim(session: Session, claim: SandboxClaim, reasons: list[str]) -> bool:
    """Refuses the claim with reasons; False when it is in no state for that."""
    return change_claim(session, claim, UNDECIDED, "rejected", reasons=reasons)


def change_claim(
    session: Session, claim: SandboxClaim, seen: tuple[str, ...], state: str, **values: object
) -> bool:
    """One conditional UPDATE: of two that decide at once, one does."""
    changed = session.execute(
        update(SandboxClaim)
        .where(SandboxClaim.number == claim.number, SandboxClaim.submission_state.in_(seen))
        .values(submission_state=state, **values)
        .returning(SandboxClaim.number)
    ).first()
    session.expire(claim)
    if changed:
        queue_claim_news(session, claim)
    return changed is not None
