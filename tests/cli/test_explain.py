"""`flask dunning explain`: why an order is (not) in dunning, what happens when, and the claim to the cent."""

import datetime as dt
import json

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import text

from dunning.actions.case.block import block_case
from dunning.actions.course.allocate import settle_dossier
from dunning.actions.course.charge_back import reopen_paid
from dunning.actions.dossier.dossier import open_case_dossier
from dunning.actions.dossier.ledger import NewEntry, post_entry
from dunning.actions.run_day import run_day
from dunning.records import db
from dunning.records.database import transaction
from dunning.rules.money.interest import accrue_interest
from dunning.work import SYSTEM, begin_work
from tests.builders import (
    DUE,
    a_case,
    a_desk,
    a_receivable,
    after,
    an_order,
    find_case,
    order_of,
    pay,
    play,
    read_case,
)

pytestmark = pytest.mark.usefixtures("quick_press")


@pytest.fixture
def runner(each_app: Flask) -> FlaskCliRunner:
    return each_app.test_cli_runner()


def explain(runner: FlaskCliRunner, order_id: str, *words: str) -> dict:
    result = runner.invoke(args=["dunning", "explain", order_id, *words, "--json"])
    assert (result.exit_code, result.stderr) == (0, "")
    db.session.rollback()
    return json.loads(result.stdout)


GROUPS = {
    "one_off": ["is_one_off"],
    "instalment": ["is_instalment"],
    "chargeback": ["charged_back"],
    "order": [
        "order_exists",
        "not_test",
        "not_refunded",
        "not_cancelled",
        "open_amount",
        "currency",
        "method_allowed",
        "no_dispute",
    ],
    "deadline": ["due_date_known", "due_date_passed", "dunning_date_reached"],
    "buyer": ["name", "street", "house_number", "zipcode", "city", "country", "email"],
    "vendor": ["vendor_active", "scheme_chosen"],
    "handover": ["letters_sent", "deadline_passed", "not_blocked", "not_time_barred"],
}


def test_an_explanation_has_exactly_the_contracts_shape(runner: FlaskCliRunner) -> None:
    case_id = a_case("running", day=21, paid=30_00)
    order = order_of(case_id)
    answer = explain(runner, order.order_id, "--on", after(25).isoformat())
    assert list(answer) == ["order_id", "vendor_id", "receivables"]
    assert (answer["order_id"], answer["vendor_id"]) == (order.order_id, order.vendor_id)
    (receivable,) = answer["receivables"]
    assert {key: value for key, value in receivable.items() if key not in ("groups", "steps", "claim")} == {
        "rate_number": 1,
        "due_date": DUE.isoformat(),
        "case_id": case_id,
        "status": "running",
        "eligible": True,
        "appears_on": None,
    }
    assert {
        group["key"]: [point["key"] for point in group["points"]] for group in receivable["groups"]
    } == GROUPS
    for group in receivable["groups"]:
        assert list(group) == ["key", "ok", "points"]
        for point in group["points"]:
            assert set(point) - {"blocks"} == {"key", "ok", "detail"}
            assert point.get("blocks", True) is (point["key"] != "email")
            assert isinstance(point["detail"], str)
            assert "%(" not in point["detail"]


def test_an_explanation_knows_what_was_done_and_what_is_planned(runner: FlaskCliRunner) -> None:
    case_id = a_case("running", day=21)
    (receivable,) = explain(runner, order_of(case_id).order_id, "--on", after(25).isoformat())["receivables"]
    assert [tuple(step.values()) for step in receivable["steps"]] == [
        ("service_call", after(1).isoformat(), "lapsed", None),
        ("payment_reminder", after(5).isoformat(), "done", after(5).isoformat()),
        ("first_letter", after(10).isoformat(), "done", after(10).isoformat()),
        ("first_call", after(11).isoformat(), "lapsed", None),
        ("second_letter", after(20).isoformat(), "done", after(20).isoformat()),
        ("second_call", after(21).isoformat(), "planned", None),
        ("handover", after(33).isoformat(), "planned", None),
    ]
    assert list(receivable["steps"][0]) == ["kind", "due", "state", "done_on"]


