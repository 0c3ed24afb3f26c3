"""What the product did beside what the walk says it should have done, order by order.

Every view is a dictionary by order ID, once as `found_…` in tables and mails, once as `expected_…` on
paper; orders to which nothing happened are in neither.
"""

import csv
import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from tests.replay.product import DATA, VENDOR_DOMAIN, Product
from tests.replay.walk import (
    LETTERS,
    SECOND_LETTER_FEE,
    Receivable,
    plan_unpaid,
    rest_after_payment,
    walk_receivable,
)

CALLS = ("service_call", "first_call", "second_call")
CALL_STATES = ("planned", "lapsed", "superseded")
# The call after the second letter has no next letter: whether the handover ends it is not written.
NEXT_LETTER = {"service_call": "first_letter", "first_call": "second_letter"}

View = dict[str, Any]


def compare(product: Product, receivables: Collection[Receivable]) -> dict[str, View]:
    """View -> order ID -> (found, expected) where they differ; empty views are what a test hopes for."""
    order_ids = {receivable.order_id for receivable in receivables}
    mails = read_mails(product, order_ids)
    pairs = {
        "events": (found_events(product), expected_events(receivables)),
        "lapsed calls": (found_lapsed(product), expected_lapsed(receivables)),
        "letters": (found_letters(product), expected_letters(receivables)),
        "mails": (found_mails(mails), expected_mails(receivables)),
        "attached files": (attached_hashes(mails), stored_hashes(product)),
        "claims at the partner": (found_claims(product), expected_claims(receivables)),
        "ledgers of cases": (found_ledgers(product), expected_ledgers(receivables)),
    }
    return {view: differences(found, expected) for view, (found, expected) in pairs.items()}


def differences(found: View, expected: View) -> View:
    return {
        key: (found.get(key), expected.get(key))
        for key in sorted(found.keys() | expected.keys())
        if found.get(key) != expected.get(key)
    }


def _by_order(pairs: Iterable[tuple[str, Any]]) -> View:
    """Order ID -> sorted list of all it was paired with, doubles kept."""
    collected = defaultdict(list)
    for order_id, thing in pairs:
        collected[order_id].append(thing)
    return {order_id: sorted(things) for order_id, things in collected.items()}


def _day(value: object) -> date:
    """SQLite answers text, PostgreSQL days."""
    return date.fromisoformat(str(value))


# --- steps and statuses --------------------------------------------------------------------------------

STEPS = """
    select orders.order_id, steps.kind, steps.state, steps.created_on, steps.done_on from steps
    join receivables on receivables.id = steps.receivable_id
    join orders on orders.id = receivables.order_pk
"""
OPENED = """
    select orders.order_id, 'opened', cases.opened_on from cases
    join receivables on receivables.id = cases.receivable_id
    join orders on orders.id = receivables.order_pk
"""
PAID = """
    select orders.order_id, 'paid', history.on_date from history
    join cases on cases.id = history.case_id
    join receivables on receivables.id = cases.receivable_id
    join orders on orders.id = receivables.order_pk
    where history.to_status = 'paid'
"""


def found_events(product: Product) -> View:
    """A call counts on the day its task was made, all else on the day it was done.

    A step in a state that the ledger cannot bring about appears as "kind:state", as something extra.
    """
    statuses = (*product.rows(OPENED), *product.rows(PAID))
    happened = [(order_id, (event, _day(day))) for order_id, event, day in statuses]
    for order_id, kind, state, created_on, done_on in product.rows(STEPS):
        if kind in CALLS and state in CALL_STATES:
            happened.append((order_id, (kind, _day(created_on))))
        elif kind not in CALLS and state == "done":
            happened.append((order_id, (kind, _day(done_on))))
        else:
            happened.append((order_id, (f"{kind}:{state}", _day(created_on))))
    return _by_order(happened)


def expected_events(receivables: Iterable[Receivable]) -> View:
    walked = {receivable.order_id: walk_receivable(receivable) for receivable in receivables}
    return {order_id: sorted(events.items()) for order_id, events in walked.items() if events}


def found_lapsed(product: Product) -> View:
    return _by_order(
        (order_id, kind)
        for order_id, kind, state, *_ in product.rows(STEPS)
        if state == "lapsed" and kind in NEXT_LETTER
    )


def expected_lapsed(receivables: Iterable[Receivable]) -> View:
    """Nobody makes a call here: it lapses when the next letter goes out."""
    return _by_order(
        (receivable.order_id, call)
        for receivable in receivables
        for call, letter in NEXT_LETTER.items()
        if letter in walk_receivable(receivable)
    )


# --- letters and mails ---------------------------------------------------------------------------------

STORED_LETTERS = """
    select orders.order_id, letters.kind, letters.on_date, letters.deadline, letters.sha256 from letters
    join cases on cases.id = letters.case_id
    join receivables on receivables.id = cases.receivable_id
    join orders on orders.id = receivables.order_pk
"""


