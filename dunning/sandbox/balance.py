"""What a debtor owes at the sandbox partner: the claim, the partner's fee and interest, less what was paid."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dunning.rules.calendar import ONE_DAY
from dunning.rules.money.costs import USUAL_RATE, collection_fee
from dunning.rules.money.interest import accrue_interest, sum_interest
from dunning.rules.partner.payload import write_amount
from dunning.sandbox.clock import ZONE
from dunning.sandbox.tables import SandboxMandate, SandboxPayment

ENDED = "ended"
CONSUMER_POINTS, BUSINESS_POINTS = 5, 9


@dataclass(frozen=True)
class SandboxBalance:
    """Open cents by kind. `costs` are the partner's and ours, `interest` runs on the principal alone."""

    principal: int
    interest: int
    costs: int
    paid: int = 0

    @property
    def total(self) -> int:
        return self.principal + self.interest + self.costs

    def pay(self, cents: int) -> "SandboxBalance":
        """Costs first, then interest, then principal (§ 367 BGB); too much leaves a negative principal."""
        costs = min(self.costs, cents)
        interest = min(self.interest, cents - costs)
        return SandboxBalance(
            self.principal - (cents - costs - interest),
            self.interest - interest,
            self.costs - costs,
            self.paid + cents,
        )


def charge_fee(principal: int, on: dt.date) -> int:
    """The partner's fee with expenses for an undisputed claim: 0.9 of § 13 RVG (VV 2300), without VAT."""
    fee = collection_fee(principal, USUAL_RATE, on)
    return fee.net if fee else 0


def read_balance(mandate: SandboxMandate, today: dt.date) -> SandboxBalance:
    """The balance of that day, interest included."""
    claim = mandate.claim
    principal, charges = split_claim(claim.body)
    opened = SandboxBalance(principal, 0, charges + mandate.costs_cents)
    business = claim.debtor.body["acting_as"] == "business"
    paid = [payment for payment in mandate.payments if payment.returned_at is None]
    points = BUSINESS_POINTS if business else CONSUMER_POINTS
    # what has ended grows no more
    today = mandate.updated.astimezone(ZONE).date() if mandate.legal_stage == ENDED else today
    return settle(
        opened,
        claim.updated.astimezone(ZONE).date(),
        sorted(paid, key=lambda one: one.value_date),
        today,
        points,
    )


def settle(
    balance: SandboxBalance, since: dt.date, paid: Sequence[SandboxPayment], today: dt.date, points: int
) -> SandboxBalance:
    """Interest from the day after `since`, up to the day before each payment, then up to today."""
    for payment in paid:
        day = max(payment.value_date, since)
        balance, since = add_interest(balance, since, day - ONE_DAY, points), max(since, day - ONE_DAY)
        balance = balance.pay(payment.cents)
    return add_interest(balance, since, today, points)


def add_interest(balance: SandboxBalance, since: dt.date, until: dt.date, points: int) -> SandboxBalance:
    """With the interest of the days after `since` up to `until`."""
    more = sum_interest(accrue_interest(balance.principal, since + ONE_DAY, until, points=points))
    return replace(balance, interest=balance.interest + more)


def split_claim(body: dict[str, Any]) -> tuple[int, int]:
    """Open principal and charges of a claim in cents; what was paid before counts on the principal first."""
    total = read_cents(body["total_claim_amount"])
    charges = sum(read_cents(charge["amount"]) for charge in body["additional_charges"])
    principal = total - charges
    return max(principal, 0), charges + min(principal, 0)


def show_balance(balance: SandboxBalance) -> dict[str, Any]:
    """The JSON of a balance."""
    nothing = write_amount(0)
    return {
        "balance_of_principal_claim": write_cents(balance.principal),
        "balance_of_interest_on_principal_claim": write_cents(balance.interest),
        "balance_of_costs_interest_bearing": nothing,
        "balance_of_costs_interest_free": write_cents(balance.costs),
        "balance_of_interest_on_costs": nothing,
        "total_balance": write_cents(balance.total),
        "total_payment": write_cents(balance.paid),
    }


def write_cents(cents: int) -> dict[str, str]:
    """An amount that may be negative: the debtor has paid too much."""
    amount = write_amount(abs(cents))
    return amount | {"value": f"-{amount['value']}"} if cents < 0 else amount


def read_cents(amount: dict[str, str]) -> int:
    """Cents of `{"value": "1202.50", …}`, which was checked when it came in."""
    return int(amount["value"].replace(".", ""))
