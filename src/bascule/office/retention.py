"""How long raw objects, webhook bodies, CVs and their text are kept, and people as a whole; down to not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import get_args

from bascule.core.retention import RETAIN, Rule, checked, stored
from bascule.errors import ConflictError, InputError
from bascule.model import Actor
from bascule.store import Tx
from bascule.store.stored import What
from bascule.trust.retiring import Due, due, rule_of, set_rule

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


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who is due under a rule: how many, and the first of them."""

    rule: Rule
    count: int
    first: tuple[Due, ...]


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

    # ------------------------------------------------------------------------------------------------ people, by rule

    async def rule(self) -> Rule:
        """How long people are kept."""
        return await self._desk.store.read(lambda tx: rule_of(tx, self._desk.workspace))

    async def due(self, rule: Rule | None = None, limit: int = 50) -> Waiting:
        """Who would be erased now, under the rule in force or another: how many, and those due longest. Nothing is
        done. InputError for what can be no rule."""
        desk = self._desk
        rule = checked(rule or await self.rule())
        found: list[Due] = []
        async for page in due(desk.store, desk.workspace, rule, desk.now()):
            found += page
        return Waiting(rule, len(found), tuple(sorted(found, key=lambda one: one.closed)[:limit]))

    async def set_rule(self, rule: Rule, actor: Actor, *, agree: int | None = None) -> Waiting:
        """Set the rule. To turn it on, or on with another rule, somebody says how many people they have seen would be
        erased now (`agree`); it is applied at once and then once a day. ConflictError where they are not as many."""
        desk = self._desk
        waiting = await self.due(rule)
        before = await self.rule()
        if rule.on and waiting.count and agree != waiting.count:
            raise ConflictError(
                f"{waiting.count} people would be erased now; nothing was changed.",
                hint=f"Look who they are (bascule retention due), then agree to that number (--agree {waiting.count}).",
            )
        chosen = replace(rule, agreed=waiting.count if rule.on else 0)

        def unit(tx: Tx) -> None:
            set_rule(tx, desk.workspace, chosen)
            tx.audit.record(
                workspace=desk.workspace, at=desk.now(), action="retention rule changed", actor=actor,
                detail={**stored(chosen), **{f"{name}_before": value for name, value in stored(before).items()}},
            )  # fmt: skip
            if chosen.on:
                tx.tasks.put(desk.workspace, RETAIN, "all", due=desk.now())

        await desk.store.write(unit)
        desk.wake()
        return replace(waiting, rule=chosen)


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
