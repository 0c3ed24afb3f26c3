"""A collection partner that runs here, for demo and tests: the documented API, with its refusals.

Three ways to it: in the caller's process (`sandbox_transport`), as its own process (`create_app`), or on
any WSGI server in a test. It knows nothing of cases; what it remembers is in its own tables.
"""

import hashlib
import hmac
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from pydantic import ValidationError
from sqlalchemy import NullPool, Select, func, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from dunning.outside.sandbox_bodies import ClaimBody, DebtorBody, PageQuery, ReleaseBody, list_problems
from dunning.outside.sandbox_page import page
from dunning.outside.sandbox_review import review_claim, show_claim, show_debtor, show_mandate
from dunning.outside.sandbox_tables import SandboxClaim, SandboxDebtor, SandboxDocument, SandboxMandate
from dunning.records.database import db, prepare_engine, transaction
from dunning.settings import Settings, SettingsError

SANDBOX_TOKEN = "sandbox-test-token"  # noqa: S105 - opens the sandbox only, which has no secrets
LARGEST_UPLOAD = 20_000_000
SIGNATURES = (b"%PDF-", b"\xff\xd8\xff", b"\x89PNG")
ROOT = Path(__file__).parents[2]

api = Blueprint("sandbox", __name__, url_prefix="/v1")


class SandboxRefusal(Exception):
    """A refusal with its status and the problems by field."""

    def __init__(self, status: int, **problems: list[str]) -> None:
        super().__init__(status)
        self.status = status
        self.problems = problems


def create_app() -> Flask:
    """The sandbox as a process of its own, with settings from the environment."""
    return create_sandbox_app(Settings.from_environment(os.environ))


def create_sandbox_app(settings: Settings) -> Flask:
    """API and page on the database of the settings. Raises SettingsError in production."""
    if settings.production:
        raise SettingsError("DUNNING_ENV: the sandbox partner is for development only")
    app = build_sandbox(settings.database_url, settings.partner_token or SANDBOX_TOKEN)
    # cookies know no ports: the name keeps them apart from those of the web part on the same machine
    app.config.update(SECRET_KEY=settings.secret_key, SESSION_COOKIE_NAME="sandbox_session")
    app.register_blueprint(page)
    CSRFProtect(app).exempt(api)
    return app


def build_sandbox(database_url: str, token: str) -> Flask:
    """The API alone. A connection lives as long as a request: nothing stays open in forked workers."""
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config.update(
        SQLALCHEMY_DATABASE_URI=database_url,
        SQLALCHEMY_ENGINE_OPTIONS={"poolclass": NullPool},
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD,
        SANDBOX_TOKEN=token,
    )
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    app.register_blueprint(api)
    return app


@api.before_request
def check_token() -> None:
    """Every call needs the bearer token."""
    wanted = f"Bearer {current_app.config['SANDBOX_TOKEN']}"
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), wanted.encode()):
        raise SandboxRefusal(401, detail=["Authentication credentials were not provided or are wrong."])


@api.errorhandler(ValidationError)
def refuse_body(error: ValidationError) -> ResponseReturnValue:
    return jsonify(list_problems(error)), 400


@api.errorhandler(SandboxRefusal)
def refuse_call(refusal: SandboxRefusal) -> ResponseReturnValue:
    return jsonify(refusal.problems), refusal.status


@api.errorhandler(HTTPException)
def refuse_request(error: HTTPException) -> ResponseReturnValue:
    return jsonify(detail=[error.description]), error.code or 500


@api.post("/debtors/")
def create_debtor() -> ResponseReturnValue:
    body = DebtorBody.model_validate_json(request.get_data())
    with transaction() as session:
        debtor = SandboxDebtor(body=body.model_dump(mode="json", exclude_none=True))
        session.add(debtor)
        session.flush()
        return jsonify(show_debtor(debtor)), 201


@api.get("/debtors/<debtor_id>/")
def show_one_debtor(debtor_id: str) -> Response:
    return jsonify(show_debtor(db.get_or_404(SandboxDebtor, debtor_id)))


@api.post("/claims/")
def create_claim() -> ResponseReturnValue:
    body = ClaimBody.model_validate_json(request.get_data())
    with transaction() as session:
        if session.get(SandboxDebtor, body.debtor) is None:
            raise SandboxRefusal(400, debtor=["Unknown debtor."])
        claim = SandboxClaim(
            debtor_id=body.debtor,
            your_reference=body.your_reference,
            body=body.model_dump(mode="json", exclude_none=True),
        )
        session.add(claim)
        session.flush()
        return jsonify(show_claim(claim)), 201


@api.get("/claims/")
def list_claims() -> Response:
    query = read_page()
    claims = select(SandboxClaim).order_by(SandboxClaim.number)
    if query.your_reference is not None:
        claims = claims.where(SandboxClaim.your_reference == query.your_reference)
    return jsonify(cut_page(claims, query, show_claim))


@api.get("/claims/<claim_id>/")
def show_one_claim(claim_id: str) -> Response:
    return jsonify(show_claim(find_claim(db.session(), claim_id)))


@api.post("/claims/<claim_id>/documents/")
def upload_document(claim_id: str) -> ResponseReturnValue:
    file = request.files.get("file")
    content = file.read() if file else b""
    if file is None or not file.filename or not content.startswith(SIGNATURES):
        raise SandboxRefusal(400, file=["Upload a PDF, JPEG or PNG as 'file'."])
    with transaction() as session:
        claim = find_claim(session, claim_id)
        if claim.submission_state != "created":
            raise SandboxRefusal(409, submission_state=["A released claim cannot be changed."])
        digest = hashlib.sha256(content).hexdigest()
        claim.documents.append(SandboxDocument(name=file.filename, sha256=digest, size=len(content)))
        return jsonify(show_claim(claim)), 201


@api.patch("/claims/<claim_id>/")
def release_claim(claim_id: str) -> ResponseReturnValue:
    ReleaseBody.model_validate_json(request.get_data())
    with transaction() as session:
        claim = find_claim(session, claim_id)
        if not review_claim(session, claim):
            raise SandboxRefusal(409, submission_state=["A released claim cannot be changed."])
        return jsonify(show_claim(claim))


@api.get("/mandates/")
def list_mandates() -> Response:
    return jsonify(
        cut_page(select(SandboxMandate).order_by(SandboxMandate.number), read_page(), show_mandate)
    )


@api.get("/mandates/<mandate_id>/")
def show_one_mandate(mandate_id: str) -> Response:
    return jsonify(show_mandate(db.first_or_404(select(SandboxMandate).filter_by(id=mandate_id))))


def find_claim(session: Session, claim_id: str) -> SandboxClaim:
    """The claim with this id; 404 without one."""
    claim = session.scalar(select(SandboxClaim).filter_by(id=claim_id))
    if claim is None:
        raise SandboxRefusal(404, detail=["Not found."])
    return claim


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
    values = query.model_dump(exclude_none=True) | {"offset": offset}
    return url_for(request.endpoint or "", _external=True, **values)
