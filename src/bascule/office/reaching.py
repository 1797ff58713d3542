"""Whether the address that systems are given for their webhooks leads to this server: asked from here, by that very
address, and answered by nobody else."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from bascule.engine.http import is_loopback
from bascule.engine.wire import WireRequest
from bascule.errors import RemoteError

from .desk import Desk

WITHIN, MOST = 5.0, 10_000  # seconds, bytes
REASONS: Mapping[str, str] = {
    "gaierror": "no such name is known here",
    "ConnectionRefusedError": "nothing listens there",
    "ConnectionResetError": "it broke off",
    "TimeoutError": "no answer in time",
    "ConnectionTimeoutError": "no answer in time",
    "SSLCertVerificationError": "its certificate is not valid",
    "ClientConnectorCertificateError": "its certificate is not valid",
}
"""What stands in brackets after an address that cannot be reached -> what that says to people."""
PROXY = "Give a proxy or a tunnel a public https address that leads to this port (only /hooks/ is needed)."


@dataclass(frozen=True, slots=True)
class Reached:
    """`why`: "" where it leads here; `local`: an address of this machine, which no system elsewhere can reach. `at`:
    when it was asked, None where that was not needed or not done."""

    address: str
    why: str = ""
    next: str = ""
    local: bool = False
    at: datetime | None = None


class Reaching:
    """`app.reaching`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._last: Reached | None = None
        self._key = b""

    def known(self) -> Reached | None:
        """What is known without asking: that of an address of this machine, or what was found last."""
        address = self._desk.settings.address
        if is_loopback(urlsplit(address).hostname or ""):
            why = f"{address} is an address of this machine: no system elsewhere reaches it."
            return Reached(address, why, f"{PROXY} Set BASCULE_PUBLIC_URL to it and start again.", local=True)
        return self._last

    async def look(self) -> Reached:
        """Ask now, by the address itself."""
        known = self.known()
        if known is not None and known.local:
            return known
        address, nonce = self._desk.settings.address, secrets.token_urlsafe(16)
        expected = await self.proof(nonce)
        request = WireRequest("GET", f"{address}/hooks/reach?nonce={nonce}", {}, None, MOST)
        try:
            answer = await self._desk.runtime.transport.send(request, WITHIN)
        except RemoteError as error:
            why, after = (
                f"Nobody answers at {address}: {plainly(str(error))}",
                "Look at its name, its certificate and the firewall.",
            )
        else:
            here = hmac.compare_digest(answer.body.strip(), expected.encode())
            why = "" if here else f"Somebody else answers at {address} (status {answer.status}), not this server."
            after = "" if here else PROXY
        self._last = Reached(address, why, after, at=self._desk.now())
        return self._last

    async def of_a_link(self, *, elsewhere: bool = True) -> str:
        """Why a link to this server will not open, and what to do; "" where it does. `elsewhere`: it is for somebody at
        another machine."""
        found = await self.look()
        if not found.why or (found.local and not elsewhere):
            return ""
        if found.local:
            return (
                f"{found.why} To let others in, set BASCULE_PUBLIC_URL to an address that they reach, and start again."
            )
        return f"{found.why} {found.next} The address is what BASCULE_PUBLIC_URL says."

    async def proof(self, nonce: str) -> str:
        """What this installation, and no other, answers."""
        if not self._key:  # the first one of an installation makes the key it comes from
            workspace = self._desk.workspace
            self._key = await self._desk.store.write(lambda tx: tx.vault.derived(workspace, b"reach"))
        return hmac.digest(self._key, f"reach|{nonce}".encode(), "sha256").hex()


def plainly(text: str) -> str:
    """The same, with the reason why an address cannot be reached as people say it."""
    for name, words in REASONS.items():
        text = text.replace(f"({name})", f"({words})")
    return text
