"""Families at work, kept in memory as they were committed: what nobody has changed since is not read again.

A family is known by its `rev`, which every commit that touches it moves; so one statement tells whether what is kept
is what is stored, whichever process wrote last. What is kept is never written to.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable

from ..model import Family

ROOM = 4000  # records and links of all kept families together: some 5 KB each
HEAVY = ROOM // 10  # a family of more than this is not kept


class Kept:
    """Families by id, the least lately used ones forgotten first. Any thread may ask."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._lock = threading.Lock()
        self._families: OrderedDict[str, Family] = OrderedDict()
        self._weight = 0

    def get(self, id: str, rev: int) -> Family | None:
        """The family as it is at this rev, if it is kept so."""
        with self._lock:
            family = self._families.get(id)
            if family is None or family.rev != rev:
                return None
            self._families.move_to_end(id)
            return family

    def put(self, families: Iterable[Family]) -> None:
        """Keep these as they are committed; never an older state over a newer one."""
        with self._lock:
            for family in families:
                known = self._families.get(family.id)
                if _weight(family) > HEAVY or (known is not None and known.rev > family.rev):
                    continue
                self._drop(family.id)
                self._families[family.id] = family
                self._weight += _weight(family)
            while self._weight > self._room:
                self._drop(next(iter(self._families)))

    def drop(self, id: str) -> None:
        """Forget a family: nothing of somebody erased stays in memory."""
        with self._lock:
            self._drop(id)

    def clear(self) -> None:
        with self._lock:
            self._families.clear()
            self._weight = 0

    def _drop(self, id: str) -> None:
        family = self._families.pop(id, None)
        if family is not None:
            self._weight -= _weight(family)


def _weight(family: Family) -> int:
    return 1 + len(family.records) + len(family.links)
