"""The hiring flow of the demo: letters arrive in a mailbox on this machine, and two rules ask whoever applies then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from types import MappingProxyType

from bascule.app import App
from bascule.hiring.mail import Security, Server
from bascule.model import Actor, Kind, StageType
from bascule.sandbox.kit.server import listen
from bascule.sandbox.mail.app import create_app
from bascule.sandbox.mail.letters import Mailroom
from bascule.sandbox.mail.smtp import listening

from .sides import Side

RULES = """
ask-everybody:
  on: yes
  why: Everybody who applies is asked the same questions.
  owner: {owner}
  when: {{stage: applied, screening: none}}
  do: invite
move-on-who-answered:
  on: yes
  why: Who has answered is looked at, and moved on by a person.
  owner: {owner}
  when: {{stage: applied, screening: completed}}
  do: propose
  with: {{stage: screen}}
show-the-manager:
  on: yes
  why: Whoever is moved on is shown to the hiring manager, who may decide early.
  owner: {owner}
  when: {{stage: screen}}
  do: shortlist
"""
TYPES: Mapping[str, StageType] = MappingProxyType(
    {
        "Application Review": StageType.APPLIED,
        **dict.fromkeys(("Recruiter Call", "Phone Screen", "Telephone Interview"), StageType.SCREEN),
        **dict.fromkeys(
            ("Technical Interview", "Team Day", "Case Exercise", "Interview", "Interview with the Unit",
             "Accounting Test", "References"), StageType.INTERVIEW,
        ),
        "Offer": StageType.OFFER,
    }
)  # fmt: skip
"""What the stages of the demo's jobs are, as their owner says."""
GATHER = 3.0  # seconds until a colleague is written to: nobody wants to wait for it here
SENDER, NAME, ANSWERS = "jobs@tenant.example", "Tenant", "answers@tenant.example"


@dataclass(frozen=True, slots=True)
class Post:
    """Where letters go, and the page on which everybody's can be read."""

    room: Mailroom
    url: str
    smtp: int


@asynccontextmanager
async def mailroom(app: App) -> AsyncGenerator[Post]:
    """A mail server and its pages meanwhile; answers that are written there arrive at Bascule."""
    room, ready, stop = Mailroom(), asyncio.get_running_loop().create_future(), asyncio.Event()

    async def answer(letter: bytes) -> str:
        taken = await app.message_desk.take(letter)
        return (
            "The answer has arrived." if taken is not None else "The answer has arrived, and answers no letter known."
        )

    async with listening(room) as smtp:
        serving = asyncio.create_task(listen(create_app(room, answer), 0, ready=ready.set_result, stop=stop))
        try:
            yield Post(room, await ready, smtp)
        finally:
            stop.set()
            with suppress(asyncio.CancelledError):
                await serving


async def types(app: App, sides: Iterable[Side], actor: Actor) -> None:
    """The stages have their types, as their owner says."""
    for side in sides:
        stages = await app.store.read(lambda tx: tx.pages.of_kind(app.workspace, Kind.STAGE))
        names = {str(one.fields.get("name")) for one in stages if one.origin == side.connection}
        await app.mappings.confirm(side.account.name, {n: TYPES[n] for n in names if n in TYPES}, actor)


async def begin(app: App, post: Post, actor: Actor) -> None:
    """Letters leave by that server at any hour, and the rules are in force: for whoever applies from now on."""
    app.letters.gather = app.shortlisting.gather = GATHER
    person = (await app.store.read(lambda tx: tx.people.users(app.workspace)))[0]
    server = Server("127.0.0.1", post.smtp, Security.NONE, SENDER, NAME, answers=ANSWERS)
    await app.message_desk.set_server(server, actor)
    await app.message_desk.set_hours(0, 24, range(7), "UTC", "en", actor)
    await app.trigger_desk.save(RULES.format(owner=person.email), actor, "the demo")
