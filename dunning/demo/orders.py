"""Turns the stories into the rows of an orders file, and into what is done on which day. The same every time."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from dunning.demo.buyers import invent_buyer
from dunning.demo.people import KURS
from dunning.demo.stories import STORIES, Story
from dunning.outside.platform.order_csv import OrderRow

ID_LETTERS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
PRODUCTS = {
    KURS: (
        "Kurs Buchhaltung für Vereine",
        "Kurs Fotografie für Anfänger",
        "Kurs Spanisch A1",
        "Kurs Yoga daheim",
    ),
    0: ("Werkbank Modell 3", "Hobelset, 5-teilig", "Stehleuchte aus Eiche", "Drehstuhl, höhenverstellbar"),
}
TERMS = (0, 7, 14)
RATE_DAYS = 30


@dataclass(frozen=True)
class Deed:
    """A verb of `demo.deeds`, done on a day with one order."""

    on: dt.date
    verb: str
    row: OrderRow


@dataclass(frozen=True)
class Script:
    """All rows, by the day they come in, and all deeds of the days before today."""

    rows: dict[dt.date, list[OrderRow]]
    deeds: dict[dt.date, list[Deed]]

    @property
    def first_day(self) -> dt.date:
        return min(self.rows)


def write_script(today: dt.date) -> Script:
    """The whole demonstration, counted back from `today` (local)."""
    chance = Random(79424)  # noqa: S311 - nothing secret, the same every time
    script = Script({}, {})
    number = 0
    for story in STORIES:
        for place in range(story.count):
            number += 1
            rows = list(invent_order(chance, number, story, place, today))
            for row in rows:
                script.rows.setdefault(row.order_date, []).append(row)
            for deed in plan_deeds(story, rows[0], today):
                script.deeds.setdefault(deed.on, []).append(deed)
    return script


def invent_order(chance: Random, number: int, story: Story, place: int, today: dt.date) -> Iterator[OrderRow]:
    """One order: a row, or one per rate. The orders of a story are spread evenly over its ages."""
    youngest, oldest = story.ages
    age = youngest + (oldest - youngest) * place // max(story.count - 1, 1)
    due = today - dt.timedelta(days=age)
    least, most = story.euros
    row = OrderRow(
        row=number,
        order_id="".join(chance.choices(ID_LETTERS, k=8)),
        vendor_id=story.vendor_id,
        order_date=min(due - dt.timedelta(days=chance.choice(TERMS)), today - dt.timedelta(days=1)),
        due_date=due,
        rate_number=1,
        rates=story.rates,
        amount_cents=chance.randint(least, most) * 100 + chance.choice((0, 1, 50, 90, 99)) or 1,
        currency="EUR",
        payment_method="invoice",
        payment_plan="one_time_payment" if story.rates == 1 else "breakdown_payment",
        payment_status="pending",
        product_id=f"P{number % 4 + 1}",
        product_name=PRODUCTS.get(story.vendor_id, PRODUCTS[0])[number % 4],
        test_payment=False,
        **invent_buyer(chance, number, business=story.business),
    )
    row = replace(row, **story.changes)
    for rate in range(story.rates):
        yield replace(row, rate_number=rate + 1, due_date=due + dt.timedelta(days=RATE_DAYS * rate))


def plan_deeds(story: Story, row: OrderRow, today: dt.date) -> Iterator[Deed]:
    """The story's deeds for this order, those of today and later left out."""
    for verb, days in story.deeds:
        start = row.due_date if days >= 0 and row.due_date else today
        on = start + dt.timedelta(days=days)
        if on < today:
            yield Deed(on, verb, row)
