"""The recipient's lines in the window of a DIN 5008 form B envelope, and how a buyer is greeted.

The window is 75 mm wide for text and 24 mm high (y 66 to 90; above it print services frank): six lines at
most, no blank ones, the country in capitals last and never for Germany. Long lines wrap, then the type gets
smaller, then less important lines are cut.
"""

import unicodedata
from dataclasses import dataclass

from dunning.rules.letters.letter import Language, Recipient

DOMESTIC = "DE"
# the postcode stands behind the city there
CITY_FIRST = frozenset({"GB", "IE", "US", "CA", "AU"})
MOST_LINES = 6
ROOMY_LINES = 5
# width of the window in thousandths of the type size: 75 mm at 10 pt and at 9 pt
ROOM, SMALL_ROOM = 21_250, 23_620
# advances of the letters' type (Inter) in thousandths of its size, rounded: a line is right to a millimetre
ADVANCES = {
    250: "ijl",
    275: " I",
    300: "!',.:;",
    325: "`t|",
    350: "/\\",
    375: "()[]fr",
    400: "1",
    425: "{}",
    450: "-_",
    475: '"^',
    500: "*?",
    525: "s",
    550: "akvxyz",
    575: "7JLce",
    600: "25EFbdhnopqu",
    625: "#03689Zg",
    650: "$&+4<=>BPRST~",
    675: "KXY",
    700: "AV",
    725: "CD",
    750: "GHNU",
    775: "OQ",
    825: "w",
    875: "m",
    900: "M",
    975: "%@W",
}
WIDTH_OF = {sign: width for width, signs in ADVANCES.items() for sign in signs}
CAPITAL, SMALL = 1020, 850
CUT_MARK = "…"


@dataclass(frozen=True)
class AddressBlock:
    """The lines to print and the style they need: `six` sets them closer, `nine` in 9 pt."""

    lines: tuple[str, ...]
    style: str = ""


def address_lines(recipient: Recipient, country_name: str) -> AddressBlock:
    """The recipient in at most six lines; `country_name` is printed in capitals when it is not Germany."""
    fields = list_fields(recipient, country_name)
    for room, most, style in ((ROOM, ROOMY_LINES, ""), (ROOM, MOST_LINES, "six")):
        lines = [line for field in fields.values() for line in wrap_line(field, room)]
        if len(lines) <= most:
            return AddressBlock(tuple(lines), style)
    return AddressBlock(tuple(cut_lines(fields)), "six nine")


def list_fields(recipient: Recipient, country_name: str) -> dict[str, str]:
    """The filled fields from the top down, each one line while it fits."""
    town = (recipient.zipcode, recipient.city)
    if recipient.country.upper() in CITY_FIRST:
        town = (recipient.city.upper(), recipient.zipcode)
    fields = {
        "company": recipient.company,
        "person": recipient.person,
        "details": recipient.details,
        "street": f"{recipient.street} {recipient.house_number}",
        "town": " ".join(town),
        "country": "" if recipient.country.upper() == DOMESTIC else country_name.upper(),
    }
    return {name: flat for name, text in fields.items() if (flat := " ".join(text.split()))}


def cut_lines(fields: dict[str, str]) -> list[str]:
    """Six lines of the smaller type: details, company and person get fewer lines, then details none."""
    blocks = {name: wrap_line(text, SMALL_ROOM) for name, text in fields.items()}
    for name, most in (
        ("details", 1),
        ("company", 2),
        ("person", 1),
        ("company", 1),
        ("street", 1),
        ("town", 1),
    ):
        if count_lines(blocks) > MOST_LINES and len(blocks.get(name, [])) > most:
            blocks[name] = cut_block(blocks[name], most)
    if count_lines(blocks) > MOST_LINES:
        blocks.pop("details", None)
    return [line for block in blocks.values() for line in block]


def count_lines(blocks: dict[str, list[str]]) -> int:
    return sum(len(block) for block in blocks.values())


def cut_block(block: list[str], most: int) -> list[str]:
    """The first lines, the last of them marked as cut."""
    kept = block[:most]
    while measure_line(kept[-1] + CUT_MARK) > SMALL_ROOM:
        kept[-1] = kept[-1][:-1]
    return [*kept[:-1], kept[-1].rstrip() + CUT_MARK]


def wrap_line(text: str, room: int) -> list[str]:
    """The text in lines no wider than `room`, broken at blanks and hyphens where there are any."""
    lines = [""]
    for part in split_parts(text, room):
        if lines[-1] and measure_line(f"{lines[-1]}{part}".rstrip()) > room:
            lines.append("")
        lines[-1] += part
    return [line.strip() for line in lines]


def split_parts(text: str, room: int) -> list[str]:
    """Words with the blank behind them; what is wider than a line is cut."""
    parts = []
    for word in text.split():
        while measure_line(word) > room:
            # one sign goes on a line whatever its width
            fitting = next((end for end in range(len(word), 1, -1) if measure_line(word[:end]) <= room), 1)
            parts.append(word[:fitting])
            word = word[fitting:]
        parts.append(f"{word} ")
    return parts


def measure_line(text: str) -> int:
    """The width in thousandths of the type size."""
    return sum(measure_sign(sign) for sign in text)


def measure_sign(sign: str) -> int:
    """Accents do not widen a letter; other scripts count as wide as their widest common letters."""
    other = CAPITAL if sign.isupper() else SMALL
    parts = unicodedata.normalize("NFKD", sign)
    return sum(WIDTH_OF.get(part, other) for part in parts if not unicodedata.combining(part))


def greet_recipient(recipient: Recipient, language: Language) -> str:
    """`Guten Tag Anna Berger,`; without a person's name nobody is named."""
    if language == "de":
        return f"Guten Tag {recipient.person},".replace(" ,", ",")
    return f"Dear {recipient.person}," if recipient.person else "Dear Sir or Madam,"
