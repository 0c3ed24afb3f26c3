"""What is still to come for a receivable as things are: for pages and explanations, never for a decision."""

import datetime as dt
from dataclasses import replace

from dunning.rules.course import steps
from dunning.rules.course.eligibility import check
from dunning.rules.course.steps import ONE_DAY, PlannedStep
from dunning.rules.facts import Facts
from dunning.rules.policy import Policy
from dunning.rules.statuses import BLOCKED, HANDED_OVER, RUNNING, TERMINAL
from dunning.rules.terms import STAGE_ONE

# red here and, without a case, nothing will ever happen
_LASTING = ("not_test", "not_refunded", "not_cancelled", "open_amount", "currency")


def list_planned(facts: Facts, policy: Policy, today: dt.date) -> list[PlannedStep]:
    """The steps still to come with their days, those already under way included; none once all is over.

    A case that waits is planned as if it were started today, a blocked one as if it went on after its block. Stage 1
    waits for nobody: a case that does not run gets none of it.
    """
    case = facts.case
    if case is None:
        over = bool(check(facts, policy, today).red(_LASTING))
    else:
        over = case.status in TERMINAL or case.status == HANDED_OVER
    if over:
        return []
    if case and case.status == BLOCKED:
        goes_on = case.blocked_until + ONE_DAY if case.blocked_until else today
        facts = replace(facts, case=replace(case, unblocked_on=goes_on))
    waits = case is not None and case.status != RUNNING
    planned = steps.plan(facts, policy, today)
    return [s for s in planned if s.state == "planned" and not (waits and s.kind in STAGE_ONE)]
