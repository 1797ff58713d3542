"""One database: its tables, its users and their keys, its rules, its faults."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, Response

from ..kit.access import secret, valid
from ..kit.hooks import Deliver, refuse
from ..kit.ids import numbers
from ..kit.rates import Windows
from ..kit.tables import SYSTEM, Actor, Database, Kind, Row
from ..kit.tenant import Tenant, wall_clock
from ..kit.trouble import Words
from . import automation, recruitment, technical
from .env import Env, given
from .errors import denied
from .options import Options
from .schema import PARENTS, Field, Model, models

# First ids that differ, so that mixing two kinds up shows.
FIRST = {"users": 1, "contacts": 1, "groups": 1, "companies": 1, "candidates": 1001, "applications": 4001, "jobs": 11,
         "stages": 1, "notes": 20_001, "attachments": 30_001, "tags": 1, "reasons": 1, "employees": 51, "models": 101,
         "fields": 5_001, "credentials": 1}  # fmt: skip


def kinds(found: Mapping[str, Model]) -> dict[str, Kind]:
    names = dict.fromkeys([*(model.table for model in found.values()), "credentials", "emails"])
    return {name: Kind(numbers(FIRST.get(name, 1)), PARENTS.get(name, ())) for name in names}


def _worded(status: int, message: str) -> Response:
    """What Odoo says itself is an object; what stands before it answers with a page."""
    if status == 429 or status >= 500:
        title = f"{status} {message}"
        return HTMLResponse(f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>", status)
    return JSONResponse({"name": "werkzeug.exceptions.HTTPException", "message": message,
                         "arguments": [message, status], "context": {}, "debug": ""}, status)  # fmt: skip


def _objects(content: Any) -> list[Any]:
    found = content.get("result") if isinstance(content, dict) and "jsonrpc" in content else content
    return found if isinstance(found, list) else [found]


class Sandbox(Tenant[Options]):
    """The state and behaviour of one database. Clock, sleep and webhook transport come from outside."""

    words = Words(_worded, _objects)

    def __init__(
        self,
        options: Options | None = None,
        *,
        now: Callable[[], datetime] = wall_clock,
        deliver: Deliver = refuse,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        from .deeds import deeds  # these two act on a sandbox, so they are imported when there is one
        from .seed import fill

        chosen = options or Options()
        self.models = models(chosen)
        # The one action that is being run, under `id`; and whether any was since it was asked last.
        self.aimed: dict[str, int] = {}
        self.fired = False
        super().__init__(chosen, kinds(self.models), manner=automation.manner(self.aimed), now=now, deliver=deliver,
                         sleep=sleep)  # fmt: skip
        self._custom: dict[str, Mapping[str, Field]] | None = None
        self.model_ids: dict[str, int] = {}
        self.field_ids: dict[tuple[str, str], int] = {}
        self.windows = Windows(chosen.rate) if chosen.rate else None
        self._keys = Random(f"keys-{chosen.seed}")
        # What others see while a transaction of 17 waits for the receivers of its webhooks; and its lock.
        self.shown: Database | None = None
        self.lock = asyncio.Lock()
        fill(self)
        self.faults.deeds = deeds(self)
        self.faults.load(chosen.faults)

    def add_people(self, count: int, *, dirty: bool = False) -> int:
        from .seed import add_people

        return add_people(self, count, dirty=dirty)

    # Fields, with those that the database made for itself.

    def fields(self, model: str) -> Mapping[str, Field]:
        if self._custom is None:
            self._custom = self._read_fields()
        own = self.models[model].fields
        return {**own, **self._custom[model]} if model in self._custom else own

    def forget_fields(self) -> None:
        self._custom = None

    def _read_fields(self) -> dict[str, Mapping[str, Field]]:
        self.model_ids = {row["model"]: row["id"] for row in self.db["models"]}
        self.field_ids = {(row["model"], row["name"]): row["id"] for row in self.db["fields"]}
        found: dict[str, dict[str, Field]] = {}
        for row in self.db["fields"]:
            if row["state"] == "manual":
                choices = sorted(
                    self.db["choices"].where("field_id", row["id"]), key=lambda one: (one["sequence"], one["id"])
                )
                spec = Field(row["ttype"], row["field_description"], row["relation"] or "", row["relation_field"] or "",
                             required=row["required"], readonly=row["readonly"], size=row["size"] or None, manual=True,
                             selection=tuple((one["value"], one["name"]) for one in choices), help=row["help"] or "",
                             tracking=bool(row["tracking"]))  # fmt: skip
                found.setdefault(row["model"], {})[row["name"]] = spec
        return dict(found)

    def owner(self, model: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Whose a message, file or meeting is, for whoever follows a person through the log."""
        if model == "calendar.event":
            about, id = ("hr.applicant", values.get("applicant_id"))
        elif model in ("mail.message", "ir.attachment"):
            about, id = values.get("model" if model == "mail.message" else "res_model"), values.get("res_id")
        else:
            return {}
        if about == "hr.candidate" or (about == "hr.applicant" and not self.options.persons):
            return {"candidate_id": id}
        row = self.db["applications"].get(id) if about == "hr.applicant" else None
        return {"candidate_id": row["candidate_id"], "application_id": id} if row else {}

    # Who calls.

    def env(self, user: Row, actor: Actor, *, root: bool = False, context: Mapping[str, Any] | None = None) -> Env:
        return Env(self, user, given(user, user["groups"]), actor, context or {}, root)

    def robot(self, actor: Actor = SYSTEM, context: Mapping[str, Any] | None = None) -> Env:
        """As the system itself."""
        return self.env(self.db["users"].rows[1], actor, root=True, context=context)

    def person(self, actor: Actor) -> Env:
        """As whoever works at a page; the system where nobody does."""
        user = self.db["users"].get(actor.user_id)
        return self.robot(actor) if user is None else self.env(user, actor)

    def new_key(self, actor: Actor, name: str, user_id: int, *, days: float | None = None) -> Row:
        """An API key of a user: 160 bits, shown once."""
        lifetime = self.options.key_days if days is None else days
        expires = None if lifetime is None else self.now() + timedelta(days=lifetime)
        user = self.db["users"].rows[user_id]
        return self.db.create("credentials", actor, name=name, user_id=user_id, secret=secret(self._keys, 40),
                              scopes=list(user["groups"]), revoked=False, expires_at=expires)  # fmt: skip

    def key(self, given_key: str) -> Row | None:
        """The key with a text, if it works and its user does."""
        for row in self.db["credentials"]:
            late = row["expires_at"] is not None and row["expires_at"] <= self.now()
            if valid(row, given_key, self.now()) and not late and self.db["users"].rows[row["user_id"]]["active"]:
                return row
        return None

    def caller(self, key: Row, context: Mapping[str, Any] | None) -> Env:
        if self.options.plan != "custom":
            raise denied()
        user = self.db["users"].rows[key["user_id"]]
        return Env(self, user, given(user, key["scopes"]), Actor(f"api:{key['name']}", user["id"]), context or {})


# Imported for what they add to the functions that create and write.
assert recruitment.APPLICANT
assert technical.FIELDS
