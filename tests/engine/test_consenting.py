"""Connecting by a user's consent on the system's own page: there and back, refused, and by anybody else."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from tests.contracts.connector.accounts import Clock, OnKit, Setting, greenhouse, lever, smartrecruiters

from bascule.connectors.guide import guide
from bascule.connectors.manifest import booking
from bascule.connectors.registry import load
from bascule.model import Kind
from bascule.office.consenting import LASTS, MOST
from bascule.office.credential_links import Asked
from bascule.sandbox.kit.tables import SYSTEM, Row
from bascule.sandbox.lever import scopes
from bascule.server.application import create_server
from bascule.store.people import User

from .kit import DANA, OWNER, House

LEVER = "lever"


@dataclass
class Partner:
    """An app that a vendor has registered for a partner, the pages of that account, and ours, each in a browser."""

    house: House
    account: OnKit
    app: dict[str, str]
    there: httpx2.AsyncClient
    here: httpx2.AsyncClient
    elsewhere: httpx2.AsyncClient
    cookie: str  # the name of that of a session

    async def form(self, path: str) -> dict[str, str]:
        page = (await self.here.get(path)).text
        return {"csrf": page.split('name="csrf" value="')[1].split('"')[0]} if 'name="csrf"' in page else {}

    async def begin(self, path: str, **given: str) -> httpx2.Response:
        """Press *Sign in at … instead*."""
        origin = {"origin": "http://bascule.test"}
        return await self.here.post(path, data={**given, "how": "consent"}, headers=origin)

    async def answer(self, page: httpx2.Response, *, allow: bool = True) -> str:
        """Follow the page to the vendor's and answer there; where that leads back to."""
        (url,) = (html.unescape(one) for one in re.findall(r'class="btn primary" href="([^"]+)"', page.text))
        shown = await self.there.get(url)
        assert shown.status_code == 200, shown.text
        there = await self.there.post(url, data={"allow": "yes" if allow else ""})
        back = urlsplit(there.headers["location"])
        assert f"{back.scheme}://{back.netloc}{back.path}" == self.house.app.consenting.back
        return f"{back.path}?{back.query}"

    async def kept(self) -> list[str]:
        await self.house.app.connections.refresh()
        return [one.row.name for one in self.house.app.connections.all()]


def registered(account: OnKit, back: str) -> Row:
    """The app of a partner, as the vendor registers it."""
    connector = load(account.system)
    rights = {*guide(connector).scopes, *booking(connector)}
    match account.system:
        case "greenhouse":
            users = account.db["users"]
            service = next(row["id"] for row in users if row["name"] == "Integration Service")
            return account.sandbox.access.create(DANA, "Bascule", service, rights, [back])
        case "smartrecruiters":
            return account.sandbox.open_credential(SYSTEM, "client", "Bascule", sorted(rights), redirect=back)
        case _:
            return account.sandbox.access.app(SYSTEM, "Bascule", scopes(), [back])


@pytest.fixture
async def partner(house: House, request: pytest.FixtureRequest) -> AsyncIterator[Partner]:
    account = getattr(request, "param", lever.Account)(Setting(Clock(house.clock.at)))
    house.transport.serve(urlsplit(account.base_url).netloc, account.app)
    row = registered(account, house.app.consenting.back)
    app = {**account.settings(), "client_id": row["client_id"], "client_secret": row["secret"]}
    server = create_server(house.app)

    @asynccontextmanager
    async def browser() -> AsyncIterator[httpx2.AsyncClient]:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(server), base_url="http://bascule.test") as made:
            yield made

    there = httpx2.ASGITransport(account.app)
    async with httpx2.AsyncClient(transport=there) as at_vendor, browser() as here, browser() as elsewhere:
        yield Partner(house, account, app, at_vendor, here, elsewhere, server.state.web.cookie)


async def link(partner: Partner) -> str:
    asked = Asked("second", "Ivy of IT", partner.account.system, partner.account.base_url)
    made = await partner.house.app.credential_links.make(asked, OWNER)
    return "/credentials/" + made.url.rpartition("/")[2]


async def test_it_connects_by_a_consent_and_nobody_ever_sees_a_token(partner: Partner) -> None:
    path = await link(partner)
    page = html.unescape((await partner.here.get(path)).text)
    assert "Sign in at Lever instead" in page
    assert partner.house.app.consenting.back in page, "what is to be registered with the app"
    lacks = await partner.begin(path, client_id=partner.app["client_id"])
    assert lacks.status_code == 422
    assert "Lever needs client_secret before anybody is asked to allow it." in html.unescape(lacks.text)
    lacks = await partner.begin(path, client_id="x", client_secret="y")
    assert "Lever needs acting_user before" in html.unescape(lacks.text), lacks.text[lacks.text.find("alert") :][:500]
    way = await partner.begin(path, **partner.app)
    assert "opportunities:write:admin" in way.text, "what is asked for is said first"
    assert await partner.kept() == ["acme"], "nothing is kept before it works"
    back = await partner.answer(way)
    done = await partner.here.get(back)
    assert (done.status_code, done.headers["location"]) == (303, path)
    assert "It works: Lever answers" in html.unescape((await partner.here.get(path)).text)
    assert (await partner.elsewhere.get(path)).status_code == 404, "the link was used, by this browser"
    at = partner.house.app.connections.named("second")
    assert at.row.settings["client_id"] == partner.app["client_id"]
    assert at.secrets["client_secret"] == partner.app["client_secret"]
    least = guide(load(LEVER)).scopes
    assert partner.house.app.grants.of(at).missing == (), "what was allowed is known"
    assert set(least) <= set(partner.house.app.grants.of(at).granted)
    for text in (way.text, (await partner.here.get(path)).text):
        assert at.secrets["refresh_token"] not in text
    assert (await partner.here.get(back)).status_code == 404, "an answer is good once"


