"""Shortlists of a job, as recruiters see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from bascule.hiring.rubrics import job_of
from bascule.office.shortlists import Shortlists
from bascule.store import Tx

from ..rendering import number
from ..views.parts import Choice, State, Tone
from ..views.shortlists import Answered, ShortlistPart, ShortlistsPage
from . import words

OFFERED = 50


def page(tx: Tx, shortlists: Shortlists, workspace: str, id: str, now: datetime, *, may_edit: bool) -> ShortlistsPage:
    """The lists of a job, the newest first. NotFoundError if there is no such job."""
    job = job_of(tx, workspace, id)
    told = [shortlists.as_data(tx, one) for one in tx.shortlists.list(workspace, id)]
    names = _names(tx, workspace, {each["candidate"] for one in told for each in one["people"]} - {""})
    lists = tuple(_part(one, words.title(job), names, now, may_edit) for one in told)
    open_ = [one for one in tx.pages.ranked(id, limit=OFFERED) if one.status == "active"]
    people = tuple(Choice(one.application, f"{one.name or 'Name removed'}{_score(one.score)}", False) for one in open_)
    waiting = sum(one.state.tone is Tone.CATCHING_UP for one in lists)
    return ShortlistsPage(id, words.title(job), lists, people, may_edit, waiting)


def _score(value: float | None) -> str:
    return f", {number(value)}" if value is not None else ""


def _names(tx: Tx, workspace: str, ids: set[str]) -> dict[str, str]:
    return {id: words.title(record) for id, record in tx.families.records(workspace, ids).items()}


def _part(one: dict[str, Any], title: str, names: dict[str, str], now: datetime, may_edit: bool) -> ShortlistPart:
    people = tuple(
        Answered(
            f"/candidates/{each['candidate']}#a-{each['application']}" if each["candidate"] else "",
            names.get(each["candidate"], "") or "Name removed",
            each["answer"],
            each["comment"],
            each["answered"],
            each["listed"],
        )
        for each in one["people"]
    )
    done = sum(bool(each.answer) for each in people)
    return ShortlistPart(
        one["id"], one["name"], one["by"], _state(one, done, now), one["created"], one["expires"],
        one["link"] if may_edit else "", one["code"], one["redacted"], done, people,
        _mail(one, title) if may_edit else "",
    )  # fmt: skip


def _mail(one: dict[str, Any], title: str) -> str:
    """The link as a letter that is begun (RFC 6068)."""
    text = f"{one['name']},\n\nwhom of these should we talk to? Say approve, maybe or skip:\n{one['link']}\n"
    return f"mailto:{quote(one['email'])}?subject={quote('Candidates: ' + title)}&body={quote(text)}"


def _state(one: dict[str, Any], done: int, now: datetime) -> State:
    if one["revoked"] is not None:
        return State("The link has ended", Tone.QUIET, one["revoked"])
    if one["expires"] <= now:
        return State("The link has expired", Tone.QUIET, one["expires"])
    if one["locked"]:
        return State("Locked: wrong codes were tried", Tone.WAITING)
    if done and done == len(one["people"]):
        return State("Answered", Tone.IN_STEP)
    if one["opened"] is not None:
        return State("Opened", Tone.CATCHING_UP, one["opened"])
    return State("Not opened yet", Tone.CATCHING_UP, one["created"])
