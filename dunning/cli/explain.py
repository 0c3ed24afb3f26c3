"""The answer of `flask dunning explain`, as JSON and as text."""

import datetime as dt
import json
from typing import Any

import click

from dunning.actions.desk import Desk
from dunning.actions.facts import File, find_order_files
from dunning.records.database import db
from dunning.rules.claim import compute_claim
from dunning.rules.eligibility import Eligibility, check, check_unknown
from dunning.rules.facts import Facts
from dunning.rules.money import format_amount
from dunning.rules.steps import plan


def explain_order(order_id: str, desk: Desk, *, as_json: bool) -> None:
    """Prints the explanation of an order known or unknown."""
    answer = build_answer(order_id, find_order_files(db.session(), order_id, None), desk)
    click.echo(json.dumps(answer, indent=2) if as_json else "\n".join(write_text(answer)))


def build_answer(order_id: str, files: list[File], desk: Desk) -> dict[str, Any]:
    """The contract's JSON: money in cents, days in ISO."""
    if not files:
        groups = list_groups(check_unknown())
        return {"order_id": order_id, "vendor_id": None, "receivables": [], "groups": groups}
    receivables = [explain_receivable(file, desk) for file in files]
    return {"order_id": order_id, "vendor_id": files[0].order.vendor_id, "receivables": receivables}


def explain_receivable(file: File, desk: Desk) -> dict[str, Any]:
    """One receivable: points, steps and claim as on the desk's day; status and deeds are the present ones."""
    facts, case = file.facts, file.case
    found = check(facts, desk.policy, desk.today)
    return {
        "rate_number": facts.rate_number,
        "due_date": iso_day(facts.due_date),
        "case_id": case.id if case else None,
        "status": case.status if case else None,
        "eligible": found.may_start,
        "appears_on": iso_day(found.appears_on),
        "groups": list_groups(found),
        "steps": list_steps(facts, desk),
        "claim": state_claim(facts, desk),
    }


def list_groups(found: Eligibility) -> list[dict[str, Any]]:
    """Groups with their points; an advisory point says that it blocks nothing."""
    return [
        {
            "key": group.key,
            "ok": group.ok,
            "points": [
                {"key": p.key, "ok": p.ok, "detail": p.detail} | ({} if p.blocks else {"blocks": False})
                for p in group.points
            ],
        }
        for group in found.groups
    ]


def list_steps(facts: Facts, desk: Desk) -> list[dict[str, Any]]:
    """Stored steps, the superseded ones too, and those still planned."""
    gone = [
        {"kind": s.kind, "due": iso_day(s.due_on), "state": s.state, "done_on": iso_day(s.done_on)}
        for s in facts.steps
        if s.state == "superseded"
    ]
    planned = [
        {"kind": s.kind, "due": iso_day(s.due), "state": s.state, "done_on": iso_day(s.done_on)}
        for s in plan(facts, desk.policy, desk.today)
    ]
    return gone + planned


def state_claim(facts: Facts, desk: Desk) -> dict[str, int]:
    """The claim on the day, its interest included."""
    claim = compute_claim(facts, desk.policy, desk.today)
    balance = claim.balance
    return {
        "principal": balance.principal,
        "paid": balance.paid,
        "fees": balance.fees,
        "interest": claim.interest,
        "forgiven": balance.forgiven,
        "total": claim.total,
    }


def iso_day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def write_text(answer: dict[str, Any]) -> list[str]:
    """The same for people, one fact per line."""
    lines = [f"Order {answer['order_id']}, vendor {answer['vendor_id'] or 'unknown'}"]
    for receivable in answer["receivables"]:
        lines += ["", f"Instalment {receivable['rate_number']}, due {receivable['due_date']}"]
        state = receivable["status"] or "no case"
        lines.append(f"  {state}; can be started: {'yes' if receivable['eligible'] else 'no'}")
        if receivable["appears_on"]:
            lines.append(f"  appears in dunning on {receivable['appears_on']}")
        lines += write_groups(receivable["groups"])
        lines += [
            f"  step {s['kind']}: {s['state']}, {s['done_on'] or s['due']}" for s in receivable["steps"]
        ]
        lines += [f"  {key}: {format_amount(cents, 'en')}" for key, cents in receivable["claim"].items()]
    return lines + write_groups(answer.get("groups", []))


def write_groups(groups: list[dict[str, Any]]) -> list[str]:
    """A plus or a minus for each point, with its sentence."""
    return [
        f"  {'+' if point['ok'] else '-'} {group['key']}.{point['key']}: {point['detail']}"
        for group in groups
        for point in group["points"]
    ]
