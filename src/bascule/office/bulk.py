"""A bulk change: held until a person releases or refuses it, as one item."""

from __future__ import annotations

from datetime import datetime

from bascule.core import bulk
from bascule.core.erasure import ANONYMISED, FOLLOW
from bascule.core.plan import decide
from bascule.core.reviews import APPROVE
from bascule.model import Actor, ActorKind, Review
from bascule.store import Tx
from bascule.store.bulk import Bulk
from bascule.store.tasks import TaskLease

from .desk import Desk

BULK = "bulk"  # the task that carries an answer to every family it concerns
PAGE = 100


class BulkChanges:
    """`app.bulk`: the answer is one commit; what it releases or refuses follows, person by person, whatever happens."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def decide(self, family: str, review: Review, answer: str, actor: Actor) -> None:
        """Release what a cause would change at a connection, or refuse it."""
        connection, cause = review.connection or "", str(review.detail.get("cause"))

        def unit(tx: Tx) -> None:
            now = self._desk.now()
            self._desk.reconcile.replan_in(tx, family, lambda f, c: decide(f, review.id, answer, actor, c))
            state = "agreed" if answer == APPROVE else "refused"
            tx.bulk.set(self._desk.workspace, Bulk(connection, cause, state, review.id, now + bulk.WINDOW))
            payload = {"actor": actor.id, "name": actor.name}
            tx.tasks.put(self._desk.workspace, BULK, f"{connection}|{cause}", due=now, payload=payload)

        await self._desk.reconcile.commit(unit)
        self._desk.wake()

    async def run(self, task: TaskLease) -> float | None:
        """The task `bulk`: every family with something held there is arranged anew, or settled as it is."""
        connection, _, cause = task.key.partition("|")
        known = await self._desk.store.read(lambda tx: tx.bulk.get(connection, cause))
        if known is None or known.state == "held":
            return None
        if cause == ANONYMISED:
            return await self._follow(connection, known.state == "agreed")
        actor = Actor(ActorKind.PERSON, str(task.payload.get("actor", "")), str(task.payload.get("name", "")))
        after = ""
        while page := await self._desk.store.read(lambda tx, a=after: tx.bulk.holding(connection, after=a, limit=PAGE)):
            for family in page:
                if known.state == "refused":
                    await self._desk.reconcile.replan(family, lambda f, c: bulk.refuse(f, connection, cause, actor, c))
                else:
                    await self._desk.reconcile.replan(family, bulk.arranged)
            after = page[-1]
        if known.state == "refused":
            await self._desk.store.write(lambda tx: tx.bulk.drop(connection, cause))
        return None

    async def _follow(self, connection: str, agreed: bool) -> None:
        """Those who were anonymised there are erased by the tasks that wait (`trust.following`), or stay."""
        if not agreed:

            def unit(tx: Tx) -> None:
                tx.tasks.drop(self._desk.workspace, FOLLOW, f"{connection}|")
                tx.bulk.drop(connection, ANONYMISED)

            await self._desk.store.write(unit)

    def ask_again(self, tx: Tx, now: datetime) -> None:
        """A question that went with its family (the person was erased) is asked in another that waits."""
        for one in tx.bulk.all(self._desk.workspace):
            if one.state != "held" or tx.families.review_family(self._desk.workspace, one.review) is not None:
                continue
            found = tx.bulk.holding(one.connection, limit=1)
            if not found or one.cause == ANONYMISED:  # who waits there asks anew
                tx.bulk.drop(one.connection, one.cause)
                continue
            family = tx.families.family(found[0])
            refs = self._desk.reconcile.refs(tx, [(family, "", ())])
            context = self._desk.reconcile.context(tx, family.workspace, refs)
            seen = {"records": tx.bulk.records(one.connection)}
            planned, review = bulk.ask(bulk.arranged(family, context), one.connection, one.cause, seen, context)
            self._desk.reconcile.save(tx, family, planned)
            tx.bulk.set(self._desk.workspace, Bulk(one.connection, one.cause, "held", review.id, now))
