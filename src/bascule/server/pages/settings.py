"""People, programs' keys, log-ins."""

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from bascule.enrichment.choice import Provider
from bascule.errors import InputError
from bascule.office.retention import WORDS
from bascule.store import Tx
from bascule.store.listing import name_of
from bascule.store.queries import END

from ..desk import Desk, acting, seeing
from ..rendering import query
from ..roles import Right
from ..show import enrichment, models, settings
from ..views.parts import Fact, Paging
from ..views.settings import SettingsPage

router = APIRouter(include_in_schema=False)

Look = Annotated[Desk, Depends(seeing(Right.ADMINISTER))]
Act = Annotated[Desk, Depends(acting(Right.ADMINISTER))]


@router.get("/settings")
async def page(at: Look, calls: str = "", lookups: str = "") -> Response:
    """`calls`, `lookups`: requests to models, and people looked up, before the one with this id."""
    return await _show(at, calls=calls, lookups=lookups)


async def _show(
    at: Desk, secret: str = "", secret_for: str = "", *, warning: str = "", calls: str = "", lookups: str = ""
) -> Response:
    """The page; a new secret stands on the answer to the form that made it, and nowhere else."""
    now, facts, choices, connections = at.app.runtime.now(), _facts(at), at.app.choices, at.app.connections.all()

    def looked(tx: Tx) -> SettingsPage:
        called = tx.model_calls.list(at.workspace, before=calls or END, limit=models.LAST + 1)
        asked = tx.lookups.list(at.workspace, before=lookups or END, limit=enrichment.LAST + 1)
        people = tx.families.records(at.workspace, {one.record for one in asked if one.record})
        names = {id: name_of(record) for id, record in people.items()}
        chosen = [at.app.providers.standing(tx, one) for one in Provider]
        return replace(
            settings.page(
                tx,
                at.signed,
                now,
                facts,
                secret,
                secret_for,
                sign_in=at.app.sign_in.standing(tx),
                visible=at.app.visibility.standing(tx),
            ),
            secret_warning=warning,
            models=replace(
                models.part(choices.standing(tx), called[: models.LAST]),
                paging=_paging("calls", calls, [one.id for one in called], models.LAST, "#models"),
            ),
            providers=replace(
                enrichment.providers(chosen, asked[: enrichment.LAST], names, connections),
                paging=_paging("lookups", lookups, [one.id for one in asked], enrichment.LAST, "#providers"),
            ),
        )

    view = await at.look(looked)
    response = await at.page("settings.html", view)
    response.headers["Cache-Control"] = "no-store"
    return response


def _paging(name: str, before: str, found: Sequence[str], most: int, section: str) -> Paging:
    """Of a list of the page, the newest first. `found`: its ids, one more than are shown where there are more."""
    following = query("/settings", {name: found[most - 1]}) + section if len(found) > most else ""
    return Paging(next=following, first=f"/settings{section}" if before else "")


def _facts(at: Desk) -> tuple[Fact, ...]:
    chosen = at.app.settings
    return (
        Fact("Version", _version()),
        Fact("Address", chosen.address),
        Fact("Data", "SQLite" if at.app.store.dialect == "sqlite" else "PostgreSQL"),
        Fact("A log-in lasts", f"{chosen.session_hours} hours"),
    )


def _version() -> str:
    try:
        return version("bascule")
    except PackageNotFoundError:
        return "from source"


@router.post("/settings/people")
async def invite(at: Act) -> Response:
    link = await at.web.people.invite(at.given("name"), at.given("email"), at.given("role"), at.signed)
    if not link:
        return at.done("/settings#people", f"{at.given('name')} is added, and signs in by the provider.")
    return await _link(at, link, f"Login link for {at.given('name')}.")


@router.post("/settings/people/identity")
async def identify(at: Act) -> Response:
    connection, bar, external = at.given("identity").partition("|")
    if not bar:
        raise InputError("Choose a user of the ATS.")
    at.app.connections.get(connection)
    await at.web.people.identify(at.given("person"), connection, external, at.signed)
    return at.done("/settings#people", "Saved. What this person decides here is done there in their name.")