OTHERS = (greenhouse.Account, smartrecruiters.Account)


@pytest.mark.parametrize("partner", OTHERS, indirect=True, ids=lambda one: one.system)
async def test_a_partner_of_another_system_is_allowed_in_too_and_stays_in_by_renewals(partner: Partner) -> None:
    path = await link(partner)
    way = await partner.begin(path, **partner.app)
    denied = await partner.here.get(await partner.answer(way, allow=False))
    assert "Access was not allowed" in denied.text
    assert await partner.kept() == ["acme"], "nothing is kept before it works"
    done = await partner.here.get(await partner.answer(denied))
    assert (done.status_code, done.headers["location"]) == (303, path)
    house, app = partner.house, partner.house.app
    await app.connections.refresh()
    at = app.connections.named("second")
    assert app.grants.of(at).missing == (), "what was allowed is known"
    first = at.secrets["refresh_token"]
    assert first not in way.text
    partner.account.sandbox.forget_tokens()
    await house.until(lambda: app.connections.named("second").row.crawled, within=900)
    candidate, _ = partner.account.apply()
    partner.account.setting.clock.at = house.clock.at

    async def arrived() -> bool:
        return bool(await app.store.read(lambda tx: tx.families.resolve(at.id, [(Kind.CANDIDATE, candidate)])))

    await house.until(arrived, within=8 * 3600)


async def test_who_does_not_allow_it_can_go_again_and_another_browser_cannot(partner: Partner) -> None:
    path = await link(partner)
    way = await partner.begin(path, **partner.app)
    denied = await partner.here.get(await partner.answer(way, allow=False))
    assert denied.status_code == 422
    assert "Access was not allowed in Lever." in denied.text
    back = await partner.answer(denied)
    stranger = await partner.elsewhere.get(back)
    assert stranger.status_code == 404
    assert "belongs to another browser" in stranger.text
    state = parse_qs(urlsplit(back).query)["state"][0]
    wrong = await partner.here.get(f"/oauth/back?state={state}&code=guessed")
    assert wrong.status_code == 422
    assert "Nothing was kept" in wrong.text
    assert await partner.kept() == ["acme"]
    assert (await partner.here.get(back)).status_code == 303, "the true one still counts"
    assert await partner.kept() == ["acme", "second"]


async def test_an_answer_that_comes_too_late_or_was_never_asked_for_opens_nothing(partner: Partner) -> None:
    way = await partner.begin(await link(partner), **partner.app)
    partner.house.clock.at += LASTS + timedelta(seconds=1)
    late = await partner.here.get("/oauth/back?state=" + re.findall(r"state=([\w-]+)", way.text)[0] + "&code=x")
    assert late.status_code == 404
    assert "Nothing waits for this answer any more." in late.text
    assert (await partner.here.get("/oauth/back")).status_code == 404
    consenting, connector = partner.house.app.consenting, load(LEVER)

    async def kept(_come: object) -> str:
        return "/"

    begun = [
        consenting.begin(connector, partner.account.base_url, partner.app, kept, home="/") for _ in range(MOST + 1)
    ]
    assert consenting.of(begun[-1].state, begun[-1].proof).label == "Lever"
    gone = await partner.here.get(f"/oauth/back?state={begun[0].state}&code=x")
    assert gone.status_code == 404, "the oldest gives way"


async def test_an_owner_connects_and_renews_by_a_consent_and_only_they_can_come_back(partner: Partner) -> None:
    app = partner.house.app
    user = User(app.runtime.id(), app.workspace, "olga@mail.example", "Olga", "owner", app.runtime.now())
    await app.store.write(lambda tx: tx.people.set_user(user))
    token = parse_qs(urlsplit(await app.doors.login_link(user.email)).query)["token"][0]
    await partner.here.post("/login", data={"token": token})
    form = await partner.form("/setup/lever")
    given = {**form, **partner.app, "connection": "second", "base_url": partner.account.base_url, "label": "simulator"}
    way = await partner.begin("/setup/lever", **given)
    back = await partner.answer(way)
    name = partner.cookie
    session = partner.here.cookies[name]
    partner.here.cookies.delete(name)
    assert (await partner.here.get(back)).status_code == 404, "whoever began it is not signed in any more"
    partner.here.cookies.set(name, session, domain="bascule.test", path="/")
    done = await partner.here.get(back)
    assert (done.status_code, done.headers["location"]) == (303, "/connections/second/setup")
    page = html.unescape((await partner.here.get("/connections/second/setup")).text)
    assert "Lever answers, by your consent." in page
    first = app.connections.named("second").secrets["refresh_token"]
    partner.account.sandbox.access.forget_consents()
    renewed = await partner.begin("/connections/second/setup/credentials", **form)
    done = await partner.here.get(await partner.answer(renewed))
    assert done.headers["location"] == "/connections/second/setup"
    await app.connections.refresh()
    assert app.connections.named("second").secrets["refresh_token"] not in ("", first)
