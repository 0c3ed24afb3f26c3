"""From the partner's answers to what the rules understand."""

from collections.abc import Iterator

from dunning.outside.partner.answers import Balance, MandateAnswer, MandateClaim, QuestionAnswer, StatusUpdate
from dunning.rules.partner.news import MandateNews, PartnerPayment, Question, Update


def read_mandate(answer: MandateAnswer) -> MandateNews:
    """The mandate as the partner has it, with the whole answer; what it does not say is empty."""
    balance = answer.legal_claim_balance or Balance()
    return MandateNews(
        mandate_id=answer.id,
        claim_ids=tuple(claim.id for claim in answer.claims),
        reference_number=answer.reference_number or "",
        legal_stage=answer.legal_stage or "",
        processing_state=answer.processing_state or "",
        payment_state=answer.payment_state or "",
        principal=balance.balance_of_principal_claim.cents,
        interest=balance.balance_of_interest_on_principal_claim.cents,
        costs=balance.costs_cents,
        balance=balance.total_balance.cents,
        paid=balance.total_payment.cents,
        payments=tuple(list_payments(answer.claims)) if tells_payments(answer) else None,
        updates=tuple(map(read_update, answer.status_updates)),
        updated=answer.updated,
        answer=answer.model_dump(mode="json"),
    )


def tells_payments(answer: MandateAnswer) -> bool:
    """Whether payments are told of: a list that is not there is no list without payments."""
    return bool(answer.claims) and all("payments" in claim.model_fields_set for claim in answer.claims)


def list_payments(claims: list[MandateClaim]) -> Iterator[PartnerPayment]:
    """The payments of all claims."""
    for claim in claims:
        for payment in claim.payments:
            yield PartnerPayment(
                id=payment.id,
                cents=payment.amount.cents,
                value_date=payment.value_date,
                reference=payment.your_reference or "",
                currency=payment.amount.currency,
            )


def read_update(update: StatusUpdate) -> Update:
    """A line of news, with all it says."""
    return Update(update.title or "", update.description or "", update.model_dump(mode="json"))


def read_question(answer: QuestionAnswer) -> Question:
    """A question, with all it says."""
    return Question(
        request_id=answer.id,
        title=answer.title or "",
        description=answer.description or "",
        answer_types=tuple(answer.allowed_answer_types),
        answered=answer.answered,
        content=answer.model_dump(mode="json"),
    )
