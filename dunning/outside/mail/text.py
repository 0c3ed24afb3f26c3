"""The words of a mail: Jinja templates in letters/mail, one folder per language, with the CSS written in.

A text template begins with its subject line and a blank line; a value can never add a line to either.
"""

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import css_inline
from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from dunning.rules.cents import format_amount
from dunning.rules.letters.mails import MailContent, PartnerRequest
from dunning.rules.policy_tables import Creditor

TEMPLATES = Path(__file__).parents[3] / "letters" / "mail"
DAY_FORMATS = {"de": "dd.MM.yyyy", "en": "d MMM yyyy"}
WEEKDAY_FORMATS = {"de": "EEEE, d. MMMM yyyy", "en": "EEEE, d MMM yyyy"}
# line ends and other controls, direction overrides that turn text around, halves of characters
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


@dataclass(frozen=True)
class MailText:
    """A mail in words: the subject, and the same message as plain text and as HTML."""

    subject: str
    text: str
    html: str


def render_mail(content: MailContent, creditor: Creditor) -> MailText:
    """The content in its language's words."""
    values = {"mail": content, "creditor": creditor, "language": content.language}
    subject, _, text = render_template(f"{content.language}/{content.kind}.txt", values).partition("\n\n")
    # for mails that say in HTML what their text says, without the imprint below its line
    paragraphs = text.partition("\n--\n")[0].split("\n\n")
    shown = {**values, "subject": subject, "paragraphs": paragraphs}
    html = render_template(f"{content.language}/{content.kind}.html", shown)
    return MailText(subject.strip(), text, mail_inliner().inline(html))


def render_request(request: PartnerRequest) -> str:
    """What the partner is asked for, as one paragraph."""
    return render_template(f"{request.language}/_partner_request.txt", {"mail": request}).strip()


def render_template(name: str, values: dict[str, Any]) -> str:
    return mail_templates().get_template(name).render(values)


@cache
def mail_templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        finalize=flatten_value,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(money=format_amount, day=format_day, weekday=format_weekday, groups=group_code)
    return environment


@cache
def mail_inliner() -> css_inline.CSSInliner:
    """Mail programs read `style` attributes; the media queries stay in the head for those that know more."""
    return css_inline.CSSInliner(
        extra_css=(TEMPLATES / "mail.css").read_text(encoding="utf-8"),
        load_remote_stylesheets=False,
        keep_at_rules=True,
    )


def one_line(text: str) -> str:
    """The text without line ends and invisible controls: safe in a header and in a line."""
    return UNPRINTABLE.sub(" ", text).strip()


def flatten_value(value: object) -> object:
    """Every value a template prints is one line; markup the templates make themselves passes."""
    return one_line(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def format_day(day: dt.date, language: str) -> str:
    """`31.12.2026` or `31 Dec 2026`."""
    return format_date(day, DAY_FORMATS[language], locale=language)


def format_weekday(day: dt.date, language: str) -> str:
    """`Mittwoch, 23. September 2026` or `Wednesday, 23 Sep 2026`."""
    return format_date(day, WEEKDAY_FORMATS[language], locale=language)


def group_code(code: str) -> str:
    """An IBAN or RF reference in groups of four."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))
