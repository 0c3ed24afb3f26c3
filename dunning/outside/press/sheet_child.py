"""The child process that lays a sheet out: JSON from standard input, a PDF to standard output."""

import hashlib
import json
import logging
import sys
from dataclasses import dataclass, field
from typing import Any

from weasyprint import CSS, DEFAULT_OPTIONS, HTML
from weasyprint.text.fonts import FontConfiguration

from dunning.outside.press.letter_child import AssetFetcher, Incomplete, IncompleteLetter, limit_memory
from dunning.outside.press.letter_text import TEMPLATES, letter_templates


@dataclass(frozen=True)
class SheetKind:
    """Template and style sheets in letters/, and the engine's options."""

    template: str
    styles: tuple[str, ...]
    options: dict[str, Any] = field(default_factory=dict)


KINDS = {
    "cover": SheetKind("post/cover.html", ("post/cover.css",)),
    "court": SheetKind(
        "court/claim.html", ("post/cover.css", "court/claim.css"), {"pdf_variant": "pdf/a-3a"}
    ),
}


def lay_out_sheet(kind: SheetKind, values: dict[str, Any]) -> bytes:
    """The PDF. Raises IncompleteLetter when a font or sign was missing."""
    html = letter_templates().get_template(kind.template).render(values)
    incomplete = Incomplete()
    logging.getLogger("weasyprint").addHandler(incomplete)
    fetcher, fonts = AssetFetcher(), FontConfiguration()
    styles = [
        CSS(string=(TEMPLATES / name).read_text(encoding="utf-8"), font_config=fonts, url_fetcher=fetcher)
        for name in kind.styles
    ]
    identifier = hashlib.sha256(html.encode()).digest()[:16]
    options = DEFAULT_OPTIONS | kind.options | {"pdf_identifier": identifier, "stylesheets": styles}
    pdf = HTML(string=html, url_fetcher=fetcher).write_pdf(font_config=fonts, **options)
    if incomplete.found:
        raise IncompleteLetter("; ".join(incomplete.found))
    return bytes(pdf)


def main() -> None:
    """One sheet, then it ends; its parent limits its time."""
    limit_memory()
    order = json.load(sys.stdin)
    sys.stdout.buffer.write(lay_out_sheet(KINDS[order["sheet"]], order["values"]))


if __name__ == "__main__":
    main()
