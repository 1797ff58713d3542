"""Somebody of IT enters what a connection signs in with, by a link that works once; the owner never sees it."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import urlsplit

import httpx2
import pytest
from tests.contracts.connector.accounts import Account, Clock, Setting, all_of_them
from tests.databases import both_databases

from bascule.connectors.greenhouse import CONNECTOR
from bascule.connectors.guide import guide
from bascule.connectors.registry import load
from bascule.connectors.spec import Tenant, scopes
from bascule.errors import ConflictError, InputError, NotFoundError
from bascule.office.credential_links import Asked, Made
from bascule.server.application import create_server

from .kit import DANA, HOST, OWNER, House

LEAST = scopes(CONNECTOR, CONNECTOR.fields(Tenant(), ""), setup=True)
NEW = Asked("second", "Ivy of IT", "greenhouse", f"http://{HOST}/v3")


@asynccontextmanager
async def browser(house: House) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(create_server(house.app))
    async with httpx2.AsyncClient(transport=transport, base_url="http://bascule.test") as made:
        yield made


def path(made: Made) -> str:
    return "/credentials/" + made.url.rpartition("/")[2]


def credential(house: House, rights: frozenset[str] = LEAST) -> dict[str, str]:
    """Made in the ATS, as IT makes it there."""
    service = next(user for user in house.sandbox.db["users"] if user["service_account"])
    row = house.sandbox.access.create(DANA, "Bascule", service["id"], rights)
    return {"client_id": row["client_id"], "client_secret": row["secret"]}


async def audited(house: House) -> list[tuple[str, str]]:
    """(what, by whom) of every audit entry about a link, the oldest first."""
    rows = await house.app.store.read(lambda tx: tx.audit.told(house.app.workspace, limit=500))
    return [(one.action, one.actor_id.partition(":")[0]) for one in reversed(rows) if "link" in one.detail]


@both_databases
async def test_wrong_ones_are_told_at_once_and_the_link_works_until_right_ones_have(house: House) -> None:
    made = await house.app.credential_links.make(NEW, OWNER)
    good = credential(house)
    async with browser(house) as it, browser(house) as another:
        page = (await it.get(path(made))).text
        assert "Harvest v3 credential" in page
        assert "harvest:candidates:list" in page
        assert "Olga Owner" in page
        refused = await it.post(path(made), data={**good, "client_secret": "wrong"})
        assert refused.status_code == 422
        assert "Greenhouse said: <q>Unauthorized</q>" in refused.text, "in the system's own words"
        assert "Configure &gt; Dev Center &gt; API credentials: the scopes" in refused.text, "and where it is mended"
        assert good["client_id"] in refused.text, "what is no secret need not be entered again"
        assert 'value="wrong"' not in refused.text
        (told,) = await house.app.credential_links.told()
        assert told["refused"]["words"] == "Unauthorized"
        lacks = await it.post(path(made), data={**good, "granted": " ".join(LEAST - {"harvest:notes:create"})})
        assert lacks.status_code == 422
        assert "lacks harvest:notes:create" in lacks.text
        assert [one.row.name for one in house.app.connections.all()] == ["acme"], "nothing is kept"
        kept = await it.post(path(made), data={**good, "granted": "\n".join(LEAST)})
        assert kept.status_code == 303
        hooks = (await it.get(path(made))).text
        at = house.app.connections.named("second")
        assert at.row.owner == OWNER.id
        assert at.secrets["client_secret"] == good["client_secret"]
        assert at.secrets["webhook_secret"] in hooks
        assert f"{house.app.settings.address}/hooks/second" in hooks
        assert good["client_secret"] not in hooks
        assert (await another.get(path(made))).status_code == 404, "for the one browser that used it"
        assert (await another.post(path(made), data=good)).status_code == 404
        assert "Everything is entered" in (await it.post(f"{path(made)}/done")).text
        assert (await it.get(path(made))).status_code == 404
    assert await audited(house) == [
        ("credential link made", "owner"), ("credential link opened", "credential-link"),
        ("credentials refused", "credential-link"), ("credentials refused", "credential-link"),
        ("credential link used", "credential-link"), ("credential link finished", "credential-link"),
    ]  # fmt: skip
    (told,) = await house.app.credential_links.told()
    assert good["client_secret"] not in repr(told)
    assert told["url"] == ""


async def test_one_for_a_connection_that_is_there_changes_its_credentials_alone(house: House) -> None:
    before = house.at.secrets["client_secret"]
    made = await house.app.credential_links.make(Asked("acme", "Ivy of IT"), OWNER)
    good = credential(house)
    with pytest.raises(ConflictError, match="Ivy of IT"):
        await house.app.credential_links.make(Asked("acme", "Otto"), OWNER)
    async with browser(house) as it:
        await it.post(path(made), data={**good, "client_secret": "no"})
        assert house.at.secrets["client_secret"] == before
        assert (await it.post(path(made), data=good)).status_code == 303
    await house.app.connections.refresh()
    assert house.at.secrets["client_secret"] == good["client_secret"]


async def test_a_link_that_was_ended_renewed_late_or_forged_opens_nothing(house: House) -> None:
    links = house.app.credential_links
    made = await links.make(NEW, OWNER)
    again = await links.renew(made.link.id, OWNER)
    async with browser(house) as it:
        assert (await it.get(path(made))).status_code == 404, "the newer one counts"
        assert (await it.get(path(again))).status_code == 200
        await links.revoke(made.link.id, OWNER)
        assert (await it.get(path(again))).status_code == 404
        last = await links.renew(made.link.id, OWNER)
        house.clock.at += timedelta(days=8)
        late = await it.get(path(last))
        assert late.status_code == 404
        assert "Ask Olga Owner for a new one" in late.text
        forged = path(last)[:-2] + ("AA" if not path(last).endswith("AA") else "BB")
        assert (await it.get(forged)).status_code == 404
    with pytest.raises(NotFoundError):
        await links.revoke("nobody", OWNER)


async def test_whoever_holds_a_link_reaches_nothing_else_and_no_address_of_this_machine(house: House) -> None:
    made = await house.app.credential_links.make(Asked("second", "Ivy", "greenhouse"), OWNER)
    async with browser(house) as it:
        page = await it.get(path(made))
        assert re.findall(r'href="/(?!static)[^"]*"', page.text) == []
        for inside in ("/", "/connections", "/candidates", "/api/v1/candidates", "/setup"):
            assert (await it.get(inside)).status_code in (303, 401), inside
        values = {"client_id": "x", "client_secret": "y", "address": f"http://{HOST}/v3"}
        refused = await it.post(path(made), data=values)
        assert "an address of this machine" in refused.text
        crossing = await it.post(path(made), data=values, headers={"sec-fetch-site": "cross-site"})
        assert crossing.status_code == 403


async def test_what_cannot_be_asked_for_is_said(house: House) -> None:
    make = house.app.credential_links.make
    with pytest.raises(InputError, match="For whom"):
        await make(Asked("second", " ", "greenhouse"), OWNER)
    with pytest.raises(InputError, match="no name for a connection"):
        await make(Asked("Second one", "Ivy", "greenhouse"), OWNER)
    with pytest.raises(NotFoundError, match="no connection third"):
        await make(Asked("third", "Ivy"), OWNER)
    with pytest.raises(InputError, match="own hosts"):
        await make(Asked("third", "Ivy", "greenhouse", "https://evil.example"), OWNER)


@pytest.mark.parametrize("vendor", all_of_them(), ids=lambda vendor: vendor.system)
async def test_every_system_says_what_is_wrong_with_a_credential_and_takes_the_right_one(
    house: House, vendor: type[Account]
) -> None:
    account = vendor(Setting(Clock(house.clock.at)))
    house.transport.serve(urlsplit(account.base_url).netloc, account.app)
    asked = Asked("second", "Ivy of IT", vendor.system, account.base_url)
    made = await house.app.credential_links.make(asked, OWNER)
    told = guide(load(vendor.system))
    wrong = {entry.name: "wrong" for entry in told.entries if entry.secret and entry.name in account.secrets()}
    async with browser(house) as it:
        page = html.unescape((await it.get(path(made))).text)
        assert told.credential in page
        assert all(one in page for one in told.scopes)
        refused = await it.post(path(made), data={**account.settings(), **wrong})
        text = html.unescape(refused.text)
        assert refused.status_code == 422
        assert f"{told.label} refuses these credentials." in text, text[text.find('role="alert"') :][:400]
        assert f"Compare it with the credential in {told.label}, and enter it whole again" in text
        assert told.credential in text
        assert [one.row.name for one in house.app.connections.all()] == ["acme"], "nothing is kept"
        kept = await it.post(path(made), data={**account.settings(), **account.secrets()})
        assert kept.status_code == 303, html.unescape(kept.text)
        hooks = html.unescape((await it.get(path(made))).text)
        assert f"It works: {told.label} answers" in hooks
        assert told.hook in hooks
