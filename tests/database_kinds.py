"""Which tests run on which kind of database, and whether a kind has then seen less than the other.

Stories, pages, commands, carriers and what kills them send what verbs and queries have sent on both kinds before: each
runs on one, chosen by its name, and on the other in `make test-long`. Everything else runs on both. A full run compares
the statements that the product sent from tests on one kind with what the other kind has seen from anywhere, and fails
for one it never saw: then the module that sent it runs on both, too.
"""

import hashlib
import re
import sys
from collections import defaultdict
from pathlib import Path
from types import FrameType

import pytest

ROOT = Path(__file__).parents[1]
KINDS = ("sqlite", "postgresql")
ON_ONE = re.compile(
    r"tests/(web|cli|jobs/carry|jobs/partner)/|tests/actions/course/test_stories_|tests/test_cases"
    r"|tests/faults/test_(smtp|crashes|handover_crashes|message_crashes|mail_outage|partner_faults)"
)
# these speak of what the kinds do differently, or are the only ones to send a statement
ON_BOTH: set[str] = {
    "tests/web/account/test_password.py",
    "tests/web/admin/test_admin_mail.py",
    "tests/web/admin/test_mail_trouble.py",
    "tests/web/case/test_mahnantrag.py",
    "tests/web/doors/test_health.py",
}
# what only one kind has to say: a pattern for normalised statements, and why
ONLY_ONE_SAYS: dict[str, str] = {
    r"^begin": "SQLite's driver is told to begin, PostgreSQL's begins by itself",
    r"\bsavepoint\b": "numbered as they come",
    r"^pragma": "how SQLite is asked which tables it has",
}
PRODUCT, TESTS, TRANSACTION = f"{ROOT}/dunning/", f"{ROOT}/tests/", f"{ROOT}/dunning/records/database.py"

Seen = dict[str, dict[str, str]]


def choose_kind(name: str) -> str:
    """The same for the same test on every machine."""
    return KINDS[hashlib.sha256(name.encode()).digest()[0] % len(KINDS)]


def runs_on_one(item: pytest.Item) -> bool:
    """Whether this test, which could run on either kind of database, is content with one."""
    path = item.path.relative_to(ROOT).as_posix()
    return read_kind(item) in KINDS and bool(ON_ONE.match(path)) and path not in ON_BOTH


def read_kind(item: pytest.Item) -> str | None:
    """The kind of database of a test that runs on each."""
    call = getattr(item, "callspec", None)
    return call.params.get("database") if call else None


def is_left_out(item: pytest.Item) -> bool:
    """True on the kind of database that this test leaves to the long run."""
    kind = read_kind(item)
    return runs_on_one(item) and kind != choose_kind(item.nodeid.replace(str(kind), "", 1))


# --- what was sent ---

# as each dialect writes it -> what both mean
CAST = r"(::[a-z]+( varying| precision| with(out)? time zone)?(\[\])?(\(\d+\))?)?"
SAME: tuple[tuple[str, str], ...] = (
    (r"\s+", " "),
    (r"%%", "%"),
    (rf"%\(\w+\)s{CAST}|\?", "?"),
    (r'"(\w+)"', r"\1"),
    (r"\btrue\b", "1"),
    (r"\bfalse\b", "0"),
    (r"in \(select 1 from \(select 1\) where 1!=1\)", "in ()"),
    (r"in \(null\) (and|or) \(1 !?= 1\)", "in ()"),
    # a truth is compared with a number by the kind that has none; what is denied is seen as well as what is not
    (r"( =| is) [01]\b", ""),
    (r"\bnot (coalesce\(|\w+\.\w+)", r"\1"),
    (r"\bis not distinct from\b", "is"),
    (r"\bis distinct from\b", "is not"),
    (r"\b_sqlakeyset_oc_\d+", "_sqlakeyset_oc"),
    (r"\bnow\(\)", "current_timestamp"),
    (r"json_extract\(([\w.]+), \?\)", r"\1 ->> ?"),
    (r"\(([\w.]+ ->> \?)\)", r"\1"),
    # which columns it names is the values' doing, not the kind's
    (r"^(update \w+ set) .*?( where .*)?$", r"\1\2"),
    (r"\(\?(, \?)+\)", "(?)"),
    (r" for update.*$", ""),
    (r" returning .*$", ""),
    (r"^(insert into \w+ \([^)]*\)).*?( on conflict .*)?$", r"\1\2"),
    (r" limit \?( offset \?)?", " limit ?"),
)
_RULES = [(re.compile(pattern), meaning) for pattern, meaning in SAME]


def normalise(statement: str) -> str:
    """The statement without what the dialects and the number of values make of it."""
    text = statement.lower().strip()
    for rule, meaning in _RULES:
        text = rule.sub(meaning, text)
    return text


class Sightings:
    """Statements of the product by kind of database: those seen at all, and those from tests that ran on one kind."""

    def __init__(self) -> None:
        self.seen: Seen = defaultdict(dict)
        self.alone: Seen = defaultdict(dict)
        self._known: set[tuple[str, str, bool]] = set()

    def note(self, kind: str, statement: str, path: str, *, alone: bool) -> None:
        """A statement sent during a test of this file; `alone` when the test runs on this kind of database only."""
        if (kind, statement, alone) in self._known or not comes_from_product(sys._getframe(1)):
            return
        self._known.add((kind, statement, alone))
        for seen in (self.seen, self.alone) if alone else (self.seen,):
            seen[kind].setdefault(normalise(statement), path)

    def merge(self, seen: Seen, alone: Seen) -> None:
        """Adds what another worker has noted."""
        for own, other in ((self.seen, seen), (self.alone, alone)):
            for kind, statements in other.items():
                own[kind] = statements | own[kind]

    def list_unseen(self) -> list[str]:
        """What a kind of database would have met before, and does not any more."""
        return sorted(
            f"{path}: only on {kind}: {statement}"
            for kind in KINDS
            for statement, path in self.alone[kind].items()
            for other in KINDS
            if other != kind and statement not in self.seen[other]
            if not any(re.search(pattern, statement) for pattern in ONLY_ONE_SAYS)
        )


def comes_from_product(frame: FrameType | None) -> bool:
    """Whether it is the product that speaks, not the test; a verb's transaction speaks for whoever opened it."""
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(TESTS) and not file.startswith(SPEAKERS):
            return False
        if file.startswith(PRODUCT) and file != TRANSACTION:
            return True
        frame = frame.f_back
    return False


SPEAKERS = (str(Path(__file__)), f"{TESTS}sent.py")
SIGHTINGS = Sightings()


def is_full_run(config: pytest.Config) -> bool:
    """No test was left out by hand."""
    chosen = config.option.keyword or config.option.deselect or config.option.maxfail
    whole = config.args_source == pytest.Config.ArgsSource.TESTPATHS
    return whole and not chosen and config.option.markexpr == "not long"
