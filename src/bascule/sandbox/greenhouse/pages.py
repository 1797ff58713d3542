"""The ATS as a person uses it: plain forms that do what they say and come back to where they were."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ..kit import errors
from ..kit.pages import fault_panel, order_faults, remove_fault
from ..kit.render import ACTING, back, text
from ..kit.tables import Actor, Row
from . import fields, jobs, people, pipeline
from .errors import Problem, Refused, invalid
from .harvest import scopes
from .hooks import EVENTS
from .people import VISIBILITIES
from .render import Pages
from .resources import link_mark, signed_link
from .sandbox import Sandbox

PER_PAGE = 50
# Links on a page change once an hour, so that a page that is fetched again looks the same.
LINK_STEP = 3600
Deed = Callable[[Actor, int, FormData], str | None]
Page = Callable[[Request], Awaitable[Response]]


def number(form: FormData, key: str) -> int | None:
    value = text(form, key)
    return int(value) if value.isdigit() else None


def lines(form: FormData, key: str, kind: str) -> list[dict[str, str]]:
    """A list of contacts from a text area: one a line, its type after a comma or the usual one."""
    result: list[dict[str, str]] = []
    for line in text(form, key).splitlines():
        value, _, given = line.rpartition(",") if "," in line and key != "addresses" else (line, "", kind)
        if value.strip():
            result.append({"value": value.strip(), "type": given.strip() or kind})
    return result


def _may_read(user: Row, trusted: bool, note: Row) -> bool:
    """Private notes are for the people on the candidate's jobs, admin notes for Site Admins."""
    if note["visibility"] == "admin_only_visible":
        return user["site_admin"]
    return trusted or note["visibility"] == "publicly_visible"


