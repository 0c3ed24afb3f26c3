"""What all calls of the sandbox partner share: the token, how a refusal looks, how lists are paged."""

import hmac
from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from dunning.records.database import db
from dunning.sandbox.bodies import PageQuery, list_problems
from dunning.sandbox.tables import SandboxClaim, SandboxMandate, lock_mandate

# the documented API
api = Blueprint("sandbox", __name__, url_prefix="/v1")
# calls that only the sandbox has
extra = Blueprint("sandbox_requests", __name__, url_prefix="/sandbox-requests")


class SandboxRefusal(Exception):
    """A refusal with its status and the problems by field."""

    def __init__(self, status: int, **problems: list[str]) -> None:
        super().__init__(status)
        self.status = status
        self.problems = problems


def check_token() -> None:
    """Every call needs the bearer token."""
    wanted = f"Bearer {current_app.config['SANDBOX_TOKEN']}"
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), wanted.encode()):
        raise SandboxRefusal(401, detail=["Authentication credentials were not provided or are wrong."])


def refuse_body(error: ValidationError) -> ResponseReturnValue:
    return jsonify(list_problems(error)), 400


def refuse_call(refusal: SandboxRefusal) -> ResponseReturnValue:
    return jsonify(refusal.problems), refusal.status


def refuse_request(error: HTTPException) -> ResponseReturnValue:
    return jsonify(detail=[error.description]), error.code or 500


for calls in (api, extra):
    calls.before_request(check_token)
    calls.register_error_handler(ValidationError, refuse_body)
    calls.register_error_handler(SandboxRefusal, refuse_call)
    calls.register_error_handler(HTTPException, refuse_request)


def find_claim(session: Session, claim_id: str) -> SandboxClaim:
    """The claim with this id; 404 without one."""
    claim = session.scalar(select(SandboxClaim).filter_by(id=claim_id))
    if claim is None:
        raise SandboxRefusal(404, detail=["Not found."])
    return claim


def find_mandate(session: Session, mandate_id: str) -> SandboxMandate:
    """The mandate with this id, locked until the transaction ends; 404 without one."""
    mandate = lock_mandate(session, select(SandboxMandate).filter_by(id=mandate_id))
    if mandate is None:
        raise SandboxRefusal(404, detail=["Not found."])
    return mandate


def read_page() -> PageQuery:
    """The query of a list; an unknown parameter is refused."""
    return PageQuery.model_validate(request.args.to_dict())


def cut_page(rows: Select[Any], query: PageQuery, show: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """`{count, next, previous, results}` of the rows from `offset`, at most `limit` of them."""
    count = db.session.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or 0
    shown = db.session.scalars(rows.limit(query.limit).offset(query.offset)).all()
    after, before = query.offset + query.limit, query.offset - query.limit
    return {
        "count": count,
        "next": link_page(query, after) if after < count else None,
        "previous": link_page(query, max(before, 0)) if query.offset else None,
        "results": [show(row) for row in shown],
    }


def link_page(query: PageQuery, offset: int) -> str:
    """The address of another page of the same list."""
    values = query.model_dump(exclude_none=True) | {"offset": offset} | (request.view_args or {})
    return url_for(request.endpoint or "", _external=True, **values)
