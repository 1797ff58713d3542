"""The door in front of all workspaces: a request goes to the one whose host name it gives, and to no other.

Each workspace is an App and a server of its own (decision 0027). All that they share is this socket, so a request that
is let in at the wrong door finds other keys, other sessions and other ids there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from bascule.app import App
from bascule.store import Tx
from bascule.workspaces import LOOPBACK, Place

from .people import Signed
from .web import Elsewhere, Web

KEPT = timedelta(minutes=1)  # how long it is remembered where else a session's person is
MOST = 10_000  # sessions remembered


@dataclass
class House:
    """A workspace as the front knows it; without a server it is closed, or cannot be served."""

    place: Place
    app: App | None = None
    server: FastAPI | None = None
    trouble: str = ""  # why it cannot be served, for who runs the installation
    tried: float = 0.0

    @property
    def web(self) -> Web | None:
        return None if self.server is None else self.server.state.web


@dataclass
class Front:
    """An ASGI app. The main workspace alone answers at every host name, as it always has; beside others only at its
    own, and at loopback."""

    main: House
    others: Mapping[str, House] = field(default_factory=lambda: {})  # by name

    def set(self, main: Place, others: Mapping[str, House]) -> None:
        """Take over what there is now."""
        self.main.place, self.others = main, others
        for house in self.houses:
            if house.web is not None:
                house.web.title = house.place.title if others else ""
                house.web.others = self._asking(house)  # remembers nothing of who was there before

    @property
    def houses(self) -> Sequence[House]:
        return (self.main, *self.others.values())

    def house(self, host: str) -> House | None:
        """Who answers at a host name; None: nobody."""
        if not self.others:
            return self.main
        if host == self.main.place.host or host in LOOPBACK:
            return self.main
        return next((house for house in self.others.values() if house.place.host == host), None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        house = self.house(host_of(scope))
        if house is None:
            await nobody(scope)(scope, receive, send)
        elif house.server is None:
            await closed(scope)(scope, receive, send)
        elif house is self.main:
            await house.server(scope, receive, send)
        else:
            with structlog.contextvars.bound_contextvars(workspace=house.place.name):
                await house.server(scope, receive, send)

    # ------------------------------------------------------------------------------------ one person, several of them

    def _asking(self, here: House) -> Callable[[Signed], Awaitable[Sequence[Elsewhere]]]:
        """Where else somebody who is signed in here by a provider of identities has an account: where the same provider
        has let in the same subject. Nothing else tells two accounts to be one person's."""
        known: dict[str, tuple[datetime, Sequence[Elsewhere]]] = {}

        async def asked(signed: Signed) -> Sequence[Elsewhere]:
            if here.app is None or not signed.issuer:
                return ()
            now = here.app.runtime.now()
            at, found = known.get(signed.secret, (now - KEPT, ()))
            if now - at >= KEPT:
                subjects = await here.app.store.read(lambda tx: tx.people.subjects(signed.user.id))
                same = [one.subject for one in subjects if one.issuer == signed.issuer]
                rest = [house for house in self.houses if house is not here]
                found = tuple([one.here for one in map(_Door, rest) if await one.knows(signed.issuer, same)])
                if len(known) >= MOST:
                    known.clear()
                known[signed.secret] = now, found
            return found

        return asked


class _Door:
    """Another workspace, asked whether somebody may come in there."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.here = Elsewhere(house.place.title, house.place.address)

    async def knows(self, issuer: str, subjects: Sequence[str]) -> bool:
        app = self._house.app
        if app is None or self._house.server is None:
            return False

        def read(tx: Tx) -> bool:
            found = [tx.people.subject(app.workspace, issuer, subject) for subject in subjects]
            return any(tx.people.user(one.person).disabled is None for one in found if one is not None)

        return await app.store.read(read)


def host_of(scope: Scope) -> str:
    """The host name that a request gives, without its port; "" where it gives none, or several."""
    given = Headers(scope=scope).getlist("host") if scope["type"] in ("http", "websocket") else []
    if len(given) != 1:
        return ""
    host = given[0].strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].removesuffix(".")


def nobody(scope: Scope) -> Response:
    """The answer at a host name that is no workspace's. `/healthz` tells a load balancer, which asks by the machine's
    address, that the process answers."""
    if scope.get("path") == "/healthz":
        return JSONResponse({"ok": True})
    return PlainTextResponse("There is no workspace at this address.", 421)


def closed(_: Scope) -> Response:
    return PlainTextResponse("This workspace is closed for a while.", 503, {"Retry-After": "60"})
