"""One signed-in person's request: what it may do, how it shows a page, and how it says what it has done.

Every page route depends on `seeing(right)` or `acting(right)`. `acting` also proves that the form came from our own
page: the browser's word for where the request comes from, and the session's token in the form.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, urlsplit

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData, UploadFile

from bascule.errors import ForbiddenError
from bascule.model import Actor
from bascule.store import Tx
from bascule.store.sight import SIGHT

from .navigation import navigation
from .people import Signed
from .rendering import render
from .roles import Right, rights_of
from .views.frame import Flash, Frame
from .views.parts import Tone
from .web import Web, pack, unpack

if TYPE_CHECKING:
    from bascule.app import App

T = TypeVar("T")
FLASH = "bascule-said"
THEME = "bascule-theme"
THEMES = ("auto", "light", "dark")
MAX_FORM = 200_000


class LoginNeeded(Exception):
    """Nobody is signed in; the page to come back to."""


class Mismatch(ForbiddenError):
    """The form did not come from our own page, or the session behind it has ended. Nothing was changed."""


@dataclass(frozen=True)
class Desk:
    """A request with the person behind it. `form` is what was posted (empty for a look)."""

    request: Request
    web: Web
    signed: Signed
    form: FormData

    @property
    def app(self) -> App:
        return self.web.app

    @property
    def actor(self) -> Actor:
        return self.signed.actor

    @property
    def workspace(self) -> str:
        return self.signed.user.workspace

    def may(self, right: Right) -> bool:
        return self.signed.may(right)

    def given(self, name: str, default: str = "") -> str:
        """One value of the form, trimmed; files are never taken."""
        value = self.form.get(name, default)
        return default if isinstance(value, UploadFile) else value.strip()

    def all_given(self, name: str) -> list[str]:
        return [value.strip() for value in self.form.getlist(name) if isinstance(value, str)]

    async def look(self, query: Callable[[Tx], T]) -> T:
        """One snapshot of the store."""
        return await self.web.look(query)

    # ------------------------------------------------------------------------------------------------------ answers

    async def page(
        self, template: str, view: object, *, status: int = 200, columns: Sequence[object] = ()
    ) -> HTMLResponse:
        """A whole page. The live parts of a page ask for it too, and take what they need."""
        live = "bascule-live" in self.request.headers
        said = self.request.cookies.get(FLASH, "")
        flash = None if live or not said else unpack(said, self.signed.csrf)
        frame = await self._frame(flash)
        response = HTMLResponse(render(template, frame=frame, view=view, columns=columns), status_code=status)
        if said and not live:
            response.delete_cookie(FLASH, path="/")
        return response

    async def _frame(self, flash: Flash | None) -> Frame:
        figures = await self.web.figures()
        url = self.request.url
        return Frame(
            user=self.signed.user.name or self.signed.user.email,
            role=self.signed.user.role,
            nav=navigation(
                reviews=figures.reviews,
                overdue=figures.overdue,
                failures=figures.failures,
                gaps=figures.gaps,
                candidates=self.may(Right.CANDIDATES),
                alerts=self.may(Right.OPERATE),
                audit=self.may(Right.AUDIT),
                settings=self.may(Right.ADMINISTER),
            ),
            path=url.path + (f"?{url.query}" if url.query else ""),
            now=self.app.runtime.now(),
            csrf=self.signed.csrf,
            theme=theme_of(self.request),
            flash=flash,
            connections=tuple(self.app.connections.labels(self.workspace).items()),
            workspace=self.web.title,
            may=rights_of(self.signed.user.role),
            others=tuple([(one.title, one.address) for one in await self.web.others(self.signed)]),
        )

    def done(
        self,
        path: str,
        words: str,
        *,
        tone: Tone = Tone.IN_STEP,
        next: str = "",
        undo: str = "",
        undo_fields: Mapping[str, str] | None = None,
    ) -> Response:
        """Back to a page, which says once what was done."""
        return said(self.web, self.request, self.signed, path, Flash(words, tone, next, undo, undo_fields or {}))

    def sent(self, path: str, words: str, **what: str) -> Response:
        """The same of messages that this person has sent; while they have not left, they can be taken back. `what`: a
        `message`, or the `trigger` whose messages they are."""
        seconds = self.app.settings.undo_seconds
        if not seconds:
            return self.done(path, f"{words}, in your name.")
        later = f"{words}, in your name. Leaving begins in {seconds} s."
        return self.done(path, later, undo="/messages/back", undo_fields=what)


def said(web: Web, request: Request, signed: Signed, path: str, flash: Flash) -> Response:
    """A redirect that carries a flash. htmx stays where it is if that is the page it is on, and goes there if not."""
    here = urlsplit(request.headers.get("hx-current-url", "")).path
    if here and here != urlsplit(path).path:
        response: Response = Response(status_code=204, headers={"HX-Redirect": path})
    else:
        response = RedirectResponse(path, status_code=303)
    response.set_cookie(
        FLASH, pack(flash, signed.csrf), max_age=60, httponly=True, samesite="lax", secure=web.secure, path="/"
    )
    return response


def theme_of(request: Request) -> str:
    chosen = request.cookies.get(THEME, "auto")
    return chosen if chosen in THEMES else "auto"


def back_to(request: Request, default: str = "/") -> str:
    """The page of ours that a form was on, from the browser's word; never another host."""
    for name in ("hx-current-url", "referer"):
        parts = urlsplit(request.headers.get(name, ""))
        if parts.path.startswith("/") and not parts.path.startswith("//") and parts.netloc == request.url.netloc:
            return parts.path + (f"?{parts.query}" if parts.query else "")
    return default


