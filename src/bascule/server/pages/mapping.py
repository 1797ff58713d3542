"""The mapping document."""

import csv
import io
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse

from bascule.errors import InputError
from bascule.model import Kind, StageType

from ..desk import Desk, acting, download, seeing
from ..roles import Right
from ..show import mapping, words
from ..views.mapping import DryRun, MappingPage
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
async def page(at: Look, name: str, format: str = "", pairs: str = "") -> Response:
    found = at.app.connections.named(name, at.workspace)
    mappings, known = at.app.mappings, found.row.name
    file = await mappings.export(known)
    if format == "toml":
        return download(file, f"{known}.mapping.toml", "application/toml")
    document, stages, ladders, history = (
        await mappings.document(known),
        await mappings.stages(known),
        await mappings.ladders(known),
        await mappings.versions(known),
    )
    view = await at.look(lambda tx: mapping.page(tx, found, document, stages, ladders, history, file))
    if format == "csv":
        return download(_csv(view), "mapping.csv", "text/csv")
    others = [
        one.row.name for one in at.app.connections.all() if one.row.workspace == at.workspace and one.id != found.id
    ]
    tables = [
        mapping.pairs(one, *await at.app.counterparts.compared(known, one), every=pairs == "all")
        for one in others
        if {Kind.JOB, Kind.APPLICATION} <= at.app.connections.named(one, at.workspace).view.fields.keys()
    ]
    seen = tuple(one for one in tables if one.rows)
    return await at.page("mapping.html", replace(view, pairs=seen, may=at.may(Right.OPERATE)))


def _csv(view: MappingPage) -> str:
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(
        [
            "connection",
            "label",
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
            view.connection,
            view.label,
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
        cells = (view.connection, view.label, one.object, "", one.field, one.type, *("",) * 6, f"not used: {one.why}")
        rows.writerow([plain(cell) for cell in cells])
    return out.getvalue()


@router.post("/mapping/{name}/switch")
async def switch(at: Operate, name: str) -> Response:
    """Switch one field that Bascule writes on or off; an audit entry says who. Nothing old is written because of it."""
    found, on = at.app.connections.named(name, at.workspace), bool(at.given("on"))
    kind, _, field = at.given("field").partition(".")
    if kind not in set(Kind) or not field:
        raise InputError("That field cannot be switched.", hint="Load the page again.")
    await at.app.mappings.switch(found.row.name, Kind(kind), field, on, at.actor)
    said = words.label(Kind(kind), field)
    return at.done(f"/mapping/{name}", f"{said} is {'written again' if on else 'not written any more'}.")


@router.post("/mapping/{name}/stages")
async def stages(at: Operate, name: str) -> Response:
    """Which type stages of a name have; what is left at "not confirmed" stays so."""
    found = at.app.connections.named(name, at.workspace).row.name
    before = {one.name: one.type for one in await at.app.mappings.stages(found)}
    given = zip(at.all_given("stage"), at.all_given("type"), strict=False)
    said = {stage: StageType(one) for stage, one in given if one in set(StageType) and before.get(stage) != one}
    if not said:
        raise InputError("No type was chosen.", hint="Choose one beside the stage's name.")
    await at.app.mappings.confirm(found, said, at.actor)
    told = f"{next(iter(said))} is {next(iter(said.values()))}" if len(said) == 1 else f"{len(said)} stage types are"
    return at.done(f"/mapping/{name}", f"{told} {'now, ' if len(said) == 1 else 'confirmed, '}in every job.")


@router.post("/mapping/{name}/counterparts")
async def counterparts(at: Operate, name: str) -> Response:
    """Pair all that is proposed with another connection, or one record with the one that was chosen."""
    found = at.app.connections.named(name, at.workspace).row.name
    record, chosen = at.given("record"), at.given("with")
    if record and not chosen:
        raise InputError("No counterpart was chosen.", hint="Choose one, then pair it.")
    if record:
        await at.app.counterparts.pair(record, chosen, at.actor)
        return at.done(f"/mapping/{found}#counterparts", "Paired. What waited for it goes on.")
    made = await at.app.counterparts.confirm(found, at.given("other"), at.actor)
    return at.done(f"/mapping/{found}#counterparts", f"{len(made)} paired. What waited for them goes on.")


@router.post("/mapping/{name}/rule")
async def rule(at: Operate, name: str) -> Response:
    """The type of a stage in every job, or in one alone; the type "" takes it back. `look` only shows what it does."""
    found = at.app.connections.named(name, at.workspace).row
    job, stage, given = at.given("job"), at.given("stage"), at.given("type")
    if given and given not in set(StageType):
        raise InputError("There is no such type.", hint="Load the page again.")
    types = {stage: StageType(given) if given else None}
    if at.given("look"):
        preview = await at.app.mappings.preview_types(found.name, types, at.actor, job=job)
        view = await at.look(lambda tx: mapping.dry(tx, at.workspace, preview, rule=(job, stage, given)))
        return await at.page("dryrun.html", replace(view, connection=found.name, label=str(found.label)))
    await at.app.mappings.confirm(found.name, types, at.actor, job=job)
    said = f"{stage} is {given} now" if given else f"{stage} has its type by the other rules now"
    return at.done(f"/mapping/{name}", f"{said}, in {'one job' if job else 'every job'}.")


@router.post("/mapping/{name}/dry-run")
async def dry_run(at: Operate, name: str) -> Response:
    """What an edited file, or an earlier version, would do. Nothing is changed."""
    found, version, text = at.app.connections.named(name, at.workspace).row, at.given("version"), at.given("text")
    number = int(version) if version.isdigit() else 0
    try:
        if number:
            preview = await at.app.mappings.preview_of(found.name, number, at.actor)
        else:
            preview = await at.app.mappings.preview(found.name, text, at.actor)
    except InputError as error:  # what was typed is not lost
        view = DryRun(text=text, problem=str(error), hint=error.hint)
    else:
        view = await at.look(lambda tx: mapping.dry(tx, at.workspace, preview, text=text, version=number))
    return await at.page("dryrun.html", replace(view, connection=found.name, label=str(found.label)))


@router.post("/mapping/{name}/apply")
async def apply(at: Operate, name: str) -> Response:
    """The edited file, or the earlier version, as a new version."""
    found, version = at.app.connections.named(name, at.workspace).row.name, at.given("version")
    if version.isdigit():
        made = await at.app.mappings.rollback(found, int(version), at.actor)
    else:
        made = await at.app.mappings.apply(found, at.given("text"), at.actor)
    return at.done(f"/mapping/{name}", f"The mapping is at version {made}.")
