"""The page to start from: where everything of the demo is, who is who, and a whole hire, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bascule.app import App
from bascule.sandbox.kit import render
from bascule.sandbox.mail.app import RENEWS

from .material import visitor
from .neighbours import INTERVIEWER, INTERVIEWER_NAME, Neighbours
from .sides import RECRUITER, Side

HERE = Path(__file__).parent
CV = "Nora-Lindholm-CV.txt"


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the tenant, whom the person at the demo plays."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Opening:
    """An open job: where one applies, and who its hiring manager is."""

    title: str
    url: str
    manager: Colleague


@dataclass(frozen=True, slots=True)
class Desk:
    """One account: its ATS, what is special about it, and its open jobs."""

    name: str
    url: str
    kind: str
    recruiter: Colleague
    openings: tuple[Opening, ...]


@dataclass(frozen=True, slots=True)
class Now:
    """How far the demo is. `ready`: the rules are in force, so that whoever applies is asked."""

    doing: str
    ready: bool


async def desk(side: Side, kind: str) -> Desk:
    """An account as its ATS tells it."""
    tables = await side.ats.tables("users", "job_hiring_managers")
    users = {row["id"]: Colleague(row["name"], row["primary_email"]) for row in tables["users"]}
    managers = {row["job_id"]: users[row["user_id"]] for row in tables["job_hiring_managers"] if row["active"]}
    openings = (
        Opening(title, f"{side.account.url}/careers/jobs/{id}", managers[id]) for id, title in side.ledger.jobs.items()
    )
    recruiter = next(one for one in users.values() if one.name == RECRUITER)
    return Desk(side.account.name, side.account.url, kind, recruiter, tuple(openings))


def create_app(app: App, desks: Iterable[Desk], beside: Neighbours, now: Callable[[], Now]) -> Starlette:
    """The page, a CV for whoever has none at hand, and a login at Bascule for each who comes from here."""
    page = render.environment(HERE / "templates").get_template("guide.html")
    known = tuple(desks)

    async def start(_: Request) -> Response:
        html = page.render(
            desks=known, mail=beside.mail, calendar=beside.calendar, now=now(), bascule=app.settings.address,
            interviewer=Colleague(INTERVIEWER_NAME, INTERVIEWER),
        )  # fmt: skip
        return HTMLResponse(html, headers={"content-security-policy": RENEWS})

    async def enter(_: Request) -> Response:
        return RedirectResponse(await app.doors.login_link(), 303, {"referrer-policy": "no-referrer"})

    async def resume(_: Request) -> Response:
        return PlainTextResponse(visitor(), headers={"content-disposition": f'attachment; filename="{CV}"'})

    return Starlette(routes=[
        Route("/", start), Route("/bascule", enter), Route("/cv", resume),
        Mount("/static", StaticFiles(directory=render.TEMPLATES.parent / "static")),
    ])  # fmt: skip
