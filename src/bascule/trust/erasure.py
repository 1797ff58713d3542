"""Erasing a person: the connected systems first, then every local place, then a certificate that anybody can check.

The family is set to `erasing` and its lanes lose their leases, so that nothing late gets in. Its removal at each system
is a write like any other. What a system cannot or will not do becomes a task for the owner. At the end nothing is left
but the family's id, tombstones, the certificate, and digests in the audit whose salt is gone.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bascule.core.bind import marker
from bascule.core.digest import canonical
from bascule.core.erasure import erasing
from bascule.engine.connections import Connected, Connections
from bascule.engine.reconcile import Reconcile
from bascule.engine.runtime import Runtime
from bascule.engine.strangers import ask_by_hand
from bascule.errors import NotFoundError
from bascule.model import (
    BASCULE,
    OPEN_WRITES,
    Actor,
    Family,
    Kind,
    Link,
    LinkState,
    Mode,
    Reason,
    WriteState,
)
from bascule.store import Store, Tx
from bascule.store.erasure import Ended, Erased
from bascule.store.tasks import TaskLease
from bascule.store.tools import Given

from .beyond import beyond, foreseen
from .beyond import places as outside

ERASE, SCRUB = "erase", "scrub"
FORMAT = "bascule-erasure-1"
AGAIN, SELDOM = 5.0, 600.0  # seconds between two looks at who has not answered yet, at least and at most ...
SHARE = 20  # ... and between them this part of the time that has passed
PATIENCE = timedelta(hours=72)  # for a system that is down; after that its part is the owner's task
LOG = "erasures.jsonl"


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What an erasure will do at one system. `by_hand`: it takes a person there."""

    system: str
    object: str
    outcome: str
    by_hand: bool


