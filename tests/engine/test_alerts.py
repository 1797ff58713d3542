"""Alerts reach people: by HTTP and by mail, once, with owner, escalation and next step; addresses stay secret."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from bascule.errors import InputError, NotFoundError
from bascule.office.alerts import Digest
from bascule.office.tasks import TaskKind, Wanted

from .kit import OWNER, House


@dataclass
class Mailbox:
    """A receiver of HTTP messages on this machine. `ok`: whether it takes them."""

    port: int = 0
    ok: bool = True
    got: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @property
    def address(self) -> str:
        return f"json://somebody:hidden-word@127.0.0.1:{self.port}/hooks"


@asynccontextmanager
async def receiving() -> AsyncIterator[Mailbox]:
    box = Mailbox()

    async def take(request: web.Request) -> web.Response:
        if box.ok:
            box.got.append(json.loads(await request.text()))
        return web.Response(status=200 if box.ok else 503)

    app = web.Application()
    app.router.add_post("/hooks", take)
    app.router.add_post("/hooks/", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    box.port = runner.addresses[0][1]
    try:
        yield box
    finally:
        await runner.cleanup()


@asynccontextmanager
async def mail() -> AsyncIterator[tuple[int, list[str]]]:
    """An SMTP server on this machine, as much of RFC 5321 as a delivery needs."""
    got: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := (await reader.readline()).decode().strip().upper():
            if line == "DATA":
                writer.write(b"354 go on\r\n")
                got.append((await reader.readuntil(b"\r\n.\r\n")).decode())
            writer.write(b"221 bye\r\n" if line == "QUIT" else b"250 ok\r\n")
            if line == "QUIT":
                break
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], got


async def lose_credentials(house: House) -> None:
    """The system refuses our credentials."""
    at = house.at
    text = "acme: the credentials were refused. Enter new ones: bascule connections credentials acme"
    await house.app.store.write(
        lambda tx: tx.notices.put(at.row.workspace, "disconnected", at.id, text, now=house.clock(), connection=at.id)
    )


async def test_an_alert_is_told_once_with_owner_escalation_and_next_step(house: House) -> None:
    async with receiving() as box:
        await house.app.alerts.add(box.address, OWNER)
        await house.pass_time(20)
        box.got.clear()
        await lose_credentials(house)
        await house.pass_time(60)
        (told,) = box.got
        assert "acme (simulator)" in told["title"]
        assert "acme (simulator): " in told["message"]
        assert "the credentials were refused" in told["message"]
        assert "Owner: " in told["message"]
        assert "Escalates 21 Nov 2026" in told["message"]
        assert "Next: " in told["message"]
        assert "/connections/acme/setup?step=credentials)" in told["message"], "the page, not the command"
        assert "bascule " not in told["message"]


async def test_what_no_address_took_is_told_as_soon_as_one_does(house: House) -> None:
    async with receiving() as box:
        await house.app.alerts.add(box.address, OWNER)
        await house.pass_time(20)
        box.got.clear()
        box.ok = False
        await lose_credentials(house)
        await house.pass_time(60)
        assert box.got == []
        box.ok = True
        await house.pass_time(20)
        assert len(box.got) == 1


async def test_a_dead_address_does_not_make_the_others_ring_again(house: House) -> None:
    async with receiving() as good, receiving() as dead:
        dead.ok = False
        await house.app.alerts.add(good.address, OWNER)
        await house.app.alerts.add(dead.address, OWNER)
        await house.pass_time(20)
        good.got.clear()
        await lose_credentials(house)
        await house.pass_time(120)
        assert len([one for one in good.got if "daily" not in one["title"]]) == 1
        seen = await house.app.alerts.overview()
        assert [one.ok for one in seen.places] == [True, False]
        (told,) = [one for one in seen.last if one.open]
        assert (told.reached, told.of) == (1, 2)
        assert told.connection == house.name
        assert told.owner
        assert told.next
        assert told.due > told.at
        await house.app.alerts.remove(2, OWNER)
        assert [one.ok for one in (await house.app.alerts.overview()).places] == [True]


@pytest.mark.parametrize(("chosen", "mornings"), [(Digest.ALWAYS, 20), (Digest.NEVER, 0)])
async def test_the_digest_can_be_chosen_for_ever_or_switched_off(house: House, chosen: Digest, mornings: int) -> None:
    async with receiving() as box:
        await house.app.alerts.add(box.address, OWNER)
        await house.app.alerts.choose_digest(chosen, OWNER)
        began = house.clock.at
        for day in range(20):
            house.clock.at = began + timedelta(days=day)
            await house.app.alerts.look(None)  # type: ignore[arg-type]
        assert sum("daily" in one["title"] for one in box.got) == mornings
        assert (await house.app.alerts.overview()).digest is chosen


async def test_mail_arrives_and_the_test_says_who_was_reached(house: House) -> None:
    async with mail() as (port, got), receiving() as box:
        await house.app.alerts.add(f"mailto://127.0.0.1:{port}?from=bascule@here.example&to=owner@here.example", OWNER)
        await house.app.alerts.add(box.address, OWNER)
        box.ok = False
        assert [one.ok for one in await house.app.alerts.test(OWNER)] == [True, False]
        (message,) = got
        assert "test alert" in message


async def test_what_nobody_did_in_time_is_mailed_once_with_whom_to_call_whatever_it_is_about(house: House) -> None:
    await house.app.rollouts.tell(house.name, {"escalation": "Pat Doe, +44 20 7946 0999"}, OWNER)
    async with mail() as (port, got):
        await house.app.alerts.add(f"mailto://127.0.0.1:{port}?from=bascule@here.example&to=owner@here.example", OWNER)
        await house.app.alerts.choose_digest(Digest.NEVER, OWNER)
        house.clock.at += timedelta(days=77)
        (task,) = await house.app.tasks.list(Wanted(TaskKind.MAPPING))
        await house.app.alerts.look(None)  # type: ignore[arg-type]
        assert got == [], "it is no alert while it is in time"
        house.clock.at = task.due + timedelta(minutes=1)
        await house.app.tasks.escalate()
        for _ in range(2):
            await house.app.alerts.look(None)  # type: ignore[arg-type]
        (message,) = [read(one) for one in got]
        assert "The mapping of acme is to be looked at every 90 days" in message
        assert "and is not done. Call: Pat Doe, +44 20 7946 0999" in message
        assert [one.what for one in (await house.app.alerts.overview()).places] == ["escalation"]

        await house.app.tasks.say([task.id], OWNER, due=house.clock.at + timedelta(days=1))  # taken up ...
        house.clock.at += timedelta(days=2)
        await house.app.tasks.escalate()
        await house.app.alerts.look(None)  # type: ignore[arg-type]
        assert len(got) == 2, "... and not done again"


def read(message: str) -> str:
    """The text of a message as it came."""
    made = email.message_from_string(message, policy=email.policy.default)
    body = made.get_body(("plain",))
    assert body is not None
    return f"{made['subject']}\n{body.get_content()}"


async def test_a_digest_comes_every_day_for_two_weeks(house: House) -> None:
    async with receiving() as box:
        await house.app.alerts.add(box.address, OWNER)
        began = house.clock.at
        handler, days = house.app.alerts.look, 0
        for hour in range(24 * 20):
            house.clock.at = began + timedelta(hours=hour)
            await handler(None)  # type: ignore[arg-type]
        days = sum("daily" in one["title"] for one in box.got)
        assert days == 15, "today's, and fourteen more mornings"


async def test_addresses_are_sealed_shown_without_secrets_and_audited(house: House) -> None:
    await house.app.alerts.add("json://somebody:hidden-word@127.0.0.1:9/hooks", OWNER)
    (shown,) = await house.app.alerts.addresses()
    assert "hidden-word" not in shown
    kept = await house.app.store.read(lambda tx: tx.workspaces.settings(house.app.workspace))
    assert "hidden-word" not in json.dumps(kept, default=str)
    (line,) = await house.app.store.read(lambda tx: tx.audit.of_action(house.app.workspace, "alert address added"))
    assert "hidden-word" not in str(line.detail)
    with pytest.raises(InputError, match="Apprise does not know"):
        await house.app.alerts.add("nonsense", OWNER)
    with pytest.raises(NotFoundError):
        await house.app.alerts.remove(2, OWNER)
    assert await house.app.alerts.remove(1, OWNER) == []
    with pytest.raises(InputError, match="No address"):
        await house.app.alerts.test(OWNER)