@router.post("/settings/people/{id}/link")
async def link(at: Act, id: str) -> Response:
    return await _link(at, await at.web.people.link(id, at.signed), "Login link. It works once, for 24 hours.")


async def _link(at: Desk, link: str, words: str) -> Response:
    """The page with a login link; it says so where the link's address does not lead here."""
    return await _show(at, link, words, warning=await at.app.reaching.of_a_link())


@router.post("/settings/people/{id}/end-decision-link")
async def end_decision_link(at: Act, id: str) -> Response:
    await at.app.decisions.end(id, at.actor)
    return at.done("/settings#people", "The link has ended. The next letter about what is held brings another.")


@router.post("/settings/people/{id}/disable")
async def disable(at: Act, id: str) -> Response:
    await at.web.people.switch(id, False, at.signed)
    return at.done("/settings#people", "Switched off. Every log-in of that person has ended.")


@router.post("/settings/people/{id}/enable")
async def enable(at: Act, id: str) -> Response:
    await at.web.people.switch(id, True, at.signed)
    return at.done("/settings#people", "Switched on. A login link lets the person in.")


@router.post("/settings/people/role")
async def set_role(at: Act) -> Response:
    await at.web.people.set_role(at.given("person"), at.given("role"), at.signed)
    return at.done("/settings#people", "Saved. Every log-in of that person has ended; the next one has the new role.")


@router.post("/settings/people/{id}/forget-provider")
async def forget_provider(at: Act, id: str) -> Response:
    await at.web.people.forget_provider(id, at.signed)
    return at.done("/settings#people", "Forgotten. At the next sign-in they are matched by their verified e-mail.")


@router.post("/settings/sign-in")
async def choose_sign_in(at: Act) -> Response:
    given: dict[str, Any] = {name: at.given(name) for name in ("label", "claim", "default")}
    if "issuer" in at.form:
        given |= {"issuer": at.given("issuer"), "client_id": at.given("client_id")}
    given |= {name: bool(at.given(name)) for name in ("on", "trust_email", "local")}
    given["roles"] = [_pair(line) for line in at.given("roles").splitlines() if line.strip()]
    await at.app.sign_in.choose(given, at.actor, secret=at.given("secret") or None)
    return at.done("/settings#sign-in", "Saved. The sign-in page shows it.")


@router.post("/settings/visibility")
async def choose_visibility(at: Act) -> Response:
    await at.app.visibility.choose(at.given("who") == "team", at.actor)
    return at.done("/settings#visibility", "Saved. It holds from the next page that anybody opens.")


def _pair(line: str) -> tuple[str, str]:
    value, equals, role = line.rpartition("=")
    if not equals:
        raise InputError(f"{line.strip()!r} names no role.", hint="Write each as: value = role")
    return value.strip(), role.strip()


@router.post("/settings/retention")
async def keep(at: Act) -> Response:
    given: dict[str, int | None] = {}
    for kind in WORDS:
        days = at.given(kind)
        if days and not days.isdecimal():
            raise InputError(f"{days!r} is no number of days.", hint="0 keeps nothing of it.")
        given[kind] = int(days) if days else None
    await at.app.retention.choose(given, at.actor)
    return at.done("/settings#retention", "Saved. What is kept longer than that goes within the hour.")


@router.post("/settings/keys")
async def make_key(at: Act) -> Response:
    days = at.given("days")
    if days and not days.isdecimal():
        raise InputError(f"{days!r} is no number of days.", hint="Leave it empty for a key that does not end.")
    secret = await at.web.people.make_key(
        at.given("name"), frozenset(at.all_given("scope")), at.signed, days=int(days) if days else None,
        person=at.given("person"),
    )  # fmt: skip
    return await _show(at, secret, f"API key for {at.given('name')}.")


@router.post("/settings/keys/{id}/rotate")
async def rotate(at: Act, id: str) -> Response:
    secret = await at.web.people.rotate_key(id, at.signed)
    return await _show(at, secret, "The new secret. The one before works for a day more.")


@router.post("/settings/keys/{id}/revoke")
async def revoke(at: Act, id: str) -> Response:
    await at.web.people.revoke_key(id, at.signed)
    return at.done("/settings#keys", "Revoked. It stops working at once.")
