"""The handover in the partner's words: bodies of its public API, documented field names only.

`occurence_date` is its spelling; a name or type that is not documented there is never sent. Amounts are
integer cents here and `{"value": "1202.50", "currency": "EUR"}` there.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from dunning.rules.facts import BuyerFacts
from dunning.rules.gates import COURT
from dunning.rules.partner.handover import LONGEST_REFERENCE, Charge, Handover, PaymentMade

CURRENCY = "EUR"

# One type of charge is documented; the others go without a type and are named by their subject.
CHARGE_TYPES = {"fee": "reminder_fee"}
CHARGE_SUBJECTS = {
    "fee": "Mahnkosten",
    "lump_sum": "Verzugspauschale (§ 288 Abs. 5 BGB)",
    "return_fee": "Kosten der Rücklastschrift",
    "interest": "Verzugszinsen (§ 288 BGB)",
}
# what the vendor wants when the partner's letters fail
COURT_WISH = {
    "type": "desired_procedure",
    "value": "Bei Erfolglosigkeit gerichtliches Mahnverfahren gewünscht",
}


def write_amount(cents: int) -> dict[str, str]:
    """`{"value": "1202.50", "currency": "EUR"}` from cents."""
    return {"value": f"{cents // 100}.{cents % 100:02d}", "currency": CURRENCY}


def debtor_payload(handover: Handover) -> dict[str, Any]:
    """The body of `POST /v1/debtors/`; what is empty is left out."""
    debtor = handover.debtor
    return drop_empty(
        {
            "acting_as": "business" if debtor.business else "consumer",
            **name_debtor(debtor),
            "addresses": [write_address(debtor)],
            "communication_channels": list(list_channels(debtor)),
            "your_reference": handover.reference,
        }
    )


def name_debtor(debtor: BuyerFacts) -> dict[str, Any]:
    """A company goes by its name, everybody else as a person."""
    if debtor.business:
        return {"organization": {"name": debtor.company.strip()}}
    return {"person": {"first_name": debtor.first_name.strip(), "last_name": debtor.last_name.strip()}}


def write_address(debtor: BuyerFacts) -> dict[str, str]:
    """Street with number in one line; the addition has no field of its own and follows it."""
    line = f"{debtor.street.strip()} {debtor.house_number.strip()}".strip()
    return {
        "street": ", ".join(filter(None, (line, debtor.details.strip()))),
        "zip": debtor.zipcode.strip(),
        "city": debtor.city.strip(),
        "country": debtor.country.strip().upper(),
    }


def list_channels(debtor: BuyerFacts) -> Iterator[dict[str, str]]:
    """How to reach the debtor; an address the mail server refused for good is no channel."""
    if debtor.email.strip() and not debtor.email_refused:
        yield {"type": "email", "value": debtor.email.strip()}
    if debtor.phone.strip():
        yield {"type": "phone", "value": debtor.phone.strip()}


def claim_payload(handover: Handover, debtor_id: str) -> dict[str, Any]:
    """The body of `POST /v1/claims/`; the vendor is named as the seller, the creditor is the platform."""
    product = handover.product_name.strip() or f"Bestellung {handover.order_id}"
    return drop_empty(
        {
            "debtor": debtor_id,
            "your_reference": handover.reference,
            "document_reference": handover.order_id[:LONGEST_REFERENCE],
            "subject_matter": f"{product} (Verkäufer: {handover.vendor_name})",
            "occurence_date": write_day(handover.order_date),
            "document_date": write_day(handover.order_date),
            "due_date": write_day(handover.due_date),
            "reminder_date": write_day(handover.reminder_date),
            "delay_date": write_day(handover.delay_date),
            "main_claim_amount": write_amount(handover.principal),
            "total_claim_amount": write_amount(handover.total),
            "additional_charges_amount": write_amount(handover.charged),
            "additional_charges": [write_charge(charge) for charge in handover.charges],
            "payments": [write_payment(payment) for payment in handover.payments],
            # also under the court scheme: the partner writes first and goes to court when that fails
            "starting_approach": "extrajudicial",
            "claim_disputed": handover.disputed,
            "metadata": list(list_metadata(handover)),
        }
    )


def list_metadata(handover: Handover) -> Iterator[dict[str, str]]:
    """A claim submitted again names the one before it; the court scheme says what is wanted in the end."""
    if handover.previous_claim:
        yield {"type": "previous_claim", "value": handover.previous_claim}
    if handover.scheme == COURT:
        yield COURT_WISH


def write_charge(charge: Charge) -> dict[str, Any]:
    return drop_empty(
        {
            "type": CHARGE_TYPES.get(charge.kind),
            "subject_matter": CHARGE_SUBJECTS[charge.kind],
            "occurence_date": write_day(charge.on),
            "amount": write_amount(charge.cents),
        }
    )


def write_payment(payment: PaymentMade) -> dict[str, Any]:
    return drop_empty(
        {
            "your_reference": payment.reference[:LONGEST_REFERENCE],
            "amount": write_amount(payment.cents),
            "value_date": write_day(payment.value_date),
        }
    )


def write_day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def drop_empty(body: dict[str, Any]) -> dict[str, Any]:
    """Without nothing, empty texts and empty lists; False and amounts of zero stay."""
    return {name: value for name, value in body.items() if value not in (None, "", [])}
