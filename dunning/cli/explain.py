"""The answer of `flask dunning explain`, as JSON."""

import datetime as dt
import json
import sys
from typing import Any

import click

from dunning.actions.dossier.dossier import Dossier, find_order_dossiers
from dunning.cli.explain_text import write_text
from dunning.desk import Desk
from dunning.records.database import db
from dunning.rules.course.eligibility import Eligibility, check, check_unknown
from dunning.rules.course.outlook import list_planned
from dunning.rules.facts import Facts
from dunning.rules.money.claim import compute_claim
from dunning.rules.terms import STEP_KINDS


def explain_order(order_id: str, desk: Desk, *, as_json: bool) -> None:
    """Prints the explanation of an order known or unknown."""
    dossiers = find_order_dossiers(db.session(), order_id, None)
    answer = build_answer(order_id, dossiers, desk)
    if as_json:
        click.echo(json.dumps(answer, indent=2))
    else:
        click.echo("\n".join(write_text(answer, [dossier.read_facts() for dossier in dossiers], desk)))


def build_answer(order_id: str, dossiers: list[Dossier], desk: Desk) -> dict[str, Any]:
    """The contract's JSON: money in cents, days in ISO."""
    if not dossiers:
        groups = list_groups(check_unknown())
        return {"order_id": order_id, "vendor_id": None, "receivables": [], "groups": groups}
    receivables = [explain_receivable(dossier, desk) for dossier in dossiers]
    return {"order_id": order_id, "vendor_id": dossiers[0].order.vendor_id, "receivables": receivables}


def explain_receivable(dossier: Dossier, desk: Desk) -> dict[str, Any]:
    """One receivable: points, steps and claim as on the desk's day; status and deeds are the present ones."""
    facts, case = dossier.read_facts(), dossier.case
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
    """In their order: what was done, left out or made anew, then what is planned of each kind."""
    stored = [(step.kind, step.round, step.due_on, step.state, step.done_on) for step in facts.steps]
    coming = [step for step in list_planned(facts, desk.policy, desk.today) if step.stored is None]
    planned = [(step.kind, sys.maxsize, step.due, step.state, None) for step in coming]
    in_order = sorted([*stored, *planned], key=lambda step: (STEP_KINDS.index(step[0]), step[1]))
    return [
        {"kind": kind, "due": iso_day(due), "state": state, "done_on": iso_day(done_on)}
        for kind, _, due, state, done_on in in_order
    ]


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
