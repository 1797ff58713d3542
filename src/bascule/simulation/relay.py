"""The world's mail: a relay that takes letters, refuses them, or breaks off; and what lies in everybody's mailbox.

What is said with it is said by the product's own part of the conversation. A letter that is under way arrives, or
does not, whatever becomes of the process that sent it.
"""

from __future__ import annotations

import asyncio
import random
import smtplib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from bascule.hiring.mail import Posted, Server, Took, always, converse

from .faults import Trouble
from .life import Crashed, Life

MAIL = "mail"  # where the relay's faults are
CANDIDATES = "people.example"


@dataclass(frozen=True)
class Taken:
    """One letter that the relay took: the conversation began at `began`, in seconds of the run and by date."""

    began: float
    date: datetime
    to: str
    id: str
    subject: str
    text: str
    mail: EmailMessage

    @property
    def whose(self) -> str:
        """Whom of the world's people it is for; "" for a colleague."""
        local, _, domain = self.to.partition("@")
        return local.partition(".")[0] if domain == CANDIDATES else ""


@dataclass
class Conversation:
    """One conversation as it goes: what the relay says at each step. `breaks`: it breaks off after the letter."""

    at_sender: tuple[int, bytes] = (250, b"ok")
    at_recipient: tuple[int, bytes] = (250, b"ok")
    at_letter: tuple[int, bytes] = (250, b"queued")
    keeps: bool = True  # what it has been handed is delivered
    breaks: bool = False
    kept: bool = False

    def mail(self, sender: str) -> tuple[int, bytes]:
        return self.at_sender

    def rcpt(self, recip: str) -> tuple[int, bytes]:
        return self.at_recipient

    def data(self, msg: bytes) -> tuple[int, bytes]:
        if self.at_letter[0] == 354:
            raise smtplib.SMTPDataError(451, b"try again later")
        self.kept = self.keeps and self.at_letter[0] == 250
        if self.breaks:
            raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
        return self.at_letter


@dataclass
class Relay:
    """The mail server. `looks` at each letter in the moment in which its conversation begins, and says what speaks
    against it, if anything; `wrong` is told of it where the letter is taken."""

    trouble: Trouble
    dice: random.Random
    seconds: Callable[[], float]
    now: Callable[[], datetime]
    log: Callable[..., None]
    looks: Callable[[Taken], str]
    wrong: Callable[..., None]
    taken: list[Taken] = field(default_factory=list[Taken])
    broke: int = 0  # conversations that broke off after the letter
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set[asyncio.Task[Any]])

    async def send(
        self, life: Life, server: Server, to: str, mail: EmailMessage, in_time: Callable[[], bool]
    ) -> Posted:
        answer: asyncio.Future[Posted] = asyncio.get_running_loop().create_future()
        task = asyncio.get_running_loop().create_task(self._carry(life, server, to, mail, in_time, answer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await answer

    async def _carry(
        self, life: Life, server: Server, to: str, mail: EmailMessage, in_time: Callable[[], bool],
        answer: asyncio.Future[Posted],
    ) -> None:  # fmt: skip
        part = mail.get_body(("plain",))
        text = str(part.get_content()) if part is not None else ""
        letter = Taken(
            self.seconds(), self.now(), to, str(mail["Message-ID"]), str(mail["Subject"]), text, mail
        )  # fmt: skip
        against = self.looks(letter)
        try:
            posted, kept = await self._conversed(life, server, to, mail.as_bytes(), in_time)
        except Crashed:  # before the letter itself was said: nobody waits for an answer any more
            posted, kept = Posted(Took.UNKNOWN, "the process has ended"), False
        self.log("mail", to, letter.subject, posted.took, posted.words, "kept" if kept else "")
        if kept:
            self.taken.append(letter)
            if against:
                self.wrong(against, to, letter.subject)
        if not answer.done():
            answer.set_result(posted)

    async def _conversed(
        self, life: Life, server: Server, to: str, data: bytes, in_time: Callable[[], bool]
    ) -> tuple[Posted, bool]:
        if self._strikes("mail away"):
            await asyncio.sleep(self.dice.uniform(0.01, 0.2))
            return Posted(Took.NOT_NOW, "Connection refused"), False
        slow = self._strikes("mail slow")
        await asyncio.sleep(self.dice.uniform(0.05, 0.4) + (slow.uniform(2.0, 30.0) if slow else 0.0))
        await life.running()
        held = self._said()
        posted = converse(held, server.sender, to, data, in_time)
        self.broke += held.breaks and held.kept
        await asyncio.sleep(self.dice.uniform(0.01, 0.1))
        return posted, held.kept

    def _said(self) -> Conversation:
        if drawn := self._strikes("mail later"):
            busy = (451, b"try again later")
            return drawn.choice((Conversation(at_sender=busy), Conversation(at_recipient=busy),
                                 Conversation(at_letter=busy), Conversation(at_letter=(354, b""))))  # fmt: skip
        if self._strikes("mail not ours"):
            return Conversation(at_sender=(550, b"this sender may not relay"))
        if self._strikes("mail refused"):
            return Conversation(at_recipient=(550, b"no such mailbox"))
        if self._strikes("mail lost answer"):
            return Conversation(breaks=True)
        if self._strikes("mail broken"):
            return Conversation(keeps=False, breaks=True)
        return Conversation()

    def _strikes(self, kind: str) -> random.Random | None:
        return self.trouble.strikes(kind, MAIL, self.seconds())


@dataclass
class Counter:
    """The way of one life to the relay, with a point before and after each letter."""

    relay: Relay
    life: Life

    async def send(self, server: Server, to: str, mail: EmailMessage, in_time: Callable[[], bool] = always) -> Posted:
        await self.life.running()
        self.life.point("before letter")
        try:
            return await self.relay.send(self.life, server, to, mail, in_time)
        finally:
            if self.life.alive:
                await self.life.running()
                self.life.point("after letter")
