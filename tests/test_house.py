"""The rules of the house, each as a test that names file and line."""

from __future__ import annotations

import ast
import re
import statistics
import sys
from collections.abc import Iterable
from functools import cache
from graphlib import CycleError, TopologicalSorter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from tests.source_walk import ROOT, Source, product_files, python_files, template_files, text_files

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "services", "managers", "base", "misc"}
PURE_LIBRARIES = {"holidays", "email_validator", "stdnum", "schwifty", "pydantic"}
IMPURE_STDLIB = {
    "os",
    "time",
    "random",
    "secrets",
    "socket",
    "subprocess",
    "threading",
    "logging",
    "tempfile",
}
IMPURE_STDLIB |= {"asyncio", "http", "multiprocessing", "shutil", "smtplib", "sqlite3", "urllib.request"}
CLOCK_FILES = ("dunning/clock.py", "dunning/sandbox/tables.py")  # the sandbox lets its tables set the time
MONEY_ROOMS = ("dunning/rules/", "dunning/records/", "dunning/actions/")
TEMPLATE_TAGS = {
    "if",
    "elif",
    "else",
    "for",
    "block",
    "extends",
    "include",
    "import",
    "from",
    "macro",
    "call",
}
TEMPLATE_TAGS |= {"trans", "pluralize", "set", "with"}

# From bottom to top: a file imports what stands in the rooms before its own, or in its own. A room is a folder of
# `dunning/`, or a file that lies in no folder.
ROOMS = """
    rules rules/orders rules/money rules/course rules/partner rules/letters rules/court
    smtp_address settings links desk records work errand fuse effects
    records/queries records/queries/checks records/queries/money records/queries/partner
    records/queries/cases records/queries/letters records/queries/vendors
    actions/dossier actions/to_partner actions/course actions/case actions/letters actions/money actions/people
    actions/orders actions/at_partner actions
    clock log running
    outside outside/tables outside/platform outside/bank outside/partner outside/agency outside/mail outside/press
    sandbox migrations
    jobs/ways jobs/partner jobs/carry jobs
    web web/request web/words web/lists web/eligibility web/account web/table web/case web/doors web/admin web/frame
    demo cli dunning machine app
""".split()  # noqa: SIM905  # one line a layer
# what stands lower and is still out of reach: the world outside knows no tables, pages carry nothing out
APART = {
    "dunning.outside": (
        "dunning.settings",
        "dunning.desk",
        "dunning.records",
        "dunning.work",
        "dunning.effects",
        "dunning.errand",
        "dunning.actions",
        "dunning.clock",
        "sqlalchemy",
    ),
    "dunning.web": ("dunning.jobs", "dunning.outside.mail.channel", "dunning.outside.mail.smtp"),
    "dunning.cli": ("dunning.web",),
}
# library -> the layers that may import it
LIBRARIES = {
    "flask": {"log", "running", "sandbox", "migrations", "jobs", "web", "cli", "dunning"},
    "werkzeug": {"sandbox", "web"},
    "flask_login": {"web"},
    "flask_wtf": {"sandbox", "web"},
    "rq": {"jobs", "cli"},
    "redis": {"jobs", "cli"},
    "requests": {"outside", "sandbox"},
    "weasyprint": {"outside"},
}


def _assert_none(findings: Iterable[str]) -> None:
    found = sorted(findings)
    assert not found, "\n" + "\n".join(found)


def _module_of(file: Source) -> str:
    return file.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _is_inside(module: str, room: str) -> bool:
    return module == room or module.startswith(room + ".")


# --- Size ---


@pytest.mark.parametrize(
    ("files", "limit"),
    [
        pytest.param([*product_files(), *python_files("tools/")], 300, id="code"),
        pytest.param(python_files("tests/"), 500, id="tests"),
        pytest.param(template_files(), 150, id="templates"),
        pytest.param([file for file in text_files() if file.path.suffix == ".js"], 200, id="scripts"),
    ],
)
def test_no_file_is_too_long(files: list[Source], limit: int) -> None:
    too_long = [file for file in files if len(file.lines) > limit]
    _assert_none(file.at(limit + 1, f"{len(file.lines)} lines, at most {limit}") for file in too_long)


