"""The pages: who has letters, a mailbox, a letter whose links can be followed, and an answer to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from ..kit import render
from .letters import Letter, Mailroom

HERE = Path(__file__).parent
Answer = Callable[[bytes], Awaitable[str]]
"""Hands an answer over; a line about what became of it."""
POLICY = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'"
RENEWS = f"{POLICY}; script-src 'self'; connect-src 'self'"  # the list, which shows no letter, looks again by itself


def create_app(room: Mailroom, answer: Answer | None = None) -> Starlette:
    """Everything it serves. Without `answer` letters cannot be answered."""
    templates = render.environment(HERE / "templates")

    def page(name: str, status: int = 200, **more: object) -> Response:
        html = templates.get_template(name).render(people=room.people(), answers=answer is not None, **more)
        return HTMLResponse(html, status, {"content-security-policy": RENEWS if name == "box.html" else POLICY})

    async def box(request: Request) -> Response:
        to = request.query_params.get("to", "")
        return page("box.html", to=to, letters=room.letters(to)[:200], said=request.query_params.get("said", ""))

    def asked(request: Request) -> Letter | None:
        return room.letter(request.path_params["number"])

    async def letter(request: Request) -> Response:
        found = asked(request)
        if found is None:
            return page("box.html", 404, to="", letters=[], said="There is no such letter: it may have been let go.")
        return page("letter.html", to=found.to, letter=found, said=request.query_params.get("said", ""))

    async def attached(request: Request) -> Response:
        found, number = asked(request), request.path_params["file"]
        if found is None or not 0 < number <= len(found.attached):
            return page("box.html", 404, to="", letters=[], said="There is no such file.")
        one = found.attached[number - 1]
        name = "".join(mark if mark.isalnum() or mark in "._-" else "_" for mark in one.name)
        return Response(
            one.data, media_type="application/octet-stream",
            headers={"content-disposition": f'attachment; filename="{name}"', "x-content-type-options": "nosniff"},
        )  # fmt: skip

    async def reply(request: Request) -> Response:
        found = asked(request)
        if found is None or answer is None:
            return page("box.html", 404, to="", letters=[], said="That letter cannot be answered.")
        text = render.text(await request.form(), "text")
        said = await answer(room.answer(found, text)) if text else "Nothing was written."
        return RedirectResponse(f"/letters/{found.number}?{urlencode({'said': said})}", 303)

    async def listed(request: Request) -> Response:
        """For programs: the newest first."""
        return JSONResponse(
            [
                {
                    "number": one.number, "to": one.to, "from": one.sender, "subject": one.subject,
                    "at": one.at.isoformat(), "text": one.text, "links": one.links,
                }
                for one in room.letters(request.query_params.get("to", ""))
            ]
        )  # fmt: skip

    async def faults(_: Request) -> Response:
        said = "A mailbox has no faults but these, given at its start: --gone and --later say whose letters it refuses."
        return JSONResponse({"kinds": [], "says": said})

    return Starlette(routes=[
        Route("/", box, name="box"), Route("/letters.json", listed),
        Route("/letters/{number:int}", letter, name="letter"),
        Route("/letters/{number:int}/files/{file:int}", attached),
        Route("/letters/{number:int}/answer", reply, methods=["POST"]),
        Route("/sandbox/faults/kinds", faults),
        Mount("/static", StaticFiles(directory=render.TEMPLATES.parent / "static")),
    ])  # fmt: skip
