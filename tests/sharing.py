"""What all apps of a test process share, so that each test need not make it anew: it halves their time.

The product has one app in a process; only tests make thousands. What is shared here depends on code alone.
"""

import types
from collections.abc import Callable, Iterator
from functools import wraps

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import URL, Engine, Pool
from werkzeug.routing import Rule

from dunning.outside.press.press import LetterPress
from dunning.rules.letters.letter import Letter

_engines: dict[str, Engine] = {}
_presses: list[LetterPress] = []
_pools: dict[URL, Pool] = {}
_builders: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}


class CompiledTemplates(BytecodeCache):
    """Templates by their source's hash, as Jinja keeps them in files."""

    def __init__(self) -> None:
        self._code: dict[str, types.CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get(bucket.key + bucket.checksum)

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code
        self._code[bucket.key + bucket.checksum] = bucket.code


_templates = CompiledTemplates()


def share_statements(engine: Engine) -> None:
    """SQL is compiled once for all tests on a kind of database.

    A dialect asks the database about itself when its own engine connects, which the first test may never do.
    """
    if engine.dialect.name not in _engines:
        engine.connect().close()
    first = _engines.setdefault(engine.dialect.name, engine)
    engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache


def share_connections(engine: Engine) -> None:
    """PostgreSQL's processes stay for the next test: each reads its catalogue anew, which takes longer than a verb.

    An SQLite file has one test only, and its connections end with it.
    """
    if engine.dialect.name == "postgresql":
        engine.pool = _pools.setdefault(engine.url, engine.pool)


def give_back(engine: Engine) -> None:
    """The counterpart at the test's end."""
    if engine.dialect.name != "postgresql":
        engine.dispose()


class LentPress:
    """The product's press, whose child stays for the next test: starting one takes most of a second."""

    def __init__(self) -> None:
        self._press = _presses.pop() if _presses else LetterPress()

    def render(self, letter: Letter) -> bytes:
        """As the product's press does."""
        return self._press.render(letter)

    def close(self) -> None:
        """Gives the press back."""
        _presses.append(self._press)


def share_presses(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """For as long as this is iterated."""
    patch.setattr("dunning.jobs.ways.channels.LetterPress", LentPress)
    yield
    for press in _presses:
        press.close()


def share_templates(app: Flask) -> None:
    """Templates are compiled once."""
    app.jinja_env.bytecode_cache = _templates


def share_url_builders(patch: pytest.MonkeyPatch) -> None:
    """Werkzeug writes and compiles a function for each route of each app; the same route gets the same one."""
    compile_builder = Rule._compile_builder

    @wraps(compile_builder)
    def find_builder(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (rule.rule, rule.subdomain, rule.host, repr(rule.defaults), append_unknown)
        if key not in _builders:
            _builders[key] = compile_builder(rule, append_unknown)
        return _builders[key]

    patch.setattr(Rule, "_compile_builder", find_builder)