class Ats:
    def __init__(self, sandbox: Sandbox, pages: Pages) -> None:
        self.sandbox = sandbox
        self.db = sandbox.db
        self.pages = pages
        self._consented: dict[int, str] = {}  # credential -> a refresh token to be shown once

    def routes(self, guarded: Callable[[Page], Page]) -> list[Route]:
        """`guarded` stands before what programs fetch too: files."""
        shown: list[tuple[str, Page]] = [
            ("/", self.home), ("/candidates", self.candidates), ("/candidates/new", self.new_candidate),
            ("/candidates/{id:int}", self.candidate), ("/attachments/{id:int}/{filename}", guarded(self.file)),
            ("/jobs", self.jobs), ("/jobs/{id:int}", self.job), ("/users", self.users),
            ("/configure/webhooks", self.webhooks), ("/configure/credentials", self.credentials),
            ("/configure/fields", self.fields), ("/configure/rules", self.rules),
            ("/configure/settings", self.settings), ("/outbox", self.outbox), ("/deliveries", self.deliveries),
            ("/activity", self.activity), ("/configure/faults", self.faults),
            ("/people/{id:int}", self.own_address), ("/sdash/{id:int}", self.own_address),
        ]  # fmt: skip
        done: list[tuple[str, Deed]] = [
            ("/candidates/new", self.do_create), ("/candidates/{id:int}/edit", self.do_edit),
            ("/candidates/{id:int}/fields", self.do_fields), ("/candidates/{id:int}/tags/add", self.do_tag),
            ("/candidates/{id:int}/tags/remove", self.do_untag), ("/candidates/{id:int}/notes/add", self.do_note),
            ("/candidates/{id:int}/merge", self.do_merge), ("/candidates/{id:int}/anonymize", self.do_anonymize),
            ("/candidates/{id:int}/delete", self.do_delete), ("/candidates/{id:int}/apply", self.do_apply),
            ("/notes/{id:int}/delete", self.do_delete_note),
            ("/applications/{id:int}/move", self.do_move), ("/applications/{id:int}/transfer", self.do_transfer),
            ("/applications/{id:int}/reject", self.do_reject), ("/applications/{id:int}/unreject", self.do_unreject),
            ("/applications/{id:int}/hire", self.do_hire), ("/applications/{id:int}/unhire", self.do_unhire),
            ("/applications/{id:int}/convert", self.do_convert), ("/applications/{id:int}/delete", self.do_remove),
            ("/applications/{id:int}/fields", self.do_application_fields),
            ("/jobs/new", self.do_open_job), ("/jobs/{id:int}/edit", self.do_edit_job),
            ("/jobs/{id:int}/status", self.do_job_status), ("/stages/{id:int}/edit", self.do_rename_stage),
            ("/configure/credentials/new", self.do_create_credential),
            ("/configure/credentials/{id:int}/rotate", self.do_rotate),
            ("/configure/credentials/{id:int}/revoke", self.do_revoke),
            ("/configure/credentials/{id:int}/consent", self.do_consent),
            ("/configure/fields/new", self.do_define_field),
            ("/configure/fields/{id:int}/edit", self.do_redefine_field),
            ("/configure/fields/{id:int}/delete", self.do_drop_field),
            ("/configure/rules/new", self.do_add_rule), ("/configure/rules/{id:int}/delete", self.do_drop_rule),
            ("/configure/settings", self.do_settings), ("/users/{id:int}/edit", self.do_edit_user),
            ("/webhooks/{id:int}/disable", self.do_disable_hook), ("/webhooks/{id:int}/delete", self.do_remove_hook),
            ("/configure/faults/new", self.do_order_faults), ("/configure/faults/clear", self.do_clear_faults),
            ("/configure/faults/{id:int}/delete", self.do_remove_fault),
        ]  # fmt: skip
        return [
            *(Route(path, page) for path, page in shown),
            *(Route(path, self.form(deed), methods=["POST"]) for path, deed in done),
            Route("/acting", self.act_as, methods=["POST"]),
            Route("/candidates/{id:int}/attach", self.attach, methods=["POST"]),
            Route("/configure/webhooks/new", self.save_hook, methods=["POST"]),
            Route("/webhooks/{id:int}/edit", self.save_hook, methods=["POST"]),
            Route("/webhooks/{id:int}/enable", self.enable_hook, methods=["POST"]),
        ]

    # How a form comes back.

    def actor(self, request: Request) -> Actor:
        user = self.pages.acting(request)
        return Actor(f"user:{user['name']}", user["id"])

    def form(self, deed: Deed) -> Callable[[Request], Awaitable[Response]]:
        """Do it, then go back to the page the form was on, with a line that says what happened."""

        async def answer(request: Request) -> Response:
            async with request.form() as form:
                try:
                    said = deed(self.actor(request), request.path_params.get("id", 0), form)
                except errors.Refused as refused:
                    return self.back(request, form, refused=refused)
                return self.back(request, form, said)

        return answer

    def back(
        self, request: Request, form: FormData, said: str | None = None, refused: errors.Refused | None = None
    ) -> Response:
        return back(request, form, "/candidates", said, refused)

    # Pages.

    async def home(self, request: Request) -> Response:
        return RedirectResponse("/candidates", 303)

    async def own_address(self, request: Request) -> Response:
        """Where the vendor's own people stand under /people and jobs under /sdash, which is what links to it say."""
        below = "candidates" if request.url.path.startswith("/people/") else "jobs"
        return RedirectResponse(f"/{below}/{request.path_params['id']}", 303)

    async def candidates(self, request: Request) -> Response:
        """Everyone, newest first; `q` searches names, e-mails, tags and ids, `job` and `status` narrow it down."""
        user, query = self.pages.acting(request), request.query_params
        wanted, job_id, status = query.get("q", "").strip().lower(), query.get("job", ""), query.get("status", "")
        rows = [row for row in self.db["candidates"].newest_first()
                if self.sandbox.sees(user, "candidates", row)
                and self._matches(row, wanted, job_id, status)]  # fmt: skip
        at = int(query.get("page", "1")) if query.get("page", "1").isdigit() else 1
        listed = [(row, self._newest(row, job_id)) for row in rows[(at - 1) * PER_PAGE : at * PER_PAGE]]
        return self.pages.show(
            request, "candidates.html", listed=listed, columns=self._columns(), total=len(rows), page=at,
            pages=max((len(rows) + PER_PAGE - 1) // PER_PAGE, 1), q=query.get("q", ""), job_id=job_id, status=status,
            tags_of=lambda row: people.tags_of(self.sandbox, row["id"]),
        )  # fmt: skip

    def _columns(self) -> list[tuple[str, Row]]:
        """The custom fields worth a column: those in use and short, numbers first, in the order they were made."""
        kinds = [("candidate", one) for one in fields.for_type(self.db, "candidate")]
        kinds += [("application", one) for one in self._application_fields()]
        used = {id for table in ("candidates", "applications") for row in self.db[table] for id in row["custom_fields"]}
        brief = [
            (kind, one) for kind, one in kinds if one["id"] in used and one["value_type"] not in ("long_text", "url")
        ]
        return sorted(brief, key=lambda pair: (pair[1]["value_type"] != "number", pair[1]["id"]))[:3]

    def _matches(self, row: Row, wanted: str, job_id: str, status: str) -> bool:
        if job_id or status:
            own = self.db["applications"].where("candidate_id", row["id"])
            if not any((not job_id or str(one["job_id"]) == job_id) and (not status or one["status"] == status)
                       for one in own):  # fmt: skip
                return False
        if not wanted:
            return True
        mails = " ".join(one["value"] for one in row["email_addresses"])
        tags = " ".join(one["name"] for one in people.tags_of(self.sandbox, row["id"]))
        words = f"{row['first_name']} {row['last_name']} {mails} {tags} {row['id']}"
        return wanted in words.lower()

    def _newest(self, row: Row, job_id: str = "") -> Row | None:
        own = [one for one in self.db["applications"].where("candidate_id", row["id"])
               if not job_id or str(one["job_id"]) == job_id]  # fmt: skip
        return own[-1] if own else None

    async def candidate(self, request: Request) -> Response:
        row = self.sandbox.row("candidates", request.path_params["id"])
        user = self.pages.acting(request)
        if not self.sandbox.sees(user, "candidates", row):
            raise Refused(403, Problem("This person is private"))
        own = list(reversed(self.db["applications"].where("candidate_id", row["id"])))
        feed = sorted(self.db["notes"].where("candidate_id", row["id"]), key=lambda one: one["id"], reverse=True)
        applied = self.db["applied_candidate_tags"].where("candidate_id", row["id"])
        held = self.db["attachments"].where("candidate_id", row["id"])
        files = [(one, signed_link(self.sandbox, one, LINK_STEP)) for one in held]
        trusted = self.sandbox.may_act_on_candidate(user, row["id"])
        return self.pages.show(
            request, "candidate.html", row=row, applications=own, files=files, visibilities=VISIBILITIES,
            notes=[one for one in feed if one["type"] != "ACTIVITY" and _may_read(user, trusted, one)],
            trusted=trusted,
            activity=[one for one in feed if one["type"] == "ACTIVITY"],
            tags=[(one, self.db["candidate_tags"].rows[one["candidate_tag_id"]]) for one in applied],
            candidate_fields=fields.for_type(self.db, "candidate"),
            application_fields=self._application_fields(), stages=lambda id: pipeline.stages(self.sandbox, id),
            open_jobs=[one for one in self.db["jobs"] if one["status"] == "open"],
            openings=lambda id: [one for one in self.db["openings"].where("job_id", id) if one["open"]],
            options_of=lambda id: [one for one in self.db["custom_field_options"].where("custom_field_id", id)
                                   if one["active"]],
            anonymizable=people.ANONYMIZABLE,
            emailing={one["job_interview_stage_id"] for one in self.db["stage_rules"]},
        )  # fmt: skip

    def _application_fields(self) -> list[Row]:
        return fields.for_type(self.db, "application") if self.sandbox.options.tier == "enterprise" else []

    async def new_candidate(self, request: Request) -> Response:
        return self.pages.show(request, "candidate_new.html", open_jobs=[one for one in self.db["jobs"]
                                                                         if one["status"] == "open"])  # fmt: skip

    async def file(self, request: Request) -> Response:
        """A file by its signed link. A link with a wrong signature, or older than seven days, is refused."""
        id, query = request.path_params["id"], request.query_params
        expires = int(query.get("expires", "0")) if query.get("expires", "0").isdigit() else 0
        if query.get("signature") != link_mark(self.sandbox, id, expires):
            return Response("This link is not signed", 403)
        if self.sandbox.now().timestamp() >= expires:
            return Response("This link has expired", 403)
        row = self.sandbox.row("attachments", id)
        name = f"attachment; filename*=UTF-8''{quote(row['filename'])}"
        return Response(row["content"], media_type=row["content_type"], headers={"Content-Disposition": name})

    async def jobs(self, request: Request) -> Response:
        user = self.pages.acting(request)
        rows = [row for row in self.db["jobs"].newest_first() if self.sandbox.sees(user, "jobs", row)]
        of = self.db["applications"].where
        live = {row["id"]: sum(one["status"] == "in_process" for one in of("job_id", row["id"])) for row in rows}
        return self.pages.show(request, "jobs.html", rows=rows, live=live)

    async def job(self, request: Request) -> Response:
        row = self.sandbox.row("jobs", request.path_params["id"])
        if not self.sandbox.sees(self.pages.acting(request), "jobs", row):
            raise Refused(403, Problem("This job is confidential"))
        ladder = pipeline.stages(self.sandbox, row["id"])
        applied = list(reversed(self.db["applications"].where("job_id", row["id"])))
        columns = [(stage, [one for one in applied if one["job_interview_stage_id"] == stage["id"]
                            and one["status"] == "in_process"]) for stage in ladder]  # fmt: skip
        ended = {status: [one for one in applied if one["status"] == status] for status in ("hired", "rejected")}
        score = next((one for one in self._application_fields() if one["value_type"] == "number"), None)
        return self.pages.show(request, "job.html", row=row, columns=columns, ended=ended, score=score,
                               post=jobs.post_of(self.sandbox, row["id"]))  # fmt: skip

    async def users(self, request: Request) -> Response:
        return self.pages.show(request, "users.html", rows=list(self.db["users"]))

    async def webhooks(self, request: Request) -> Response:
        return self.pages.show(request, "webhooks.html", rows=list(self.db["webhooks"]), events=EVENTS)

    async def credentials(self, request: Request) -> Response:
        return self.pages.show(request, "credentials.html", rows=list(self.db["credentials"]), scopes=scopes(),
                               fresh=(fresh := request.query_params.get("fresh", "")),
                               consented=self._consented.pop(int(fresh), "") if fresh.isdigit() else "")  # fmt: skip

    async def fields(self, request: Request) -> Response:
        allowed = [
            one for one in fields.FIELD_TYPES if self.sandbox.options.tier == "enterprise" or one != "application"
        ]
        return self.pages.show(request, "fields.html", rows=list(self.db["custom_fields"]), field_types=allowed,
                               value_types=fields.VALUE_TYPES)  # fmt: skip

    async def rules(self, request: Request) -> Response:
        ladders = [
            (row, pipeline.stages(self.sandbox, row["id"])) for row in self.db["jobs"] if row["status"] == "open"
        ]
        return self.pages.show(request, "rules.html", rows=list(self.db["stage_rules"]), ladders=ladders)

    async def settings(self, request: Request) -> Response:
        return self.pages.show(request, "settings.html", auto_merge=self.sandbox.auto_merge)

    async def outbox(self, request: Request) -> Response:
        return self.pages.show(request, "outbox.html", rows=list(self.db["emails"].newest_first()))

    async def deliveries(self, request: Request) -> Response:
        hooks = self.sandbox.hooks
        return self.pages.show(request, "deliveries.html", rows=list(reversed(hooks.deliveries))[:200],
                               waiting=hooks.waiting)  # fmt: skip

    async def activity(self, request: Request) -> Response:
        return self.pages.show(request, "activity.html", rows=list(reversed(self.db.log[-200:])))

    async def act_as(self, request: Request) -> Response:
        async with request.form() as form:
            user = self.sandbox.row("users", number(form, "user_id"))
            response = self.back(request, form, f"Acting as {user['name']}")
        response.set_cookie(ACTING, str(user["id"]), samesite="lax", httponly=True)
        return response

    # Deeds on candidates.

    def do_create(self, actor: Actor, id: int, form: FormData) -> str:
        row = people.create(self.sandbox, actor, {
            "first_name": text(form, "first_name"), "last_name": text(form, "last_name"),
            "email_addresses": lines(form, "email_addresses", "personal"),
            "phone_numbers": lines(form, "phone_numbers", "mobile"),
            "private": text(form, "private") == "yes"})  # fmt: skip
        job = text(form, "job_id")
        if job == "prospect":
            pipeline.apply(self.sandbox, actor, {"candidate_id": row["id"], "prospect": True})
        elif job:
            pipeline.apply(self.sandbox, actor, {"candidate_id": row["id"], "job_id": number(form, "job_id")})
        return f"/candidates/{row['id']}#Candidate added"

    def do_edit(self, actor: Actor, id: int, form: FormData) -> None:
        """Only what the form carries is changed, so a part of it may be sent alone."""
        values: dict[str, Any] = {key: text(form, key) or None for key in people.TEXTS if key in form}
        kinds = {"email_addresses": "personal", "phone_numbers": "mobile", "addresses": "home",
                 "website_addresses": "personal", "social_media_addresses": "other"}  # fmt: skip
        values |= {key: lines(form, key, kind) for key, kind in kinds.items() if key in form}
        if "private_shown" in form:
            values["private"] = text(form, "private") == "yes"
        people.update(self.sandbox, actor, id, values)

    def do_fields(self, actor: Actor, id: int, form: FormData) -> None:
        people.update(self.sandbox, actor, id, {"custom_fields": self._entries(form, "candidate")})

    def _entries(self, form: FormData, field_type: str) -> list[dict[str, Any]]:
        """Entries for every field of the form; one left empty is cleared."""
        entries: list[dict[str, Any]] = []
        for field in fields.for_type(self.db, field_type):
            key = f"field_{field['id']}"
            if field["value_type"] in ("currency_range", "number_range") or key not in form:
                continue
            if field["value_type"] == "multi_select":
                value: Any = [one for one in form.getlist(key) if isinstance(one, str) and one]
            else:
                value = text(form, key)
            blank = {"id": field["id"], "delete_value": "true"}
            unit = {"unit": text(form, f"{key}_unit") or "EUR"} if field["value_type"] == "currency" else {}
            entries.append({"id": field["id"], "value": value, **unit} if value else blank)
        return entries

    def do_tag(self, actor: Actor, id: int, form: FormData) -> str:
        people.tag(self.sandbox, actor, id, text(form, "name"))
        return "Tag added"

    def do_untag(self, actor: Actor, id: int, form: FormData) -> str:
        """By `applied_id`, or by the tag's `name`."""
        for one in self.db["applied_candidate_tags"].where("candidate_id", id):
            name = self.db["candidate_tags"].rows[one["candidate_tag_id"]]["name"]
            if one["id"] == number(form, "applied_id") or name == text(form, "name"):
                people.remove_tag(self.sandbox, actor, one["id"])
                return "Tag removed"
        raise invalid(("is not on this candidate", "tag"))

    def do_note(self, actor: Actor, id: int, form: FormData) -> str:
        people.note(self.sandbox, actor, {"candidate_id": id, "body": text(form, "body"),
                                          "visibility": text(form, "visibility") or "public",
                                          "application_id": number(form, "application_id")})  # fmt: skip
        return "Note added"

    def do_delete_note(self, actor: Actor, id: int, form: FormData) -> str:
        people.delete_note(self.sandbox, actor, id)
        return "Note deleted"

    async def attach(self, request: Request) -> Response:
        async with request.form() as form:
            file = form.get("file")
            if not isinstance(file, UploadFile) or not file.filename:
                return self.back(request, form, refused=invalid(("choose a file", "file")))
            row = self.sandbox.row("candidates", request.path_params["id"])
            people.keep(self.sandbox, self.actor(request), row["id"],
                        number(form, "application_id") or (self._newest(row) or {}).get("id"),
                        text(form, "type") or "other", file.filename, await file.read(),
                        file.content_type or "")  # fmt: skip
            return self.back(request, form, "File attached")

    def do_merge(self, actor: Actor, id: int, form: FormData) -> str:
        people.merge(self.sandbox, actor, id, number(form, "duplicate_id") or 0)
        return "Merged"

    def do_anonymize(self, actor: Actor, id: int, form: FormData) -> str:
        people.anonymize(self.sandbox, actor, id, [str(one) for one in form.getlist("fields")])
        return "Anonymized"

    def do_delete(self, actor: Actor, id: int, form: FormData) -> str:
        people.delete(self.sandbox, actor, id)
        return "/candidates#Candidate deleted"

    # Deeds on applications.

    def do_apply(self, actor: Actor, id: int, form: FormData) -> str:
        pipeline.apply(self.sandbox, actor, {"candidate_id": id, "job_id": number(form, "job_id")})
        return "Added to the job"

    def do_move(self, actor: Actor, id: int, form: FormData) -> str:
        """To `to_stage_id`, or one step on when it is empty. `from_stage_id` guards against a page that is old."""
        row = self.sandbox.row("applications", id)
        values: dict[str, Any] = {"from_stage_id": number(form, "from_stage_id") or row["job_interview_stage_id"]}
        if target := number(form, "to_stage_id"):
            values["to_stage_id"] = target
        pipeline.move(self.sandbox, actor, id, values)
        return "Moved"

    def do_transfer(self, actor: Actor, id: int, form: FormData) -> str:
        row = self.sandbox.row("applications", id)
        pipeline.move(self.sandbox, actor, id, {"from_stage_id": row["job_interview_stage_id"],
                                                "to_job_id": number(form, "to_job_id")})  # fmt: skip
        return "Moved to another job"

    def do_reject(self, actor: Actor, id: int, form: FormData) -> str:
        pipeline.reject(self.sandbox, actor, id, {"rejection_reason_id": number(form, "rejection_reason_id"),
                                                  "notes": text(form, "notes") or None})  # fmt: skip
        return "Rejected"

    def do_unreject(self, actor: Actor, id: int, form: FormData) -> str:
        pipeline.unreject(self.sandbox, actor, id)
        return "Unrejected"

    def do_hire(self, actor: Actor, id: int, form: FormData) -> str:
        opening = {"opening_id": number(form, "opening_id")} if number(form, "opening_id") else {}
        pipeline.hire(self.sandbox, actor, id, opening)
        return "Hired"

    def do_unhire(self, actor: Actor, id: int, form: FormData) -> str:
        pipeline.unhire(self.sandbox, actor, id)
        return "Hire taken back"

    def do_convert(self, actor: Actor, id: int, form: FormData) -> str:
        pipeline.convert(self.sandbox, actor, id, {"job_id": number(form, "job_id")})
        return "Converted to a candidate"

    def do_remove(self, actor: Actor, id: int, form: FormData) -> str:
        pipeline.delete(self.sandbox, actor, id)
        return "Application deleted"

    def do_application_fields(self, actor: Actor, id: int, form: FormData) -> None:
        pipeline.update(self.sandbox, actor, id, {"custom_fields": self._entries(form, "application")})

    # Deeds on jobs, users and configuration.

    def do_open_job(self, actor: Actor, id: int, form: FormData) -> str:
        row = jobs.open_job(self.sandbox, actor, {
            "title": text(form, "name"), "department": text(form, "department"), "office": text(form, "office"),
            "description": text(form, "content"), "openings": number(form, "openings") or 1,
            "stages": [one.strip() for one in text(form, "stages").splitlines() if one.strip()],
            "confidential": text(form, "confidential") == "yes"})  # fmt: skip
        return f"/jobs/{row['id']}#Job opened"

    def do_edit_job(self, actor: Actor, id: int, form: FormData) -> None:
        own = {key: text(form, key) for key in ("name", "notes", "requisition_id") if key in form}
        if own:
            jobs.update(self.sandbox, actor, id, own)
        post = jobs.post_of(self.sandbox, id)
        if post and "content" in form:
            title = {"title": text(form, "name")} if text(form, "name") else {}
            jobs.update_post(self.sandbox, actor, post["id"], {"content": text(form, "content"), **title})

    def do_job_status(self, actor: Actor, id: int, form: FormData) -> str:
        jobs.update(self.sandbox, actor, id, {"status": text(form, "status")})
        return f"Job is now {text(form, 'status')}"

    def do_rename_stage(self, actor: Actor, id: int, form: FormData) -> None:
        jobs.rename_stage(self.sandbox, actor, id, text(form, "name"))

    def do_edit_user(self, actor: Actor, id: int, form: FormData) -> None:
        self.sandbox.row("users", id)
        marks = ("site_admin", "sees_private", "deactivated")
        self.db.change("users", id, actor, {key: text(form, key) == "yes" for key in marks})

    def do_create_credential(self, actor: Actor, id: int, form: FormData) -> str:
        picked = [str(one) for one in form.getlist("scopes")]
        picked += text(form, "scopes_text").split()
        unknown = [one for one in picked if one not in scopes()]
        if unknown:
            raise invalid((f"unknown: {', '.join(unknown)}", "scopes"))
        row = self.sandbox.access.create(actor, text(form, "name"), number(form, "user_id") or 0, picked,
                                         text(form, "redirect_uris").split())  # fmt: skip
        return f"/configure/credentials?fresh={row['id']}#Shown once: copy the secret now"

    def do_rotate(self, actor: Actor, id: int, form: FormData) -> str:
        self.sandbox.access.rotate(actor, id)
        return f"/configure/credentials?fresh={id}#Rotated; the old secret works for another week"

    def do_consent(self, actor: Actor, id: int, form: FormData) -> str:
        self._consented[id] = self.sandbox.access.consent(id, actor.user_id or 0)
        return f"/configure/credentials?fresh={id}#Shown once: copy the refresh token now"

    def do_revoke(self, actor: Actor, id: int, form: FormData) -> str:
        self.sandbox.access.revoke(actor, id)
        return "Revoked"

    def do_define_field(self, actor: Actor, id: int, form: FormData) -> str:
        fields.define(self.db, actor, self.sandbox.options.tier, {
            "name": text(form, "name"), "field_type": text(form, "field_type"), "value_type": text(form, "value_type"),
            "private": text(form, "private") == "yes", "required": text(form, "required") == "yes",
            "custom_field_options": [{"name": one.strip()} for one in text(form, "options").splitlines()
                                     if one.strip()]})  # fmt: skip
        return "Field added"

    def do_redefine_field(self, actor: Actor, id: int, form: FormData) -> None:
        fields.redefine(self.db, actor, id, {
            "name": text(form, "name"), "private": text(form, "private") == "yes",
            "required": text(form, "required") == "yes"})  # fmt: skip

    def do_drop_field(self, actor: Actor, id: int, form: FormData) -> str:
        fields.drop(self.db, actor, id)
        return "Field and its values deleted"

    def do_add_rule(self, actor: Actor, id: int, form: FormData) -> str:
        stage = self.sandbox.row("job_interview_stages", number(form, "stage_id"))
        if not text(form, "subject"):
            raise invalid(("can't be blank", "subject"))
        self.db.create("stage_rules", actor, job_interview_stage_id=stage["id"], subject=text(form, "subject"),
                       body=text(form, "body"))  # fmt: skip
        return "Rule added"

    def do_drop_rule(self, actor: Actor, id: int, form: FormData) -> str:
        self.sandbox.row("stage_rules", id)
        self.db.delete("stage_rules", id, actor)
        return "Rule deleted"

    def do_settings(self, actor: Actor, id: int, form: FormData) -> None:
        self.sandbox.auto_merge = text(form, "auto_merge") == "yes"

    # What goes wrong on purpose.

    async def faults(self, request: Request) -> Response:
        """`?kind=` puts an example of a kind into the form."""
        panel = fault_panel(self.sandbox, request.query_params.get("kind", ""))
        return self.pages.show(request, "faults.html", **panel)

    def do_order_faults(self, actor: Actor, id: int, form: FormData) -> str:
        return order_faults(self.sandbox, text(form, "faults"))

    def do_remove_fault(self, actor: Actor, id: int, form: FormData) -> str:
        return remove_fault(self.sandbox, id)

    def do_clear_faults(self, actor: Actor, id: int, form: FormData) -> str:
        self.sandbox.faults.clear()
        return "Cleared"

    # Webhooks: saving one waits for the answer to its ping.

    async def save_hook(self, request: Request) -> Response:
        async with request.form() as form:
            values = {"name": text(form, "name"), "url": text(form, "url"),
                      "events": [str(one) for one in form.getlist("events") if one in EVENTS]}  # fmt: skip
            if text(form, "secret") or "id" not in request.path_params:
                values["secret"] = text(form, "secret")
            absent = [("can't be blank", key) for key, value in values.items() if not value]
            url = str(values["url"])
            if url and not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
                absent.append(("must be an https address (or this machine)", "url"))
            if absent:
                return self.back(request, form, refused=invalid(*absent))
            row = await self.sandbox.hooks.save(self.actor(request), values, request.path_params.get("id"))
            return self._pinged(request, form, row)

    async def enable_hook(self, request: Request) -> Response:
        async with request.form() as form:
            row = await self.sandbox.hooks.enable(self.actor(request), request.path_params["id"])
            return self._pinged(request, form, row)

    def _pinged(self, request: Request, form: FormData, row: Row) -> Response:
        if row["enabled"]:
            return self.back(request, form, "Saved and enabled: the ping was answered")
        problem = Problem("Saved disabled: the ping was not answered with 200. Enable it by hand once it is.")
        return self.back(request, form, refused=Refused(422, problem))

    def do_disable_hook(self, actor: Actor, id: int, form: FormData) -> str:
        self.sandbox.hooks.disable(actor, id)
        return "Disabled"

    def do_remove_hook(self, actor: Actor, id: int, form: FormData) -> str:
        self.sandbox.hooks.remove(actor, id)
        return "Deleted"
