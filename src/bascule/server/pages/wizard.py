"""The set-up of one connection: each step as it stands, what is wrong and where it is mended."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from bascule.connectors.guide import HOOK_SECRET, guide, parted
from bascule.engine.connections import Connected
from bascule.engine.signin import REFRESH, Consented
from bascule.errors import InputError, RemoteError
from bascule.model import Mode, Scope, StageType
from bascule.office.entering import asked_with
from bascule.office.figures import Asked
from bascule.office.practice import resumes
from bascule.office.setting_up import Is, Step

from ..desk import Desk, acting, seeing
from ..hosted.consent import CONSENT, on_the_way
from ..rendering import count
from ..roles import Right
from ..show import setup, way, wizard
from ..views.parts import Tone

router = APIRouter(prefix="/connections/{name}/setup", include_in_schema=False)

Look = Annotated[Desk, Depends(seeing(Right.OPERATE))]
Operate = Annotated[Desk, Depends(acting(Right.OPERATE))]
Administer = Annotated[Desk, Depends(acting(Right.ADMINISTER))]
CANDIDATES, MOST = 5, 50
EVERYBODY = "*"


def _name(at: Desk, name: str) -> str:
    return at.app.connections.named(name, at.workspace).row.name


def _at(name: str, step: Step | None = None) -> str:
    """The page, with what waits open, or one step. Its top says what was done."""
    return f"/connections/{name}/setup" + (f"?step={step}" if step is not None else "")


def _done(at: Desk, name: str, words: str, tone: Tone = Tone.IN_STEP) -> Response:
    return at.done(_at(name), words, tone=tone)


def _refused(at: Desk, name: str, step: Step, error: RemoteError) -> Response:
    """What the system answered, and where it is mended."""
    told = guide(at.app.connections.named(name, at.workspace).connector)
    found = setup.wrong(error, told)
    said = f" {told.label} said: “{found.words}”" if found.words else ""
    return at.done(_at(name, step), f"{found.what}{said}", tone=Tone.FAILING, next=found.next)


@router.get("")
async def page(at: Look, name: str, step: str = "") -> Response:
    return await _page(at, name, step=step)


async def _page(at: Desk, name: str, secret: str = "", step: str = "") -> Response:
    known = at.app.connections.named(name, at.workspace)
    walk, url = await at.app.setting_up.of(known.row.name, at.actor), at.app.accounts.hook_url(known)
    if secret and walk.guide.in_address:
        url, secret = url.replace("<secret>", secret), ""
    ours = at.app.practice.url
    practice = ours if ours and known.row.base_url.startswith(ours) else ""
    may = at.may(Right.ADMINISTER)
    view = await at.look(
        lambda tx: wizard.page(
            tx,
            known,
            walk,
            url,
            step=step,
            secret=secret,
            practice=practice,
            may_administer=may,
            back=at.app.consenting.back,
        )
    )
    stages = next(one for one in walk.steps if one.step is Step.STAGES)
    if stages.state is Is.DONE and at.may(Right.FIGURES):
        seen, found, triggers, kept = await at.app.figures.flow(Asked(connection=known.row.name, weeks=0))
        view = replace(view, flow=way.page(seen, found, triggers, kept, (), team=False))
    return await at.page("wizard.html", view)


@router.post("/credentials")
async def credentials(at: Operate, name: str) -> Response:
    known = at.app.connections.named(name, at.workspace)
    entered = {entry.name: at.given(entry.name) for entry in guide(known.connector).entries}
    plain, secret = parted(known.connector, {one: text for one, text in entered.items() if text})
    if at.given("how") == CONSENT:
        return _by_consent(at, known, {**plain, **secret})
    if not plain and not secret:
        raise InputError("Nothing was entered.", hint="Enter the new credentials.")
    try:
        await at.app.accounts.set_credentials(known.row.name, {**plain, **secret}, at.actor)
    except RemoteError as error:
        return _refused(at, name, Step.CREDENTIALS, error)
    return _done(at, name, f"{known.connector.label} takes them. Everything goes on.")


def _by_consent(at: Desk, known: Connected, entered: Mapping[str, str]) -> Response:
    """To the system's page of consent, for a connection that is there."""
    name = known.row.name

    async def kept(come: Consented) -> str:
        await at.app.accounts.set_credentials(name, {**entered, REFRESH: come.refresh}, at.actor)
        await at.app.grants.enter(name, " ".join(come.scopes), at.actor)
        return _at(name)

    way = at.app.consenting.begin(*asked_with(known, entered), kept, home=_at(name), user=at.signed.user.id)
    return on_the_way(at.request, way)


@router.post("/rights")
async def rights(at: Operate, name: str) -> Response:
    name = _name(at, name)
    found = await at.app.grants.enter(name, at.given("granted"), at.actor)
    if found.granted and not set(found.granted) & set(found.needed):
        told = guide(at.app.connections.named(name, at.workspace).connector)
        said = "None of what was entered is a right that is needed."
        return at.done(_at(name), said, tone=Tone.FAILING, next=f"Copy them from {told.label}: {told.rights}")
    walk = await at.app.setting_up.of(name, at.actor)
    stands = next(one for one in walk.steps if one.step is Step.RIGHTS)
    return _done(at, name, stands.words, Tone.IN_STEP if stands.state is Is.DONE else Tone.WAITING)


