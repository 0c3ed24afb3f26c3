"""A receivable's life told day by day, as the run plays it, without a database.

`story.day(5).expect("payment_reminder")` plays every day since the last told one and carries out what the rules
decide; a decision nobody expected fails the test. Days are counted from the due date, money is cents.
"""

import datetime as dt
from dataclasses import fields, replace

from dunning.rules import terms
from dunning.rules.course import steps
from dunning.rules.course.agenda import Decision, next_decision, next_look
from dunning.rules.course.eligibility import check
from dunning.rules.facts import BuyerFacts, CaseFacts, Entry, Facts, OrderFacts, StepFacts, VendorFacts
from dunning.rules.gates import Settings
from dunning.rules.letters.lines import price_letter
from dunning.rules.money.claim import sum_entries
from dunning.rules.policy import Policy, load_policy
from dunning.rules.statuses import TERMINAL, cancel_target, check_change
from tests.rules.money.ledger import post_settlement

POLICY = load_policy()
CENTS = 100_00
BERLIN = BuyerFacts(
    first_name="Käthe",
    last_name="Muster",
    email="kunde@kunde.example",
    street="Musterallee",
    house_number="1",
    zipcode="10115",
    city="Berlin",
    country="DE",
)
MOST_DECISIONS = 20


def as_day(day: str | dt.date) -> dt.date:
    return dt.date.fromisoformat(day) if isinstance(day, str) else day


def some_facts(due: str | dt.date = "2013-01-02", cents: int = CENTS, **changes: object) -> Facts:
    """An unpaid invoice of an automatic vendor; each change goes to the part of the facts that has it."""
    day = as_day(due)

    def part(kind: type, **given: object) -> dict[str, object]:
        names = [field.name for field in fields(kind)]
        return given | {name: changes.pop(name) for name in names if name in changes}

    settings = Settings(**part(Settings, scheme=2, review=False))
    vendor = VendorFacts(**part(VendorFacts, id=79424, name="Demo-Vendor", settings=settings))
    order = OrderFacts(**part(OrderFacts, order_id="M6B5zL7i", order_date=day, method="invoice"))
    buyer = replace(BERLIN, **part(BuyerFacts))
    principal = (Entry("principal", cents, order.order_date),)
    return Facts(
        order,
        buyer,
        vendor,
        **part(Facts, rate_number=1, due_date=day, original_cents=cents, entries=principal),
    )


def a_story(due: str | dt.date = "2013-01-02", **changes: object) -> "Story":
    """A story with the facts of `some_facts`."""
    return Story(some_facts(due, **changes))


class Day:
    """What happened on one day, to be compared with what was expected."""

    def __init__(self, number: int, told: list[str]) -> None:
        self.number, self.told, self.expected = number, told, False

    def expect(self, *words: str) -> None:
        self.expected = True
        assert self.told == list(words), f"day {self.number}: {self.told}, expected {list(words)}"

    def expect_nothing(self) -> None:
        self.expect()


