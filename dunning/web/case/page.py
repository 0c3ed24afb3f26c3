"""The page of one case: what is owed and why, what happened, what comes, and what can be done."""

import datetime as dt
from dataclasses import dataclass

from flask import Blueprint, Response, make_response, render_template, request
from sqlalchemy.orm import Session

from dunning.actions.case.move_case import list_targets
from dunning.actions.case.undo import find_undo
from dunning.actions.dossier.dossier import Dossier
from dunning.actions.letters.preview_letter import find_next_letter
from dunning.desk import Desk
from dunning.records import db
from dunning.records.cases import Case
from dunning.records.queries.cases.case import (
    LetterLine,
    PaymentLine,
    Sibling,
    list_history,
    list_letters,
    list_payments,
    list_siblings,
)
from dunning.records.queries.partner.mandate import find_fresh, find_mandate, find_submission, list_news
from dunning.rules.course.eligibility import Eligibility, check
from dunning.rules.court.application import may_show
from dunning.rules.money.claim import Claim, compute_claim
from dunning.rules.money.limitation import judge_limitation
from dunning.rules.statuses import (
    BEFORE_HANDOVER,
    HANDED_OVER,
    RUNNING,
    SUPPORT,
    TERMINAL,
    allowed_verbs,
)
from dunning.web.case.cancellation_card import CancellationCard, offer_cancellation
from dunning.web.case.hold_card import HoldCard, offer_hold
from dunning.web.case.next_step import Actions, NextStep, list_actions, tell_next
from dunning.web.case.question_card import QuestionCard, read_questions
from dunning.web.case.timeline import Moment, build_timeline
from dunning.web.eligibility.address_form import fill_address
from dunning.web.eligibility.check_summary import CheckSummary, sum_up
from dunning.web.eligibility.panel import Panel, build_panel
from dunning.web.eligibility.point_views import GroupView, view_group
from dunning.web.request.answers import unprocessable
from dunning.web.request.current import current_desk
from dunning.web.request.form import Form
from dunning.web.request.scope import current_scope, find_dossier
from dunning.web.words.claim_lines import ClaimLine, explain_costs, explain_rate, label_entry, list_claim
from dunning.web.words.history_labels import HistoryRow, write_history
from dunning.web.words.labels import label_status
from dunning.web.words.partner_lines import PartnerBlock, build_block, choose_pace, tell_news
from dunning.web.words.row_notes import warn_limitation
from dunning.web.words.settings import Words, describe_settings
from dunning.web.words.step_labels import BLOCK_LABELS, label_plan, label_step

pages = Blueprint("case", __name__)
pages.add_app_template_filter(label_step, "step")
pages.add_app_template_filter(label_entry, "entry")


@dataclass(frozen=True)
class CaseView:
    """Everything the page shows, ready to be written down. Amounts in cents."""

    dossier: Dossier
    case: Case
    staff: bool
    today: dt.date
    claim: Claim
    found: Eligibility
    next: NextStep
    actions: Actions
    timeline: list[Moment]
    letters: list[LetterLine]
    # the kind of the letter that can be previewed
    next_letter: str | None
    lines: list[ClaimLine]
    rate_note: str
    cost_note: str
    payments: list[PaymentLine]
    siblings: list[Sibling]
    history: list[HistoryRow]
    correction: Panel | None
    # None where the status knows no hold
    hold: HoldCard | None
    # None where nothing is, or was, at the partner
    cancellation: CancellationCard | None
    questions: QuestionCard
    # None for a case that was never on its way there
    partner: PartnerBlock | None
    # what support can do: the statuses to choose from, with their names
    targets: list[tuple[str, str]]

    @property
    def may_block(self) -> bool:
        return "block" in allowed_verbs(self.case.status, SUPPORT) and not self.case.claim_in_review

    @property
    def block_reasons(self) -> list[tuple[str, str]]:
        return [(key, str(label)) for key, label in BLOCK_LABELS.items()]

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
    def warning(self) -> str:
        """That the claim is about to become time-barred, or is; of a case that is over nothing."""
        facts = self.dossier.read_facts()
        over = self.case.status in TERMINAL
        return "" if over else warn_limitation(judge_limitation(facts.due_date, facts.entries, self.today))

    @property
    def court_sheet(self) -> bool:
        """Whether the Mahnantrag's data sheet can be read."""
        return may_show(self.dossier.read_facts(), staff=self.staff)

    @property
    def plan(self) -> str:
        order = self.dossier.order
        return label_plan(order.payment_plan, self.dossier.receivable.rate_number, order.rates)

    @property
    def settings(self) -> list[Words]:
        """The vendor's settings, for staff to read."""
        return describe_settings(self.dossier.settings)


