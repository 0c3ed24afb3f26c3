"""How the sandbox partner says what it has: the JSON of its API."""

import datetime as dt
from typing import Any

from flask import url_for

from dunning.sandbox.balance import ENDED, read_balance, show_balance, split_claim, write_cents
from dunning.sandbox.clock import read_today, start_day
from dunning.sandbox.review import name_person
from dunning.sandbox.tables import (
    SandboxClaim,
    SandboxDebtor,
    SandboxMandate,
    SandboxNews,
    SandboxPayment,
    SandboxQuestion,
    SandboxRequest,
)


def show_debtor(debtor: SandboxDebtor) -> dict[str, Any]:
    """The JSON of a debtor."""
    created = debtor.created.isoformat()
    href = url_for("sandbox.show_one_debtor", debtor_id=debtor.id, _external=True)
    return {**debtor.body, "id": debtor.id, "href": href, "created": created, "updated": created}


def show_claim(claim: SandboxClaim) -> dict[str, Any]:
    """The JSON of a claim; a rejected one carries its reasons as status updates."""
    return {
        **claim.body,
        "id": claim.id,
        "href": link_claim(claim),
        "submission_state": claim.submission_state,
        "mandate": link_mandate(claim.mandate) if claim.mandate else None,
        "status_updates": [{"title": "Rejected", "description": reason} for reason in claim.reasons],
        "created": claim.created.isoformat(),
        "updated": claim.updated.isoformat(),
    }


def link_claim(claim: SandboxClaim) -> str:
    """The address of a claim."""
    return url_for("sandbox.show_one_claim", claim_id=claim.id, _external=True)


def link_mandate(mandate: SandboxMandate) -> dict[str, Any]:
    """A mandate as others point to it."""
    return {
        "id": mandate.id,
        "href": url_for("sandbox.show_one_mandate", mandate_id=mandate.id, _external=True),
        "reference_number": mandate.reference_number,
    }


def show_mandate(mandate: SandboxMandate) -> dict[str, Any]:
    """The JSON of a mandate with its one claim."""
    claim = mandate.claim
    payments = [show_payment(payment) for payment in mandate.payments if payment.returned_at is None]
    total = sum(split_claim(claim.body)) + mandate.costs_cents
    return {
        **link_mandate(mandate),
        "further_reference_numbers": [],
        "debtor": {"name": " ".join(name_person(claim.debtor)).strip()},
        "legal_stage": mandate.legal_stage,
        "processing_state": mandate.processing_state,
        "payment_state": mandate.payment_state,
        "legal_claim_balance": show_balance(read_balance(mandate, read_today())),
        "total_mandate_amount": write_cents(total),
        "claims": [{"id": claim.id, "href": link_claim(claim), "payments": payments}],
        "status_updates": [show_news(news) for news in mandate.news],
        "archived": mandate.archived_at is not None,
        "updated": read_updated(mandate).isoformat(),
    }


def read_updated(mandate: SandboxMandate) -> dt.datetime:
    """Its last change; until it ends, interest makes it new with every day."""
    return mandate.updated if mandate.legal_stage == ENDED else max(mandate.updated, start_day(read_today()))


def show_news(news: SandboxNews) -> dict[str, Any]:
    """The JSON of a status update."""
    return {
        "title": news.title,
        "description": news.description,
        "legal_stage": news.legal_stage,
        "processing_state": news.processing_state,
        "created": news.created.isoformat(),
    }


def show_payment(payment: SandboxPayment) -> dict[str, Any]:
    """The JSON of a payment."""
    return {
        "id": payment.id,
        "your_reference": payment.your_reference,
        "amount": write_cents(payment.cents),
        "value_date": payment.value_date.isoformat(),
        "created": payment.created.isoformat(),
    }


def show_question(question: SandboxQuestion) -> dict[str, Any]:
    """The JSON of a request to the client."""
    return {
        "id": question.id,
        "title": question.title,
        "description": question.description,
        "allowed_answer_types": [question.answer_type],
        **question.form,
        "file_attachments": [],
        "answered": question.answer is not None,
        "answer": question.answer,
        "created": question.created.isoformat(),
        "answered_at": question.answered_at.isoformat() if question.answered_at else None,
    }


def show_request(wish: SandboxRequest) -> dict[str, Any]:
    """The JSON of a wish of the client, which only the sandbox has."""
    return {"id": wish.id, "kind": wish.kind, "state": wish.state, "your_reference": wish.your_reference}
