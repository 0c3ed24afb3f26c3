"""How the sandbox partner decides, and how it says what it has: the JSON of claims and mandates.

A debtor's last name steers it: `REJECT-` is rejected, `SLOW-` stays under review and `QUESTION-` waits for
the client until somebody decides on the sandbox's page; everybody else is accepted at once.
"""

from typing import Any

from flask import url_for
from sqlalchemy import update
from sqlalchemy.orm import Session

from dunning.outside.sandbox_tables import SandboxClaim, SandboxDebtor, SandboxMandate
from dunning.rules.handover_payload import write_amount

STEERING = {"REJECT-": "rejected", "SLOW-": "under_review", "QUESTION-": "client_response_pending"}
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
    mandate = SandboxMandate()
    session.add(mandate)
    session.flush()
    accepted = change_claim(session, claim, seen, "accepted", mandate_number=mandate.number)
    if not accepted:
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
    return changed is not None


def show_debtor(debtor: SandboxDebtor) -> dict[str, Any]:
    """The JSON of a debtor."""
    created = debtor.created.isoformat()
    href = url_for("sandbox.show_one_debtor", debtor_id=debtor.id, _external=True)
    return {**debtor.body, "id": debtor.id, "href": href, "created": created, "updated": created}


def show_claim(claim: SandboxClaim) -> dict[str, Any]:
    """The JSON of a claim; a rejected one carries its reasons as status updates."""
    return {
        **claim.body,
        "id": claim.id,
        "href": url_for("sandbox.show_one_claim", claim_id=claim.id, _external=True),
        "submission_state": claim.submission_state,
        "mandate": link_mandate(claim.mandate) if claim.mandate else None,
        "status_updates": [{"title": "Rejected", "description": reason} for reason in claim.reasons],
        "created": claim.created.isoformat(),
        "updated": claim.updated.isoformat(),
    }


def link_mandate(mandate: SandboxMandate) -> dict[str, Any]:
    """A mandate as others point to it."""
    return {
        "id": mandate.id,
        "href": url_for("sandbox.show_one_mandate", mandate_id=mandate.id, _external=True),
        "reference_number": f"SB-{mandate.number:06d}",
    }


def show_mandate(mandate: SandboxMandate) -> dict[str, Any]:
    """The JSON of a mandate with its one claim."""
    claim = mandate.claim
    total = claim.body["total_claim_amount"]
    return {
        **link_mandate(mandate),
        "further_reference_numbers": [],
        "debtor": {"name": " ".join(name_person(claim.debtor)).strip()},
        "legal_stage": mandate.legal_stage,
        "processing_state": mandate.processing_state,
        "payment_state": mandate.payment_state,
        "legal_claim_balance": split_balance(claim),
        "total_mandate_amount": total,
        "claims": [{"id": claim.id, "href": show_claim(claim)["href"], "payments": []}],
        "status_updates": [],
        "updated": mandate.updated.isoformat(),
    }


def split_balance(claim: SandboxClaim) -> dict[str, Any]:
    """What is open: our own costs come interest-free, the partner adds none here."""
    total = read_cents(claim.body["total_claim_amount"])
    charges = sum(read_cents(charge["amount"]) for charge in claim.body["additional_charges"])
    principal = total - charges
    return {
        "balance_of_principal_claim": write_amount(max(principal, 0)),
        "balance_of_interest_on_principal_claim": write_amount(0),
        "balance_of_costs_interest_bearing": write_amount(0),
        "balance_of_costs_interest_free": write_amount(charges + min(principal, 0)),
        "balance_of_interest_on_costs": write_amount(0),
        "total_balance": write_amount(total),
        "total_payment": write_amount(0),
    }


def read_cents(amount: dict[str, str]) -> int:
    """Cents of `{"value": "1202.50", …}`, which was checked when it came in."""
    return int(amount["value"].replace(".", ""))
