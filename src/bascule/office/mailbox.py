"""The mailbox in which answers come in: entered, read once a minute, and told of where it cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bascule.errors import InputError
from bascule.hiring.mail import Arrived, read
from bascule.hiring.mailbox import (
    Imap,
    Look,
    Mailbox,
    Place,
    Reader,
    checked,
    keep_mailbox,
    keep_place,
    mailbox_of,
    place_of,
)
from bascule.model import Actor
from bascule.store import Tx
from bascule.store.tasks import TaskLease

from .desk import Desk
from .messages import MessageDesk

MAILBOX = "mailbox"  # the task, and the notice that it cannot be read
ODD = "letter in the mailbox"  # the notice of one that is no letter
EVERY, MEANWHILE = 60.0, 300.0  # seconds between two looks; ... while it cannot be read
NO_LETTER = (InputError, ValueError, LookupError, AttributeError, TypeError)


@dataclass(frozen=True, slots=True)
class Standing:
    """The mailbox, without its password, and when it was read last; None where there is none."""

    box: Mailbox | None = None
    read: datetime | None = None


class MailboxDesk:
    """`app.mailbox`."""

    def __init__(self, desk: Desk, messages: MessageDesk, reader: Reader | None = None) -> None:
        self._desk = desk
        self._messages = messages
        self.reader = reader or Imap()

    async def shown(self) -> Standing:
        """What is entered."""

        def unit(tx: Tx) -> Standing:
            box, place = mailbox_of(tx, self._desk.workspace), place_of(tx, self._desk.workspace)
            return Standing(replace(box, password="") if box else None, place.at if box and place else None)

        return await self._desk.store.read(unit)

    async def enter(self, box: Mailbox, actor: Actor) -> Standing:
        """Read answers there from now on, after it was opened once. What lay in it before is not taken in; the mailbox
        that was entered before goes on where it was. InputError where it cannot be opened: nothing is kept then."""
        box, workspace = checked(box), self._desk.workspace
        known = await self._desk.store.read(lambda tx: mailbox_of(tx, workspace))
        if not box.password and known is not None and _same(known, box):
            box = replace(box, password=known.password)
        found = await self.reader.look(box, None)
        if found.wrong:
            raise InputError(f"The mailbox cannot be read: {found.wrong}.", hint="Nothing was changed.")

        def unit(tx: Tx) -> None:
            now, before = self._desk.now(), mailbox_of(tx, workspace)
            keep_mailbox(tx, workspace, box)
            if before is None or not _same(before, box) or place_of(tx, workspace) is None:
                keep_place(tx, workspace, Place(found.validity, found.upto, now))
            tx.notices.close(workspace, MAILBOX, "all", now=now)
            tx.tasks.put(workspace, MAILBOX, "all", due=now)
            tx.audit.record(
                workspace=workspace, at=now, action="mailbox set", actor=actor,
                detail={"host": box.host, "port": box.port, "folder": box.folder},
            )  # fmt: skip

        await self._desk.store.write(unit)
        self._desk.wake()
        return await self.shown()

    async def leave(self, actor: Actor) -> None:
        """Read it no more; the password goes."""

        def unit(tx: Tx) -> None:
            workspace, now = self._desk.workspace, self._desk.now()
            keep_mailbox(tx, workspace, None)
            tx.tasks.cancel(workspace, MAILBOX, "all")
            tx.notices.close(workspace, MAILBOX, "all", now=now)
            tx.audit.record(workspace=workspace, at=now, action="mailbox left", actor=actor, detail={})

        await self._desk.store.write(unit)

    def arrange(self, tx: Tx) -> None:
        """Reading goes on where one is entered, whatever ended it."""
        if mailbox_of(tx, self._desk.workspace) is not None:
            tx.tasks.put(self._desk.workspace, MAILBOX, "all", due=self._desk.now())

    # -------------------------------------------------------------------------------------------------------- reading

    async def run(self, task: TaskLease) -> float | None:
        """The task "mailbox": what has come in since. That a letter was taken is kept in the commit that takes it."""

        def load(tx: Tx) -> tuple[Mailbox | None, Place | None]:
            return mailbox_of(tx, task.workspace), place_of(tx, task.workspace)

        box, place = await self._desk.store.read(load)
        if box is None or place is None:
            return None
        found = await self.reader.look(box, place)
        if found.wrong:
            said = f"Answers are not read: the mailbox of {box.username} at {box.host} says: {found.wrong}"
            await self._desk.store.write(
                lambda tx: tx.notices.put(task.workspace, MAILBOX, "all", said, now=self._desk.now())
            )
            return MEANWHILE
        for uid, data in found.letters:
            await self._take(task, box, replace(place, validity=found.validity, uid=uid), data)
        await self._desk.store.write(lambda tx: self._stands(tx, task, box, place, found))
        return 0.0 if found.more else EVERY

    async def _take(self, task: TaskLease, box: Mailbox, place: Place, data: bytes) -> None:
        """One letter, once. What is none is told, and passed over: it stands in nobody's way."""

        def here(tx: Tx) -> None:
            tx.tasks.hold(task)
            _keep(tx, task.workspace, box, place)

        letter = _letter(data)
        if letter is not None:
            await self._messages.take_in(letter, here)
            return

        def passed(tx: Tx) -> None:
            here(tx)
            if data:
                text = f"Something in the mailbox of {box.username} is no letter that can be read; look at it there."
                tx.notices.put(task.workspace, ODD, "all", text, now=self._desk.now())

        await self._desk.store.write(passed)

    def _stands(self, tx: Tx, task: TaskLease, box: Mailbox, place: Place, found: Look) -> None:
        """It was read up to here."""
        tx.tasks.hold(task)
        now = self._desk.now()
        _keep(tx, task.workspace, box, replace(place, validity=found.validity, uid=found.upto, at=now))
        tx.notices.close(task.workspace, MAILBOX, "all", now=now)


def _keep(tx: Tx, workspace: str, box: Mailbox, place: Place) -> None:
    """Up to where it was read, unless another mailbox was entered meanwhile."""
    current = mailbox_of(tx, workspace)
    if current is not None and _same(current, box):
        keep_place(tx, workspace, place)


def _same(one: Mailbox, other: Mailbox) -> bool:
    """Whether it is the same folder of the same mailbox, however it is opened."""
    return (one.host, one.username, one.folder) == (other.host, other.username, other.folder)


def _letter(data: bytes) -> Arrived | None:
    """Whatever a parser stumbles over is no letter."""
    parse: Callable[[bytes], Arrived] = read
    try:
        return parse(data)
    except NO_LETTER:
        return None
