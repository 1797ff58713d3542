"""The careers pages, where a person applies."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from ..kit.tables import CAREERS, Row
from . import jobs, pipeline
from .errors import Problem, Refused, missing
from .harvest import answer_refused
from .render import Pages
from .sandbox import Sandbox

# A file larger than this is refused at the door.
MAX_FILE = 20 * 1024 * 1024


class Careers:
    def __init__(self, sandbox: Sandbox, pages: Pages) -> None:
        self.sandbox = sandbox
        self.pages = pages

    def routes(self) -> list[Route]:
        return [
            Route("/careers", self.index),
            Route("/careers/jobs/{id:int}", self.job, methods=["GET"]),
            Route("/careers/jobs/{id:int}", self.apply, methods=["POST"]),
            Route("/careers/jobs/{id:int}/thanks", self.thanks),
        ]

    def _posted(self, id: int) -> tuple[Row, Row]:
        for job, post in jobs.posted(self.sandbox):
            if job["id"] == id:
                return job, post
        raise missing("open job", id)

    async def index(self, request: Request) -> Response:
        departments = self.sandbox.db["departments"]
        return self.pages.show(request, "careers.html", live=jobs.posted(self.sandbox), departments=departments)

    async def job(self, request: Request) -> Response:
        job, post = self._posted(request.path_params["id"])
        return self._form(request, job, post)

    def _form(self, request: Request, job: Row, post: Row, problems: tuple[Problem, ...] = (), status: int = 200,
              given: FormData | None = None) -> Response:  # fmt: skip
        db = self.sandbox.db
        asked = [(question, db["demographic_answer_options"].where("demographic_question_id", question["id"]))
                 for question in db["demographic_questions"]
                 if question["demographic_question_set_id"] == post["demographic_question_set_id"]]  # fmt: skip
        return self.pages.show(request, "careers_job.html", status, job=job, post=post, demographics=asked,
                               problems=problems, given=given or {})  # fmt: skip

    async def thanks(self, request: Request) -> Response:
        return self.pages.show(request, "careers_thanks.html", job=self.sandbox.row("jobs", request.path_params["id"]))

    async def apply(self, request: Request) -> Response:
        """Take an application. With `Accept: application/json` the answer is the two new ids, or the errors."""
        wants_json = "application/json" in request.headers.get("accept", "")
        job, post = self._posted(request.path_params["id"])
        async with request.form(max_part_size=MAX_FILE) as form:
            try:
                row = await self._take(job, post, form)
            except Refused as refused:
                if wants_json:
                    return answer_refused(refused)
                return self._form(request, job, post, refused.problems, 422, form)
        if wants_json:
            return JSONResponse({"candidate_id": row["candidate_id"], "application_id": row["id"]}, 201)
        return RedirectResponse(f"/careers/jobs/{job['id']}/thanks", 303)

    async def _take(self, job: Row, post: Row, form: FormData) -> Row:
        person = _person(form)
        answers, problems = _answers(post, form)
        problems = [*_absent(form), *problems]
        files: list[tuple[str, str, bytes, str]] = []
        for kind in ("resume", "cover_letter"):
            file = form.get(kind)
            if isinstance(file, UploadFile) and file.filename:
                content = await file.read()
                files.append((kind, file.filename, content, file.content_type or ""))
                if len(content) > MAX_FILE:
                    problems.append(Problem("The file is larger than 20 MB", kind))
        if not any(file[0] == "resume" for file in files):
            problems.append(Problem("Please attach your CV", "resume"))
        if problems:
            raise Refused(422, *problems, message="Validation error")
        values = {"job_id": job["id"], "source_id": self._source(form), "location_address": _text(form, "location")}
        row = pipeline.submit(self.sandbox, CAREERS, person, values, files, answers=answers, job_post_id=post["id"])
        self._demographics(row, form)
        return row

    def _source(self, form: FormData) -> int | None:
        wanted = _text(form, "source") or "Careers page"
        rows = {row["name"]: row["id"] for row in self.sandbox.db["sources"]}
        return rows.get(wanted, rows.get("Careers page"))

    def _demographics(self, row: Row, form: FormData) -> None:
        """Kept apart from the application; nobody sees them there."""
        for question in self.sandbox.db["demographic_questions"]:
            option = _text(form, f"demographic_{question['id']}")
            if option and option.isdigit() and self.sandbox.db["demographic_answer_options"].get(int(option)):
                self.sandbox.db.create("demographic_answers", CAREERS, application_id=row["id"], free_form_text=None,
                                       demographic_question_id=question["id"],
                                       demographic_answer_option_id=int(option))  # fmt: skip


def _text(form: FormData, key: str) -> str | None:
    value = form.get(key)
    return value.strip() or None if isinstance(value, str) else None


def _person(form: FormData) -> dict[str, Any]:
    email, phone = _text(form, "email"), _text(form, "phone")
    return {
        "first_name": _text(form, "first_name"), "last_name": _text(form, "last_name"),
        "email_addresses": [{"value": email, "type": "personal"}] if email else [],
        "phone_numbers": [{"value": phone, "type": "mobile"}] if phone else [],
    }  # fmt: skip


def _absent(form: FormData) -> list[Problem]:
    labels = {"first_name": "first name", "last_name": "last name", "email": "e-mail address"}
    absent = [Problem(f"Please give your {label}", key) for key, label in labels.items() if not _text(form, key)]
    email = _text(form, "email")
    if email and "@" not in email:
        absent.append(Problem("This is not an e-mail address", "email"))
    if not _text(form, "consent"):
        absent.append(Problem("Please agree to the processing of your data", "consent"))
    return absent


def _answers(post: Row, form: FormData) -> tuple[list[dict[str, Any]], list[Problem]]:
    answers: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for question in post["questions"]:
        given = _text(form, f"question_{question['id']}")
        if given:
            answers.append({"question": question["label"], "answer": given})
        elif question["required"]:
            problems.append(Problem("Please answer this question", f"question_{question['id']}"))
    return answers, problems