@pages.get("/cases/<int:case_id>")
def show_case(case_id: int) -> str:
    """A vendor's own case; staff read any, with support's names and the notes of colleagues."""
    return render_template("case/page.html", view=read_view(case_id), form=Form())


@pages.get("/cases/<int:case_id>/progress")
def show_progress(case_id: int) -> Response:
    """The page asks whether the partner has answered: 204 while nothing is new, so that nothing moves."""
    view = read_view(case_id)
    partner = view.partner
    if partner and partner.pace and request.args.get("seen") == partner.mark:
        return Response(status=204)
    return make_response(render_template("case/page.html", view=view, form=Form()))


def refuse_form(case_id: int, form: Form) -> Response:
    """422: the page again, with what was typed and what is wrong with it."""
    return unprocessable("case/page.html", view=read_view(case_id), form=form)


def read_view(case_id: int) -> CaseView:
    """Reads and computes the page as the reader may see it. Raises NotFound."""
    dossier = find_dossier(case_id)
    assert dossier.case is not None  # noqa: S101 - it was found through its case
    return build_view(db.session(), dossier, dossier.case, current_desk(), staff=current_scope().staff)


def build_view(session: Session, dossier: Dossier, case: Case, desk: Desk, *, staff: bool) -> CaseView:
    """The view of a loaded dossier."""
    facts, policy, today = dossier.read_facts(), desk.policy, desk.today
    claim, found = compute_claim(facts, policy, today), check(facts, policy, today)
    history, payments = list_history(session, case.id), list_payments(session, dossier.receivable.id)
    letters = list_letters(session, case.id)
    undoable = not staff and find_undo(session, case, today) is not None
    news = tell_news(list_news(session, case.id) if case.claim_id else [], staff=staff)
    timeline = build_timeline(dossier, history, payments, claim.allocations, policy, today, news, staff=staff)
    several = dossier.order.rates > 1
    return CaseView(
        dossier=dossier,
        case=case,
        staff=staff,
        today=today,
        claim=claim,
        found=found,
        next=tell_next(dossier, found, policy, today, staff=staff),
        actions=list_actions(case, facts, undoable=undoable),
        timeline=timeline,
        letters=letters,
        next_letter=find_next_letter(dossier, letters, desk),
        lines=list_claim(facts, claim),
        rate_note=explain_rate(facts, claim, policy),
        cost_note=explain_costs(facts, claim, policy) if case.status in BEFORE_HANDOVER else "",
        payments=payments,
        siblings=list_siblings(session, dossier.order.id, dossier.receivable.id) if several else [],
        history=write_history(history, staff=staff),
        questions=read_questions(session, case, desk, staff=staff),
        targets=list_choices(session, case) if staff else [],
        correction=offer_correction(dossier, case, desk, staff=staff),
        cancellation=offer_cancellation(session, case, desk, vip=dossier.vendor.vip),
        hold=offer_hold(case, desk),
        partner=read_partner(session, case, desk, staff=staff),
    )


def read_partner(session: Session, case: Case, desk: Desk, *, staff: bool) -> PartnerBlock | None:
    """What stands at the partner; while the claim is on its way the page looks again by itself."""
    moving = [case.receivable_id] if case.status in (RUNNING, HANDED_OVER) else []
    since = find_fresh(session, moving, desk.now).get(case.receivable_id)
    mandate = find_mandate(session, case) if case.claim_id else None
    review = find_submission(session, case.receivable_id) if staff and case.claim_in_review else ""
    return build_block(case, mandate, choose_pace(since, desk.now), staff=staff, review=review)


def list_choices(session: Session, case: Case) -> list[tuple[str, str]]:
    """The statuses support can choose now, by their names for support."""
    return [(status, label_status(status, staff=True)) for status in list_targets(session, case)]


def offer_correction(dossier: Dossier, case: Case, desk: Desk, *, staff: bool) -> Panel | None:
    """The panel's address form, as long as the address can be corrected."""
    if case.status not in BEFORE_HANDOVER or case.claim_in_review:
        return None
    # as it is, without its errors: the points beside it tell them, and no field draws the focus down the page
    return build_panel(dossier, desk, address=fill_address(dossier.read_facts().buyer), staff=staff)
