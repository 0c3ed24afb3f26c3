"""Passwords that are guessed first, in lower case; where they come from is said beside the list."""

from importlib.resources import files

_LIST = files("dunning.rules") / "data" / "common_passwords.txt"

COMMON_PASSWORDS = frozenset(_LIST.read_text(encoding="utf-8").split())
