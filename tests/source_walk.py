"""Reads the project's own files for `test_house.py`: what is ours, its imports, its functions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDORED = frozenset(re.findall(r"^\| `([^`]+)`", (ROOT / "static/VENDORED.md").read_text(), re.MULTILINE))
FOLDERS = (
    ".ci",
    "bin",
    "deploy",
    "docs",
    "dunning",
    "letters",
    "static",
    "templates",
    "tests",
    "tools",
    "translations",
)
TEXT = frozenset(
    {
        ".py",
        ".html",
        ".txt",
        ".css",
        ".js",
        ".md",
        ".toml",
        ".yaml",
        ".in",
        ".cfg",
        ".po",
        ".ini",
        ".mako",
        "",
    }
)


@dataclass(frozen=True)
class Source:
    """One file of ours; ``name`` is its path from the root with forward slashes."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    def at(self, line: int, what: str) -> str:
        """A finding as an editor can open it: ``file:line: what``."""
        return f"{self.name}:{line}: {what}"

    def nodes(self) -> list[ast.AST]:
        return self._nodes

    @cached_property
    def _nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    def matches(self, pattern: re.Pattern[str]) -> Iterator[tuple[int, str]]:
        """Line number and text of each match."""
        for hit in pattern.finditer(self.text):
            yield self.text.count("\n", 0, hit.start()) + 1, hit[0].strip()

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line number and full dotted name of everything imported, also inside functions."""
        for node in self.nodes():
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)

    def functions(self) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, int]]:
        """Each function with its length in lines, docstring and decorators not counted."""
        for node in self.nodes():
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node, (node.end_lineno or node.lineno) - node.lineno + 1 - _docstring_lines(node)


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    if ast.get_docstring(node) is None or len(node.body) == 1:
        return 0
    return (first.end_lineno or first.lineno) - first.lineno + 1


def _is_ours(path: Path) -> bool:
    name = path.relative_to(ROOT).as_posix()
    return path.is_file() and path.suffix in TEXT and name not in VENDORED and "__pycache__" not in path.parts


@cache
def text_files() -> list[Source]:
    """Every text file of ours, the lock file and test data excepted; read and parsed once for all tests."""
    at_the_top = [path for path in ROOT.iterdir() if path.name != ".git"]
    inside = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    return [Source(path) for path in sorted({*at_the_top, *inside}) if _is_ours(path)]


def python_files(*folders: str) -> list[Source]:
    """Python files whose name begins with one of ``folders``; all without any."""
    return [
        file for file in text_files() if file.path.suffix == ".py" and file.name.startswith(folders or "")
    ]


def product_files() -> list[Source]:
    """The product's code, without the migrations: lists that Alembic writes and nobody edits afterwards."""
    written = python_files("dunning/", "app.py")
    return [file for file in written if not file.name.startswith("dunning/migrations/versions/")]


def template_files(*folders: str) -> list[Source]:
    wanted = folders or ("templates/", "letters/")
    return [file for file in text_files() if file.path.suffix == ".html" and file.name.startswith(wanted)]
