"""The Job Board API: what anybody may read of the jobs that are posted, without a key."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..kit.http import base_url, guarded
from ..kit.tables import Row, iso
from . import jobs
from .sandbox import Sandbox

Shown = dict[str, Any]
# How a question's type is called here.
TYPES: Mapping[str, str] = {"short_text": "input_text", "long_text": "textarea", "yes_no": "multi_value_single_select"}
ASKED = (("First Name", "first_name", True), ("Last Name", "last_name", True), ("Email", "email", True),
         ("Phone", "phone", False))  # fmt: skip
FILES = (("Resume", "resume", True), ("Cover Letter", "cover_letter", False))


def missing(what: str) -> Response:
    return JSONResponse({"status": 404, "error": f"{what} not found"}, 404)


class Board:
    """One board, under the tenant's token. A job stands on it as its post, whose id is not the job's."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> list[Route]:
        at = "/v1/boards/{token}"
        handlers: dict[str, Callable[[Request], Response]] = {
            at: self.board, f"{at}/jobs": self.listed, f"{at}/jobs/{{id:int}}": self.one,
            f"{at}/departments": lambda request: self._groups(request, "departments"),
            f"{at}/offices": lambda request: self._groups(request, "offices"),
        }  # fmt: skip
        return [Route(path, guarded(self.sandbox, self._known(handler))) for path, handler in handlers.items()]

    def _known(self, handler: Callable[[Request], Response]) -> Any:
        async def answer(request: Request) -> Response:
            if request.path_params["token"] != self.sandbox.options.board:
                return missing("Job board")
            return handler(request)

        return answer

    def board(self, request: Request) -> Response:
        return JSONResponse({"name": self.sandbox.options.board, "content": ""})

    def listed(self, request: Request) -> Response:
        whole = request.query_params.get("content") == "true"
        rows = [self._shown(request, job, post, whole=whole) for job, post in jobs.posted(self.sandbox)]
        return JSONResponse({"jobs": rows, "meta": {"total": len(rows)}})

    def one(self, request: Request) -> Response:
        for job, post in jobs.posted(self.sandbox):
            if post["id"] == request.path_params["id"]:
                shown = self._shown(request, job, post, whole=True)
                if request.query_params.get("questions") == "true":
                    shown |= {"questions": _questions(post), "location_questions": [], "compliance": None}
                if request.query_params.get("pay_transparency") == "true":
                    shown["pay_input_ranges"] = []
                return JSONResponse(shown)
        return missing("Job")

    def _groups(self, request: Request, kind: str) -> Response:
        """Departments or offices, with the jobs that are posted in each."""
        posted = jobs.posted(self.sandbox)
        rows = [
            {**_group(row), "jobs": [self._shown(request, job, post, whole=False) for job, post in posted
                                     if row["id"] in (job["department_id"], *job["office_ids"])]}
            for row in self.sandbox.db[kind]
        ]  # fmt: skip
        return JSONResponse({kind: rows})

    def _shown(self, request: Request, job: Row, post: Row, *, whole: bool) -> Shown:
        db = self.sandbox.db
        shown: Shown = {
            "id": post["id"], "internal_job_id": job["id"], "title": post["title"],
            "updated_at": iso(post["updated_at"]),
            "first_published": iso(post["first_published_at"]), "requisition_id": job["requisition_id"],
            "location": post["location"] or {"name": ""}, "absolute_url": base_url(request) + post["public_url"],
            "language": post["language"], "metadata": None, "company_name": self.sandbox.options.board,
        }  # fmt: skip
        if whole:
            room = db["departments"].get(job["department_id"])
            shown |= {
                "content": html.escape(post["content"]), "departments": [_group(room)] if room else [],
                "offices": [_group(db["offices"].rows[id]) for id in job["office_ids"]],
            }  # fmt: skip
        return shown


def _group(row: Row) -> Shown:
    shown = {"id": row["id"], "name": row["name"], "parent_id": row["parent_id"], "child_ids": []}
    return {**shown, "location": row["location"]} if "location" in row else shown


def _questions(post: Row) -> list[Shown]:
    """The form: what is always asked, and the post's own questions but for private ones."""

    def asked(label: str, name: str, required: bool, type: str, values: Any = ()) -> Shown:
        field = {"name": name, "type": type, "values": list(values)}
        return {"label": label, "required": required, "description": None, "fields": [field]}

    choice = ({"label": "No", "value": 0}, {"label": "Yes", "value": 1})
    return [
        *(asked(label, name, required, "input_text") for label, name, required in ASKED),
        *(asked(label, name, required, "input_file") for label, name, required in FILES),
        *(asked(one["label"], f"question_{one['id']}", one["required"], TYPES[one["type"]],
                choice if one["type"] == "yes_no" else ())
          for one in post["questions"] if not one["private"]),
    ]  # fmt: skip
