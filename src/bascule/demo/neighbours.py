"""What stands beside a demo that runs on: everybody's mail, colleagues' calendars, and the page to start from."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from starlette.types import ASGIApp

from bascule.app import App
from bascule.sandbox import calendars
from bascule.sandbox.kit.server import listen
from bascule.sandbox.mail.app import create_app
from bascule.sandbox.mail.letters import Mailroom
from bascule.sandbox.mail.smtp import listening

INTERVIEWER, INTERVIEWER_NAME, ZONE = "mei.tanaka@tenant.example", "Mei Tanaka", "Europe/Stockholm"
BUSY = ((9, 11, "Planning"), (14, 15, "Review of designs"))  # hours of each day (UTC), and what with


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Where letters go and calendars are, and the pages on which everybody's can be read."""

    room: Mailroom
    mail: str
    smtp: int
    calendars: calendars.Server
    calendar: str


@asynccontextmanager
async def neighbours(app: App) -> AsyncGenerator[Neighbours]:
    """A mail server, a calendar server and their pages meanwhile; answers written there arrive at Bascule."""
    room, held = Mailroom(), calendars.Server()
    _fill(held)

    async def answer(letter: bytes) -> str:
        await app.message_desk.take(letter)
        return "The answer has arrived."

    async with (
        listening(room) as smtp, serving(create_app(room, answer)) as mail, serving(calendars.create_app(held)) as them
    ):  # fmt: skip
        yield Neighbours(room, mail, smtp, held, them)


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncGenerator[str]:
    """Its address on this machine, for as long as it runs."""
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    running = asyncio.create_task(listen(app, 0, ready=ready.set_result, stop=stop))
    try:
        yield await ready
    finally:
        stop.set()
        with suppress(asyncio.CancelledError):
            await running


def _fill(held: calendars.Server) -> None:
    """The interviewer is not free all day."""
    today = datetime.now(UTC).date()
    for day in (today + timedelta(days=number) for number in range(15)):
        for begin, end, subject in BUSY:
            first, last = (datetime.combine(day, time(hour), UTC) for hour in (begin, end))
            if day.weekday() < 5:
                held.add(INTERVIEWER, first, last, subject=subject)
