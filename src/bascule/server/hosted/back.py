"""`/oauth/back`: where a system sends whoever has consented there, or has not."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from bascule.errors import BasculeError, NotFoundError
from bascule.hiring.form_words import FIRST, words
from bascule.office.consenting import BACK

from ..desk import said
from ..roles import Right
from ..views.frame import Flash
from ..views.hosted import Notice
from ..views.parts import Tone
from ..web import Web
from .consent import COOKIE, on_the_way
from .credentials import entered
from .guest import Guest

router = APIRouter(include_in_schema=False)


@router.get(BACK)
async def back(request: Request) -> Response:
    """What it sends is taken once, from the browser that went, and from nobody else."""
    web: Web = request.app.state.web
    asked, proof = dict(request.query_params), request.cookies.get(COOKIE, "")
    state, at = asked.get("state", ""), Guest(request, web, "")
    try:
        waiting = web.app.consenting.of(state, proof)
        signed = await web.people.session(request.cookies.get(web.cookie, "")) if waiting.user else None
        if waiting.user and (signed is None or signed.user.id != waiting.user or not signed.may(Right.OPERATE)):
            raise NotFoundError("Whoever began this is not signed in any more.", hint="Sign in, and begin again.")
        done = await web.app.consenting.came(state, proof, asked)
    except NotFoundError as error:
        what = str(error).removesuffix(error.hint).strip()
        return at.page("notice.html", Notice(what, error.hint), words(FIRST), status=404)
    except BasculeError:
        return on_the_way(request, web.app.consenting.of(state, proof), status=422)
    if signed is None:
        answer: Response = entered(Guest(request, web, waiting.guest), done)
    else:
        flash = Flash(f"{waiting.label} answers, by your consent.", Tone.IN_STEP, "", "", {})
        answer = said(web, request, signed, done, flash)
    answer.delete_cookie(COOKIE, path=BACK, secure=web.secure, httponly=True, samesite="lax")
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
