"""`bascule undecided`: applicants about whom nobody has decided for too long."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from . import DATA, JSON, emit, fail, out, reached, table
from .reach import Reach


def undecided(
    job: Annotated[str, typer.Argument(help="The job's id: who waits there. Without one, all jobs.")] = "",
    days: Annotated[int | None, typer.Option(help="Set after how many days somebody is told; 0 for never.")] = None,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Who has waited too long for a person's decision, whatever their score: nobody has moved them beyond where
    applications begin, or told them no. Their job's recruiters are told by e-mail."""
    if job and days is not None:
        fail("--days holds for all jobs: leave the job out.")

    async def go(reach: Reach) -> Any:
        if days is not None:
            await reach.put("/undecided", {"days": days})
        return await (_everyone(reach, job) if job else reach.get("/undecided"))

    found = reached(data, go)

    def show() -> None:
        if job:
            rows = table("candidate", "application", "applied", "looked at")
            for one in found["applicants"]:
                seen = (one["looked_at"] or "never")[:10]
                rows.add_row(one["candidate"], one["application"], one["applied"][:10], seen)
        else:
            out.print(f"A decision is due within {found['days']} days." if found["days"] else "Nobody is looked for.")
            rows = table("job", "title", "applicants", "longest, in days")
            for one in found["jobs"]:
                rows.add_row(one["job"], one["title"], str(one["applicants"]), str(one["longest"]))
        out.print(rows)

    emit(found, as_json, show)


async def _everyone(reach: Reach, job: str) -> dict[str, Any]:
    people: list[Any] = []
    after = ""
    while True:
        found = await reach.get(f"/jobs/{job}/undecided", limit="200", after=after)
        people += found["applicants"]
        after = found["next"]
        if not after:
            return {"job": job, "applicants": people}
