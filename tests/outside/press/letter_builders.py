"""Letters for tests: the sample of the design, and variations of it."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

from dunning.rules.letters.letter import Interest, Letter, Line, Position, Recipient
from dunning.rules.money.interest import accrue_interest
from dunning.rules.policy import load_policy

POLICY = load_policy()
ORDERED = dt.date(2026, 9, 4)
FIRST_DAY = dt.date(2026, 9, 14)
SECOND_DAY = dt.date(2026, 11, 23)
BERGER = Recipient(
    first_name="Anna", last_name="Berger", street="Lindenstraße", house_number="12", zipcode="50674", city="Köln",
    country="DE",
)  # fmt: skip
LONG = Recipient(
    company="Gesellschaft für angewandte Lichtbildkunst und digitale Bildbearbeitung mbH & Co. KG",
    first_name="Maximiliane-Charlotte",
    last_name="von Hohenstein",
    details="Hinterhaus, 3. OG, bei Dr. Schulze-Delitzsch",
    street="Bürgermeister-Spitta-Allee",
    house_number="145–147 a",
    zipcode="10115",
    city="Berlin",
    country="DE",
)
PRINCIPAL = Line(kind="principal", cents=490_00, on=ORDERED)
PAYMENT = Line(kind="payment", cents=-100_00, on=dt.date(2026, 10, 12))
FEE = Line(kind="fee", cents=1_00, on=SECOND_DAY)
LUMP_SUM = Line(kind="lump_sum", cents=40_00, on=SECOND_DAY)


def a_first_letter(**changes: Any) -> Letter:
    """490.00 € unpaid, the reminder unanswered; changes of lines change the total."""
    letter = {
        "kind": "first_letter",
        "language": "de",
        "number": 1,
        "on_date": FIRST_DAY,
        "deadline": dt.date(2026, 9, 23),
        "payments_known_until": dt.datetime(2026, 9, 13, 18, 0),  # noqa: DTZ001 - local, printed
        "reminded_on": dt.date(2026, 9, 9),
        "order_id": "M6B5zL7i",
        "order_date": ORDERED,
        "product_name": "Onlinekurs Bildbearbeitung",
        "vendor_name": "Kurs GmbH",
        "creditor": POLICY.creditor,
        "recipient": BERGER,
        "reference": "M2026000042",
        "rf_reference": "RF93M2026000042",
        "positions": (a_position(PRINCIPAL),),
        "interest": Interest(points=5, rate=Decimal("6.52"), daily_cents=9),
        "partner": POLICY.partner,
        **changes,
    }
    lines = [line for position in letter["positions"] for line in position.lines]
    total = sum(line.cents for line in (*lines, *letter.get("charges", ())))
    return Letter(**{"total": total, **letter})


def a_second_letter(**changes: Any) -> Letter:
    """The design's sample: 100.00 € paid meanwhile, 395.59 € to pay."""
    lines = (
        PRINCIPAL,
        *interest_lines(490_00, dt.date(2026, 9, 24), dt.date(2026, 10, 11)),
        PAYMENT,
        *interest_lines(391_58, dt.date(2026, 10, 12), SECOND_DAY),
    )
    second = {
        "kind": "second_letter",
        "number": 2,
        "on_date": SECOND_DAY,
        "deadline": dt.date(2026, 12, 2),
        "payments_known_until": dt.datetime(2026, 11, 22, 18, 0),  # noqa: DTZ001 - local, printed
        "reminded_on": FIRST_DAY,
        "positions": (a_position(*lines),),
        "charges": (FEE,),
        "interest": Interest(points=5, rate=Decimal("6.52"), daily_cents=7),
        "collection_costs": (30_90, 55_62),
    }
    return a_first_letter(**{**second, **changes})


def a_business_letter() -> Letter:
    """Nine points, the lump sum instead of a fee, and the longest address."""
    lines = (
        PRINCIPAL,
        *interest_lines(490_00, dt.date(2026, 9, 24), dt.date(2026, 10, 11), points=9),
        PAYMENT,
        *interest_lines(392_54, dt.date(2026, 10, 12), SECOND_DAY, points=9),
    )
    return a_second_letter(
        recipient=LONG,
        business=True,
        positions=(a_position(*lines),),
        charges=(LUMP_SUM,),
        vendor_name="Akademie für Lichtbildkunst Schmidt & Söhne GmbH",
        interest=Interest(points=9, rate=Decimal("10.52"), daily_cents=11),
    )


def a_letter_of_twelve_rates() -> Letter:
    """Two pages: twelve instalments, each with two lines of interest."""
    positions = []
    for number in range(1, 13):
        due = dt.date(2025 + (number + 9) // 12, (number + 9) % 12 + 1, 15)
        lines = (Line(kind="principal", cents=99_50, on=due), *interest_lines(99_50, due, SECOND_DAY))
        positions.append(
            replace(a_position(*lines), rate_number=number, rates=12, invoice=f"RE-2025-204{number:02d}")
        )
    return a_second_letter(positions=tuple(positions), product_name="Jahresausbildung Fotografie")


def a_position(*lines: Line) -> Position:
    return Position(invoice="RE-2026-10417", invoice_date=ORDERED, lines=lines)


def interest_lines(cents: int, first: dt.date, last: dt.date, points: int = 5) -> tuple[Line, ...]:
    return tuple(
        Line(
            kind="interest",
            cents=segment.cents,
            first_day=segment.first_day,
            last_day=segment.last_day,
            days=segment.days,
            base_cents=segment.principal,
            rate=segment.rate,
        )
        for segment in accrue_interest(cents, first, last, points=points)
    )
