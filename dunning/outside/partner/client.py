"""The collection partner behind its documented API, and nothing but that."""

from dunning.outside.partner.calls import PartnerCalls
from dunning.rules.partner.wish import Wish


class PartnerClient(PartnerCalls):
    """See Partner. A hold or a cancellation has no documented call: it goes as a mail."""

    offers_requests = False

    def send_request(self, wish: Wish) -> str:
        """RuntimeError: there is no call for it."""
        raise RuntimeError(f"this partner has no call for a {wish.kind}")
