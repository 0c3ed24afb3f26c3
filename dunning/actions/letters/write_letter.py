"""A letter: composed from the facts of its day, kept before it is sent, noted with its fee when it is out."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dunning import effects
from dunning.actions.course.advance import schedule_after_today
from dunning.actions.course.allocate import settle_dossier
from dunning.actions.dossier.dossier import Dossier, open_dossier
from dunning.actions.dossier.history import note_event
from dunning.actions.dossier.ledger import NewEntry, post_entry
from dunning.actions.letters.send_step import Prepared, payments_known_until, supersede_step
from dunning.desk import Desk
from dunning.errand import StepErrand
from dunning.records.cases import Case
from dunning.records.cases import Letter as LetterRow
from dunning.records.queries.cases.case import LetterLine, list_letters
from dunning.rules.course.eligibility import check
from dunning.rules.course.steps import ONE_DAY, letter_deadline
from dunning.rules.facts import Entry, Facts
from dunning.rules.gates import DUNNING_ONLY
from dunning.rules.letters.letter import Letter, freeze_letter, language_for, name_recipient, thaw_letter
from dunning.rules.letters.lines import list_position, price_claim, price_letter, read_fee, state_interest
from dunning.rules.letters.mails import FirstLetterMail, MailContent, SecondLetterMail
from dunning.rules.mail_address import email_ok
from dunning.rules.money.costs import collection_costs
from dunning.rules.money.reference import creditor_reference
from dunning.rules.statuses import RUNNING
from dunning.rules.terms import FIRST_LETTER, PAYMENT_REMINDER, StepKind
from dunning.work import Work, begin_work


@dataclass(frozen=True)
class PreparedLetter:
    """A letter and its cover mail; `mail` is None when it goes by post only."""

    letter: Letter
    mail: Prepared | None


def prepare_letter(errand: StepErrand, desk: Desk) -> PreparedLetter | None:
    """Reads the facts again; None, and superseded, when the letter must not go out any more."""
    with begin_work(desk) as work:
        dossier = open_dossier(work.session, errand.receivable_id)
        case = dossier.case
        # posted on paper while its mail could not go out: one of the two is enough
        step = dossier.step(errand.step_id)
        if step.state == "done" or case is None or not _may_write(dossier, case, desk):
            supersede_step(work, dossier, errand, "not_due_any_more")
            return None
        made = list_letters(work.session, case.id)
        letter = compose_letter(dossier, step.kind, desk, _next_number(work.session, case, errand), made)
        writable = email_ok(dossier.buyer.email) and dossier.buyer.email_refused_at is None
        mail = (
            Prepared(_cover(dossier, letter), dossier.buyer.email, dossier.receivable.version)
            if writable
            else None
        )
        return PreparedLetter(letter, mail)


def _may_write(dossier: Dossier, case: Case, desk: Desk) -> bool:
    return case.status == RUNNING and check(dossier.read_facts(), desk.policy, desk.today).may_start


def _next_number(session: Session, case: Case, errand: StepErrand) -> int:
    """The letter's number in its case; a retry keeps the one it has."""
    others = select(func.count()).where(LetterRow.case_id == case.id, LetterRow.effect_id != errand.id)
    return (session.scalar(others) or 0) + 1


def compose_letter(
    dossier: Dossier, kind: StepKind, desk: Desk, number: int, made: Sequence[LetterLine]
) -> Letter:
    """The letter of the desk's day, complete; its lines add up to its total. `made` are the letters of its case."""
    facts, policy, today = dossier.read_facts(), desk.policy, desk.today
    fee = price_letter(kind, facts, policy, today)
    facts, claim = price_claim(facts, policy, fee, today)
    position, charges = list_position(facts, claim)
    deadline = letter_deadline(kind, today, facts, policy)
    interest_day = deadline + ONE_DAY if kind == FIRST_LETTER else today
    with_vat = not policy.creditor.input_tax_entitled
    return Letter(
        kind=kind,  # type: ignore[arg-type]  # LETTERS are the kinds of a letter
        language=language_for(dossier.buyer.country),
        number=number,
        on_date=today,
        deadline=deadline,
        payments_known_until=payments_known_until(desk),
        reminded_on=_find_reminder(facts, kind, made),
        order_id=dossier.order.order_id,
        order_date=dossier.order.order_date,
        product_name=dossier.order.product_name,
        vendor_name=dossier.vendor.name,
        creditor=policy.creditor,
        recipient=name_recipient(facts.buyer),
        reference=dossier.receivable.reference,
        rf_reference=creditor_reference(dossier.receivable.reference),
        positions=(position,),
        charges=charges,
        total=claim.total,
        interest=state_interest(facts, policy, claim, interest_day),
        business=facts.buyer.business,
        partner=None if facts.scheme == DUNNING_ONLY else policy.partner,
        collection_costs=collection_costs(claim.principal_left, today, with_vat=with_vat),
    )


