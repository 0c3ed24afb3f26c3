"""What a vendor's settings decide when a case opens (design: "Settings of a vendor")."""

from dataclasses import dataclass

from dunning.rules.statuses import AWAITING_APPROVAL, FAILED, READY_FOR_HANDOVER, RUNNING
from dunning.rules.terms import CaseStatus, Consent, Status

SCHEMES = (0, 1, 2, 3)
NOT_CHOSEN, DUNNING_ONLY, COLLECTION, COURT = SCHEMES
REMAINDERS = ("forgive_small", "forgive", "pursue")
THRESHOLDS = (
    0,
    10_000,
    20_000,
    50_000,
    100_000,
    1_000_000,
)  # cents; what the page offers beside an own amount


@dataclass(frozen=True)
class Settings:
    """A vendor's settings; `threshold` in cents, 0 = all."""

    scheme: int = NOT_CHOSEN
    review: bool = True
    threshold: int = 0
    auto_chargebacks: bool = False
    remainder: str = "forgive_small"


@dataclass(frozen=True)
class Opening:
    """How a case opens: its first status and what is known of the vendor's consent to the handover."""

    status: CaseStatus
    consent: Consent


def choose_opening(
    settings: Settings, *, open_principal: int, charged_back: bool, start_points_green: bool
) -> Opening:
    """Automatic cases run (or fail on red points); reviewed ones wait. "Over" the limit means strictly greater."""
    by_itself = settings.auto_chargebacks if charged_back else not settings.review
    if not by_itself:
        return Opening(AWAITING_APPROVAL, "none")
    if not start_points_green:
        return Opening(FAILED, "none")
    consented = charged_back or open_principal > settings.threshold
    return Opening(RUNNING, "automatic" if consented else "none")


def starts_handover(status: Status, scheme: int | None, *, chargeback: bool, letters_out: bool) -> bool:
    """Whether Start hands the claim over at once, without the wait in which it could be undone: it asks first."""
    at_hand = status in (AWAITING_APPROVAL, FAILED) and (chargeback or letters_out)
    return status == READY_FOR_HANDOVER or (at_hand and scheme != DUNNING_ONLY)
