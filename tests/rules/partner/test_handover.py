"""What is handed over: the claim from the ledger, in the partner's words."""

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.rules.facts import BuyerFacts, Entry, Facts, OrderFacts, StepFacts, VendorFacts
from dunning.rules.gates import Settings
from dunning.rules.partner.handover import (
    POINT_OF_FIELD,
    REQUIRED_FIELDS,
    Charge,
    Handover,
    PaymentMade,
    freeze_handover,
    list_missing,
    list_red_points,
    map_submission,
    prepare_handover,
    present_fields,
    thaw_handover,
)
from dunning.rules.partner.payload import claim_payload, debtor_payload, write_amount
from dunning.web.words.point_labels import POINT_LABELS

# The names the partner documents, and no others.
DOCUMENTED = {
    "": {"acting_as", "person", "organization", "addresses", "communication_channels", "bank_accounts"}
    | {"your_reference", "metadata", "events", "debtor", "document_reference", "subject_matter"}
    | {"occurence_date", "document_date", "due_date", "reminder_date", "delay_date", "main_claim_amount"}
    | {"total_claim_amount", "items", "additional_charges_amount", "additional_charges", "payments"}
    | {"starting_approach", "claim_disputed", "obligation_fulfilled"},
    "person": {"salutation", "first_name", "last_name", "birth_date"},
    "organization": {"name"},
    "addresses": {"street", "zip", "city", "country"},
    "communication_channels": {"type", "value"},
    "additional_charges": {"type", "your_reference", "document_reference", "subject_matter", "occurence_date"}
    | {"document_date", "due_date", "amount", "metadata", "events"},
    "payments": {"your_reference", "amount", "value_date", "metadata"},
    "metadata": {"type", "value"},
}
AMOUNT = {"value", "currency"}

ANNA = BuyerFacts(
    first_name="Anna",
    last_name="Muster",
    email="anna@example.org",
    phone="+49 30 123456",
    street="Am Beispielbach",
    house_number="4",
    details="Hinterhaus",
    zipcode="80804",
    city="München",
    country="de",
)
HANDOVER = Handover(
    reference="8c1f0e5b7a2d",
    debtor=ANNA,
    order_id="M6B5zL7i",
    product_name="Konsole",
    order_date=dt.date(2026, 1, 2),
    due_date=dt.date(2026, 1, 3),
    reminder_date=dt.date(2026, 1, 13),
    delay_date=dt.date(2026, 1, 21),
    principal=120_000,
    charges=(Charge("fee", 100, dt.date(2026, 1, 23)), Charge("interest", 512, dt.date(2026, 2, 4))),
    payments=(PaymentMade(20_000, dt.date(2026, 1, 25), "bank 1"),),
    scheme=2,
    vendor_name="Beispiel Vertrieb",
)


def names_beyond_the_documentation(body: dict[str, Any]) -> set[str]:
    """Every field name that the partner does not know, with the object it stands in."""
    beyond = {name for name in body if name not in DOCUMENTED[""]}
    for parent, value in body.items():
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                known = DOCUMENTED.get(parent, AMOUNT)
                beyond |= {f"{parent}.{name}" for name in inner if name not in known}
    return beyond


@given(
    st.builds(
        replace,
        st.just(HANDOVER),
        debtor=st.builds(
            BuyerFacts,
            first_name=st.text(),
            last_name=st.text(),
            company=st.text(),
            email=st.text(),
            phone=st.text(),
        ),
        due_date=st.none() | st.just(dt.date(2026, 1, 3)),
        reminder_date=st.none() | st.just(dt.date(2026, 1, 3)),
        disputed=st.booleans(),
        scheme=st.sampled_from([1, 2, 3]),
    )
)
def test_no_name_is_sent_that_the_partner_does_not_document(handover: Handover) -> None:
    assert not names_beyond_the_documentation(debtor_payload(handover))
    assert not names_beyond_the_documentation(claim_payload(handover, "d1"))


def test_a_handover_survives_json() -> None:
    assert thaw_handover(json.loads(json.dumps(freeze_handover(HANDOVER)))) == HANDOVER


@pytest.mark.parametrize(
    ("cents", "value"), [(0, "0.00"), (5, "0.05"), (120_250, "1202.50"), (100_000_000, "1000000.00")]
)
def test_amounts_are_texts_with_two_decimals(cents: int, value: str) -> None:
    assert write_amount(cents) == {"value": value, "currency": "EUR"}


