"""Tells the partner something about a claim it has: an effect in the verb's transaction, carried until acknowledged."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from dunning import effects
from dunning.errand import Outgoing
from dunning.records.cases import Case
from dunning.records.effects import Effect
from dunning.records.partner import Mandate
from dunning.rules.partner.messages import Message, freeze_message
from dunning.rules.terms import MESSAGE_KINDS, MessageKind
from dunning.work import Work


def tell_partner(
    work: Work,
    case: Case,
    message: Message,
    key: str,
    *,
    day: dt.date | None = None,
) -> Effect:
    """Puts a message; `key` makes it unique among the case's messages of its kind.

    While the claim is reviewed there is no mandate to speak of: the message waits for it and names neither. With a
    later local `day` it belongs to that day and is not told before.
    """
    on_date = max(work.today, day or work.today)
    later = dt.datetime.combine(on_date, dt.time(), work.desk.timezone) if on_date > work.today else None
    reviewed = case.claim_in_review
    return effects.put(
        work,
        Outgoing(
            kind=message.kind,
            vendor_id=case.vendor_id,
            receivable_id=case.receivable_id,
            claim_id=None if reviewed else case.claim_id,
            mandate_id=None if reviewed else case.mandate_id,
            payload=freeze_message(message),
            dedupe_key=name_message(case, message.kind, key),
            on_date=on_date,
            not_before=later,
        ),
    )


def name_message(case: Case, kind: MessageKind, key: str) -> str:
    """What makes it unique."""
    return f"{kind}:{case.id}:{key}"


def drop_waiting(work: Work, case: Case, reason: str) -> None:
    """What waited for the mandate of a claim that gets none is not told: the next claim has all of it within."""
    messages = (Effect.receivable_id == case.receivable_id, Effect.kind.in_(MESSAGE_KINDS))
    effects.withdraw(work, "drop_waiting", reason, *messages, Effect.mandate_id.is_(None))


def is_with_partner(session: Session, case: Case) -> bool:
    """Whether the partner has the claim or reviews it. One it has ended is ours again."""
    return case.claim_in_review or has_mandate(session, case)


def has_mandate(session: Session, case: Case) -> bool:
    """Whether the partner works on the claim; before its first news all we have is the mandate's id."""
    if case.mandate_id is None:
        return False
    ended = select(Mandate.id).where(Mandate.mandate_id == case.mandate_id, Mandate.ended_on.is_not(None))
    return session.scalar(ended) is None
