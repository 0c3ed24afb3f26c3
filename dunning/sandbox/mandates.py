"""The sandbox partner's calls about mandates: as documented, and beside them the wishes, which it takes directly."""

import secrets

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from dunning.clock import read_now
from dunning.records.database import db, transaction
from dunning.sandbox.bodies import AnswerBody, ArchiveBody, PaymentBody, RequestBody, WebhookBody
from dunning.sandbox.deeds import answer_one, book_payment, end_pauses, take_request
from dunning.sandbox.frame import (
    SandboxRefusal,
    api,
    cut_page,
    extra,
    find_claim,
    find_mandate,
    read_page,
)
from dunning.sandbox.show import show_mandate, show_payment, show_question, show_request
from dunning.sandbox.tables import SandboxClaim, SandboxMandate, SandboxQuestion, SandboxWebhook


@api.get("/mandates/")
def list_mandates() -> Response:
    query = read_page()
    end_pauses()
    whole = select(SandboxMandate).options(
        selectinload(SandboxMandate.claim).joinedload(SandboxClaim.debtor),
        selectinload(SandboxMandate.news),
        selectinload(SandboxMandate.payments),
    )
    return jsonify(cut_page(whole.order_by(SandboxMandate.number), query, show_mandate))


@api.get("/mandates/<mandate_id>/")
def show_one_mandate(mandate_id: str) -> Response:
    end_pauses()
    return jsonify(show_mandate(db.first_or_404(select(SandboxMandate).filter_by(id=mandate_id))))


@api.patch("/mandates/<mandate_id>/")
def archive_mandate(mandate_id: str) -> Response:
    ArchiveBody.model_validate_json(request.get_data())
    with transaction() as session:
        mandate = find_mandate(session, mandate_id)
        mandate.archived_at = mandate.archived_at or read_now()
        return jsonify(show_mandate(mandate))


@api.get("/mandates/<mandate_id>/requests-to-client/")
def list_questions(mandate_id: str) -> Response:
    query = read_page()
    mandate = db.first_or_404(select(SandboxMandate).filter_by(id=mandate_id))
    asked = select(SandboxQuestion).filter_by(mandate_number=mandate.number).order_by(SandboxQuestion.number)
    return jsonify(cut_page(asked, query, show_question))


@api.get("/mandates/<mandate_id>/requests-to-client/<question_id>/")
def show_one_question(mandate_id: str, question_id: str) -> Response:
    asked = select(SandboxQuestion).join(SandboxMandate).where(SandboxMandate.id == mandate_id)
    return jsonify(show_question(db.first_or_404(asked.where(SandboxQuestion.id == question_id))))


@api.post("/mandates/<mandate_id>/requests-to-client/<question_id>/answer/")
def answer_question(mandate_id: str, question_id: str) -> Response:
    body = AnswerBody.model_validate_json(request.get_data())
    with transaction() as session:
        mandate = find_mandate(session, mandate_id)
        question = next((asked for asked in mandate.questions if asked.id == question_id), None)
        if question is None:
            raise SandboxRefusal(404, detail=["Not found."])
        if question.answer is not None:
            raise SandboxRefusal(409, answered=["This request was answered before."])
        if problem := answer_one(session, question, body.answer):
            raise SandboxRefusal(400, answer=[problem])
        return jsonify(show_question(question))


@api.post("/payments/")
def report_payment() -> ResponseReturnValue:
    body = PaymentBody.model_validate_json(request.get_data())
    with transaction() as session:
        try:
            claim = find_claim(session, body.claim)
        except SandboxRefusal:
            raise SandboxRefusal(400, claim=["Unknown claim."]) from None
        if claim.mandate is None:
            raise SandboxRefusal(409, claim=["Only an accepted claim takes payments."])
        mandate = find_mandate(session, claim.mandate.id)
        payment = book_payment(session, mandate, body.amount.cents, body.value_date, body.your_reference)
        return jsonify(show_payment(payment)), 201


@api.post("/webhooks/")
def register_webhook() -> ResponseReturnValue:
    body = WebhookBody.model_validate_json(request.get_data())
    with transaction() as session:
        webhook = SandboxWebhook(**body.model_dump(), secret_key=secrets.token_urlsafe(32))
        session.add(webhook)
        session.flush()
        return jsonify(id=webhook.id, **body.model_dump(), secret_key=webhook.secret_key), 201


@extra.post("/<mandate_id>/")
def take_wish(mandate_id: str) -> ResponseReturnValue:
    body = RequestBody.model_validate_json(request.get_data())
    with transaction() as session:
        wish = take_request(session, find_mandate(session, mandate_id), body)
        return jsonify(show_request(wish)), 201
