"""What the partner is told about a claim it has: money that reached us, and requests that the API has no call for."""

from dunning.rules.partner.wish import WishKind
from dunning.rules.terms import Subject

PARTNER_HOLD = "partner_hold"
PARTNER_CANCEL = "partner_cancel"
PARTNER_PAYMENT = "partner_payment"
PARTNER_DISPUTE = "partner_dispute"
PARTNER_ANSWER = "partner_answer"
MESSAGE_KINDS = (PARTNER_HOLD, PARTNER_CANCEL, PARTNER_PAYMENT, PARTNER_DISPUTE, PARTNER_ANSWER)

# the `processing_state` by which the partner says that it has understood
ACKNOWLEDGED_BY = {PARTNER_HOLD: "paused", PARTNER_CANCEL: "canceled_by_client"}
# what a request is called where the partner takes it by a call
REQUEST_NAMES: dict[str, WishKind] = {
    PARTNER_HOLD: "hold",
    PARTNER_CANCEL: "cancel",
    PARTNER_DISPUTE: "dispute",
    PARTNER_PAYMENT: "reversal",
}

# how money is told: reported by the documented call, or as a request, which has no call
PAYMENT, TAKEN_BACK, CREDIT, AMENDED = "payment", "taken_back", "credit", "amended"
RETURN_FEE = "return_fee"


def name_money(subject: Subject, cents: int) -> str | None:
    """What a ledger entry is to the partner: PAYMENT, TAKEN_BACK, CREDIT (a refund), AMENDED (the order's amount was
    corrected: the principal itself changed), RETURN_FEE (what the bank charged for a return) or nothing.

    `subject` is the kind whose sum it changes, `cents` as in the ledger: negative lowers the claim. Our own fees and
    interest are in the claim as handed over; what comes to them later the partner computes itself.
    """
    if subject == "refund":
        return CREDIT
    if subject == "principal":
        return AMENDED
    if subject == RETURN_FEE:
        return RETURN_FEE
    if subject in ("payment", "chargeback", "payout"):
        return PAYMENT if cents < 0 else TAKEN_BACK
    return None
