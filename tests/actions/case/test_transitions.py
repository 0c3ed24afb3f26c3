"""Every verb, by everybody, in every status: what the table allows ends where it says, all else changes nothing."""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select

from dunning.actions.at_partner.end_mandate import end_mandate
from dunning.actions.case.block import block_case, unblock_case
from dunning.actions.case.cancel import cancel_case
from dunning.actions.case.correct_address import Address, correct_address
from dunning.actions.case.reopen import reopen_case
from dunning.actions.case.start import start_case
from dunning.actions.case.undo import undo_case
from dunning.actions.course.charge_back import reopen_paid
from dunning.actions.dossier.dossier import open_case_dossier
from dunning.actions.dossier.ledger import NewEntry, post_entry
from dunning.actions.dossier.refusals import InReview, NotFound, ReasonMissing, RedPoints
from dunning.actions.money.reverse_payment import reverse_payment
from dunning.desk import Desk
from dunning.records import Base, db
from dunning.records.database import rehearse
from dunning.records.orders import LedgerEntry
from dunning.rules.statuses import Refused
from dunning.work import SYSTEM, Actor, begin_work
from tests.builders import (
    LIVES,
    a_case,
    a_desk,
    a_user,
    a_vendor,
    after,
    an_actor,
    order_of,
    pay,
    read_case,
    read_history,
)

pytestmark = pytest.mark.usefixtures("quick_press")

WHY = "the vendor wrote on Monday"
ROLES = ("vendor", "support", "admin", "system", "stranger")
PEOPLE, STAFF = {"vendor", "support", "admin"}, {"support", "admin"}
ANYBODY, HOUSE = PEOPLE | {"system"}, STAFF | {"system"}
# what is no status of its own: `rejected` is failed after both letters, `in_review` runs with a claim at the partner
STATUS = {"rejected": "failed", "in_review": "running"}

# (life, verb) -> who may, and where it ends; everything that is not here is refused
ALLOWED: dict[tuple[str, str], tuple[set[str], str]] = {
    ("awaiting_approval", "start"): (PEOPLE, "running"),
    ("failed", "start"): (PEOPLE, "running"),
    ("rejected", "start"): (PEOPLE, "running"),
    ("ready_for_handover", "start"): (PEOPLE, "running"),
    ("awaiting_approval", "cancel"): (ANYBODY, "closed"),
    ("failed", "cancel"): (ANYBODY, "closed"),
    ("rejected", "cancel"): (ANYBODY, "cancelled"),
    ("running", "cancel"): (ANYBODY, "cancelled"),
    ("ready_for_handover", "cancel"): (ANYBODY, "cancelled"),
    ("blocked", "cancel"): (ANYBODY, "cancelled"),
    ("closed", "undo"): ({"vendor"}, "awaiting_approval"),
    ("cancelled", "undo"): ({"vendor"}, "running"),
    ("closed", "reopen"): (STAFF, "awaiting_approval"),
    ("cancelled", "reopen"): (STAFF, "running"),
    ("awaiting_approval", "block"): (HOUSE, "blocked"),
    ("running", "block"): (HOUSE, "blocked"),
    ("ready_for_handover", "block"): (HOUSE, "blocked"),
    ("failed", "block"): (HOUSE, "blocked"),
    ("rejected", "block"): (HOUSE, "blocked"),
    ("blocked", "unblock"): (HOUSE, "running"),
    ("paid", "reverse_payment"): (HOUSE, "running"),
}


def find_payment(case_id: int) -> int:
    """The payment that was booked on the case; an id nobody has when there is none."""
    booked = LedgerEntry.receivable_id == read_case(case_id).receivable_id
    found = db.session.scalar(select(LedgerEntry.payment_id).where(booked, LedgerEntry.kind == "payment"))
    db.session.rollback()
    return found or 4711


Verb = Callable[[int, Actor, Desk], None]
VERBS: dict[str, Verb] = {
    "start": lambda case_id, actor, desk: start_case(
        case_id, actor, desk, request=WHY if actor.role in STAFF else ""
    ),
    "cancel": cancel_case,
    "undo": undo_case,
    "reopen": lambda case_id, actor, desk: reopen_case(case_id, WHY, actor, desk),
    "block": lambda case_id, actor, desk: block_case(case_id, "legal", actor, desk),
    "unblock": lambda case_id, actor, desk: unblock_case(case_id, actor, desk, reason=WHY),
    "reverse_payment": lambda case_id, actor, desk: reverse_payment(find_payment(case_id), WHY, actor, desk),
}
# what the history says of it, where that is not the verb or its reason
NOTED = {"undo": "reopen"}


def reason_of(verb: str, role: str) -> str:
    if verb == "block":
        return "legal"
    return WHY if verb in ("reopen", "unblock", "reverse_payment") or (verb, role) in STARTS else ""


