"""The sandbox as a partner: the documented API over HTTP or inside this process, and a call for wishes."""

import requests

from dunning.outside.partner.answers import Answer
from dunning.outside.partner.calls import PartnerCalls, write_id
from dunning.rules.partner.payload import write_day
from dunning.rules.partner.wish import Wish
from dunning.sandbox.transport import IN_PROCESS_ORIGIN, IN_PROCESS_URL, SandboxTransport

# what the sandbox's own tokens begin with
SANDBOX_MARK = "sandbox-"


class SandboxClient(PartnerCalls):
    """See Partner. It takes wishes by a call of its own, outside of the documented API."""

    offers_requests = True

    def send_request(self, wish: Wish) -> str:
        """Money stands in the text only. It shows in the mandate's `processing_state` whether the wish was granted."""
        body = {"kind": wish.kind, "text": wish.text, "until": write_day(wish.until)}
        body["your_reference"] = wish.reference
        path = f"/sandbox-requests/{write_id(wish.mandate_id)}/"
        return self._ask("POST", path, Answer, {"json": body}).id


def open_sandbox(database_url: str, token: str) -> SandboxClient:
    """The sandbox in this process, on the same database."""
    session = requests.Session()
    session.mount(IN_PROCESS_ORIGIN, SandboxTransport(database_url, token))
    return SandboxClient(IN_PROCESS_URL, token, session)
