"""The payments of a camt.053 entry: what each of its transactions moved, and what that means."""

from dunning.outside.bank.camt_entry import NOTHING_KNOWN, Details, Entry, EntryError
from dunning.outside.bank.entry import LONGEST_NAME, BankEntry, join_reference, write_cents
from dunning.outside.bank.meaning import Marks, find_fee, judge_entry
from dunning.outside.bank.statement import Statement
from dunning.rules.money.matching import NO_AMOUNT, NOT_BOOKED, UNREADABLE
from dunning.rules.terms import LeftOut


def list_payments(entry: Entry, details: list[Details]) -> list[tuple[BankEntry, Details]]:
    """The payments of an entry: each transaction of a batch is one. EntryError unless they add up to it."""
    parts = details or [NOTHING_KNOWN]
    amounts = split_entry(entry, parts)
    return [
        (_make_payment(entry, part, cents, alone=len(parts) == 1), part)
        for part, cents in zip(parts, amounts, strict=True)
        if cents or len(parts) == 1
    ]


def split_entry(entry: Entry, parts: list[Details]) -> list[int]:
    """Signed cents of each transaction, as the account was moved by it.

    What a bank charges may stand in the entry's amount and beside the transaction's: 103.00 taken, 100.00 and 3.00.
    """
    if len(parts) == 1:
        _check_alone(entry, parts[0])
        return [entry.cents]
    amounts = [_part_amount(part, entry) for part in parts]
    charged = [cents - part.charges for part, cents in zip(parts, amounts, strict=True)]
    if sum(amounts) == entry.cents:
        return amounts
    if sum(charged) == entry.cents:
        return charged
    raise EntryError("details_sum", write_cents(sum(amounts)), write_cents(entry.cents))


def _check_alone(entry: Entry, part: Details) -> None:
    """A single transaction has the entry's amount, or one that its charges explain."""
    if part.amount is None or part.amount.currency != entry.currency:
        return
    cents = (part.sign or _sign_of(entry)) * part.amount.cents
    if cents != entry.cents and not _is_charged(entry, part, cents):
        raise EntryError("details_sum", write_cents(cents), write_cents(entry.cents))


def _is_charged(entry: Entry, part: Details, cents: int) -> bool:
    """The account moved by the charges more or less; of a return without named charges by whatever was taken more."""
    return cents - part.charges == entry.cents or entry.cents < cents < 0


def _sign_of(entry: Entry) -> int:
    return 1 if entry.cents > 0 else -1


def _part_amount(part: Details, entry: Entry) -> int:
    """Signed cents of one of several transactions, in the entry's currency."""
    for amount in (part.amount, part.instructed):
        if amount and amount.currency == entry.currency:
            return (part.sign or _sign_of(entry)) * amount.cents
    raise EntryError("details_amount")


def _make_payment(entry: Entry, part: Details, cents: int, *, alone: bool) -> BankEntry:
    lines = part.lines if part.lines or part.structured or not alone else (entry.text,)
    reference = join_reference(part.structured, lines, part.end_to_end)
    left_out = _judge(entry, part, cents)
    fee = 0
    if cents < 0 and not left_out:
        fee = find_fee(-cents, _find_original(entry, part, -cents), part.charges, reference)
    return BankEntry(
        amount_cents=_count_sent(entry, part, cents) if cents > 0 else cents + fee,
        moved_cents=cents,
        currency=entry.currency,
        value_date=entry.value_date,
        booked_on=entry.booked_on,
        reference=reference,
        payer_name=part.payer_name[:LONGEST_NAME],
        payer_iban=part.payer_iban,
        return_code=part.return_code,
        return_fee_cents=fee,
        structured=part.structured,
        end_to_end=part.end_to_end,
        left_out=left_out,
    )


def _judge(entry: Entry, part: Details, cents: int) -> LeftOut | None:
    if not entry.booked:
        return NOT_BOOKED
    if not cents:
        return NO_AMOUNT
    marks = Marks(
        codes=part.codes or entry.codes,
        returned=part.returned or entry.returned,
        reversal=entry.reversal,
        reason=part.return_code,
    )
    return judge_entry(cents, marks)


def _count_sent(entry: Entry, part: Details, cents: int) -> int:
    """What the payer sent: our bank's charges are ours, also where it keeps them from the money."""
    amount = part.amount
    charged = amount and amount.currency == entry.currency and amount.cents - part.charges == cents
    return amount.cents if amount and charged else cents


def _find_original(entry: Entry, part: Details, taken: int) -> int:
    """Cents of the debit that came back, as far as the transaction says; 0 when it does not."""
    if part.instructed and part.instructed.currency == entry.currency:
        return part.instructed.cents
    if part.amount and part.amount.currency == entry.currency and part.amount.cents < taken:
        return part.amount.cents
    return 0


def park_entry(error: EntryError, statement: Statement, entry: Entry | None) -> BankEntry | None:
    """An entry that cannot be read in full, for a person, as far as it says something; None without any day."""
    day = entry.booked_on if entry else statement.day
    if day is None:
        return None
    cents = entry.cents if entry else 0
    return BankEntry(
        amount_cents=cents,
        moved_cents=cents,
        currency=entry.currency if entry else "EUR",
        value_date=entry.value_date if entry else day,
        booked_on=day,
        reference=join_reference("", (str(error.at(statement)), entry.text if entry else ""), ""),
        left_out=UNREADABLE,
    )
