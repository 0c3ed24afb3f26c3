"""A letter: composed from the facts of its day, kept before it is sent, noted with its fee when it is out."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dunning import effects
from dunning.actions.course.advance import schedule_file
from dunning.actions.course.allocate import settle_file
from dunning.actions.dossier.actor import SYSTEM
from dunning.actions.dossier.dossier import File, open_file
from dunning.actions.dossier.history import note_event
from dunning.actions.dossier.ledger import post_entry
from dunning.actions.letters.send_step import Prepared, payments_known_until, supersede_step
from dunning.desk import Desk
from dunning.effects import Claimed
from dunning.records.cases import Case
from dunning.records.cases import Letter as LetterRow
from dunning.records.database import transaction
from dunning.records.queries.cases.case import LetterLine, list_letters
from dunning.rules.course.eligibility import check
from dunning.rules.course.steps import FIRST_LETTER, ONE_DAY, PAYMENT_REMINDER, letter_deadline
from dunning.rules.facts import Entry, Facts
from dunning.rules.gates import DUNNING_ONLY
from dunning.rules.letters.letter import Letter, freeze_letter, language_for, name_recipient, thaw_letter
from dunning.rules.letters.lines import list_position, price_claim, price_letter, read_fee, state_interest
from dunning.rules.letters.mails import FirstLetterMail, MailContent, SecondLetterMail
from dunning.rules.mail_address import email_ok
from dunning.rules.money.costs import collection_costs
from dunning.rules.money.reference import creditor_reference
from dunning.rules.statuses import RUNNING


@dataclass(frozen=True)
class PreparedLetter:
    """A letter and its cover mail; `mail` is None when it goes by post only."""

    letter: Letter
    mail: Prepared | None


def prepare_letter(claimed: Claimed, desk: Desk) -> PreparedLetter | None:
    """Reads the facts again; None, and superseded, when the letter must not go out any more."""
    with transaction() as session:
        file = open_file(session, claimed.receivable_id)
        case = file.case
        # posted on paper while its mail could not go out: one of the two is enough
        done = file.step(claimed.step_id).state == "done"
        if done or case is None or not _may_write(file, case, desk):
            supersede_step(session, file, claimed, desk, "not_due_any_more")
            return None
        made = list_letters(session, case.id)
        letter = compose_letter(file, claimed.kind, desk, _next_number(session, case, claimed), made)
        writable = email_ok(file.buyer.email) and file.buyer.email_refused_at is None
        mail = Prepared(_cover(file, letter), file.buyer.email, file.receivable.version) if writable else None
        return PreparedLetter(letter, mail)


def _may_write(file: File, case: Case, desk: Desk) -> bool:
    return case.status == RUNNING and check(file.facts, desk.policy, desk.today).may_start


def _next_number(session: Session, case: Case, claimed: Claimed) -> int:
    """The letter's number in its case; a retry keeps the one it has."""
    others = select(func.count()).where(LetterRow.case_id == case.id, LetterRow.effect_id != claimed.id)
    return (session.scalar(others) or 0) + 1


def compose_letter(file: File, kind: str, desk: Desk, number: int, made: Sequence[LetterLine]) -> Letter:
    """The letter of the desk's day, complete; its lines add up to its total. `made` are the letters of its case."""
    facts, policy, today = file.facts, desk.policy, desk.today
    fee = price_letter(kind, facts, policy, today)
    facts, claim = price_claim(facts, policy, fee, today)
    position, charges = list_position(facts, claim)
    deadline = letter_deadline(kind, today, facts, policy)
    interest_day = deadline + ONE_DAY if kind == FIRST_LETTER else today
    with_vat = not policy.creditor.input_tax_entitled
    return Letter(
        kind=kind,  # type: ignore[arg-type]  # LETTERS are the kinds of a letter
        language=language_for(file.buyer.country),
        number=number,
        on_date=today,
        deadline=deadline,
        payments_known_until=payments_known_until(desk),
        reminded_on=_find_reminder(facts, kind, made),
        order_id=file.order.order_id,
        order_date=file.order.order_date,
        product_name=file.order.product_name,
        vendor_name=file.vendor.name,
        creditor=policy.creditor,
        recipient=name_recipient(facts.buyer),
        reference=file.receivable.reference,
        rf_reference=creditor_reference(file.receivable.reference),
        positions=(position,),
        charges=charges,
        total=claim.total,
        interest=state_interest(facts, policy, claim, interest_day),
        business=facts.buyer.business,
        partner=None if facts.scheme == DUNNING_ONLY else policy.partner,
        collection_costs=collection_costs(claim.principal_left, today, with_vat=with_vat),
    )


