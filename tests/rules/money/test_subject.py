"""What an entry of the ledger changes: one answer for claims, letters, the partner and limitation."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.rules.facts import Entry
from dunning.rules.money.claim import sum_entries
from dunning.rules.money.corrections import sum_subject
from dunning.rules.money.limitation import list_restarts
from dunning.rules.partner.handover import CHARGE_KINDS, list_charges
from dunning.rules.terms import ENTRY_KINDS, EntryKind

DAY = dt.date(2026, 5, 4)
REVERSIBLE = tuple(kind for kind in ENTRY_KINDS if kind not in ("reversal", "refund"))


@pytest.mark.parametrize("kind", [kind for kind in ENTRY_KINDS if kind != "reversal"])
def test_an_entry_changes_its_own_kind(kind: EntryKind) -> None:
    assert Entry(kind, 1, DAY).subject == kind
    assert Entry(kind, 1, DAY, kind).subject == kind


@pytest.mark.parametrize("kind", REVERSIBLE)
def test_a_reversal_changes_what_it_takes_back(kind: EntryKind) -> None:
    assert Entry("reversal", 1, DAY, kind).subject == kind


def test_a_reversal_of_a_refund_is_money_paid_out() -> None:
    assert Entry("reversal", 1, DAY, "refund").subject == "payout"


def test_a_reversal_of_nobody_knows_what_takes_a_payment_back() -> None:
    assert Entry("reversal", 1, DAY).subject == "payment"


@given(kind=st.sampled_from(REVERSIBLE), cents=st.integers(1, 10**9))
def test_what_is_taken_back_on_its_day_never_was(kind: EntryKind, cents: int) -> None:
    signed = -cents if kind == "payment" else cents
    entries = [Entry(kind, signed, DAY), Entry("reversal", -signed, DAY, kind)]
    assert sum_subject(entries, kind) == 0
    assert sum_entries(entries, DAY) == sum_entries([], DAY)
    assert not list(list_charges(entries))
    assert not list_restarts(entries, DAY)


@given(kind=st.sampled_from(CHARGE_KINDS), cents=st.integers(2, 10**9), back=st.data())
def test_what_is_left_of_a_charge_is_the_sum_of_its_subject(
    kind: EntryKind, cents: int, back: st.DataObject
) -> None:
    taken = back.draw(st.integers(1, cents - 1))
    entries = [Entry(kind, cents, DAY), Entry("reversal", -taken, DAY, kind)]
    assert [(charge.kind, charge.cents) for charge in list_charges(entries)] == [
        (kind, sum_subject(entries, kind))
    ]
