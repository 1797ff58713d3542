"""KPIs, the flow, and what is wrong: figures people steer by."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from bascule.errors import InputError
from bascule.office.figures import WEEKS, Asked, csv_of
from bascule.store.sight import users_of

from ..desk import Desk, acting, download, seeing
from ..rendering import query
from ..roles import Right
from ..show import figures, way

router = APIRouter(include_in_schema=False)

Look = Annotated[Desk, Depends(seeing(Right.LOOK))]
Figures = Annotated[Desk, Depends(seeing(Right.FIGURES))]
See = Annotated[Desk, Depends(seeing(Right.OPERATE))]
Operate = Annotated[Desk, Depends(acting(Right.OPERATE))]


def asked(
    job: str = "", department: str = "", connection: str = "", weeks: str = "", since: str = "", until: str = ""
) -> Asked:
    """What a page is asked for. InputError for weeks that are no number."""
    if weeks and not weeks.isdecimal():
        raise InputError(f"{weeks!r} is no number of weeks.", hint="1 to 520, or 0 for all there is.")
    return Asked(job, department, connection, int(weeks) if weeks else WEEKS, since, until)


Wanted = Annotated[Asked, Depends(asked)]


def _connections(at: Desk) -> list[str]:
    return [one.row.name for one in at.app.connections.all() if not one.is_tool]


@router.get("/kpis")
async def kpis(at: Figures, wanted: Wanted) -> Response:
    seen = await at.app.figures.seen(wanted)
    found = await at.app.figures.told_of(seen)
    return await at.page("kpis.html", figures.page(found, seen, _connections(at), may_set=at.may(Right.OPERATE)))


@router.get("/kpis.csv")
async def export(at: Figures, wanted: Wanted) -> Response:
    """Every figure week by week, and over the whole time."""
    return download(csv_of(await at.app.figures.told(wanted)), "kpis.csv", "text/csv")


@router.post("/kpis/baseline")
async def freeze(at: Operate) -> Response:
    """Freeze what the page shows as the baseline."""
    names = ("job", "department", "connection", "weeks", "since", "until")
    given = {name: at.given(name) for name in names}
    baseline = await at.app.figures.freeze(asked(**given), at.actor)
    many = len(baseline["figures"])
    return at.done(query("/kpis", given), f"Frozen: {many} figures stand as the baseline beside all that follow.")


@router.post("/kpis/targets")
async def aim(at: Operate) -> Response:
    """Set every target as the form has it; what is empty has none."""
    targets: dict[str, float | None] = {}
    for name in at.form:
        if name.startswith("target "):
            text = at.given(name)
            targets[name.removeprefix("target ")] = _number(text, "A target") if text else None
    await at.app.figures.aim(targets, at.actor)
    return at.done("/kpis", "The targets are set. They stand beside the figures, and in the charts of times.")


@router.post("/kpis/stated")
async def state(at: Operate) -> Response:
    """The minutes that screening one application takes, before and now."""
    before, now = (_number(at.given(name), "The minutes") for name in ("before", "now"))
    await at.app.figures.state(before, now, at.given("source"), at.actor)
    return at.done("/kpis", "Stated. The hours are counted from it, and your words stand beside them.")


def _number(text: str, what: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise InputError(f"{what}: {text!r} is no number.", hint="Write it as 4 or 2.5.") from None


@router.get("/flow")
async def flow(at: Look, wanted: Wanted) -> Response:
    """Everybody's, or of the jobs on which the ATS names the reader."""
    only = None
    if not at.may(Right.FIGURES):
        people = await at.look(lambda tx: users_of(tx, at.signed.user))
        only = await at.app.figures.jobs_of(people)
    seen, found, triggers, kept = await at.app.figures.flow(wanted, only)
    return await at.page("flow.html", way.page(seen, found, triggers, kept, _connections(at), team=only is not None))


@router.get("/doctor")
async def doctor(at: See) -> Response:
    """What `bascule doctor` finds of the installation and its connections."""
    ours = {one.row.name for one in at.app.connections.all() if one.row.workspace == at.workspace and not one.is_tool}
    return await at.page("doctor.html", way.doctor(await at.app.health.examine(at.workspace), ours))
