"""What the partner is told about a claim it has: money that reached us, and requests that the API has no call for."""

PARTNER_HOLD = "partner_hold"
PARTNER_CANCEL = "partner_cancel"
PARTNER_PAYMENT = "partner_payment"
PARTNER_DISPUTE = "partner_dispute"
PARTNER_ANSWER = "partner_answer"
MESSAGE_KINDS = (PARTNER_HOLD, PARTNER_CANCEL, PARTNER_PAYMENT, PARTNER_DISPUTE, PARTNER_ANSWER)

# of payments and entries that the partner reported to us: never reported back
PARTNER_SOURCE = "partner"
# the `processing_state` by which the partner says that it has understood
ACKNOWLEDGED_BY = {PARTNER_HOLD: "paused", PARTNER_CANCEL: "canceled_by_client"}
