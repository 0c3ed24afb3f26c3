"""Flask-Babel's functions with types: the text for a message id in the reader's language."""

import flask_babel


def gettext(message: str, **values: object) -> str:
    """The text with its values filled in."""
    return str(flask_babel.gettext(message, **values))


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """The text for one or for several; `num` is filled in too."""
    return str(flask_babel.ngettext(one, many, num, **values))
