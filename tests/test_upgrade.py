"""What the version before (revision 0004) left in database and Redis goes on after the upgrade, nothing of it twice."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
import redis
from flask import Flask
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import Date, DateTime, column, delete, insert, select, table, text

from dunning import effects
from dunning.actions.at_partner.wake_handovers import wake_handovers
from dunning.actions.to_partner.hold_case import hold_case
from dunning.clock import read_now
from dunning.migrations.commands import downgrade_schema, upgrade_schema
from dunning.records import db, transaction
from dunning.records.effects import Effect
from dunning.records.partner import PartnerDelivery
from dunning.sandbox.review import accept_claim
from dunning.sandbox.tables import SandboxClaim, SandboxPayment, SandboxRequest
from tests.builders import a_case, a_desk, a_user, after, an_actor, empty_queue, find_effect, read_case

HOUR = dt.timedelta(hours=1)
# the columns that revision 0004 had
TEXTS = ("kind", "dedupe_key", "reference", "payload", "state", "phase", "last_error", "evidence")
NUMBERS = ("vendor_id", "receivable_id", "step_id", "attempt")
MOMENTS = ("not_before", "lease_until", "created_at", "finished_at")
OLD_EFFECTS = table(
    "effects",
    *(column(name) for name in (*TEXTS, *NUMBERS)),
    column("on_date", Date()),
    *(column(name, DateTime(timezone=True)) for name in MOMENTS),
)

pytestmark = pytest.mark.usefixtures("quick_press")


class OldQueue:
    """Writes effects about one case as the version before did."""

    def __init__(self, case_id: int) -> None:
        case = read_case(case_id)
        self.about = {"case_id": case_id, "claim_id": case.claim_id, "mandate_id": case.mandate_id}
        self.owner = {"vendor_id": case.vendor_id, "receivable_id": case.receivable_id}
        self.now = read_now()

    def tell(self, kind: str, told: dict[str, Any], **columns: Any) -> None:
        """A message to the partner; without a mandate of its own it waited for the review when it was put."""
        self.put(kind, {"pinned": True, **self.about, **told}, **self.owner | columns)

    def put(self, kind: str, payload: dict[str, Any], **columns: Any) -> None:
        """Named by its reference."""
        name = columns.pop("name", kind)
        values = {
            "evidence": {},
            "state": "due",
            "attempt": 0,
            "last_error": "",
            "not_before": self.now - HOUR,
        }
        values |= {"created_at": self.now - HOUR, "on_date": after(36), **columns}
        values |= {"evidence": json.dumps(values["evidence"]), "payload": json.dumps(payload)}
        row = {"kind": kind, "dedupe_key": f"{kind}:{name}", "reference": name, **values}
        with transaction() as session:
            session.execute(insert(OLD_EFFECTS).values(**row))


def fill_queue(case_id: int) -> None:
    """One effect of each kind the partner is told, in each state that goes on, and what has ended."""
    old = OldQueue(case_id)
    hold_until = str(read_case(case_id).hold_until)
    lost = {"attempt": 1, "lease_until": old.now - HOUR}
    asked = {"asked": old.now.isoformat(), "receipt": "wish-1", "released": True}
    money = {"what": "payment", "value_date": str(after(36))}
    none = {"claim_id": None, "mandate_id": None}
    old.tell("partner_payment", money | {"cents": 10_00}, name="due")
    old.tell("partner_payment", money | {"cents": 11_00}, name="lost", state="claimed", **lost)
    begun = {"state": "sending", "phase": "partner", "evidence": {"begun": True}, **lost}
    old.tell("partner_payment", money | {"cents": 12_00}, name="begun", **begun)
    later = {"state": "retry_wait", "not_before": old.now + HOUR, "attempt": 1}
    old.tell("partner_hold", {"until": hold_until, "text": ""}, name="asked", evidence=asked, **later)
    reviewed = {"state": "retry_wait", "attempt": 2, "evidence": {"released": True}}
    old.tell("partner_dispute", none | {"what": "dispute", "text": "broken"}, name="reviewed", **reviewed)
    old.tell(
        "partner_payment",
        money | {"what": "credit", "cents": 5_00},
        name="retried",
        state="retry_wait",
        attempt=3,
    )
    ended = {"finished_at": old.now, "state": "superseded", "last_error": "no_mandate"}
    old.tell("partner_cancel", {"request_id": 7, "reason": "paid"}, name="ended", **ended)
    old.tell("partner_dispute", {"what": "resolved", "text": ""}, name="given up", state="failed", attempt=12)
    user = {"user_id": a_user(vendor_id=old.owner["vendor_id"]), "language": "de"}
    old.put("password_reset", {"pinned": True, **user}, name="notice", vendor_id=old.owner["vendor_id"])
    parked = {"state": "in_doubt", "phase": "data", "attempt": 1, "not_before": old.now}
    old.put(
        "password_reset", {"pinned": False, **user}, name="parked", vendor_id=old.owner["vendor_id"], **parked
    )


def read_states() -> dict[str, str]:
    """By reference."""
    db.session.rollback()
    names = ("due", "lost", "begun", "asked", "reviewed", "retried", "ended", "given up", "notice", "parked")
    query = select(Effect.reference, Effect.state).where(Effect.reference.in_(names))
    return dict(db.session.execute(query).all())


DONE = dict.fromkeys(("due", "lost", "begun", "reviewed", "retried", "notice"), "done")
LEFT = {"asked": "retry_wait", "ended": "superseded", "given up": "failed", "parked": "in_doubt"}


def test_what_was_pending_is_carried_out_once_and_the_rest_waits(each_app: Flask) -> None:
    case_id = a_case("handed_over")
    hold_case(case_id, 10, an_actor(case_id), a_desk(after(36)))
    with transaction() as session:
        session.execute(delete(Effect).where(Effect.kind == "partner_hold"))
    downgrade_schema("0004")
    fill_queue(case_id)
    upgrade_schema()
    for _ in range(2):
        empty_queue()
        assert read_states() == DONE | LEFT
        assert sorted(db.session.scalars(select(SandboxPayment.cents))) == [10_00, 11_00, 12_00]
        assert sorted(db.session.scalars(select(SandboxRequest.kind))) == ["dispute", "reversal"]
    assert effects.count_open(after(36)) == 0
    empty_queue(now=read_now() + 2 * HOUR)
    hold = find_effect("partner_hold")
    assert (hold.state, hold.last_error, hold.their_turn) == ("retry_wait", "not acknowledged yet", True)
    assert "hold" not in db.session.scalars(select(SandboxRequest.kind)).all()


def test_a_claim_under_review_is_still_asked_after_and_handed_over_when_accepted(each_app: Flask) -> None:
    case_id = a_case("in_review")
    downgrade_schema("0004")
    words = "payload, evidence, state"
    payload, evidence, state = db.session.execute(
        text(f"select {words} from effects where kind = 'handover'")
    ).one()
    assert (state, "pinned" in payload, "released" in evidence) == ("retry_wait", True, True)
    upgrade_schema()
    assert effects.count_open(after(36)) == 0
    with transaction() as session:
        accept_claim(session, session.scalars(select(SandboxClaim)).one())
    assert wake_handovers(read_now(), find_effect("handover").evidence["claim_id"]) == 1
    empty_queue()
    assert (read_case(case_id).status, find_effect("handover").state) == ("handed_over", "done")
    assert len(db.session.scalars(select(SandboxClaim)).all()) == 1


# as the version before put them: name, arguments, seconds
OLD_JOBS = (
    ("dunning.jobs.apply_events", (), 300),
    ("dunning.jobs.apply_deliveries", (), 300),
    ("dunning.jobs.sync_partner", (), 3600),
)


def test_jobs_of_the_version_before_are_done_by_a_worker_of_the_new_code(
    make_app: Callable[..., Flask], redis_url: str
) -> None:
    make_app(REDIS_URL=redis_url)
    case_id = a_case("handed_over")
    downgrade_schema("0004")
    old = OldQueue(case_id)
    money = {"what": "payment", "cents": 10_00, "value_date": str(after(36))}
    old.tell("partner_payment", money, name="due")
    with transaction() as session:
        effect_id = session.execute(text("select id from effects where reference = 'due'")).scalar_one()
        body = {"data": {"mandate_id": old.about["mandate_id"]}}
        delivery = PartnerDelivery(delivery_id="d-1", event="mandate.updated", body=body)
        delivery.received_at = old.now
        session.add(delivery)
    bell = redis.Redis.from_url(redis_url)
    bell.flushall()
    queue = Queue("effects", connection=bell, serializer=JSONSerializer, default_timeout=300)
    rung = [("dunning.jobs.carry_out", (effect_id,), 300)] * 2  # a bell may ring twice
    for name, arguments, seconds in (*rung, *OLD_JOBS):
        queue.enqueue(name, args=arguments, job_timeout=seconds, result_ttl=0, failure_ttl=3600)
    upgrade_schema()
    SimpleWorker([queue], connection=bell, serializer=JSONSerializer).work(burst=True)
    db.session.rollback()
    assert (queue.count, queue.failed_job_registry.count) == (0, 0)
    assert read_states() == {"due": "done"}
    assert db.session.scalars(select(SandboxPayment.cents)).all() == [10_00]
    assert db.session.scalars(select(PartnerDelivery.state)).one() == "applied"
