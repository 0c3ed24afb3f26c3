"""A page as everybody meets it: what axe finds, and what runs out of a narrow screen, in each theme and width."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

AXE = Path(__file__).parent / "vendor/axe-4.14.1.min.js"
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# what colours can break, and what can break where the narrow page shows other elements or puts them elsewhere
OF_COLOUR = ["color-contrast", "link-in-text-block"]
OF_WIDTH = [
    *OF_COLOUR,
    "aria-hidden-focus",
    "button-name",
    "empty-heading",
    "heading-order",
    "label",
    "link-name",
    "page-has-heading-one",
    "region",
    "scrollable-region-focusable",
    "target-size",
]
# theme and width -> axe's rules to ask; all of them in the first look, then those that the look can break
LOOKS: dict[tuple[str, int], list[str]] = {
    ("light", 1280): [],
    ("light", 320): OF_WIDTH,
    ("dark", 1280): OF_COLOUR,
    ("dark", 320): OF_COLOUR,
}
# other words change no colour and no order; they can be missing, the same for two things, or too long for their place
OF_WORDS = [
    "aria-command-name",
    "aria-input-field-name",
    "button-name",
    "document-title",
    "empty-heading",
    "html-has-lang",
    "html-lang-valid",
    "image-alt",
    "label",
    "landmark-unique",
    "link-name",
    "select-name",
    "summary-name",
    "target-size",
]
LANGUAGES = ["de", pytest.param("en", marks=pytest.mark.long)]
LOOKS_OF_WORDS: dict[tuple[str, int], list[str]] = {
    ("light", 1280): OF_WORDS,
    ("light", 320): ["target-size"],
}


def list_flaws(page: Page) -> list[str]:
    """What is wrong with the page in any look: German in all of them, then English where words matter."""
    language = page.locator("html").get_attribute("lang")
    found = []
    for (theme, width), rules in (LOOKS if language == "de" else LOOKS_OF_WORDS).items():
        wear_look(page, theme, width)
        found += [f"{page.url} {theme} {width}: {line}" for line in list_violations(page, rules)]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{page.url} {theme}: wider than {width}")
    return found


def wear_look(page: Page, theme: str, width: int) -> None:
    """The page from its top at this width, when the system has this theme: nothing lies under the sticky head."""
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 800})
    page.evaluate("scrollTo(0, 0)")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)


def list_violations(page: Page, only: Sequence[str] = ()) -> list[str]:
    """What axe finds on the page as it is now, one line per rule with the first elements; `only` names its rules."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    rules = RULES | ({"runOnly": {"type": "rule", "values": list(only)}} if only else {})
    found = page.evaluate("rules => axe.run(document, rules)", rules)["violations"]
    return [f"{v['id']}: {[node['html'][:120] for node in v['nodes'][:3]]}" for v in found]
