"""What the partner is asked for about a mandate by the one call there is for everything the documented API has none."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal, get_args

WishKind = Literal["hold", "cancel", "dispute", "reversal"]
HOLD: WishKind = "hold"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """One wish, in words and as values. Under the same `reference`, which is ours, it is the same wish.

    `until` is the last day of a hold. `cents` and `value_date` are those of money the text speaks of: positive lowers
    the claim, 0 none.
    """

    mandate_id: str
    kind: WishKind
    text: str
    reference: str
    until: dt.date | None = None
    cents: int = 0
    value_date: dt.date | None = None

    def __post_init__(self) -> None:
        if self.kind not in get_args(WishKind):
            raise ValueError(f"nobody grants a {self.kind!r}")
        if (self.kind == HOLD) != (self.until is not None):
            raise ValueError("a hold names its last day, and nothing else does")
        if not self.mandate_id or not self.reference:
            raise ValueError("a wish is about a mandate and has a reference of ours")
