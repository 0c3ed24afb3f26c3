"""What dunning, collection and court cost the debtor, each with its source; all amounts in cents.

Dunning letters: damage by default (§§ 280, 286, 288(5) BGB). Collection: § 13e RDG lets an agency claim
what a lawyer could (§ 13 RVG, VV 2300, 7002, 7008). Court: KV 1100 and § 34 GKG. The value is the
principal alone (§ 23 RVG, § 43 GKG). Tables are picked by the day of the order (§ 60 RVG); for a day
before the first table there are no amounts: None.
"""

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from dunning.rules.cents import round_half_up
from dunning.rules.policy_tables import Fees

TABLE_FILE = Path(__file__).parents[1] / "data" / "fee_tables.toml"
LOWEST_STEP = 500_00
SMALL_CLAIM = 50_00
SMALLEST_FEE = 15_00
LARGEST_EXPENSES = 20_00
EXPENSES_PERCENT = 20
VAT_PERCENT = 19
SIMPLE_RATE = Decimal("0.5")
USUAL_RATE = Decimal("0.9")
COURT_RATE = Decimal("0.5")


@dataclass(frozen=True)
class FeeTable:
    """A fee table by value: `base` up to 500 €, then rows of (up to, step, fee per begun step)."""

    valid_from: date
    base: int
    rows: tuple[tuple[int | None, int, int], ...]
    special: int


@dataclass(frozen=True)
class CollectionFee:
    """An agency's fee: full 1.0 fee, the fee at its rate, expenses, both together, VAT, everything."""

    full_fee: int
    fee: int
    expenses: int
    net: int
    vat: int
    gross: int


def read_tables(name: str, special: str) -> tuple[FeeTable, ...]:
    """The tables of one law, newest first."""
    tables: list[dict[str, Any]] = tomllib.loads(TABLE_FILE.read_text(encoding="utf-8"))[name]
    return tuple(FeeTable(t["valid_from"], t["base"], read_rows(t["steps"]), t[special]) for t in tables)


def read_rows(steps: list[dict[str, int]]) -> tuple[tuple[int | None, int, int], ...]:
    return tuple((step.get("up_to"), step["step"], step["fee"]) for step in steps)


RVG_TABLES = read_tables("rvg", special="small_claim")
GKG_TABLES = read_tables("gkg", special="dunning_minimum")


def letter_fee(fees: Fees, *, business: bool, on_paper: bool, in_default: bool) -> int:
    """What the debtor owes for a letter: nothing for the one that causes default.

    A business owes the lump sum of § 288(5) BGB instead, once per receivable: the caller books it once.
    A consumer owes the policy's cost of a letter on paper and nothing for an e-mail.
    """
    if not in_default:
        return 0
    if business:
        return fees.business_lump_sum
    return min(fees.consumer_letter, fees.consumer_cap) if on_paper else 0


def credit_lump_sum(lump_sum: int, legal_costs: int) -> int:
    """Lump sum and costs of legal pursuit together: the lump sum is credited (§ 288(5) sentence 3 BGB)."""
    return max(lump_sum, legal_costs)


def find_table(tables: tuple[FeeTable, ...], on: date) -> FeeTable | None:
    """The table in force on that day, None before the first."""
    return next((table for table in tables if table.valid_from <= on), None)


def look_up(table: FeeTable, value: int) -> int:
    """One full (1.0) fee for the value: § 13(1) RVG, § 34(1) GKG."""
    fee, low = table.base, LOWEST_STEP
    for up_to, step, increase in table.rows:
        if value <= low:
            break
        high = value if up_to is None else min(value, up_to)
        fee += -(-(high - low) // step) * increase
        low = high
    return fee


def collection_fee(
    value: int, rate: Decimal, on: date, *, undisputed: bool = True, with_vat: bool = False
) -> CollectionFee | None:
    """An agency's fee at a rate of VV 2300; § 13(2) RVG has one fee for undisputed claims up to 50 €.

    VAT only when the creditor cannot deduct it (`with_vat`).
    """
    table = find_table(RVG_TABLES, on)
    if table is None:
        return None
    small = undisputed and value <= SMALL_CLAIM
    full_fee = table.special if small else look_up(table, value)
    fee = apply_rate(full_fee, rate)
    expenses = min(round_half_up(Fraction(fee * EXPENSES_PERCENT, 100)), LARGEST_EXPENSES)
    net = fee + expenses
    vat = round_half_up(Fraction(net * VAT_PERCENT, 100)) if with_vat else 0
    return CollectionFee(full_fee, fee, expenses, net, vat, net + vat)


def apply_rate(full_fee: int, rate: Decimal) -> int:
    """A fee at its rate, at least 15 € (§ 13(3) RVG)."""
    return max(round_half_up(Fraction(rate) * full_fee), SMALLEST_FEE)


def collection_costs(principal: int, on: date, *, with_vat: bool = False) -> tuple[int, int] | None:
    """What collection will cost: paid within two weeks of the first demand (0.5), and usually (0.9)."""
    low = collection_fee(principal, SIMPLE_RATE, on, with_vat=with_vat)
    high = collection_fee(principal, USUAL_RATE, on, with_vat=with_vat)
    return (low.gross, high.gross) if low and high else None


def court_fee(value: int, on: date) -> int | None:
    """The court's fee for a Mahnbescheid: half of § 34 GKG, at least the minimum of KV 1100."""
    table = find_table(GKG_TABLES, on)
    return max(round_half_up(Fraction(COURT_RATE) * look_up(table, value)), table.special) if table else None
