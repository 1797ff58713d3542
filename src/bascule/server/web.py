"""What every request shares: the App, who is signed in, the figures in the navigation, and what to tell watchers."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from bascule.office.tasks import Wanted
from bascule.store import Tx
from bascule.store.sight import seeing

from .people import People, Signed
from .show import sql
from .views.frame import Flash
from .views.parts import Lag, Tone

if TYPE_CHECKING:
    from bascule.app import App

T = TypeVar("T")
HEARTBEAT = 15.0
WAITING = 100  # changes a slow page may fall behind before it is told to look at everything


@dataclass(frozen=True, slots=True)
class Figures:
    """What the navigation counts."""

    reviews: int = 0
    failures: int = 0
    gaps: int = 0
    overdue: int = 0  # tasks


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another workspace of the installation that the person behind a session may use."""

    title: str
    address: str


@dataclass
class Pace:
    """How often each tool may ask: `most` requests in each `per`."""

    most: int = 1200
    per: timedelta = timedelta(minutes=1)
    _since: dict[str, tuple[datetime, int]] = field(default_factory=lambda: {})

    def wait(self, tool: str, now: datetime) -> float:
        """Seconds until it may ask again; 0: now, and it is counted."""
        if len(self._since) > 10_000:  # whoever comes with many names must not fill the memory
            self._since.clear()
        began, asked = self._since.get(tool, (now, 0))
        if now - began >= self.per:
            began, asked = now, 0
        if asked >= self.most:
            return max(1.0, (began + self.per - now).total_seconds())
        self._since[tool] = (began, asked + 1)
        return 0.0


@dataclass
class Limits:
    """How often a link may be used, and how often somebody may try what is none."""

    link: Pace
    wrong: Pace

    @classmethod
    def usual(cls) -> Limits:
        return cls(Pace(240), Pace(60))


class Hub:
    """One watch of the App for all open pages. A page that falls behind is told to look at everything."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._open: set[asyncio.Queue[Mapping[str, str] | None]] = set()  # None: the end
        self._closed = False
        self._task: asyncio.Task[None] | None = None

    def ensure(self) -> None:
        """Start watching, once, in the running loop."""
        if self._task is None or self._task.done():
            with seeing(None):  # it watches for everybody
                self._task = asyncio.get_running_loop().create_task(self._run(), name="hub")

    async def _run(self) -> None:
        async for change in self._app.standing.watch():
            for queue in self._open:
                if queue.qsize() >= WAITING:
                    while not queue.empty():
                        queue.get_nowait()
                    queue.put_nowait({"kind": "*", "id": ""})
                else:
                    queue.put_nowait(change)

    async def follow(self) -> AsyncIterator[Mapping[str, str] | None]:
        """Changes as they come, until `close`; None when nothing came for a while, so that a dead connection is
        noticed."""
        if self._closed:
            return
        self.ensure()
        queue: asyncio.Queue[Mapping[str, str] | None] = asyncio.Queue()
        self._open.add(queue)
        try:
            while True:
                try:
                    change = await asyncio.wait_for(queue.get(), HEARTBEAT)
                except TimeoutError:
                    yield None
                    continue
                if change is None:
                    return
                yield change
        finally:
            self._open.discard(queue)

    async def close(self) -> None:
        """Let every open page go, so that a server that stops need not wait for them."""
        self._closed = True
        for queue in self._open:
            queue.put_nowait(None)
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task


VIEW_AGAIN = timedelta(minutes=15)
"""The same person looking at the same again within this time makes no further entry."""
MOST_SEEN = 50_000


class Web:
    """State of the server room, beside the App."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.people = People(app)
        self.hub = Hub(app)
        self.pace = Pace()
        self.limits = Limits.usual()
        self.seen: dict[tuple[str, str], datetime] = {}  # (person, what) -> when the look was noted
        self.title = ""  # what people call this workspace; "" where the installation has no other
        self.others: Callable[[Signed], Awaitable[Sequence[Elsewhere]]] = _nowhere

    @property
    def among(self) -> bool:
        """Whether the installation has other workspaces."""
        return bool(self.title)

    @property
    def secure(self) -> bool:
        """Whether people reach this server over TLS, so that cookies may insist on it."""
        return self.app.settings.address.startswith("https://")

    @property
    def cookie(self) -> str:
        """The session cookie's name; the prefix makes a browser refuse it from another host."""
        return "__Host-bascule" if self.secure else "bascule"

    @property
    def begun(self) -> str:
        """The name of the cookie that keeps a sign-in at the provider until it comes back."""
        return "__Host-bascule-signin" if self.secure else "bascule-signin"

    async def figures(self) -> Figures:
        """What waits."""

        def read(tx: Tx) -> Figures:
            reviews, failures, gaps = tx.rows(sql.WAITING, workspace=self.app.workspace)[0]
            tasks = self.app.tasks
            overdue = tasks.tally(tasks.listed(tx, Wanted())).overdue
            return Figures(int(reviews), int(failures), int(gaps), overdue)

        return await self.app.store.read(read)

    async def look(self, query: Callable[[Tx], T]) -> T:
        """One snapshot of the store."""
        return await self.app.store.read(query)

    def again(self, who: str, what: str) -> bool:
        """Whether somebody's look at that was noted within `VIEW_AGAIN`."""
        last = self.seen.get((who, what))
        if len(self.seen) > MOST_SEEN:
            self.seen.clear()
        return last is not None and self.app.runtime.now() - last < VIEW_AGAIN

    def lags(self) -> dict[str, Lag]:
        """Connection id -> how long changes took to arrive."""
        return {at.id: Lag(*self.app.metrics.lag(at.id)) for at in self.app.connections.all()}

    def maps(self) -> dict[str, tuple[Any, ...]]:
        """Connection id -> its mapped fields."""
        return {
            at.id: tuple(each for some in at.view.fields.values() for each in some) for at in self.app.connections.all()
        }


async def _nowhere(_: Signed) -> Sequence[Elsewhere]:
    return ()


# ------------------------------------------------------------------------------------------- what an action has done


def pack(flash: Flash, key: str) -> str:
    """A flash as a cookie value, signed with the session's own key."""
    said = {
        "words": flash.words,
        "tone": flash.tone,
        "next": flash.next,
        "undo": flash.undo,
        "fields": dict(flash.undo_fields),
    }
    body = base64.urlsafe_b64encode(json.dumps(said).encode()).decode()
    return f"{body}.{_sign(body, key)}"


def unpack(value: str, key: str) -> Flash | None:
    """The flash in a cookie, if it is ours."""
    body, _, signature = value.partition(".")
    if not body or not hmac.compare_digest(_sign(body, key), signature):
        return None
    said = json.loads(base64.urlsafe_b64decode(body))
    return Flash(said["words"], Tone(said["tone"]), said["next"], said["undo"], said["fields"])


def _sign(body: str, key: str) -> str:
    return hmac.new(key.encode(), body.encode(), hashlib.sha256).hexdigest()