def test_a_consumer_is_a_person_at_an_address() -> None:
    assert debtor_payload(HANDOVER) == {
        "acting_as": "consumer",
        "person": {"first_name": "Anna", "last_name": "Muster"},
        "addresses": [
            {"street": "Am Beispielbach 4, Hinterhaus", "zip": "80804", "city": "München", "country": "DE"}
        ],
        "communication_channels": [
            {"type": "email", "value": "anna@example.org"},
            {"type": "phone", "value": "+49 30 123456"},
        ],
        "your_reference": "8c1f0e5b7a2d",
    }


def test_a_company_is_an_organization() -> None:
    body = debtor_payload(replace(HANDOVER, debtor=replace(ANNA, company=" Muster GmbH ")))
    assert (body["acting_as"], body["organization"]) == ("business", {"name": "Muster GmbH"})
    assert "person" not in body


def test_an_address_the_mail_server_refused_is_no_channel() -> None:
    body = debtor_payload(replace(HANDOVER, debtor=replace(ANNA, phone="", email_refused=True)))
    assert "communication_channels" not in body


def test_the_claim_carries_its_dates_and_sums() -> None:
    assert claim_payload(HANDOVER, "d1") == {
        "debtor": "d1",
        "your_reference": "8c1f0e5b7a2d",
        "document_reference": "M6B5zL7i",
        "subject_matter": "Konsole (Verkäufer: Beispiel Vertrieb)",
        "occurence_date": "2026-01-02",
        "document_date": "2026-01-02",
        "due_date": "2026-01-03",
        "reminder_date": "2026-01-13",
        "delay_date": "2026-01-21",
        "main_claim_amount": {"value": "1200.00", "currency": "EUR"},
        "total_claim_amount": {"value": "1006.12", "currency": "EUR"},
        "additional_charges_amount": {"value": "6.12", "currency": "EUR"},
        "additional_charges": [
            {
                "type": "reminder_fee",
                "subject_matter": "Mahnkosten",
                "occurence_date": "2026-01-23",
                "amount": {"value": "1.00", "currency": "EUR"},
            },
            {
                "subject_matter": "Verzugszinsen (§ 288 BGB)",
                "occurence_date": "2026-02-04",
                "amount": {"value": "5.12", "currency": "EUR"},
            },
        ],
        "payments": [
            {
                "your_reference": "bank 1",
                "amount": {"value": "200.00", "currency": "EUR"},
                "value_date": "2026-01-25",
            }
        ],
        "starting_approach": "extrajudicial",
        "claim_disputed": False,
    }


def test_a_chargeback_has_no_letters_and_says_no_dates_of_them() -> None:
    body = claim_payload(replace(HANDOVER, reminder_date=None, delay_date=None), "d1")
    assert {"reminder_date", "delay_date"}.isdisjoint(body)


@pytest.mark.parametrize("scheme", [2, 3])
def test_the_partner_always_writes_before_it_goes_to_court(scheme: int) -> None:
    assert claim_payload(replace(HANDOVER, scheme=scheme), "d1")["starting_approach"] == "extrajudicial"


def test_only_the_court_scheme_asks_for_the_court_when_the_partners_letters_fail() -> None:
    wish = {"type": "desired_procedure", "value": "Bei Erfolglosigkeit gerichtliches Mahnverfahren gewünscht"}
    assert wish in claim_payload(replace(HANDOVER, scheme=3), "d1")["metadata"]
    assert "metadata" not in claim_payload(HANDOVER, "d1")


def test_a_complete_handover_misses_nothing() -> None:
    assert list_missing(HANDOVER) == []


@pytest.mark.parametrize(
    ("handover", "missing"),
    [
        (replace(HANDOVER, reference=""), "reference"),
        (replace(HANDOVER, reference="x" * 256), "reference"),
        (replace(HANDOVER, due_date=None), "due_date"),
        (replace(HANDOVER, principal=0), "principal"),
        (replace(HANDOVER, debtor=replace(ANNA, first_name=" ")), "name"),
        (replace(HANDOVER, debtor=replace(ANNA, street="")), "street"),
        (replace(HANDOVER, debtor=replace(ANNA, zipcode="")), "zipcode"),
        (replace(HANDOVER, debtor=replace(ANNA, city="")), "city"),
        (replace(HANDOVER, debtor=replace(ANNA, country="")), "country"),
    ],
)
def test_what_the_partner_requires_is_named_when_missing(handover: Handover, missing: str) -> None:
    assert list_missing(handover) == [missing]


def test_what_is_missing_is_the_eligibility_point_of_that_name() -> None:
    nowhere = replace(HANDOVER, debtor=replace(ANNA, city=""), due_date=None, principal=0)
    assert list_red_points(nowhere) == ["city", "due_date_known", "open_amount"]
    assert list_red_points(HANDOVER) == []


