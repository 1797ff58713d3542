"""Erasing people on request: begin one, see how far it is, and its certificate."""

from __future__ import annotations

from collections.abc import Sequence

from bascule.model import Actor
from bascule.store.erasure import Erased
from bascule.trust.erasure import Erasing

from .desk import Desk


class Erasures:
    """`app.erasures`."""

    def __init__(self, desk: Desk, erasing: Erasing) -> None:
        self._desk = desk
        self._erasing = erasing

    async def begin(self, candidate_id: str, actor: Actor) -> Erased:
        """Erase a candidate everywhere; it goes on by itself. Raises what stands against it; then nothing has begun."""
        id = await self._erasing.begin(candidate_id, actor)
        self._desk.wake()
        return await self.get(id)

    async def get(self, id: str) -> Erased:
        """One erasure, with its certificate once it is done."""
        return await self._desk.store.read(lambda tx: tx.erasure.get(id))

    async def recent(self, limit: int = 50) -> Sequence[Erased]:
        """The newest first."""
        return await self._desk.store.read(lambda tx: tx.erasure.list(self._desk.workspace, limit=limit))
