"""Retention by rule: once a day everybody who is due is read again at each system, and then erased with a certificate.

The fresh read is what keeps it in line with the ATS: an application that was opened there meanwhile, a consent entered
there, or somebody who is hidden there now keeps the person.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bascule.core import bulk
from bascule.core.retention import RETIRE, Rule, judge, read, stored
from bascule.engine.reconcile import Reconcile
from bascule.engine.runtime import Runtime
from bascule.errors import NotFoundError
from bascule.model import Actor, ActorKind, Family, FamilyState
from bascule.store import Store, Tx
from bascule.store.lanes import Hint, Priority
from bascule.store.listing import name_of
from bascule.store.tasks import TaskLease

from .erasure import Erasing

SETTING = "retention rule"
LOOKED = "retention looked"  # when the rule was last applied
NOTICE = "retention held"
DAY = 86_400.0
PAGE = 200
LOOK = 30.0  # seconds between two looks whether a read is done
PATIENCE = timedelta(hours=20)  # for a read; after that the next day looks again
BY_RULE = Actor(ActorKind.RULE, "retention", "retention rule")


@dataclass(frozen=True, slots=True)
class Due:
    """Somebody who may not be kept any longer."""

    family: str
    record: str
    name: str
    closed: datetime


def rule_of(tx: Tx, workspace: str) -> Rule:
    """The workspace's rule."""
    return read(tx.workspaces.setting(workspace, SETTING))


def set_rule(tx: Tx, workspace: str, rule: Rule) -> None:
    tx.workspaces.set_setting(workspace, SETTING, stored(rule))


async def due(store: Store, workspace: str, rule: Rule, now: datetime) -> AsyncIterator[Sequence[Due]]:
    """Who is due under the rule now, in pages; each page is a snapshot of its own."""
    after = ""
    while True:
        page, after = await store.read(lambda tx, a=after: _page(tx, workspace, rule, now, a))
        if page:
            yield page
        if not after:
            return


def _page(tx: Tx, workspace: str, rule: Rule, now: datetime, after: str) -> tuple[list[Due], str]:
    ids = tx.pages.closed_families(workspace, rule.statuses, before=rule.before(now), after=after, limit=PAGE)
    found: list[Due] = []
    for family in tx.families.families(set(ids)).values():
        closed = judge(family, rule, now).closed
        if closed is not None:
            found.append(Due(family.id, family.root.id, name_of(family.root), closed))
    return sorted(found, key=lambda one: one.closed), ids[-1] if len(ids) == PAGE else ""


class Retiring:
    """The tasks `retain` and `retire`."""

    def __init__(self, store: Store, runtime: Runtime, reconcile: Reconcile, erasing: Erasing) -> None:
        self._store = store
        self._runtime = runtime
        self._reconcile = reconcile
        self._erasing = erasing

    async def retain(self, task: TaskLease) -> float | None:
        """Once a day: everybody who is due is looked at, unless they are very many and nobody has agreed to that."""
        now, workspace = self._runtime.now(), task.workspace
        rule = await self._store.read(lambda tx: rule_of(tx, workspace))
        if not rule.on:
            return DAY
        families = [one.family async for page in due(self._store, workspace, rule, now) for one in page]

        def unit(tx: Tx) -> None:
            tx.tasks.hold(task)
            current = rule_of(tx, workspace)
            tx.workspaces.set_setting(workspace, LOOKED, now.isoformat())
            if current != rule:  # changed meanwhile: the next look is under the new one
                return
            if len(families) > max(rule.agreed, bulk.limit(tx.pages.count_candidates(workspace))):
                text = (
                    f"The retention rule would erase {len(families)} people at once, more than anybody has agreed to: "
                    f"nobody is erased. Look who they are, then agree: bascule retention rule --agree {len(families)}"
                )
                tx.notices.put(workspace, NOTICE, "rule", text, now=now)
                return
            tx.notices.close(workspace, NOTICE, "rule", now=now)
            for family in families:
                tx.tasks.put(workspace, RETIRE, family, due=now)
            set_rule(tx, workspace, replace(rule, agreed=min(rule.agreed, len(families))))

        await self._store.write(unit)
        return DAY

    async def retire(self, task: TaskLease) -> float | None:
        """One person: read once more everywhere, judged again, erased."""
        return await self._reconcile.commit(lambda tx: self._step(tx, task))

    def _step(self, tx: Tx, task: TaskLease) -> float | None:
        now, rule = self._runtime.now(), rule_of(tx, task.workspace)
        family = _live(tx, task.key)
        if family is None or not rule.on or judge(family, rule, now).closed is None:
            return None
        asked = task.payload.get("asked")
        links = [link for link in family.links.values() if link.open and link.kind is family.kind]
        roots = [(link.connection, link.kind, link.external) for link in links]
        if not isinstance(asked, str):
            hints = [Hint(at, kind, external, priority=Priority.SWEEP) for at, kind, external in roots]
            tx.reads.wanted(hints, now=now)
            due = now + timedelta(seconds=LOOK if hints else 0)
            tx.tasks.put(task.workspace, RETIRE, task.key, due=due, payload={"asked": now.isoformat()})
            return None
        reads, _ = tx.pages.waiting([], roots)
        if reads:
            return LOOK if now < datetime.fromisoformat(asked) + PATIENCE else None
        tx.tasks.hold(task)
        why = f"all closed for {rule.months} months"
        self._erasing.begin_in(tx, family, BY_RULE, why=why)
        return None


def _live(tx: Tx, id: str) -> Family | None:
    try:
        family = tx.families.family(id)
    except NotFoundError:
        return None
    return family if family.state is FamilyState.LIVE and family.records else None
