"""One request of the Data API: who sends it, what it asks for, how it is answered."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..kit.http import body_within, json_within
from ..kit.ids import Id
from ..kit.paging import after
from ..kit.tables import Actor, Row
from .access import Caller
from .errors import forbidden, invalid, missing
from .hooks import ms
from .sandbox import Sandbox, name_of
from .show import Show, Shown

MOST = 35 * 1024 * 1024
PAGE = 100
# Fields of a form that are lists.
LISTS = ("emails", "links", "tags", "sources", "followers", "postings")


@dataclass
class Call:
    """One request: who sends it, what it sees, what it brings."""

    sandbox: Sandbox
    request: Request
    caller: Caller
    # What is shown: this tenant, or as it was where a replica is behind.
    view: Sandbox
    show: Show
    body: Any = None
    # Files of a multipart body.
    files: dict[str, list[tuple[str, bytes]]] = field(default_factory=dict[str, list[tuple[str, bytes]]])

    # What was asked.

    def texts(self, name: str) -> list[str]:
        return [one for one in self.request.query_params.getlist(name) if one]

    def text(self, name: str) -> str | None:
        return next(iter(self.texts(name)), None)

    def flag(self, name: str) -> bool | None:
        value = self.text(name)
        if value not in (None, "true", "false"):
            raise invalid(f"{name} must be true or false")
        return None if value is None else value == "true"

    def number(self, name: str) -> int | None:
        value = self.text(name)
        if value is not None and not re.fullmatch(r"-?\d{1,16}", value):
            raise invalid(f"{name} must be a timestamp in milliseconds")
        return None if value is None else int(value)

    def within(self, name: str) -> Callable[[int | None], bool]:
        """Whether a time is within `name_start` and `name_end`, both included. What has no time is within neither."""
        start, end = self.number(f"{name}_start"), self.number(f"{name}_end")
        if start is None and end is None:
            return lambda at: True
        return lambda at: at is not None and (start is None or at >= start) and (end is None or at <= end)

    def values(self, *known: str) -> dict[str, Any]:
        """The object of the body. Raises Refused (400), also for a field that cannot be written."""
        if not isinstance(self.body, dict):
            raise invalid("The body must be a JSON object")
        unknown = sorted(set(self.body) - set(known)) if known else []
        if unknown:
            raise invalid(f"{', '.join(unknown)} cannot be set")
        return self.body

    # Who acts.

    def actor(self, *, required: bool = False) -> Actor:
        """The credential, as the user of `perform_as` or else as its own."""
        named = self.text("perform_as")
        if named is None:
            if required:
                raise invalid("perform_as is required")
            return self.caller.acting()
        user = self.sandbox.db["users"].get(named)
        if user is None or user["deactivated_at"] is not None:
            raise invalid("perform_as is not an active user of this account")
        return self.caller.acting(named)

    # What it is about.

    def sees(self, row: Row) -> bool:
        return row.get("confidentiality") != "confidential" or self.caller.confidential

    def there(self, kind: str, id: Id, sandbox: Sandbox | None = None) -> Row:
        """A row that the caller may see, or Refused (404; or 403 for what is confidential, as the tenant answers)."""
        of = sandbox or self.view
        row = of.db[kind].get(id)
        if row is None or not of.seen(kind, row):
            raise missing(name_of(kind))
        if not self.sees(row):
            if self.sandbox.options.confidential == 403:
                raise forbidden("This credential has no access to confidential data")
            raise missing(name_of(kind))
        return row

    def opportunity(self) -> Row:
        """The opportunity of the address, to be read."""
        return self.there("applications", self.request.path_params["id"])

    def target(self) -> Id:
        """The opportunity of the address, to be written."""
        return self.there("applications", self.request.path_params["id"], self.sandbox)["id"]

    def read(self, row: Row) -> None:
        """The caller has seen the whole opportunity, and with it its contact."""
        at, reader = self.sandbox.db.real_now().timestamp() - self.request.state.stale, self.caller.acting().kind
        self.sandbox.overwrites.read(reader, "applications", row["id"], at)
        self.sandbox.overwrites.read(reader, "candidates", row["candidate_id"], at)

    def made(self, kind: str, row: Row) -> None:
        """It may be that what was created cannot be read yet."""
        if self.request.state.not_ready:
            visible = self.sandbox.now() + timedelta(seconds=self.request.state.not_ready)
            self.sandbox.db.mark(kind, row["id"], visible_at=visible)

    # Answers.

    def kept(self, shown: Shown) -> Shown:
        """Of an object, what `include` names."""
        wanted = {one for text in self.texts("include") for one in text.split(",")}
        return {key: value for key, value in shown.items() if key in wanted} if wanted else shown

    def one(self, shown: Shown, status: int = 200, **more: Any) -> Response:
        return JSONResponse({"data": self.kept(shown), **more}, status)

    def page(self, rows: Iterable[Row], shown: Callable[[Row], Shown], key: Callable[[Row], list[Any]]) -> Response:
        """A page of rows in the order of `key`, and the token of the next."""
        limit = self.text("limit")
        size = PAGE if limit is None else int(limit) if re.fullmatch(r"\d{1,4}", limit) else 0
        if not 1 <= size <= PAGE:
            raise invalid("limit must be a number from 1 to 100")
        last, offset = None, self.text("offset")
        if offset is not None:
            try:
                last = json.loads(unquote(offset))
                picked, following = after(rows, key, last if isinstance(last, list) else [last], size)
            except (ValueError, TypeError):
                raise invalid("offset is not a token of this list") from None
        else:
            picked, following = after(rows, key, None, size)
        told: Shown = {"data": [self.kept(shown(row)) for row in picked], "hasNext": following is not None}
        if following is not None:
            told["next"] = quote(json.dumps(following, separators=(",", ":")), safe="")
        return JSONResponse(told)


# Orders of lists.


def newest(row: Row) -> list[Any]:
    at = ms(row["created_at"])
    assert at is not None
    return [-at, row["id"]]


def as_listed(row: Row) -> list[Any]:
    return [row.get("position", 0), str(row.get("text") or row.get("name") or ""), row["id"]]


# Bodies.


def number(value: Any) -> Any:
    """A number, also where a form has it as text."""
    return int(value) if isinstance(value, str) and value.isdigit() else value


async def take_body(call: Call) -> None:
    """JSON, or a form with files, as the Content-Type says."""
    request = call.request
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        call.body = await json_within(request, MOST)
        return
    await body_within(request, MOST)
    call.body = {}
    async with request.form() as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                call.files.setdefault(re.sub(r"\[\d*\]$", "", name), []).append(
                    (value.filename or "", await value.read())
                )
            else:
                _put(call.body, name, value)


def _put(body: dict[str, Any], name: str, value: str) -> None:
    """Enter one field of a form: `tags[]`, `phones[0][value]`, `archived[reason]`."""
    head, *inner = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", name) or [name]
    if head == "phones" and len(inner) == 2 and inner[0].isdigit() and int(inner[0]) < 20:
        phones = body.setdefault("phones", [])
        while len(phones) <= int(inner[0]):
            phones.append({})
        phones[int(inner[0])][inner[1]] = value
    elif head in LISTS:
        body.setdefault(head, []).append(value)
    elif inner and inner[0]:
        body.setdefault(head, {})[inner[0]] = value
    else:
        body[head] = value
