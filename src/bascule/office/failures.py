"""Failures: what will not succeed by itself is mended and replayed, or given up, by a person; never by time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bascule.core.plan import discard, replay
from bascule.engine.connections import held_until
from bascule.errors import BasculeError, InputError, NotFoundError
from bascule.model import Actor, Edit, Fields, Reason, Write
from bascule.store import Tx
from bascule.store.queries import END, Failure

from .desk import Desk

AT_ONCE = 200  # failures that one call replays or discards; the next call goes on behind them


@dataclass(frozen=True, slots=True)
class Mend:
    """What a class of reason means and what a person does about it. `{connection}` and `{id}` stand in the command."""

    title: str
    what: str
    command: str


MEND: Mapping[Reason, Mend] = {
    Reason.MAPPING: Mend(
        "The mapping names something that is not there",
        "A field, option or stage was renamed or removed in the ATS. Mend it there or in the mapping, then replay.",
        "bascule mapping show {connection}",
    ),
    Reason.VALUE: Mend(
        "Value refused",
        "Correct the value here or what the ATS allows there, then replay.",
        "bascule failures replay {id} --set FIELD=VALUE",
    ),
    Reason.PERMISSION: Mend(
        "A right is missing",
        "Grant the right the ATS names, then replay all of this class.",
        "bascule failures replay --class permission --connection {connection}",
    ),
    Reason.GONE: Mend(
        "Not there any more",
        "Look whether it was deleted or merged in the ATS. Discard this if it was; otherwise replay.",
        'bascule failures discard {id} --reason "deleted in the ATS"',
    ),
    Reason.CONFLICT: Mend(
        "The ATS has moved on",
        "Look at both sides, then replay: it is rendered again from the record as it is now.",
        "bascule failures replay {id}",
    ),
    Reason.VENDOR: Mend(
        "No success after every retry",
        "The ATS was down, too slow, or answered with an error of its own. When it works again, replay.",
        "bascule failures replay --class 'vendor error' --connection {connection}",
    ),
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which failures: by id, or all of a class of reason, a connection (its name), a field (ours or the system's)."""

    ids: tuple[str, ...] = ()
    reason: Reason | None = None
    connection: str = ""
    field: str = ""

    @property
    def all(self) -> bool:
        """Whether nothing narrows it."""
        return not (self.ids or self.reason or self.connection or self.field)


@dataclass(frozen=True, slots=True)
class Bulk:
    """What one call over several did. `refused` says why, by failure; `next` is where to go on ("": at the end)."""

    done: int
    refused: Mapping[str, str]
    next: str = ""


class Failures:
    """`app.failures`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def replay(self, write_id: str, actor: Actor, values: Fields | None = None) -> None:
        """Try a failure again: it is rendered anew from the record as it is now, after these values of the record were
        mended. Where the mended value is another person's change than the failed one, that one closes as moot."""
        family = await self._family_of(write_id)

        def unit(tx: Tx) -> None:
            write = tx.families.family(family).writes.get(write_id)
            if values and write is not None:
                edit = Edit(self._desk.id(), write.record, values, actor, self._desk.id())
                self._desk.reconcile.edit_in(tx, family, [edit])
            self._desk.reconcile.replan_in(tx, family, lambda f, c: replay(f, write_id, actor, c))
            if write is not None:
                held_until(tx, write.connection, self._desk.now())

        await self._desk.reconcile.commit(unit)
        await self._desk.note(actor, "failure replayed", detail={"write": write_id, "mended": tuple(values or ())})

    async def discard(self, write_id: str, reason: str, actor: Actor) -> None:
        """Give a failure up, with a reason. The two sides stay different on this until the value changes."""
        if not reason.strip():
            raise InputError("A reason is needed to discard a failure.", hint="Say why it need not be written.")
        family = await self._family_of(write_id)
        await self._desk.reconcile.replan(family, lambda f, c: discard(f, write_id, actor, reason, c))
        await self._desk.note(actor, "failure discarded", detail={"write": write_id, "reason": reason})

    async def replay_all(self, chosen: Chosen, actor: Actor, after: str = "") -> Bulk:
        """Replay what was chosen, some at a time; one that cannot be replayed does not hold up the others."""
        return await self._each(chosen, after, lambda id: self.replay(id, actor))

    async def discard_all(self, chosen: Chosen, reason: str, actor: Actor, after: str = "") -> Bulk:
        """Give up what was chosen, some at a time. InputError where nothing narrows it."""
        if chosen.all:
            raise InputError("Discarding all failures at once is not offered.", hint="Name a class or a connection.")
        return await self._each(chosen, after, lambda id: self.discard(id, reason, actor))

    async def _each(self, chosen: Chosen, after: str, act: Callable[[str], Awaitable[None]]) -> Bulk:
        ids, following = await self._ids(chosen, after)
        done, refused = 0, dict[str, str]()
        for id in ids:
            try:
                await act(id)
                done += 1
            except BasculeError as error:
                refused[id] = str(error)
        return Bulk(done, refused, following)

    async def _ids(self, chosen: Chosen, after: str) -> tuple[list[str], str]:
        if chosen.ids:
            return list(chosen.ids[:AT_ONCE]), ""
        rows = await self._desk.store.read(lambda tx: self.listed(tx, chosen, after, AT_ONCE + 1))
        more = len(rows) > AT_ONCE
        mine = [one.write.id for one in rows[:AT_ONCE] if self.concerns(one.write, chosen.field)]
        return mine, rows[AT_ONCE - 1].write.id if more else ""

    def listed(self, tx: Tx, chosen: Chosen, after: str, limit: int) -> list[Failure]:
        """Failures behind `after`, the newest first, of a class and a connection; a field is not looked at."""
        connection = self._desk.connections.named(chosen.connection).id if chosen.connection else ""
        return tx.pages.failures(
            self._desk.workspace,
            connection=connection,
            reason=str(chosen.reason or ""),
            before=after or END,
            limit=limit,
        )

    def concerns(self, write: Write, field: str) -> bool:
        """Whether a write carries this field, by the system's name or by ours."""
        return not field or field in write.fields or field in self.canonical(write)

    def canonical(self, write: Write) -> tuple[str, ...]:
        """Our names of the fields a write carries, as far as the mapping still knows them."""
        at = self._desk.connections.known(write.connection)
        maps = [one for kind in at.view.fields.values() for one in kind if one.call == write.call] if at else []
        names = [name for one in maps if one.name in write.fields for name in one.canonical]
        return tuple(dict.fromkeys(names))

    async def _family_of(self, write_id: str) -> str:
        found = await self._desk.store.read(lambda tx: tx.families.failure_family(self._desk.workspace, write_id))
        if found is None:
            raise NotFoundError("There is no such failure; it may have been replayed already.")
        return found


def mend(write: Write) -> Mend:
    """What a failure needs, by its class of reason."""
    return MEND[write.reason or Reason.VENDOR]
