"""One company: its tables, keys, webhooks, files and faults."""

from __future__ import annotations

import json
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from ..kit.access import secret, valid
from ..kit.hooks import Delivery
from ..kit.ids import Id
from ..kit.rates import Windows
from ..kit.tables import SYSTEM, Actor, Row
from ..kit.tenant import Tenant
from ..kit.trouble import Words
from . import errors, files
from .hooks import EVENTS, manner
from .options import Options
from .tables import kinds

LEVELS = ("public", "internal", "admin")


def objects(content: Any) -> list[Any]:
    """The objects of an answer, wherever they stand."""
    if not isinstance(content, dict):
        return []
    data = content.get("data")
    return [*(data if isinstance(data, list) else [data]), *content.get("included", [])]


class Sandbox(Tenant[Options]):
    """The state and behaviour of one company. Clock, sleep, webhook transport and `fetch` come from outside."""

    words = Words(errors.fault, objects)

    def __init__(self, options: Options | None = None, *, fetch: files.Fetch = files.fetch, **outside: Any) -> None:
        from .deeds import doing  # these two act on a sandbox, so they are imported when there is one
        from .seed import fill

        chosen = options or Options()
        super().__init__(chosen, kinds(chosen.seed), manner=manner(chosen.v2_embeds, self._not_taken), **outside)
        self.zone = ZoneInfo(chosen.zone)
        self.fetch = fetch
        self.vault = files.Vault(chosen.seed, self.now)
        self.windows = Windows(chosen.rate)
        # As the interface was last called, for addresses in what is sent to others.
        self.base = "https://api.teamtailor.example"
        dice = Random(f"company-{chosen.seed}")
        self.company = {"uuid": secret(dice, 12), "name": "Tenant AB", "website": "https://tenant.example",
                        "locale": "en"}  # fmt: skip
        self._keys = Random(f"keys-{chosen.seed}")
        self._events = 0
        fill(self)
        self.faults.deeds = doing(self)
        self.faults.load(chosen.faults)

    def add_people(self, count: int, *, dirty: bool = False) -> int:
        from .seed import add_people

        return add_people(self, count, dirty=dirty)

    def forget_tokens(self) -> None:
        """There are none: keys work until they are revoked."""

    def row(self, kind: str, id: Id) -> Row:
        """The row, or Refused (404)."""
        found = self.db[kind].get(id)
        if found is None:
            raise errors.missing(id)
        return found

    def when(self, moment: datetime | None) -> str | None:
        """A time as this company is told it: milliseconds and the offset of its own zone."""
        return moment and moment.astimezone(self.zone).isoformat(timespec="milliseconds")

    # Keys.

    def key(self, name: str, *, level: str = "admin", read: bool = True, write: bool = True) -> Row:
        """A new key of the customer's interface. `write` alone creates; both also change and delete."""
        scopes = [*LEVELS[: LEVELS.index(level) + 1], *(["read"] if read else []), *(["write"] if write else [])]
        return self.db.create("credentials", SYSTEM, name=name, kind="customer", secret=secret(self._keys, 32),
                              previous_secret=None, previous_until=None, revoked=False, scopes=scopes, user_id=None,
                              partner_id=None)  # fmt: skip

    def partner_key(self, partner: Row) -> Row:
        return self.db.create("credentials", SYSTEM, name=partner["name"], kind="partner", revoked=False,
                              secret=secret(self._keys, 32), previous_secret=None, previous_until=None, user_id=None,
                              scopes=["read", "write"], partner_id=partner["id"])  # fmt: skip

    def new_secret(self) -> str:
        return secret(self._keys, 32)

    def holder(self, kind: str, given: str) -> Row | None:
        """Whose key this is."""
        now = self.now()
        rows = (row for row in self.db["credentials"] if row["kind"] == kind)
        return next((row for row in rows if valid(row, given, now)), None)

    def manager(self) -> Row:
        """Who stands in wherever a user is needed."""
        return next(row for row in self.db["users"] if row["role"] == "admin")

    # What follows from what people and programs do.

    def activity(self, actor: Actor, code: str, candidate_id: Id, job_id: Id = None, **data: Any) -> None:
        self.db.create("activities", actor, code=code, candidate_id=candidate_id, job_id=job_id,
                       user_id=actor.user_id, data=json.dumps(data))  # fmt: skip

    def audit(self, actor: Actor, action: str, kind: str, source: Row, label: str, description: str = "") -> None:
        """A line of the audit log, if the company has it."""
        if "audit-log" not in self.options.addons:
            return
        user = self.db["users"].get(actor.user_id) if actor.kind.startswith("user:") else None
        self.db.create("audit_events", SYSTEM, action=action, actor_id=user and user["id"],
                       actor_label=user["name"] if user else actor.kind.rpartition(":")[2],
                       actor_type="user" if user else "api-key" if actor.kind.startswith("api:") else "system",
                       description=description, ip_address="127.0.0.1", source_id=source["id"], source_type=kind,
                       source_label=label, timestamp=self.now())  # fmt: skip

    def email(self, actor: Actor, to: str | None, subject: str, body: str, why: str, candidate_id: Id = None) -> None:
        """Send an e-mail: the sandbox only lists it in the outbox. Who has no address gets none."""
        if to:
            self.db.create("emails", actor, candidate_id=candidate_id, to=[to], subject=subject, body=body, why=why)

    def touch(self, candidate_id: Id) -> None:
        """Something that is not a column of a candidate has changed."""
        if self.options.touch == "all" and self.db["candidates"].get(candidate_id):
            self.db.mark("candidates", candidate_id, updated_at=self.now())

    def sweep(self) -> None:
        """Remove whom the retention rules have flagged, once their week is over."""
        from .people import delete

        now = self.now()
        for row in self.db["candidates"]:
            if row["removal_at"] is not None and row["removal_at"] <= now:
                delete(self, SYSTEM, row["id"])

    def next_event(self) -> str:
        """The id of one more event sent to a partner."""
        self._events += 1
        return str(UUID(int=Random(f"event-{self.options.seed}-{self._events}").getrandbits(128), version=4))

    def _not_taken(self, hook: Row, delivery: Delivery) -> None:
        """A partner that does not take its webhook has its card marked as failed."""
        if hook["kind"] == "partner":
            result = delivery.payload["partner-event"]["partner-result"]["id"]
            if result in self.db["partner_results"].rows:
                self.db.change("partner_results", result, SYSTEM, {"status": "failed"})

    async def hook(self, actor: Actor, label: str, url: str, events: list[str], version: str = "v2") -> Row:
        """Enter a company webhook; its key is made for it."""
        if "webhooks" not in self.options.addons:
            raise errors.wrong(403, "Forbidden", "The Webhooks feature is not enabled for this company", 403)
        loopback = url.startswith(("http://127.0.0.1", "http://localhost", "http://[::1]"))
        if not url.startswith("https://") and not loopback:
            raise errors.Invalid(("url", "must be HTTPS"))
        if not events or set(events) - set(EVENTS):
            raise errors.Invalid(("events", "must be chosen"))
        values = {"kind": "company", "name": label, "url": url, "events": events, "signature_version": version,
                  "secret": self.new_secret()}  # fmt: skip
        return await self.hooks.save(actor, values)
