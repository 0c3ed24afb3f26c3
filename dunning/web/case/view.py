"""What the page of one case is drawn from: one part per card, read and computed for its reader."""

import datetime as dt
from dataclasses import dataclass

from flask import Response
from sqlalchemy.orm import Session

from dunning.actions.case.undo import find_undo
from dunning.actions.dossier.dossier import Dossier
from dunning.desk import Desk
from dunning.records import db
from dunning.records.cases import Case
from dunning.records.queries.cases.case import (
    PaymentLine,
    Sibling,
    list_failed_steps,
    list_history,
    list_payments,
    list_siblings,
)
from dunning.records.queries.partner.mandate import list_news
from dunning.rules.course.eligibility import Eligibility, check
from dunning.rules.statuses import BEFORE_HANDOVER, TERMINAL
from dunning.web.case.claim_card import ClaimCard, build_claim
from dunning.web.case.letter_card import LetterCard, read_letters
from dunning.web.case.next_step import Actions, NextStep, list_actions, tell_next
from dunning.web.case.partner_cards import PartnerCards, read_partner_cards
from dunning.web.case.support_card import SupportCard, offer_support
from dunning.web.case.timeline import Moment, build_timeline
from dunning.web.eligibility.address_form import fill_address
from dunning.web.eligibility.check_summary import CheckSummary, sum_up
from dunning.web.eligibility.panel import Panel, build_panel
from dunning.web.eligibility.point_views import GroupView, view_group
from dunning.web.request.answers import unprocessable
from dunning.web.request.current import current_desk
from dunning.web.request.form import Form
from dunning.web.request.scope import current_scope, find_dossier
from dunning.web.words.history_labels import HistoryRow, write_history
from dunning.web.words.partner_lines import tell_news
from dunning.web.words.step_labels import label_plan

PAGE = "case/page.html"


@dataclass(frozen=True)
class CaseView:
    """Everything the page shows, ready to be written down. Amounts in cents."""

    dossier: Dossier
    case: Case
    today: dt.date
    found: Eligibility
    next: NextStep
    actions: Actions
    timeline: list[Moment]
    letters: LetterCard
    claim: ClaimCard
    payments: list[PaymentLine]
    siblings: list[Sibling]
    history: list[HistoryRow]
    correction: Panel | None
    at_partner: PartnerCards
    # None for a vendor
    support: SupportCard | None

    @property
    def staff(self) -> bool:
        return self.support is not None

    @property
    def days_overdue(self) -> int:
        """None of a case that has ended, as in the table."""
        anchor = None if self.case.status in TERMINAL else self.dossier.read_facts().anchor
        return max((self.today - anchor).days, 0) if anchor else 0

    @property
    def summary(self) -> CheckSummary:
        return sum_up(self.found)

    @property
    def groups(self) -> list[GroupView]:
        return [view_group(group) for group in self.found.groups if not group.folded]

    @property
    def plan(self) -> str:
        order = self.dossier.order
        return label_plan(order.payment_plan, self.dossier.receivable.rate_number, order.rates)


def read_view(case_id: int) -> CaseView:
    """Reads and computes the page as the reader may see it. Raises NotFound."""
    dossier = find_dossier(case_id)
    assert dossier.case is not None  # noqa: S101 - it was found through its case
    return build_view(db.session(), dossier, dossier.case, current_desk(), staff=current_scope().staff)


def refuse_form(case_id: int, form: Form) -> Response:
    """422: the page again, with what was typed and what is wrong with it."""
    return unprocessable(PAGE, view=read_view(case_id), form=form)


def build_view(session: Session, dossier: Dossier, case: Case, desk: Desk, *, staff: bool) -> CaseView:
    """The view of a loaded dossier."""
    facts, policy, today = dossier.read_facts(), desk.policy, desk.today
    found = check(facts, policy, today)
    claim = build_claim(case, facts, policy, today, staff=staff)
    history, payments = list_history(session, case.id), list_payments(session, dossier.receivable.id)
    news = tell_news(list_news(session, case.id) if case.claim_id else [], staff=staff)
    stuck = list_failed_steps(session, dossier.receivable.id)
    several = dossier.order.rates > 1
    return CaseView(
        dossier=dossier,
        case=case,
        today=today,
        found=found,
        next=tell_next(dossier, found, desk, stuck, staff=staff),
        actions=list_actions(case, facts, undoable=not staff and find_undo(session, case, today) is not None),
        timeline=build_timeline(
            dossier, history, payments, claim.owed.allocations, desk, news, stuck, staff=staff
        ),
        letters=read_letters(session, dossier, case, desk),
        claim=claim,
        payments=payments,
        siblings=list_siblings(session, dossier.order.id, dossier.receivable.id) if several else [],
        history=write_history(history, staff=staff),
        correction=offer_correction(dossier, case, desk, staff=staff),
        at_partner=read_partner_cards(session, dossier, case, desk, staff=staff),
        support=offer_support(session, dossier, case) if staff else None,
    )


def offer_correction(dossier: Dossier, case: Case, desk: Desk, *, staff: bool) -> Panel | None:
    """The panel's address form, as long as the address can be corrected."""
    if case.status not in BEFORE_HANDOVER or case.claim_in_review:
        return None
    # as it is, without its errors: the points beside it tell them, and no field draws the focus down the page
    return build_panel(dossier, desk, address=fill_address(dossier.read_facts().buyer), staff=staff)
