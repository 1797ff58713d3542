"""The page before a system's own page of consent, for somebody signed in and for IT with a link alike."""

from __future__ import annotations

from fastapi import Request, Response

from bascule.connectors.guide import guide
from bascule.connectors.registry import load
from bascule.hiring.form_words import FIRST, words
from bascule.office.consenting import BACK, LASTS, Waiting

from ..show.setup import wrong
from ..views.hosted import ConsentAsked
from .guest import Guest

COOKIE = "bascule-consent"
CONSENT = "consent"  # what the button of a form says that leads here


def on_the_way(request: Request, waiting: Waiting, *, status: int = 200) -> Response:
    """The page that leads there. Its browser alone can come back."""
    at = Guest(request, request.app.state.web, waiting.guest)
    told = guide(load(waiting.system))
    refused = wrong(waiting.wrong, told) if waiting.wrong is not None else None
    view = ConsentAsked(waiting, told.consent, at.web.app.consenting.back, refused)
    answer = at.page("consent.html", view, words(FIRST), status=status)
    answer.set_cookie(
        COOKIE, waiting.proof, max_age=int(LASTS.total_seconds()), httponly=True, samesite="lax", secure=at.web.secure,
        path=BACK,
    )  # fmt: skip
    return answer
