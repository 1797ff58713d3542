"""A connection that lives by a user's consent: renewed once for all processes, never lost to an error, watched."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from tests.databases import both_databases

from bascule.engine.wire import WireRequest
from bascule.errors import DisconnectedError
from bascule.model import Kind, Mode
from bascule.office.accounts import NewConnection
from bascule.sandbox.kit.tables import Row
from bascule.store.tasks import TaskLease

from .kit import DANA, HOST, OWNER, Builder, House

DAY, USER = 86_400, 4_012_001
TOKEN_LIFE = 3_700  # seconds after which an access token has ended


async def consented(build: Builder, **options: Any) -> House:
    """A customer who connected as a partner's customers do: with a refresh token."""
    house = await build.house(None, **options)
    row = house.sandbox.access.create(DANA, "Bascule", USER, house.scopes())
    secrets = {
        "client_secret": row["secret"],
        "webhook_secret": house.secret,
        "refresh_token": house.sandbox.access.consent(row["id"], USER),
    }
    await house.app.accounts.connect(
        NewConnection(
            house.name, "greenhouse", f"http://{HOST}/v3", settings={"client_id": row["client_id"]}, secrets=secrets,
            granted=row["scopes"],
        ),
        OWNER,
    )  # fmt: skip
    await house.until(lambda: house.at.row.crawled, within=600)
    await house.quiet()
    return house


def credential(house: House) -> Row:
    """The one of this connection, as the system keeps it."""
    id = house.at.row.settings["client_id"]
    return next(row for row in house.sandbox.db["credentials"] if row["client_id"] == id)


def renewals(house: House) -> int:
    """Requests to the token endpoint since it was asked last."""
    seen = len([one for one in house.transport.log if one.path == "/token"])
    house.transport.log.clear()
    return seen


async def ask(house: House) -> None:
    await house.at.client.run(house.at.connector.discover())


async def told(house: House, kind: str) -> list[str]:
    return [one["text"] for one in (await house.app.standing.status())["notices"] if one["kind"] == kind]


async def comes_in(house: House, seconds: float = 200) -> bool:
    """Whether somebody who applies now is known soon."""
    applied = await house.apply()
    await house.leap(seconds, step=20)
    return await house.family(Kind.CANDIDATE, applied.candidate) is not None


async def test_a_consent_is_renewed_again_and_again(build: Builder) -> None:
    house = await consented(build)
    renewals(house)
    for _ in range(6):
        house.clock.move(TOKEN_LIFE)
        await house.quiet()
    assert not house.at.row.paused
    assert 6 <= renewals(house) <= 7
    assert await comes_in(house)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_two_processes_renew_once(build: Builder) -> None:
    """The refresh token is used up by the first: a second renewal with it would lose the connection."""
    house = await consented(build)
    second = await build.second(house)
    for _ in range(4):
        house.clock.move(TOKEN_LIFE)
        renewals(house)
        await asyncio.gather(*(ask(one) for one in (house, second) * 3))
        assert renewals(house) == 1
    house.sandbox.faults.add({"kind": "expire_tokens"})
    await house.sandbox.hooks.deliver_due()
    await asyncio.gather(ask(house), ask(second))
    assert renewals(house) <= 1
    assert not house.at.row.paused


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_process_that_slept_while_it_renewed_uses_what_the_other_has(build: Builder) -> None:
    """Its own refresh token is refused by then. That is no refusal of the connection."""
    house = await consented(build)
    second = await build.second(house)
    house.clock.move(TOKEN_LIFE)
    stopped, awake, send = asyncio.Event(), asyncio.Event(), house.transport.send

    async def asleep(request: WireRequest, timeout: float) -> Any:
        if request.url.endswith("/token") and not stopped.is_set():
            request.check()
            stopped.set()
            await awake.wait()
            return await send(WireRequest("POST", request.url, request.headers, request.body), timeout)
        return await send(request, timeout)

    house.transport.send = asleep  # type: ignore[method-assign]
    sleeping = asyncio.ensure_future(ask(house))
    await stopped.wait()
    house.clock.move(60)
    renewals(house)
    await ask(second)
    awake.set()
    await sleeping
    assert renewals(house) == 2, "the second one was refused"
    assert not house.at.row.paused
    await ask(house)
    await ask(second)
    assert renewals(house) == 0