def _find_reminder(facts: Facts, kind: str, made: Sequence[LetterLine]) -> dt.date | None:
    """The day of the reminder or letter before; of a letter the one it bears, for it may be posted later."""
    dated = [letter.on for letter in made if letter.kind == FIRST_LETTER and letter.step_state == "done"]
    if kind != FIRST_LETTER and dated:
        return dated[-1]
    earlier = facts.done(PAYMENT_REMINDER if kind == FIRST_LETTER else FIRST_LETTER)
    return earlier.done_on if earlier else None


def _cover(file: File, letter: Letter) -> MailContent:
    common: dict[str, Any] = {
        "language": letter.language,
        "buyer_name": file.facts.buyer.name,
        "order_id": letter.order_id,
        "order_date": letter.order_date,
        "product_name": letter.product_name,
        "vendor_name": letter.vendor_name,
        "due_date": file.facts.due_date,
        "open_cents": letter.total,
        "rf_reference": letter.rf_reference,
        "rate_number": file.facts.rate_number,
        "rates": file.facts.order.rates,
        "letter_date": letter.on_date,
        "deadline": letter.deadline,
    }
    if letter.kind == FIRST_LETTER:
        return FirstLetterMail(**common)
    return SecondLetterMail(**common, partner_name=letter.partner.name if letter.partner else "")


def keep_letter(claimed: Claimed, desk: Desk, letter: Letter, sha256: str) -> None:
    """Notes the letter and its hash before it is sent; made anew, it replaces what never went out."""
    with transaction() as session:
        case = find_case(session, claimed)
        row = session.scalar(select(LetterRow).where(LetterRow.effect_id == claimed.id))
        if row is None:
            row = LetterRow(
                vendor_id=claimed.vendor_id, case_id=case.id, step_id=claimed.step_id, effect_id=claimed.id
            )
            session.add(row)
        if row.posted_on is not None:  # meanwhile; what the buyer holds in hand is never changed
            return
        row.number, row.kind, row.on_date = letter.number, letter.kind, letter.on_date
        row.deadline, row.total_cents = letter.deadline, letter.total
        row.content, row.sha256, row.created_at = freeze_letter(letter), sha256, desk.now
        effects.change(session, claimed, phase="pre_data")


def find_case(session: Session, claimed: Claimed) -> Case:
    """The case without counting its version up: keeping a letter changes no fact the letter was made from."""
    return session.scalars(select(Case).where(Case.receivable_id == claimed.receivable_id)).one()


def finish_letter(claimed: Claimed, desk: Desk, receipt: str) -> None:
    """The letter is out: step, deadline, fee and history in one transaction with the effect."""
    with transaction() as session:
        file = open_file(session, claimed.receivable_id)
        row = session.scalars(select(LetterRow).where(LetterRow.effect_id == claimed.id)).one()
        row.mailed_at = desk.now
        complete_letter(session, file, row, claimed, desk)
        effects.finish(session, claimed, desk.now, {"receipt": receipt, "sha256": row.sha256})
        schedule_file(file, desk)


def complete_letter(session: Session, file: File, row: LetterRow, claimed: Claimed, desk: Desk) -> None:
    """The letter went out by mail; its step is done on the letter's day unless it was posted before."""
    assert file.case is not None  # noqa: S101 - a letter belongs to a case
    if file.step(claimed.step_id).state != "done":
        complete_step(session, file, row, desk.today, desk)
    note_event(session, file.case, SYSTEM, "letter_sent", desk, kind=row.kind, number=row.number)


def complete_step(session: Session, file: File, row: LetterRow, done_on: dt.date, desk: Desk) -> None:
    """The step is done on that day, with the deadline the letter names; the letter's fee is posted once."""
    fee = read_fee(thaw_letter(row.content))
    step = file.step(row.step_id)
    step.state, step.done_on, step.deadline, step.reason = "done", done_on, row.deadline, ""
    if fee:
        _post_fee(session, file, fee, desk)
    # money may have come in while the letter was under way: it decides whether the fee stands
    settle_file(session, file, desk)


def _post_fee(session: Session, file: File, fee: Entry, desk: Desk) -> None:
    key = f"{fee.kind}:{file.receivable.id}"
    post_entry(session, file, fee.kind, fee.cents, fee.value_date, desk, source="letter", dedupe_key=key)


def leave_to_post(claimed: Claimed, desk: Desk) -> None:
    """No working address: the letter waits to be printed and posted; its step is done when that is noted."""
    with transaction() as session:
        effects.finish(session, claimed, desk.now, {"post_only": True})
