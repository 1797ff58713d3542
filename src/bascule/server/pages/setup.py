"""Connect a system: choose it, enter its credentials or let IT enter them by a link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from bascule.connectors.guide import guide, parted
from bascule.connectors.registry import load, load_all, names
from bascule.connectors.spec import Connector
from bascule.engine.signin import REFRESH, Consented
from bascule.errors import BasculeError, InputError, NotFoundError
from bascule.model import Label, Mode
from bascule.office.accounts import NewConnection
from bascule.office.credential_links import DAYS, NAME, Asked
from bascule.office.practice import SYSTEM as PRACTICE

from ..desk import Desk, acting, seeing
from ..hosted.consent import CONSENT, on_the_way
from ..roles import Right
from ..show import setup
from ..views.hosted import Wrong
from ..views.parts import Tone
from ..views.setup import LinkPage, LinkRow, SetupPage, SystemPage

router = APIRouter(include_in_schema=False)

Look = Annotated[Desk, Depends(seeing(Right.OPERATE))]
Operate = Annotated[Desk, Depends(acting(Right.OPERATE))]
LABELS = (
    (str(Label.LIVE), "The live account"),
    (str(Label.VENDOR_SANDBOX), "The vendor's test system"),
    (str(Label.SIMULATOR), "A simulator on this machine, with nobody real in it"),
)


def _known(system: str) -> str:
    """NotFoundError for what is no system, and for what cannot be connected here."""
    if system not in names():
        raise NotFoundError(f"There is no system {system!r}.", hint="Choose one from the list.")
    return system


async def _links(at: Desk) -> list[LinkRow]:
    there = {one.row.name for one in at.app.connections.all() if one.row.workspace == at.workspace}
    told = await at.app.credential_links.told()
    return [setup.link(one, lambda system: load(system).label, one["name"] in there) for one in told]


@router.get("/setup")
async def begin(at: Look) -> Response:
    links = await _links(at)
    waiting = tuple(one for one in links if one.url)
    here = [one.row for one in at.app.connections.all() if one.row.workspace == at.workspace and not one.is_tool]
    unfinished = tuple((one.name, load(one.system).label, str(one.mode)) for one in here if one.mode is not Mode.LIVE)
    offered, runs = at.app.practice.offered, bool(at.app.practice.url)
    view = SetupPage(setup.systems(load_all()), waiting, not here, unfinished, offered, runs)
    return await at.page("setup.html", view)


@router.get("/setup/links/{id}")
async def link(at: Look, id: str) -> Response:
    found = next((one for one in await _links(at) if one.id == id), None)
    if found is None:
        raise NotFoundError("There is no such link.")
    return await at.page("setup_link.html", LinkPage(found, found.system))


@router.post("/setup/links/{id}/renew")
async def renew(at: Operate, id: str) -> Response:
    await at.app.credential_links.renew(id, at.actor)
    return at.done(f"/setup/links/{id}", "A new link is made; the old one has ended.")


@router.post("/setup/links/{id}/end")
async def end(at: Operate, id: str) -> Response:
    await at.app.credential_links.revoke(id, at.actor)
    return at.done(f"/setup/links/{id}", "The link has ended.", tone=Tone.QUIET)


@router.post("/setup/practice")
async def practice(at: Operate) -> Response:
    """Start the practice system, if it does not run."""
    url = await at.app.practice.start()
    words = "The practice system runs. It is empty each time it starts."
    return at.done(f"/setup/{PRACTICE}?practice=yes", words, next=f"Its pages: {url}")


@router.get("/setup/{system}")
async def system(at: Look, system: str, practice: str = "") -> Response:
    url = at.app.practice.url if practice and system == PRACTICE else ""
    entered = {"base_url": f"{url}/v3", "app_url": url} if url else {}
    return await _system(at, _known(system), entered)


async def _system(
    at: Desk, system: str, entered: Mapping[str, str], wrong: Wrong | None = None, status: int = 200
) -> Response:
    there, ours = {one.row.name for one in at.app.connections.all()}, at.app.practice.url
    here = bool(ours) and entered.get("base_url", "").startswith(ours)
    first = "practice" if here else system
    name = next(one for one in (first, *(f"{first}-{n}" for n in range(2, 1000))) if one not in there)
    view = SystemPage(
        guide(load(system)), entered.get("connection") or name, LABELS, entered, wrong, ours if here else "",
        at.app.consenting.back,
    )  # fmt: skip
    return await at.page("setup_system.html", view, status=status)


@router.post("/setup/{system}")
async def connect(at: Operate, system: str) -> Response:
    """Tried first: what the system refuses is said beside the form, and nothing is kept."""
    connector = load(_known(system))
    told = guide(connector)
    given = {entry.name: at.given(entry.name) for entry in told.entries}
    plain, secret = parted(connector, {name: text for name, text in given.items() if text})
    more = {"app_url": at.given("app_url")} if at.given("app_url") else {}
    asked = {
        **{entry.name: given[entry.name] for entry in told.entries if not entry.secret},
        **{name: at.given(name) for name in ("connection", "base_url", "label", "granted", "app_url")},
    }
    try:
        new = NewConnection(
            _name(asked["connection"]), system, asked["base_url"], _label(at),
            settings={**plain, **more}, secrets=secret, owner=at.signed.user.id, granted=asked["granted"],
        )  # fmt: skip
        if at.given("how") == CONSENT:
            return _by_consent(at, connector, new)
        made = await at.app.accounts.connect(new, at.actor)
    except BasculeError as error:
        return await _system(at, system, asked, setup.wrong(error, told), 422)
    words = f"{told.label} answers. It is being read; nothing is written there."
    return at.done(f"/connections/{made.row.name}/setup", words, tone=Tone.CATCHING_UP)


def _by_consent(at: Desk, connector: Connector, new: NewConnection) -> Response:
    """To the system's page of consent; what comes of it connects it."""

    async def kept(come: Consented) -> str:
        secret, granted = {**(new.secrets or {}), REFRESH: come.refresh}, " ".join(come.scopes)
        made = await at.app.accounts.connect(replace(new, secrets=secret, granted=granted), at.actor)
        return f"/connections/{made.row.name}/setup"

    given = {**(new.settings or {}), **(new.secrets or {})}
    way = at.app.consenting.begin(
        connector, new.base_url, given, kept, home=f"/setup/{new.system}", user=at.signed.user.id
    )
    return on_the_way(at.request, way)