@both_databases
async def test_a_renewal_is_kept_before_it_is_used(build: Builder) -> None:
    """Whoever starts again after a crash right behind a renewal goes on from the new refresh token."""
    house = await consented(build)
    house.clock.move(TOKEN_LIFE)
    await ask(house)
    await build.restart(house)
    renewals(house)
    await ask(house)
    assert renewals(house) == 0, "the next process knows the token as well"
    house.clock.move(TOKEN_LIFE)
    await ask(house)
    assert renewals(house) == 1


@pytest.mark.parametrize(
    "fault",
    [{"kind": "answer", "status": 500}, {"kind": "answer", "status": 429, "retry_after": 5}, {"kind": "reset"},
     {"kind": "outage", "until": 20}],
    ids=lambda fault: str(fault.get("status", fault["kind"])),
)  # fmt: skip
async def test_no_error_overwrites_a_good_credential(build: Builder, fault: dict[str, Any]) -> None:
    house = await consented(build)
    house.clock.move(TOKEN_LIFE)
    house.sandbox.faults.add({**fault, "path": "/token"})
    await house.leap(200, step=20)
    assert not house.at.row.paused
    assert await comes_in(house)


@both_databases
@pytest.mark.parametrize("grace", [0.0, 600.0], ids=["used up at once", "with a grace"])
async def test_a_lost_answer_to_a_renewal_is_asked_for_again(build: Builder, grace: float) -> None:
    """The new refresh token never came here. Where the system takes the old one for a while nothing is lost; where it
    does not, the work waits and a person is asked."""
    house = await consented(build, refresh_grace=grace)
    house.clock.move(TOKEN_LIFE)
    house.sandbox.faults.add({"kind": "lost_answer", "path": "/token"})
    await house.leap(200, step=20)
    assert bool(house.at.row.paused) is (grace == 0.0)
    assert bool(await told(house, "disconnected")) is (grace == 0.0)


async def test_a_consent_that_ended_parks_the_work_and_a_new_one_resumes_it(build: Builder) -> None:
    house = await consented(build)
    await house.app.accounts.set_mode(house.name, Mode.LIVE, OWNER)
    applied = await house.apply()
    await house.leap(30, step=5)
    record = await house.record(Kind.CANDIDATE, applied.candidate)
    house.sandbox.access.forget_consents()
    house.sandbox.access.forget_tokens()
    await house.app.changes.edit(record.id, {"first_name": "Augusta"}, OWNER)
    await house.leap(300, step=20)
    assert house.at.row.paused
    assert house.candidate(applied.candidate)["first_name"] != "Augusta"
    assert await told(house, "disconnected")
    with pytest.raises(DisconnectedError):
        await house.app.accounts.set_credentials(house.name, {"refresh_token": "made up"}, OWNER)
    await house.quiet()
    assert house.at.row.paused
    new = house.sandbox.access.consent(credential(house)["id"], USER)
    await house.app.accounts.set_credentials(house.name, {"refresh_token": new}, OWNER)
    await house.leap(300, step=20)
    assert not house.at.row.paused
    assert house.candidate(applied.candidate)["first_name"] == "Augusta"
    assert not await house.open_failures()
    assert not await told(house, "disconnected")


async def test_a_new_secret_alone_leaves_the_consent_as_it_is(build: Builder) -> None:
    house = await consented(build)
    house.clock.move(TOKEN_LIFE)
    await ask(house)
    secret = house.sandbox.access.rotate(DANA, credential(house)["id"], timedelta(0))
    await house.app.accounts.set_credentials(house.name, {"client_secret": secret}, OWNER)
    house.clock.move(TOKEN_LIFE)
    await house.quiet()
    assert not house.at.row.paused