class Erasing:
    """Begins erasures, carries them to their end, and keeps their certificates."""

    def __init__(
        self, store: Store, runtime: Runtime, connections: Connections, reconcile: Reconcile, data: Path
    ) -> None:
        self._store = store
        self._runtime = runtime
        self._connections = connections
        self._reconcile = reconcile
        self._data = data
        self.on_begun: Callable[[Tx, Family], None] = lambda _tx, _family: None  # in the commit that begins one

    async def begin(self, record: str, actor: Actor) -> str:
        """Set a candidate to `erasing`; the id of the erasure. NotFoundError, InputError, ConflictError say why not."""

        def unit(tx: Tx) -> str:
            family_id = tx.families.record_family(record)
            if family_id is None:
                raise NotFoundError(f"There is no candidate {record}; perhaps they have been erased already.")
            return self.begin_in(tx, tx.families.family(family_id), actor)

        return await self._reconcile.commit(unit)

    def begin_in(self, tx: Tx, before: Family, actor: Actor, *, why: str = "") -> str:
        """The same inside a unit."""
        context = self._reconcile.context(tx, before.workspace, self._reconcile.refs(tx, [(before, "", ())]))
        self._reconcile.save(tx, before, erasing(before, context))
        tx.writes.revoke(before.id)
        tx.erasure.bury(before.workspace, _marks(before), now=self._runtime.now())  # a creation may land any moment
        for one in _shown_to_tools(tx, before):
            tx.tools.take(one.connection, [one.application], now=self._runtime.now())
        self.on_begun(tx, tx.families.family(before.id))
        now, id = self._runtime.now(), self._runtime.id()
        tx.erasure.start(Erased(id, before.workspace, before.id, before.root.id, now, actor.kind, actor.id))
        tx.tasks.put(before.workspace, ERASE, id, due=now)
        detail = {"erasure": id, **({"why": why} if why else {})}
        tx.audit.record(
            workspace=before.workspace, at=now, action="erasure begun", actor=actor, family=before.id,
            record=before.root.id, detail=detail,
        )  # fmt: skip
        return id

    async def run(self, task: TaskLease) -> float | None:
        """The task `erase`: one look at how far it is; when the systems are done, everything else in one commit."""
        rest = await self._reconcile.commit(lambda tx: self._step(tx, task.key))
        if rest is None:
            await self._keep_log()
        return rest

    async def scrub(self, _task: TaskLease) -> None:
        """The task `scrub`: what was deleted goes from the database's files too."""
        if self._store.dialect == "postgresql":
            await asyncio.to_thread(self._store.scrub)
        else:
            self._store.scrub()

    async def _keep_log(self) -> None:
        known = logged(self._data)
        add_to_log(self._data, await self._store.read(lambda tx: tx.erasure.ended(known)))

    def _soon(self, tx: Tx, workspace: str, now: datetime) -> None:
        """Have the database's files rewritten: at once on SQLite; on PostgreSQL once for all of a minute."""
        due = now if tx.dialect == "sqlite" else now.replace(second=0, microsecond=0) + timedelta(minutes=1)
        tx.tasks.put(workspace, SCRUB, "files", due=due)

    def _step(self, tx: Tx, id: str) -> float | None:
        """None when it is done; not while a system has not answered, or a tool not confirmed: then the seconds until
        the next look, more of them the longer it lasts."""
        erased = tx.erasure.get(id)
        if erased.ended is not None:
            return None
        family = tx.families.family(erased.family)
        now = self._runtime.now()
        roots = [link for link in family.links.values() if link.kind is family.kind]
        waiting = any(w.state in OPEN_WRITES for w in family.writes.values())
        shown = _shown_to_tools(tx, family)
        waiting = waiting or any(x.confirmed is None and self._connections.known(x.connection) for x in shown)
        if waiting and now < erased.begun + PATIENCE:
            return min(max(AGAIN, (now - erased.begun).total_seconds() / SHARE), SELDOM)
        places = [self._at_system(tx, family, link, now) for link in sorted(roots, key=lambda x: x.id)]
        places += [self._at_tool(tx, family, one, now) for one in shown]
        places += outside(tx, family, beyond(tx, family), now)
        self._locally(tx, family, erased, places, now)
        self._soon(tx, family.workspace, now)
        tx.after_commit(lambda: self._reconcile.watchers.tell(str(family.kind), family.id))
        return None

    def foreseen(self, tx: Tx, family: Family) -> list[Foreseen]:
        """What an erasure begun now would do wherever the person is known outside. Nothing is done."""
        roots = [link for link in family.links.values() if link.kind is family.kind]
        systems = [self._foreseen(link) for link in sorted(roots, key=lambda x: x.id)]
        others = (Foreseen(place, "", outcome, hand) for place, outcome, hand in foreseen(beyond(tx, family)))
        return [*systems, *(self._foreseen_of(one) for one in _shown_to_tools(tx, family)), *others]

    def _foreseen_of(self, one: Given) -> Foreseen:
        at = self._connections.known(one.connection)
        if at is None:
            why = "The owner gets the task to have it erased there: it is no longer connected."
            return Foreseen(self._name(at), one.application, why, True)
        asked = "It is told when it next asks, and confirms; after 72 hours without that it is the owner's task."
        return Foreseen(self._name(at), one.application, asked, False)

    def _foreseen(self, link: Link) -> Foreseen:
        at = self._connections.known(link.connection)
        name = self._name(at)
        if not link.open:
            return Foreseen(name, link.external, f"Nothing is asked: {link.state} there already.", False)
        if at is None or link.kind not in at.connector.erases:
            why = "it is no longer connected" if at is None else "its interface has no call for it"
            return Foreseen(name, link.external, f"The owner gets the task to erase by hand: {why}.", True)
        if at.row.mode is not Mode.LIVE:
            why = f"the connection's mode is {at.row.mode}, in which nothing is written there"
            return Foreseen(name, link.external, f"The owner gets the task to erase by hand: {why}.", True)
        asked = f"It is asked at once: {at.connector.erases[link.kind].outcome}."
        if at.row.stopped is not None:
            asked = (
                "Its writes are stopped: it is asked once they are released, and is the owner's task after 72 hours."
            )
        return Foreseen(name, link.external, asked, at.row.stopped is not None)

    @staticmethod
    def _name(at: Connected | None) -> str:
        if at is None:
            return "a system that is no longer connected"
        return f"{at.row.name} ({at.connector.label}, {at.row.label.words})"

    # --------------------------------------------------------------------------------------------------- the places

    def _at_system(self, tx: Tx, family: Family, link: Link, now: datetime) -> dict[str, Any]:
        """What became of the person at one system; where that is not done, the owner's task."""
        at = self._connections.known(link.connection)
        name = self._name(at)
        place: dict[str, Any] = {"place": name, "object": link.external, "at": (link.read_at or now).isoformat()}
        if link.state is LinkState.ERASED:
            done = at.connector.erases[link.kind].outcome if at else "erased there"
            return {**place, "outcome": done, "at": now.isoformat(), "done": True}
        if link.state is not LinkState.LIVE and link.state is not LinkState.UNSEEN:
            return {**place, "outcome": f"{link.state} there before", "done": True}
        dead = next((w for w in family.writes.values() if w.link == link.id and w.state is WriteState.DEAD), None)
        if dead is not None and dead.reason is Reason.GONE:
            why = "it is not shown there: gone already, or hidden from Bascule"
        elif dead is not None:
            why = "the system refused it"
        elif at is None or link.kind not in at.connector.erases:
            why = "its interface has no call for it"
        elif any(w.link == link.id and w.state in OPEN_WRITES for w in family.writes.values()):
            why = "it did not answer"
        else:
            why = f"the connection's mode is {at.row.mode}, in which nothing is written there"
        text = f"{name}: erase candidate {link.external} by hand, for {why}."
        ask_by_hand(tx, family.workspace, link.connection, link.external, text, now)
        return {**place, "outcome": f"a task for the owner: {why}", "done": False}

    def _at_tool(self, tx: Tx, family: Family, one: Given, now: datetime) -> dict[str, Any]:
        """What became of an application that an AI tool was shown; where it has not confirmed, the owner's task."""
        at = self._connections.known(one.connection)
        name = self._name(at)
        place: dict[str, Any] = {"place": name, "object": one.application, "at": (one.confirmed or now).isoformat()}
        if one.confirmed is not None:
            return {**place, "outcome": "deleted there, as the tool has confirmed", "done": True}
        why = "it is no longer connected" if at is None else "it has not confirmed"
        text = f"{name}: have application {one.application} erased there by hand, for {why}."
        ask_by_hand(tx, family.workspace, one.connection, one.application, text, now)
        return {**place, "outcome": f"a task for the owner: {why}", "done": False}

    def _locally(self, tx: Tx, family: Family, erased: Erased, places: list[dict[str, Any]], now: datetime) -> None:
        """Everything kept here, in one commit, tombstones and certificate included."""
        at = now.isoformat()
        names = _names(tx, family)
        tx.erasure.bury(family.workspace, names, now=now)
        removed: dict[str, int] = {}
        families = tx.pages.homes(family)
        places += [_at_model(host, count, at) for id in families for host, count in tx.model_calls.about(id)]
        places += [_at_provider(host, count, at) for id in families for host, count in tx.lookups.about(id)]
        for id in families:
            for place, rows in tx.erasure.forget(family.workspace, id, now=now).items():
                removed[place] = removed.get(place, 0) + rows
        failures = tx.erasure.keep_failures(family, now=now)
        if failures:
            outcome = f"{failures} stay listed, without anything of the person"
            places.append({"place": "failures", "outcome": outcome, "at": at, "done": True})
        places += [
            {"place": place, "outcome": f"{rows} removed", "at": at, "done": True} for place, rows in removed.items()
        ]
        places += [
            {"place": place, "outcome": outcome, "at": at, "done": True}
            for place, outcome in (
                ("audit", "entries stay; digests of personal values say nothing without their salt, which is gone"),
                ("logs and metrics", "hold no personal values"),
                ("memory of this process", "decoded values dropped"),
                ("database files", "SQLite: freed pages overwritten, write-ahead log emptied")
                if tx.dialect == "sqlite"
                else ("database files", "tables of keys and tokens written anew within a minute"),
            )
        ]
        places.append({**_old_copies(tx.dialect), "at": at})
        until = tx.erasure.backups_until(family.workspace)
        backups = (
            f"the last that holds this person expires on {until.date().isoformat()}; restoring one erases again"
            if until is not None and until > now
            else "none made by Bascule holds this person"
        )
        places.append({"place": "backups", "outcome": backups, "at": at, "done": until is None or until <= now})
        body: dict[str, Any] = {
            "format": FORMAT,
            "id": erased.id,
            "workspace": family.workspace,
            "candidate": erased.record,
            "asked_by": {"kind": erased.actor_kind, "id": erased.actor_id},
            "begun": erased.begun.isoformat(),
            "ended": at,
            "places": places,
        }
        signed = _signed(tx, family.workspace, body)
        marks = sorted(tx.erasure.marks(family.workspace, names))
        tx.erasure.finish(erased.id, signed, families=families, marks=marks, now=now)
        tx.audit.record(
            workspace=family.workspace, at=now, action="erased", actor=BASCULE, family=family.id,
            record=erased.record, detail={"erasure": erased.id, "signature": str(signed["signature"])},
        )  # fmt: skip

    # ----------------------------------------------------------------------------------------- what outlives a restore

    async def replay(self) -> int:
        """Erase again whom the log names and the database does not know as erased (it was restored); how many. The log
        learns of those that only the database knows."""
        done = 0
        for line in _logged(self._data / LOG):
            done += await self._store.write(lambda tx, line=line: self._again(tx, line))
        if done:
            self._store.scrub()
        await self._keep_log()
        return done

    def _again(self, tx: Tx, line: Mapping[str, Any]) -> int:
        if tx.erasure.known(line["id"]):
            return 0
        now = self._runtime.now()
        for family in line["families"]:
            tx.erasure.forget(line["workspace"], family, now=now)
        tx.erasure.lay(line["workspace"], line["marks"], now=now)
        kind, actor = line["actor"]
        begun = datetime.fromisoformat(line["begun"])
        erased = Erased(line["id"], line["workspace"], line["families"][0], line["record"], begun, kind, actor)
        tx.erasure.start(erased)
        tx.erasure.finish(
            line["id"], line["certificate"], families=line["families"], marks=line["marks"],
            now=datetime.fromisoformat(line["at"]),
        )  # fmt: skip
        tx.audit.record(
            workspace=line["workspace"], at=now, action="erased again", actor=BASCULE, family=line["families"][0],
            record=line["record"], detail={"erasure": line["id"], "why": "an older backup was restored"},
        )  # fmt: skip
        return 1


