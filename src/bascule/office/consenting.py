"""A user of a system consents on its own page, and the refresh token that follows becomes a credential.

What was entered waits here, in the server's memory, until the user is back: nothing of it is kept before it works. A
restart in between asks for it once more.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bascule.connectors.guide import guide
from bascule.connectors.spec import Connector, consenting, lacking
from bascule.engine.http import Client
from bascule.engine.signin import REFRESH, Consented
from bascule.errors import BasculeError, ConfigurationError, InputError, NotFoundError
from bascule.model import Label
from bascule.store.connections import Connection

from .accounts import Clients
from .desk import Desk

LASTS = timedelta(minutes=15)  # from the form to the way back
MOST = 200  # that are on their way at once
BACK = "/oauth/back"
TO_COME = "to come"  # stands for the refresh token until there is one

Kept = Callable[[Consented], Awaitable[str]]
"""What becomes of a consent. The page to go on to, or what that page needs to know."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody on their way to a system's page of consent. `system`: its connector; `url`: that page; `proof`: what
    their browser keeps; `guest`: the link by which they came, "" for somebody signed in, who is `user`; `home`: where
    they came from; `wrong`: why it did not work the last time."""

    state: str
    proof: str
    system: str
    label: str
    url: str
    home: str
    guest: str
    user: str
    scopes: tuple[str, ...]
    until: datetime
    wrong: BasculeError | None = None


@dataclass(frozen=True, slots=True)
class _Way:
    waiting: Waiting
    client: Client
    verifier: str
    kept: Kept


class Consenting:
    """`app.consenting`."""

    def __init__(self, desk: Desk, client: Clients) -> None:
        self._desk = desk
        self._client = client
        self._ways: dict[str, _Way] = {}

    @property
    def back(self) -> str:
        """The address that is registered with the system, and to which it sends users back."""
        return f"{self._desk.settings.address}{BACK}"

    def begin(
        self, connector: Connector, base_url: str, given: Mapping[str, str], kept: Kept, *,
        home: str, user: str = "", guest: str = "",
    ) -> Waiting:  # fmt: skip
        """A way to the page of consent. InputError where there is none, or what it takes was not entered."""
        auth = consenting(connector)
        if auth is None:
            raise InputError(f"{connector.label} is not signed in to by a user's consent.")
        lacks = [name for name in auth.needs if name != REFRESH and not given.get(name)]
        given = {REFRESH: TO_COME, **given}
        lacks += lacking(connector, given) if not lacks else ()
        if lacks:
            raise InputError(
                f"{connector.label} needs {' and '.join(lacks)} before anybody is asked to allow it.",
                hint=f"The app's id and secret are shown where it is registered, with the callback address {self.back}",
            )
        given = {name: text for name, text in given.items() if name in (*auth.needs, "token_url")}
        state, proof, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        row = Connection(
            self._desk.id(), self._desk.workspace, connector.name, connector.name, Label.LIVE,
            (base_url or connector.base_url).rstrip("/"), self._desk.now(),
        )  # fmt: skip
        try:
            client = self._client(row, connector, given)
        except ConfigurationError as error:
            raise InputError(str(error), hint=f"Give another address, or {connector.label}'s own.") from None
        rights = guide(connector).scopes
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        url = client.consent_page(
            {
                "redirect_uri": self.back, "state": state,
                "code_challenge": challenge, "code_challenge_method": "S256",
            },
            rights,
        )  # fmt: skip
        now = self._desk.now()
        waiting = Waiting(state, proof, connector.name, connector.label, url, home, guest, user, rights, now + LASTS)
        self._ways = {one: way for one, way in self._ways.items() if way.waiting.until > now}
        while len(self._ways) >= MOST:
            del self._ways[next(iter(self._ways))]
        self._ways[state] = _Way(waiting, client, verifier, kept)
        return waiting

    def of(self, state: str, proof: str) -> Waiting:
        """Who comes back with this state, in the browser that went. NotFoundError for anybody else, and too late."""
        return self._way(state, proof).waiting

    async def came(self, state: str, proof: str, answer: Mapping[str, str]) -> str:
        """What the system sent them back with: the consent is kept, and the way ends. What `Kept` says. Raises what
        stands against it; the way then stays open for another try."""
        way = self._way(state, proof)
        try:
            if "code" not in answer:
                raise _refusal(way.waiting.label, answer)
            given = await way.client.consented(answer["code"], self.back, way.verifier)
            done = await way.kept(replace(given, scopes=given.scopes or way.waiting.scopes))
        except BasculeError as error:
            if state in self._ways:
                self._ways[state] = replace(way, waiting=replace(way.waiting, wrong=error))
            raise
        self._ways.pop(state, None)
        return done

    def _way(self, state: str, proof: str) -> _Way:
        way = self._ways.get(state)
        if way is None or way.waiting.until <= self._desk.now():
            raise NotFoundError(
                "Nothing waits for this answer any more.", hint="Begin again where you entered the client's id."
            )
        if not hmac.compare_digest(way.waiting.proof.encode(), proof.encode()):
            raise NotFoundError("This answer belongs to another browser.", hint="Begin again in this one.")
        return way


def _refusal(label: str, answer: Mapping[str, str]) -> InputError:
    """Why the system sent no code (RFC 6749, 4.1.2.1)."""
    why, words = answer.get("error", ""), answer.get("error_description", "")[:300]
    if why == "access_denied":
        return InputError(f"Access was not allowed in {label}.", hint="Go on once more, and allow it.")
    said = f" It said: {words or why[:100]}." if words or why else ""
    return InputError(
        f"{label} sent no consent.{said}", hint="Check the app's callback address and its rights there, then go on."
    )
