"""One tenant: its tables, its webhooks, its credentials, its settings, its faults."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from ..kit.access import OAuth, Traits
from ..kit.hooks import Deliver, refuse
from ..kit.tables import Actor, Database, Row
from ..kit.tenant import Tenant, wall_clock
from .access import CODE_LIFETIME, Access
from .errors import missing
from .hooks import MANNER
from .options import Options
from .tables import KINDS


def field_name(db: Database, id: int) -> str:
    """What the log of changes calls a custom field."""
    definition = db["custom_fields"].get(id)
    return definition["name_key"] if definition else str(id)


class Sandbox(Tenant[Options]):
    """The state and behaviour of one tenant. Clock, sleep and webhook transport come from outside.

    A program that wants everything at once uses `serve`; a test holds the clock, passes requests to
    `create_app(sandbox)` and calls `hooks.deliver_due()` when deliveries should leave.
    """

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

        super().__init__(options or Options(), KINDS, manner=MANNER, entries={"custom_fields": field_name}, now=now,
                         deliver=deliver, sleep=sleep)  # fmt: skip
        self.access = Access(self.db, self.options)
        self.oauth = OAuth(self, self.access.tokens, Traits(code_lifetime=CODE_LIFETIME))
        self.auto_merge = self.options.auto_merge
        fill(self)
        self.faults.deeds = deeds(self)
        self.faults.load(self.options.faults)

    def add_people(self, count: int, *, dirty: bool = False) -> int:
        from .seed import add_people

        return add_people(self, count, dirty=dirty)

    def forget_tokens(self) -> None:
        self.access.forget_tokens()

    def row(self, kind: str, id: int | None) -> Row:
        """The row, or Refused (404)."""
        found = self.db[kind].get(id)
        if found is None:
            raise missing(kind.replace("_", " ").removesuffix("s"), id)
        return found

    # Who may see and do what.

    def sees(self, user: Row, kind: str, row: Row) -> bool:
        """Whether a user may see a row: private people and confidential jobs need a permission of their own."""
        if row["id"] in self.hidden.get(kind, ()):
            return False
        if user["sees_private"]:
            return True
        person = row if kind == "candidates" else self._person(row)
        if person is not None and person["private"]:
            return False
        application = self.db["applications"].get(row.get("application_id")) or {}
        job = row if kind == "jobs" else self.db["jobs"].get(row.get("job_id") or application.get("job_id"))
        return job is None or not job["confidential"]

    def _person(self, row: Row) -> Row | None:
        application = self.db["applications"].get(row.get("application_id")) or {}
        return self.db["candidates"].get(row.get("candidate_id") or application.get("candidate_id"))

    def may_act(self, user: Row, job_id: int | None) -> bool:
        """Whether a user may change things on a job; site admins may everywhere."""
        if user["deactivated"]:
            return False
        permissions = self.db["user_job_permissions"].where("user_id", user["id"])
        return user["site_admin"] or any(one["job_id"] == job_id for one in permissions)

    def may_act_on_candidate(self, user: Row, candidate_id: int) -> bool:
        applications = self.db["applications"].where("candidate_id", candidate_id)
        return user["site_admin"] or any(self.may_act(user, one["job_id"]) for one in applications)

    # Shared by everything a person or a program does.

    def touch(self, application_id: int) -> None:
        """Something happened on an application; not a change of the application itself."""
        if self.db["applications"].get(application_id):
            self.db.mark("applications", application_id, last_activity_at=self.now())

    def activity(self, actor: Actor, candidate_id: int, body: str, application_id: int | None = None) -> None:
        """An entry of the activity feed that the ATS writes by itself."""
        self.db.create("notes", actor, candidate_id=candidate_id, application_id=application_id, type="ACTIVITY",
                       user_id=actor.user_id, body=body, subject=None, visibility="publicly_visible")  # fmt: skip
        if application_id is not None:
            self.touch(application_id)

    def email(self, actor: Actor, candidate_id: int, subject: str, body: str, why: str) -> None:
        """Send an e-mail to a candidate: the sandbox only lists it in the outbox."""
        person = self.db["candidates"].rows[candidate_id]
        to = [one["value"] for one in person["email_addresses"][:1]]
        self.db.create("emails", actor, candidate_id=candidate_id, to=to, subject=subject, body=body, why=why)
