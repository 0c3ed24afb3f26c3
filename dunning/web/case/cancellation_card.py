"""Cancelling at the partner as the pages show it: what it costs, or what became of the request."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from dunning.actions.to_partner.cancellation import find_present_obstacle
from dunning.desk import Desk
from dunning.records.cases import Case
from dunning.records.queries.partner.requests import RequestRow, find_newest_request
from dunning.rules.partner.cancellation import ALREADY_ASKED, ENDED, IN_COURT
from dunning.rules.statuses import HANDED_OVER, RUNNING
from dunning.rules.terms import OPEN_REQUESTS
from dunning.web.request.texts import gettext as _
from dunning.web.words.formats import write_money
from dunning.web.words.step_labels import label_reason

OBSTACLE_LABELS = {
    IN_COURT: _l("The claim is in court: it cannot be terminated any more."),
    ENDED: _l("The collection partner has ended its work: there is nothing left to terminate."),
    ALREADY_ASKED: _l("The termination has been asked for already."),
}
# state -> hue and icon
STATE_LOOKS = {
    "waiting": ("wait", "clock"),
    "sent": ("run", "send"),
    "confirmed": ("off", "ban"),
    "declined": ("bad", "x"),
}


@dataclass(frozen=True)
class CancellationCard:
    """What the card shows: `newest` is the last request, `offered` whether one can be made. `fee` in cents, gross."""

    fee: int
    straight: bool
    reviewed: bool
    offered: bool
    obstacle: str
    newest: RequestRow | None

    @property
    def obstacle_note(self) -> str:
        """Why nothing can be asked for; empty when it can."""
        return str(OBSTACLE_LABELS[self.obstacle]) if self.obstacle else ""

    @property
    def look(self) -> tuple[str, str]:
        """Hue and icon of the last request."""
        if self.newest is None or self.newest.dropped:
            return "off", "info"
        return STATE_LOOKS[self.newest.state]

    @property
    def said(self) -> str:
        """What became of the last request, in a sentence."""
        return describe_request(self.newest) if self.newest else ""


def offer_cancellation(session: Session, case: Case, desk: Desk, *, vip: bool) -> CancellationCard | None:
    """What the case's page shows; None where nothing is, or was, at the partner."""
    newest = find_newest_request(session, case.id)
    reviewed = case.status == RUNNING and case.claim_in_review
    at_partner = reviewed or case.status == HANDED_OVER
    if not at_partner and newest is None:
        return None
    obstacle = (find_present_obstacle(session, case) if at_partner else "") or ""
    is_open = newest is not None and newest.state in OPEN_REQUESTS
    return CancellationCard(
        fee=desk.policy.cancellation.vendor_fee,
        straight=vip,
        reviewed=reviewed,
        offered=at_partner and not obstacle and not is_open,
        obstacle=obstacle,
        newest=newest,
    )


def describe_request(row: RequestRow) -> str:
    """Where a request stands, for everybody."""
    if row.dropped:
        return _("No longer needed: %(reason)s", reason=label_reason(row.decision_reason))
    if row.state == "declined":
        return _("Declined: %(reason)s", reason=row.decision_reason)
    if row.state == "confirmed":
        cost = write_money(row.fee)
        return _("Confirmed by the collection partner · Cost: %(cost)s", cost=cost)
    if row.state == "waiting":
        return _("Waits for support's decision")
    if row.claim_in_review:
        return _("Is passed on as soon as the collection partner accepts the claim")
    return _("Passed on to the collection partner, which has to confirm it")
