"""A form as it came in: what was typed, and what is wrong with it in the reader's words. One class for every form.

A form of ours is a function that reads one of these. WTForms (Flask-WTF brings it for the CSRF guard, which we use)
was tried on the booking of a payment, same sentences, and left:

- a field that was not sent at all counted as right, with None for the amount;
- its fields are untyped: `form.amonut` and a day used as text passed mypy --strict, here neither does;
- trimming, our amounts, one error per field and the typed text of a date had to be taught to it in as many lines as
  this class has, and then the form was longer (17 lines to 10); a 2026-1-3 was a date, from `strptime`;
- what it is for lies idle: fields.html draws, CSRFProtect guards, the texts come from our own catalogue;
- forms whose fields the partner chooses, or whose rules hang on what is saved, would be classes made at run time.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from dunning.rules.cents import AmbiguousAmount, AmountError, parse_amount

LONGEST = 2_000
MOST_DIGITS = 18  # of a number that a column can hold


@dataclass
class Form:
    """Texts by field name, and errors by field name in the order they were found, which is that of the fields.

    `name` tells it from the page's other forms; where there are several, their fields' ids end with it.
    """

    name: str = ""
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def typed(
        cls, name: str | int, sent: Mapping[str, str], fields: Iterable[str], longest: int = LONGEST
    ) -> "Form":
        """What was sent for these fields, without the blanks around; far too long a text is cut."""
        return cls(str(name), {each: sent.get(each, "").strip()[:longest] for each in fields})

    def only(self, name: str | int) -> "Form":
        """This form in the place of that name, an empty one in any other."""
        return self if self.name == str(name) else Form(str(name))

    def refuse(self, name: str, why: str) -> None:
        """Says what is wrong with a field; of several reasons the first is told."""
        self.errors.setdefault(name, why)

    def read_text(self, name: str, missing: str) -> str:
        """A text that has to be there."""
        if not self.values[name]:
            self.refuse(name, missing)
        return self.values[name]

    def choose(self, name: str, offered: Collection[str], wrong: str) -> str:
        """One of what is offered; empty, and refused, for anything else."""
        if self.values[name] in offered:
            return self.values[name]
        self.refuse(name, wrong)
        return ""

    def read_number(self, name: str) -> int:
        """A whole number; 0 for what is none."""
        text = self.values[name]
        return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else 0

    def read_day(self, name: str, wrong: str) -> dt.date | None:
        """A local day as browsers send it, 2026-12-31; None, and refused, for what is none."""
        try:
            return dt.date.fromisoformat(self.values[name])
        except ValueError:
            self.refuse(name, wrong)
            return None

    def read_cents(self, name: str, wrong: str, ambiguous: str) -> int | None:
        """Cents of an amount as people write it; None, and refused, for what is none or could mean two."""
        try:
            return parse_amount(self.values[name])
        except AmountError as error:
            self.refuse(name, ambiguous if isinstance(error, AmbiguousAmount) else wrong)
            return None
