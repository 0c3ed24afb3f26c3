"""The policy: every day, fee and limit of the dunning run, loaded from one TOML file.

`load_policy()` reads the built-in `data/policy.toml`; an operator's text overrides it key by key.
Reading is like the file: `policy.steps.first_letter.after_days`, `policy.fees.consumer_cap`,
`policy.treatment("sepa", "failed")`. Money is in cents, distances in calendar days unless the name
says working days.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from dunning.rules.policy_tables import (
    Cancellation,
    Claims,
    Clicks,
    Creditor,
    Fees,
    Interest,
    Letters,
    Limits,
    MethodRule,
    Methods,
    Partner,
    PaymentTrouble,
    Remainder,
    Steps,
    Treatment,
    WorkingHours,
    table_config,
)

POLICY_FILE = Path(__file__).parent / "data" / "policy.toml"
PLAIN_WORDS = {"unexpected_keyword_argument": "unknown key", "dataclass_type": "must be a table"}


class PolicyError(ValueError):
    """The policy text breaks a rule; the message names each key and the rule."""


@dataclass(frozen=True, config=table_config)
class Policy:
    """The whole policy; one attribute per table of policy.toml."""

    steps: Steps
    working_hours: WorkingHours
    clicks: Clicks
    letters: Letters
    fees: Fees
    interest: Interest
    remainder: Remainder
    cancellation: Cancellation
    limits: Limits
    claims: Claims
    methods: Methods
    creditor: Creditor
    partner: Partner

    def treatment(self, method: str, trouble: PaymentTrouble) -> Treatment:
        """How far an order paid by `method` goes; a method the table does not know is never dunned."""
        rule = vars(self.methods).get(method)
        return getattr(rule, trouble) if isinstance(rule, MethodRule) else "never"

    def interest_points(self, *, business: bool) -> int:
        """Percentage points above the base rate (§ 288(1) and (2) BGB)."""
        return self.interest.business_points if business else self.interest.consumer_points


@cache
def load_policy(override_toml_text: str | None = None) -> Policy:
    """The built-in policy with the override's keys laid over it.

    Raises PolicyError for text that is no TOML, an unknown key, a wrong type or a broken rule.
    """
    tables = tomllib.loads(POLICY_FILE.read_text(encoding="utf-8"))
    merged = merge_tables(tables, parse_override(override_toml_text or ""))
    try:
        return TypeAdapter(Policy).validate_python(merged)
    except ValidationError as error:
        raise PolicyError(describe_errors(error)) from error


def parse_override(text: str) -> dict[str, Any]:
    """The override's tables; PolicyError when the text is no TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"not a TOML file: {error}") from error


def merge_tables(base: Mapping[str, Any], override: Mapping[str, Any]) -> dict[str, Any]:
    """Override laid over base, table by table; lists are replaced as a whole."""
    merged = dict(base)
    for key, value in override.items():
        below = merged.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            value = merge_tables(below, value)
        merged[key] = value
    return merged


def describe_errors(error: ValidationError) -> str:
    """One clear line: each key with the rule it breaks."""
    return "; ".join(describe_problem(line["loc"], line["type"], line["msg"]) for line in error.errors())


def describe_problem(place: tuple[int | str, ...], kind: str, message: str) -> str:
    """`fees.consumer_cap: Input should be less than or equal to 250`."""
    rule = PLAIN_WORDS.get(kind, message).removeprefix("Value error, ")
    return f"{'.'.join(str(part) for part in place)}: {rule}"