def test_the_median_file_is_short() -> None:
    assert statistics.median(len(file.lines) for file in product_files()) < 90


def test_no_function_needs_scrolling() -> None:
    _assert_none(
        file.at(node.lineno, f"{node.name} has {length} lines, at most 50")
        for file in product_files()
        for node, length in file.functions()
        if length > 50
    )


def test_functions_are_short() -> None:
    sized = sorted(
        (length, file.at(node.lineno, f"{node.name} has {length} lines"))
        for file in product_files()
        for node, length in file.functions()
    )
    lengths = [length for length, _ in sized]
    longest = "\n".join(place for _, place in sized[-15:])
    assert statistics.median(lengths) <= 8, longest
    assert sum(length <= 30 for length in lengths) >= 0.9 * len(lengths), longest


def _count_parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    taken = node.args
    names = [taken.arg for taken in (*taken.posonlyargs, *taken.args, *taken.kwonlyargs)]
    return len([name for name in names if name not in ("self", "cls")])


@pytest.mark.parametrize(("room", "most"), [("dunning/actions/", 10), ("dunning/", 16)])
def test_few_functions_take_more_than_five_parameters(room: str, most: int) -> None:
    """What is carried by hand, name by name, belongs together in an object."""
    many = [
        file.at(node.lineno, f"{node.name} takes {_count_parameters(node)}")
        for file in product_files()
        if file.name.startswith(room)
        for node, _ in file.functions()
        if _count_parameters(node) > 5
    ]
    assert len(many) <= most, "\n".join(many)


# --- Names and words ---


def test_no_module_is_named_for_nothing() -> None:
    _assert_none(
        file.at(1, "a module is named for what it holds")
        for file in python_files()
        if FORBIDDEN_NAMES & {file.path.stem, *file.path.relative_to(ROOT).parts[:-1]}
    )


def test_every_module_says_what_it_is_for() -> None:
    _assert_none(
        file.at(1, "module docstring missing")
        for file in product_files()
        if file.text.strip() and not ast.get_docstring(file.tree)
    )


def test_nothing_is_left_to_do() -> None:
    marks = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
    _assert_none(file.at(line, what) for file in text_files() for line, what in file.matches(marks))


def test_an_ignored_warning_is_named() -> None:
    bare = re.compile(r"#\s*(?:type:\s*ignore(?!\[)|no" r"qa\b(?!:))[^\n]*")
    _assert_none(file.at(line, what) for file in python_files() for line, what in file.matches(bare))


def test_no_test_is_skipped() -> None:
    skipping = {"skip", "skipif", "xfail", "importorskip", "skipTest"}
    _assert_none(
        file.at(node.lineno, node.attr)
        for file in python_files("tests/")
        for node in file.nodes()
        if isinstance(node, ast.Attribute) and node.attr in skipping
    )


def test_nothing_names_a_machine() -> None:
    """No absolute path of one computer, no registry that only one network has."""
    paths = r"(?<![\w.~$}/:-])/(?:work|root|tmp|opt|home/\w+|Users/\w+)/"
    hosts = (
        r"files\.python" r"hosted\.org|registry\.npm" r"js\.org|py" r"pi\.org/simple|--(?:extra-)?index-url"
    )
    machine = re.compile(f"(?:{paths}|{hosts})[^\\s]*")
    files = [*text_files(), *map(Source, ROOT.glob("requirements*.lock"))]
    _assert_none(file.at(line, what) for file in files for line, what in file.matches(machine))


# --- Imports ---


def _is_pure(name: str) -> bool:
    top = name.split(".")[0]
    if top == "dunning":
        return _is_inside(name, "dunning.rules")
    if top in sys.stdlib_module_names:
        return not any(_is_inside(name, module) for module in IMPURE_STDLIB)
    return top in PURE_LIBRARIES


def test_rules_import_nothing_but_rules() -> None:
    _assert_none(
        file.at(line, f"rules are pure, not {name}")
        for file in python_files("dunning/rules/")
        for line, name in file.imports()
        if not _is_pure(name)
    )


@cache
def _modules() -> dict[str, Source]:
    return {_module_of(file): file for file in product_files()}


