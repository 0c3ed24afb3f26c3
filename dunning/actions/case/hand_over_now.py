"""Support's "hand over": the handover is due today. Guards and consent are those of any other day."""

from dunning.actions.course.advance import carry_decision, schedule_after_today
from dunning.actions.dossier.dossier import open_case_dossier
from dunning.actions.dossier.history import note_event
from dunning.actions.dossier.refusals import InReview, RedPoints
from dunning.desk import Desk
from dunning.rules.course.agenda import Decision, DecisionVerb
from dunning.rules.course.eligibility import HANDOVER_POINTS, check
from dunning.rules.gates import DUNNING_ONLY
from dunning.rules.money.claim import worth_pursuing
from dunning.rules.statuses import RUNNING, SUPPORT, Refused
from dunning.rules.terms import HANDOVER, SECOND_CALL
from dunning.work import Actor, begin_work


def hand_over_now(case_id: int, actor: Actor, desk: Desk, *, reason: str = "") -> None:
    """Neither letters nor deadlines are skipped; without consent the case becomes `ready_for_handover`.

    The status follows when the partner has accepted. Raises Refused (also where no handover is to come), InReview,
    RedPoints, NotFound.
    """
    with begin_work(desk, actor) as work:
        dossier, case = open_case_dossier(work.session, case_id, actor.vendor_id)
        facts = dossier.read_facts()
        to_come = facts.scheme != DUNNING_ONLY and worth_pursuing(facts, desk.policy, desk.today)
        if case.status != RUNNING or actor.side != SUPPORT or not to_come:
            raise Refused(case.status, "hand_over", actor.side)
        if case.claim_in_review or facts.step(HANDOVER):
            raise InReview(case_id)
        eligibility = check(facts, desk.policy, desk.today)
        if not eligibility.may_hand_over:
            raise RedPoints(eligibility, HANDOVER_POINTS)
        note_event(work, case, "hand_over", reason=reason)
        carry_decision(work, dossier, Decision("lapse", SECOND_CALL, reason="overtaken"))
        verb: DecisionVerb = "await_consent" if case.handover_consent == "none" else "make"
        carry_decision(work, dossier, Decision(verb, HANDOVER, desk.today))
        schedule_after_today(work, dossier)
