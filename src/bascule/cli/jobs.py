"""`bascule jobs`: jobs, as the workspace knows them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from . import DATA, JSON, emit, out, reached, table
from .reach import Reach

STATUSES = ("open", "closed", "draft", "archived", "all")
app = typer.Typer(no_args_is_help=True, help="Jobs, as the workspace knows them.")


@app.command("list")
def jobs_list(
    q: Annotated[str, typer.Argument(help="Words of a title, requisition, department or office.")] = "",
    status: Annotated[str, typer.Option(help=f"One of: {', '.join(STATUSES)}.")] = "open",
    limit: Annotated[int, typer.Option(help="How many at most.")] = 200,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Jobs, those with most applicants nobody has looked at first. Archived ones only where they are asked for, or
    searched for among the closed ones."""
    if status not in STATUSES:
        raise typer.BadParameter(f"{status!r} is no status. One of: {', '.join(STATUSES)}.")

    async def go(reach: Reach) -> list[Any]:
        found: list[Any] = []
        after: str | None = ""
        while after is not None and len(found) < limit:
            page = await reach.get("/jobs", q=q, status=status, after=after)
            found += page["items"]
            after = page["next"]
        return found[:limit]

    found = reached(data, go)

    def show() -> None:
        rows = table("title", "normalised", "status", "department", "applicants", "not looked at", "id")
        for one in found:
            standing = f"{one['status']}, archived" if one["archived"] else one["status"]
            rows.add_row(
                one["title"], one["normal_title"], standing, one["department"], str(one["applicants"]),
                str(one["not_looked_at"]), one["id"],
            )  # fmt: skip
        out.print(rows if found else "No job matches. Closed and archived ones: --status all")

    emit(found, as_json, show)


@app.command("read-again")
def jobs_read_again(
    job: Annotated[str, typer.Argument(help="The job's id.")], data: DATA = None, as_json: JSON = False
) -> None:
    """Read once more the CVs of a job's open applications that could not be read: of use where this machine was slow
    or short of memory."""
    found = reached(data, lambda reach: reach.post(f"/jobs/{job}/resumes/again", {}))
    many = "1 CV is" if found["resumes"] == 1 else f"{found['resumes']} CVs are"
    emit(found, as_json, lambda: out.print(f"{many} read again." if found["resumes"] else "No CV of it is unreadable."))
