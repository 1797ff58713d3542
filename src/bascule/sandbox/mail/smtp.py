"""The way in: SMTP as RFC 5321 has it, on this machine, without a password."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, Envelope, Session

from .letters import Mailroom

LARGEST = 25_000_000  # bytes of a letter


@dataclass
class Faults:
    """What goes wrong on purpose: addresses that are refused for good, and for now."""

    gone: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()


@dataclass
class Postman:
    """Takes letters into the mailroom."""

    room: Mailroom
    faults: Faults = field(default_factory=Faults)

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address.lower() in self.faults.gone:
            return "550 5.1.1 No such mailbox here"
        if address.lower() in self.faults.later:
            return "451 4.7.1 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        content = envelope.content
        self.room.take(envelope.rcpt_tos, content if isinstance(content, bytes) else str(content or "").encode())
        return "250 OK kept"


@asynccontextmanager
async def listening(room: Mailroom, port: int = 0, faults: Faults | None = None) -> AsyncGenerator[int]:
    """Takes letters on 127.0.0.1 meanwhile; the port."""
    loop, postman = asyncio.get_running_loop(), Postman(room, faults or Faults())
    server = await loop.create_server(
        lambda: SMTP(postman, data_size_limit=LARGEST, enable_SMTPUTF8=True, loop=loop, hostname="sandbox"),
        "127.0.0.1", port,
    )  # fmt: skip
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
