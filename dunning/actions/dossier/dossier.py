"""Reads the records of a receivable into the facts its rules are asked with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dunning.actions.dossier.refusals import NotFound
from dunning.records.cases import Case, Step
from dunning.records.orders import Buyer, LedgerEntry, Order, Receivable
from dunning.records.people import IncassoSettings, Vendor
from dunning.rules.facts import BuyerFacts, CaseFacts, Entry, Facts, OrderFacts, StepFacts, VendorFacts
from dunning.rules.gates import Settings
from dunning.rules.terms import EntryKind

Row = TypeVar("Row", LedgerEntry, Step)


@dataclass
class Dossier:
    """Everything on one receivable, loaded for a verb."""

    receivable: Receivable
    order: Order
    buyer: Buyer
    vendor: Vendor
    settings: IncassoSettings
    case: Case | None
    entries: list[LedgerEntry]
    steps: list[Step]

    def read_facts(self) -> Facts:
        """What the rules see of it now: read anew from the rows each time, since verbs change them."""
        receivable = self.receivable
        kinds = {entry.id: entry.kind for entry in self.entries}
        return Facts(
            order=_read_order(self.order, self.receivable),
            buyer=_read_buyer(self.buyer),
            vendor=VendorFacts(
                self.vendor.id, self.vendor.name, self.vendor.active, read_settings(self.settings)
            ),
            rate_number=receivable.rate_number,
            due_date=receivable.due_date,
            original_cents=receivable.original_cents,
            entries=tuple(read_entry(entry, kinds) for entry in self.entries),
            steps=tuple(_read_step(step) for step in self.steps),
            case=_read_case(self.case) if self.case else None,
            failed_on=receivable.failed_on,
            charged_back_on=receivable.charged_back_on,
            promised_until=receivable.promised_until,
            disputed=receivable.disputed,
        )

    @property
    def known_case(self) -> Case:
        """Its case, for whoever has come here through it or has seen it."""
        assert self.case is not None  # noqa: S101 - see above
        return self.case

    def step(self, step_id: int) -> Step:
        return next(step for step in self.steps if step.id == step_id)


def open_dossier(session: Session, receivable_id: int) -> Dossier:
    """Like `open_dossiers`, for one; NotFound when there is none."""
    dossiers = open_dossiers(session, [receivable_id])
    if not dossiers:
        raise NotFound(receivable_id)
    return dossiers[0]


def open_dossiers(session: Session, receivable_ids: Sequence[int]) -> list[Dossier]:
    """Locks receivables for this transaction, counts their versions up and loads all that hangs on them.

    The UPDATE is the lock on PostgreSQL (SQLite's BEGIN IMMEDIATE is one already) and tells whoever is about to send
    something that the facts may have changed.
    """
    if receivable_ids:
        touched = (
            update(Receivable).where(Receivable.id.in_(receivable_ids)).values(version=Receivable.version + 1)
        )
        session.execute(touched.execution_options(synchronize_session=False))
    return read_dossiers(session, receivable_ids)


def touch_order(session: Session, dossier: Dossier) -> None:
    """Counts up the versions of the order's other receivables: they share its buyer, whose facts have changed."""
    others = (Receivable.order_pk == dossier.order.id, Receivable.id != dossier.receivable.id)
    touched = update(Receivable).where(*others).values(version=Receivable.version + 1)
    session.execute(touched.execution_options(synchronize_session=False))


def open_case_dossier(session: Session, case_id: int, vendor_id: int | None) -> tuple[Dossier, Case]:
    """Like `open_dossier`, by case; with `vendor_id` another vendor's case is not found."""
    query = select(Case.receivable_id).where(Case.id == case_id)
    if vendor_id is not None:
        query = query.where(Case.vendor_id == vendor_id)
    receivable_id = session.scalar(query)
    if receivable_id is None:
        raise NotFound(case_id)
    dossier = open_dossier(session, receivable_id)
    return dossier, dossier.known_case


def read_dossiers(session: Session, receivable_ids: Sequence[int]) -> list[Dossier]:
    """Loads receivables with all that hangs on them in a handful of statements, in the order of the ids."""
    if not receivable_ids:
        return []
    head = (
        select(Receivable, Order, Buyer, Vendor, IncassoSettings, Case)
        .join(Order, Order.id == Receivable.order_pk)
        .join(Buyer, Buyer.order_pk == Order.id)
        .join(Vendor, Vendor.id == Receivable.vendor_id)
        .join(IncassoSettings, IncassoSettings.user_id == Vendor.id)
        .outerjoin(Case, Case.receivable_id == Receivable.id)
        .where(Receivable.id.in_(receivable_ids))
        .execution_options(populate_existing=True)
    )
    entries = _group(
        session.scalars(
            select(LedgerEntry).where(LedgerEntry.receivable_id.in_(receivable_ids)).order_by(LedgerEntry.id)
        )
    )
    steps = _group(
        session.scalars(select(Step).where(Step.receivable_id.in_(receivable_ids)).order_by(Step.id))
    )
    dossiers = {
        receivable.id: Dossier(
            receivable,
            order,
            buyer,
            vendor,
            settings,
            case,
            entries.get(receivable.id, []),
            steps.get(receivable.id, []),
        )
        for receivable, order, buyer, vendor, settings, case in session.execute(head)
    }
    return [dossiers[key] for key in receivable_ids if key in dossiers]


def _group(rows: Iterable[Row]) -> dict[int, list[Row]]:
    grouped: dict[int, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row.receivable_id, []).append(row)
    return grouped


def find_order_dossiers(session: Session, order_id: str, vendor_id: int | None) -> list[Dossier]:
    """All receivables of an order, by rate; empty when unknown or another vendor's."""
    query = (
        select(Receivable.id).join(Order).where(Order.order_id == order_id).order_by(Receivable.rate_number)
    )
    if vendor_id is not None:
        query = query.where(Order.vendor_id == vendor_id)
    return read_dossiers(session, session.scalars(query).all())


def read_settings(settings: IncassoSettings) -> Settings:
    return Settings(
        scheme=settings.incasso_schema,
        review=settings.incasso_review,
        threshold=settings.handover_threshold,
        auto_chargebacks=settings.auto_chargebacks,
        remainder=settings.remainder,
    )


def _read_order(order: Order, receivable: Receivable) -> OrderFacts:
    return OrderFacts(
        order_id=order.order_id,
        order_date=order.order_date,
        method=order.payment_method,
        plan=order.payment_plan,
        rates=order.rates,
        currency=order.currency,
        product_name=order.product_name,
        test_payment=order.test_payment,
        cancelled=(order.cancelled_on or receivable.cancelled_on) is not None,
    )


def _read_buyer(buyer: Buyer) -> BuyerFacts:
    return BuyerFacts(
        first_name=buyer.first_name,
        last_name=buyer.last_name,
        company=buyer.company,
        email=buyer.email,
        phone=buyer.phone,
        street=buyer.street,
        house_number=buyer.house_number,
        details=buyer.details,
        zipcode=buyer.zipcode,
        city=buyer.city,
        country=buyer.country,
        email_refused=buyer.email_refused_at is not None,
        undeliverable_on=buyer.undeliverable_on,
    )


def read_entry(entry: LedgerEntry, kinds: dict[int, EntryKind]) -> Entry:
    reverses = kinds.get(entry.reverses_id) if entry.reverses_id else None
    return Entry(
        entry.kind,
        entry.cents,
        entry.value_date,
        reverses,
        id=entry.id,
        reverses_id=entry.reverses_id,
        source=entry.source,
    )


def _read_step(step: Step) -> StepFacts:
    return StepFacts(step.kind, step.state, step.due_on, step.round, step.done_on, step.deadline, step.reason)


def _read_case(case: Case) -> CaseFacts:
    return CaseFacts(
        id=case.id,
        status=case.status,
        opened_on=case.opened_on,
        consent=case.handover_consent,
        scheme=case.scheme,
        round=case.round,
        started_on=case.started_on,
        unblocked_on=case.unblocked_on,
        blocked_until=case.blocked_until,
        claim_in_review=case.claim_in_review,
        chargeback=case.chargeback,
    )
