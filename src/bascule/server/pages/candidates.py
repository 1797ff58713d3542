"""Candidates, what people do with them, and why a value says what it says."""

import csv
import io
import json
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from bascule.errors import InputError, NotFoundError
from bascule.model import Value
from bascule.office.corrections import Said
from bascule.store import Tx

from ..desk import Desk, acting, download, seeing
from ..rendering import seconds
from ..roles import Right
from ..show import candidate, duplicates, enrichment, flow, interviews, people, screening, timeline
from ..show import resume as show_resume
from ..views.candidate import CandidateList, CandidatePage, ResumePage
from ..views.parts import Column, Paging, Tone
from .looks import listed, seen, viewed

router = APIRouter(include_in_schema=False)

COLUMNS = (
    Column("Name", "name"),
    Column("Job"),
    Column("Stage"),
    Column("Score", numeric=True),
    Column("Changed", "changed"),
    Column("State"),
)
FOUND = (Column("Name"), Column("Why"), Column("Before"), Column("Last contact"), Column("Reach"))
EXPORTED = 5000

Look = Annotated[Desk, Depends(seeing(Right.CANDIDATES))]
Edit = Annotated[Desk, Depends(acting(Right.EDIT))]
Again = Annotated[Desk, Depends(acting(Right.CANDIDATES))]
Decide = Annotated[Desk, Depends(acting(Right.DECIDE))]


@router.get("/candidates")
async def page(at: Look, q: str = "", like: str = "", sort: str = "", after: str = "") -> Response:
    """Everybody, or whom the one box finds."""
    given, number = dict(at.request.query_params), int(after) if after.isdecimal() else 0
    filters = people.filters_of(given)
    await listed(at, "candidates listed")
    if not q.strip() and not like and not filters.any:
        view = await at.look(lambda tx: candidate.page_of(tx, at.workspace, sort=sort.removeprefix("-"), after=after))
        pairs = await at.look(lambda tx: duplicates.pairs_in_question(tx, at.workspace))
        shown = replace(view, filters=people.form(filters), pairs=pairs)
        return await at.page("candidates.html", shown, columns=COLUMNS)
    found = await at.app.search.people(q, like=like, filters=filters, after=number, limit=people.LIMIT)
    total = await at.look(lambda tx: tx.pages.count_candidates(at.workspace))
    box = people.by_box(found, filters, given, number)
    view = CandidateList((), Paging(), q, total, box, people.form(filters))
    return await at.page("candidates.html", view, columns=FOUND)


