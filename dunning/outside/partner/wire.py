"""One exchange with the partner over HTTP: what is sent, what counts as an answer, and what a failure leaves open.

Nothing is retried here: a failed call says whether it may be repeated (`PartnerUnavailable.safe`).
"""

import ipaddress
import ssl
from collections.abc import Iterator
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
from pydantic import BaseModel, ValidationError
from urllib3.exceptions import NewConnectionError

from dunning.outside.partner.answers import (
    Page,
    PartnerRefused,
    PartnerUnavailable,
    read_messages,
)

CONNECT_SECONDS, READ_SECONDS = 5.0, 30.0
LARGEST_ANSWER = 5_000_000
PAGE_SIZE, MOST_PAGES = 100, 1000
# the request was understood and refused; other codes below 500 (token, address, limits) are ours to mend
REFUSALS = (400, 409, 422)
# nothing is let through: a wrong token, too many requests
CLOSED_DOORS = (401, 403, 408, 429)

# what `requests` takes: json, files or params
Request = dict[str, Any]
Model = TypeVar("Model", bound=BaseModel)


class PartnerWire:
    """The connection to one partner. Every call raises PartnerRefused or PartnerUnavailable when it fails."""

    def __init__(
        self,
        base_url: str,
        token: str,
        session: requests.Session | None = None,
        timeout: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS),
    ) -> None:
        self._base = complete_url(base_url)
        self._timeout = timeout
        self._session = session or requests.Session()
        # a .netrc of the machine would replace our token without a word
        self._session.trust_env = False
        self._session.headers.update({"Authorization": f"Bearer {token}", "Accept": "application/json"})

    def _list(self, path: str, model: type[Model], filters: Request) -> Iterator[Model]:
        """All entries of a list, read to its last page."""
        seen = 0
        for _ in range(MOST_PAGES):
            wanted = {**filters, "limit": PAGE_SIZE, "offset": seen}
            page = self._ask("GET", path, Page[model], {"params": wanted})  # type: ignore[valid-type]  # made at run time
            yield from page.results
            seen += len(page.results)
            if not page.results or seen >= page.count:
                return
        raise PartnerUnavailable(f"a list of more than {MOST_PAGES} pages", safe=False)

    def _ask(self, method: str, path: str, model: type[Model], body: Request | None = None) -> Model:
        status, content = self._exchange(method, path, body or {})
        if status not in (200, 201):
            raise judge_failure(status, content)
        try:
            return model.model_validate_json(content)
        except ValidationError as error:
            raise PartnerUnavailable(f"{method} {path}: an answer that is none", safe=False) from error

    def _exchange(self, method: str, path: str, body: Request) -> tuple[int, bytes]:
        try:
            with self._session.request(
                method,
                urljoin(self._base, path),
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
                **body,
            ) as response:
                return response.status_code, read_content(response)
        except requests.RequestException as error:
            reason = f"{method} {path}: {type(error).__name__}"
            raise PartnerUnavailable(reason, safe=never_sent(error)) from error


def complete_url(url: str) -> str:
    """The address of version 1 of the API. ValueError unless it is HTTPS or on this machine."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        raise ValueError("PARTNER_URL: must begin with https://; http:// is for 127.0.0.1 only")
    return f"{url.rstrip('/').removesuffix('/v1')}/v1/"


def is_loopback(host: str) -> bool:
    """Whether the name or address is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_content(response: requests.Response) -> bytes:
    """The body, up to a limit: an answer that never ends must not fill the memory."""
    content = b""
    for part in response.iter_content(65536):
        content += part
        if len(content) > LARGEST_ANSWER:
            raise PartnerUnavailable("an answer beyond all measure", safe=False)
    return content


def never_sent(error: requests.RequestException) -> bool:
    """True when no connection came about: then the partner has nothing of this request."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = next(iter(error.args), None)
    reason = getattr(cause, "reason", cause)
    first = next(iter(getattr(reason, "args", ())), None)
    return isinstance(reason, NewConnectionError) or isinstance(first, ssl.SSLCertVerificationError)


def judge_failure(status: int, content: bytes) -> Exception:
    """A documented refusal names fields in JSON; anything else is no verdict about the claim."""
    if status in REFUSALS:
        try:
            return PartnerRefused(status, read_messages(Refusal.model_validate_json(content).model_extra))
        except ValidationError:
            return PartnerUnavailable(f"answer {status} without a reason", safe=False, away=False)
    ours = 400 <= status < 500
    return PartnerUnavailable(f"answer {status}", safe=ours, away=not ours or status in CLOSED_DOORS)


class Refusal(BaseModel, extra="allow"):
    """The JSON object of a refusal: messages by field name."""
