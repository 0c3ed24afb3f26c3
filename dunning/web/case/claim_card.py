"""The claim on a case's page: its lines, where its rates come from, and what has become of time."""

import datetime as dt
from dataclasses import dataclass

from dunning.records.cases import Case
from dunning.rules.court.application import may_show
from dunning.rules.facts import Facts
from dunning.rules.money.claim import Claim, compute_claim
from dunning.rules.money.limitation import judge_limitation
from dunning.rules.policy import Policy
from dunning.rules.statuses import BEFORE_HANDOVER, TERMINAL
from dunning.web.words.claim_lines import ClaimLine, explain_costs, explain_rate, list_claim
from dunning.web.words.row_notes import warn_limitation


@dataclass(frozen=True)
class ClaimCard:
    """What is owed on the day, and why. Amounts in cents."""

    owed: Claim
    lines: list[ClaimLine]
    rate_note: str
    # empty once the partner has the claim: its costs are told there
    cost_note: str
    # that the claim is about to become time-barred, or is
    warning: str
    # whether the Mahnantrag's data sheet can be read
    court_sheet: bool


def build_claim(case: Case, facts: Facts, policy: Policy, today: dt.date, *, staff: bool) -> ClaimCard:
    """Of a case that is over nothing becomes time-barred."""
    claim, over = compute_claim(facts, policy, today), case.status in TERMINAL
    return ClaimCard(
        owed=claim,
        lines=list_claim(facts, claim),
        rate_note=explain_rate(facts, claim, policy),
        cost_note=explain_costs(facts, claim, policy) if case.status in BEFORE_HANDOVER else "",
        warning="" if over else warn_limitation(judge_limitation(facts.due_date, facts.entries, today)),
        court_sheet=may_show(facts, staff=staff),
    )
