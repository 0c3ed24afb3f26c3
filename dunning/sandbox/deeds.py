"""What can happen to a mandate at the sandbox partner: money, court, pauses, questions, wishes, the end.

Each deed is idle (False) in a state it does not fit, leaves a status update and queues the news for webhooks. The
caller's transaction holds the mandate's row.
"""

import datetime as dt
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from dunning.clock import read_now
from dunning.records.database import db, transaction
from dunning.sandbox.answers import FORM, find_problem, forget_content
from dunning.sandbox.balance import ENDED, read_balance
from dunning.sandbox.bodies import RequestBody
from dunning.sandbox.clock import read_today
from dunning.sandbox.news import queue_claim_news, queue_news
from dunning.sandbox.review import SLOW, name_person
from dunning.sandbox.tables import (
    SandboxClaim,
    SandboxMandate,
    SandboxNews,
    SandboxPayment,
    SandboxQuestion,
    SandboxRequest,
)

RUNNING = ("in_progress", "paused")
EXTRAJUDICIAL = "extrajudicial"
NEXT_STAGE = {
    EXTRAJUDICIAL: "judicial_dunning",
    "judicial_dunning": "foreclosure",
    "foreclosure": "long_term_monitoring",
}
STAGE_TITLES = {
    "judicial_dunning": "Court order for payment applied for",
    "foreclosure": "Enforcement ordered",
    "long_term_monitoring": "Put under long-term monitoring",
}


def note_news(session: Session, mandate: SandboxMandate, title: str, description: str = "") -> None:
    """A status update with the states as they are now."""
    now = read_now()
    mandate.updated = now
    mandate.news.append(
        SandboxNews(
            title=title,
            description=description,
            legal_stage=mandate.legal_stage,
            processing_state=mandate.processing_state,
            created=now,
        )
    )
    queue_news(session, mandate, "mandate.status_updated", "mandate.updated")


def book_payment(
    session: Session,
    mandate: SandboxMandate,
    cents: int,
    value_date: dt.date,
    reference: str | None = None,
    key: str | None = None,
) -> SandboxPayment:
    """Money of the debtor. `key`, the id of the new payment, makes a form that is sent twice book once."""
    known = next((payment for payment in mandate.payments if key and payment.id == key), None)
    if known:
        return known
    now = read_now()
    payment = SandboxPayment(your_reference=reference, cents=cents, value_date=value_date, created=now)
    payment.id = key or payment.id
    mandate.payments.append(payment)
    session.flush()
    weigh_payments(mandate)
    queue_news(session, mandate, "payment.created", "mandate.balance_updated")
    return payment


def return_payment(session: Session, mandate: SandboxMandate, payment_id: str) -> bool:
    """A payment was charged back: it counts no longer."""
    payment = next((one for one in mandate.payments if one.id == payment_id and not one.returned_at), None)
    if payment is None:
        return False
    payment.returned_at = read_now()
    weigh_payments(mandate)
    note_news(session, mandate, "Payment taken back")
    queue_news(session, mandate, "payment.updated", "mandate.balance_updated")
    return True


def weigh_payments(mandate: SandboxMandate) -> None:
    """The payment state by what is paid and what is open."""
    balance = read_balance(mandate, read_today())
    if balance.total <= 0:
        mandate.payment_state = "fully_paid"
    else:
        mandate.payment_state = "partially_paid" if balance.paid else "unpaid"
    mandate.updated = read_now()


def advance_stage(session: Session, mandate: SandboxMandate) -> bool:
    """To court, then to enforcement, then to monitoring."""
    stage = NEXT_STAGE.get(mandate.legal_stage)
    if stage is None or mandate.processing_state not in RUNNING:
        return False
    mandate.legal_stage = stage
    note_news(session, mandate, STAGE_TITLES[stage])
    return True


def pause_mandate(session: Session, mandate: SandboxMandate, until: dt.date) -> bool:
    """Nothing happens up to and including that day."""
    if mandate.processing_state not in RUNNING or until < read_today():
        return False
    mandate.processing_state, mandate.paused_until = "paused", until
    note_news(session, mandate, "Paused", f"Until {until.isoformat()}")
    return True


def resume_mandate(session: Session, mandate: SandboxMandate) -> bool:
    """Goes on before or after the last day of the pause."""
    if mandate.processing_state != "paused":
        return False
    mandate.processing_state, mandate.paused_until = "in_progress", None
    note_news(session, mandate, "Resumed")
    return True


def end_pauses() -> None:
    """A pause ends by itself after its last day; whoever looks next sees it."""
    over = select(SandboxMandate).where(
        SandboxMandate.processing_state == "paused", SandboxMandate.paused_until < read_today()
    )
    if db.session.scalar(over.with_only_columns(SandboxMandate.number).limit(1)) is None:
        return
    with transaction() as session:
        for mandate in session.scalars(over.with_for_update()):
            resume_mandate(session, mandate)


