"""Every published vector, from the file as it was published: rates, interest, fees, references."""

import hashlib
import json
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from dunning.rules.money.costs import GKG_TABLES, RVG_TABLES, collection_fee, court_fee, look_up
from dunning.rules.money.interest import accrue_interest, base_rate, sum_interest
from dunning.rules.money.reference import creditor_reference, girocode_payload

VECTORS = json.loads(
    (Path(__file__).parents[2] / "data" / "vectors" / "law.json").read_text(encoding="utf-8")
)
IN_FORCE = {"2025": date(2026, 11, 22), "2021": date(2025, 5, 31)}


def vectors(key):
    return pytest.mark.parametrize("vector", VECTORS[key], ids=str)


def test_the_base_rate_is_the_published_one_on_every_day():
    published = [(date.fromisoformat(v["valid_from"]), Decimal(v["percent"])) for v in VECTORS["base_rate"]]
    spans = pairwise([*published, (date(2026, 11, 23), None)])
    for (start, percent), (end, _) in spans:
        assert {base_rate(start + timedelta(days=n)) for n in range((end - start).days)} == {percent}


@vectors("interest_vectors")
@pytest.mark.parametrize("convention", ["act/act", "act/365"])
def test_interest_has_the_published_lines(vector, convention):
    key = convention.replace("/", "_")
    lines = accrue_interest(
        vector["principal"],
        date.fromisoformat(vector["from"]),
        date.fromisoformat(vector["to"]),
        points=vector["pp"],
        convention=convention,
    )
    assert [
        {
            "from": line.first_day.isoformat(),
            "to": line.last_day.isoformat(),
            "days": line.days,
            "rate": float(line.rate),
            "basis": line.year_days,
            "cents": line.cents,
        }
        for line in lines
    ] == vector[f"{key}_segments"]
    assert sum_interest(lines) == vector[key]


@pytest.mark.parametrize(
    ("tables", "name", "year"),
    [(RVG_TABLES, "rvg13", "2025"), (RVG_TABLES, "rvg13", "2021"), (GKG_TABLES, "gkg34", "2025")],
)
def test_the_fee_algorithm_gives_every_row_of_the_official_table(tables, name, year):
    table = next(t for t in tables if t.valid_from.year == int(year))
    rows = VECTORS[f"{name}_table_{year}"]
    assert {euros: look_up(table, int(euros) * 100) / 100 for euros in rows} == rows


@vectors("inkasso_vectors")
def test_collection_costs_are_the_published_ones(vector):
    cost = collection_fee(
        vector["value"],
        Decimal(vector["rate"]),
        IN_FORCE[vector["table"]],
        undisputed=vector["undisputed"],
        with_vat=True,
    )
    assert (cost.full_fee, cost.fee, cost.expenses) == (vector["full_fee"], vector["fee"], vector["expenses"])
    assert (cost.net, cost.vat, cost.gross) == (vector["net"], vector["vat19"], vector["gross"])


@vectors("kv1100_vectors")
def test_court_fees_are_the_published_ones(vector):
    assert court_fee(vector["value"], IN_FORCE["2025"]) == vector["y2025"]
    assert court_fee(vector["value"], IN_FORCE["2021"]) == vector["y2021"]


@vectors("allocation_vectors")
def test_interest_up_to_the_day_before_a_payment_gives_the_published_balance(vector):
    """§ 367 BGB on paper: costs, interest, principal; interest stops the day before the credit date."""
    owed = {"costs": vector["costs"], "interest": 0, "principal": vector["principal"]}
    first, over = date.fromisoformat(vector["first_day"]), 0
    days = [(date.fromisoformat(day), cents) for day, cents in vector["payments"]]
    for day, cents in days:
        owed["interest"] += interest(owed["principal"], first, day - timedelta(days=1), vector["pp"])
        for kind in owed:
            used = min(cents, owed[kind])
            owed[kind], cents = owed[kind] - used, cents - used
        first, over = day, over + cents
    owed["interest"] += interest(owed["principal"], first, date.fromisoformat(vector["to"]), vector["pp"])
    assert owed | {"total": sum(owed.values()), "over": over} == vector["expect"]


def interest(principal, first, last, points):
    return sum_interest(accrue_interest(principal, first, last, points=points))


@pytest.mark.parametrize(("number", "reference"), VECTORS["rf_vectors"].items())
def test_references_are_the_published_ones(number, reference):
    assert creditor_reference(number) == reference


@vectors("epc_vectors")
def test_a_published_girocode_is_rebuilt_from_its_fields(vector):
    lines = vector["payload"].split("\n") + [""] * 3
    _, version, _, _, bic, name, iban, amount, _, reference, text, info = lines[:12]
    cents = int(amount.removeprefix("EUR").replace(".", ""))
    built = girocode_payload(name, iban, bic, cents, reference, text=text, info=info, version=version)
    assert built == vector["payload"]
    assert len(built.encode()) == vector["bytes"]
    assert hashlib.sha256(built.encode()).hexdigest() == vector["sha256"]