def logged(data: Path) -> set[str]:
    """The erasures that stand in the log of a data folder."""
    return {line["id"] for line in _logged(data / LOG)}


def add_to_log(data: Path, ended: Sequence[Ended]) -> None:
    """Have erasures stand in the log outside the database, so that a restored backup can be told of them. What the
    database holds is what the log is made from: a crash between the two, or another machine that did it, loses
    nothing."""
    if ended:
        data.mkdir(parents=True, exist_ok=True)
        with open(data / LOG, "a+", encoding="utf-8", opener=lambda p, flags: os.open(p, flags, 0o600)) as file:
            if file.tell() and not (data / LOG).read_bytes().endswith(b"\n"):
                file.write("\n")  # a line that a crash cut short
            file.writelines(json.dumps(_line(one), sort_keys=True) + "\n" for one in ended)
            file.flush()
            os.fsync(file.fileno())


def _old_copies(dialect: str) -> dict[str, Any]:
    """Where the person's key still lies, wrapped by the master key of before. PostgreSQL keeps segments of its log a
    while; copies that others made are not known here."""
    step = "with the master key of then it opens what they hold, until `bascule keys rotate` ends that key"
    if dialect == "sqlite":
        outcome = f"none known; one made outside Bascule holds the person's key, wrapped: {step}"
        return {"place": "old copies of the database files", "outcome": outcome, "done": True}
    outcome = f"hold the person's key, wrapped: {step}"
    return {"place": "old segments of the write-ahead log, old copies", "outcome": outcome, "done": False}


