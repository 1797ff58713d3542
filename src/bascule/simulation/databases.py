"""Where a simulated engine keeps its data: in memory, where all replays, or on a PostgreSQL server, in real time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from bascule.store import Store, memory, open_memory, open_store
from bascule.trust.audit import ARITHMETIC

from .life import Door, Life, Outdoors

MASTER = bytes(range(32))
WORKERS = 3  # connections of one process to a server


class Database(Protocol):
    """What outlives every process."""

    @property
    def ours(self) -> bool:
        """Whether nobody but this program knows of it: then nothing happens in it that is not drawn from the seed."""
        ...

    def door(self, life: Life, *, alone: bool) -> Door:
        """A process's way to it."""
        ...


class Memory:
    """SQLite in memory, units one after another in the loop's own thread."""

    ours = True

    def __init__(self) -> None:
        self._connection = memory()

    def door(self, life: Life, *, alone: bool) -> Door:
        return Door(open_memory(self._connection, master=MASTER, audit=ARITHMETIC, alone=alone), life)


@dataclass
class Server:
    """An empty database of a PostgreSQL server. Each process has connections of its own, so that units run at the same
    time, wait for each other's locks and overtake each other."""

    url: str
    ours: bool = False
    _opened: list[Store] = field(default_factory=list[Store])

    def door(self, life: Life, *, alone: bool) -> Door:
        store = open_store(self.url, master=MASTER, audit=ARITHMETIC, workers=WORKERS)
        self._opened.append(store)
        return Outdoors(store, life)

    async def close(self) -> None:
        """Let go of every connection, those of dead processes too."""
        for store in self._opened:
            await store.close()
