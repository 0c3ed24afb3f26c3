"""Every pair of effect states and every function: what the table allows is done, anything else changes nothing."""

import datetime as dt
from collections.abc import Callable
from itertools import product

import pytest
from flask import Flask
from sqlalchemy import update

from dunning import effects
from dunning.actions.course.withdraw import withdraw_effects
from dunning.actions.dossier.dossier import open_dossier
from dunning.actions.dossier.refusals import NotInDoubt
from dunning.actions.dossier.tell_partner import drop_waiting
from dunning.actions.letters.decide_mail import drop_notice
from dunning.actions.letters.post_letters import end_effect
from dunning.actions.to_partner.cancellation import stop_telling
from dunning.errand import LostLease, StepErrand
from dunning.records import transaction
from dunning.records.cases import Case, Letter
from dunning.records.effects import Effect
from dunning.rules.effect_states import (
    CHANGES,
    SENT_AGAIN,
    WAITING,
    UnknownChange,
    check_sources,
    list_sources,
)
from dunning.rules.terms import EFFECT_STATES
from dunning.work import SYSTEM, Work, begin_work
from tests.builders import NOW, a_desk, read_receivable
from tests.jobs.test_effects import TODAY, an_effect, read_effect, take

LATER = NOW + dt.timedelta(hours=1)
Deed = Callable[[StepErrand], object]


def inside(deed: Callable[[Work, StepErrand], object]) -> Deed:
    """What belongs into a verb's transaction."""

    def run(errand: StepErrand) -> None:
        with begin_work(a_desk(TODAY, now=NOW)) as work:
            deed(work, errand)

    return run


def of_kind(kind: str, deed: Callable[[Work, Case], object]) -> Deed:
    """What takes back messages of a case: the effect becomes one of them."""

    def run(errand: StepErrand) -> None:
        with begin_work(a_desk(TODAY, now=NOW)) as work:
            work.session.execute(update(Effect).where(Effect.id == errand.id).values(kind=kind))
            deed(work, Case(receivable_id=errand.receivable_id))

    return run


def spend(errand: StepErrand) -> StepErrand:
    """As it is before the last attempt."""
    with transaction() as session:
        last = {"attempt": effects.MOST_ATTEMPTS}
        session.execute(update(Effect).where(Effect.id == errand.id).values(last))
    return StepErrand(**vars(errand) | last)


def undo_repeat(work: Work, errand: StepErrand) -> None:
    """Of what goes out again in a moment."""
    again = {"phase": SENT_AGAIN, "not_before": LATER}
    work.session.execute(update(Effect).where(Effect.id == errand.id).values(again))
    if not effects.undo_repeat(work, errand.id):
        raise LostLease(errand.id)


def drop(errand: StepErrand) -> None:
    """As a notice."""
    with transaction() as session:
        session.execute(update(Effect).where(Effect.id == errand.id).values(kind="password_reset"))
    try:
        drop_notice(errand.id, SYSTEM, a_desk(TODAY, now=NOW))
    except NotInDoubt as late:
        raise LostLease(errand.id) from late


# by function and where it leads to, as it is called
DEEDS: dict[tuple[str, str], Deed] = {
    ("take", "taken"): lambda e: effects.take(e.id, LATER, TODAY),
    ("enter_data", "sending"): lambda e: effects.enter_data(e, read_receivable(e.receivable_id).version, NOW),
    ("enter_notice", "sending"): lambda e: effects.enter_notice(e, NOW),
    ("enter_talk", "sending"): inside(lambda work, e: effects.enter_talk(work.session, e, {})),
    ("save_evidence", "sending"): lambda e: effects.save_evidence(e, {}, "partner", NOW),
    ("finish", "done"): inside(lambda work, e: effects.finish(work.session, e, NOW, {})),
    ("supersede", "superseded"): inside(lambda work, e: effects.supersede(work.session, e, NOW, "paid")),
    ("postpone", "retry_wait"): lambda e: effects.postpone(e, NOW, "busy"),
    ("postpone", "failed"): lambda e: effects.postpone(spend(e), NOW, "busy"),
    ("rest", "retry_wait"): lambda e: effects.rest(e, LATER, "paused"),
    ("wait_for_partner", "retry_wait"): inside(
        lambda work, e: effects.wait_for_partner(work, e, dt.timedelta(hours=1), "reviewed", {})
    ),
    ("give_up", "failed"): lambda e: effects.give_up(e, NOW, "never"),
    ("doubt", "in_doubt"): inside(lambda work, e: effects.doubt(work.session, e, "drop")),
    ("retake", "taken"): inside(
        lambda work, e: effects.retake(work.session, e.id, list_sources("retake", "taken"))
    ),
    ("put_back", "due"): inside(effects.put_back),
    ("undo_repeat", "failed"): inside(undo_repeat),
    ("drop_notice", "superseded"): drop,
    ("withdraw_effects", "superseded"): inside(
        lambda work, e: withdraw_effects(work, open_dossier(work.session, e.receivable_id), "paid")
    ),
    ("drop_waiting", "superseded"): of_kind(
        "partner_hold", lambda work, case: drop_waiting(work, case, "paid")
    ),
    ("stop_telling", "superseded"): of_kind(
        "partner_cancel", lambda work, case: stop_telling(work, case, "paid")
    ),
    ("end_effect", "superseded"): inside(lambda work, e: end_effect(work, Letter(effect_id=e.id), "posted")),
}


def an_errand(state: str) -> StepErrand:
    """An effect that was taken and is in the state since; whoever took it is back, its lease is over."""
    errand = take(an_effect())
    left = {"state": state, "lease_until": NOW, "not_before": NOW}
    with transaction() as session:
        session.execute(update(Effect).where(Effect.id == errand.id).values(left))
    return errand


def test_the_table_names_every_function_and_every_function_is_called_here() -> None:
    assert {(c.function, c.target) for c in CHANGES if c.source} == set(DEEDS)
    assert {c.function for c in CHANGES if c.source is None} == {"put"}


def test_every_state_is_reached_and_left_or_an_end() -> None:
    assert {c.target for c in CHANGES} == set(EFFECT_STATES)
    assert set(EFFECT_STATES) - {c.source for c in CHANGES} == {"done", "superseded"}


@pytest.mark.unsound
@pytest.mark.parametrize("state", EFFECT_STATES)
def test_what_the_table_allows_is_done_and_nothing_else(each_app: Flask, state: str) -> None:
    for function, target in DEEDS:
        errand = an_errand(state)
        allowed = state in list_sources(function, target)
        try:
            DEEDS[function, target](errand)
        except LostLease:
            assert not allowed, (function, state, target)
        assert read_effect(errand.id).state == (target if allowed else state), (function, state, target)


def test_a_change_nobody_knows_is_refused() -> None:
    for function, target in product(("finish", "sing"), EFFECT_STATES):
        if (function, target) != ("finish", "done"):
            with pytest.raises(UnknownChange, match=target):
                list_sources(function, target)
    with pytest.raises(UnknownChange, match="due, retry_wait"):
        check_sources((*WAITING, "failed"), "retake", "taken")


def test_a_person_takes_nothing_a_worker_could_have(each_app: Flask) -> None:
    errand = an_errand("in_doubt")
    with transaction() as session, pytest.raises(UnknownChange):
        effects.retake(session, errand.id, ("in_doubt", "due"))
    assert read_effect(errand.id).state == "in_doubt"
