"""A request by somebody with a link: how often it may come, what it sends, and the page it is answered with."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData, UploadFile

from bascule.errors import InputError
from bascule.hiring.form_words import Words, wanted, words

from ..rendering import render
from ..views.frame import Frame
from ..web import Web

FORM = 200_000  # bytes, beside a file
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cache-Control": "no-store",
}


class TooOften(Exception):
    """This link, or this client with links that open nothing, has asked too often."""


@dataclass(frozen=True)
class Guest:
    """A request by whoever holds a link."""

    request: Request
    web: Web
    token: str

    @property
    def client(self) -> str:
        return self.request.client.host if self.request.client else ""

    def admit(self, *, forged: bool) -> None:
        """TooOften where it is to wait. Only what was not made here counts against a client."""
        now = self.web.app.runtime.now()
        limits = self.web.limits
        wait = limits.wrong.wait(self.client, now) if forged else limits.link.wait(self.token, now)
        if wait:
            raise TooOften

    def say(self, language: str = "") -> Words:
        """The words of the language that was chosen, else of one the browser accepts."""
        return words(language or wanted(self.request.headers.get("accept-language", "")))

    async def form(self, *, file: int = 0) -> FormData:
        """What was sent: at most one file of so many bytes. InputError for more."""
        size = self.request.headers.get("content-length", "")
        if not size.isdecimal() or int(size) > FORM + file:
            raise InputError("The form is too large.", hint="Shorten what you entered.")
        return await self.request.form(max_files=1 if file else 0, max_fields=50, max_part_size=FORM)

    def page(self, template: str, view: object, say: Words, *, status: int = 200) -> HTMLResponse:
        frame = Frame("", "", (), self.request.url.path, self.web.app.runtime.now())
        html = render(f"hosted/{template}", frame=frame, view=view, say=say)
        return HTMLResponse(html, status_code=status, headers=HEADERS)

    @staticmethod
    def to(path: str) -> RedirectResponse:
        return RedirectResponse(path, status_code=303, headers=HEADERS)


def given(form: FormData, name: str) -> str:
    """One value of a form, trimmed."""
    value = form.get(name, "")
    return "" if isinstance(value, UploadFile) else value.strip()
