"""Names as people search for them: case and accents folded, words by their beginnings."""

import unicodedata

# letters that Unicode does not take apart
_PLAIN = str.maketrans(
    {"ß": "ss", "ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
)


def fold(text: str) -> str:
    """`Şükrü Groß` -> `sukru gross`: lower case, no accents, single spaces."""
    lowered = unicodedata.normalize("NFKD", text).casefold().translate(_PLAIN)
    bare = "".join(c for c in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in bare).split())


def search_text(*names: str) -> str:
    """All words of the names with a space before each, so that `LIKE '% beginning%'` finds a word's beginning."""
    return f" {fold(' '.join(names))} "
