"""The sandbox partner's desk, where a person decides what the partner does. Development only.

Every form is harmless when it is sent twice: what fits no more is a 409, what could be done again carries its own key.
"""

import datetime as dt
import re
from collections.abc import Callable
from typing import get_args
from uuid import UUID, uuid4

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from dunning.records.database import db, transaction
from dunning.sandbox import deeds
from dunning.sandbox.answers import AnswerType
from dunning.sandbox.balance import read_balance
from dunning.sandbox.clock import read_today
from dunning.sandbox.review import UNDECIDED, accept_claim, name_person, reject_claim
from dunning.sandbox.tables import SandboxClaim, SandboxMandate, SandboxRequest, lock_mandate

SHOWN = 100
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
AMOUNT = re.compile(r"([0-9]{1,9})(?:[.,]([0-9]{1,2}))?")
# what a button does, by its address
DEEDS: dict[str, Callable[[Session, SandboxMandate], bool]] = {
    "advance": deeds.advance_stage,
    "resume": deeds.resume_mandate,
    "end-paid": deeds.end_paid,
    "end-unpaid": deeds.end_unpaid,
    "refuse": deeds.refuse_mandate,
}
STEPS = {
    "extrajudicial": "Move to court",
    "judicial_dunning": "Enforce",
    "foreclosure": "Put under monitoring",
}

page = Blueprint("sandbox_page", __name__, url_prefix="/sandbox")


class DeskProblem(Exception):
    """What was typed cannot be used; the text says why."""