@router.post("/waive")
async def waive(at: Operate, name: str) -> Response:
    await at.app.grants.waive(_name(at, name), at.given("reason"), at.actor)
    return _done(at, name, "Accepted, in your name. It covers what is in excess now.")


@router.post("/address")
async def address(at: Operate, name: str) -> Response:
    found = await at.app.reaching.look()
    if found.why:
        return _done(at, name, found.why, Tone.WAITING)
    return _done(at, name, f"{found.address} leads here.")


@router.post("/secret")
async def secret(at: Operate, name: str) -> Response:
    """A new secret for webhooks, shown this once; the one before it is good for nothing from now on."""
    known, fresh = _name(at, name), secrets.token_hex(24)
    try:
        await at.app.accounts.set_credentials(known, {HOOK_SECRET: fresh}, at.actor)
    except RemoteError as error:
        return _refused(at, name, Step.WEBHOOKS, error)
    return await _page(at, name, fresh)


@router.post("/secrets")
async def their_secrets(at: Operate, name: str) -> Response:
    """Those that the system has made."""
    given = at.given("secrets")
    if not given:
        raise InputError("No secret was entered.", hint="Copy what the system shows for each webhook, one a line.")
    try:
        await at.app.accounts.set_credentials(_name(at, name), {HOOK_SECRET: given}, at.actor)
    except RemoteError as error:
        return _refused(at, name, Step.WEBHOOKS, error)
    return _done(at, name, "Kept. The next delivery that is signed with one of them is let in.")


@router.post("/stages")
async def stages(at: Operate, name: str) -> Response:
    """What each name means, as shown; what is left at "choose" stays open."""
    found = _name(at, name)
    before = {one.name: one.type for one in await at.app.mappings.stages(found)}
    given = zip(at.all_given("stage"), at.all_given("type"), strict=False)
    said = {stage: StageType(one) for stage, one in given if one in set(StageType) and before.get(stage) != one}
    if not said:
        raise InputError("No type was chosen.", hint="Choose one beside the stage's name.")
    await at.app.mappings.confirm(found, said, at.actor)
    return _done(at, name, f"{count(len(said), 'stage')} confirmed, in every job.")


@router.post("/ai")
async def ai(at: Operate, name: str) -> Response:
    await at.app.accounts.switch_ai(_name(at, name), True, at.actor)
    return _done(at, name, "AI is on. Who applied before is not scored because of it.")


@router.post("/fields")
async def fields(at: Operate, name: str) -> Response:
    try:
        made = await at.app.accounts.create_fields(_name(at, name), at.actor)
    except RemoteError as error:
        return _refused(at, name, Step.FIELDS, error)
    if made.refused:
        left = f"{', '.join(made.refused)} are left. {made.why}"
        return at.done(_at(name), left, tone=Tone.WAITING, next=made.next)
    return _done(at, name, f"{count(len(made.fields), 'field')} made.")


@router.post("/you")
async def you(at: Administer, name: str) -> Response:
    known = at.app.connections.named(name, at.workspace)
    if not at.given("user"):
        raise InputError("No user was chosen.", hint="Choose who you are there.")
    await at.web.people.identify(at.signed.user.id, known.id, at.given("user"), at.signed)
    return _done(at, name, "Saved. What you decide here is done there in your name.")


@router.post("/pilot")
async def pilot(at: Operate, name: str) -> Response:
    """Test candidates with CVs of nobody, as they ship."""
    many = at.given("candidates") or str(CANDIDATES)
    if not many.isdecimal() or not 1 <= int(many) <= MOST:
        raise InputError(f"{many!r} is no number of test candidates.", hint=f"1 to {MOST}.")
    begun = await at.app.pilots.begin(_name(at, name), resumes(), int(many), at.actor)
    words = f"{count(int(many), 'test candidate')} on their way. This page says what you do meanwhile."
    return at.done(f"/connections/{name}/pilots/{begun.id}", words, tone=Tone.CATCHING_UP)


@router.post("/live")
async def live(at: Operate, name: str) -> Response:
    """To the next mode; to live for the job that was chosen, or for everybody."""
    found = await at.app.rollouts.of(_name(at, name))
    to = Mode.LIVE if found.exempt else found.to
    if to is None:
        raise InputError(f"{name} is live already.", hint="Whom it covers is chosen under Roll-out.")
    job = at.given("job")
    if to is Mode.LIVE and not job:
        raise InputError("No job was chosen.", hint="Choose the first job, or everybody.")
    scope = Scope(jobs=frozenset({job})) if job != EVERYBODY and to is Mode.LIVE else None
    await at.app.accounts.set_mode(found.connection, to, at.actor, scope=scope)
    whom = " for this job; everybody else is only observed" if scope is not None else ""
    return _done(at, name, f"{name} is in mode {to}{whom}.")
