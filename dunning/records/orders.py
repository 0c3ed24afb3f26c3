"""Orders, buyers, receivables, payments and the append-only ledger. All amounts are integer cents."""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dunning.records.database import Base, Key
from dunning.rules.money.reference import fold_order_id
from dunning.rules.terms import ENTRY_KINDS, EntryKind, EntrySource, NextStep, PaymentSource


def fold_given_order_id(context: DefaultExecutionContext) -> str:
    """The default of `order_id_folded`."""
    given = context.get_current_parameters()  # type: ignore[no-untyped-call]  # untyped in the library
    return fold_order_id(given["order_id"])


class Order(Base):
    """One order of the platform; its order ID is unique there."""

    __tablename__ = "orders"
    __table_args__ = (Index(None, "vendor_id", "order_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendors.id"))
    order_id: Mapped[str] = mapped_column(unique=True)
    # upper case without spaces and dashes, as a remittance text may spell it
    order_id_folded: Mapped[str] = mapped_column(default=fold_given_order_id, index=True)
    order_date: Mapped[dt.date]
    payment_method: Mapped[str]
    payment_plan: Mapped[str]
    rates: Mapped[int] = mapped_column(default=1)
    currency: Mapped[str] = mapped_column(default="EUR")
    product_id: Mapped[str] = mapped_column(default="")
    product_name: Mapped[str] = mapped_column(default="")
    test_payment: Mapped[bool] = mapped_column(default=False)
    cancelled_on: Mapped[dt.date | None]
    # the picture its events gave when they were last applied: only what changed since is written
    reported: Mapped[dict[str, Any] | None]
    # sums over the receivables, kept by actions.balances in the transaction that changes them
    amount_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    paid_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[dt.datetime]

    buyer: Mapped["Buyer"] = relationship(back_populates="order")
    receivables: Mapped[list["Receivable"]] = relationship(
        back_populates="order", order_by="Receivable.rate_number"
    )


class Buyer(Base):
    """Who owes an order: one row per order, because an address belongs to the order it was given for."""

    __tablename__ = "buyers"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendors.id"))
    order_pk: Mapped[int] = mapped_column(ForeignKey("orders.id"), unique=True)
    buyer_id: Mapped[str] = mapped_column(default="")
    first_name: Mapped[str] = mapped_column(default="")
    last_name: Mapped[str] = mapped_column(default="")
    company: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    # the mail server refused this address for good; cleared when another one comes in
    email_refused_at: Mapped[dt.datetime | None]
    phone: Mapped[str] = mapped_column(default="")
    street: Mapped[str] = mapped_column(default="")
    house_number: Mapped[str] = mapped_column(default="")
    details: Mapped[str] = mapped_column(default="")
    zipcode: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")
    # " anna berger " folded by rules.names.fold: a word prefix is found by LIKE '% ber%'
    search_text: Mapped[str] = mapped_column(default="")
    # a letter came back from this address; cleared when another one is known
    undeliverable_on: Mapped[dt.date | None]
    corrected_at: Mapped[dt.datetime | None]
    # an imported address that differs from one corrected here waits as a proposal
    proposal: Mapped[dict[str, Any] | None]

    order: Mapped[Order] = relationship(back_populates="buyer")


