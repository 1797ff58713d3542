"""The stop button: nothing more is written to a connection, or no candidate is sent a message about it, until a person
releases it. Reading goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bascule.core.interviews import News
from bascule.engine import incidents
from bascule.engine.connections import held_until
from bascule.errors import InputError
from bascule.hiring.interview_letters import LETTER
from bascule.hiring.messages import MAIL
from bascule.model import Actor
from bascule.store import Tx
from bascule.store.connections import Stop, Stopped
from bascule.store.incidents import Cause
from bascule.store.messages import Message

from .desk import Desk

NOTICES = {Stopped.WRITES: "writes stopped", Stopped.MESSAGES: "messages stopped"}
RELEASED = {Stopped.WRITES: "writes released", Stopped.MESSAGES: "messages released"}
NAMED = 10  # of those that wait, this many are named


@dataclass(frozen=True, slots=True)
class Waiting:
    """A candidate or job with something to be written, the longest waiting first. `name` is empty where it has none."""

    record: str
    kind: str
    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Letters:
    """Messages to candidates that wait at a connection. `stop`: that of messages alone. `first`: those that leave
    first, with the candidates' names. `under_way`: how many the mail server is taking just now."""

    stop: Stop | None
    templates: tuple[tuple[str, int, datetime], ...]  # template, how many, since when
    first: tuple[tuple[Message, str], ...]
    under_way: int

    @property
    def count(self) -> int:
        return sum(n for _, n, _ in self.templates)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """What waits at a connection. `under_way`: families that were being written to when the writes were stopped, and
    whose last request has not ended yet: 0 means that the stop has taken effect."""

    stop: Stop | None
    calls: tuple[tuple[str, int, datetime], ...]  # call, how many, since when
    first: tuple[Waiting, ...]
    under_way: int
    letters: Letters

    @property
    def silenced(self) -> Stop | None:
        """The stop that holds its messages: their own, else that of all writes."""
        return self.letters.stop or self.stop

    @property
    def writes(self) -> int:
        return sum(n for _, n, _ in self.calls)

    @property
    def oldest(self) -> datetime | None:
        return min((at for _, _, at in self.calls), default=None)


class Stops:
    """`app.stops`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def stop(self, name: str, actor: Actor, why: str, what: Stopped = Stopped.WRITES) -> HeldBack:
        """From now on no write to the connection begins, and no message to a candidate about it, in whatever process;
        or no message alone. What is on its way is let end, what is to leave stays due. Stopped already: the first stop
        stays. InputError without a reason, or for messages of an AI tool."""
        why, at = why.strip(), self._desk.connections.named(name)
        if not why:
            raise InputError(f"Say why the {what} are stopped.", hint="The reason is shown to everybody.")
        if what is Stopped.MESSAGES and at.is_tool:
            raise InputError(
                f"{name} is an AI tool: nobody is written to about it.", hint="Stop the messages of the ATS instead."
            )

        def unit(tx: Tx) -> None:
            if tx.connections.stopped(at.id, what) is not None:
                return
            now = self._desk.now()
            stop = Stop(actor.name or actor.id or "a person", why, now, what)
            tx.connections.stop(at.id, stop)
            self._note(tx, at.id, NOTICES[what], actor, why, now)
            if what is Stopped.WRITES:
                incidents.begins(tx, at.row, Cause.STOP, stop.words, since=now)
            text = f"{name}: {stop.words.rstrip('.')}. See what waits, and release it, on its page."
            tx.notices.put(at.row.workspace, NOTICES[what], at.id, text, now=now, connection=at.id)

        await self._change(unit)
        return await self.held_back(name)

    async def release(self, name: str, actor: Actor, why: str = "", what: Stopped = Stopped.WRITES) -> HeldBack:
        """What waits goes, in order, unless the other stop holds it; what it was is told. InputError where this is not
        stopped."""
        at = self._desk.connections.named(name)
        held = await self.held_back(name)

        def unit(tx: Tx) -> None:
            if tx.connections.stopped(at.id, what) is None:
                raise InputError(f"The {what} of {name} are not stopped.", hint=_other(tx, at.id, name, what))
            now = self._desk.now()
            if what is Stopped.WRITES:
                incidents.over(tx, at.id, Cause.STOP, now=now)
            tx.connections.release(at.id, what)
            if what is Stopped.WRITES:
                held_until(tx, at.id, now)
            if tx.connections.silenced(at.id) is None:
                tx.messages.wake(at.id, MAIL)
            self._note(tx, at.id, RELEASED[what], actor, why.strip(), now)
            tx.notices.close(at.row.workspace, NOTICES[what], at.id, now=now)

        await self._change(unit)
        return held

    async def held_back(self, name: str) -> HeldBack:
        """What waits to be written to a connection now, stopped or not."""
        at = self._desk.connections.named(name)
        return await self._desk.store.read(lambda tx: held_back(tx, at.id, self._desk.now()))

    async def _change(self, unit: Callable[[Tx], None]) -> None:
        await self._desk.store.write(unit)
        await self._desk.connections.refresh()
        self._desk.reload()

    def _note(self, tx: Tx, connection: str, action: str, actor: Actor, why: str, now: datetime) -> None:
        tx.audit.record(
            workspace=self._desk.workspace, at=now, action=action, actor=actor, connection=connection,
            detail={"why": why},
        )  # fmt: skip


def held_back(tx: Tx, connection: str, now: datetime) -> HeldBack:
    """What waits to be written to a connection."""
    found = tx.pages.held_back(connection, NAMED)
    names = tx.pages.names([family for family, _ in found.first])
    roots = [(tx.families.family(family).root, names.get(family, ""), since) for family, since in found.first]
    first = tuple(
        Waiting(root.id, str(root.kind), name or str(root.fields.get("title") or ""), since)
        for root, name, since in roots
    )
    under_way = tx.writes.under_way(connection, now=now)
    return HeldBack(tx.connections.stopped(connection), found.calls, first, under_way, _letters(tx, connection))


def _letters(tx: Tx, connection: str) -> Letters:
    waiting = tx.messages.waiting(connection, limit=NAMED)
    names = tx.pages.called([one.candidate for one in waiting])
    return Letters(
        tx.connections.stopped(connection, Stopped.MESSAGES),
        (*tx.messages.held_back(connection), *_farewells(tx, connection)),
        tuple((one, names.get(one.candidate, "")) for one in waiting), tx.messages.under_way(connection),
    )  # fmt: skip


def _farewells(tx: Tx, connection: str) -> Iterator[tuple[str, int, datetime]]:
    """Last letters to people who are being erased: counted, and nobody is named any more."""
    workspace = tx.connections.get(connection).workspace
    since = [
        datetime.fromisoformat(str(one.payload["since"]))
        for one in tx.tasks.list(workspace, name=LETTER, state="ready", limit=1000)
        if one.payload.get("connection") == connection
    ]
    if since:
        yield f"{News.CANCELLED}, to people being erased", len(since), min(since)


def command(name: str, what: Stopped) -> str:
    """What releases it."""
    return f"bascule connections release {name}" + (" --messages" if what is Stopped.MESSAGES else "")


def _other(tx: Tx, connection: str, name: str, what: Stopped) -> str:
    """The command that releases the stop there is, where it is the other one."""
    other = Stopped.WRITES if what is Stopped.MESSAGES else Stopped.MESSAGES
    return "" if tx.connections.stopped(connection, other) is None else command(name, other)
