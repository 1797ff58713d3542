"""What the doctor says of webhooks, and the promise that follows from it."""

from __future__ import annotations

import pytest

from bascule.engine.health import Finding
from bascule.errors import InputError
from bascule.model import Kind, Label
from bascule.office.accounts import NewConnection
from bascule.sandbox import greenhouse

from .kit import DANA, HOST, OWNER, Builder, House


async def of_hooks(house: House) -> Finding:
    found = await house.app.health.examine(house.app.workspace)
    return next(one for one in found if "ping" in one.what or "webhook" in one.what)


async def promised(house: House, kind: Kind, field: str) -> str:
    document = await house.app.mappings.document(house.name)
    return next(row.promised for row in document.rows if (row.kind, row.field) == (kind, field))


async def test_until_the_ping_arrives_the_slower_promise_is_made(build: Builder) -> None:
    house = await build.house(hooks=False)
    said = await of_hooks(house)
    assert said.state == "look"
    assert "every 60 s" in said.what
    assert await promised(house, Kind.APPLICATION, "stage") == "every 60 s"
    url = f"http://{HOST}/hooks/{house.name}"
    values = {"name": "Bascule", "url": url, "secret": house.secret, "events": list(greenhouse.EVENTS)}
    await house.sandbox.hooks.save(DANA, values)
    await house.quiet()
    assert (await of_hooks(house)).state == "ok"
    assert await promised(house, Kind.APPLICATION, "stage") == "webhook, 1-2 s"
    assert await promised(house, Kind.CANDIDATE, "tags") == "every 3 s"


async def test_a_wrong_secret_is_told_from_a_firewall(build: Builder) -> None:
    house = await build.house(hooks=False)
    assert await house.deliver(b'{"action": "ping"}', {"Signature": "sha256 00"}) == 401
    said = await of_hooks(house)
    assert said.state == "wrong"
    assert "secret" in said.next
    assert await house.deliver(b'{"action": "ping"}') == 200
    assert (await of_hooks(house)).state == "ok"


async def test_the_label_of_a_connection_is_what_its_owner_says(build: Builder) -> None:
    house = await build.house(mode=None)
    credential = house.sandbox.access.create(DANA, "Bascule", 4_012_001, house.scopes())
    settings, secrets = {"client_id": credential["client_id"]}, {"client_secret": credential["secret"]}
    made = NewConnection(house.name, "greenhouse", f"http://{HOST}/v3", Label.VENDOR_SANDBOX, settings, secrets)
    assert (await house.app.accounts.connect(made, OWNER)).row.label is Label.VENDOR_SANDBOX
    with pytest.raises(InputError):
        await house.app.accounts.connect(
            NewConnection("real", "greenhouse", "", Label.SIMULATOR, settings, secrets), OWNER
        )
