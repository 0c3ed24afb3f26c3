"""The queue that counts: taken once, fenced by its attempt, postponed ever further, never forgotten."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from dunning import effects
from dunning.actions.dossier.dossier import open_dossier
from dunning.errand import LostLease, Outgoing
from dunning.records import db, transaction
from dunning.records.cases import Step
from dunning.records.effects import Effect
from dunning.work import Work
from tests.builders import NOW, a_desk, a_receivable, after, read_receivable

TODAY = NOW.date()
MINUTE = dt.timedelta(minutes=1)


def an_effect(**changes: Any) -> int:
    """A reminder that is due NOW; returns its id."""
    receivable_id = a_receivable()
    vendor_id = read_receivable(receivable_id).vendor_id
    with transaction() as session:
        step = Step(vendor_id=vendor_id, receivable_id=receivable_id, kind="payment_reminder")
        step.due_on = step.created_on = TODAY
        session.add(step)
        session.flush()
        fields: dict[str, Any] = {
            "dedupe_key": f"payment_reminder:{receivable_id}:1",
            "pinned": False,
        }
        outgoing = Outgoing(
            "payment_reminder", vendor_id, receivable_id=receivable_id, step_id=step.id, **fields | changes
        )
        return effects.put(Work(session, a_desk(TODAY, now=NOW)), outgoing).id


def read_effect(effect_id: int) -> Effect:
    db.session.rollback()
    return db.session.get_one(Effect, effect_id, populate_existing=True)


def take(effect_id: int, now: dt.datetime = NOW) -> effects.StepErrand:
    """Taken, or the test fails."""
    errand = effects.take(effect_id, now, now.date())
    assert errand is not None
    return errand


def test_of_eight_workers_one_gets_the_effect(each_app: Flask) -> None:
    for _ in range(5):
        effect_id = an_effect()

        def grab(_worker: int, wanted: int = effect_id) -> bool:
            with each_app.app_context():
                return effects.take(wanted, NOW, TODAY) is not None

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(grab, range(8))) == 1
        assert (read_effect(effect_id).state, read_effect(effect_id).attempt) == ("taken", 1)


def test_nothing_is_taken_before_its_time(each_app: Flask) -> None:
    effect_id = an_effect(not_before=NOW + MINUTE)
    assert effects.list_ready(NOW) == []
    assert effects.take(effect_id, NOW, TODAY) is None
    assert effects.list_ready(NOW + MINUTE) == [effect_id]
    assert take(effect_id, NOW + MINUTE).attempt == 1


def test_what_is_ready_comes_oldest_first_and_by_day(each_app: Flask) -> None:
    late, early = an_effect(not_before=NOW - MINUTE), an_effect(not_before=NOW - 2 * MINUTE)
    other = an_effect(on_date=after(1), not_before=NOW)
    assert effects.list_ready(NOW) == [early, late, other]
    assert effects.list_ready(NOW, on_date=after(1)) == [other]
    assert effects.list_ready(NOW, limit=1) == [early]
    assert (effects.count_open(TODAY), effects.count_open(after(1)), effects.count_open(after(2))) == (
        2,
        1,
        0,
    )


def test_the_same_thing_is_never_put_twice(each_app: Flask) -> None:
    an_effect(dedupe_key="once")
    with pytest.raises(IntegrityError):
        an_effect(dedupe_key="once")


def test_a_rolled_back_verb_puts_nothing(each_app: Flask) -> None:
    effect_id = an_effect()
    with pytest.raises(ZeroDivisionError):
        put_and_fail(effect_id)
    assert db.session.scalars(select(Effect.id)).all() == [effect_id]


def put_and_fail(effect_id: int) -> None:
    """A verb that puts another effect like this one and then breaks."""
    with transaction() as session:
        old = session.get_one(Effect, effect_id)
        named = {name: getattr(old, name) for name in ("kind", "vendor_id", "receivable_id", "step_id")}
        effects.put(Work(session, a_desk(TODAY)), Outgoing(**named, dedupe_key="other"))
        raise ZeroDivisionError


def test_a_lease_that_ran_out_lets_another_worker_in(each_app: Flask) -> None:
    effect_id = an_effect()
    first = take(effect_id)
    assert effects.take(effect_id, NOW + effects.LEASE, TODAY) is None
    second = take(effect_id, NOW + effects.LEASE + MINUTE)
    assert (first.attempt, second.attempt) == (1, 2)


def test_a_worker_that_comes_back_late_changes_nothing(each_app: Flask) -> None:
    effect_id = an_effect()
    late = take(effect_id)
    current = take(effect_id, NOW + effects.LEASE + MINUTE)
    ways = (
        lambda: effects.postpone(late, NOW, "?"),
        lambda: effects.give_up(late, NOW, "?"),
        lambda: effects.save_evidence(late, {}, "partner", NOW),
        lambda: in_transaction(lambda session: effects.finish(session, late, NOW, {})),
        lambda: in_transaction(lambda session: effects.supersede(session, late, NOW, "?")),
        lambda: in_transaction(lambda session: effects.doubt(session, late, "?")),
    )
    for way in ways:
        with pytest.raises(LostLease):
            way()
    version = read_receivable(late.receivable_id).version
    assert not effects.enter_data(late, version, NOW)
    assert (read_effect(effect_id).state, read_effect(effect_id).attempt) == ("taken", 2)
    assert effects.enter_data(current, version, NOW)


def in_transaction(change) -> None:
    with transaction() as session:
        change(session)


def test_what_is_done_is_never_taken_again(each_app: Flask) -> None:
    ends = {
        "done": lambda session, errand: effects.finish(session, errand, NOW, {"receipt": "250"}),
        "superseded": lambda session, errand: effects.supersede(session, errand, NOW, "paid"),
        "in_doubt": lambda session, errand: effects.doubt(session, errand, "drop"),
    }
    for state, end in ends.items():
        effect_id = an_effect()
        errand = take(effect_id)
        with transaction() as session:
            end(session, errand)
        assert read_effect(effect_id).state == state
        assert effects.take(effect_id, NOW + dt.timedelta(days=365), TODAY) is None
        with pytest.raises(LostLease):
            effects.postpone(errand, NOW, "too late")


def test_waits_grow_with_every_attempt_and_the_last_one_is_for_a_person(each_app: Flask) -> None:
    effect_id, now, waits = an_effect(), NOW, []
    for _ in range(effects.MOST_ATTEMPTS):
        effects.postpone(take(effect_id, now), now, "busy")
        waits.append(read_effect(effect_id).not_before - now)
        now = read_effect(effect_id).not_before
    assert waits == [
        *effects.BACK_OFF,
        *[effects.BACK_OFF[-1]] * (effects.MOST_ATTEMPTS - len(effects.BACK_OFF)),
    ]
    assert (read_effect(effect_id).state, read_effect(effect_id).last_error) == ("failed", "busy")
    assert effects.take(effect_id, now + dt.timedelta(days=9), TODAY) is None


def test_a_wait_of_its_own_never_exhausts(each_app: Flask) -> None:
    effect_id, now = an_effect(), NOW
    for _ in range(effects.MOST_ATTEMPTS + 3):
        effects.postpone(take(effect_id, now), now, "under review", 5 * MINUTE)
        now += 5 * MINUTE
    assert read_effect(effect_id).state == "retry_wait"


def test_evidence_grows_and_stays(each_app: Flask) -> None:
    effect_id = an_effect()
    errand = take(effect_id)
    effects.save_evidence(errand, {"debtor_id": "1"}, "partner", NOW)
    effects.postpone(errand, NOW, "away")
    errand = take(effect_id, NOW + MINUTE)
    assert errand.evidence == {"debtor_id": "1"}
    with transaction() as session:
        effects.finish(session, errand, NOW, {"claim_id": "2"})
    assert read_effect(effect_id).evidence == {"debtor_id": "1", "claim_id": "2"}


def test_the_body_goes_out_only_while_the_facts_are_as_they_were_read(each_app: Flask) -> None:
    effect_id = an_effect()
    errand = take(effect_id)
    version = read_receivable(errand.receivable_id).version
    with transaction() as session:
        open_dossier(session, errand.receivable_id)
    assert not effects.enter_data(errand, version, NOW)
    assert (read_effect(effect_id).state, read_effect(effect_id).phase) == ("taken", None)
    assert effects.enter_data(errand, version + 1, NOW)
    assert (read_effect(effect_id).state, read_effect(effect_id).phase) == ("sending", "data")
    assert not effects.enter_data(errand, version + 1, NOW)


def test_a_late_effect_is_dated_the_day_it_goes_out(each_app: Flask) -> None:
    effect_id = an_effect()
    tomorrow = NOW + dt.timedelta(days=1)
    assert take(effect_id, tomorrow).on_date == tomorrow.date()
    assert read_effect(effect_id).on_date == tomorrow.date()


def test_an_effect_refused_overnight_is_dated_the_day_it_is_tried_again(each_app: Flask) -> None:
    effect_id = an_effect()
    errand = take(effect_id)
    assert effects.enter_data(errand, read_receivable(errand.receivable_id).version, NOW)
    effects.postpone(errand, NOW, "451 cannot store", even_begun=True)
    again = take(effect_id, NOW + dt.timedelta(days=1))
    assert (again.on_date, again.phase) == (TODAY + dt.timedelta(days=1), None)


def test_an_effect_of_a_runs_day_keeps_that_day(each_app: Flask) -> None:
    effect_id = an_effect(pinned=True)
    assert take(effect_id, NOW + dt.timedelta(days=1)).on_date == TODAY


def test_an_effect_that_may_have_gone_out_keeps_its_day(each_app: Flask) -> None:
    effect_id = an_effect()
    errand = take(effect_id)
    assert effects.enter_data(errand, read_receivable(errand.receivable_id).version, NOW)
    again = take(effect_id, NOW + dt.timedelta(days=1))
    assert (again.on_date, again.phase) == (TODAY, "data")


def test_two_effects_have_two_references(each_app: Flask) -> None:
    references = {read_effect(an_effect()).reference for _ in range(20)}
    assert len(references) == 20
    assert all(len(reference) == 24 for reference in references)


def test_a_taken_effect_is_a_snapshot(each_app: Flask) -> None:
    errand = take(an_effect(payload={"language": "de"}))
    assert replace(errand, attempt=2) != errand
    errand.payload["language"] = "changed"
    assert read_effect(errand.id).payload == {"language": "de"}
