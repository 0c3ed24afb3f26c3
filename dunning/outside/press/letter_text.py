"""The letter in words: Jinja templates in letters/, the prose of each language in its own folder.

A template prints amounts, days and rates in its language by itself; every value is escaped and one line.
"""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # the library has no types
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from dunning.outside.mail.text import flatten_value, format_day, format_weekday
from dunning.outside.press.girocode import draw_girocode, embed_png
from dunning.rules.cents import MINUS_SIGN, NO_BREAK_SPACE, format_amount
from dunning.rules.letters.address import address_lines, greet_recipient
from dunning.rules.letters.letter import Letter, Line
from dunning.rules.money.reference import girocode_payload, group_reference

TEMPLATES = Path(__file__).parents[3] / "letters"
# (first day without its year, first day, last day, what stands between)
PERIOD_FORMATS = {"de": ("dd.MM.", "dd.MM.yyyy", "–"), "en": ("d MMM", "d MMM yyyy", " – ")}
# behind a sign that is to be shown as a coloured picture
EMOJI_MARK = "\ufe0f"
LEGAL_FORM = re.compile(r" (gGmbH|GmbH|AG|SE|UG|KG|OHG|eG|e\.\s?V\.)(?= |$).*$")


@dataclass(frozen=True)
class Brand:
    """The creditor's name as letterhead: the first word, and the rest in colour."""

    first: str
    rest: str


def render_html(letter: Letter, *, tight: bool = False, pages: int = 1, preview: bool = False) -> str:
    """The letter as HTML. `tight` sets it closer; more than one `pages` prints their number on each.

    A `preview` says so across every page.
    """
    values = {
        "letter": letter,
        "language": letter.language,
        "brand": split_brand(letter.creditor.name),
        "address": address_lines(letter.recipient, name_country(letter.recipient.country)),
        "salutation": greet_recipient(letter.recipient, letter.language),
        "instalment": letter.positions[0] if is_instalment(letter) else None,
        "girocode": embed_png(draw_girocode(write_payload(letter))),
        "tight": tight,
        "pages": pages,
        "preview": preview,
    }
    return letter_templates().get_template(f"{letter.language}/{letter.kind}.html").render(values)


def write_payload(letter: Letter) -> str:
    """What the GiroCode holds; PaymentCodeError for an amount or reference no bank would take."""
    creditor = letter.creditor
    return girocode_payload(creditor.name, creditor.iban, creditor.bic, letter.total, letter.rf_reference)


def is_instalment(letter: Letter) -> bool:
    """Whether the letter is about one instalment of a plan."""
    return len(letter.positions) == 1 and letter.positions[0].rates > 1


def split_brand(name: str) -> Brand:
    """`Mahnlauf Demo GmbH` -> Mahnlauf, Demo: the legal form stands in the footer."""
    first, _, rest = LEGAL_FORM.sub("", name).partition(" ")
    return Brand(first, rest)


def name_country(code: str) -> str:
    """The country in German, as Deutsche Post wants it; an unknown code stays what it is."""
    return str(Locale("de").territories.get(code.upper(), code))


@cache
def letter_templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=print_value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(money=print_money, day=print_day, weekday=print_weekday, percent=print_percent)
    environment.filters.update(moment=print_moment, when=print_when, groups=group_reference)
    return environment


def print_value(value: object) -> object:
    """On one line, without the symbols our fonts lack: an emoji in a product's name would be an empty box.

    Letters and digits of other scripts stay: a name is never changed.
    """
    text = flatten_value(value)
    if not isinstance(text, str) or text.isascii() or not (lacking := {*text} - known_signs()):
        return text
    symbols = {sign for sign in lacking if unicodedata.category(sign)[0] not in "LMN" or sign == EMOJI_MARK}
    return " ".join("".join(sign for sign in text if sign not in symbols).split())


@cache
def known_signs() -> frozenset[str]:
    """All signs the letters' fonts have."""
    fonts = (TTFont(file, lazy=True) for file in (TEMPLATES / "fonts").glob("*-400.ttf"))
    return frozenset(chr(code) for font in fonts for code in font.getBestCmap())


@pass_context
def print_money(context: Context, cents: int) -> str:
    """`1.234,56 €` or `€1,234.56`, with a real minus."""
    return format_amount(cents, context["language"], minus=MINUS_SIGN)


@pass_context
def print_day(context: Context, day: dt.date) -> str:
    return format_day(day, context["language"])


@pass_context
def print_weekday(context: Context, day: dt.date) -> str:
    return format_weekday(day, context["language"])


@pass_context
def print_moment(context: Context, moment: dt.datetime) -> str:
    """`13.09.2026, 18:00`."""
    return f"{format_day(moment.date(), context['language'])}, {moment:%H:%M}"


@pass_context
def print_percent(context: Context, rate: Decimal) -> str:
    """`6,52 %` or `6.52%`."""
    number = f"{rate:.2f}"
    return f"{number.replace('.', ',')}{NO_BREAK_SPACE}%" if context["language"] == "de" else f"{number}%"


@pass_context
def print_when(context: Context, line: Line) -> str:
    """A line's day, of interest its period: `24.09.–11.10.2026` or `24 Sep – 11 Oct 2026`."""
    language = context["language"]
    if line.first_day is None or line.last_day is None or line.first_day == line.last_day:
        day = line.on or line.last_day
        return format_day(day, language) if day else ""
    short, long, dash = PERIOD_FORMATS[language]
    start = short if line.first_day.year == line.last_day.year else long
    first, last = (format_date(line.first_day, start, language), format_date(line.last_day, long, language))
    return f"{first}{dash}{last}"