def _find_module(name: str) -> str:
    """The module of ours that an imported name lies in; nothing for a name of others."""
    while name and name not in _modules():
        name = name.rpartition(".")[0]
    return name


def _room_of(module: str) -> str:
    *folders, name = module.split(".")
    if _modules()[module].path.stem == "__init__" and folders:
        folders.append(name)
    return "/".join(folders[1:]) or name


def _imports_of_ours() -> Iterable[tuple[Source, int, str, str]]:
    """File, line, its module and the module of ours that it imports."""
    for module, file in _modules().items():
        for line, name in file.imports():
            if (found := _find_module(name)) and found != module:
                yield file, line, module, found


def test_the_list_of_rooms_is_complete() -> None:
    assert sorted(ROOMS) == sorted({_room_of(module) for module in _modules()})


def test_a_room_imports_only_from_rooms_below() -> None:
    _assert_none(
        file.at(line, f"{_room_of(module)} stands below {_room_of(imported)}, and imports {imported}")
        for file, line, module, imported in _imports_of_ours()
        if ROOMS.index(_room_of(imported)) > ROOMS.index(_room_of(module))
    )


def test_no_files_import_each_other_in_a_circle() -> None:
    graph: dict[str, set[str]] = {}
    for _, _, module, imported in _imports_of_ours():
        graph.setdefault(module, set()).add(imported)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


@pytest.mark.parametrize("room", sorted(APART))
def test_what_is_out_of_reach_is_not_imported(room: str) -> None:
    _assert_none(
        file.at(line, f"{room} does not import {name}")
        for module, file in _modules().items()
        if _is_inside(module, room)
        for line, name in file.imports()
        if any(_is_inside(name, forbidden) for forbidden in APART[room])
    )


@pytest.mark.parametrize("library", sorted(LIBRARIES))
def test_a_library_stays_in_its_rooms(library: str) -> None:
    _assert_none(
        file.at(line, f"{name} is for {', '.join(sorted(LIBRARIES[library]))}")
        for module, file in _modules().items()
        if _room_of(module).split("/")[0] not in LIBRARIES[library]
        for line, name in file.imports()
        if _is_inside(name, library)
    )


# --- What README says of the rooms ---

README = Source(ROOT / "README.md")


def test_readme_says_where_each_rule_lives() -> None:
    rules = [line for line in README.lines if re.match(r"\| [^|]+\? \| `", line)]
    assert len(rules) >= 20
    for rule in rules:
        question, files = rule.strip("| ").split(" | ")
        missing = [name for name in re.findall(r"`(.+?)`", files) if not (ROOT / "dunning" / name).is_file()]
        assert not missing, f"{question} {missing}"


def test_readme_names_every_room() -> None:
    folders = [room for room in ROOMS if (ROOT / "dunning" / room).is_dir()]
    _assert_none(
        f"README.md: no word of {room}"
        for room in folders
        if not {f"`{room}/`", f"`dunning/{room}/`", f"`{room.removeprefix('records/queries/')}/`"}
        & set(re.findall(r"`[^`\s]+/`", README.text))
    )


def test_readme_names_no_file_that_is_not_there() -> None:
    paths = re.compile(r"(?<=`)(?:(?:[a-z_]+/)+[a-z_]+/|dunning/[a-z_/]+|[\w/]+\.py)(?=`)")
    places = (ROOT, ROOT / "dunning", ROOT / "tests")
    _assert_none(
        README.at(line, f"there is no {name}")
        for line, name in README.matches(paths)
        if not any((place / name).exists() for place in places)
    )


# --- Clock and money ---


