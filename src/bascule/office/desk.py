"""What every desk works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bascule.engine.connections import Connections
from bascule.engine.reconcile import Reconcile
from bascule.engine.runtime import Runtime
from bascule.errors import NotFoundError
from bascule.model import Actor, Fields
from bascule.settings import Settings
from bascule.store import Store, Tx


@dataclass
class Desk:
    """The parts of an App that errands need. `reload` makes the worker take up changed connections, `wake` makes it
    look for work now. `workspace` is known once the App has started."""

    settings: Settings
    store: Store
    runtime: Runtime
    connections: Connections
    reconcile: Reconcile
    reload: Callable[[], None]
    wake: Callable[[], None]
    workspace: str = ""

    def now(self) -> datetime:
        return self.runtime.now()

    def id(self) -> str:
        """A new identifier of ours."""
        return self.runtime.id()

    async def note(
        self,
        actor: Actor,
        action: str,
        *,
        family: str | None = None,
        record: str | None = None,
        connection: str | None = None,
        detail: Fields | None = None,
    ) -> None:
        """An audit entry for something a person or program did or looked at."""
        await self.store.write(
            lambda tx: tx.audit.record(
                workspace=self.workspace,
                at=self.now(),
                action=action,
                actor=actor,
                family=family,
                record=record,
                connection=connection,
                detail=detail or {},
            )
        )

    def family_of(self, tx: Tx, record_id: str) -> str:
        """The family a record belongs to. NotFoundError where there is no such record."""
        family = tx.families.record_family(record_id)
        if family is None:
            raise NotFoundError(f"There is no record {record_id}.")
        return family
