"""A verb's work: its form counts once, and what it leaves for others is told when it is committed, never before."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from dunning.actions.people.password_reset import ask_reset
from dunning.records.database import Ring, bells, db, rehearse, transaction
from dunning.records.effects import Effect
from dunning.records.people import FormKey
from dunning.work import SYSTEM, Actor, begin_work
from tests.builders import a_desk, a_user, a_vendor

pytestmark = pytest.mark.usefixtures("each_app")


@pytest.fixture
def told() -> Iterator[list[Ring]]:
    """What the commits of a test leave behind, one by one."""
    rings: list[Ring] = []
    bells.append(rings.append)
    yield rings
    bells.remove(rings.append)


def a_person() -> Actor:
    """A vendor's user with a form."""
    vendor_id = a_vendor()
    user_id = a_user(vendor_id=vendor_id, email="berta@example.com")
    return Actor("vendor", user_id, vendor_id, form_key="once", location="/result")


def test_a_form_counts_once_and_before_anything_is_done() -> None:
    actor = a_person()
    with begin_work(a_desk(), actor):
        pass
    with pytest.raises(IntegrityError), begin_work(a_desk(), replace(actor, location="/second")):
        pytest.fail("the verb began")
    assert db.session.scalars(select(FormKey.location)).all() == ["/result"]


def test_a_form_whose_verb_failed_can_be_sent_again() -> None:
    actor = a_person()
    with pytest.raises(ZeroDivisionError), begin_work(a_desk(), actor):
        raise ZeroDivisionError
    with begin_work(a_desk(), actor) as work:
        assert work.actor == actor


def test_what_follows_by_itself_is_done_by_the_system_in_the_same_transaction() -> None:
    actor = a_person()
    with begin_work(a_desk(), actor) as work:
        assert (work.by_system.actor, work.by_system.session) == (SYSTEM, work.session)


def test_what_a_commit_leaves_is_told_once_everybody_can_see_it() -> None:
    def look(left: Ring) -> None:
        with db.engine.connect() as another:
            seen.append((left.effects, list(another.scalars(select(Effect.id)))))

    a_person()
    seen: list[tuple[list[int], list[int]]] = []
    bells.append(look)
    try:
        ask_reset("berta@example.com", "de", a_desk())
    finally:
        bells.remove(look)
    effect_id = db.session.scalars(select(Effect.id)).one()
    assert seen == [([effect_id], [effect_id])]


def break_off() -> None:
    """A verb that leaves something and then breaks."""
    with begin_work(a_desk()) as work:
        work.session.ring.effects.append(4711)
        raise ZeroDivisionError


def test_what_is_rolled_back_or_rehearsed_rings_for_nothing(told: list[Ring]) -> None:
    a_person()
    told.clear()
    with rehearse():
        ask_reset("berta@example.com", "de", a_desk())
    with pytest.raises(ZeroDivisionError):
        break_off()
    with begin_work(a_desk()):
        pass
    assert told == [Ring()]


def test_a_transaction_that_needs_no_desk_rings_as_well(told: list[Ring]) -> None:
    with transaction() as session:
        session.ring.inbox = True
    assert told == [Ring(inbox=True)]
