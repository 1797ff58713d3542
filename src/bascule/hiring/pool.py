"""Everybody a workspace ever met, in this process's memory: the index that searches ask, kept as the store has it.

It is loaded when it is first asked for, or when a server starts, and goes on from there: what this process commits is
in it as soon as it is durable; what other processes commit, by the time somebody asks, and else every few seconds.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from bascule.engine.runtime import Runtime
from bascule.match.embed import Embedder
from bascule.match.index import OWN, Index, Row
from bascule.store import Store
from bascule.store.codec import stamp
from bascule.store.indexed import Indexed, Told

PAGE = 500
SAMPLE = 4000  # people by whose words the commonest are told
GROWN = 4  # times as many as when the commonest words were told: they are told anew
PATIENCE = 2.0  # seconds that a search waits for the index to be loaded, before it answers from what is there
LATE = 60_000_000  # microseconds after its time that a commit of another process may still show
AT_MOST = 60_000_000  # microseconds between two calls of whoever wants to know that somebody has changed
EVERY = 5.0  # seconds between two looks at what other processes have committed, while nobody asks


@dataclass
class Held:
    """One workspace's index. While it is being loaded it holds some of `total` people, and `loaded` is False."""

    index: Index
    model: str
    loaded: bool = False
    total: int = 0
    moved: bool = False  # somebody has changed since whoever wants to know was told
    loading: asyncio.Task[None] | None = None
    next: Index | None = None  # what is being filled
    told_at: int = SAMPLE  # how many it held when the commonest words were told
    seen: int = 0  # up to which time other processes' commits are in it
    changed: dict[str, int] = field(default_factory=dict[str, int])  # by record: since loading began, or lately
    lock: threading.Lock = field(default_factory=threading.Lock)  # between what a page showed and what is newer


class Pool:
    """See the module. Searches may run in any thread."""

    def __init__(self, runtime: Runtime, store: Store, embedder: Callable[[], Embedder]) -> None:
        self._runtime = runtime
        self._store = store
        self._embedder = embedder
        self._held: dict[str, Held] = {}
        self._keeping: asyncio.Task[None] | None = None
        store.shared.indexed.append(self._hear)

    async def of(self, workspace: str) -> Held:
        """The workspace's index as it is now."""
        held = self._held.get(workspace)
        if held is None:
            embedder = self._embedder()
            held = self._held[workspace] = Held(Index(embedder.dimensions), embedder.model)
        if held.loading is None and (not held.loaded or len(held.index) > GROWN * held.told_at):
            held.loading = self._runtime.spawn(self._load(workspace, held), "people index")
        if not held.loaded and held.loading is not None:
            await asyncio.wait([held.loading], timeout=PATIENCE)
        if held.loaded and not self._store.alone:
            await self._catch_up(workspace, held)
        return held

    def keep(self, workspace: str, changed: Callable[[], Awaitable[None]]) -> None:
        """Load the index once there is anybody, and look every few seconds at what other processes have committed,
        until `close`. `changed` is called when something has, once a minute at most."""
        self._keeping = self._runtime.spawn(self._keep(workspace, changed), "people index kept")

    async def _keep(self, workspace: str, changed: Callable[[], Awaitable[None]]) -> None:
        told = self._now()
        while True:
            if workspace in self._held or (await self._store.read(lambda tx: tx.indexed.count(workspace)))[0]:
                held = await self.of(workspace)
                if held.moved and self._now() - told >= AT_MOST:
                    held.moved, told = False, self._now()
                    await changed()
            await self._runtime.sleep(EVERY)

    def close(self) -> None:
        """Hold nobody any more."""
        if self._hear in self._store.shared.indexed:
            self._store.shared.indexed.remove(self._hear)
        for task in (self._keeping, *(held.loading for held in self._held.values())):
            if task is not None:
                task.cancel()
        self._held.clear()

    # ---------------------------------------------------------------------------------------------------------- loading

    async def _load(self, workspace: str, held: Held) -> None:
        begun = self._now()
        try:
            held.total, _ = await self._store.read(lambda tx: tx.indexed.count(workspace))
            sample = await self._page(workspace, held, "", SAMPLE)
            held.changed.clear()
            held.next = Index(held.index.dimensions, _commonest(sample))
            if not held.loaded:
                held.index = held.next
            after = ""
            while rows := await self._page(workspace, held, after, PAGE):
                await asyncio.to_thread(self._put, held, held.next, rows)
                after = rows[-1].record
            held.index, held.told_at, held.loaded = held.next, max(held.total, SAMPLE), True
            held.seen = begun
        finally:
            held.next = held.loading = None

    async def _page(self, workspace: str, held: Held, after: str, limit: int) -> list[Indexed]:
        return await self._store.read(lambda tx: tx.indexed.page(workspace, held.model, after, limit))

    @staticmethod
    def _put(held: Held, index: Index, rows: Sequence[Indexed]) -> None:
        """What a page showed, unless a commit has told of something newer meanwhile."""
        for row in rows:
            with held.lock:
                if held.changed.get(row.record, -1) < row.updated:
                    index.put(row.record, as_row(row))

    def _now(self) -> int:
        return stamp(self._runtime.now())

    # --------------------------------------------------------------------------------------------------- what changes

    def _hear(self, told: Sequence[Told]) -> None:
        """A commit of this process. In the thread that committed."""
        for one in told:
            held = self._held.get(one.workspace)
            if held is not None:
                self._change(held, one)

    def _change(self, held: Held, one: Told) -> None:
        with held.lock:
            if held.changed.get(one.record, -1) <= one.updated:
                self._apply(held, one)

    def _apply(self, held: Held, one: Told) -> None:
        held.moved = True
        if held.loading is not None or not self._store.alone:
            held.changed[one.record] = one.updated
        for index in {id(i): i for i in (held.index, held.next) if i is not None}.values():
            if one.row is None or one.row.model != held.model:
                index.drop(one.record)
            else:
                index.put(one.record, as_row(one.row))

    async def _catch_up(self, workspace: str, held: Held) -> None:
        """What other processes have committed since the last look, and a while before: a commit may show late."""
        now = self._now()
        found = await self._store.read(lambda tx: tx.indexed.since(workspace, held.seen - LATE))
        news = {record: at for record, at in found if held.changed.get(record) != at}
        if news:
            rows = await self._store.read(lambda tx: tx.indexed.get(workspace, list(news)))
            for record, at in news.items():
                row = rows.get(record)
                self._change(held, Told(workspace, record, row.updated if row else at, row))
        held.seen = now
        held.changed = {record: at for record, at in held.changed.items() if at >= now - 2 * LATE}


def as_row(one: Indexed) -> Row:
    return Row(
        np.frombuffer(one.vector, np.int8), one.scale, np.frombuffer(one.words, np.dtype("<u4")), one.contact,
        one.until, one.flags, one.reached,
    )  # fmt: skip


def _commonest(rows: Sequence[Indexed]) -> list[int]:
    """The words that most of these people say."""
    counted = Counter[int]()
    for row in rows:
        counted.update(np.frombuffer(row.words, np.dtype("<u4")).tolist())
    return [number for number, _ in counted.most_common(OWN)]