def _asks_the_clock(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    owner = node.func.value
    of_time = isinstance(owner, ast.Name) and owner.id == "time" and node.func.attr in {"time", "time_ns"}
    of_a_day = ast.unparse(owner).split(".")[-1] in {"date", "datetime", "func"}
    return of_time or (of_a_day and node.func.attr in {"today", "now", "utcnow"})


def test_only_the_clock_asks_the_time() -> None:
    _assert_none(
        file.at(node.lineno, ast.unparse(node))
        for file in product_files()
        if file.name not in CLOCK_FILES
        for node in file.nodes()
        if isinstance(node, ast.Call) and _asks_the_clock(node)
    )


def test_money_is_never_a_float() -> None:
    names = {"float", "Float", "Double", "REAL"}
    _assert_none(
        file.at(node.lineno, "float in a room that counts money")
        for file in python_files(*MONEY_ROOMS)
        for node in file.nodes()
        if (isinstance(node, ast.Name) and node.id in names)
        or (isinstance(node, ast.Constant) and isinstance(node.value, float))
    )


# --- Templates ---

BREAKS_THE_POLICY = {
    "an inline script": r"<script(?![^>]*\bsrc=)[^>]*>",
    "a style tag": r"<style\b",
    "an inline style": r"\sstyle\s*=",
    "an event attribute": r"\son[a-z]+\s*=",
    "hx-on": r"\bhx-on\b",
    "a js: value": r"[\"'](?:js|javascript):",
    "another host": r"\b(?:src|href|action)\s*=\s*[\"'](?:https?:)?//",
    "an event filter": r"hx-trigger\s*=\s*[\"'][^\"']*\[",
}


# a sentence to translate is the key of its translation and stays whole
A_SENTENCE = re.compile(r"""_\((?:"[^"]*"|'[^']*')""")


def test_lines_of_templates_sheets_and_scripts_can_be_read() -> None:
    sources = [*template_files(), *(file for file in text_files() if file.path.suffix in {".css", ".js"})]
    _assert_none(
        file.at(number, f"{len(line)} characters, at most 150")
        for file in sources
        for number, line in enumerate(file.lines, 1)
        if len(A_SENTENCE.sub("_(", line)) > 150 or (len(line) > 150 and len(A_SENTENCE.sub("", line)) > 60)
    )


@pytest.mark.parametrize("what", sorted(BREAKS_THE_POLICY))
def test_no_page_needs_what_its_policy_forbids(what: str) -> None:
    pattern = re.compile(BREAKS_THE_POLICY[what], re.IGNORECASE)
    _assert_none(
        file.at(line, f"{what}: {text}")
        for file in template_files("templates/")
        for line, text in file.matches(pattern)
    )


def test_no_template_switches_escaping_off() -> None:
    unsafe = re.compile(r"\|\s*safe\b|\bautoescape\s+false|\bMarkup\(")
    _assert_none(file.at(line, text) for file in template_files() for line, text in file.matches(unsafe))


def test_templates_hold_no_logic_but_if_and_for() -> None:
    tag = re.compile(r"{%[-+]?\s*\w+")
    _assert_none(
        file.at(line, text)
        for file in template_files()
        for line, text in file.matches(tag)
        if re.sub(r"^{%[-+]?\s*(?:end)?", "", text) not in TEMPLATE_TAGS
    )


# --- Words for people ---

GERMAN = ROOT / "translations/de/LC_MESSAGES/messages.po"
PLAIN_KEYWORDS = dict.fromkeys(("_", "_l", "gettext", "lazy_gettext"))
KEYWORDS = PLAIN_KEYWORDS | {"ngettext": (1, 2), "lazy_ngettext": (1, 2)}


def _german() -> Catalog:
    with GERMAN.open("rb") as file:
        return read_po(file, locale="de")


def _is_translated(message: Message) -> bool:
    forms = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(forms) and not message.fuzzy


def test_the_german_catalogue_is_complete() -> None:
    _assert_none(
        f"{GERMAN.relative_to(ROOT)}: empty or fuzzy: {message.id!r}"
        for message in _german()
        if message.id and not _is_translated(message)
    )


def test_the_german_catalogue_knows_every_text() -> None:
    known = {message.id for message in _german()}
    _assert_none(
        f"{name}:{line}: not in the German catalogue: {text!r}"
        for folder in ("dunning", "templates")
        for name, line, text in _texts_in(folder)
        if text not in known
    )


def _texts_in(folder: str) -> Iterable[tuple[str, int, object]]:
    methods = [("**.py", "python"), ("**.html", "jinja2")]
    options = {"**.html": {"silent": "false"}}  # a template that cannot be read is an error, not a gap
    for name, line, text, _, _ in extract_from_dir(ROOT / folder, methods, options, KEYWORDS):
        yield f"{folder}/{name}", line, text
