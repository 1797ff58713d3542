"""The Data API, version 1, under /v1, and the two addresses of OAuth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from ..kit.errors import Refused
from ..kit.http import base_url, guarded
from ..kit.tables import Row
from . import people, records
from .account import Account
from .below import Files, Interviews
from .calls import Call, number
from .errors import invalid, missing, worded
from .frame import ONE, READ, WRITE, Frame, Methods
from .hooks import ms
from .jobs import Postings
from .sandbox import Sandbox
from .show import Shown


class DataApi(Frame):
    def routes(self) -> list[BaseRoute]:
        r, one, read, write, lister, getter = self.route, ONE, READ, WRITE, self.lister, self.getter

        def labels(what: str, remove: bool) -> Methods:
            return {"POST": ("opportunities", write, partial(self._label, what, remove))}

        return [
            r("/opportunities", "opportunity", {"GET": ("opportunities", read, self.opportunities),
                                                "POST": ("opportunities", write, self.create_opportunity)}),
            r("/opportunities/deleted", "", {"GET": ("opportunities", read, partial(self.deleted, "opportunity"))}),
            r(one, "opportunity", {"GET": ("opportunities", read, self.opportunity)}),
            r(f"{one}/stage", "opportunity", {"PUT": ("opportunities", write, self.move)}),
            r(f"{one}/archived", "opportunity", {"PUT": ("opportunities", write, self.archive)}),
            *(r(f"{one}/{verb}{what.capitalize()}", "opportunity", labels(what, verb == "remove"))
              for verb in ("add", "remove") for what in ("tags", "sources", "links")),
            r(f"{one}/applications", "application", lister("submissions", "application", "applications")),
            r(f"{one}/applications/{{inner}}", "application", getter("submissions", "application", "applications")),
            r("/applications/deleted", "", {"GET": ("applications", read, partial(self.deleted, "application"))}),
            r("/contacts/{id}", "", {"GET": ("contact", read, self.contact),
                                     "PUT": ("contact", write, self.put_contact)}),
            r(f"{one}/notes", "note", {**lister("notes", "note", "notes"), "POST": ("notes", write, self.add_note)}),
            r(f"{one}/notes/{{inner}}", "note", {
                **getter("notes", "note", "notes"), "PUT": ("notes", write, self.put_note),
                "DELETE": ("notes", write, partial(self.remove, "notes"))}),
            r(f"{one}/forms", "form", {**lister("forms", "form", "forms"), "POST": ("forms", write, self.add_form)}),
            r(f"{one}/forms/{{inner}}", "form", getter("forms", "form", "forms")),
            r(f"{one}/feedback", "feedback", {**lister("feedback", "feedback", "feedback"),
                                              "POST": ("feedback", write, self.add_feedback)}),
            r(f"{one}/feedback/{{inner}}", "feedback", {
                **getter("feedback", "feedback", "feedback"), "PUT": ("feedback", write, self.put_feedback),
                "DELETE": ("feedback", write, partial(self.remove, "feedback"))}),
            *Files(self.sandbox).routes(), *Interviews(self.sandbox).routes(), *Account(self.sandbox).routes(),
            *Postings(self.sandbox).routes(),
            Route("/v1/{rest:path}", guarded(self.sandbox, self._nothing), methods=["GET", "POST", "PUT", "DELETE"]),
            Route("/authorize", self.authorize, methods=["GET", "POST"]),
            Route("/oauth/token", guarded(self.sandbox, self.sandbox.access.oauth.token), methods=["POST"]),
        ]  # fmt: skip

    async def _nothing(self, request: Request) -> Response:
        try:
            self.sandbox.access.caller(request)
        except Refused as refused:
            return worded(refused)
        return worded(missing("Resource"))

    async def authorize(self, request: Request) -> Response:
        """The consent page; in Lever, only a Super Admin may give consent."""
        try:
            return await self.sandbox.access.oauth.authorize(request, self.sandbox.admin())
        except Refused as refused:
            return worded(refused)

    # Opportunities.

    def opportunities(self, call: Call) -> Response:
        rows = self._filtered(call)
        by_update = self.sandbox.options.order == "updated"

        def key(row: Row) -> list[Any]:
            at = (by_update and ms(row["updated_at"])) or ms(row["created_at"])
            assert at
            return [-at, row["id"]]

        def shown(row: Row) -> Shown:
            call.read(row)
            return call.show.opportunity(row)

        return call.page(rows, shown, key)

    def _filtered(self, call: Call) -> list[Row]:
        view, test = call.view, list[Callable[[Row], bool]]()
        allowed = call.text("confidentiality") or "non-confidential"
        if allowed not in ("all", "non-confidential", "confidential"):
            raise invalid("confidentiality must be non-confidential, confidential or all")
        test.append(lambda row: call.sees(row) and allowed in ("all", row["confidentiality"]))
        for name in ("created_at", "updated_at"):
            within = call.within(name)
            test.append(lambda row, name=name, within=within: within(ms(row[name])))
        advanced, archived_at = call.within("advanced_at"), call.within("archived_at")
        test.append(lambda row: advanced(ms(row["last_advanced_at"])))
        test.append(lambda row: archived_at(row["archived"] and row["archived"]["archivedAt"]))
        archived, snoozed, now = call.flag("archived"), call.flag("snoozed"), view.now()
        if archived is not None:
            test.append(lambda row: (row["archived"] is not None) is archived)
        if snoozed is not None:
            test.append(lambda row: (row["snoozed_until"] is not None and row["snoozed_until"] > now) is snoozed)
        # Several values of one filter are a union.
        for name, value in (("stage_id", "stage_id"), ("origin", "origin"), ("contact_id", "candidate_id"),
                            ("location", "location")):  # fmt: skip
            if wanted := set(call.texts(name)):
                test.append(lambda row, wanted=wanted, value=value: row[value] in wanted)
        for name, value in (("tag", "tags"), ("source", "sources")):
            if wanted := set(call.texts(name)):
                test.append(lambda row, wanted=wanted, value=value: bool(wanted & set(row[value])))
        if reasons := set(call.texts("archive_reason_id")):
            test.append(lambda row: row["archived"] is not None and row["archived"]["reason"] in reasons)
        if jobs := set(call.texts("posting_id")):
            test.append(lambda row: row["job_id"] in jobs and row["archived"] is None)
        if past := set(call.texts("archived_posting_id")):
            test.append(lambda row: row["job_id"] in past and row["archived"] is not None)
        if emails := {one.strip().lower() for one in call.texts("email")}:
            contacts = view.db["candidates"].rows
            test.append(lambda row: bool(emails & {one.lower() for one in contacts[row["candidate_id"]]["emails"]}))
        return [row for row in view.db["applications"] if view.seen("applications", row) and all(t(row) for t in test)]

    def opportunity(self, call: Call) -> Response:
        row = call.opportunity()
        call.read(row)
        return call.one(call.show.opportunity(row))

    def _told(self, call: Call, row: Row, status: int = 200, **more: Any) -> Response:
        return call.one(call.show.opportunity(row), status, **more)

    def create_opportunity(self, call: Call) -> Response:
        """Files come in a multipart body: `resumeFile` and `files[]`."""
        actor, given = call.actor(required=True), call.values(
            "name", "headline", "stage", "location", "phones", "emails", "links", "tags", "sources", "origin", "owner",
            "followers", "postings", "createdAt", "archived", "contact",
        )  # fmt: skip
        db, values = self.sandbox.db, people.contact_values(given)
        for key in ("tags", "sources"):
            if key in given:
                values[key] = people.texts(given, key)
        if "origin" in given:
            values["origin"] = people.valid_origin(given["origin"])
        if given.get("stage") is not None:
            if db["stages"].get(given["stage"]) is None:
                raise invalid("stage is not a stage of this account")
            values["stage_id"] = given["stage"]
        for user in [*([given["owner"]] if given.get("owner") else []), *given.get("followers", ())]:
            if db["users"].get(user) is None:
                raise invalid("owner and followers must be users of this account")
        values |= {"owner_id": given.get("owner"), "followers": given.get("followers", ())}
        postings = given.get("postings") or []
        if not isinstance(postings, list) or len(postings) > 1:
            raise invalid("postings must be an array of one posting")
        if postings:
            job = db["jobs"].get(postings[0])
            if job is None or not call.sees(job):
                raise invalid("postings must name a posting of this account")
            values["job_id"] = job["id"]
            if call.flag("perform_as_posting_owner"):
                values["owner_id"] = job["owner_id"]
        if given.get("createdAt") is not None:
            values["created_at"] = records.moment(self.sandbox, number(given["createdAt"]), "createdAt")
        if given.get("archived"):
            values["archived"] = self._archived(given)
        contact = call.there("candidates", given["contact"], self.sandbox) if given.get("contact") else None
        row, known = people.create_opportunity(self.sandbox, actor, values, contact=contact)
        for name, content in call.files.get("resumeFile", ()):
            records.keep(self.sandbox, actor, row["id"], name, content, kind="resume")
        for name, content in call.files.get("files", ()):
            records.keep(self.sandbox, actor, row["id"], name, content)
        call.made("applications", row)
        return self._told(call, row, 201, deduped=known)

    def _archived(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """How a historical opportunity ended. A time without a reason says nothing."""
        told = given["archived"]
        reason = told.get("reason") if isinstance(told, dict) else None
        if self.sandbox.db["archive_reasons"].get(reason) is None:
            raise invalid("archived must name an archive reason of this account")
        at = told.get("archivedAt")
        if at is not None:
            records.moment(self.sandbox, number(at), "archivedAt")
            if given.get("createdAt") is None or number(given["createdAt"]) > number(at):
                raise invalid("archivedAt needs a createdAt before it")
        return {"reason": reason, "archivedAt": number(at) if at is not None else ms(self.sandbox.now())}

    def move(self, call: Call) -> Response:
        given = call.values("stage")
        return self._told(call, people.move(self.sandbox, call.actor(), call.target(), given.get("stage")))

    def archive(self, call: Call) -> Response:
        given = call.values("reason", "cleanInterviews", "requisitionId")
        if "reason" not in given:
            raise invalid("reason is required; null unarchives")
        row = people.archive(
            self.sandbox, call.actor(), call.target(), given["reason"], clean=bool(given.get("cleanInterviews")),
            requisition=given.get("requisitionId"),
        )  # fmt: skip
        return self._told(call, row)

    def _label(self, what: str, remove: bool, call: Call) -> Response:
        values, actor, id = people.texts(call.values(what), what), call.actor(), call.target()
        if what == "links":
            return self._told(call, people.link(self.sandbox, actor, id, values, remove=remove))
        return self._told(call, people.label(self.sandbox, actor, id, what, values, remove=remove))

    # Contacts.

    def _contact(self, call: Call, of: Sandbox) -> Row | Response:
        id = call.request.path_params["id"]
        into = people.merged_into(of, id) if self.sandbox.options.merged == "moved" else None
        if into is not None and of.db["candidates"].get(into) is not None:
            return RedirectResponse(f"{base_url(call.request)}/v1/contacts/{into}", 301)
        row = call.there("candidates", id, of)
        own = of.db["applications"].where("candidate_id", id)
        if own and not any(call.sees(one) for one in own):
            raise missing("Contact")
        return row

    def contact(self, call: Call) -> Response:
        row = self._contact(call, call.view)
        if isinstance(row, Response):
            return row
        at = self.sandbox.db.real_now().timestamp() - call.request.state.stale
        self.sandbox.overwrites.read(call.caller.acting().kind, "candidates", row["id"], at)
        return call.one(call.show.contact(row))

    def put_contact(self, call: Call) -> Response:
        row = self._contact(call, self.sandbox)
        if isinstance(row, Response):
            return row
        values = people.contact_values(call.values("name", "headline", "location", "emails", "phones"))
        return call.one(call.show.contact(people.update_contact(self.sandbox, call.actor(), row["id"], values)))

    # Notes, forms, feedback.

    def add_note(self, call: Call) -> Response:
        given = call.values("value", "secret", "score", "notifyFollowers", "createdAt")
        row = records.note(self.sandbox, call.actor(), call.target(), given, call.text("note_id"))
        call.made("notes", row)
        return JSONResponse({"data": {"noteId": row["id"]}}, 201)

    def put_note(self, call: Call) -> Response:
        inner = call.request.path_params["inner"]
        row = records.rewrite_note(self.sandbox, call.actor(), call.target(), inner, call.values("values"))
        return call.one(call.show.note(row))

    def add_form(self, call: Call) -> Response:
        given = call.values("baseTemplateId", "fields", "secret", "createdAt")
        row = records.form(self.sandbox, call.actor(), call.target(), given)
        call.made("forms", row)
        return call.one(call.show.form(row), 201)

    def add_feedback(self, call: Call) -> Response:
        given = call.values("baseTemplateId", "panel", "interview", "fieldValues", "createdAt", "completedAt")
        row = records.feedback(self.sandbox, call.actor(required=True), call.target(), given)
        call.made("feedback", row)
        return call.one(call.show.feedback(row), 201)

    def put_feedback(self, call: Call) -> Response:
        given, inner = call.values("fieldValues", "completedAt"), call.request.path_params["inner"]
        row = records.change_feedback(self.sandbox, call.actor(required=True), call.target(), inner, given)
        return call.one(call.show.feedback(row))