def found_letters(product: Product) -> View:
    return _by_order(
        (order_id, (kind, _day(on_date), _day(deadline)))
        for order_id, kind, on_date, deadline, _ in product.rows(STORED_LETTERS)
    )


def expected_letters(receivables: Iterable[Receivable]) -> View:
    return _by_order(
        (receivable.order_id, (letter, events[letter], deadline))
        for receivable in receivables
        for events in [walk_receivable(receivable)]
        for letter, deadline in zip(LETTERS, _deadlines(receivable), strict=True)
        if letter in events
    )


def _deadlines(receivable: Receivable) -> tuple[date, date]:
    plan = plan_unpaid(receivable.anchor, receivable.land)
    return plan.first_deadline, plan.second_deadline


def read_mails(product: Product, order_ids: Collection[str]) -> list[tuple[str, EmailMessage]]:
    """Every mail to a buyer with the one order it names; what goes to vendors is not of the walk."""
    files = sorted((product.home / "mail").glob("*.eml"))
    mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
    return [
        (_order_named_in(mail, order_ids), mail)
        for mail in mails
        if not _recipient(mail).endswith(f"@{VENDOR_DOMAIN}")
    ]


def _recipient(mail: EmailMessage) -> str:
    return str(mail["To"].addresses[0].addr_spec)


def _order_named_in(mail: EmailMessage, order_ids: Collection[str]) -> str:
    body = mail.get_body(("plain",))
    words = set(re.findall(r"\w+", f"{mail['Subject']} {body.get_content() if body else ''}"))
    named = sorted(words.intersection(order_ids))
    if len(named) != 1:
        raise AssertionError(f"the mail {mail['Message-ID']} names {named or 'no order'}")
    return str(named[0])


def _attached(mail: EmailMessage) -> list[bytes]:
    files = [part.get_content() for part in mail.iter_attachments()]
    return [file for file in files if isinstance(file, bytes) and file.startswith(b"%PDF-")]


def found_mails(mails: Iterable[tuple[str, EmailMessage]]) -> View:
    """Order ID -> recipient and number of attached PDF files of each mail."""
    return _by_order((order_id, (_recipient(mail), len(_attached(mail)))) for order_id, mail in mails)


def expected_mails(receivables: Iterable[Receivable]) -> View:
    with (DATA / "orders.csv").open(encoding="utf-8", newline="") as file:
        emails = {row["order_id"]: row["buyer_email"] for row in csv.DictReader(file, delimiter=";")}
    attachments = {"payment_reminder": 0, "first_letter": 1, "second_letter": 1}
    return _by_order(
        (receivable.order_id, (emails[receivable.order_id], attachments[event]))
        for receivable in receivables
        for event in walk_receivable(receivable)
        if event in attachments
    )


def attached_hashes(mails: Iterable[tuple[str, EmailMessage]]) -> View:
    return _by_order(
        (order_id, hashlib.sha256(file).hexdigest()) for order_id, mail in mails for file in _attached(mail)
    )


def stored_hashes(product: Product) -> View:
    return _by_order((row[0], row[4]) for row in product.rows(STORED_LETTERS))


# --- claims and money ----------------------------------------------------------------------------------

# Field names are those of the partner's API; its `document_reference` carries our order ID.
CLAIMS = "select body->>'document_reference', submission_state from sandbox_claims"
LEDGERS = """
    select orders.order_id, ledger_entries.kind, sum(ledger_entries.cents) from ledger_entries
    join cases on cases.receivable_id = ledger_entries.receivable_id
    join receivables on receivables.id = cases.receivable_id
    join orders on orders.id = receivables.order_pk
    group by orders.order_id, ledger_entries.kind
"""


def found_claims(product: Product) -> View:
    return _by_order(product.rows(CLAIMS))


def expected_claims(receivables: Iterable[Receivable]) -> View:
    walked = {receivable.order_id: walk_receivable(receivable) for receivable in receivables}
    return {order_id: ["accepted"] for order_id, events in walked.items() if "handover" in events}


def found_ledgers(product: Product) -> View:
    return _by_order(
        (order_id, (kind, int(cents))) for order_id, kind, cents in product.rows(LEDGERS) if cents
    )


def expected_ledgers(receivables: Iterable[Receivable]) -> View:
    """Of cases only, in cents: what was claimed, what came in, what was forgiven; the sum is 0."""
    walked = {receivable: walk_receivable(receivable) for receivable in receivables}
    return _by_order(
        (receivable.order_id, (kind, cents))
        for receivable, events in walked.items()
        if "opened" in events
        for kind, cents in _entries(receivable, events).items()
        if cents
    )


def _entries(receivable: Receivable, events: Mapping[str, date]) -> dict[str, int]:
    rest = rest_after_payment(receivable)
    fee = SECOND_LETTER_FEE if "second_letter" in events else 0
    return {
        "principal": receivable.principal,
        "payment": -receivable.principal,
        "fee": fee,
        "interest": rest - fee,
        "remainder_forgiven": -rest,
    }
