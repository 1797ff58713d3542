"""`/credentials/<link>`: somebody of IT makes a credential in the system's own pages and enters it here, once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData, UploadFile

from bascule.engine.signin import REFRESH, Consented
from bascule.errors import BasculeError, NotFoundError
from bascule.hiring.form_words import FIRST, words

from ..desk import own_form
from ..show.setup import wrong
from ..views.hosted import CredentialsAsked, HooksAsked, Notice
from .consent import CONSENT, on_the_way
from .guest import Guest, TooOften, given

router = APIRouter(prefix="/credentials/{token}", include_in_schema=False)
COOKIE = "bascule-credentials"
KEPT = timedelta(days=30)
NOT_VALUES = ("address", "granted", "how")


async def guest(request: Request, token: str) -> Guest:
    return Guest(request, request.app.state.web, token)


Here = Annotated[Guest, Depends(guest)]


def _home(at: Guest) -> str:
    return f"/credentials/{at.token}"


def _proof(at: Guest) -> str:
    return at.request.cookies.get(COOKIE, "")


async def _with(at: Guest, step: Callable[[], Awaitable[Response]]) -> Response:
    """What the link opens, or a page that says why it opens nothing."""
    try:
        at.admit(forged=at.web.app.entering.forged(at.token))
        return await step()
    except TooOften:
        return _notice(at, "Too many requests", "Wait a minute, then load the page again.", 429)
    except NotFoundError as error:
        said = str(error).removesuffix(error.hint).strip()
        return _notice(at, said, error.hint or "It may be cut short. Ask whoever sent it to you.", 404)


def _notice(at: Guest, title: str, text: str, status: int = 200) -> Response:
    return at.page("notice.html", Notice(title, text), words(FIRST), status=status)


async def _page(
    at: Guest, *, error: BasculeError | None = None, entered: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    found = await at.web.app.entering.open(at.token, _proof(at))
    refused = wrong(error, found.guide) if error is not None else None
    if found.used:
        return at.page("hooks.html", HooksAsked(_home(at), found, refused), words(FIRST), status=status)
    view = CredentialsAsked(_home(at), found, dict(entered or {}), refused, at.web.app.consenting.back)
    return at.page("credentials.html", view, words(FIRST), status=status)


@router.get("")
async def home(at: Here) -> Response:
    return await _with(at, lambda: _page(at))


@router.post("")
async def enter(at: Here) -> Response:
    async def step() -> Response:
        form = await own_form(at.request)
        values = _values(form)
        if given(form, "how") == CONSENT:
            return await _consent(at, form, values)
        try:
            proof = await at.web.app.entering.enter(
                at.token, values, base_url=given(form, "address"), granted=given(form, "granted")
            )
        except NotFoundError:
            raise
        except BasculeError as error:
            return await _page(at, error=error, entered=await _shown(at, form), status=422)
        return entered(at, proof)

    return await _with(at, step)


async def _consent(at: Guest, form: FormData, values: Mapping[str, str]) -> Response:
    """To the system's page of consent; what comes of it is entered as if by hand."""
    app, entering = at.web.app, at.web.app.entering
    try:
        asked = await entering.consenting(at.token, values, given(form, "address"))

        async def kept(come: Consented) -> str:
            return await entering.enter(
                at.token, {**values, REFRESH: come.refresh}, base_url=given(form, "address"),
                granted=" ".join(come.scopes),
            )  # fmt: skip

        way = app.consenting.begin(*asked, kept, home=_home(at), guest=at.token)
    except NotFoundError:
        raise
    except BasculeError as error:
        return await _page(at, error=error, entered=await _shown(at, form), status=422)
    return on_the_way(at.request, way)


def entered(at: Guest, proof: str) -> Response:
    """Credentials have worked: this browser goes on with the webhooks, and no other."""
    answer = at.to(_home(at))
    answer.set_cookie(
        COOKIE, proof, max_age=int(KEPT.total_seconds()), httponly=True, samesite="lax", secure=at.web.secure,
        path=_home(at),
    )  # fmt: skip
    return answer


def _values(form: FormData) -> dict[str, str]:
    return {name: value for name, value in form.items() if not isinstance(value, UploadFile) and name not in NOT_VALUES}


async def _shown(at: Guest, form: FormData) -> dict[str, str]:
    """What was entered and may be shown again: no secret."""
    found = await at.web.app.entering.open(at.token, _proof(at))
    plain = {entry.name for entry in found.guide.entries if not entry.secret} | set(NOT_VALUES)
    return {name: given(form, name) for name in plain}


@router.post("/secrets")
async def secrets(at: Here) -> Response:
    """The webhooks' secrets, where the system makes them."""

    async def step() -> Response:
        form = await own_form(at.request)
        try:
            await at.web.app.entering.enter_secrets(at.token, _proof(at), given(form, "secrets"))
        except NotFoundError:
            raise
        except BasculeError as error:
            return await _page(at, error=error, status=422)
        return at.to(f"{_home(at)}?kept=secrets")

    return await _with(at, step)


@router.post("/done")
async def done(at: Here) -> Response:
    async def step() -> Response:
        await own_form(at.request)
        await at.web.app.entering.finish(at.token, _proof(at))
        answer = _notice(at, "Thank you. Everything is entered.", "This link has ended. You can close this page.")
        answer.delete_cookie(COOKIE, path=_home(at))
        return answer

    return await _with(at, step)