def test_an_explanation_has_the_claim_to_the_cent(runner: FlaskCliRunner) -> None:
    case_id = a_case("running", day=21)
    (receivable,) = explain(runner, order_of(case_id).order_id, "--on", after(25).isoformat())["receivables"]
    # 20 to 27 January: 8 days on 100 € at 6.27 %
    assert receivable["claim"] == {
        "principal": 100_00,
        "paid": 0,
        "fees": 1_00,
        "interest": 14,
        "forgiven": 0,
        "total": 101_14,
    }


def test_an_order_without_a_case_says_when_it_appears(runner: FlaskCliRunner) -> None:
    order_id = an_order(rates=2, house_number="")
    first, second = explain(runner, order_id, "--on", after(3).isoformat())["receivables"]
    assert (first["case_id"], first["status"], first["eligible"]) == (None, None, False)
    assert (first["appears_on"], second["appears_on"]) == (after(10).isoformat(), after(40).isoformat())
    red = [p["key"] for group in first["groups"] for p in group["points"] if not p["ok"]]
    assert red == [
        "is_one_off",
        "charged_back",
        "dunning_date_reached",
        "house_number",
        "letters_sent",
        "deadline_passed",
    ]


def test_an_order_that_never_appears_says_so(runner: FlaskCliRunner) -> None:
    order_id = an_order(payment_status="paid")
    (receivable,) = explain(runner, order_id, "--on", after(3).isoformat())["receivables"]
    assert (receivable["appears_on"], receivable["claim"]["total"]) == (None, 0)


def test_an_unknown_order_is_an_answer_too(runner: FlaskCliRunner) -> None:
    answer = explain(runner, "nowhere")
    assert {key: answer[key] for key in ("order_id", "vendor_id", "receivables")} == {
        "order_id": "nowhere",
        "vendor_id": None,
        "receivables": [],
    }
    (point,) = [p for group in answer["groups"] for p in group["points"] if p["key"] == "order_exists"]
    assert point["ok"] is False


def test_an_explanation_can_be_read_by_people(runner: FlaskCliRunner) -> None:
    case_id = a_case("running")
    result = runner.invoke(
        args=["dunning", "explain", order_of(case_id).order_id, "--on", after(12).isoformat()]
    )
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == f"Order {order_of(case_id).order_id}, vendor {read_case(case_id).vendor_id}"
    assert "  running; can be started: yes" in lines
    assert "  + order.order_exists: " in "\n".join(lines)
    assert f"  step first_letter: done, {after(10)}" in lines
    assert "Order nowhere, vendor unknown" in runner.invoke(args=["dunning", "explain", "nowhere"]).stdout


def only(runner: FlaskCliRunner, case_id: int, on: dt.date) -> dict:
    """The explanation of a case's only receivable."""
    (receivable,) = explain(runner, order_of(case_id).order_id, "--on", on.isoformat())["receivables"]
    return receivable


def steps_of(receivable: dict) -> list[tuple[str, str, str | None]]:
    """(kind, state, due or done) of every step."""
    return [(step["kind"], step["state"], step["done_on"] or step["due"]) for step in receivable["steps"]]


def point_of(receivable: dict, key: str) -> dict:
    return next(p for group in receivable["groups"] for p in group["points"] if p["key"] == key)


# --- `--on`: points, plans and claim of that day; status and deeds of the present ---


def test_money_counts_from_its_value_date(runner: FlaskCliRunner) -> None:
    case_id = a_case("running", day=21, paid=30_00)
    assert only(runner, case_id, after(19))["claim"]["paid"] == 0
    later = only(runner, case_id, after(20))
    assert (later["claim"]["paid"], point_of(later, "open_amount")["detail"]) == (30_00, "70.00 EUR open")


def test_status_and_deeds_are_the_present_ones_on_any_day(runner: FlaskCliRunner) -> None:
    case_id = a_case("handed_over")
    early = only(runner, case_id, after(3))
    assert (early["case_id"], early["status"]) == (case_id, "handed_over")
    assert steps_of(early) == steps_of(only(runner, case_id, after(60)))
    assert ("handover", "done", after(33).isoformat()) in steps_of(early)
    assert (early["claim"]["interest"], early["claim"]["fees"]) == (0, 0)
    assert point_of(early, "dunning_date_reached")["ok"] is False


