"""The collection partner's API (Paywise Case Management API, version 1), one call per method.

Nothing is retried here: a failed call says whether it may be repeated (`PartnerUnavailable.safe`), and `talk`
asks the partner before it sends anything again.
"""

import datetime as dt
import ipaddress
import ssl
from typing import Any, Protocol, TypeVar
from urllib.parse import quote, urlsplit

import requests
from pydantic import BaseModel, ValidationError
from urllib3.exceptions import NewConnectionError

from dunning.outside.partner_answers import (
    Answer,
    ClaimAnswer,
    ClaimPage,
    MandateAnswer,
    PartnerRefused,
    PartnerUnavailable,
    read_messages,
)
from dunning.outside.sandbox import SANDBOX_TOKEN
from dunning.outside.sandbox_transport import IN_PROCESS_URL, SandboxTransport
from dunning.rules.handover import Handover
from dunning.rules.handover_payload import claim_payload, debtor_payload

CONNECT_SECONDS, READ_SECONDS = 5.0, 30.0
LARGEST_ANSWER = 5_000_000
UNDATED = dt.datetime.min.replace(tzinfo=dt.UTC)
PAGE_SIZE, MOST_PAGES = 100, 1000
# the request was understood and refused; other codes below 500 (token, address, limits) are ours to mend
REFUSALS = (400, 409, 422)

# what `requests` takes: json, files or params
Request = dict[str, Any]
Model = TypeVar("Model", bound=BaseModel)


class PartnerSettings(Protocol):
    """The part of the settings that says which partner there is."""

    @property
    def partner_url(self) -> str | None: ...
    @property
    def partner_token(self) -> str | None: ...
    @property
    def database_url(self) -> str: ...


class PartnerClient:
    """Speaks with the partner. Every method raises PartnerRefused or PartnerUnavailable when it fails."""

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

    def create_debtor(self, handover: Handover) -> str:
        """The id of the new debtor."""
        return self._ask("POST", "debtors/", Answer, {"json": debtor_payload(handover)}).id

    def create_claim(self, handover: Handover, debtor_id: str) -> ClaimAnswer:
        """A new claim in state `created`: nothing happens with it before its release."""
        return self._ask("POST", "claims/", ClaimAnswer, {"json": claim_payload(handover, debtor_id)})

    def upload_document(self, claim_id: str, name: str, content: bytes) -> None:
        """Adds a PDF to a claim that is not released yet."""
        files = {"file": (name, content, "application/pdf")}
        self._ask("POST", f"claims/{quote(claim_id, safe='')}/documents/", Answer, {"files": files})

    def release_claim(self, claim_id: str) -> ClaimAnswer:
        """Hands the claim over: from now on it cannot be changed."""
        body = {"submission_state": "released", "send_order_confirmation": False}
        return self._ask("PATCH", f"claims/{quote(claim_id, safe='')}/", ClaimAnswer, {"json": body})

    def get_claim(self, claim_id: str) -> ClaimAnswer:
        """The claim as it stands at the partner."""
        return self._ask("GET", f"claims/{quote(claim_id, safe='')}/", ClaimAnswer)

    def get_mandate(self, mandate_id: str) -> MandateAnswer:
        """The accepted claim as the partner works on it."""
        return self._ask("GET", f"mandates/{quote(mandate_id, safe='')}/", MandateAnswer)

    def find_claims(self, our_reference: str) -> list[ClaimAnswer]:
        """All claims that carry our reference, oldest first.

        Compared on our side and read to the last page: a partner that ignores the filter answers with all.
        """
        found: list[ClaimAnswer] = []
        seen = 0
        for _ in range(MOST_PAGES):
            wanted = {"your_reference": our_reference, "limit": PAGE_SIZE, "offset": seen}
            page = self._ask("GET", "claims/", ClaimPage, {"params": wanted})
            found += [claim for claim in page.results if claim.your_reference == our_reference]
            seen += len(page.results)
            if not page.results or seen >= page.count:
                return sorted(found, key=lambda claim: claim.created or UNDATED)
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
                method, self._base + path, timeout=self._timeout, allow_redirects=False, stream=True, **body
            ) as response:
                return response.status_code, read_content(response)
        except requests.RequestException as error:
            reason = f"{method} {path}: {type(error).__name__}"
            raise PartnerUnavailable(reason, safe=never_sent(error)) from error


def make_client(settings: PartnerSettings) -> PartnerClient:
    """The partner of PARTNER_URL; without one the sandbox, in this process and on the same database."""
    token = settings.partner_token or SANDBOX_TOKEN
    if settings.partner_url:
        return PartnerClient(settings.partner_url, token)
    session = requests.Session()
    session.mount(IN_PROCESS_URL, SandboxTransport(settings.database_url, token))
    return PartnerClient(IN_PROCESS_URL, token, session)


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
            return PartnerUnavailable(f"answer {status} without a reason", safe=False)
    return PartnerUnavailable(f"answer {status}", safe=400 <= status < 500)


class Refusal(BaseModel, extra="allow"):
    """The JSON object of a refusal: messages by field name."""