def local_path(path: str, default: str = "/") -> str:
    """A path on this server, or the default: nothing that a browser could read as another host."""
    parts = urlsplit(path)
    safe = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return path if safe and "\\" not in path and not any(ord(c) < 32 for c in path) else default


# --------------------------------------------------------------------------------------------------- who is asking


def seeing(right: Right) -> Callable[[Request], Awaitable[Desk]]:
    """A dependency: somebody signed in who may look."""

    async def desk(request: Request) -> Desk:
        return Desk(request, request.app.state.web, await _signed(request, right), FormData())

    return desk


def acting(right: Right) -> Callable[[Request], Awaitable[Desk]]:
    """A dependency: somebody signed in who may do it, by a form of our own."""

    async def desk(request: Request) -> Desk:
        signed = await _signed(request, right)
        form = await own_form(request)
        token = form.get("csrf")
        if not isinstance(token, str) or not hmac.compare_digest(token.encode(), signed.csrf.encode()):
            raise Mismatch(hint="Load the page again, then send the form.")
        return Desk(request, request.app.state.web, signed, form)

    return desk


async def own_form(request: Request) -> FormData:
    """The posted form, if the browser says that it comes from this server. Mismatch if not."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    own = site == "same-origin" if site else origin is None or urlsplit(origin).netloc == request.url.netloc
    if not own:
        raise Mismatch(hint="Open the page from its own address, then send the form.")
    if int(request.headers.get("content-length") or 0) > MAX_FORM:
        raise Mismatch("The form is too large.", hint="Shorten what you entered.")
    return await request.form(max_files=0, max_fields=400, max_part_size=MAX_FORM)


async def _signed(request: Request, right: Right) -> Signed:
    web: Web = request.app.state.web
    signed = await web.people.session(request.cookies.get(web.cookie, ""))
    if signed is None:
        raise LoginNeeded
    request.state.signed = signed
    SIGHT.set(signed.sight)  # until the request is answered (`application.Surround`)
    if not signed.may(right):
        raise ForbiddenError(
            f"Your role ({signed.user.role}) does not include this.", hint="Ask an administrator of this workspace."
        )
    return signed


def login_path(request: Request) -> str:
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return "/login" if path == "/" else f"/login?next={quote(path, safe='')}"


def download(text: str, name: str, media: str) -> Response:
    """A file for the browser to save. `name` is ours, so it needs no escaping."""
    return Response(
        text.encode("utf-8"),
        media_type=f"{media}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