def test_a_partner_that_needs_an_email_address_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(REQUIRED_FIELDS, "mail only", ("name", "email"))
    refused = replace(HANDOVER, debtor=replace(ANNA, email_refused=True))
    assert list_red_points(refused, "mail only") == ["email"]
    assert list_red_points(HANDOVER, "mail only") == []


def test_every_field_a_partner_may_require_is_a_point_that_has_a_label() -> None:
    fields = {name for names in REQUIRED_FIELDS.values() for name in names} | set(present_fields(HANDOVER))
    assert {POINT_OF_FIELD.get(name, name) for name in fields} <= set(POINT_LABELS)


def test_a_claim_submitted_again_names_the_one_before() -> None:
    again = thaw_handover(freeze_handover(replace(HANDOVER, previous_claim="c-17")))
    assert claim_payload(again, "d-1")["metadata"] == [{"type": "previous_claim", "value": "c-17"}]
    assert "metadata" not in claim_payload(HANDOVER, "d-1")


def test_a_company_needs_no_persons_name() -> None:
    assert list_missing(replace(HANDOVER, debtor=replace(ANNA, first_name="", company="Muster GmbH"))) == []


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("created", "review"),
        ("released", "review"),
        ("under_review", "review"),
        ("client_response_pending", "review"),
        ("accepted", "accepted"),
        ("rejected", "rejected"),
        ("astonished", None),
    ],
)
def test_every_state_of_a_claim_has_one_meaning(word: str, meaning: str | None) -> None:
    assert map_submission(word) == meaning


# --- From the ledger ---


def day(number: int) -> dt.date:
    return dt.date(2026, 1, 1) + dt.timedelta(days=number)


def facts_with(*entries: Entry, steps: tuple[StepFacts, ...] = ()) -> Facts:
    """Anna's order of 300 € from day 0, with these entries."""
    return Facts(
        order=OrderFacts("M6B5zL7i", day(0), "invoice", product_name="Konsole"),
        buyer=ANNA,
        vendor=VendorFacts(79424, "Beispiel Vertrieb", settings=Settings(scheme=2)),
        rate_number=1,
        due_date=day(0),
        original_cents=30_000,
        entries=(Entry("principal", 30_000, day(0)), *entries),
        steps=steps,
    )


def test_the_handover_is_the_sum_of_the_ledger() -> None:
    letter = StepFacts("first_letter", "done", day(10), done_on=day(10), deadline=day(18))
    paid = (Entry("payment", -10_000, day(12)), Entry("fee", 100, day(20)), Entry("interest", 77, day(33)))
    handover = prepare_handover(facts_with(*paid, steps=(letter,)), "r1", day(33))
    assert handover.total == 30_000 - 10_000 + 100 + 77
    assert handover.payments == (PaymentMade(10_000, day(12)),)
    assert handover.charges == (Charge("fee", 100, day(20)), Charge("interest", 77, day(33)))
    assert (handover.reminder_date, handover.delay_date, handover.scheme) == (day(10), day(19), 2)


def test_entries_of_a_later_value_date_do_not_count_yet() -> None:
    handover = prepare_handover(facts_with(Entry("payment", -10_000, day(40))), "r1", day(33))
    assert (handover.total, handover.payments) == (30_000, ())


def test_a_refund_lowers_the_claim_and_a_chargeback_takes_the_payment_back() -> None:
    """Paid 300, refund 50, chargeback 250: 250 open, and nothing is paid."""
    entries = (
        Entry("payment", -30_000, day(1)),
        Entry("refund", -5_000, day(5)),
        Entry("reversal", 5_000, day(5), reverses="refund"),
        Entry("chargeback", 25_000, day(9)),
    )
    handover = prepare_handover(facts_with(*entries), "r1", day(9))
    assert (handover.principal, handover.payments, handover.total) == (25_000, (), 25_000)
    assert (handover.reminder_date, handover.delay_date) == (None, None)


def test_what_was_taken_back_is_taken_off_the_newest_payment() -> None:
    entries = (
        Entry("payment", -20_000, day(8)),
        Entry("payment", -10_000, day(1)),
        Entry("chargeback", 15_000, day(9)),
    )
    handover = prepare_handover(facts_with(*entries), "r1", day(9))
    assert handover.payments == (PaymentMade(10_000, day(1)), PaymentMade(5_000, day(8)))


def test_a_reversed_fee_is_not_charged() -> None:
    entries = (Entry("fee", 100, day(20)), Entry("reversal", -100, day(25), reverses="fee"))
    assert prepare_handover(facts_with(*entries), "r1", day(33)).charges == ()
