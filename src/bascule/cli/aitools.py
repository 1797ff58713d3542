"""`bascule connections key` and `tool`: what an AI tool comes to the door with, what it is for, how far it is."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from . import DATA, JSON, emit, out, reached
from .reach import Reach


class Choice(StrEnum):
    YES = "yes"
    NO = "no"


def connected(made: dict[str, Any]) -> None:
    """What the makers of a tool are given, once."""
    out.print(f"Connected {made['name']} ({made['label']}). Give its makers these; neither is shown again:")
    for what, value in (("door", made["hook_url"]), ("key", made["key"]), ("signs its hints", made["hook_secret"])):
        out.print(f"  {what}: {value}", highlight=False, soft_wrap=True)
    out.print("Create its fields in an ATS: bascule connections fields NAME-OF-THE-ATS")


def key(
    name: str,
    overlap: Annotated[float, typer.Option(help="Hours for which former keys stay good; 0: they end now.")] = 24,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Make another key for an AI tool; it is shown once."""
    made = reached(data, lambda reach: reach.post(f"/connections/{name}/key", {"overlap": overlap}))
    emit(made, as_json, lambda: out.print(made["key"], highlight=False, soft_wrap=True))


def tool(
    name: str,
    jobs: Annotated[str | None, typer.Option(help="Ids of jobs, with commas; an empty text: every open job.")] = None,
    contact: Annotated[Choice | None, typer.Option(help="Show it names, addresses and numbers?")] = None,
    resume: Annotated[Choice | None, typer.Option(help="Let it have the CV?")] = None,
    answers: Annotated[Choice | None, typer.Option(help="Show it screening answers?")] = None,
    hook: Annotated[str | None, typer.Option(help="Where it is told that there is news; empty: nowhere.")] = None,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """How far an AI tool is; with options, what it is for and what it may have."""
    chosen: dict[str, Any] = {"contact": contact, "resume": resume, "answers": answers, "hook": hook}
    chosen["jobs"] = None if jobs is None else [one.strip() for one in jobs.split(",") if one.strip()]
    chosen = {what: value for what, value in chosen.items() if value is not None}

    async def ask(reach: Reach) -> dict[str, Any]:
        if chosen:
            await reach.post(f"/connections/{name}/tool", chosen)
        return await reach.get(f"/connections/{name}/tool")

    told = reached(data, ask)

    def show() -> None:
        out.print(f"{name} last asked: {told['pulled'] or 'never'}. Changes it has not seen: {told['behind']}.")
        out.print(f"It holds {told['held']} applications; of those it is to forget, {told['unconfirmed']} unconfirmed.")

    emit(told, as_json, show)
