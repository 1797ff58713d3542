"""The Data API about the account itself: stages, reasons, tags, sources, users, templates, requisitions, webhooks."""

from __future__ import annotations

from collections import Counter
from functools import partial

from starlette.responses import Response
from starlette.routing import Route

from ..kit.tables import Row
from . import records
from .calls import Call, as_listed, newest
from .errors import forbidden, invalid
from .frame import Frame
from .hooks import save_hook


class Account(Frame):
    def routes(self) -> list[Route]:
        return [*self._lists(), *self._template_routes(), *self._requisition_routes(), *self._hook_routes()]

    # Stages, reasons, tags, sources, users.

    def _lists(self) -> list[Route]:
        r = self.route

        def several(kind: str, shown: str, call: Call) -> Response:
            rows = [row for row in call.view.db[kind] if call.view.seen(kind, row)]
            return call.page(rows, getattr(call.show, shown), as_listed)

        def single(kind: str, shown: str, call: Call) -> Response:
            return call.one(getattr(call.show, shown)(call.there(kind, call.request.path_params["id"])))

        def reasons(call: Call) -> Response:
            kind = call.text("type")
            if kind not in (None, "hired", "non-hired"):
                raise invalid("type must be hired or non-hired")
            rows = [row for row in call.view.db["archive_reasons"] if kind in (None, row["type"])]
            return call.page(rows, call.show.reason, as_listed)

        def counted(what: str, call: Call) -> Response:
            """Texts with how many opportunities have them; confidential ones count too."""
            used = Counter(text for row in call.view.db["applications"] for text in row[what])
            return call.page(call.view.db[what], lambda row: {"text": row["text"], "count": used[row["text"]]},
                             lambda row: [row["text"], row["id"]])  # fmt: skip

        return [
            r("/stages", "", {"GET": ("stages", "read", partial(several, "stages", "stage"))}),
            r("/stages/{id}", "", {"GET": ("stages", "read", partial(single, "stages", "stage"))}),
            r("/archive_reasons", "", {"GET": ("archive_reasons", "read", reasons)}),
            r("/archive_reasons/{id}", "", {
                "GET": ("archive_reasons", "read", partial(single, "archive_reasons", "reason"))}),
            r("/tags", "", {"GET": ("tags", "read", partial(counted, "tags"))}),
            r("/sources", "", {"GET": ("sources", "read", partial(counted, "sources"))}),
            r("/users", "", {"GET": ("users", "read", self.users), "POST": ("users", "write", self.save_user)}),
            r("/users/{id}", "", {"GET": ("users", "read", partial(single, "users", "user")),
                                  "PUT": ("users", "write", self.save_user)}),
            *(r(f"/users/{{id}}/{verb}", "", {
                "POST": ("users", "write", partial(self.set_active, verb == "reactivate"))})
              for verb in ("deactivate", "reactivate")),
        ]  # fmt: skip

    def users(self, call: Call) -> Response:
        emails, roles = set(call.texts("email")), set(call.texts("accessRole"))
        rows = [row for row in call.view.db["users"]
                if (call.flag("includeDeactivated") or row["deactivated_at"] is None)
                and (not emails or row["email"] in emails) and (not roles or row["access_role"] in roles)]  # fmt: skip
        return call.page(rows, call.show.user, newest)

    def save_user(self, call: Call) -> Response:
        """Make a user, or write over all of one."""
        given = call.values("name", "email", "accessRole", "externalDirectoryId", "jobTitle", "managerId")
        if not isinstance(given.get("name"), str) or "@" not in str(given.get("email")):
            raise invalid("name and email are required")
        roles = ("super admin", "admin", "team member", "limited team member", "interviewer")
        if given.get("accessRole", "interviewer") not in roles:
            raise invalid(f"accessRole must be one of {', '.join(roles)}")
        chosen = {"name": given["name"], "email": given["email"], "access_role": given.get("accessRole", "interviewer"),
                  "external_directory_id": given.get("externalDirectoryId"), "job_title": given.get("jobTitle"),
                  "manager_id": given.get("managerId")}  # fmt: skip
        id = call.request.path_params.get("id")
        if id is None:
            row = self.sandbox.db.create("users", call.actor(), deactivated_at=None, **chosen)
            return call.one(call.show.user(row), 201)
        row = call.there("users", id, self.sandbox)
        self.sandbox.db.change("users", id, call.actor(), chosen)
        return call.one(call.show.user(row))

    def set_active(self, active: bool, call: Call) -> Response:
        row = call.there("users", call.request.path_params["id"], self.sandbox)
        self.sandbox.db.change("users", row["id"], call.actor(),
                               {"deactivated_at": None if active else self.sandbox.now()})  # fmt: skip
        return call.one(call.show.user(row))

    # Templates.

    def _template_routes(self) -> list[Route]:
        r = self.route

        def several(kind: str, call: Call) -> Response:
            return call.page(call.view.db[kind], call.show.template, newest)

        def single(kind: str, call: Call) -> Response:
            return call.one(call.show.template(call.there(kind, call.request.path_params["id"])))

        def save(kind: str, call: Call) -> Response:
            id = call.request.path_params.get("id")
            if id is not None:
                call.there(kind, id, self.sandbox)
            given = call.values("text", "instructions", "group", "secretByDefault", "fields")
            row = records.save_template(self.sandbox, call.actor(), kind, given, id)
            return call.one(call.show.template(row), 201 if id is None else 200)

        def delete(kind: str, call: Call) -> Response:
            id = call.there(kind, call.request.path_params["id"], self.sandbox)["id"]
            records.delete_template(self.sandbox, call.actor(), kind, id)
            return Response(status_code=204)

        return [
            route for kind in ("form_templates", "feedback_templates") for route in (
                r(f"/{kind}", "", {"GET": (kind, "read", partial(several, kind)),
                                   "POST": (kind, "write", partial(save, kind))}),
                r(f"/{kind}/{{id}}", "", {"GET": (kind, "read", partial(single, kind)),
                                          "PUT": (kind, "write", partial(save, kind)),
                                          "DELETE": (kind, "write", partial(delete, kind))}),
            )
        ]  # fmt: skip

    # Requisitions.

    def _requisition_routes(self) -> list[Route]:
        r = self.route

        def several(kind: str, shown: str, call: Call) -> Response:
            rows = [row for row in call.view.db[kind] if call.sees(row)]
            return call.page(rows, getattr(call.show, shown), newest)

        def single(kind: str, shown: str, call: Call) -> Response:
            return call.one(getattr(call.show, shown)(call.there(kind, call.request.path_params["id"])))

        def delete(call: Call) -> Response:
            row = call.there("requisitions", call.request.path_params["id"], self.sandbox)
            self.sandbox.db.delete("requisitions", row["id"], call.actor())
            return Response(status_code=204)

        fields = ("requisition_fields", "requisition_field")
        return [
            r("/requisitions", "requisition", {
                "GET": ("requisitions", "read", partial(several, "requisitions", "requisition")),
                "POST": ("requisitions", "write", self.save_requisition)}),
            r("/requisitions/{id}", "requisition", {
                "GET": ("requisitions", "read", partial(single, "requisitions", "requisition")),
                "PUT": ("requisitions", "write", self.save_requisition), "DELETE": ("requisitions", "write", delete)}),
            r("/requisition_fields", "", {"GET": ("requisition_fields", "read", partial(several, *fields))}),
            r("/requisition_fields/{id}", "", {"GET": ("requisition_fields", "read", partial(single, *fields))}),
        ]  # fmt: skip

    def save_requisition(self, call: Call) -> Response:
        """Make one, or replace all of one: what is not sent is emptied."""
        given = call.values("requisitionCode", "name", "headcountTotal", "status", "backfill", "owner", "hiringManager",
                            "postings", "internalNotes", "customFields", "confidentiality")  # fmt: skip
        if not isinstance(given.get("requisitionCode"), str) or not isinstance(given.get("name"), str):
            raise invalid("requisitionCode and name are required")
        chosen = {
            "code": given["requisitionCode"], "name": given["name"], "total": int(given.get("headcountTotal") or 1),
            "status": given.get("status") or "open", "backfill": bool(given.get("backfill")),
            "owner_id": given.get("owner"), "hiring_manager_id": given.get("hiringManager"),
            "postings": given.get("postings") or [], "internal_notes": given.get("internalNotes") or "",
            "custom_fields": given.get("customFields") or {},
        }  # fmt: skip
        id = call.request.path_params.get("id")
        if id is None:
            row = self.sandbox.db.create(
                "requisitions", call.actor(), hired=0, user_id=call.actor().user_id,
                confidentiality=given.get("confidentiality") or "non-confidential", **chosen,
            )  # fmt: skip
            return call.one(call.show.requisition(row), 201)
        row = call.there("requisitions", id, self.sandbox)
        self.sandbox.db.change("requisitions", id, call.actor(), chosen)
        return call.one(call.show.requisition(row))

    # Webhooks.

    def _hook_routes(self) -> list[Route]:
        r = self.route

        def several(call: Call) -> Response:
            return call.page(call.view.db["webhooks"], call.show.webhook, newest)

        def single(call: Call) -> Response:
            return call.one(call.show.webhook(call.there("webhooks", call.request.path_params["id"])))

        def delete(call: Call) -> Response:
            self.sandbox.hooks.remove(call.actor(), self._own_hook(call)["id"])
            return Response(status_code=204)

        return [
            r("/webhooks", "", {"GET": ("webhooks", "read", several), "POST": ("webhooks", "write", self.save_hook)}),
            r("/webhooks/{id}", "", {"GET": ("webhooks", "read", single), "PUT": ("webhooks", "write", self.save_hook),
                                     "DELETE": ("webhooks", "write", delete)}),
        ]  # fmt: skip

    def _own_hook(self, call: Call) -> Row:
        """A hook that programs may change: not one that was made on the pages."""
        row = call.there("webhooks", call.request.path_params["id"], self.sandbox)
        if row["made_by"] != "api":
            raise forbidden("Only a webhook created via the API can be changed via the API")
        return row

    def save_hook(self, call: Call) -> Response:
        given, before = call.values("url", "event", "configuration"), None
        if "id" in call.request.path_params:
            before = self._own_hook(call)
            held = {"conditions": {"origins": before["origins"]}} if before["origins"] else {}
            given = {"url": before["url"], "event": before["event"], "configuration": held, **given}
        row = save_hook(self.sandbox, call.actor(), given, before, made_by="api", confidential=call.caller.confidential)
        return call.one(call.show.webhook(row), 201 if before is None else 200)
