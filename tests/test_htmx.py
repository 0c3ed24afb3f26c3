"""Templates and script ask of htmx what the vendored htmx gives: version 4 is silent about words of version 2."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.source_walk import ROOT, Source, template_files

(LIBRARY,) = (ROOT / "static").glob("htmx-*.min.js")
SCRIPT = Source(ROOT / "static/app.js")
TAG = re.compile(r"<([a-z][a-z-]*)\b((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>")
ATTRIBUTE = re.compile(r"(?<![\w-])(hx-[\w:-]+)(?=[\s=>]|$)")
MODIFIERS = {"inherited", "append"}
REQUESTS = {"hx-get", "hx-post", "hx-put", "hx-patch", "hx-delete"}
# elements that ask by themselves once they are boosted, and the one that says where an answer's part goes
ASKING = {"a", "form", "hx-partial"}


def known_attributes() -> set[str]:
    """The attributes that the library reads, as it spells them."""
    return set(re.findall(r"\bhx-[a-z-]+[a-z]", LIBRARY.read_text(encoding="utf-8")))


def list_tags() -> Iterator[tuple[Source, int, str, list[str]]]:
    """(file, line, element, its hx- attributes) of every template."""
    for file in template_files("templates/"):
        for found in TAG.finditer(file.text):
            attributes = ATTRIBUTE.findall(found[2])
            if attributes or found[1].startswith("hx-"):
                yield file, file.text.count("\n", 0, found.start()) + 1, found[1], attributes


def test_the_library_is_read_rightly() -> None:
    assert {"hx-get", "hx-swap", "hx-select-oob", "hx-sync"} <= known_attributes()
    assert not {"hx-vars", "hx-disabled-elt", "hx-ext", "hx-params"} & known_attributes()
    assert sum(1 for _ in list_tags()) > 30


def test_every_attribute_is_one_the_library_knows() -> None:
    known = known_attributes()
    unknown = [
        file.at(line, attribute)
        for file, line, _, attributes in list_tags()
        for attribute in attributes
        if attribute.split(":")[0] not in known or not set(attribute.split(":")[1:]) <= MODIFIERS
    ]
    assert unknown == []


def test_what_children_shall_inherit_says_so() -> None:
    """On an element that asks for nothing itself a plain attribute does nothing at all in version 4."""
    dead = [
        file.at(line, f"<{element}> asks for nothing: {attribute}")
        for file, line, element, attributes in list_tags()
        if element not in ASKING and not REQUESTS & set(attributes)
        for attribute in attributes
        if ":inherited" not in attribute
    ]
    assert dead == []


def test_every_part_of_an_answer_names_its_place() -> None:
    """A `<tr hx-swap-oob>` in a template element is ignored in version 4; a part without a target goes nowhere."""
    lost = [
        file.at(line, f"<{element}>")
        for file, line, element, attributes in list_tags()
        if element == "hx-partial" and not {"hx-target", "hx-swap"} <= set(attributes)
    ]
    assert lost == []


@pytest.mark.parametrize("event", sorted(set(re.findall(r"htmx:[a-z:]+", SCRIPT.text))))
def test_every_event_listened_for_is_one_the_library_sends(event: str) -> None:
    assert f'"{event}"' in LIBRARY.read_text(encoding="utf-8")


def test_the_token_reaches_every_request_of_the_page() -> None:
    """Without `:inherited` every POST would be answered with 400."""
    base = Source(ROOT / "templates/base.html").text
    assert re.search(r"<body hx-headers:inherited='\{\"X-CSRFToken\": \"\{\{ csrf_token\(\) \}\}\"\}'", base)