@router.post("/setup/{system}/link")
async def ask(at: Operate, system: str) -> Response:
    """A link for IT, for a new connection."""
    wanted = Asked(
        at.given("connection"), at.given("who"), _known(system), at.given("base_url"), _label(at),
        days=_days(at),
    )  # fmt: skip
    return await _made(at, wanted)


@router.post("/connections/{name}/link")
async def ask_again(at: Operate, name: str) -> Response:
    """A link for IT, for new credentials of a connection that is there."""
    known = at.app.connections.named(name, at.workspace).row.name
    return await _made(at, Asked(known, at.given("who"), days=_days(at)))


async def _made(at: Desk, wanted: Asked) -> Response:
    made = await at.app.credential_links.make(wanted, at.actor)
    words = f"A link for {made.link.said['for']} is made."
    return at.done(f"/setup/links/{made.link.id}", words, next="Copy it to them. Nothing was sent.")


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise InputError(
            f"{text!r} is no name for a connection." if text else "The connection has no name.",
            hint="Lower-case letters, digits and hyphens, 64 at most.",
        )
    return text


def _label(at: Desk) -> Label | None:
    """What stands there; None where nobody was asked (the practice system)."""
    return Label(at.given("label")) if at.given("label") in set(Label) else None


def _days(at: Desk) -> int:
    given: Any = at.given("days") or str(DAYS)
    if not given.isdecimal():
        raise InputError(f"{given!r} is not a whole number of days.")
    return int(given)
