"""The ways out of the house, one set per thread: mail, letters, storage, partner."""

import threading
from functools import cached_property

from dunning.outside.agency.agency import FilePartner, find_folder
from dunning.outside.mail.channel import Mailer, make_mailer
from dunning.outside.partner.client import PartnerClient
from dunning.outside.partner.port import Partner
from dunning.outside.press.press import LetterPress
from dunning.outside.storage import Storage
from dunning.sandbox.app import SANDBOX_TOKEN
from dunning.sandbox.client import SANDBOX_MARK, SandboxClient, open_sandbox
from dunning.settings import Settings


class Channels:
    """Made when first needed: a worker that never writes a letter never warms a press."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def mailer(self) -> Mailer:
        return make_mailer(self.settings.smtp_url, self.settings.home)

    @cached_property
    def storage(self) -> Storage:
        return Storage(self.settings.storage_url)

    @cached_property
    def partner(self) -> Partner:
        return make_partner(self.settings)

    @cached_property
    def press(self) -> LetterPress:
        return LetterPress()

    def close(self) -> None:
        """Ends the press's child process, if there is one."""
        if "press" in self.__dict__:
            self.press.close()


def make_partner(settings: Settings) -> Partner:
    """The partner of PARTNER_URL, an API or a folder; without one the sandbox, in this process."""
    url, token = settings.partner_url, settings.partner_token or SANDBOX_TOKEN
    if url is None:
        return open_sandbox(settings.database_url, token)
    if url.startswith("file:"):
        return FilePartner(find_folder(url))
    return SandboxClient(url, token) if token.startswith(SANDBOX_MARK) else PartnerClient(url, token)


_local = threading.local()


def thread_channels(settings: Settings) -> Channels:
    """This thread's channels; for other settings than before, others."""
    if getattr(_local, "channels", None) is None or _local.channels.settings is not settings:
        set_channels(Channels(settings))
    channels: Channels = _local.channels
    return channels


def set_channels(channels: Channels | None) -> None:
    """Gives this thread other channels and closes those it had."""
    if getattr(_local, "channels", None) is not None:
        _local.channels.close()
    _local.channels = channels


def close_channels() -> None:
    """At the end of a thread that carried effects out."""
    set_channels(None)
