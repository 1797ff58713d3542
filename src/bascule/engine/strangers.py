"""Who is shown for the first time: somebody we know, a creation of our own that has landed, somebody who was erased, or
a new record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from bascule.core import identity
from bascule.core.plan import Context, Plan, plan
from bascule.model import EMPTY, Family, FamilyState, Kind, Part, Presence, Read, Record, Refs
from bascule.store import Tx
from bascule.store.lanes import Hint

from .connections import Connected
from .news import owned
from .runtime import Runtime

BY_HAND = "erase by hand"  # the notice of an object whose removal there is somebody's task


def by_hand(connection: str, external: str) -> str:
    """What that notice is about: the object at the connection."""
    return f"erase|{connection}|{external}"


def asked_by_hand(tx: Tx, at: Connected, external: str) -> bool:
    """Whether the owner has the task to erase an object there."""
    return tx.notices.is_open(at.row.workspace, BY_HAND, by_hand(at.id, external))


def ask_by_hand(tx: Tx, workspace: str, connection: str, external: str, text: str, now: datetime) -> None:
    """Give the owner that task."""
    tx.notices.put(workspace, BY_HAND, by_hand(connection, external), text, now=now, connection=connection)


class Known(Protocol):
    """What planning may know: `Reconcile` loads it."""

    def context(self, tx: Tx, workspace: str, refs: Refs) -> Context: ...

    def refs(self, tx: Tx, about: Sequence[tuple[Family | None, str, Sequence[Part]]]) -> Refs: ...


class Strangers:
    """Recognises whom a system shows for the first time."""

    def __init__(self, runtime: Runtime, known: Known) -> None:
        self._runtime = runtime
        self._known = known

    def met(
        self,
        tx: Tx,
        at: Connected,
        root: Kind,
        external: str,
        read: Read,
        refs: Refs,
        others: Sequence[Part],
        owners: Mapping[tuple[Kind, str], str],
    ) -> tuple[Family | None, Plan, bool] | None:
        """The first read of an unknown object: somebody we know, our own creation, or a new record. Who was anonymised
        before anything of them was read is nobody here, and what hangs on them there is left alone."""
        part = next((p for p in read.parts if p.kind == root and p.external == external), None)
        if part is not None and part.presence is Presence.ANONYMISED:
            self._never_met(tx, at, f"{at.id}|{root}|{external}")
        if part is None or part.presence is not Presence.HERE:
            return None
        if self.buried(tx, at, root, external, part.marker):
            return None
        context = self._known.context(tx, at.row.workspace, refs)
        prospects, held = self.prospects(tx, at, root, part, context)
        verdict = identity.recognise(part, read.connection, prospects, context, others)
        match verdict:
            case identity.Later(after=after):
                tx.reads.wanted([Hint(at.id, root, external, after=after)], now=self._runtime.now())
                return None
            case identity.Join(family=family_id, record=record) | identity.Secondary(family=family_id, record=record):
                before = tx.families.family(family_id)
                wider = self._known.refs(tx, [(before, at.id, read.parts)])
                mine = owned(read, before.id, owners)
                planned = plan(
                    before,
                    [mine],
                    [],
                    self._known.context(tx, at.row.workspace, wider),
                    {(at.id, root, external): record},
                )
                return before, planned, True
            case identity.Bind(family=family_id):
                before = tx.families.family(family_id)
                wider = self._known.refs(tx, [(before, at.id, read.parts)])
                mine = owned(read, before.id, owners)
                return before, plan(before, [mine], [], self._known.context(tx, at.row.workspace, wider)), True
            case identity.Stranger(review=review):
                fresh = Family(self._runtime.id(), at.row.workspace, root, 0, salt=self._runtime.entropy(16).hex())
                if review is not None:
                    fresh = replace(fresh, reviews={review.id: review})
                return None, plan(fresh, [owned(read, fresh.id, owners)], [], context), held

    def buried(self, tx: Tx, at: Connected, root: Kind, external: str, mark: str) -> bool:
        """Whether this is somebody erased: by the id, or by the mark of a creation of ours that landed late. The id of
        such a one joins the tombstone, and its removal there becomes the owner's task. So does that of whoever is shown
        there again, or still, when what a read may show of old is over."""
        workspace, name = at.row.workspace, f"{at.id}|{root}|{external}"
        buried = tx.erasure.buried(workspace, [name, f"mark|{mark}"] if mark else [name])
        now = self._runtime.now()
        if buried and name not in buried:
            tx.erasure.bury(workspace, [name], now=now)
            self._by_hand(tx, at, root, external, "is somebody who was erased; a creation of ours landed late")
        elif buried and not tx.erasure.buried(workspace, [name], since=now - at.connector.settle - at.connector.late):
            self._by_hand(tx, at, root, external, "was erased here, and is shown there")
        return bool(buried)

    def _never_met(self, tx: Tx, at: Connected, name: str) -> None:
        if not tx.erasure.buried(at.row.workspace, [name]):
            tx.erasure.bury(at.row.workspace, [name], now=self._runtime.now())

    def _by_hand(self, tx: Tx, at: Connected, root: Kind, external: str, why: str) -> None:
        """The owner's task, unless it is open already, perhaps in more precise words."""
        if not asked_by_hand(tx, at, external):
            text = f"{at.row.name}: {root} {external} {why}. Erase it there by hand."
            ask_by_hand(tx, at.row.workspace, at.id, external, text, self._runtime.now())

    def prospects(
        self, tx: Tx, at: Connected, root: Kind, part: Part, context: Context
    ) -> tuple[list[identity.Prospect], bool]:
        """Records the stranger may be: holders of its strong keys, and creates of its kind that are open there. Whether
        anybody at all holds one of its keys: also who is being erased, and so is nobody any more."""
        shown = identity.fields_of(part, at.view.fields.get(root, ()), context.refs)
        stranger = Record("", at.row.workspace, root, "", None, shown, EMPTY, at.id, context.now)
        held = tx.families.prospects(at.row.workspace, identity.keys(stranger))
        creates = tx.families.open_creates(at.id, root)
        families = tx.families.families({family for _, family, _ in held} | {family for family, _ in creates})
        attempts = {attempt.record: attempt.id for _, attempt in creates}
        found = [
            identity.Prospect(
                family.id,
                family.records[record],
                linked=any(link.record == record and link.connection == at.id for link in family.links.values()),
                attempt=attempts.get(record, ""),
                keys=frozenset(identity.keys_of(family, family.records[record])),
            )
            for family in families.values()
            if family.state is FamilyState.LIVE
            for record in sorted(
                {family.survivor(r) for _, f, r in held if f == family.id and r in family.records}
                | {a.record for f, a in creates if f == family.id and a.record in family.records}
            )
        ]
        return found, bool(held)