def test_interest_runs_to_the_day_asked_for_and_is_never_counted_twice(runner: FlaskCliRunner) -> None:
    case_id = a_case("handed_over")
    for day in (33, 34, 100):
        claim = only(runner, case_id, after(day))["claim"]
        running = accrue_interest(100_00, after(18), after(day), points=5, convention="act_act")
        assert claim["interest"] == sum(segment.cents for segment in running)
        parts = claim["principal"] - claim["paid"] + claim["fees"] + claim["interest"] - claim["forgiven"]
        assert claim["total"] == parts


def test_a_waiting_case_is_planned_as_if_it_were_started_that_day(runner: FlaskCliRunner) -> None:
    case_id = a_case("awaiting_approval")
    assert steps_of(only(runner, case_id, after(15)))[-5:] == [
        ("first_letter", "planned", after(15).isoformat()),
        ("first_call", "planned", after(16).isoformat()),
        ("second_letter", "planned", after(25).isoformat()),
        ("second_call", "planned", after(26).isoformat()),
        ("handover", "planned", after(39).isoformat()),
    ]


def test_a_remainder_that_was_forgiven_is_told(runner: FlaskCliRunner) -> None:
    case_id = a_case("running", day=21)
    pay(order_of(case_id).order_id, 100_00, after(22))
    found = only(runner, case_id, after(22))
    assert found["status"] == "paid"
    assert (found["claim"]["forgiven"] > 0, found["claim"]["total"]) == (True, 0)


# --- every state a step can have ---


def test_what_was_left_out_or_made_anew_stays_visible(runner: FlaskCliRunner) -> None:
    receivable_id = a_receivable()
    play(after(9))
    case_id = open_again(receivable_id)
    assert steps_of(only(runner, case_id, after(12))) == [
        ("service_call", "skipped", after(1).isoformat()),
        ("payment_reminder", "skipped", after(5).isoformat()),
        ("first_letter", "superseded", after(10).isoformat()),
        ("first_letter", "planned", after(12).isoformat()),
        ("first_call", "planned", after(13).isoformat()),
        ("second_letter", "planned", after(22).isoformat()),
        ("second_call", "planned", after(23).isoformat()),
        ("handover", "planned", after(34).isoformat()),
    ]


def open_again(receivable_id: int) -> int:
    """The first letter is blocked before it leaves; the case goes on two days later."""
    run_day(a_desk(after(10)))
    case_id = find_case(receivable_id)
    block_case(case_id, "unsure", SYSTEM, a_desk(after(10)))
    return case_id


def test_a_step_in_doubt_says_so_and_holds_up_the_rest(runner: FlaskCliRunner) -> None:
    case_id = a_case("running")
    with transaction() as session:
        session.execute(
            text("update steps set state = 'in_doubt', done_on = null where kind = 'first_letter'")
        )
        session.execute(text("update effects set state = 'in_doubt' where kind = 'first_letter'"))
    assert ("first_letter", "in_doubt", after(10).isoformat()) in steps_of(only(runner, case_id, after(12)))


@pytest.mark.parametrize("life", ["paid", "cancelled", "closed", "handed_over"])
def test_nothing_is_planned_once_it_is_over(runner: FlaskCliRunner, life: str) -> None:
    case_id = a_case(life)
    assert not [step for step in only(runner, case_id, after(40))["steps"] if step["state"] == "planned"]


def test_an_order_paid_before_a_case_has_nothing_planned(runner: FlaskCliRunner) -> None:
    order_id = an_order()
    pay(order_id, 100_00, after(3))
    (receivable,) = explain(runner, order_id, "--on", after(4).isoformat())["receivables"]
    assert (receivable["steps"], receivable["appears_on"]) == ([], None)
    before = explain(runner, order_id, "--on", after(2).isoformat())["receivables"][0]
    assert ("first_letter", "planned", after(10).isoformat()) in steps_of(before)