async def test_an_error_of_credentials_that_were_replaced_since_pauses_nothing(build: Builder) -> None:
    house = await build.house()
    old = house.at
    secret = house.sandbox.access.rotate(DANA, credential(house)["id"], timedelta(0))
    await house.app.accounts.set_credentials(house.name, {"client_secret": secret}, OWNER)
    await house.quiet()
    error = DisconnectedError("It was asked with the old ones.", status=401)
    await house.app.store.write(lambda tx: house.app.connections.note_error(tx, old, error, house.clock()))
    await house.quiet()
    assert not house.at.row.paused


async def test_a_poll_that_is_refused_after_the_credentials_were_replaced_pauses_nothing(build: Builder) -> None:
    """It was asked with the old ones; the connection is known with the new ones by the time the answer is there."""
    house = await build.house(hooks=False)
    poll, late = house.app.worker.handlers["poll"], list[str]()

    async def refused(task: TaskLease) -> float | None:
        if late:
            return await poll(task)
        late.append(task.key)
        secret = house.sandbox.access.rotate(DANA, credential(house)["id"], timedelta(0))
        await house.app.accounts.set_credentials(house.name, {"client_secret": secret}, OWNER)
        await house.app.connections.refresh()
        raise DisconnectedError("It was asked with the old ones.", status=401)

    house.app.worker.handlers["poll"] = refused
    await house.pass_time(90)
    assert late
    assert not house.at.row.paused
    tasks = await house.app.store.read(lambda tx: tx.tasks.list(house.app.workspace, name="poll"))
    assert all(task.due < house.clock() + timedelta(minutes=2) for task in tasks if task.key == late[0])


async def test_lists_that_were_refused_are_asked_as_soon_as_the_new_credentials_are_entered(build: Builder) -> None:
    """They were put off for five minutes, in which nothing came that no webhook told of."""
    house = await build.house(hooks=False)
    await house.pass_time(70)
    secret = house.sandbox.access.rotate(DANA, credential(house)["id"], timedelta(0))
    house.sandbox.faults.add({"kind": "expire_tokens"})
    await house.pass_time(70)
    assert house.at.row.paused
    assert await put_off(house)
    await house.app.accounts.set_credentials(house.name, {"client_secret": secret}, OWNER)
    assert not await put_off(house)
    await house.pass_time(2)
    assert not house.at.row.paused
    assert not await put_off(house)


async def put_off(house: House) -> list[str]:
    """Lists that are to be asked only later, for they could not be when it was their turn."""
    tasks = await house.app.store.read(lambda tx: tx.tasks.list(house.app.workspace, name="poll"))
    return [task.key for task in tasks if task.error and task.due > house.clock()]


async def test_a_connection_that_stands_still_keeps_its_consent(build: Builder) -> None:
    """Paused for three days: nothing is asked of the system, and the consent, which ends when unused, goes on."""
    house = await consented(build)
    await house.app.accounts.pause(house.name, OWNER)
    await house.leap(3 * DAY, step=1800)
    await house.app.accounts.resume(house.name, OWNER)
    assert await comes_in(house)


async def test_the_owner_is_told_before_a_consent_ends(build: Builder) -> None:
    house = await consented(build)
    house.sandbox.faults.add({"kind": "answer", "status": 503, "path": "/token", "until": 2 * DAY})
    await house.leap(17 * 3600, step=1800)
    assert not await told(house, "credentials ending")
    await house.leap(2 * 3600, step=1800)
    assert len(await told(house, "credentials ending")) == 1
    findings = [one.what for one in await house.app.health.examine(house.app.workspace) if one.state != "ok"]
    assert any("credentials end on" in what for what in findings)
    assert any("consent is not renewed" in what for what in findings)


async def test_an_entered_end_is_told_of_two_weeks_ahead(build: Builder) -> None:
    house = await build.house(hooks=False)
    ends = (house.clock() + timedelta(days=16)).date().isoformat()
    await house.app.accounts.set_credentials(house.name, {"expires": ends}, OWNER)
    await house.leap(DAY, step=3600)
    assert not await told(house, "credentials ending")
    await house.leap(DAY, step=3600)
    assert len(await told(house, "credentials ending")) == 1
    await house.app.accounts.set_credentials(house.name, {"expires": ""}, OWNER)
    assert not await told(house, "credentials ending")