def _at_model(host: str, count: int, at: str) -> dict[str, Any]:
    """Where a language model was shown text about the person: no interface of theirs has a call to erase it."""
    requests = "1 request" if count == 1 else f"{count} requests"
    outcome = f"{requests} held text without name and contact data; the contract with it says when it lets go of them"
    return {"place": f"language models at {host}", "outcome": outcome, "at": at, "done": False}


def _at_provider(host: str, count: int, at: str) -> dict[str, Any]:
    """Where the person was looked up: a provider has its own data about them, and its own duty to erase."""
    asked = "looked up once" if count == 1 else f"looked up {count} times"
    outcome = f"{asked}, with identifying data; what it holds of its own is erased where the person asks it"
    return {"place": f"data provider at {host}", "outcome": outcome, "at": at, "done": False}


def _logged(log: Path) -> list[dict[str, Any]]:
    """The lines of the log; one cut short by a crash is written again."""
    lines = log.read_text("utf-8").splitlines() if log.exists() else []
    return [found for line in lines if (found := _read(line)) is not None]


def _read(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "id" in found else None


def _line(one: Ended) -> dict[str, Any]:
    erased = one.erased
    assert erased.ended is not None
    return {
        "id": erased.id, "at": erased.ended.isoformat(), "workspace": erased.workspace, "families": list(one.families),
        "marks": list(one.marks), "certificate": erased.certificate, "record": erased.record,
        "begun": erased.begun.isoformat(), "actor": [erased.actor_kind, erased.actor_id],
    }  # fmt: skip


def named(connection: str, kind: str, external: str) -> str:
    """What a tombstone of an external id is of."""
    return f"{connection}|{kind}|{external}"


def _shown_to_tools(tx: Tx, family: Family) -> list[Given]:
    """What AI tools were shown of a person."""
    mine = [one.id for one in family.records.values() if one.kind is Kind.APPLICATION]
    return tx.tools.given_of(mine) if mine else []


def _names(tx: Tx, family: Family) -> set[str]:
    """External ids and former ids, and the marks of everything that was ever, or may yet be, created there."""
    names = {named(*known) for known in tx.erasure.externals(family.id)}
    return names | _marks(family)


def _marks(family: Family) -> set[str]:
    return {f"mark|{marker(record)}" for record in family.records}


def _signed(tx: Tx, workspace: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The certificate, its exact bytes as text, and an Ed25519 signature by the workspace's key over these."""
    text = canonical(body)
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(tx.vault.digest(workspace, None, b"certificates")))
    return {
        "certificate": dict(body),
        "canonical": text,
        "key": key.public_key().public_bytes_raw().hex(),
        "signature": key.sign(text.encode()).hex(),
    }