class Receivable(Base):
    """One amount with one due date. Its steps, its ledger and at most one case hang on it."""

    __tablename__ = "receivables"
    __table_args__ = (
        UniqueConstraint("order_pk", "rate_number"),
        CheckConstraint("original_cents > 0", name="original"),
        # the daily run asks this one: what is due, never what is open
        Index(
            "ix_receivables_agenda", "next_step_on", "id", postgresql_where=text("next_step_on is not null")
        ),
        Index(None, "vendor_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendors.id"))
    order_pk: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    rate_number: Mapped[int] = mapped_column(default=1)
    due_date: Mapped[dt.date | None]
    original_cents: Mapped[int] = mapped_column(BigInteger)
    paid_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    # random, printed in letters (as RF reference) and given to the partner; never our key
    reference: Mapped[str] = mapped_column(unique=True)
    payment_status: Mapped[str] = mapped_column(default="pending")
    failed_on: Mapped[dt.date | None]
    # due after the end of its subscription: not owed
    cancelled_on: Mapped[dt.date | None]
    charged_back_on: Mapped[dt.date | None]
    promised_until: Mapped[dt.date | None]
    disputed: Mapped[bool] = mapped_column(default=False)
    # the values of the last import: "updated" compares with them, not with what was corrected here
    imported: Mapped[dict[str, Any] | None]
    next_step_kind: Mapped[NextStep | None]
    next_step_on: Mapped[dt.date | None]
    # counted up by every verb that touches the receivable; whoever acts outside compares it before
    version: Mapped[int] = mapped_column(default=1)

    order: Mapped[Order] = relationship(back_populates="receivables")


class Payment(Base):
    """Money as it arrived: recorded once by its identity, allocated when its value date has come."""

    __tablename__ = "payments"
    __table_args__ = (
        Index(
            "ix_payments_to_allocate",
            "value_date",
            postgresql_where=text("allocated_on is null"),
            sqlite_where=text("allocated_on is null"),
        ),
        Index(
            "ix_payments_to_clue",
            "id",
            postgresql_where=text("order_pk is null and not clued"),
            sqlite_where=text("order_pk is null and not clued"),
        ),
        Index(None, "order_pk"),
        Index(None, "transaction_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    # None while nobody knows whose money it is (unmatched)
    vendor_id: Mapped[int | None] = mapped_column(ForeignKey("vendors.id"))
    order_pk: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    identity: Mapped[str] = mapped_column(unique=True)
    # all that an entry of a bank says, and what its account held when its day began, in cents: outside/bank/entry.py
    fingerprint: Mapped[str] = mapped_column(default="", server_default="", index=True)
    day_opening: Mapped[int | None] = mapped_column(BigInteger)
    source: Mapped[PaymentSource]
    order_id_given: Mapped[str] = mapped_column(default="", index=True)
    rate_given: Mapped[int | None]
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(default="EUR")
    value_date: Mapped[dt.date]
    transaction_id: Mapped[str | None]
    reference: Mapped[str] = mapped_column(default="")
    payer_name: Mapped[str] = mapped_column(default="")
    payer_iban: Mapped[str] = mapped_column(default="")
    # of a returned debit: the bank's reason code, and what the bank charged, in cents
    return_code: Mapped[str] = mapped_column(default="")
    return_fee_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    # why nobody knows whose money it is; empty once it is assigned
    unmatched_reason: Mapped[str] = mapped_column(default="")
    # what its text may name stands in `payment_clues`, so that a new order asks for its own
    clued: Mapped[bool] = mapped_column(default=False, server_default=false())
    allocated_on: Mapped[dt.date | None]
    recorded_at: Mapped[dt.datetime]


class PaymentClue(Base):
    """What the text of a payment without an order may name: a folded order ID, or the body of an RF reference."""

    __tablename__ = "payment_clues"

    clue: Mapped[str] = mapped_column(primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), primary_key=True, index=True)


class LedgerEntry(Base):
    """One line of the ledger, signed by what it does to the claim. Never changed, never deleted: reversed."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        CheckConstraint(f"kind in {ENTRY_KINDS}", name="kind"),
        CheckConstraint("cents <> 0", name="cents"),
        Index(None, "receivable_id", "value_date"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendors.id"))
    receivable_id: Mapped[int] = mapped_column(ForeignKey("receivables.id"))
    kind: Mapped[EntryKind]
    cents: Mapped[int] = mapped_column(BigInteger)
    value_date: Mapped[dt.date]
    on_date: Mapped[dt.date]
    recorded_at: Mapped[dt.datetime]
    source: Mapped[EntrySource]
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"), index=True)
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_entries.id"))
    # what must never be posted twice carries a key: "fee:second_letter:1:<receivable>"
    dedupe_key: Mapped[str | None] = mapped_column(unique=True)
