"""A scripted SMTP server on loopback: a real socket that says, refuses, delays or drops what a test says.

    with SmtpServer("451 at RCPT", "ok") as server: ...

plays the first script on the first connection, the second on the second; the last one repeats. `on_content` is called
when a message was taken and its sender not yet told.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO, Self

DROP, SILENCE = "drop", "silence"
PATIENCE = 20.0
# seconds that a server within its rights (RFC 5321 4.5.3.2) lets a sender wait, 303 in all
VERY_SLOW: dict[str, float] = {"banner": 25, "EHLO": 25, "MAIL": 25, "RCPT": 5, "DATA": 105, "dot": 118}

# what happens instead of the good answer, or after how many seconds it comes, by the moment of the session
SCRIPTS: dict[str, dict[str, str | float]] = {
    "ok": {},
    "421 at banner": {"banner": "421 4.3.2 come back later"},
    "554 at banner": {"banner": "554 5.7.1 not for you"},
    "silence before banner": {"banner": SILENCE},
    "drop at banner": {"banner": DROP},
    "nonsense at banner": {"banner": "HTTP/1.1 400 Bad Request"},
    "535 at AUTH": {"AUTH": "535 5.7.8 no such password: hush-hush"},
    "421 at MAIL": {"MAIL": "421 4.3.2 closing"},
    "550 at MAIL": {"MAIL": "550 5.7.1 sender unknown"},
    "421 at RCPT": {"RCPT": "421 4.7.0 too many of you"},
    "450 at RCPT": {"RCPT": "450 4.2.1 mailbox busy"},
    "451 at RCPT": {"RCPT": "451 4.7.1 greylisted"},
    "550 at RCPT": {"RCPT": "550 5.1.1 no such user"},
    "drop at RCPT": {"RCPT": DROP},
    "silence at RCPT": {"RCPT": SILENCE},
    "421 at DATA": {"DATA": "421 4.3.2 closing"},
    "451 at DATA": {"DATA": "451 4.3.0 not now"},
    "drop at DATA": {"DATA": DROP},
    "nonsense at DATA": {"DATA": "what?"},
    "drop before the final dot": {"content": DROP},
    "451 after dot": {"dot": "451 4.3.0 cannot store"},
    "554 after dot": {"dot": "554 5.7.1 looks like spam"},
    "drop after the final dot": {"dot": DROP},
    "silence after the final dot": {"dot": SILENCE},
    "nonsense after the final dot": {"dot": "fine, thanks"},
    "endless line after the final dot": {"dot": "250 " + "x" * 10_000},
    "drop at QUIT": {"QUIT": DROP},
    "slow": dict.fromkeys(VERY_SLOW, 0.1),
    "very slow": dict(VERY_SLOW),
}
# the message is in the sink although the sender is not told so
TAKEN_UNTOLD = (DROP, SILENCE, "fine, thanks")


class _HangUp(Exception):
    """The script ends the connection."""


@dataclass(frozen=True)
class Delivery:
    """One copy the server took responsibility for; `content` is the message as it was before dot-stuffing."""

    sender: str
    recipient: str
    content: bytes


@dataclass
class Session:
    """One connection being served."""

    script: dict[str, str | float]
    connection: socket.socket
    reader: BinaryIO
    sender: str = ""
    recipient: str = ""


class SmtpServer:
    """Serves until closed; `deliveries` is the sink, `commands` what clients said, in order."""

    def __init__(
        self,
        *scripts: str,
        extensions: tuple[str, ...] = ("8BITMIME", "SMTPUTF8"),
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
    ) -> None:
        self.scripts = scripts or ("ok",)
        self.extensions = (*extensions, "STARTTLS") if tls and not implicit_tls else extensions
        self.tls = tls
        self.implicit_tls = implicit_tls
        self.deliveries: list[Delivery] = []
        self.commands: list[str] = []
        self.connections = 0
        self.slowness = 1.0
        self.on_content: Callable[[], None] = lambda: None
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._closing.set()
        # shutdown wakes the thread that waits in accept(); close alone does not
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(PATIENCE)

    def _accept(self) -> None:
        with suppress(OSError):
            while not self._closing.is_set():
                connection, _ = self._listener.accept()
                script = SCRIPTS[self.scripts[min(self.connections, len(self.scripts) - 1)]]
                self.connections += 1
                thread = threading.Thread(target=self._serve, args=(connection, script), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket, script: dict[str, str | float]) -> None:
        connection.settimeout(PATIENCE)
        with connection, suppress(_HangUp, OSError):
            if self.implicit_tls and self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with self._session(connection, script) as session:
                self._answer(session, "banner", "220 sink.test ESMTP")
                while line := session.reader.readline():
                    self._obey(session, line.decode("utf-8").strip())

    @contextmanager
    def _session(self, connection: socket.socket, script: dict[str, str | float]) -> Iterator[Session]:
        session = Session(script, connection, connection.makefile("rb"))
        try:
            yield session
        finally:
            session.reader.close()
            session.connection.close()

    def _obey(self, session: Session, line: str) -> None:
        self.commands.append(line)
        verb, _, rest = line.partition(" ")
        verb = verb.upper()
        if verb == "EHLO":
            self._answer(session, "EHLO", "\r\n".join(self._greeting()))
        elif verb == "STARTTLS" and self.tls:
            self._start_tls(session)
        elif verb == "MAIL":
            session.sender = address_in(rest)
            self._answer(session, "MAIL", "250 2.1.0 ok")
        elif verb == "RCPT":
            session.recipient = address_in(rest)
            self._answer(session, "RCPT", "250 2.1.5 ok")
        elif verb == "DATA":
            self._answer(session, "DATA", "354 go ahead")
            if not isinstance(session.script.get("DATA"), str):
                self._take_content(session)
        elif verb == "QUIT":
            self._answer(session, "QUIT", "221 2.0.0 bye")
            raise _HangUp
        else:
            self._answer(session, verb, "235 2.7.0 ok" if verb == "AUTH" else "250 2.0.0 ok")

    def _greeting(self) -> list[str]:
        lines = ["sink.test", *self.extensions, "AUTH PLAIN"]
        return [f"250{'-' if line != lines[-1] else ' '}{line}" for line in lines]

    def _start_tls(self, session: Session) -> None:
        assert self.tls is not None
        session.connection.sendall(b"220 2.0.0 ready\r\n")
        session.reader.close()
        session.connection = self.tls.wrap_socket(session.connection, server_side=True)
        session.reader = session.connection.makefile("rb")

    def _take_content(self, session: Session) -> None:
        if session.script.get("content") == DROP:
            session.reader.readline()
            raise _HangUp
        lines: list[bytes] = []
        while (line := session.reader.readline()) != b".\r\n":
            if not line:
                raise _HangUp
            lines.append(line.removeprefix(b"."))
        answer = session.script.get("dot", "250")
        if not isinstance(answer, str) or answer.startswith("250") or answer in TAKEN_UNTOLD:
            self.deliveries.append(Delivery(session.sender, session.recipient, b"".join(lines)))
            self.on_content()
        self._answer(session, "dot", f"250 2.0.0 taken as {len(self.deliveries)}")

    def _answer(self, session: Session, moment: str, good: str) -> None:
        answer = session.script.get(moment, good)
        if answer == DROP:
            raise _HangUp
        if answer == SILENCE:
            self._closing.wait(PATIENCE)
            raise _HangUp
        if not isinstance(answer, str):
            time.sleep(self.slowness * answer)
            answer = good
        session.connection.sendall(answer.encode() + b"\r\n")


def address_in(text: str) -> str:
    """The address between < and >."""
    return text.partition("<")[2].partition(">")[0]
