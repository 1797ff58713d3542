"""A system has anonymised a person: by the policy of its connection the person is erased here and everywhere else.

Only what the system itself calls anonymised counts, told by its signed event or found by a read. A deletion, a merge,
an object that is hidden or no longer visible is none of it (`core/gone`). One such person is followed at once; very
many within minutes are more likely a mistake there, so a person is asked first, once for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bascule.core import bulk
from bascule.core.draft import Context, Plan
from bascule.core.erasure import ANONYMISED, FOLLOW, GATHER, Policy, anonymised, policy
from bascule.engine.connections import Connected, Connections
from bascule.engine.reconcile import Reconcile, Task
from bascule.engine.runtime import Runtime
from bascule.errors import NotFoundError
from bascule.model import Actor, ActorKind, Family, FamilyState, Link, LinkState
from bascule.store import Tx
from bascule.store.bulk import Bulk
from bascule.store.tasks import TaskLease

from .erasure import Erasing, named

LOOK = 15.0  # seconds between two looks at an answer that is waited for
NOTICE = "anonymised there"


def reaction(before: Family | None, planned: Plan, _live: bool) -> Sequence[Task]:
    """A person who was anonymised with this step is looked at in a minute, with all who were meanwhile."""
    found = anonymised(before, planned.family)
    return [Task(FOLLOW, f"{link.connection}|{planned.family.id}", GATHER.total_seconds()) for link in found]


class Following:
    """The task `follow`."""

    def __init__(self, runtime: Runtime, connections: Connections, reconcile: Reconcile, erasing: Erasing) -> None:
        self._runtime = runtime
        self._connections = connections
        self._reconcile = reconcile
        self._erasing = erasing

    async def run(self, task: TaskLease) -> float | None:
        """Erase, ask, or let it be; again while a person is asked about very many."""
        return await self._reconcile.commit(lambda tx: self._step(tx, task))

    def _step(self, tx: Tx, task: TaskLease) -> float | None:
        connection, _, id = task.key.partition("|")
        at = self._connections.known(connection)
        found = self._still(tx, connection, id)
        if at is None or found is None:
            return None
        family, link = found
        chosen, many = policy(at.row.settings), tx.bulk.get(at.id, ANONYMISED)
        if many is not None and many.state == "refused":
            return None
        if chosen is Policy.ERASE and not self._agreed(tx, at, family):
            return LOOK
        tx.tasks.hold(task)
        if chosen is Policy.ERASE:
            actor = Actor(ActorKind.SYSTEM, at.id, at.row.name)
            self._erasing.begin_in(tx, family, actor, why=f"anonymised in {at.row.name}")
        elif chosen is Policy.ASK:
            text = (
                f"{at.row.name}: candidate {link.external} was anonymised there and is still known here. "
                f"Erase here too: bascule erase {family.root.id}"
            )
            about = named(at.id, link.kind, link.external)
            tx.notices.put(at.row.workspace, NOTICE, about, text, now=self._runtime.now(), connection=at.id)
        return None

    @staticmethod
    def _still(tx: Tx, connection: str, id: str) -> tuple[Family, Link] | None:
        """The family and its anonymised object, unless they are erased already, joined into another, or back."""
        try:
            family = tx.families.family(id)
        except NotFoundError:
            return None
        if family.state is not FamilyState.LIVE or not family.records:
            return None
        kind = family.kind
        mine = [link for link in family.links.values() if link.connection == connection and link.kind is kind]
        if any(link.open for link in mine):  # joined with somebody who is there
            return None
        return next(((family, link) for link in mine if link.state is LinkState.ANONYMISED), None)

    def _agreed(self, tx: Tx, at: Connected, family: Family) -> bool:
        """Whether it may go on: few are anonymised there within minutes, or a person has agreed to all of them."""
        workspace, now = family.workspace, self._runtime.now()
        tx.lock([f"bulk {at.id} {ANONYMISED}"])
        known = tx.bulk.get(at.id, ANONYMISED)
        if known is not None and known.state == "agreed":
            if now < known.until:
                return True
            tx.bulk.drop(at.id, ANONYMISED)
            known = None
        if known is not None and tx.families.review_family(workspace, known.review) is not None:
            return False
        done = tx.bulk.touch(at.id, ANONYMISED, family.id, now=now, since=now - bulk.WINDOW)
        waiting = tx.tasks.count(workspace, FOLLOW, f"{at.id}|")
        records = tx.bulk.records(at.id)
        if max(done, waiting) <= bulk.limit(records):
            return True
        self._ask(tx, at, family, {"changed": max(done, waiting), "records": records}, now)
        return False

    def _ask(self, tx: Tx, at: Connected, family: Family, seen: dict[str, int], now: datetime) -> None:
        asked: list[str] = []

        def asking(current: Family, context: Context) -> Plan:
            planned, review = bulk.ask(bulk.arranged(current, context), at.id, ANONYMISED, seen, context)
            asked.append(review.id)
            return planned

        self._reconcile.replan_in(tx, family.id, asking)
        tx.bulk.set(family.workspace, Bulk(at.id, ANONYMISED, "held", asked[-1], now))
