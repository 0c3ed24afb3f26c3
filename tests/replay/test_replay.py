"""Real receivables of two years through the command line: exactly the walk, and nothing twice.

By default a sample with every course, Land and month; `make test-long` plays all 1,200.
"""

import resource
import sys
import time
from dataclasses import dataclass
from datetime import date

import pytest

from tests.replay.comparison import View, compare
from tests.replay.product import DATA, Product
from tests.replay.sample import TRAITS, choose_sample
from tests.replay.walk import (
    COUNTERS,
    LETTERS,
    Receivable,
    daily_lines,
    read_ledger,
    total_line,
    walk_ledger,
    walk_receivable,
)

pytestmark = pytest.mark.timeout(3000)

LEDGER = read_ledger(DATA / "orders.csv", DATA / "payments.csv")
FIRST_DAY, LAST_DAY = date(2012, 1, 1), date(2014, 3, 1)
LONGEST_REPLAY = 8 * 60  # seconds on two cores, for the whole ledger
CORES = 2
NOTHING = dict.fromkeys(COUNTERS, 0)


@dataclass(frozen=True)
class Replay:
    """A finished replay: the product, what it was given, the lines it printed, and how many seconds each part took."""

    product: Product
    receivables: list[Receivable]
    lines: list[dict[str, object]]
    seconds: dict[str, float]
    cpu_seconds: float


def play_ledger(product: Product, receivables: list[Receivable]) -> Replay:
    used = spend_cpu()
    started = time.monotonic()
    product.prepare(receivables)
    prepared = time.monotonic()
    lines = product.play(FIRST_DAY, LAST_DAY)
    seconds = {"set-up and intake": prepared - started, "run": time.monotonic() - prepared}
    return Replay(product, receivables, lines, seconds, spend_cpu() - used)


def spend_cpu() -> float:
    """CPU seconds of all child processes that have ended, the presses of a run included."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def expected_lines(receivables: list[Receivable]) -> list[dict[str, object]]:
    lines = daily_lines(walk_ledger(receivables), FIRST_DAY, LAST_DAY)
    return [*lines, total_line(lines)]


def without_date(line: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in line.items() if key not in ("date", "total")}


@pytest.fixture(scope="module", params=["sample", pytest.param("ledger", marks=pytest.mark.long)])
def replay(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Replay:
    receivables = LEDGER if request.param == "ledger" else choose_sample(LEDGER)
    return play_ledger(Product(tmp_path_factory.mktemp("replay")), receivables)


def test_a_tenth_of_the_ledger_has_all_that_tells_receivables_apart() -> None:
    sample = choose_sample(LEDGER)
    assert len(sample) <= len(LEDGER) / 10
    for trait in TRAITS:
        assert {trait(receivable) for receivable in sample} == {trait(receivable) for receivable in LEDGER}


def test_the_replay_takes_two_cores_eight_minutes_at_most(
    replay: Replay, capsys: pytest.CaptureFixture[str]
) -> None:
    """Judged by CPU time: other tests run beside it and stretch the clock; both are printed.

    A sample gets the time of its letters, and a tenth for the days on which nothing happens.
    """
    parts = ", ".join(f"{part} {seconds:.0f} s" for part, seconds in replay.seconds.items())
    with capsys.disabled():
        print(
            f"\nreplay of {len(replay.receivables)}: {parts}, CPU {replay.cpu_seconds:.0f} s", file=sys.stderr
        )
    assert replay.cpu_seconds / CORES < LONGEST_REPLAY * share_of(replay.receivables)


def share_of(receivables: list[Receivable]) -> float:
    """How much of the ledger's time these may take, at most all of it."""
    letters, all_letters = (
        sum(letter in walk_receivable(receivable) for receivable in some for letter in LETTERS)
        for some in (receivables, LEDGER)
    )
    return min(letters / all_letters + 0.1, 1)


def test_every_day_counts_what_the_walk_counts(replay: Replay) -> None:
    expected = expected_lines(replay.receivables)
    wrong = [(found, due) for found, due in zip(replay.lines, expected, strict=True) if found != due]
    assert wrong == []


@pytest.fixture(scope="module")
def compared(replay: Replay) -> dict[str, View]:
    return compare(replay.product, replay.receivables)


@pytest.mark.parametrize(
    "view",
    [
        "events",
        "lapsed calls",
        "letters",
        "mails",
        "attached files",
        "claims at the partner",
        "ledgers of cases",
    ],
)
def test_every_order_has_exactly_what_the_walk_gives_it(compared: dict[str, View], view: str) -> None:
    assert compared[view] == {}


def test_every_case_ends_paid_with_nothing_outstanding(replay: Replay) -> None:
    ends = replay.product.rows("select distinct status, outstanding_cents from cases")
    assert ends == [("paid", 0)]


def test_no_effect_is_left_open_or_in_doubt(replay: Replay) -> None:
    assert replay.product.rows("select distinct state from effects") == [("done",)]


def test_no_two_mails_carry_the_same_message_id(replay: Replay) -> None:
    headers = [
        line
        for file in (replay.product.home / "mail").glob("*.eml")
        for line in file.read_bytes().split(b"\n\n", 1)[0].replace(b"\r", b"").split(b"\n")
        if line.lower().startswith(b"message-id:")
    ]
    assert headers
    assert len(headers) == len(set(headers))


def test_the_invariants_hold_after_the_replay(replay: Replay) -> None:
    replay.product.flask("check")


def test_the_same_files_and_the_same_run_again_change_nothing(replay: Replay) -> None:
    before = replay.product.digest()
    number = len(replay.receivables)
    unchanged = {"read": number, "new": 0, "updated": 0, "unchanged": number}
    assert replay.product.take_in(replay.receivables) == [unchanged, unchanged]
    again = replay.product.play(FIRST_DAY, LAST_DAY)
    assert [without_date(line) for line in again] == [NOTHING] * len(replay.lines)
    assert replay.product.digest() == before
