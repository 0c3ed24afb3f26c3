"""The sandbox partner's desk, where a person accepts or rejects claims under review. Development only."""

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from dunning.outside.sandbox_review import UNDECIDED, accept_claim, name_person, reject_claim
from dunning.outside.sandbox_tables import SandboxClaim
from dunning.records.database import db, transaction

SHOWN = 100
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

page = Blueprint("sandbox_page", __name__, url_prefix="/sandbox")


@page.after_request
def set_headers(response: Response) -> Response:
    """Nothing but our own style sheet; debtors' names stay out of caches."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cache-Control"] = "no-store"
    return response


@page.get("")
def show_claims() -> str:
    """The newest claims."""
    newest = select(SandboxClaim).order_by(SandboxClaim.number.desc()).limit(SHOWN)
    whole = newest.options(joinedload(SandboxClaim.debtor), selectinload(SandboxClaim.documents))
    claims = db.session.scalars(whole)
    rows = [(claim, " ".join(name_person(claim.debtor)).strip()) for claim in claims]
    return render_template("sandbox/claims.html", rows=rows, undecided=UNDECIDED)


@page.post("/claims/<int:number>/accept")
def accept_one(number: int) -> ResponseReturnValue:
    with transaction() as session:
        accepted = accept_claim(session, session.get(SandboxClaim, number) or abort(404))
    return answer_decision(decided=accepted)


@page.post("/claims/<int:number>/reject")
def reject_one(number: int) -> ResponseReturnValue:
    reasons = [line.strip() for line in request.form.get("reasons", "").splitlines() if line.strip()]
    if not reasons:
        abort(422, "A rejection needs a reason.")
    with transaction() as session:
        rejected = reject_claim(session, session.get(SandboxClaim, number) or abort(404), reasons)
    return answer_decision(decided=rejected)


def answer_decision(*, decided: bool) -> ResponseReturnValue:
    """Back to the list, or 409 when the claim is not under review."""
    if not decided:
        abort(409, "This claim is not under review.")
    return redirect(url_for("sandbox_page.show_claims"), 303)