def end_mandate(session: Session, mandate: SandboxMandate, state: str, title: str) -> bool:
    """Closes the mandate as `state`: ended, or cancelled by the client or the partner."""
    if mandate.processing_state not in RUNNING:
        return False
    mandate.processing_state, mandate.legal_stage, mandate.paused_until = state, ENDED, None
    note_news(session, mandate, title)
    queue_news(session, mandate, "mandate.closed")
    return True


def end_paid(session: Session, mandate: SandboxMandate) -> bool:
    """The debtor has paid what was open."""
    if mandate.processing_state not in RUNNING:
        return False
    missing = read_balance(mandate, read_today()).total
    if missing > 0:
        book_payment(session, mandate, missing, read_today())
    return end_mandate(session, mandate, ENDED, "Ended: paid in full")


def end_unpaid(session: Session, mandate: SandboxMandate) -> bool:
    """There is nothing to be had of the debtor."""
    return end_mandate(session, mandate, ENDED, "Ended without success")


def refuse_mandate(session: Session, mandate: SandboxMandate) -> bool:
    """The partner gives the mandate back."""
    return end_mandate(session, mandate, "canceled_by_service_provider", "Cancelled by us")


def withdraw_acceptance(session: Session, mandate: SandboxMandate, reason: str) -> bool:
    """The claim is rejected after all, and there never was a mandate."""
    if mandate.processing_state not in RUNNING:
        return False
    claim = mandate.claim
    taken_back = {"submission_state": "rejected", "reasons": [reason], "mandate_number": None}
    session.execute(update(SandboxClaim).where(SandboxClaim.number == claim.number).values(**taken_back))
    for kind in (SandboxNews, SandboxPayment, SandboxQuestion, SandboxRequest):
        session.execute(delete(kind).filter_by(mandate_number=mandate.number))
    session.execute(delete(SandboxMandate).filter_by(number=mandate.number))
    queue_claim_news(session, claim)
    return True


def ask_question(
    session: Session,
    mandate: SandboxMandate,
    title: str,
    description: str,
    answer_type: str,
    key: str | None = None,
) -> SandboxQuestion:
    """A request to the client. `key` is its id: a form that is sent twice asks once."""
    known = next((asked for asked in mandate.questions if key and asked.id == key), None)
    if known:
        return known
    question = SandboxQuestion(
        title=title,
        description=description,
        answer_type=answer_type,
        form=FORM if answer_type == "dynamic-form" else {},
        created=read_now(),
    )
    question.id = key or question.id
    mandate.questions.append(question)
    session.flush()
    queue_news(session, mandate, "request_to_client.created")
    return question


def answer_one(session: Session, question: SandboxQuestion, answer: dict[str, Any]) -> str | None:
    """Takes an answer; else says what is wrong with it."""
    if problem := find_problem(question.answer_type, question.form, answer):
        return problem
    question.answer, question.answered_at = forget_content(answer), read_now()
    queue_news(session, question.mandate, "request_to_client.answered")
    return None


def take_request(session: Session, mandate: SandboxMandate, body: RequestBody) -> SandboxRequest:
    """A wish of the client, granted at once unless the debtor's name says that a person decides."""
    known = next((wish for wish in mandate.requests if wish.your_reference == body.your_reference), None)
    if known:
        return known
    wish = SandboxRequest(**body.model_dump(), created=read_now())
    mandate.requests.append(wish)
    session.flush()
    if not name_person(mandate.claim.debtor)[1].startswith(SLOW):
        decide_request(session, wish, granted=True)
    return wish


def decide_request(session: Session, wish: SandboxRequest, *, granted: bool) -> bool:
    """Grants or refuses a wish; what cannot be granted any more is refused."""
    if wish.state != "waiting":
        return False
    granted = granted and grant_request(session, wish)
    wish.state = "confirmed" if granted else "refused"
    if not granted:
        note_news(session, wish.mandate, f"Your request was refused: {wish.kind}", wish.text)
    return True


def grant_request(session: Session, wish: SandboxRequest) -> bool:
    """Carries a wish out, False when the mandate is in no state for it."""
    mandate = wish.mandate
    if wish.kind == "hold":
        return wish.until is not None and pause_mandate(session, mandate, wish.until)
    if wish.kind == "cancel":
        in_court = mandate.legal_stage != EXTRAJUDICIAL
        return not in_court and end_mandate(
            session, mandate, "canceled_by_client", "Cancelled at your request"
        )
    note_news(session, mandate, f"Your message has been noted: {wish.kind}", wish.text)
    return True
