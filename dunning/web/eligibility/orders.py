"""Look-up of one order: why is it (not) in dunning, and when will it appear?"""

from dataclasses import dataclass

from flask import Blueprint, abort, render_template, request

from dunning.actions.dossier.dossier import Dossier, find_order_dossiers
from dunning.desk import Desk
from dunning.records import db
from dunning.rules.money.claim import compute_claim
from dunning.rules.statuses import OVERDUE
from dunning.rules.terms import Status
from dunning.web.eligibility.panel import Panel, build_panel, build_unknown_panel
from dunning.web.request.current import current_desk
from dunning.web.request.scope import Scope, current_scope
from dunning.web.words.step_labels import label_plan

pages = Blueprint("orders", __name__, url_prefix="/orders")
LONGEST_ID = 100


@dataclass(frozen=True)
class FoundReceivable:
    """One receivable of the order with its points. `total` in cents, running interest included."""

    dossier: Dossier
    panel: Panel
    status: Status | None
    total: int
    plan: str

    @property
    def case_id(self) -> int | None:
        return self.dossier.case.id if self.dossier.case else None


@dataclass(frozen=True)
class OrderView:
    """The answer to a look-up; `unknown` when there is no such order for this reader, or none was asked for."""

    order_id: str
    staff: bool
    receivables: list[FoundReceivable]
    unknown: Panel | None


@pages.get("")
def show_order() -> str:
    """A vendor's own order, for staff any; another vendor's is as unknown as none."""
    view = read_order(read_order_id(), current_scope(), current_desk())
    return render_template("orders/page.html", view=view)


def read_order_id() -> str:
    """The order ID asked for; empty shows the empty form. 400 for what cannot be one."""
    given = request.args.getlist("order_id")
    order_id = given[0].strip() if given else ""
    if len(given) > 1 or len(order_id) > LONGEST_ID or not order_id.isprintable():
        abort(400)
    return order_id


def read_order(order_id: str, scope: Scope, desk: Desk) -> OrderView:
    """All receivables of the order with their points."""
    dossiers = find_order_dossiers(db.session(), order_id, scope.vendor_id) if order_id else []
    receivables = [_look_up(dossier, desk, staff=scope.staff) for dossier in dossiers]
    unknown = build_unknown_panel(desk) if order_id and not dossiers else None
    return OrderView(order_id, scope.staff, receivables, unknown)


def _look_up(dossier: Dossier, desk: Desk, *, staff: bool) -> FoundReceivable:
    facts, receivable = dossier.read_facts(), dossier.receivable
    claim = compute_claim(facts, desk.policy, desk.today)
    overdue = facts.anchor is not None and facts.anchor < desk.today and claim.balance.open_principal > 0
    status: Status | None = dossier.case.status if dossier.case else OVERDUE if overdue else None
    plan = label_plan(dossier.order.payment_plan, receivable.rate_number, dossier.order.rates)
    panel = build_panel(dossier, desk, staff=staff)
    return FoundReceivable(dossier, panel, status, claim.total, plan)
