"""One tenant: its tables, its API keys, its webhooks, its faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from starlette.responses import JSONResponse, Response

from ..kit.access import rotated, secret
from ..kit.tables import Actor, Row, plain
from ..kit.tenant import Tenant
from ..kit.trouble import Words
from . import fields
from .access import SCOPES, Sight
from .errors import Refused, envelope, missing
from .hooks import MANNER
from .options import Options
from .payloads import Shower
from .tables import kinds

# What a refusal is called by its status, where nothing better is known.
CODES: Mapping[int, str] = {401: "unauthorized", 403: "forbidden", 429: "rate_limited", 500: "internal_error"}
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# Whom webhooks are for: they tell of confidential jobs where they say so, and never of private fields.
HOOKS: Row = {"confidential": True, "private_fields": False}
APP = "https://app.ashbyhq.com"


def _refuse(status: int, message: str) -> Response:
    code = CODES.get(status, "internal_error" if status >= 500 else "invalid_input")
    return JSONResponse(envelope(Refused(status, message, code=code), "0" * 26), status)


def _objects(body: Any) -> list[Any]:
    results = body.get("results") if isinstance(body, dict) else None
    return results if isinstance(results, list) else [results]


class Sandbox(Tenant[Options]):
    """The state and behaviour of one tenant. Clock, sleep and webhook transport come from outside."""

    words = Words(_refuse, _objects)

    def __init__(self, options: Options | None = None, **outside: Any) -> None:
        from .deeds import doing  # these act on a sandbox, so they are imported when there is one
        from .seed import fill

        chosen = options or Options()
        super().__init__(chosen, kinds(chosen.seed), manner=MANNER, entries={"custom_fields": fields.name}, **outside)
        self._ids = Random(f"requests-{chosen.seed}")
        # Chance of its own, so that what happens does not change whom `add_people` fills in.
        self.order = Random(f"order-{chosen.seed}")
        # Where this tenant is reached, as far as somebody has come here yet; webhooks have links too.
        self.address = APP
        # Counts how often all cursors and sync tokens were forgotten.
        self.era = 0
        fill(self)
        self.faults.deeds = doing(self)
        self.faults.load(chosen.faults)

    def add_people(self, count: int, *, dirty: bool = False) -> int:
        from .seed import add_people

        return add_people(self, count, dirty=dirty)

    def forget_tokens(self) -> None:
        """Keys do not expire here; every cursor and sync token given so far does."""
        self.era += 1

    @property
    def admin(self) -> Row:
        """The first administrator."""
        return next(row for row in self.db["users"] if row["role"] == "Organization Admin" and row["enabled"])

    def row(self, kind: str, id: Any, what: str) -> Row:
        """The row, or Refused under the code of `what`."""
        found = self.db[kind].get(id)
        if found is None:
            raise missing(what)
        return found

    def request_id(self) -> str:
        """An id as every refusal has one."""
        return "01" + "".join(self._ids.choices(ALPHABET, k=24))

    # API keys.

    def create_key(
        self, actor: Actor, name: str, scopes: tuple[str, ...] | list[str] = SCOPES, *, confidential: bool = False,
        private_fields: bool = False, update_history: bool = False, user_id: str | None = None,
    ) -> Row:  # fmt: skip
        return self.db.create(
            "credentials", actor, name=name, secret=secret(self._ids, 64), previous_secret=None, previous_until=None,
            scopes=list(scopes), confidential=confidential, private_fields=private_fields,
            update_history=update_history, revoked=False, user_id=user_id or self.admin["id"],
        )  # fmt: skip

    def revoke_key(self, actor: Actor, id: Any) -> None:
        self.row("credentials", id, "api_key")
        self.db.change("credentials", id, actor, {"revoked": True})

    def rotate_key(self, actor: Actor, id: Any, grace: timedelta) -> None:
        row = self.row("credentials", id, "api_key")
        self.db.change("credentials", id, actor, rotated(row, secret(self._ids, 64), self.now(), grace))

    # What everybody hears of.

    def _event_id(self) -> str:
        return str(UUID(int=self._ids.getrandbits(128), version=4))

    def shower(self, key: Row | None = HOOKS, base: str = "") -> Shower:
        return Shower(self.db, Sight(self.db, key, self.seen), base or self.address)

    def tell(self, action: str, about: str, data: Callable[[], Any]) -> None:
        """Send an event to the hooks of its type, with an id that all of them get."""
        self.hooks.emit(action, lambda: {"id": self._event_id(), "first": {}, "data": plain(data())}, about=about)

    def tell_application(self, application: Row, *actions: str) -> None:
        """Send several events of one change, in no promised order. Of a confidential job only hires are told."""
        job = self.db["jobs"].rows[application["job_id"]]
        chosen = [action for action in actions if action == "candidateHire" or not job["confidential"]]
        self.order.shuffle(chosen)
        for action in chosen:
            self.tell(action, f"application/{application['id']}", lambda action=action: self._told(application, action))

    def _told(self, application: Row, action: str) -> Mapping[str, Any]:
        shower = self.shower()
        told: dict[str, Any] = {"application": shower.application(application)}
        if action == "candidateHire":
            accepted = [one for one in self.db["offers"].where("application_id", application["id"])
                        if one["acceptance"] == "Accepted"]  # fmt: skip
            if accepted:
                told["offer"] = shower.offer(accepted[-1], whole=True)
        return told

    def tell_job(self, job: Row, action: str = "jobUpdate") -> None:
        if not job["confidential"]:
            self.tell(action, f"job/{job['id']}", lambda: {"job": self.shower().job(job)})

    def email(self, actor: Actor, candidate_id: str, to: list[str], subject: str, body: str, why: str) -> None:
        """An e-mail that the real system would send: it is only listed in the outbox."""
        self.db.create("emails", actor, candidate_id=candidate_id, to=to, subject=subject, body=body, why=why)
