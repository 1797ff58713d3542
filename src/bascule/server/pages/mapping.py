"""The mapping document."""

import csv
import io
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse

from bascule.core.mapping import Choice
from bascule.errors import InputError
from bascule.model import Kind

from ..desk import Desk, acting, download, seeing
from ..roles import Right
from ..show import mapping, words
from ..views import MappingPage
from .candidates import plain

router = APIRouter(include_in_schema=False)

Look = Annotated[Desk, Depends(seeing(Right.LOOK))]
Operate = Annotated[Desk, Depends(acting(Right.OPERATE))]


@router.get("/mapping")
async def first(at: Look) -> Response:
    found = [one for one in at.app.connections.all() if one.row.workspace == at.workspace]
    if not found:
        return RedirectResponse("/connections", status_code=303)
    gaps = await at.look(lambda tx: {gap.connection for gap in tx.gaps.list(at.workspace)})
    chosen = next((one for one in found if one.id in gaps), found[0])
    return RedirectResponse(f"/mapping/{chosen.row.name}", status_code=303)


@router.get("/mapping/{name}")
async def page(at: Look, name: str, format: str = "") -> Response:
    found = at.app.connections.named(name, at.workspace)
    document = await at.app.mappings.document(found.row.name)
    view = await at.look(lambda tx: mapping.page(tx, found, document))
    return download(_csv(view), "mapping.csv", "text/csv") if format == "csv" else await at.page("mapping.html", view)


def _csv(view: MappingPage) -> str:
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(
        [
            "kind",
            "value",
            "field in the ATS",
            "type",
            "class",
            "direction",
            "who wins",
            "promised",
            "measured",
            "gaps",
            "note",
        ]
    )
    for one in view.rows:
        cells = (
            one.kind,
            one.canonical,
            one.ats,
            one.type,
            one.cls,
            one.direction,
            one.authority,
            one.promised,
            one.measured,
        )
        rows.writerow([plain(cell) for cell in (*cells, "; ".join(one.gaps), one.note)])
    for one in view.unmapped:
        rows.writerow(
            [
                plain(cell)
                for cell in (one.object, "", one.field, one.type, "", "", "", "", "", "", f"not used: {one.why}")
            ]
        )
    return out.getvalue()


@router.post("/mapping/{name}/switch")
async def switch(at: Operate, name: str) -> Response:
    """Switch one field that Bascule writes on or off; an audit entry says who. Nothing old is written because of it."""
    found, on = at.app.connections.named(name, at.workspace), bool(at.given("on"))
    kind, _, field = at.given("field").partition(".")
    if kind not in set(Kind) or not field:
        raise InputError("That field cannot be switched.", hint="Load the page again.")
    await at.app.mappings.choose(found.row.name, Kind(kind), field, Choice(on), at.actor)
    said = words.label(Kind(kind), field)
    return at.done(f"/mapping/{name}", f"{said} is {'written again' if on else 'not written any more'}.")
