"""How long raw objects, webhook bodies, CVs and their text are kept: chosen per kind, down to not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from bascule.errors import InputError
from bascule.model import Actor
from bascule.store import Tx
from bascule.store.stored import What

from .desk import Desk

WORDS: dict[What, str] = {
    "raw": "the newest raw object of each record, as the system sent it",
    "payload": "bodies of webhooks, until their read is done",
    "resume": "CV files",
    "text": "the text of CVs",
}
MOST = 3650
BODIES = 7  # days that a webhook's body stays at most, whatever is chosen


@dataclass(frozen=True, slots=True)
class Kept:
    """What is in force for one kind. `days` 0: not kept; None: as long as its person."""

    kind: What
    what: str
    days: int | None


class Retention:
    """`app.retention`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def told(self) -> list[Kept]:
        """What is in force, from the store."""
        return await self._desk.store.read(lambda tx: in_force(tx, self._desk.workspace))

    async def choose(self, given: Mapping[str, int | None], actor: Actor) -> list[Kept]:
        """Keep these kinds for so many days (0: not at all; None: as long as their person). What comes from now on
        obeys at once; what is there goes at the next tidying, within the hour. InputError changes nothing."""
        wanted: dict[What, int | None] = {_kind(kind): _days(kind, days) for kind, days in given.items()}
        workspace = self._desk.workspace

        def unit(tx: Tx) -> list[Kept]:
            before: dict[What, int | None] = {one.kind: one.days for one in in_force(tx, workspace)}
            changed: dict[What, int | None] = {kind: days for kind, days in wanted.items() if before[kind] != days}
            for kind, days in changed.items():
                tx.stored.set_retention(workspace, kind, days)
            if changed:
                detail = {**changed, **{f"{kind}_before": before[kind] for kind in changed}}
                tx.audit.record(
                    workspace=workspace, at=self._desk.now(), action="retention changed", actor=actor, detail=detail
                )
            return in_force(tx, workspace)

        return await self._desk.store.write(unit)


def in_force(tx: Tx, workspace: str) -> list[Kept]:
    """Every kind, as it is kept now."""
    return [Kept(kind, WORDS[kind], _capped(kind, tx.stored.retention(workspace, kind))) for kind in WORDS]


def begin(tx: Tx, workspace: str, days: int) -> None:
    """What a new workspace starts with."""
    for kind in WORDS:
        tx.stored.set_retention(workspace, kind, _capped(kind, days))


def _capped(kind: What, days: int | None) -> int | None:
    return min(BODIES, BODIES if days is None else days) if kind == "payload" else days


def _kind(kind: str) -> What:
    for one in get_args(What):
        if one == kind:
            return one
    raise InputError(f"There is no kind {kind!r} that is kept.", hint=f"There are: {', '.join(WORDS)}.")


def _days(kind: str, days: int | None) -> int | None:
    most = BODIES if kind == "payload" else MOST
    if days is None and kind != "payload":
        return None
    if days is None or not 0 <= days <= most:
        raise InputError(
            f"{kind} is kept 0 to {most} days, not {'always' if days is None else days}.", hint="0 keeps nothing of it."
        )
    return days
