"""A wish about a mandate: one the partner could not understand is never made."""

import datetime as dt
from typing import Any

import pytest

from dunning.rules.partner.wish import Wish

UNTIL = dt.date(2026, 3, 1)
PLAIN = {"mandate_id": "m-1", "kind": "cancel", "text": "Paid.", "reference": "w-1"}


@pytest.mark.parametrize("change", [{}, {"kind": "dispute"}, {"kind": "hold", "until": UNTIL}])
def test_a_wish_says_what_it_wants(change: dict[str, Any]) -> None:
    wish = Wish(**PLAIN | change)
    assert (wish.text, wish.until) == ("Paid.", change.get("until"))


@pytest.mark.parametrize(
    "change", [{"kind": "sing"}, {"kind": "hold"}, {"until": UNTIL}, {"mandate_id": ""}, {"reference": ""}]
)
def test_a_wish_nobody_understands_cannot_be_made(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Wish(**PLAIN | change)