STARTS = {("start", role) for role in STAFF}


@dataclass
class Stage:
    """A case in a life, everybody who may try, and the day."""

    case_id: int
    actors: dict[str, Actor]
    desk: Desk


def set_stage(life: str) -> Stage:
    case_id = a_case(life)
    stranger = a_vendor()
    actors = {role: an_actor(case_id, role) for role in ("vendor", "support", "admin")}
    actors |= {"system": SYSTEM, "stranger": Actor("vendor", a_user(vendor_id=stranger), stranger)}
    desk = a_desk(after(LIVES[life][2]))
    if life == "failed":
        whole = Address("Am Beispielbach", "4", "", "80804", "München", "DE")
        correct_address(case_id, whole, actors["support"], desk)
    return Stage(case_id, actors, desk)


def digest_tables() -> str:
    """One hash of everything in the database."""
    digest = hashlib.sha256()
    for table in Base.metadata.sorted_tables:
        for row in sorted(repr(tuple(row)) for row in db.session.execute(select(table))):
            digest.update(row.encode())
    db.session.rollback()
    return digest.hexdigest()


def list_changes(case_id: int) -> list[tuple]:
    """Every change of the status: (verb, from, to, role, user, reason)."""
    return [
        (row.verb, row.from_status, row.to_status, row.actor, row.user_id, row.reason)
        for row in read_history(case_id)
        if row.to_status
    ]


def try_allowed(stage: Stage, life: str, verb: str, role: str, target: str) -> None:
    actor, known = stage.actors[role], list_changes(stage.case_id)
    VERBS[verb](stage.case_id, actor, stage.desk)
    new = list_changes(stage.case_id)[len(known) :]
    noted = NOTED.get(verb, verb)
    status = STATUS.get(life, life)
    assert new == [(noted, status, target, role, actor.user_id, reason_of(verb, role))]
    assert read_case(stage.case_id).status == target


def try_refused(stage: Stage, life: str, verb: str, role: str) -> None:
    before = digest_tables()
    with pytest.raises((Refused, NotFound, InReview)) as caught:
        VERBS[verb](stage.case_id, stage.actors[role], stage.desk)
    assert digest_tables() == before, (life, verb, role)
    if isinstance(caught.value, Refused) and verb != "reverse_payment":
        assert f"while the case is {STATUS.get(life, life)}; allowed: " in str(caught.value)
    if role == "stranger" and verb != "reverse_payment":
        assert isinstance(caught.value, NotFound)


@pytest.mark.parametrize("life", LIVES)
def test_people_and_the_system_change_exactly_what_the_table_allows(each_app: Flask, life: str) -> None:
    stage = set_stage(life)
    for verb in VERBS:
        allowed, target = ALLOWED.get((life, verb), (set(), ""))
        for role in ROLES:
            with rehearse():
                if role in allowed:
                    try_allowed(stage, life, verb, role, target)
                else:
                    try_refused(stage, life, verb, role)


@pytest.mark.parametrize("life", LIVES)
def test_money_pays_what_is_open_and_nothing_else(each_app: Flask, life: str) -> None:
    stage = set_stage(life)
    known = list_changes(stage.case_id)
    owed = read_case(stage.case_id).outstanding_cents
    with rehearse():
        pay(order_of(stage.case_id).order_id, max(owed, 1_00), stage.desk.today)
        new = list_changes(stage.case_id)[len(known) :]
    status = STATUS.get(life, life)
    over = status in ("paid", "cancelled", "closed")
    assert new == ([] if over else [("pay", status, "paid", "system", None, "")])


@pytest.mark.parametrize("life", LIVES)
@pytest.mark.parametrize(("terminated", "target"), [(True, "cancelled"), (False, "closed")])
def test_only_a_claim_at_the_partner_is_ended_there(
    each_app: Flask, life: str, terminated: bool, target: str
) -> None:
    stage = set_stage(life)
    known = list_changes(stage.case_id)
    with rehearse():
        if life == "handed_over":
            end_mandate(stage.case_id, stage.desk, terminated=terminated, reason=WHY)
            new = list_changes(stage.case_id)[len(known) :]
            assert new == [("end_mandate", "handed_over", target, "system", None, WHY)]
            return
        before = digest_tables()
        with pytest.raises(Refused):
            end_mandate(stage.case_id, stage.desk, terminated=terminated, reason=WHY)
        assert digest_tables() == before


