"""Parity, asked for and told: what each list held there and here when it was compared last, and every difference."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bascule.engine.connections import Connected
from bascule.engine.parity import summary
from bascule.engine.rhythm import PARITY, compared, compared_every
from bascule.errors import ForbiddenError, InputError
from bascule.model import ROOT_OF, Actor, Kind
from bascule.store import Tx
from bascule.store.parity import Found, Run

from .desk import Desk

LISTED = 100  # differences of a list that are told one by one


class Parities:
    """`app.parities`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def begin(self, name: str, actor: Actor, *, object: str = "") -> datetime:
        """Compare a list (all of them where none is named) as soon as the rate has room; a run that goes on is the one.
        The time: a run that ends after it is what was asked for. InputError for a list that cannot be compared."""
        at = self._desk.connections.named(name)
        if at.row.paused:
            raise ForbiddenError(f"{name} is paused: {at.row.paused}", hint=f"bascule connections resume {name}")
        lists, now = _lists(at, object), self._desk.now()

        def unit(tx: Tx) -> None:
            for title in lists:
                tx.tasks.put(at.row.workspace, PARITY, f"{at.id}|{title}", due=now)
            tx.audit.record(
                workspace=at.row.workspace, at=now, action="parity asked for", actor=actor, connection=at.id,
                detail={"object": object},
            )  # fmt: skip

        await self._desk.store.write(unit)
        self._desk.wake()
        return now

    async def told(self, name: str, *, object: str = "", differences: int = LISTED) -> list[dict[str, Any]]:
        """The newest result of each list, with the first of its differences: what is left first. Lists that were never
        compared have no `ended`."""
        return await self._desk.store.read(lambda tx: self.told_in(tx, name, object, differences))

    def told_in(self, tx: Tx, name: str, object: str = "", differences: int = LISTED) -> list[dict[str, Any]]:
        at = self._desk.connections.named(name)
        newest = {run.object: run for run in tx.parity.newest(at.id)}
        rows: list[dict[str, Any]] = []
        for reads in compared(at.connector):
            if reads.title not in _lists(at, object):
                continue
            run, going = newest.get(reads.title), tx.parity.open(at.id, reads.title)
            found = tx.parity.found(run, limit=differences) if run is not None and differences else []
            every = compared_every(at.row.settings, reads).total_seconds()
            rows.append(_row(reads.title, reads.kind, every, run, going, found))
        return rows


def _lists(at: Connected, object: str) -> list[str]:
    known = [one.title for one in compared(at.connector)]
    if object and object not in known:
        raise InputError(f"{at.row.name} has no list {object!r} to compare.", hint=f"There are: {', '.join(known)}.")
    return [object] if object else known


def _row(
    title: str, kind: Kind, every: float, run: Run | None, going: Run | None, found: Sequence[Found]
) -> dict[str, Any]:
    counted = summary(run) if run is not None else {"moving": 0, "decided": 0, "unexplained": 0}
    return {
        "object": title, "kind": str(kind), "every": every,
        "began": run and run.began, "ended": run and run.ended, "error": run.error if run else "",
        "theirs": run.theirs if run else 0, "ours": run.ours if run else 0,
        "their_digest": _hex(run.their_digest) if run else "", "our_digest": _hex(run.our_digest) if run else "",
        "same": run is not None and not run.error and run.their_digest == run.our_digest,
        **counted,
        "passed": run.passed if run else 0, "healed": run.healed if run else 0, "left": run.left if run else 0,
        "causes": dict(sorted(run.counts.items())) if run else {},
        "going": going.state if going is not None else "", "pages": going.pages if going is not None else 0,
        "differences": [_difference(one) for one in found],
    }  # fmt: skip


def _hex(text: str) -> str:
    return text.rjust(32, "0")


def _difference(one: Found) -> dict[str, Any]:
    """Ids and names only. `href`: the page of the record, where it has one."""
    root = ROOT_OF.get(one.kind, one.kind)
    own = one.kind == root and one.record and root in (Kind.CANDIDATE, Kind.JOB)
    return {
        "kind": str(one.kind), "external": one.external, "field": one.field, "cause": one.cause, "state": one.state,
        "record": one.record, "href": f"/{root}s/{one.record}" if own else "",
    }  # fmt: skip