@router.get("/candidates.csv")
async def export(at: Look, q: str = "", sort: str = "") -> Response:
    """The list as a file, up to 5,000 rows; an audit entry says who took it."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["id", "name", "job", "stage", "status", "score", "changed"])
    after, count = "", 0
    while count < EXPORTED:
        view = await at.look(lambda tx, a=after: candidate.page_of(tx, at.workspace, q=q, sort=sort, after=a))
        for row in view.rows:
            rows.writerow(
                [row.id, *map(plain, (row.name, row.job, row.stage, row.status)), row.score, row.changed.isoformat()]
            )
        count += len(view.rows)
        if not view.paging.next:
            break
        after = candidate.after_of(view.paging.next)
    await at.app.desk.note(at.actor, "candidates exported", detail={"rows": count})
    return download(out.getvalue(), "candidates.csv", "text/csv")


def plain(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


@router.get("/candidates/{id}")
async def one(at: Look, id: str) -> Response:
    view = await card(at, id)
    await viewed(at, id)
    return await at.page("candidate.html", view)


@router.get("/candidates/{id}/resume")
async def resume(at: Look, id: str) -> Response:
    """What was read in their newest CV."""
    name = await at.look(lambda tx: candidate.name_of(tx, at.workspace, id))
    try:
        _, text, found = await at.app.resume_desk.read(id, at.actor)
    except NotFoundError:
        await viewed(at, id)
        return await at.page("resume.html", ResumePage(id, name, ()))
    return await at.page("resume.html", show_resume.page(id, name, text, found))


async def card(at: Desk, id: str) -> CandidatePage:
    """All that the page of a candidate shows."""
    connected = {one.id: one for one in at.app.connections.all()}
    promise = _promise(at)

    def read(tx: Tx) -> CandidatePage:
        view = candidate.page(
            tx,
            at.workspace,
            id,
            may_decide=at.may(Right.DECIDE),
            may_erase=at.may(Right.ERASE),
            connected=connected.get,
            acts_as=lambda connection: at.app.connections.acts_as(connected[connection], at.actor),
            promise=promise,
        )
        ids, may_edit = [one.id for one in view.applications], at.may(Right.EDIT) and not view.erased
        forms = screening.parts(tx, at.app.screenings, ids, may_edit=may_edit)
        going = {one.id: one.status in ("", "active") and not view.erased for one in view.applications}
        now = at.app.runtime.now()
        held = interviews.parts(tx, at.app.interviews, at.workspace, going, now, may_edit=may_edit)
        made = tuple(replace(one, screening=forms[one.id], interviews=held[one.id]) for one in view.applications)
        found = None if view.erased else enrichment.part(at.app.enrichment.standing(tx, view.id))
        said = flow.with_one(tx, at.workspace, tx.families.family(view.family))
        return replace(view, applications=made, found=found, messages=said)

    return await at.look(read)


def _promise(at: Desk) -> str:
    """How soon what no webhook tells (notes, tags) shows here."""
    slowest = max(
        (s for one in at.app.connections.all() for s in at.app.mappings.intervals(one).values()), default=None
    )
    return "" if slowest is None else f"Notes and tags from the ATS follow within {seconds(slowest)}"


@router.get("/candidates/{id}/history")
async def history(at: Look, id: str, before: str = "") -> Response:
    await at.look(lambda tx: candidate.family_of(tx, at.workspace, id))
    await viewed(at, id)
    return await _timeline(at, id, "", before, whole=True)


@router.get("/records/{id}/history")
async def record_history(at: Look, id: str, field: str = "", before: str = "") -> Response:
    return await _timeline(at, id, field, before)


@router.get("/records/{id}")
async def record(at: Look, id: str) -> Response:
    return await _timeline(at, id, "", "")


async def _timeline(at: Desk, id: str, field: str, before: str, *, whole: bool = False) -> Response:
    try:
        until = datetime.fromisoformat(before) if before else None
    except ValueError:
        until = None
    maps = at.web.maps()
    view = await at.look(lambda tx: timeline.of_record(tx, at.workspace, id, field, until, maps, whole_family=whole))
    if not whole:
        await seen(at, id)
    return await at.page("history.html", view)


# ------------------------------------------------------------------------------------------------ what people change


@router.post("/candidates/{id}/edit")
async def edit(at: Edit, id: str) -> Response:
    await at.look(lambda tx: candidate.family_of(tx, at.workspace, id))
    fields, base = _changed(at)
    if not fields:
        return at.done(f"/candidates/{id}", "Nothing was changed.")
    await at.app.changes.edit(id, fields, at.actor, base)
    return at.done(f"/candidates/{id}", "Saved. It is on its way to the ATS.")


def _changed(at: Desk) -> tuple[dict[str, Value], dict[str, Value]]:
    """What differs from what the person saw, and what that was. InputError if the form is not ours."""
    try:
        seen = json.loads(at.given("base", "{}"))
        base: dict[str, Value] = {name: tuple(v) if isinstance(v, list) else v for name, v in seen.items()}
    except (ValueError, AttributeError):
        raise InputError("The form is not complete.", hint="Load the page again.") from None
    fields: dict[str, Value] = {}
    for name in candidate.EDITABLE:
        if name not in at.form:
            continue
        text = at.given(name)
        value: Value = (
            tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
            if name in candidate.MANY
            else text or None
        )
        old = base.get(name)
        if value != (old or (() if name in candidate.MANY else None)):
            fields[name] = value
    return fields, {name: base.get(name) for name in fields}


@router.post("/candidates/{id}/apart")
async def apart(at: Decide, id: str) -> Response:
    other = at.given("record")
    await at.look(lambda tx: candidate.family_of(tx, at.workspace, other or id))
    await at.app.joins.apart(other, at.actor)
    return at.done(f"/candidates/{other}", "Told apart. This is a person of its own again, in your name.")


@router.post("/applications/{id}/corrections")
async def correct(at: Edit, id: str) -> Response:
    """Something in the score is wrong, says a person."""
    home = await at.look(lambda tx: candidate.of_application(tx, at.workspace, id))
    said = Said(at.given("skill"), at.given("part"), _place(at, "start"), _place(at, "end"), at.given("why"))
    one = await at.app.corrections.mark(id, said, at.actor)
    path = f"/applications/{id}/corrections/{one.id}/undo"
    return at.done(f"/candidates/{home}#a-{id}", "Left out. The score is being made again.", undo=path)


@router.post("/applications/{id}/replay")
async def replay(at: Again, id: str) -> Response:
    """The score made again from what is stored; nothing is changed by it."""
    home = await at.look(lambda tx: candidate.of_application(tx, at.workspace, id))
    found = await at.app.replays.of(id, at.actor)
    told = "no score" if found.again is None else f"{found.again:g}"
    if found.same:
        return at.done(f"/candidates/{home}#a-{id}", f"Made again from what is stored: the same, {told}.")
    why = ", ".join(dict.fromkeys(one.what for one in (*found.inputs, *found.outcome)))
    said = f"Made again from what is stored it is {told}. What differs: {why}."
    return at.done(f"/candidates/{home}#a-{id}", said, tone=Tone.WAITING)


def _place(at: Desk, name: str) -> int:
    given = at.given(name)
    return int(given) if given.isdigit() else -1


@router.post("/applications/{id}/corrections/{correction}/undo")
async def uncorrect(at: Edit, id: str, correction: str) -> Response:
    home = await at.look(lambda tx: candidate.of_application(tx, at.workspace, id))
    await at.app.corrections.undo(id, correction, at.actor)
    return at.done(f"/candidates/{home}#a-{id}", "It counts again. The score is being made again.")


@router.post("/candidates/{id}/notes")
async def add_note(at: Edit, id: str) -> Response:
    await at.look(lambda tx: candidate.family_of(tx, at.workspace, id))
    visibility = at.given("visibility", "private")
    if visibility not in ("private", "public", "admin"):
        raise InputError("A note is private, public or for administrators.")
    await at.app.changes.add_note(id, at.given("body"), visibility, at.actor)
    return at.done(f"/candidates/{id}#notes", "The note is saved. It is on its way to the ATS.")


@router.post("/candidates/{id}/notes/{note}/remove")
async def remove_note(at: Edit, id: str, note: str) -> Response:
    await at.look(lambda tx: candidate.must_hold(tx, at.workspace, id, note))
    await at.app.changes.remove_note(note, at.actor)
    return at.done(
        f"/candidates/{id}#notes",
        "The note is removed here.",
        next="Where the ATS cannot remove notes, it stays there.",
    )


@router.post("/candidates/{id}/tags")
async def add_tag(at: Edit, id: str) -> Response:
    await at.look(lambda tx: candidate.family_of(tx, at.workspace, id))
    tag = at.given("tag")
    if not tag:
        raise InputError("The tag is empty.")
    await at.app.changes.set_tags(id, at.actor, add=[tag])
    path = f"/candidates/{id}"
    return at.done(
        f"{path}#tags",
        f"Tag “{tag}” added. It is on its way to the ATS.",
        undo=f"{path}/tags/remove",
        undo_fields={"tag": tag},
    )


@router.post("/candidates/{id}/tags/remove")
async def remove_tag(at: Edit, id: str) -> Response:
    await at.look(lambda tx: candidate.family_of(tx, at.workspace, id))
    tag, path = at.given("tag"), f"/candidates/{id}"
    await at.app.changes.set_tags(id, at.actor, remove=[tag])
    return at.done(f"{path}#tags", f"Tag “{tag}” removed on both sides.", undo=f"{path}/tags", undo_fields={"tag": tag})


@router.post("/applications/{id}/move")
async def move(at: Decide, id: str) -> Response:
    person = await at.look(lambda tx: candidate.of_application(tx, at.workspace, id))
    if not at.given("stage"):
        raise InputError("Choose the stage to move to.")
    await at.app.changes.advance(id, at.given("stage"), at.actor)
    return at.done(
        f"/candidates/{person}#a-{id}", "Asked of the ATS in your name. The stage shows as moved once it confirms."
    )


@router.post("/applications/{id}/reject")
async def reject(at: Decide, id: str) -> Response:
    person = await at.look(lambda tx: candidate.of_application(tx, at.workspace, id))
    if not at.given("reason"):
        raise InputError("Choose a reason.", hint="The ATS keeps it with the application.")
    await at.app.changes.reject(id, at.given("reason"), at.actor, at.given("note"))
    return at.done(
        f"/candidates/{person}#a-{id}", "Asked of the ATS in your name. It shows as rejected once it confirms."
    )
