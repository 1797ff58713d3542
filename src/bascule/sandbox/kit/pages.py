"""The pages of a `Desk`: plain forms that do what they say and come back to where they were."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote

import yaml
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from .desk import Applicant, Application, Choice, Desk, Field, Job, Person, Said, Setup
from .endpoints import listed
from .errors import Refused
from .faults import example, known
from .ids import Id
from .kinds import KINDS
from .render import ACTING, back, environment, text
from .tables import CAREERS, Actor
from .tenant import Tenant

PER_PAGE = 50
NEWEST = 200
# How many people a column of a job's board shows.
ON_BOARD = 40
# A file larger than this is refused at the door.
MAX_FILE = 20 * 1024 * 1024
Deed = Callable[[Actor, str, FormData], Said]


def pages(tenant: Tenant[Any], desk: Desk, at: str = "/ats", careers: str = "/careers") -> list[Route]:
    """The routes of a desk below `at`, and of the careers page below `careers`."""
    return [*Pages(tenant, desk, at, careers).routes(), *Careers(tenant, desk, at, careers).routes()]


def refused_page(tenant: Tenant[Any], desk: Desk, at: str = "/ats") -> Callable[[Request, Refused], Response]:
    """For `application`: a refusal on a page where a browser asks, else as JSON."""
    shown = Pages(tenant, desk, at, "/careers")

    def answer(request: Request, error: Refused) -> Response:
        if "text/html" in request.headers.get("accept", ""):
            return shown.show(request, "refused.html", error.status, error=error)
        return JSONResponse(error.as_json(), error.status, error.headers)

    return answer


class _Shown:
    """What every page of a desk knows."""

    def __init__(self, tenant: Tenant[Any], desk: Desk, at: str, careers: str) -> None:
        self.tenant = tenant
        self.desk = desk
        self.at = at
        self.careers = careers
        self.environment = environment()
        given: dict[str, Any] = {"desk": desk, "root": at, "careers": careers, "brand": desk.name, "nav": self._nav(),
                                 "settings": self._settings()}  # fmt: skip
        self.environment.globals.update(given)

    def _settings(self) -> list[tuple[str, str]]:
        own = [(f"{self.at}/configure/{one.key}", one.title) for one in self.desk.setups]
        return [*own, (f"{self.at}/configure/faults", "Faults")]

    def _nav(self) -> list[tuple[str, str, str]]:
        """(where, label, the path below which it is where one is)."""
        own = [(f"{self.at}/{path}", label, f"{self.at}/{path}")
               for path, label in (("candidates", "Candidates"), ("jobs", "Jobs"), ("deliveries", "Deliveries"),
                                   ("activity", "Changes"))]  # fmt: skip
        return [*own, (self._settings()[0][0], "Configure", f"{self.at}/configure"),
                (self.careers, "Careers page", self.careers)]  # fmt: skip

    def acting(self, request: Request) -> Choice:
        """Who was chosen in the corner of the page; the first until somebody chooses."""
        users, chosen = self.desk.users(), unquote(request.cookies.get(ACTING, ""))
        return next((one for one in users if one.id == chosen), users[0])

    def show(self, request: Request, template: str, code: int = 200, **values: Any) -> HTMLResponse:
        page = self.environment.get_template(template).render(
            acting=self.acting(request), actors=self.desk.users(), flash=request.query_params.get("flash", ""),
            wrong=request.query_params.get("wrong", ""), here=request.url.path, now=self.tenant.now(), **values,
        )  # fmt: skip
        return HTMLResponse(page, code)


class Pages(_Shown):
    def routes(self) -> list[Route]:
        desk, at = self.desk, self.at
        shown: list[tuple[str, Callable[[Request], Awaitable[Response]]]] = [
            ("", self.home), ("/candidates", self.candidates), ("/candidates/{id}", self.candidate),
            ("/jobs", self.jobs), ("/jobs/{id}", self.job), ("/files/{id}", self.file),
            ("/deliveries", self.deliveries), ("/activity", self.activity), ("/configure/faults", self.faults),
            ("/configure/{key}", self.setup),
        ]  # fmt: skip
        done: list[tuple[str, Deed | None]] = [
            ("/candidates/{id}/edit", self.do_edit), ("/candidates/{id}/fields", self.do_edit),
            ("/candidates/{id}/notes/add", lambda who, id, form: desk.note(who, id, text(form, "body"))),
            ("/candidates/{id}/tags/add", self._named(desk.tag)),
            ("/candidates/{id}/tags/remove", self._named(desk.untag)),
            ("/candidates/{id}/merge", self._named(desk.merge, "duplicate_id")),
            ("/candidates/{id}/anonymize", self._alone(desk.anonymize)),
            ("/candidates/{id}/delete", self._leaving(desk.delete)),
            ("/notes/{id}/delete", self._alone(desk.delete_note)),
            ("/applications/{id}/move", self._named(desk.move, "to_stage_id")),
            ("/applications/{id}/reject", self._named(desk.reject, "rejection_reason_id")),
            ("/applications/{id}/unreject", self._alone(desk.unreject)),
            ("/applications/{id}/hire", self._alone(desk.hire)),
            ("/applications/{id}/fields", self.do_edit_application if desk.edit_application else None),
            ("/jobs/new", self.do_open_job if desk.open_job else None),
            ("/jobs/{id}/close", self._alone(desk.close_job)),
            ("/stages/rename", self.do_rename_stage if desk.rename_stage else None),
            ("/configure/faults/new", self.do_order_faults), ("/configure/faults/clear", self.do_clear_faults),
            ("/configure/faults/{id}/delete", self.do_remove_fault),
        ]  # fmt: skip
        return [
            *(Route(at + path or "/", page, methods=["GET"]) for path, page in shown),
            *(Route(at + path, self.form(deed), methods=["POST"]) for path, deed in done if deed is not None),
            Route(f"{at}/acting", self.act_as, methods=["POST"]),
            Route(f"{at}/candidates/{{id}}/attach", self.attach, methods=["POST"]),
            Route(f"{at}/configure/{{key}}/new", self.make, methods=["POST"]),
            Route(f"{at}/configure/{{key}}/{{id}}/{{act}}", self.act, methods=["POST"]),
        ]

    # How a form comes back.

    def actor(self, request: Request) -> Actor:
        """Who acts, in the log of changes, with the id that its row in `users` has."""
        chosen = self.acting(request)
        rows = self.tenant.db["users"].rows if "users" in self.tenant.db.tables else {}
        id: Id = next((id for id in rows if str(id) == chosen.id), chosen.id)
        return Actor(f"user:{chosen.name}", id)

    def form(self, deed: Deed) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            async with request.form() as form:
                id = request.path_params.get("id", "")
                return await self._finished(request, form, lambda: deed(self.actor(request), id, form))

        return answer

    async def _finished(self, request: Request, form: FormData, do: Callable[[], Said]) -> Response:
        """Do it, then go back to the page the form was on."""
        home = f"{self.at}/candidates"
        try:
            said = do()
            said = await said if inspect.isawaitable(said) else said
        except Refused as refused:
            return back(request, form, home, refused=refused)
        return back(request, form, home, said if isinstance(said, str) else None)

    def _alone(self, do: Callable[[Actor, str], Said] | None) -> Deed | None:
        return do and (lambda who, id, form: do(who, id))

    def _leaving(self, do: Callable[[Actor, str], Said] | None) -> Deed | None:
        """A deed after which there is no page to come back to."""

        async def gone(who: Actor, id: str) -> str:
            said = do(who, id) if do else None
            if inspect.isawaitable(said):
                await said
            return f"{self.at}/candidates#Deleted"

        return do and (lambda who, id, form: gone(who, id))

    def _named(self, do: Callable[[Actor, str, str], Said] | None, key: str = "name") -> Deed | None:
        """A deed that needs one value of the form."""
        return do and (lambda who, id, form: do(who, id, text(form, key)))

    # Pages.

    async def home(self, request: Request) -> Response:
        return RedirectResponse(f"{self.at}/candidates", 303)

    async def act_as(self, request: Request) -> Response:
        async with request.form() as form:
            response = back(request, form, f"{self.at}/candidates", "Switched")
            response.set_cookie(ACTING, quote(text(form, "user_id")))
            return response

    async def candidates(self, request: Request) -> Response:
        """Everyone, newest first; `q` searches."""
        query = request.query_params
        at = int(query.get("page", "1")) if query.get("page", "1").isdigit() else 1
        rows, total = self.desk.people(query.get("q", "").strip().lower(), (max(at, 1) - 1) * PER_PAGE, PER_PAGE)
        return self.show(
            request, "desk_candidates.html", rows=rows, total=total, page=at, q=query.get("q", ""),
            pages=max((total + PER_PAGE - 1) // PER_PAGE, 1), columns=self._columns(rows), value=_value,
        )  # fmt: skip

    def _columns(self, rows: Sequence[Person]) -> list[tuple[str, Field]]:
        """(key, a field of it) for the fields worth a column that anybody shown has."""
        known = {one.key: one for row in rows for one in _fields(row)}
        return [(key, known[key]) for key in self.desk.columns() if key in known]

    async def candidate(self, request: Request) -> Response:
        row = self.desk.person(request.path_params["id"])
        jobs = [one for one in self.desk.jobs() if one.open]
        return self.show(request, "desk_candidate.html", row=row, reasons=self.desk.reasons(), jobs=jobs)

    async def jobs(self, request: Request) -> Response:
        rows = [
            (one, sum(each.state == "active" for each in self.desk.applications(one.id))) for one in self.desk.jobs()
        ]
        return self.show(request, "desk_jobs.html", rows=rows)

    async def job(self, request: Request) -> Response:
        row = _job(self.desk, request.path_params["id"])
        applied = self.desk.applications(row.id)
        columns = [(stage, [one for one in applied if one.stage == stage.id and one.state == "active"])
                   for stage in row.ladder]  # fmt: skip
        ended = {state: sum(one.state == state for one in applied) for state in ("hired", "rejected")}
        return self.show(request, "desk_job.html", row=row, columns=columns, ended=ended, most=ON_BOARD,
                         score=self._score)  # fmt: skip

    def _score(self, application: Application) -> Field | None:
        """The first field worth a column that the application has a value for."""
        held = {one.key: one for one in application.fields if one.value}
        return next((held[key] for key in self.desk.columns() if key in held), None)

    async def file(self, request: Request) -> Response:
        name, kind, content = self.desk.file(request.path_params["id"])
        shown = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
        return Response(content, media_type=kind, headers=shown)

    async def deliveries(self, request: Request) -> Response:
        hooks = self.tenant.hooks
        rows = list(reversed(hooks.deliveries))[:NEWEST]
        return self.show(request, "deliveries.html", rows=rows, waiting=hooks.waiting)

    async def activity(self, request: Request) -> Response:
        return self.show(request, "activity.html", rows=list(reversed(self.tenant.db.log[-NEWEST:])))

    # Deeds.

    def do_edit(self, who: Actor, id: str, form: FormData) -> Said:
        row = self.desk.person(id)
        return self.desk.edit(who, id, _values(form, [*row.contact, *row.fields]))

    def do_edit_application(self, who: Actor, id: str, form: FormData) -> Said:
        assert self.desk.edit_application
        row = next((one for job in self.desk.jobs() for one in self.desk.applications(job.id) if one.id == id), None)
        if row is None:
            raise Refused(404, f"No application {id}")
        return self.desk.edit_application(who, id, _values(form, row.fields))

    def do_open_job(self, who: Actor, id: str, form: FormData) -> Said:
        assert self.desk.open_job
        stages = [one.strip() for one in text(form, "stages").splitlines() if one.strip()]
        return f"{self.at}/jobs/{self.desk.open_job(who, text(form, 'name'), stages)}#Job opened"

    def do_rename_stage(self, who: Actor, id: str, form: FormData) -> Said:
        assert self.desk.rename_stage
        return self.desk.rename_stage(who, text(form, "stage_id"), text(form, "name"))

    async def attach(self, request: Request) -> Response:
        async with request.form() as form:
            file = form.get("file")
            if self.desk.attach is None or not isinstance(file, UploadFile) or not file.filename:
                return back(request, form, f"{self.at}/candidates", refused=Refused(422, "Choose a file"))
            content, kind = await file.read(), file.content_type or "application/octet-stream"
            do, name, id = self.desk.attach, file.filename, request.path_params["id"]
            return await self._finished(request, form, lambda: do(self.actor(request), id, name, kind, content))

    # Settings.

    def _setup(self, request: Request) -> Setup:
        for one in self.desk.setups:
            if one.key == request.path_params["key"]:
                return one
        raise Refused(404, "There is no such page of settings")

    async def setup(self, request: Request) -> Response:
        one = self._setup(request)
        return self.show(request, "desk_setup.html", one=one, rows=one.rows(), fields=one.form())

    async def make(self, request: Request) -> Response:
        one = self._setup(request)
        async with request.form() as form:
            do = one.make
            if do is None:
                raise Refused(404, "Nothing new can be made here")
            return await self._finished(request, form, lambda: do(self.actor(request), _values(form, one.form())))

    async def act(self, request: Request) -> Response:
        do = self._setup(request).acts.get(request.path_params["act"])
        async with request.form() as form:
            if do is None:
                raise Refused(404, "That cannot be done here")
            return await self._finished(request, form, lambda: do(self.actor(request), request.path_params["id"]))

    # What goes wrong on purpose.

    async def faults(self, request: Request) -> Response:
        """`?kind=` puts an example of a kind into the form."""
        return self.show(request, "desk_faults.html", **fault_panel(self.tenant, request.query_params.get("kind", "")))

    def do_order_faults(self, who: Actor, id: str, form: FormData) -> Said:
        return order_faults(self.tenant, text(form, "faults"))

    def do_remove_fault(self, who: Actor, id: str, form: FormData) -> Said:
        return remove_fault(self.tenant, id)

    def do_clear_faults(self, who: Actor, id: str, form: FormData) -> Said:
        self.tenant.faults.clear()
        return "Cleared"


def fault_panel(tenant: Tenant[Any], kind: str) -> dict[str, Any]:
    """What the panel of faults shows."""
    tenant.faults.run_due()
    draft = yaml.safe_dump([example(kind)], sort_keys=False) if kind in KINDS else ""
    return {"rows": tenant.faults.as_json(), "kinds": known(), "draft": draft}


def order_faults(tenant: Tenant[Any], written: str) -> str:
    try:
        tenant.faults.load(listed(written))
    except ValueError as error:
        raise Refused(422, str(error)) from None
    return "Ordered"


def remove_fault(tenant: Tenant[Any], id: Id) -> str:
    try:
        tenant.faults.remove(int(id))
    except (KeyError, ValueError):
        raise Refused(404, f"There is no fault {id}") from None
    return "Removed"


# The careers page.


class Careers(_Shown):
    """Where a person applies."""

    def routes(self) -> list[Route]:
        at = self.careers
        return [
            Route(at, self.index),
            Route(f"{at}/jobs/{{id}}", self.job, methods=["GET"]),
            Route(f"{at}/jobs/{{id}}", self.apply, methods=["POST"]),
            Route(f"{at}/jobs/{{id}}/thanks", self.thanks),
        ]

    def _open(self, id: str) -> Job:
        row = _job(self.desk, id)
        if not row.open:
            raise Refused(404, "This job is not open any more")
        return row

    async def index(self, request: Request) -> Response:
        return self.show(request, "desk_careers.html", rows=[one for one in self.desk.jobs() if one.open])

    async def job(self, request: Request) -> Response:
        return self._form(request, self._open(request.path_params["id"]), {}, {})

    def _form(self, request: Request, row: Job, problems: Mapping[str, str], given: Any, status: int = 200) -> Response:
        questions = [replace(one, value=given.get(f"question_{one.key}", "")) for one in row.questions]
        shown = replace(row, questions=questions)
        return self.show(request, "desk_careers_job.html", status, row=shown, problems=problems, given=given)

    async def thanks(self, request: Request) -> Response:
        return self.show(request, "desk_thanks.html", row=_job(self.desk, request.path_params["id"]))

    async def apply(self, request: Request) -> Response:
        """Take an application. With `Accept: application/json` the answer is the new id, or the errors."""
        wants_json = "application/json" in request.headers.get("accept", "")
        row = self._open(request.path_params["id"])
        async with request.form(max_part_size=MAX_FILE) as form:
            applicant, problems = await _applicant(row, form)
            if not problems:
                try:
                    id = self.desk.apply(CAREERS, row.id, applicant)
                except Refused as refused:
                    problems[refused.field or "other"] = refused.message
                else:
                    if wants_json:
                        return JSONResponse({"candidate_id": id}, 201)
                    return RedirectResponse(f"{self.careers}/jobs/{row.id}/thanks", 303)
            if wants_json:
                errors = [{"field": key, "message": words} for key, words in problems.items()]
                return JSONResponse({"errors": errors}, 422)
            return self._form(request, row, problems, form, 422)


async def _applicant(job: Job, form: FormData) -> tuple[Applicant, dict[str, str]]:
    """What was written into the form, and what is missing or wrong, by field."""
    wanted = {"first_name": "first name", "last_name": "last name", "email": "e-mail address"}
    problems = {key: f"Please give your {label}" for key, label in wanted.items() if not text(form, key)}
    if text(form, "email") and "@" not in text(form, "email"):
        problems["email"] = "This is not an e-mail address"
    if not text(form, "consent"):
        problems["consent"] = "Please agree to the processing of your data"
    files: list[tuple[str, str, bytes]] = []
    for key in ("resume", "cover_letter"):
        file = form.get(key)
        if isinstance(file, UploadFile) and file.filename:
            content = await file.read()
            files.append((file.filename, file.content_type or "application/octet-stream", content))
            if len(content) > MAX_FILE:
                problems[key] = "The file is larger than 20 MB"
        elif key == "resume":
            problems[key] = "Please attach your CV"
    answers = {one.key: text(form, f"question_{one.key}") for one in job.questions}
    for one in job.questions:
        if one.required and not answers[one.key]:
            problems[f"question_{one.key}"] = "Please answer this question"
    names = {key: text(form, key) for key in ("first_name", "last_name", "email", "phone")}
    return Applicant(names["first_name"], names["last_name"], names["email"], names["phone"], files, answers), problems


# Reading.


def _job(desk: Desk, id: str) -> Job:
    for one in desk.jobs():
        if one.id == id:
            return one
    raise Refused(404, f"No job {id}")


def _fields(row: Person) -> list[Field]:
    return [*row.fields, *(one for application in row.applications for one in application.fields)]


def _value(row: Person, key: str) -> str:
    """What a person, or the first application that has it, shows for a field."""
    return next((one.shown for one in _fields(row) if one.key == key and one.value), "")


def _values(form: FormData, fields: Sequence[Field]) -> dict[str, str]:
    """The values of the fields that the form carries, by key, so that a part of it may be sent alone."""
    found: dict[str, str] = {}
    for one in fields:
        name = f"field_{one.key}"
        if name in form and not one.fixed:
            given = [part.strip() for part in form.getlist(name) if isinstance(part, str) and part.strip()]
            found[one.key] = "\n".join(given) if one.kind == "choices" else text(form, name)
    return found
