"""One tenant: its tables, its webhooks, its credentials, its settings, its faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.responses import Response

from ..kit.ids import Id
from ..kit.rates import Buckets, Windows
from ..kit.tables import Actor, Row
from ..kit.tenant import Tenant
from ..kit.trouble import Words
from .access import Access
from .errors import missing, refusal
from .hooks import manner
from .options import Options
from .tables import kinds

NAMES = {
    "applications": "Opportunity", "candidates": "Contact", "jobs": "Posting", "attachments": "File",
    "submissions": "Application",
}  # fmt: skip


def name_of(kind: str) -> str:
    """What Lever calls an object of a kind."""
    return NAMES.get(kind) or kind.rstrip("s").replace("_", " ").capitalize()


def _objects(body: Any) -> list[Any]:
    """Where the objects of an answer are, in the Data API and in the Postings API."""
    found = body.get("data", body) if isinstance(body, dict) else body
    return found if isinstance(found, list) else [found]


def _refused(status: int, message: str) -> Response:
    return refusal(status, message)


class Sandbox(Tenant[Options]):
    """The state and behaviour of one tenant. Clock, sleep and webhook transport come from outside.

    A program that wants everything at once uses `run`; a test holds the clock, passes requests to
    `create_app(sandbox)` and calls `hooks.deliver_due()` when deliveries should leave.
    """

    words = Words(_refused, _objects)

    def __init__(self, options: Options | None = None, **outside: Any) -> None:
        from .deeds import doing  # these act on a sandbox, so they are imported when there is one
        from .seed import fill

        chosen = options or Options()
        super().__init__(chosen, kinds(chosen.seed), manner=manner(self), **outside)
        # Whom the webhook is about that is being sent.
        self.subject: Mapping[str, Any] = {}
        # Who has had an e-mail address, in small letters; whoever has it now is among them.
        self.addresses: dict[str, list[Id]] = {}
        self.access = Access(self)
        self.limits = Buckets(chosen.rate, chosen.burst)
        self.posting_limit = Windows(chosen.posting_rate)
        fill(self)
        self.faults.deeds = doing(self)
        self.faults.load(chosen.faults)

    def add_people(self, count: int, *, dirty: bool = False) -> int:
        from .seed import add_people

        return add_people(self, count, dirty=dirty)

    def forget_tokens(self) -> None:
        self.access.tokens.forget("access")

    def row(self, kind: str, id: Id) -> Row:
        """The row, or Refused (404)."""
        found = self.db[kind].get(id)
        if found is None:
            raise missing(name_of(kind))
        return found

    def admin(self) -> Row:
        """The first Super Admin who is not deactivated."""
        return next(row for row in self.db["users"]
                    if row["access_role"] == "super admin" and row["deactivated_at"] is None)  # fmt: skip

    # Shared by everything a person or a program does.

    def emit(self, event: str, opportunity: Row | None, data: Callable[[], Mapping[str, Any]], contact: Id) -> None:
        """Tell the webhooks that want it. `opportunity` decides about origins and confidentiality."""
        self.subject = opportunity or {}
        self.hooks.emit(event, lambda: dict(data()), about=f"candidate/{contact}")

    def interacted(self, opportunity_id: Id, what: str) -> None:
        """Something was done on an opportunity: whether that counts as an interaction is the tenant's option."""
        if what in self.options.interactions:
            now = self.now()
            self.db.mark("applications", opportunity_id, last_interaction_at=now, updated_at=now)

    def email(self, actor: Actor, to: list[str], subject: str, body: str, why: str, contact: Id = None) -> None:
        """Send an e-mail: the sandbox only lists it in the outbox."""
        self.db.create("emails", actor, candidate_id=contact, to=to, subject=subject, body=body, why=why)
