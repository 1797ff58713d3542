"""The built-in scorer's results without its work: made-up scores that enter by the same door, as the actor `ai`."""

from __future__ import annotations

import random

from bascule.app import App
from bascule.model import AI, AiStatus, Edit, Kind, RecordState
from bascule.store.tasks import TaskLease


class Scorer:
    """Stands where the scorer stands: handlers of its tasks."""

    def __init__(self, app: App, dice: random.Random) -> None:
        self._app = app
        self._dice = dice

    async def score(self, task: TaskLease) -> float | None:
        """Another score for an application, once its family is read."""
        family_id = await self._app.store.read(lambda tx: tx.families.record_family(task.key))
        if family_id is None:
            return None
        family = await self._app.store.read(lambda tx: tx.families.family(family_id))
        record = family.records.get(task.key)
        if record is None or record.kind is not Kind.APPLICATION or record.state is not RecordState.LIVE:
            return None
        now = self._app.runtime.id()
        fields = {"match_score": self._dice.randint(1, 10_000) / 100, "ai_status": str(AiStatus.SCORED)}
        await self._app.reconcile.edit(family_id, [Edit(now, record.id, fields, AI, now)])
        return None

    async def rubric(self, task: TaskLease) -> float | None:
        return None

    async def rank(self, task: TaskLease) -> float | None:
        return None