@pytest.mark.parametrize("life", LIVES)
def test_a_chargeback_reopens_what_is_paid_and_nothing_else(each_app: Flask, life: str) -> None:
    stage = set_stage(life)
    known = list_changes(stage.case_id)
    with rehearse():
        with begin_work(stage.desk) as work:
            file, _ = open_case_dossier(work.session, stage.case_id, None)
            post_entry(work, file, NewEntry("chargeback", 100_00, stage.desk.today, source="bank"))
            reopen_paid(work, file)
        new = list_changes(stage.case_id)[len(known) :]
    back = [("charge_back", "paid", "awaiting_approval", "system", None, "")]
    assert new == (back if life == "paid" else [])


# --- what the table says in words ---


def test_start_stays_red_for_everybody_while_a_point_is(each_app: Flask) -> None:
    case_id = a_case("failed")
    before = digest_tables()
    for role in ("vendor", "support"):
        with rehearse(), pytest.raises(RedPoints, match="house_number"):
            start_case(case_id, an_actor(case_id, role), a_desk(after(10)), request=WHY)
    assert digest_tables() == before


def test_supports_start_is_no_consent_without_the_vendors_written_request(each_app: Flask) -> None:
    case_id = a_case("awaiting_approval")
    support = an_actor(case_id, "support")
    with rehearse():
        start_case(case_id, support, a_desk(after(10)), request="  ")
        assert (read_case(case_id).status, read_case(case_id).handover_consent) == ("running", "none")
    start_case(case_id, support, a_desk(after(10)), request=f" {WHY} ")
    case = read_case(case_id)
    assert (case.handover_consent, case.consent_by) == ("start", f"user {support.user_id}")
    assert list_changes(case_id)[-1][-1] == WHY


def test_support_hands_a_ready_case_over_on_written_request_only(each_app: Flask) -> None:
    case_id = a_case("ready_for_handover")
    before = digest_tables()
    with rehearse(), pytest.raises(ReasonMissing):
        start_case(case_id, an_actor(case_id, "support"), a_desk(after(36)))
    assert digest_tables() == before
    start_case(case_id, an_actor(case_id, "support"), a_desk(after(36)), request=WHY)
    assert read_case(case_id).handover_consent == "start"


@pytest.mark.parametrize("life", ["closed", "cancelled"])
def test_reopening_needs_a_reason(each_app: Flask, life: str) -> None:
    case_id = a_case(life)
    with pytest.raises(ReasonMissing):
        reopen_case(case_id, " ", an_actor(case_id, "support"), a_desk(after(60)))
    assert read_case(case_id).status == life


def test_a_case_that_ended_at_the_partner_is_never_reopened(each_app: Flask) -> None:
    case_id = a_case("handed_over")
    end_mandate(case_id, a_desk(after(40)), terminated=True, reason="moved away")
    with pytest.raises(Refused):
        reopen_case(case_id, WHY, an_actor(case_id, "support"), a_desk(after(41)))
    assert read_case(case_id).status == "cancelled"


@dataclass
class Ended:
    """A case that was cancelled while it was blocked."""

    case_id: int
    until: dt.date


@pytest.fixture
def ended(each_app: Flask) -> Ended:
    case_id = a_case("running")
    block_case(case_id, "insolvency", an_actor(case_id, "support"), a_desk(after(11)), until=after(90))
    cancel_case(case_id, an_actor(case_id), a_desk(after(12)))
    return Ended(case_id, after(90))


def test_a_case_cancelled_while_blocked_is_blocked_again(ended: Ended) -> None:
    reopen_case(ended.case_id, WHY, an_actor(ended.case_id, "support"), a_desk(after(60)))
    case = read_case(ended.case_id)
    assert (case.status, case.blocked_from, case.blocked_reason, case.blocked_until, case.ended_on) == (
        "blocked",
        "running",
        "insolvency",
        ended.until,
        None,
    )


def test_a_reopened_case_whose_money_has_come_is_paid_at_once(ended: Ended) -> None:
    pay(order_of(ended.case_id).order_id, 100_00, after(12))
    with rehearse():
        reopen_case(ended.case_id, WHY, an_actor(ended.case_id, "support"), a_desk(after(12)))
        assert [change[:3] for change in list_changes(ended.case_id)[-2:]] == [
            ("reopen", "cancelled", "blocked"),
            ("pay", "blocked", "paid"),
        ]
        assert read_case(ended.case_id).blocked_from is None
    undo_case(ended.case_id, an_actor(ended.case_id), a_desk(after(12)))
    assert read_case(ended.case_id).status == "paid"


def test_undo_belongs_to_the_vendor_and_to_the_day(ended: Ended) -> None:
    with pytest.raises(Refused):
        undo_case(ended.case_id, an_actor(ended.case_id, "support"), a_desk(after(12)))
    with pytest.raises(Refused):
        undo_case(ended.case_id, an_actor(ended.case_id), a_desk(after(13)))
    undo_case(ended.case_id, an_actor(ended.case_id), a_desk(after(12)))
    assert read_case(ended.case_id).status == "blocked"
