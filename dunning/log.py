"""Logs: one JSON line per event on stderr, without secrets, bank accounts, addresses or names."""

import logging
import re
import sys
from collections.abc import MutableMapping
from traceback import extract_tb
from typing import Any, TextIO, cast

import structlog
from flask.logging import wsgi_errors_stream

iban = re.compile(r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{2,4}){3,8}\b")
mailbox = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.[A-Za-z]+")
password_in_url = re.compile(r"(://[^\s/:@]*):[^\s/@]+@")

Event = MutableMapping[str, Any]


def mask_people(_logger: object, _method: str, event: Event) -> Event:
    """Blots out bank accounts, mail addresses and passwords in URLs, whoever wrote them into a line."""
    return {key: mask_text(value) if isinstance(value, str) else value for key, value in event.items()}


def mask_text(text: str) -> str:
    """The text with what must not be in a log replaced by its kind."""
    text = password_in_url.sub(r"\1:[secret]@", text)
    return mailbox.sub("[mailbox]", iban.sub("[iban]", text))


def name_error(_logger: object, _method: str, event: Event) -> Event:
    """An exception by its type and places in the code: its message may quote a buyer."""
    failure = event.pop("exc_info", None)
    if failure is True:
        failure = sys.exc_info()
    error = failure[1] if isinstance(failure, tuple) else failure
    if isinstance(error, BaseException):
        event["error"] = type(error).__qualname__
        event["at"] = [f"{f.filename}:{f.lineno} {f.name}" for f in extract_tb(error.__traceback__)][-12:]
    return event


def configure_logging() -> None:
    """Sends our events and those of the libraries (warnings and worse) through the same lines."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        name_error,
        mask_people,
    ]
    # standard error as it is when the line is written
    handler = logging.StreamHandler(cast(TextIO, wsgi_errors_stream))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, structlog.stdlib.ExtraAdder(), *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False, sort_keys=False),
            ],
        )
    )
    handler.set_name("json")
    replace_handler(logging.getLogger(), handler)
    logging.getLogger("dunning").setLevel(logging.INFO)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # its access lines hold queries with names
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def replace_handler(root: logging.Logger, handler: logging.Handler) -> None:
    """Several apps in one process write each line once."""
    for old in [h for h in root.handlers if h.get_name() == handler.get_name()]:
        root.removeHandler(old)
    root.addHandler(handler)
