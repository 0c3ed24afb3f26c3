"""How amounts, days and moments are written on pages, and the small things templates draw again and again."""

import datetime as dt
import hashlib
from functools import cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from flask import Flask, current_app, g, request, url_for
from markupsafe import Markup

from dunning.rules.cents import format_amount
from dunning.rules.terms import Status
from dunning.running import current_settings
from dunning.web.request.answers import new_form_key
from dunning.web.request.language import read_language
from dunning.web.words.labels import STATUS_LOOKS, draw_icon, label_scheme, label_status, label_status_filter

DAY_PATTERNS = {"de": "dd.MM.yyyy", "en": "d MMM yyyy"}
SHORT_PATTERNS = {"de": "dd.MM.", "en": "d MMM"}


def add_formats(app: Flask) -> None:
    """Filters and globals of every template."""
    app.jinja_env.filters.update(money=write_money, round_money=write_round)
    app.jinja_env.filters.update(day=write_day, short_day=write_short_day)
    app.jinja_env.filters.update(moment=write_moment, machine_moment=write_machine_moment)
    app.jinja_env.filters.update(number=write_number, country=write_country)
    app.jinja_env.filters.update(status=label_status, status_filter=label_status_filter, scheme=label_scheme)
    app.jinja_env.globals.update(asset=link_asset, icon=icon, badge=badge, disc=disc, form_key=new_form_key)
    app.jinja_env.globals.update(has_page=has_page, on_page=on_page)


def write_money(cents: int) -> str:
    """`1.234,56 €` or `€1,234.56`, unbroken."""
    return format_amount(cents, read_language())


def write_round(cents: int) -> str:
    """Whole euros without cents, `1.000 €` or `€1,000`; any other amount with them."""
    if cents % 100:
        return write_money(cents)
    number = write_number(cents // 100)
    return f"{number}\N{NO-BREAK SPACE}€" if read_language() == "de" else f"€{number}"


def write_day(day: dt.date) -> str:
    """`31.12.2026` or `31 Dec 2026`."""
    return format_date(day, DAY_PATTERNS[read_language()], locale=read_language())


def write_short_day(day: dt.date) -> str:
    """`31.12.` or `31 Dec`, where the year is plain."""
    return format_date(day, SHORT_PATTERNS[read_language()], locale=read_language())


def write_moment(instant: dt.datetime) -> str:
    """Local day and time: `31.12.2026 14:05`."""
    local = instant.astimezone(current_settings().timezone)
    return f"{write_day(local.date())} {local:%H:%M}"


def write_machine_moment(instant: dt.datetime) -> str:
    """For the datetime attribute of <time>: local, with its offset."""
    return instant.astimezone(current_settings().timezone).isoformat(timespec="minutes")


def write_number(value: int) -> str:
    """`1.234` or `1,234`."""
    return format_decimal(value, locale=read_language())


def write_country(code: str) -> str:
    """The country by its name; a code nobody knows as it came."""
    return str(Locale(read_language()).territories.get(code, code))


def icon(name: str, classes: str = "i") -> Markup:
    """One icon of the sprite; words stand beside it."""
    return draw_icon(link_asset("icons.svg"), name, classes)


def disc(hue: str, name: str, classes: str = "") -> Markup:
    """A filled disc with an icon: `hue` is wait, run, good, bad or off."""
    return Markup('<span class="disc t-{}{}">{}</span>').format(hue, classes and f" {classes}", icon(name))


def badge(status: Status, *, staff: bool = False) -> Markup:
    """A status as disc and words; never by colour alone."""
    look = STATUS_LOOKS[status]
    words = label_status(status, staff=staff)
    return Markup('<span class="st t-{}">{}{}</span>').format(look.hue, disc(look.hue, look.icon), words)


def has_page(endpoint: str) -> bool:
    """True when this build has that page; menus leave out what is not there."""
    return endpoint in current_app.view_functions


def on_page(*endpoints: str) -> bool:
    """True when the present page belongs to one of the endpoints, or to a blueprint given as `name.`."""
    present = request.endpoint or ""
    return any(present == name or (name.endswith(".") and present.startswith(name)) for name in endpoints)


def link_asset(name: str) -> str:
    """A static file's address with its content's hash, so that browsers may keep it for a year."""
    links: dict[str, str] = g.setdefault("asset_links", {})  # a table draws some hundred icons
    if name not in links:
        file = Path(current_app.static_folder or "") / name
        links[name] = url_for("static", filename=name, v=hash_file(file, file.stat().st_mtime_ns))
    return links[name]


@cache
def hash_file(file: Path, _changed: int) -> str:
    """The beginning of the content's SHA-256; read again only when the file has changed."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]
