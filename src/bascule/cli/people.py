"""`bascule rediscover` and `bascule find`: everybody ever met, for a job or by words."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from . import DATA, JSON, emit, out, reached, table
from .reach import Reach

WITHIN = Annotated[int | None, typer.Option(help="Last contact within so many months.")]
QUIET = Annotated[int | None, typer.Option(help="No contact for so many months.")]
REACHED = Annotated[str, typer.Option(help="At least this type of stage: screen, assess, interview, offer ...")]
OUTCOME = Annotated[str, typer.Option(help="open, hired, rejected or withdrawn")]
REACHABLE = Annotated[bool, typer.Option("--reachable", help="Only who can be reached.")]
PLACE = Annotated[str, typer.Option(help="A place, or any words, that their text says.")]
LIMIT = Annotated[int, typer.Option(help="How many, 1 to 100.")]
AFTER = Annotated[int, typer.Option(help="Go on behind so many: what `next` said.")]


def rediscover(
    job: Annotated[str, typer.Argument(help="The job's id, as its page and the API give it.")],
    within: WITHIN = None,
    quiet: QUIET = None,
    stage: REACHED = "",
    outcome: OUTCOME = "",
    reachable: REACHABLE = False,
    place: PLACE = "",
    put: Annotated[str, typer.Option(help="The id of a candidate to put on the job, in the ATS too.")] = "",
    limit: LIMIT = 25,
    after: AFTER = 0,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """For a job, everybody the workspace ever met, the best first: score, last contact, how to reach them, what became
    of them. The nearest are scored in the background; who may not be considered is counted."""
    if put:
        made = reached(data, lambda reach: reach.post(f"/jobs/{job}/rediscovery/{put}", {}))
        emit(made, as_json, lambda: out.print(f"On the job, as application {made['application']}; the ATS follows."))
        return
    query = _query(within, quiet, stage, outcome, reachable, place, limit, after)
    found = reached(data, lambda reach: reach.get(f"/jobs/{job}/rediscovery", **query))

    def show() -> None:
        out.print(f"{found['title']}: {found['total']} of {found['considered']} people who may be considered.")
        rows = table("score", "alike", "name", "title", "last contact", "reach", "before", "id")
        for one in found["items"]:
            score = "" if one["score"] is None else f"{one['score']:.1f}"
            rows.add_row(
                score, f"{one['alike']:.2f}", one["name"], one["title"], one["last_contact"][:10], one["reach"],
                _before(one["past"]), one["candidate"],
            )  # fmt: skip
        out.print(rows)
        _rest(found)
        if found["reading"]:
            out.print(f"{found['reading']} of the nearest are still to be scored: ask again in a moment.")
        if found["reason"]:
            out.print(f"Not scored: {found['reason']}")

    emit(found, as_json, show)


def find(
    words: Annotated[list[str] | None, typer.Argument(help="Names, words, skills, titles, places.")] = None,
    like: Annotated[str, typer.Option(help="The id of a candidate others should be like.")] = "",
    within: WITHIN = None,
    quiet: QUIET = None,
    stage: REACHED = "",
    outcome: OUTCOME = "",
    reachable: REACHABLE = False,
    place: PLACE = "",
    limit: LIMIT = 25,
    after: AFTER = 0,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """People by names, words, skills, titles or places, or like one of them. Says for each what of it stands where.
    Exit 1 when nobody is found."""
    query = {"q": " ".join(words or ()), "like": like}
    query |= _query(within, quiet, stage, outcome, reachable, place, limit, after)
    found = reached(data, lambda reach: reach.get("/people/search", **query))

    def show() -> None:
        for one in found["asked"]:
            taken = f" (taken for {one['kind']}: {one['label']})" if one["label"] else ""
            out.print(f"{one['text']}{taken}: said by {one['holders']}")
        rows = table("name", "title", "says", "alike", "last contact", "reach", "id")
        for one in found["items"]:
            says = "called so" if one["by_name"] else ", ".join(said["asked"] for said in one["said"])
            rows.add_row(
                one["name"], one["title"], says, f"{one['alike']:.2f}", one["last_contact"][:10], one["reach"],
                one["candidate"],
            )  # fmt: skip
        out.print(rows)
        _rest(found)

    emit(found, as_json, show)
    if not found["items"]:
        raise typer.Exit(1)


def policy(
    field: Annotated[str | None, typer.Option(help="A custom field that says yes, no, or until when.")] = None,
    agreed: Annotated[list[str] | None, typer.Option(help="A tag of who has agreed; may be repeated.")] = None,
    refused: Annotated[list[str] | None, typer.Option(help="A tag of who has refused; may be repeated.")] = None,
    only: Annotated[bool | None, typer.Option("--only-agreed/--unless-refused", help="Nobody without consent.")] = None,
    read: Annotated[bool | None, typer.Option("--read/--no-read", help="Fetch and read CVs of before Bascule.")] = None,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Who may be considered again for another job; with options, choose it."""
    given = {"field": field, "agreed": agreed, "refused": refused, "only_agreed": only, "read": read}
    chosen = {name: value for name, value in given.items() if value is not None}

    async def work(reach: Reach) -> Any:
        return await reach.put("/rediscovery", chosen) if chosen else await reach.get("/rediscovery")

    found = reached(data, work)

    def show() -> None:
        who = "those who have agreed" if found["only_agreed"] else "all who have not refused"
        out.print(f"Considered are {who}.")
        for name in ("field", "agreed", "refused"):
            value = found[name]
            if value:
                out.print(f"{name}: {value if isinstance(value, str) else ', '.join(value)}")
        out.print(f"CVs of people who applied before Bascule came are {'' if found['read'] else 'not '}read.")

    emit(found, as_json, show)


def _before(past: list[Any]) -> str:
    """What became of the newest application."""
    if not past:
        return ""
    reason = f", {past[0]['reason']}" if past[0]["reason"] else ""
    return f"{past[0]['title']}: {past[0]['status']}{reason}"


def _query(
    within: int | None, quiet: int | None, stage: str, outcome: str, reachable: bool, place: str, limit: int, after: int
) -> dict[str, str]:
    given = {
        "within": within, "quiet": quiet, "reached": stage, "outcome": outcome, "place": place, "limit": limit,
        "after": after or None, "reachable": "true" if reachable else None,
    }  # fmt: skip
    return {name: str(value) for name, value in given.items() if value not in (None, "")}


def _rest(found: Any) -> None:
    for why, many in found["left_out"].items():
        out.print(f"{many} left out: {why}.")
    if not found["loaded"]:
        out.print("The index is still being loaded: more may be found in a moment.")
    if found["next"] is not None:
        out.print(f"There are more: --after {found['next']}")
