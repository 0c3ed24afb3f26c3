"""The sandbox partner's calls about debtors and claims, as documented."""

import hashlib

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from dunning.records.database import db, transaction
from dunning.sandbox.bodies import ClaimBody, DebtorBody, ReleaseBody
from dunning.sandbox.frame import SandboxRefusal, api, cut_page, find_claim, read_page
from dunning.sandbox.review import review_claim
from dunning.sandbox.show import show_claim, show_debtor
from dunning.sandbox.tables import SandboxClaim, SandboxDebtor, SandboxDocument

SIGNATURES = (b"%PDF-", b"\xff\xd8\xff", b"\x89PNG")


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