def _find_reminder(facts: Facts, kind: StepKind, made: Sequence[LetterLine]) -> dt.date | None:
    """The day of the reminder or letter before; of a letter the one it bears, for it may be posted later."""
    dated = [letter.on for letter in made if letter.kind == FIRST_LETTER and letter.step_state == "done"]
    if kind != FIRST_LETTER and dated:
        return dated[-1]
    earlier = facts.done(PAYMENT_REMINDER if kind == FIRST_LETTER else FIRST_LETTER)
    return earlier.done_on if earlier else None


def _cover(dossier: Dossier, letter: Letter) -> MailContent:
    common: dict[str, Any] = {
        "language": letter.language,
        "buyer_name": dossier.read_facts().buyer.name,
        "order_id": letter.order_id,
        "order_date": letter.order_date,
        "product_name": letter.product_name,
        "vendor_name": letter.vendor_name,
        "due_date": dossier.read_facts().due_date,
        "open_cents": letter.total,
        "rf_reference": letter.rf_reference,
        "rate_number": dossier.read_facts().rate_number,
        "rates": dossier.read_facts().order.rates,
        "letter_date": letter.on_date,
        "deadline": letter.deadline,
    }
    if letter.kind == FIRST_LETTER:
        return FirstLetterMail(**common)
    return SecondLetterMail(**common, partner_name=letter.partner.name if letter.partner else "")


def keep_letter(errand: StepErrand, desk: Desk, letter: Letter, sha256: str) -> None:
    """Notes the letter and its hash before it is sent; made anew, it replaces what never went out."""
    with begin_work(desk) as work:
        case = find_case(work.session, errand)
        row = work.session.scalar(select(LetterRow).where(LetterRow.effect_id == errand.id))
        if row is None:
            row = LetterRow(
                vendor_id=errand.vendor_id, case_id=case.id, step_id=errand.step_id, effect_id=errand.id
            )
            work.session.add(row)
        if row.posted_on is not None:  # meanwhile; what the buyer holds in hand is never changed
            return
        row.number, row.kind, row.on_date = letter.number, letter.kind, letter.on_date
        row.deadline, row.total_cents = letter.deadline, letter.total
        row.content, row.sha256, row.created_at = freeze_letter(letter), sha256, desk.now
        effects.change(work.session, errand, phase="pre_data")


def find_case(session: Session, errand: StepErrand) -> Case:
    """The case without counting its version up: keeping a letter changes no fact the letter was made from."""
    return session.scalars(select(Case).where(Case.receivable_id == errand.receivable_id)).one()


def finish_letter(errand: StepErrand, desk: Desk, receipt: str) -> None:
    """The letter is out: step, deadline, fee and history in one transaction with the effect."""
    with begin_work(desk) as work:
        dossier = open_dossier(work.session, errand.receivable_id)
        row = work.session.scalars(select(LetterRow).where(LetterRow.effect_id == errand.id)).one()
        row.mailed_at = desk.now
        complete_letter(work, dossier, row, errand)
        effects.finish(work.session, errand, desk.now, {"receipt": receipt, "sha256": row.sha256})
        schedule_after_today(work, dossier)


def complete_letter(work: Work, dossier: Dossier, row: LetterRow, errand: StepErrand) -> None:
    """The letter went out by mail; its step is done on the letter's day unless it was posted before."""
    if dossier.step(errand.step_id).state != "done":
        complete_step(work, dossier, row, work.today)
    note_event(work.by_system, dossier.known_case, "letter_sent", kind=row.kind, number=row.number)


def complete_step(work: Work, dossier: Dossier, row: LetterRow, done_on: dt.date) -> None:
    """The step is done on that day, with the deadline the letter names; the letter's fee is posted once."""
    fee = read_fee(thaw_letter(row.content))
    step = dossier.step(row.step_id)
    step.state, step.done_on, step.deadline, step.reason = "done", done_on, row.deadline, ""
    if fee:
        _post_fee(work, dossier, fee)
    # money may have come in while the letter was under way: it decides whether the fee stands
    settle_dossier(work, dossier)


def _post_fee(work: Work, dossier: Dossier, fee: Entry) -> None:
    key = f"{fee.kind}:{dossier.receivable.id}"
    post_entry(work, dossier, NewEntry(fee.kind, fee.cents, fee.value_date, source="letter", dedupe_key=key))


def leave_to_post(errand: StepErrand, desk: Desk, refused: str = "") -> None:
    """No working address: the letter waits to be printed and posted; its step is done when that is noted.

    `refused`: what the mail server says of an address it will not take mail for.
    """
    evidence = {"post_only": True} | ({"refused": refused} if refused else {})
    with begin_work(desk) as work:
        effects.finish(work.session, errand, desk.now, evidence)
