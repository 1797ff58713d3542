"""The front door for what systems send: verify, drop repeats, store, mark wanted, answer.

The answer goes out only after the commit; deliveries that arrive together share one. A body says "look again" and
nothing else, except for what no read can give (deleted, merged, anonymised): that is planned in the same commit.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum

from bascule.connectors.spec import Hint, Webhook
from bascule.errors import NotFoundError
from bascule.jsontext import dumps, loads
from bascule.model import ROOT_OF, Json, Read
from bascule.store import Tx, lanes
from bascule.store.inbox import Delivery, DeliveryState

from .connections import Connected, Connections
from .observe import strip
from .reconcile import Reconcile
from .runtime import Runtime
from .traces import NONE, Span, SpanKind, parent, read_of
from .verify import covers, verified

BATCH = 256  # deliveries in one commit


class Answer(IntEnum):
    """The HTTP status a system gets for its delivery."""

    OK = 200
    ACCEPTED = 202  # what some systems want instead
    UNAUTHORIZED = 401
    NOT_FOUND = 404
    TOO_LARGE = 413
    UNREADABLE = 422


@dataclass(slots=True)
class _Waiting:
    at: Connected
    delivery: Delivery
    wanted: tuple[lanes.Hint, ...]
    read: Read | None
    ping: bool
    done: asyncio.Future[bool]
    span: Span


def kept(raw: Json, dropped: frozenset[str]) -> bytes:
    """What is stored of a body: without the keys that are dropped from every answer (demographics, national ids,
    photos), and without addresses that open a file by themselves."""
    (clean,) = strip([raw], dropped)
    return dumps(clean).encode()


class Ingest:
    """Accepts webhook deliveries for every connection of this installation."""

    def __init__(
        self,
        runtime: Runtime,
        connections: Connections,
        reconcile: Reconcile,
        *,
        max_bytes: int,
        wake: Callable[[], None],
    ) -> None:
        self._traces = runtime.traces
        self._runtime = runtime
        self._connections = connections
        self._reconcile = reconcile
        self._max_bytes = max_bytes
        self._wake = wake
        self._queue: list[_Waiting] = []
        self._flushing = False
        self.on_delivery: Callable[[Connected, str], None] = lambda _at, _outcome: None

    def echo(self, name: str, headers: Mapping[str, str]) -> Mapping[str, str]:
        """The headers to send back to a system that asks whether this address is ours; none for any other request."""
        try:
            hook = self._connections.named(name).connector.webhook
        except NotFoundError:
            return {}
        asked = headers.get(hook.echo.lower(), "") if hook is not None and hook.echo else ""
        return {hook.echo: asked} if hook is not None and asked else {}

    async def deliver(self, name: str, headers: Mapping[str, str], body: bytes, token: str = "") -> Answer:
        """Take one delivery; what acknowledges it once it is durable (or was already), else why not. Nothing refused is
        stored. `token` is what the address had after the connection's name."""
        try:
            at = self._connections.named(name)
        except NotFoundError:
            return Answer.NOT_FOUND
        if len(body) > self._max_bytes:
            return await self._refuse(at, Answer.TOO_LARGE, len(body), "larger than the limit")
        hook = at.connector.webhook
        lower = {key.lower(): value for key, value in headers.items()}
        secret = at.secrets.get("webhook_secret", "")
        if hook is None or not verified(hook.verify, lower, body, secret, now=self._runtime.now(), token=token):
            return await self._refuse(
                at, Answer.UNAUTHORIZED, len(body), "not signed as the system signs, or signed too long ago"
            )
        try:
            raw = loads(body)
            if hook.named:
                raw = {**raw, hook.named: lower.get(hook.named.lower(), "")}
            topic = hook.topic(raw)
            hints = tuple(hook.hints(raw))
        except (ValueError, KeyError, TypeError, AttributeError):
            return await self._refuse(
                at, Answer.UNREADABLE, len(body), "signed, but not in the shape of this system's webhooks"
            )
        fresh = await self._accept(at, hook, lower, body, kept(raw, at.never_kept), topic, hints)
        self.on_delivery(at, "accepted" if fresh else "repeated")
        return Answer(hook.accepted)

    async def _refuse(self, at: Connected, answer: Answer, size: int, why: str) -> Answer:
        """Logged without its body; nothing of it is stored."""
        now = self._runtime.now()
        await self._connections.store.write(
            lambda tx: tx.inbox.refused(at.row.workspace, at.id, at=now, status=int(answer), size=size, why=why)
        )
        self.on_delivery(at, f"refused {int(answer)}")
        return answer

    async def _accept(
        self,
        at: Connected,
        hook: Webhook,
        headers: Mapping[str, str],
        body: bytes,
        kept: bytes,
        topic: str,
        hints: Sequence[Hint],
    ) -> bool:
        now = self._runtime.now()
        delivery_id = headers.get(hook.delivery_id.lower(), "") if hook.delivery_id else ""
        first = next((hint for hint in hints if hint.root is not None), None)
        ping = any(hint.ping for hint in hints)
        delivery = Delivery(
            workspace=at.row.workspace,
            connection=at.id,
            delivery=delivery_id or hashlib.sha256(body).hexdigest(),
            topic=topic,
            kind=first.root if first else None,
            external=first.external if first else None,
            body=kept,
            received=now,
            state=DeliveryState.ACCEPTED if first else DeliveryState.IGNORED,
            why="" if first else ("the vendor's own test" if ping else "nothing here concerns us"),
        )
        wanted = tuple(
            lanes.Hint(at.id, hint.root, hint.external, hint.kinds) for hint in hints if hint.root is not None
        )
        whole = hook.confirm and covers(hook.verify, headers, body)
        parts = tuple(part for hint in hints for part in hint.parts) if whole else ()
        read = Read(self._runtime.id(), 0, at.id, now, parts, event=True) if parts else None
        about = {"object_kind": str(first.root), "object": first.external} if first and first.root else {}
        span = self._traces.start("receive", kind=SpanKind.CONSUMER, connection=at.id, **about) if first else NONE
        waiting = _Waiting(at, delivery, wanted, read, ping, asyncio.get_running_loop().create_future(), span)
        self._queue.append(waiting)
        if not self._flushing:
            self._flushing = True
            self._runtime.spawn(self._flush(), "ingest")
        fresh = await waiting.done
        self._traces.end(span, outcome="accepted" if fresh else "repeated")
        return fresh

    async def _flush(self) -> None:
        """Commit what has gathered while the last commit was under way."""
        try:
            while self._queue:
                batch, self._queue = self._queue[:BATCH], self._queue[BATCH:]
                try:
                    fresh = await self._write(batch)
                except Exception as error:  # every caller hears of it: nothing was accepted
                    for one in batch:
                        if not one.done.done():  # who hung up meanwhile hears nothing
                            one.done.set_exception(error)
                    continue
                for one, new in zip(batch, fresh, strict=True):
                    if not one.done.done():
                        one.done.set_result(new)
                    if new and one.ping:
                        self._connections.pinged(one.at.id)
                self._wake()
        finally:
            self._flushing = False

    async def _write(self, batch: Sequence[_Waiting]) -> list[bool]:
        return await self._reconcile.commit(lambda tx: self._commit(tx, batch))

    def _commit(self, tx: Tx, batch: Sequence[_Waiting]) -> list[bool]:
        now = self._runtime.now()
        number = tx.number()
        self._without_erased(tx, batch)
        fresh = tx.inbox.accept([one.delivery for one in batch], number=number)
        news = [one for one, new in zip(batch, fresh, strict=True) if new]
        wanted = [home for one in news for want in one.wanted for home in self._homes(tx, one.at, want, now)]
        tx.reads.wanted(wanted, now=now, number=number)
        for one in news:
            if one.ping:
                tx.connections.set_cursor(one.at.id, "hooks", {"ping": now.isoformat()}, now=now)
            if above := parent(one.span):
                subjects = [read_of(want.connection, want.kind, want.external) for want in one.wanted]
                tx.traces.put(subjects, above, now=now)
            if one.read is not None:
                with self._traces.inside(one.span):
                    self._reconcile.event(tx, one.at, one.read)
        return fresh

    @staticmethod
    def _homes(tx: Tx, at: Connected, want: lanes.Hint, now: datetime) -> list[lanes.Hint]:
        """What is to be read for an object that is named: a root itself, the root of a child that is known. Of a child
        that is not, its lists are polled now: they show whose it is."""
        if want.kind not in ROOT_OF:
            return [want]
        found = tx.families.resolve(at.id, [(want.kind, want.external)]).get((want.kind, want.external))
        family = tx.families.families({found.family}).get(found.family) if found is not None else None
        link = family.links.get(found.link or "") if found is not None and family is not None else None
        home = family.home_of(link) if family is not None and link is not None else None
        if home is not None:
            return [replace(want, kind=ROOT_OF[want.kind], external=home)]
        for reads in at.connector.reads:
            if reads.kind is want.kind and reads.every is not None:
                tx.tasks.put(at.row.workspace, "poll", f"{at.id}|{reads.title}", due=now)
        return []

    @staticmethod
    def _without_erased(tx: Tx, batch: Sequence[_Waiting]) -> None:
        """A delivery about somebody erased is known to have come, and nothing of it is kept or asked for."""
        by_workspace: dict[str, dict[str, list[_Waiting]]] = {}
        for one in batch:
            for hint in one.wanted:
                name = f"{one.at.id}|{hint.kind}|{hint.external}"
                by_workspace.setdefault(one.at.row.workspace, {}).setdefault(name, []).append(one)
        for workspace, names in by_workspace.items():
            for name in tx.erasure.buried(workspace, names):
                for one in names[name]:
                    one.delivery = replace(
                        one.delivery, kind=None, external=None, body=b"", state=DeliveryState.IGNORED,
                        why="it is about somebody who was erased",
                    )  # fmt: skip
                    one.wanted, one.read = (), None
