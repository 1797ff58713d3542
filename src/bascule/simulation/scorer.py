"""The built-in scorer's results without its work: made-up scores that enter by the same door, as the actor `ai`."""

from __future__ import annotations

import random
from collections.abc import Sequence

from bascule.app import App
from bascule.hiring.results import opted_out
from bascule.model import AI, AiStatus, Edit, Family, FamilyState, Fields, Kind, RecordState, Value
from bascule.store import Tx
from bascule.store.indexed import Indexed, Mark
from bascule.store.tasks import TaskLease


class Scorer:
    """Stands where the scorer stands: handlers of its tasks. `explains`: with reasons, and a note about each score."""

    def __init__(self, app: App, dice: random.Random, *, explains: bool = False) -> None:
        self._app = app
        self._dice = dice
        self._explains = explains

    async def score(self, task: TaskLease) -> float | None:
        """Another score for an application, once its family is read."""
        now = self._app.runtime.id()
        score = self._dice.randint(1, 10_000) / 100
        fields: dict[str, Value] = {"match_score": score, "ai_status": str(AiStatus.SCORED)}
        if self._explains:
            fields["match_reasons"] = (f"Reason {now[-12:]}",)
        edit = Edit(now, task.key, fields, AI, now)
        await self._app.reconcile.commit(lambda tx: self._keep(tx, edit))
        return None

    def _keep(self, tx: Tx, edit: Edit) -> None:
        """As the scorer does: nothing of somebody who is being erased or wants no AI, or whose application is gone."""
        home = tx.families.record_family(edit.record)
        family = tx.families.family(home) if home is not None else None
        record = family.records.get(edit.record) if family else None
        if family is None or record is None or family.state is not FamilyState.LIVE:
            return
        if record.kind is Kind.APPLICATION and record.state is RecordState.LIVE and not opted_out(record):
            self._app.reconcile.edit_in(tx, family.id, [edit, *self._note(edit, family)])

    def _note(self, edit: Edit, family: Family) -> list[Edit]:
        if not self._explains:
            return []
        said: Fields = {"body": f"Scored {edit.id[-12:]}", "visibility": "private", "application": edit.record}
        return [Edit(self._app.runtime.id(), family.root.id, said, AI, edit.cause, create=Kind.NOTE)]

    async def rubric(self, task: TaskLease) -> float | None:
        return None

    async def rank(self, task: TaskLease) -> float | None:
        return None


class Indexer:
    """Stands where what people are found by is made: a row of each, with their name in place of vector and words."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def index(self, task: TaskLease) -> float | None:
        await self._app.store.write(lambda tx: self._make(tx, task.workspace, tx.indexed.due_of(task.key)))
        return None

    async def index_all(self, task: TaskLease) -> float:
        await self._app.store.write(lambda tx: self._make(tx, task.workspace, tx.indexed.due(task.workspace, 100)))
        return 30.0

    def _make(self, tx: Tx, workspace: str, marks: Sequence[Mark]) -> None:
        now = self._app.runtime.now()
        for mark in marks:
            record = tx.families.records(workspace, [mark.record]).get(mark.record)
            family = tx.families.family(record.family) if record is not None else None
            live = family is not None and family.state is FamilyState.LIVE
            if record is None or family is None or not live or record.state is not RecordState.LIVE:
                tx.indexed.drop(workspace, [mark], now=now)
            else:
                name = f"{record.fields.get('first_name')} {record.fields.get('last_name')}".encode()
                row = Indexed(record.id, family.id, "name", name, 1.0, b"", 0, 0, 0, 0)
                tx.indexed.put(workspace, row, marks=mark.marks, now=now)