def test_the_letters_before_a_chargeback_stay_visible(runner: FlaskCliRunner) -> None:
    case_id = a_case("running", day=12, payment_method="sepa", payment_status="failed")
    pay(order_of(case_id).order_id, 100_00, after(13))
    charge_back(case_id, after(20))
    kinds = [kind for kind, state, _ in steps_of(only(runner, case_id, after(20))) if state == "done"]
    assert kinds == ["payment_reminder", "first_letter"]
    assert steps_of(only(runner, case_id, after(20)))[-1][:2] == ("handover", "planned")


def charge_back(case_id: int, on: dt.date) -> None:
    """The bank takes the money back."""
    with begin_work(a_desk(on)) as work:
        file, _ = open_case_dossier(work.session, case_id, None)
        file.receivable.charged_back_on = on
        post_entry(work, file, NewEntry("chargeback", 100_00, on, source="bank"))
        reopen_paid(work, file)
        settle_dossier(work, file)


# --- for people ---


def read_lines(runner: FlaskCliRunner, order_id: str, on: dt.date) -> list[str]:
    result = runner.invoke(args=["dunning", "explain", order_id, "--on", on.isoformat()])
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout.splitlines()


def test_the_calculation_is_read_line_by_line_and_adds_up(runner: FlaskCliRunner) -> None:
    case_id = a_case("running", day=31, paid=30_00)
    lines = read_lines(runner, order_of(case_id).order_id, after(40))
    start = lines.index(f"  claim on {after(40)}")
    claim = [line.strip() for line in lines[start + 1 :]]
    assert claim[:6] == [
        f"€100.00  principal {DUE}",
        f"€0.21  interest {after(18)} to {after(29)}: 12 days, 1.27 % + 5 on €100.00, year of 365",
        f"-€30.00  payment {after(30)}: costs €1.00, interest €0.21, principal €28.79, too much €0.00",
        f"€0.13  interest {after(30)} to {after(40)}: 11 days, 1.27 % + 5 on €71.21, year of 365",
        f"€1.00  fee {after(20)}",
        "€71.34  total",
    ]
    assert claim[6:] == [
        "time-barred after 2029-12-31",
        "collection would add €30.90 (0.5, paid within two weeks) to €55.62 (0.9)",
        "a court order would add €38.00",
    ]


def test_a_claim_close_to_limitation_is_read_as_such(runner: FlaskCliRunner) -> None:
    order_id = an_order()
    assert "  time-barred after 2029-12-31, 30 days left" in read_lines(
        runner, order_id, dt.date(2029, 12, 1)
    )
    assert "  time-barred after 2029-12-31" in read_lines(runner, order_id, after(5))


def test_nothing_more_is_expected_of_what_is_paid(runner: FlaskCliRunner) -> None:
    order_id = an_order()
    pay(order_id, 100_00, after(3))
    lines = read_lines(runner, order_id, after(4))
    assert not [line for line in lines if "would add" in line]
    assert "€0.00  total" in [line.strip() for line in lines]


def test_the_email_point_is_advice(runner: FlaskCliRunner) -> None:
    order_id = an_order(email="")
    advice = [line for line in read_lines(runner, order_id, after(5)) if "(blocks nothing)" in line]
    assert len(advice) == 1
    assert advice[0].startswith("  - buyer.email: ")


def test_each_instalment_is_explained_by_itself(runner: FlaskCliRunner) -> None:
    order_id = an_order(rates=3)
    lines = read_lines(runner, order_id, after(5))
    assert [line for line in lines if line.startswith("Instalment")] == [
        f"Instalment {rate}, due {after(30 * (rate - 1))}" for rate in (1, 2, 3)
    ]
    receivables = explain(runner, order_id, "--on", after(5).isoformat())["receivables"]
    assert [r["rate_number"] for r in receivables] == [1, 2, 3]
    assert [r["steps"][0]["kind"] for r in receivables] == ["upcoming_reminder"] * 3
    assert "service_call" not in [step["kind"] for step in receivables[1]["steps"]]
