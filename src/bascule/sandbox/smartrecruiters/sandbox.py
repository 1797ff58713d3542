"""One company: its tables, credentials, webhook subscriptions, outbox and faults."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

from starlette.responses import JSONResponse, Response

from ..kit.access import OAuth, Tokens, Traits, rotated, secret
from ..kit.deeds import Doing, deeds
from ..kit.ids import Id
from ..kit.rates import Together, Windows
from ..kit.tables import SYSTEM, Actor, Database, Row
from ..kit.tenant import Tenant
from ..kit.trouble import Words
from . import deeds as own
from .hooks import manner
from .options import PUBLISHING, SEARCHING, TOGETHER, Options
from .tables import OVER, SCOPES, kinds

SEARCH = "GET /candidates"
# Statuses that are no step of a pipeline.
OUTSIDE = OVER | {"LEAD"}


def refuse(status: int, message: str) -> Response:
    return JSONResponse({"message": message, "errors": [{"code": f"ERROR_{status}", "message": message}]}, status)


def rows_of(body: Any) -> list[Any]:
    """The objects of an answer: of a list, or the one that it is."""
    return body["content"] if isinstance(body, dict) and isinstance(body.get("content"), list) else [body]


def _label(db: Database, key: Any) -> str:
    row = db["properties"].get(key)
    return str(row["label"]) if row else str(key)


class Sandbox(Tenant[Options]):
    """The state of one company. Clock, sleep and transport come from outside."""

    words = Words(refuse, rows_of)

    def __init__(self, options: Options | None = None, **outside: Any) -> None:
        from .seed import fill  # it acts on a sandbox, so it is imported when there is one

        chosen = options or Options()
        super().__init__(
            chosen, kinds(chosen.seed), manner=manner(lambda: self, chosen.seed), entries={"properties": _label},
            **outside,
        )  # fmt: skip
        self.windows = Windows(chosen.rate)
        self.publishing = Windows(PUBLISHING)
        self.together = Together(lambda key: SEARCHING if isinstance(key, tuple) and key[1] == SEARCH else TOGETHER)
        self.tokens = Tokens(self.now, chosen.seed)
        self.oauth = OAuth(self, self.tokens, Traits(access_lifetime=chosen.token_lifetime))
        self._secrets = Random(f"secrets-{chosen.seed}")
        fill(self)
        self.faults.deeds = deeds(self, Doing(
            admin=lambda: next(row["id"] for row in self.db["users"]),
            forget_tokens=partial(self.tokens.forget, "access"), forget_consents=partial(self.tokens.forget, "refresh"),
            revoke=self.revoke, rotate=self.rotate, scopes=True, **own.doing(self),
        ))  # fmt: skip
        self.faults.load(chosen.faults)

    def add_people(self, count: int, *, dirty: bool = False) -> int:
        from .seed import add_people

        return add_people(self, count, dirty=dirty)

    def forget_tokens(self) -> None:
        self.tokens.forget("access")

    # Credentials.

    def open_credential(
        self, actor: Actor, type: str, name: str, scopes: Sequence[str] = SCOPES, *, user_id: Id = None,
        role: str = "ADMINISTRATOR", redirect: str = "",
    ) -> Row:  # fmt: skip
        """An API key (`key`) or an OAuth client (`client`), which can do nothing without a system role."""
        return self.db.create(
            "credentials", actor, type=type, name=name,
            client_id=secret(self._secrets, 32) if type == "client" else None,
            secret=secret(self._secrets), previous_secret=None, previous_until=None, scopes=list(scopes), revoked=False,
            role=role, user_id=user_id or next(row["id"] for row in self.db["users"]),
            redirect_uris=[redirect] if redirect else [],
        )  # fmt: skip

    def rotate(self, actor: Actor, id: Id, grace: timedelta) -> None:
        row = self.db["credentials"].rows[id]
        self.db.change("credentials", id, actor, rotated(row, secret(self._secrets), self.now(), grace))

    def revoke(self, actor: Actor, id: Id) -> None:
        self.db.change("credentials", id, actor, {"revoked": True})

    # What happens besides.

    def emit(self, action: str, path: str, about: str, **ids: Id) -> None:
        """An event with nothing but ids in it, and where to read what they stand for."""
        self.hooks.emit(action, lambda: {"path": path, "ids": ids}, about=about)

    def mail(self, to: str, subject: str, body: str, why: str) -> None:
        """Put an e-mail into the outbox. Nothing leaves this machine."""
        self.db.create("emails", SYSTEM, to=to, subject=subject, body=body, why=why)

    def stage(self, process_id: Id, status: str, name: str | None = None) -> Row | None:
        """Where a hiring process stands with a status and, where it has them, a sub-status."""
        return next((row for row in self.db["stages"].where("process_id", process_id)
                     if (row["status"], row["name"]) == (status, name)), None)  # fmt: skip

    def ladder(self, process_id: Id) -> list[Row]:
        """The stages of a hiring process through which people walk, in their order."""
        rows = [row for row in self.db["stages"].where("process_id", process_id) if row["status"] not in OUTSIDE]
        divided = {row["status"] for row in rows if row["name"]}
        return [row for row in rows if row["name"] or row["status"] not in divided]
