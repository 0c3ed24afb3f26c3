"""A statement of an account as far as it has been read, and what tells its entries apart."""

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dunning.outside.bank.entry import NO_REFERENCE, BankEntry, write_cents
from dunning.outside.bank.problem import BankProblem
from dunning.rules.money.matching import NOT_BOOKED


class Equals:
    """Counts what is equal. Most is there once and remembered as a number: a hundred thousand entries stay small."""

    def __init__(self) -> None:
        self._once: set[int] = set()
        self._more: Counter[int] = Counter()

    def digest(self, content: Sequence[object]) -> str:
        """SHA-256 of the content and its number among equal ones, from 1."""
        remembered, number = hash(tuple(content)), 1
        if remembered in self._once:
            self._more[remembered] += 1
            number += self._more[remembered]
        self._once.add(remembered)
        return hashlib.sha256(json.dumps([*content, number]).encode()).hexdigest()


@dataclass
class Chain:
    """Statements of one account of which each opens with what the one before it closed with: pages, or days."""

    account: str
    balance: int
    day: dt.date | None = None
    day_opening: int = 0
    equal: Equals = field(default_factory=Equals)

    def take(self, day: dt.date, cents: int) -> bool:
        """An entry booked on a day. False when it goes back in time: then nothing is known of days."""
        ahead = self.day is None or day >= self.day
        if day != self.day:
            self.day, self.day_opening = day, self.balance
        self.balance += cents
        return ahead


class Account:
    """The chains of a file. `ordered` is known when the file has been read once: its days follow each other."""

    def __init__(self) -> None:
        self.ordered = True
        self._seen: set[tuple[str, str, int | None]] = set()
        self._last: Chain | None = None

    def restart(self) -> None:
        """The file is read once more."""
        self._seen.clear()
        self._last = None

    def begin(self, statement: "Statement") -> Chain:
        """The chain that the statement goes on with; the same statement once more begins anew, and is the same."""
        name, last = (statement.account, statement.name, statement.opening), self._last
        follows = last and (last.account, last.balance) == (statement.account, statement.opening)
        if last is None or not follows or name in self._seen:
            last = Chain(statement.account, statement.opening or 0)
        self._seen.add(name)
        self._last = last
        return last


@dataclass
class Statement:
    """One statement. Balances and `total` in cents of its currency."""

    name: str = ""
    # by which its entries were counted before pages without `:28C:` had a name
    former_name: str = ""
    account: str = ""
    opening: int | None = None
    closing: int | None = None
    total: int = 0
    entries: int = 0
    broken: bool = False  # an entry could not be read: the sum says nothing
    # the day of its opening balance
    day: dt.date | None = None
    chain: Chain | None = None
    _equal: Equals = field(default_factory=Equals)

    def identify(self, entry: BankEntry, reference: str, own: str, accounts: Account) -> BankEntry:
        """The entry with all that tells it apart; `reference` is the bank's for the entry, `own` for the payment.

        What goes into the fingerprint is what was read: a change in reading makes other entries of the same ones.
        """
        chain = self.chain = self.chain or accounts.begin(self)
        cents, day = entry.moved_cents, entry.booked_on.isoformat()
        said = [self.account, day, entry.value_date.isoformat(), cents, entry.currency, entry.payer_name]
        said += [entry.payer_iban, entry.end_to_end, entry.reference]
        if entry.left_out == NOT_BOOKED:  # once booked, it is another entry
            pending = f"pending:{chain.equal.digest(['pending', *said])}"
            return replace(entry, identity=pending, fingerprint=pending)
        accounts.ordered &= chain.take(entry.booked_on, cents) and not self.broken
        fingerprint = f"entry:{chain.equal.digest(said)}"
        identity, former = self._name(reference.strip(), own.strip(), cents, day)
        return replace(
            entry,
            identity=identity or fingerprint,
            fingerprint=fingerprint,
            former=former,
            day_opening=chain.day_opening if accounts.ordered else None,
        )

    def _name(self, reference: str, own: str, cents: int, day: str) -> tuple[str, str]:
        """The identity by a reference of the bank's, and by the position that once counted without one."""
        if not NO_REFERENCE.fullmatch(reference):
            return f"bank:{self._equal.digest([self.account, reference, cents, day])}", ""
        position = f"{self.former_name}/{self.entries}"
        former = f"bank:{self._equal.digest([self.account, position, cents, day])}"
        known = own and f"bank:{self._equal.digest([self.account, 'own', own, cents, day])}"
        return known, former

    def check(self) -> BankProblem | None:
        """What is wrong with the statement as a whole; nothing when its entries add up."""
        if not self.account:
            return BankProblem("no_account", statement=self.name)
        if self.broken:
            return None
        if self.opening is None or self.closing is None:
            return BankProblem("no_balances", statement=self.name)
        reached = self.opening + self.total
        if reached == self.closing:
            return None
        found, wanted = write_cents(reached), write_cents(self.closing)
        return BankProblem("wrong_balance", value=found, hint=wanted, statement=self.name)
