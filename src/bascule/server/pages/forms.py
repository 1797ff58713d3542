"""What screening forms say and ask, and how many are completed: for whoever owns them."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from bascule.errors import InputError, NotFoundError
from bascule.hiring.form_words import LANGUAGES
from bascule.hiring.screening import as_data
from bascule.office.screenings import Times

from ..desk import Desk, acting, seeing
from ..roles import Right
from ..show import forms
from ..views.forms import Draft, FormsPage, JobFormPage

router = APIRouter(include_in_schema=False)

Look = Annotated[Desk, Depends(seeing(Right.LOOK))]
Edit = Annotated[Desk, Depends(acting(Right.EDIT))]
Operate = Annotated[Desk, Depends(acting(Right.OPERATE))]


@router.get("/screening")
async def page(at: Look) -> Response:
    return await _all(at)


async def _all(at: Desk, wrong: InputError | None = None) -> Response:
    may_set = at.may(Right.OPERATE)
    view = await at.look(lambda tx: forms.page(tx, at.app.forms, at.workspace, may_set=may_set))
    return await _with(at, "forms.html", view, wrong)


async def _with(at: Desk, template: str, view: FormsPage | JobFormPage, wrong: InputError | None) -> Response:
    """A page of forms; with what was written and not taken, so that nothing of it is lost."""
    if wrong is None:
        return await at.page(template, view)
    said = str(wrong).removesuffix(wrong.hint).strip()
    kept = Draft(_text(at), notice=at.given("notice"), wrong=said, next=wrong.hint)
    return await at.page(template, replace(view, draft=kept), status=422)


@router.post("/screening")
async def policy(at: Operate) -> Response:
    await at.app.screenings.times(at.actor, Times(_days(at, "link"), _days(at, "person")))
    on = at.given("required") == "yes"
    await at.app.forms.require(on, at.actor)
    return at.done("/screening", "Scoring waits for a disclosure." if on else "Saved. Scoring waits for nothing.")


@router.post("/screening/disclosure")
async def disclose_all(at: Operate) -> Response:
    try:
        made = await at.app.forms.disclose("", _text(at), at.actor, notice=_notice(at))
    except InputError as error:
        return await _all(at, error)
    return at.done("/screening", f"Version {made.version} holds for all jobs without their own.")


@router.get("/jobs/{id}/screening")
async def of_job(at: Look, id: str) -> Response:
    return await _of_job(at, id)


async def _of_job(at: Desk, id: str, wrong: InputError | None = None) -> Response:
    now, may_edit = at.app.runtime.now(), at.may(Right.EDIT)
    view = await at.look(lambda tx: forms.of_job(tx, at.app.forms, at.workspace, id, now, may_edit=may_edit))
    return await _with(at, "form.html", view, wrong)


@router.post("/jobs/{id}/screening")
async def ask(at: Edit, id: str) -> Response:
    """Which questions are asked, and one more of the job's own."""
    _, own = await at.look(lambda tx: at.app.forms.own(tx, id))
    seen = int(given) if (given := at.given("version")).isdecimal() else -1
    asked, shown = set(at.all_given("asked")), at.all_given("shown")
    kept: list[dict[str, Any]] = [as_data(one) for one in own.questions if one.id not in set(at.all_given("drop"))]
    added = {code: at.given(f"text-{code}") for code in LANGUAGES if at.given(f"text-{code}")}
    if added:
        numbers = [int(one.id[4:]) for one in own.questions if one.id[4:].isdecimal()]
        id_of = f"own:{max([0, *numbers]) + 1}"
        must = at.given("required") == "yes"
        kept.append({"id": id_of, "kind": at.given("kind", "text"), "text": added, "required": must})
        asked.add(id_of)
    left_out = [one for one in shown if one not in asked]
    made = await at.app.forms.ask(id, kept, left_out, seen, at.actor)
    return at.done(f"/jobs/{id}/screening", f"Version {made} holds. Who has begun keeps what they began with.")


@router.post("/jobs/{id}/disclosure")
async def disclose(at: Edit, id: str) -> Response:
    try:
        made = await at.app.forms.disclose(id, _text(at), at.actor, notice=_notice(at))
    except NotFoundError:
        raise
    except InputError as error:
        return await _of_job(at, id, error)
    return at.done(f"/jobs/{id}/screening", f"Version {made.version} of this job's disclosure holds.")


def _text(at: Desk) -> dict[str, str]:
    return {code: at.given(f"text-{code}") for code in LANGUAGES if at.given(f"text-{code}")}


def _notice(at: Desk) -> date | None:
    given = at.given("notice")
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        raise InputError(f"{given!r} is not a day.", hint="Write it like 2026-11-22.") from None


def _days(at: Desk, name: str) -> int:
    given = at.given(name)
    if not given.isdecimal():
        raise InputError(f"{given!r} is not a number of days.")
    return int(given)
