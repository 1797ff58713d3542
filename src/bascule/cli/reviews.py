"""`bascule reviews`: what waits for a person, and the person's answer."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from . import DATA, JSON, emit, out, reached, table
from .reach import Reach

app = typer.Typer(no_args_is_help=True, help="What waits for a person.")


@app.command("list")
def reviews_list(
    kind: Annotated[str, typer.Option(help="Only this kind, as the list names it.")] = "",
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """What waits for a person, the newest first, with the answers each takes."""

    async def go(reach: Reach) -> Any:
        items: list[Any] = []
        after = ""
        while True:
            page = await reach.get("/reviews", kind=kind, limit="200", after=after)
            items += page["items"]
            after = page["next"] or ""
            if not after:
                return {"items": items, "next": None}

    found = reached(data, go)

    def show() -> None:
        rows = table("id", "kind", "what", "who", "since", "answers")
        for one in found["items"]:
            answers = ", ".join(one["answers"])
            rows.add_row(one["id"], one["kind"], one["what"], one["name"], one["at"][:19], answers)
        out.print(rows if found["items"] else "Nothing waits for a person.")

    emit(found, as_json, show)


@app.command("decide")
def reviews_decide(
    id: str,
    answer: Annotated[str, typer.Argument(help="One of the answers the list names for it.")],
    value: Annotated[
        str,
        typer.Option(help="The record meant, where it may be one of several; else what to enter instead."),
    ] = "",
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Answer one item, in your name."""
    done = reached(data, lambda reach: reach.post(f"/reviews/{id}/decide", {"answer": answer, "value": value or None}))
    emit(done, as_json, lambda: out.print("Decided."))
