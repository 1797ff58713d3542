"""A real mail server on this machine, for tests: it keeps what it is given, or refuses, or breaks off."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from bascule.hiring.mail import Security, Server


class Mailbox:
    """What came in. `says` is the answer to a recipient, `at_end` the one to the letter itself; "" breaks off;
    `at_parting` the one to a goodbye."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.says = "250 OK"
        self.at_end = "250 OK queued"
        self.at_parting = "221 Bye"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        if self.says.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.says

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return self.at_parting

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        data = content if isinstance(content, bytes) else str(content).encode()
        if self.at_end.startswith("250") or not self.at_end:
            self.raw.append(data)
            self.letters.append(message_from_bytes(data, policy=policy.default))  # type: ignore[arg-type]
        if not self.at_end:
            assert server.transport is not None
            server.transport.close()
        return self.at_end or "421 gone"


@contextmanager
def mailbox() -> Iterator[tuple[Mailbox, Server]]:
    """A mail server that listens on a free port of this machine, and how to reach it."""
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield (
            box,
            Server("127.0.0.1", port, Security.NONE, "jobs@tenant.example", "Tenant", answers="answers@tenant.example"),
        )
    finally:
        controller.stop()
