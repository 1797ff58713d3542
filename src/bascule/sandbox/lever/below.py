"""The Data API below an opportunity, where it is not a matter of words: files, resumes, interviews, offers."""

from __future__ import annotations

from functools import partial
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from ..kit.http import base_url
from ..kit.ids import Id
from ..kit.tables import Row
from . import records
from .calls import Call, newest
from .errors import invalid, missing
from .frame import ONE, Frame, Handle
from .hooks import ms


class Files(Frame):
    """Files, resumes, uploads."""

    def routes(self) -> list[Route]:
        one = ONE

        def routes(where: str, kind: str, shown: str) -> list[Route]:
            def mine(call: Call) -> Row:
                row = records.below(
                    call.view, "attachments", call.opportunity()["id"], call.request.path_params["inner"]
                )
                if row["kind"] != kind or not call.view.seen("attachments", row):
                    raise missing(kind.capitalize())
                return row

            def several(call: Call) -> Response:
                own = call.view.db["attachments"].where("application_id", call.opportunity()["id"])
                rows = [row for row in own if row["kind"] == kind and call.view.seen("attachments", row)]
                return call.page(rows, getattr(call.show, shown), newest)

            def download(call: Call) -> Response:
                row = mine(call)
                told = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(row['name'])}"}
                return Response(row["content"], media_type=records.media_type(row["ext"]), headers=told)

            methods: dict[str, tuple[str, str, Handle]] = {"GET": (where, "read", several)}
            single: dict[str, tuple[str, str, Handle]] = {
                "GET": (where, "read", lambda call: call.one(getattr(call.show, shown)(mine(call))))
            }
            if kind == "file":
                methods["POST"] = ("files", "write", self.add_file)
                single["DELETE"] = ("files", "write", partial(self.remove, "attachments"))
            at = f"{one}/{where}/{{inner}}"
            return [self.route(f"{one}/{where}", "", methods), self.route(at, "", single),
                    self.route(f"{at}/download", "", {"GET": (where, "read", download)})]  # fmt: skip

        uploads = self.route("/uploads", "", {"POST": ("uploads", "write", self.upload)})
        return [*routes("files", "file", "file"), *routes("resumes", "resume", "resume"), uploads]

    def add_file(self, call: Call) -> Response:
        actor, id = call.actor(required=True), call.target()
        found = [one for several in call.files.values() for one in several]
        if len(found) != 1:
            raise invalid("The body must be multipart/form-data with one file")
        row = records.keep(self.sandbox, actor, id, *found[0])
        call.made("attachments", row)
        return call.one(call.show.file(row), 201)

    def upload(self, call: Call) -> Response:
        """A file that an application can name afterwards."""
        found = [one for several in call.files.values() for one in several]
        if len(found) != 1 or len(found[0][1]) > records.LARGEST:
            raise invalid("The body must be multipart/form-data with one file of at most 30 MB")
        row = self.sandbox.db.create("uploads", call.actor(), filename=found[0][0], content=found[0][1])
        uri = f"{base_url(call.request)}/v1/uploads/{row['id']}"
        shown = {"id": row["id"], "uri": uri, "filename": row["filename"],
                 "uploadedAt": ms(row["created_at"]), "size": len(row["content"])}  # fmt: skip
        return call.one(shown, 201)


class Interviews(Frame):
    """Panels and their interviews, offers, referrals."""

    def routes(self) -> list[Route]:
        r, one, lister, getter = self.route, ONE, self.lister, self.getter

        def save(kind: str, call: Call, id: Id = None) -> Response:
            do = records.panel if kind == "panels" else records.interview
            row = do(self.sandbox, call.actor(required=True), call.target(), call.values(), id)
            return call.one(getattr(call.show, kind.rstrip("s"))(row), 201 if id is None else 200)

        def delete(kind: str, call: Call) -> Response:
            actor, inner, id = call.actor(required=True), call.request.path_params["inner"], call.target()
            if kind == "panels":
                of = records.managed(self.sandbox, id, inner)
                for row in self.sandbox.db["interviews"].where("panel_id", of["id"]):
                    records.cancel(self.sandbox, actor, row)
                self.sandbox.db.delete("panels", inner, actor)
            else:
                row = records.below(self.sandbox, "interviews", id, inner)
                records.managed(self.sandbox, id, row["panel_id"])
                records.cancel(self.sandbox, actor, row)
            return Response(status_code=204)

        def put(kind: str, call: Call) -> Response:
            return save(kind, call, call.request.path_params["inner"])

        def download(call: Call) -> Response:
            row = records.below(call.view, "offers", call.opportunity()["id"], call.request.path_params["inner"])
            return Response(f"Offer, {row['status']}\n".encode(), media_type="text/plain")

        both = [
            route for kind in ("panels", "interviews") for route in (
                r(f"{one}/{kind}", kind.rstrip("s"), {**lister(kind, kind.rstrip("s"), kind),
                                                      "POST": (kind, "write", partial(save, kind))}),
                r(f"{one}/{kind}/{{inner}}", kind.rstrip("s"), {
                    **getter(kind, kind.rstrip("s"), kind), "PUT": (kind, "write", partial(put, kind)),
                    "DELETE": (kind, "write", partial(delete, kind))}),
            )
        ]  # fmt: skip
        return [*both, r(f"{one}/offers", "offer", lister("offers", "offer", "offers")),
                r(f"{one}/offers/{{inner}}", "offer", getter("offers", "offer", "offers")),
                r(f"{one}/offers/{{inner}}/download", "", {"GET": ("offers", "read", download)}),
                r(f"{one}/referrals", "", {"GET": ("referrals", "read", lambda call: call.page(
                    [call.opportunity()][:0], call.show.opportunity, newest))})]  # fmt: skip