@page.after_request
def set_headers(response: Response) -> Response:
    """Nothing but our own style sheet; debtors' names stay out of caches."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cache-Control"] = "no-store"
    return response


@page.errorhandler(DeskProblem)
def show_problem(problem: DeskProblem) -> ResponseReturnValue:
    """The claim again, with what was typed."""
    return render_claim((request.view_args or {})["number"], str(problem)), 422


@page.get("")
def show_claims() -> str:
    """The newest claims."""
    newest = select(SandboxClaim).order_by(SandboxClaim.number.desc()).limit(SHOWN)
    claims = db.session.scalars(
        newest.options(joinedload(SandboxClaim.debtor), joinedload(SandboxClaim.mandate))
    )
    rows = [(claim, name_debtor(claim)) for claim in claims]
    return render_template("sandbox/claims.html", rows=rows)


@page.get("/claims/<int:number>")
def show_one(number: int) -> str:
    """One claim, and what can be done with it."""
    deeds.end_pauses()
    return render_claim(number)


@page.post("/claims/<int:number>/accept")
def accept_one(number: int) -> ResponseReturnValue:
    with transaction() as session:
        accepted = accept_claim(session, session.get(SandboxClaim, number) or abort(404))
    return answer_deed(number, done=accepted)


@page.post("/claims/<int:number>/reject")
def reject_one(number: int) -> ResponseReturnValue:
    reasons = [line.strip() for line in request.form.get("reasons", "").splitlines() if line.strip()]
    if not reasons:
        raise DeskProblem("A rejection needs a reason.")
    with transaction() as session:
        rejected = reject_claim(session, session.get(SandboxClaim, number) or abort(404), reasons)
    return answer_deed(number, done=rejected)


@page.post("/claims/<int:number>/do/<any(advance, resume, 'end-paid', 'end-unpaid', refuse):deed>")
def do_one(number: int, deed: str) -> ResponseReturnValue:
    """A button that needs no further words."""
    with transaction() as session:
        done = DEEDS[deed](session, take_mandate(session, number))
    return answer_deed(number, done=done)


@page.post("/claims/<int:number>/pause")
def pause_one(number: int) -> ResponseReturnValue:
    until = read_day("until")
    if until < read_today():
        raise DeskProblem("A pause ends today or later.")
    with transaction() as session:
        paused = deeds.pause_mandate(session, take_mandate(session, number), until)
    return answer_deed(number, done=paused)


@page.post("/claims/<int:number>/withdraw")
def withdraw_one(number: int) -> ResponseReturnValue:
    reason = request.form.get("reason", "").strip()
    if not reason:
        raise DeskProblem("Taking an acceptance back needs a reason.")
    with transaction() as session:
        withdrawn = deeds.withdraw_acceptance(session, take_mandate(session, number), reason)
    return answer_deed(number, done=withdrawn)


@page.post("/claims/<int:number>/payments")
def book_one(number: int) -> ResponseReturnValue:
    cents, value_date, key = read_cents(), read_day("value_date"), read_key()
    with transaction() as session:
        deeds.book_payment(session, take_mandate(session, number), cents, value_date, key=key)
    return answer_deed(number, done=True)


@page.post("/claims/<int:number>/payments/<payment_id>/return")
def return_one(number: int, payment_id: str) -> ResponseReturnValue:
    with transaction() as session:
        returned = deeds.return_payment(session, take_mandate(session, number), payment_id)
    return answer_deed(number, done=returned)


@page.post("/claims/<int:number>/questions")
def ask_one(number: int) -> ResponseReturnValue:
    title, answer_type, key = (
        request.form.get("title", "").strip(),
        request.form.get("answer_type", ""),
        read_key(),
    )
    if not title or answer_type not in get_args(AnswerType):
        raise DeskProblem("A question needs its words and a type of answer.")
    words = request.form.get("description", "").strip()
    with transaction() as session:
        deeds.ask_question(session, take_mandate(session, number), title, words, answer_type, key)
    return answer_deed(number, done=True)


@page.post("/claims/<int:number>/requests/<int:wish>/<any(confirm, refuse):decision>")
def decide_one(number: int, wish: int, decision: str) -> ResponseReturnValue:
    with transaction() as session:
        mandate = take_mandate(session, number)
        found = session.get(SandboxRequest, wish)
        if found is None or found.mandate_number != mandate.number:
            abort(404)
        decided = deeds.decide_request(session, found, granted=decision == "confirm")
    return answer_deed(number, done=decided)


def answer_deed(number: int, *, done: bool) -> ResponseReturnValue:
    """Back to the claim, or 409 when it is in no state for that."""
    if not done:
        abort(409, "This claim is in no state for that (any more).")
    return redirect(url_for("sandbox_page.show_one", number=number), 303)


def render_claim(number: int, problem: str = "") -> str:
    """The page of a claim; 404 without one."""
    claim = db.session.get(SandboxClaim, number) or abort(404)
    mandate = claim.mandate
    return render_template(
        "sandbox/claim.html",
        claim=claim,
        debtor=name_debtor(claim),
        mandate=mandate,
        balance=read_balance(mandate, read_today()) if mandate else None,
        undecided=claim.submission_state in UNDECIDED,
        running=mandate is not None and mandate.processing_state in deeds.RUNNING,
        step=STEPS.get(mandate.legal_stage) if mandate else None,
        answer_types=get_args(AnswerType),
        today=read_today(),
        key=uuid4(),
        problem=problem,
        typed=request.form,
    )


def name_debtor(claim: SandboxClaim) -> str:
    """The debtor's name in one line."""
    return " ".join(name_person(claim.debtor)).strip()


def take_mandate(session: Session, number: int) -> SandboxMandate:
    """The mandate of a claim, locked; 404 without one."""
    of_claim = select(SandboxMandate).join(SandboxClaim).where(SandboxClaim.number == number)
    return lock_mandate(session, of_claim) or abort(404)


def read_cents() -> int:
    """The amount typed, `12,50` or `12.50`."""
    typed = AMOUNT.fullmatch(request.form.get("amount", "").strip())
    cents = int(typed[1]) * 100 + int((typed[2] or "0").ljust(2, "0")) if typed else 0
    if not cents:
        raise DeskProblem("The amount is none.")
    return cents


def read_day(name: str) -> dt.date:
    """The day typed."""
    try:
        return dt.date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise DeskProblem("The day is none.") from None


def read_key() -> str:
    """The form's own key: what it makes has this id, so it is made once."""
    try:
        return str(UUID(request.form.get("key", "")))
    except ValueError:
        raise DeskProblem("The form is not ours.") from None
