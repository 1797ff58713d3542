"""The calendars themselves: whose they are, what stands in them, and who may ask."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ..kit.faults import Faults
from ..kit.trouble import BARE


@dataclass
class Options:
    """`people`: whose calendars there are; "" in it: anybody's. `free_busy`: CalDAV knows the free-busy-query.
    `mailboxes`: those that Graph's application may reach, empty for all."""

    people: Sequence[str] = ()
    user: str = "bascule"
    password: str = "calendar-sandbox"
    client_id: str = "11111111-2222-3333-4444-555555555555"
    client_secret: str = "graph-sandbox"
    account: str = "bascule@sandbox.iam.example"
    free_busy: bool = True
    mailboxes: Sequence[str] = ()
    faults: Sequence[Mapping[str, Any]] = ()


@dataclass
class Held:
    """One event. `name`: of the object in CalDAV. `busy`: it takes its owner's time."""

    id: str
    owner: str
    start: datetime
    end: datetime
    uid: str = ""
    name: str = ""
    subject: str = ""
    text: str = ""
    place: str = ""
    busy: bool = True
    transaction: str = ""
    properties: Mapping[str, str] = field(default_factory=dict[str, str])
    raw: bytes = b""
    sequence: int = 0


class Server:
    """Keeps them, and knows who has signed in."""

    def __init__(
        self,
        options: Options | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.options = options or Options()
        self.sleep = sleep
        self.now = now
        self.faults = Faults(now, kinds=BARE)
        self.faults.load(self.options.faults)
        self.events: dict[tuple[str, str], Held] = {}  # by owner and id: ids are a calendar's own
        self.tokens: dict[str, tuple[str, str, datetime]] = {}  # token -> kind, whose, until
        self.asked: list[tuple[str, str]] = []  # method and path of every request
        self._key: rsa.RSAPrivateKey | None = None

    @property
    def key(self) -> rsa.RSAPrivateKey:
        """The service account's, made when it is first wanted."""
        if self._key is None:
            self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return self._key

    @property
    def pem(self) -> str:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    def has(self, person: str) -> bool:
        known = {one.casefold() for one in self.options.people}
        return not known or person.casefold() in known

    def add(self, owner: str, start: datetime, end: datetime, **more: Any) -> Held:
        """Something stands in somebody's calendar from now on."""
        id = str(more.pop("id", "") or secrets.token_hex(12))
        one = Held(id, owner.casefold(), start.astimezone(UTC), end.astimezone(UTC), **more)
        one.uid = one.uid or f"{id}@sandbox.example"
        one.name = one.name or f"{id}.ics"
        self.events[one.owner, id] = one
        return one

    def of(self, owner: str) -> list[Held]:
        found = [one for one in self.events.values() if one.owner == owner.casefold()]
        return sorted(found, key=lambda one: (one.start, one.id))

    def busy(self, owner: str, since: datetime, until: datetime) -> list[Held]:
        """What takes their time between two moments."""
        return [one for one in self.of(owner) if one.busy and one.start < until and one.end > since]

    def one(self, owner: str, id: str) -> Held | None:
        return self.events.get((owner.casefold(), id))

    def named(self, owner: str, name: str) -> Held | None:
        return next((one for one in self.of(owner) if one.name == name), None)

    def drop(self, one: Held) -> None:
        self.events.pop((one.owner, one.id), None)

    def sign_in(self, kind: str, whose: str) -> Mapping[str, Any]:
        """A token that lasts an hour."""
        token = secrets.token_urlsafe(24)
        self.tokens[token] = kind, whose.casefold(), self.now() + timedelta(hours=1)
        return {"token_type": "Bearer", "expires_in": 3600, "access_token": token}

    def signed_in(self, kind: str, header: str) -> str | None:
        """Whose token it is ("" for an application's own); None where it is none that works."""
        found = self.tokens.get(header.removeprefix("Bearer ").strip())
        if found is None or found[0] != kind or found[2] <= self.now():
            return None
        return found[1]
