"""The public job board: what anybody may read of the jobs that are posted, without a key."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ..kit.http import base_url, guarded
from ..kit.tables import Row, iso
from .payloads import Shown
from .sandbox import Sandbox


class Board:
    """All postings of the organization in one answer; one that is not listed is among them and says so."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> list[Route]:
        return [Route("/posting-api/job-board/{name}", guarded(self.sandbox, self.listed))]

    async def listed(self, request: Request) -> Response:
        if request.path_params["name"] != self.sandbox.options.board:
            return PlainTextResponse("Not Found", 404)
        paid = request.query_params.get("includeCompensation") == "true"
        db = self.sandbox.db
        pairs = [(row, db["jobs"].rows[row["job_id"]]) for row in db["postings"] if row["published"]]
        rows = [self._shown(base_url(request), row, job, paid=paid) for row, job in pairs
                if job["status"] == "Open" and not job["confidential"]]  # fmt: skip
        return JSONResponse({"apiVersion": "1", "jobs": rows})

    def _shown(self, base: str, row: Row, job: Row, *, paid: bool) -> Shown:
        place, team = self._named("locations", job["location_id"]), self._named("departments", job["department_id"])
        remote = place == "Remote"
        at = f"{base}/careers/jobs/{job['id']}?posting={row['id']}"
        shown: Shown = {
            "id": row["id"], "title": row["title"], "department": team, "team": team,
            "employmentType": job["employment"], "location": place, "secondaryLocations": [],
            "publishedAt": iso(row["created_at"]), "isListed": row["listed"], "isRemote": remote,
            "workplaceType": "Remote" if remote else "Hybrid",
            "address": {"postalAddress": {} if remote else {"addressLocality": place}}, "jobUrl": at, "applyUrl": at,
            "descriptionHtml": row["html"], "descriptionPlain": row["plain"],
            "shouldDisplayCompensationOnJobPostings": False,
        }  # fmt: skip
        if paid:
            shown["compensation"] = {"compensationTierSummary": None, "scrapeableCompensationSalarySummary": None,
                                     "compensationTiers": [], "summaryComponents": []}  # fmt: skip
        return shown

    def _named(self, kind: str, id: object) -> str:
        row = self.sandbox.db[kind].get(id)
        return row["name"] if row else ""
