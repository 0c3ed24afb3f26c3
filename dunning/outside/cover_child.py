"""The child process that lays a print file's cover list out: JSON from standard input, a PDF to standard output."""

import datetime as dt
import json
import logging
import sys
from typing import Any

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from dunning.outside.letter_child import AssetFetcher, Incomplete, IncompleteLetter, limit_memory
from dunning.outside.letter_text import TEMPLATES, letter_templates
from dunning.outside.mail_text import format_day

WORDS = {
    "de": {
        "title": "Briefe vom",
        "letters": "Briefe",
        "number": "Nr.",
        "place": "Ort",
        "name": "Empfänger",
        "order": "Bestellung",
        "letter": "Schreiben",
        "pages": "Seiten",
        "first_letter": "1. Mahnung",
        "second_letter": "2. Mahnung",
    },
    "en": {
        "title": "Letters of",
        "letters": "Letters",
        "number": "No.",
        "place": "Place",
        "name": "Recipient",
        "order": "Order",
        "letter": "Letter",
        "pages": "Pages",
        "first_letter": "First letter",
        "second_letter": "Second letter",
    },
}


def lay_out_cover(order: dict[str, Any]) -> bytes:
    """The PDF. Raises IncompleteLetter when a font or sign was missing."""
    language = order["language"]
    template = letter_templates().get_template("post/cover.html")
    day = format_day(dt.date.fromisoformat(order["day"]), language)
    html = template.render(language=language, words=WORDS[language], day=day, rows=order["rows"])
    incomplete = Incomplete()
    logging.getLogger("weasyprint").addHandler(incomplete)
    fetcher, fonts = AssetFetcher(), FontConfiguration()
    style = (TEMPLATES / "post" / "cover.css").read_text(encoding="utf-8")
    css = CSS(string=style, font_config=fonts, url_fetcher=fetcher)
    pdf = HTML(string=html, url_fetcher=fetcher).write_pdf(stylesheets=[css], font_config=fonts)
    if incomplete.found:
        raise IncompleteLetter("; ".join(incomplete.found))
    return bytes(pdf)


def main() -> None:
    """One list, then it ends; its parent limits its time."""
    limit_memory()
    sys.stdout.buffer.write(lay_out_cover(json.load(sys.stdin)))


if __name__ == "__main__":
    main()