class Story:
    """Plays days and carries decisions out as the verbs do. `sparing`: only on the days `next_look` asks for."""

    def __init__(self, facts: Facts, policy: Policy = POLICY, *, sparing: bool = False) -> None:
        self.facts, self.policy, self.sparing = facts, policy, sparing
        assert facts.anchor
        self.anchor = facts.anchor
        self.number = min(-7, (facts.order.order_date - self.anchor).days - 1)
        self.last: Day | None = None
        self.log: list[tuple[int, str]] = []
        self.letters_leave = True
        self.partner_answers: str | None = "accepted"
        self.came_from = ""
        self.settled: set[int] = set()
        self.look_again()

    # days ---------------------------------------------------------------------------------------------

    @property
    def today(self) -> dt.date:
        return self.date(self.number)

    @property
    def status(self) -> str:
        return self.facts.case.status if self.facts.case else "none"

    @property
    def may_start(self) -> bool:
        return check(self.facts, self.policy, self.today).may_start

    def date(self, number: int) -> dt.date:
        return self.anchor + dt.timedelta(days=number)

    def number_of(self, day: str | dt.date) -> int:
        return (as_day(day) - self.anchor).days

    def on(self, day: str | dt.date) -> Day:
        """The same as `day`, by the calendar."""
        return self.day(self.number_of(day))

    def day(self, number: int) -> Day:
        """Plays through that day; the days before it must be quiet."""
        assert self.last is None or self.last.expected, f"day {self.last.number} was told, never compared"
        assert number > self.number, f"day {number} is over"
        while self.number < number:
            self.number += 1
            told = self.run()
            if self.number < number:
                assert told == [], f"day {self.number}: nobody expected {told}"
        self.last = Day(number, told)
        return self.last

    def quiet_until(self, number: int) -> None:
        self.day(number).expect_nothing()

    def outage_until(self, number: int) -> None:
        """No run on the days before this one; the next day told is the first to run again."""
        assert number > self.number
        self.number = number - 1

    def run(self) -> list[str]:
        """One business day: money first, then what is due."""
        told = self.take_money()
        if not self.sparing or (self.next_on and self.next_on <= self.today):
            told += self.advance()
        self.log += [(self.number, word) for word in told]
        return told

    def advance(self) -> list[str]:
        told = []
        while decision := next_decision(self.facts, self.policy, self.today):
            assert next_decision(self.facts, self.policy, self.today) == decision
            assert len(told) < MOST_DECISIONS, f"the rules do not settle: {told}"
            told.append(self.carry_out(decision))
        self.look_again(self.today)
        return told

    def look_again(self, today: dt.date | None = None) -> None:
        """Notes the next step and its day; after a day's run it lies ahead."""
        self.next_kind, self.next_on = next_look(self.facts, self.policy, today) or ("", None)
        assert not (today and self.next_on) or self.next_on > today

    # decisions ----------------------------------------------------------------------------------------

    def carry_out(self, decision: Decision) -> str:
        """Does it and says it in a word or two."""
        return getattr(self, f"_{decision.verb}")(decision)

    def _open(self, decision: Decision) -> str:
        opening = decision.opening
        check_change(None, opening.status, "open", "system")
        scheme = self.facts.scheme if opening.status == "running" else None
        case = CaseFacts(1, opening.status, self.today, opening.consent, scheme)
        case = replace(case, chargeback=self.facts.charged_back)
        self.change(case=case)
        if opening.status == "failed":
            return f"open failed: {', '.join(decision.points)}"
        return "open" if opening.status == "running" else f"open {opening.status}"

    def _make(self, decision: Decision) -> str:
        if decision.kind in terms.CALLS:
            self.add_step(decision, "planned")
        elif decision.kind == terms.HANDOVER:
            self._hand_over(decision)
        elif decision.kind in terms.LETTERS and not self.letters_leave:
            self.add_step(decision, "planned")
        else:
            self.add_step(decision, "planned")
            self.finish(decision.kind)
        return decision.kind

    def _hand_over(self, decision: Decision) -> None:
        self.add_step(decision, "planned")
        self.change_case(claim_in_review=True)
        if self.partner_answers:
            self.answer(self.partner_answers)

    def _skip(self, decision: Decision) -> str:
        self.add_step(decision, "skipped")
        return f"skip {decision.kind}: {decision.reason}"

    def _lapse(self, decision: Decision) -> str:
        self.change_step(decision.kind, state="lapsed", reason=decision.reason)
        return f"lapse {decision.kind}"

    def _unblock(self, _decision: Decision) -> str:
        self.to(self.came_from, "unblock", unblocked_on=self.today, blocked_until=None)
        return "unblock"

    def _await_consent(self, _decision: Decision) -> str:
        self.to("ready_for_handover", "await_consent")
        return "await_consent"

    def _cancel_order(self, _decision: Decision) -> str:
        self.to("cancelled", "cancel")
        self.change(order=replace(self.facts.order, cancelled=True))
        return "cancel_order"

    def _fail(self, decision: Decision) -> str:
        self.to("failed", "fail")
        return f"fail: {', '.join(decision.points)}"

    # what the verbs do ----------------------------------------------------------------------------------

    def change(self, **changes: object) -> None:
        self.facts = replace(self.facts, **changes)

    def change_case(self, **changes: object) -> None:
        self.change(case=replace(self.facts.case, **changes))

    def to(self, status: str, verb: str, actor: str = "system", **changes: object) -> None:
        check_change(self.status, status, verb, actor)
        self.change_case(status=status, **changes)

    def add_step(self, decision: Decision, state: str) -> None:
        number = self.facts.next_round(decision.kind)
        step = StepFacts(decision.kind, state, decision.due, number, reason=decision.reason)
        self.change(steps=(*self.facts.steps, step))

    def change_step(self, kind: str, **changes: object) -> None:
        old = self.facts.step(kind)
        assert old, f"no {kind}"
        self.change(steps=tuple(replace(s, **changes) if s is old else s for s in self.facts.steps))

    def drop_calls(self) -> None:
        """Nobody is called any more about what is paid."""
        for kind in terms.CALLS:
            call = self.facts.step(kind)
            if call and call.state == "planned":
                self.change_step(kind, state="superseded", reason="paid")

    def finish(self, kind: str) -> None:
        """It happened today: a letter gets its deadline and its fee."""
        deadline = None
        if kind in terms.LETTERS:
            deadline = steps.letter_deadline(kind, self.today, self.facts, self.policy)
            fee = price_letter(kind, self.facts, self.policy, self.today)
            self.change(entries=(*self.facts.entries, *([fee] if fee else [])))
        self.change_step(kind, state="done", done_on=self.today, deadline=deadline)
        self.look_again(self.today)

    def answer(self, word: str) -> None:
        """The partner accepts or rejects the claim."""
        self.change_case(claim_in_review=False)
        if word == "accepted":
            self.finish(terms.HANDOVER)
            if self.status == "running":
                self.to("handed_over", "accept_claim")
        else:
            self.change_step(terms.HANDOVER, state="superseded", reason="rejected")
            self.to("failed", "fail")
        self.look_again(self.today)

    # money ----------------------------------------------------------------------------------------------

    def book(self, kind: str, cents: int, on: int | None = None, reverses: str | None = None) -> None:
        """A ledger entry with the value date of a day, by default today."""
        day = self.today if on is None else self.date(on)
        self.change(entries=(*self.facts.entries, Entry(kind, cents, day, reverses)))
        self.look_again()

    def pay(self, cents: int = CENTS, on: int | None = None) -> None:
        self.book("payment", -cents, on)

    def take_money(self) -> list[str]:
        """Payments whose value date has come: interest is posted, a covered case is paid."""
        come = [
            number
            for number, entry in enumerate(self.facts.entries)
            if entry.kind == "payment" and entry.value_date <= self.today and number not in self.settled
        ]
        return [word for number in come for word in self.settle(number)]

    def settle(self, number: int) -> list[str]:
        self.settled.add(number)
        covered = self.settle_ledger()
        closes = covered and self.status not in ("none", *TERMINAL)
        if closes:
            self.came_from = self.status
            self.to("paid", "pay", blocked_until=None)
            self.drop_calls()
        self.look_again()
        return ["paid"] if closes else []

    def settle_ledger(self) -> bool:
        """Posts what follows from what is booked; whether that covers the claim."""
        self.facts, covered = post_settlement(self.facts, self.policy, self.today)
        return covered

    # what people do, after the day's run -----------------------------------------------------------------

    def start(self, actor: str = "vendor") -> Day:
        """Start, when the points allow it; what follows at once is told."""
        check_change(self.status, "running", "start", actor)
        assert self.may_start, "Start is refused: red points"
        consent = "start" if actor == "vendor" else self.facts.case.consent
        self.to("running", "start", actor, started_on=self.today, consent=consent, scheme=self.facts.scheme)
        told = self.advance()
        self.log += [(self.number, word) for word in told]
        return Day(self.number, told)

    def cancel(self, actor: str = "vendor") -> None:
        letters = any(self.facts.done(kind) for kind in terms.LETTERS)
        self.to(cancel_target(self.status, letters), "cancel", actor)
        self.look_again()

    def block(self, until: int | None = None) -> None:
        self.came_from = self.status
        self.to("blocked", "block", "support", blocked_until=None if until is None else self.date(until))
        self.look_again()

    def unblock(self) -> None:
        self.to(self.came_from, "unblock", "support", unblocked_on=self.today, blocked_until=None)
        self.look_again()

    def promise(self, until: int) -> None:
        """The buyer promises to pay: a fact of the receivable, and a case before handover waits."""
        self.change(promised_until=self.date(until))
        if self.status in ("awaiting_approval", "running", "ready_for_handover", "failed"):
            self.block(until)
        self.look_again()

    def dispute(self) -> None:
        self.change(disputed=True)
        if self.status in ("awaiting_approval", "running", "ready_for_handover", "failed"):
            self.block()
        self.look_again()

    def settle_dispute(self) -> None:
        self.change(disputed=False)
        if self.status == "blocked":
            self.unblock()
        self.look_again()

    def charge_back(self, cents: int = CENTS) -> None:
        """The bank takes the payment back; a paid case is reopened for a handover of a new round."""
        self.book("chargeback", cents)
        self.change(charged_back_on=self.today)
        if self.status == "paid":
            case = self.facts.case
            runs = self.facts.vendor.settings.auto_chargebacks
            consent = "automatic" if runs else "none"
            self.to(
                "running" if runs else "awaiting_approval",
                "charge_back",
                consent=consent,
                round=case.round + 1,
                chargeback=True,
            )
        self.look_again()

    def charge_back_paid(self) -> None:
        """The bank takes back what was paid, if anything was and no case is open."""
        paid = sum_entries(self.facts.entries, self.today).paid
        if paid > 0 and self.status in ("none", "paid"):
            self.charge_back(paid)

    def correct(self, **buyer: object) -> None:
        self.change(buyer=replace(self.facts.buyer, **buyer))
        self.look_again()
