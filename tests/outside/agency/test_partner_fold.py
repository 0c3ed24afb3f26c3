"""What an agency's events add up to when money goes back there."""

import datetime as dt

import pytest

from dunning.outside.agency.events import PartnerEvent
from dunning.outside.agency.fold import judge_mandate_events
from dunning.outside.partner.answers import MandateAnswer


def add_up(*events: tuple[str, int | None]) -> MandateAnswer:
    """The mandate of a claim of 100 € after events (name, cents), one a day from 4 March on."""
    days = [dt.date(2026, 3, 4 + number) for number in range(len(events))]
    rows = [
        PartnerEvent(
            row=row,
            reference="ONE",
            event=name,
            mandate="AZ-1",
            cents=cents,
            value_date=day,
            reason="",
            date=day,
            identity=f"E{row}",
        )
        for row, ((name, cents), day) in enumerate(zip(events, days, strict=True), start=2)
    ]
    return judge_mandate_events("AZ-1", "ONE", 100_00, rows)


def test_money_given_back_in_part_lowers_the_newest_payments() -> None:
    mandate = add_up(("accepted", None), ("payment", 40_00), ("payment", 50_00), ("payment_reversed", 70_00))
    assert [(p.amount.cents, p.value_date.day) for p in mandate.claims[0].payments] == [(20_00, 5)]
    assert mandate.legal_claim_balance.total_balance.cents == 80_00


@pytest.mark.parametrize("event", [("resumed", None), ("payment_reversed", 100_00)])
def test_what_was_paid_once_is_not_paid_for_ever(event: tuple[str, int | None]) -> None:
    mandate = add_up(("accepted", None), ("paid", None), event, ("ended", None))
    assert (mandate.processing_state, mandate.payment_state) == ("ended", "unpaid")
