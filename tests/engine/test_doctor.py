"""What the doctor says of webhooks, and the promise that follows from it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bascule.engine.health import Finding
from bascule.errors import InputError
from bascule.model import Kind, Label
from bascule.office.accounts import NewConnection
from bascule.sandbox import greenhouse
from bascule.server.people import LOCAL

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


async def of_credentials(house: House) -> Finding:
    found = await house.app.health.examine(house.app.workspace)
    return next(one for one in found if one.what.startswith(house.name) and one.state == "wrong")


async def test_new_credentials_are_asked_for_where_they_are_refused_and_nowhere_else(house: House) -> None:
    fault = house.sandbox.faults.add({"kind": "answer", "method": "GET", "path": "^/v3/", "status": 503, "until": 60})
    assert (await of_credentials(house)).next.startswith("It is asked again by itself")
    house.sandbox.faults.remove(fault.id)
    house.sandbox.access.revoke(DANA, house.sandbox.db["credentials"].ids[0])
    assert (await of_credentials(house)).next == f"bascule connections credentials {house.name} --set ..."


async def test_a_command_line_owns_nothing_and_the_doctor_says_how_to_name_somebody(build: Builder) -> None:
    house = await build.house(mode=None)
    credential = house.sandbox.access.create(DANA, "Bascule", 4_012_001, house.scopes())
    settings, secrets = {"client_id": credential["client_id"]}, {"client_secret": credential["secret"]}
    made = NewConnection(house.name, "greenhouse", f"http://{HOST}/v3", None, settings, secrets)

    async def told() -> list[str]:
        found = await house.app.health.examine(house.app.workspace)
        return [one.next for one in found if "has no owner" in one.what]

    assert (await house.app.accounts.connect(made, LOCAL)).row.owner == ""
    assert await told() == [f"bascule connections owner {house.name} E-MAIL"]
    ada = await house.person("Ada Admin", 4_012_001)
    for who in ("nobody@tenant.example", "command line"):
        with pytest.raises(InputError, match="Nobody here who may log in"):
            await house.app.owners.name(house.name, who, OWNER)
    assert await house.app.owners.name(house.name, " ADA@tenant.example", OWNER) == "Ada Admin"
    assert (house.at.row.owner, await told()) == (ada.id, [])
    legacy = replace(house.at.row, owner="command line")
    await house.app.store.write(lambda tx: tx.connections.set(legacy))
    await house.app.connections.refresh()
    assert len(await told()) == 1, "as earlier versions kept it"
