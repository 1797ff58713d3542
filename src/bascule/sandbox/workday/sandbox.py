"""One tenant: its tables, its transaction log, its credentials, its settings, its faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from copy import copy
from datetime import datetime
from functools import partial
from random import Random
from typing import Any, Self

from starlette.responses import JSONResponse, Response

from ..kit.access import OAuth, Tokens, Traits, rotated, secret
from ..kit.deeds import Doing, deeds
from ..kit.errors import Refused
from ..kit.ids import Id
from ..kit.rates import Windows
from ..kit.tables import Actor, Database, Row
from ..kit.tenant import Tenant
from ..kit.trouble import Words
from . import deeds as own
from .options import Options, Rate, zone_of
from .tables import FIRST, PATTERNS, kinds

# Security domains an integration system user can be granted. An operation needs its own; an element of which the domain
# is missing is left out of answers.
DOMAINS = (
    "Candidate Data", "Candidate Data: Contact Information", "Candidate Data: Attachments", "Candidate Data: Tags",
    "Candidate Data: Assessments", "Candidate Data: Additional Data", "Candidate Data: Personal Information",
    "Move Candidate", "Job Requisition Data", "Prospects", "Create External Prospects", "Interview Feedback Public API",
    "Job Postings: External", "Custom Reports",
)  # fmt: skip
# Functional areas an API client can be given.
AREAS = ("Recruiting", "Talent Pipeline", "System")


def refuse(status: int, message: str) -> Response:
    """What goes wrong, as REST and reports say it."""
    return JSONResponse({"error": message}, status)


def rows_of(body: Any) -> list[Any]:
    """The objects of an answer: of a list, of a report, or the one that it is."""
    if isinstance(body, dict):
        for key in ("data", "Report_Entry"):
            if isinstance(body.get(key), list):
                return body[key]
    return [body]


class Journal:
    """The transaction log: when what happened to whom. Only this is what a request by time finds."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, Id], list[tuple[datetime, str]]] = {}

    def note(self, kind: str, id: Id, at: datetime, type: str) -> None:
        self._entries.setdefault((kind, id), []).append((at, type))

    def between(self, kind: str, id: Id, since: datetime | None, until: datetime | None) -> bool:
        """Whether anything happened in that time, both ends included."""
        return any((since is None or at >= since) and (until is None or at <= until)
                   for at, _ in self._entries.get((kind, id), ()))  # fmt: skip


class Sandbox(Tenant[Options]):
    """The state and behaviour of one tenant. Clock, sleep and transport come from outside."""

    words = Words(refuse, rows_of)

    def __init__(self, options: Options | None = None, **outside: Any) -> None:
        from .seed import fill  # it acts on a sandbox, so it is imported when there is one

        chosen = options or Options()
        super().__init__(chosen, kinds(chosen.seed), entries={"additional": _alias}, **outside)
        self.zone = zone_of(chosen.zone)
        self.journal = Journal()
        self._counted = Counter[str](dict(FIRST))
        self.windows = Windows(chosen.rate)
        self.invalid = Windows(chosen.invalid)
        self.extracts = Windows(chosen.extracts)
        self.days = Windows(Rate(chosen.extracts.limit * 5, 86_400.0))
        self.tokens = Tokens(self.now, f"{chosen.tenant}-{chosen.seed}")
        self.oauth = OAuth(self, self.tokens, Traits(
            grants=("refresh_token", "authorization_code"), access_lifetime=chosen.token_lifetime,
            refresh_lifetime=chosen.refresh_lifetime, rotates=False, answer=self._answered,
        ))  # fmt: skip
        # Answers of first pages, from which the following ones are read.
        self.crawls: dict[object, tuple[datetime, list[Id]]] = {}
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

    # Rows.

    def add(self, kind: str, actor: Actor, /, **values: Any) -> Row:
        """A row, with a reference id of the tenant's own counting where its kind has one and none is given."""
        if kind in PATTERNS and not values.get("ref"):
            self._counted[kind] += 1
            values["ref"] = PATTERNS[kind].format(self._counted[kind])
        return self.db.create(kind, actor, **values)

    def named(self, kind: str, ref: str) -> Row:
        """The row of a kind of setting that has this reference id or name."""
        return next(row for row in self.db[kind] if ref in (row.get("ref"), row.get("name")))

    def happened(self, kind: str, id: Id, type: str, *, event: bool = True) -> None:
        """Note it in the transaction log; what is no business process and no edit, only if the tenant logs all."""
        if event or self.options.transaction_log == "everything":
            self.journal.note(kind, id, self.now(), type)

    def at(self, moment: datetime | None) -> Self:
        """This tenant as it was entered at a moment of its clock; itself where that is not past."""
        if moment is None or moment >= self.now():
            return self
        past = copy(self)
        past.db = self.db.as_of(moment - self.faults.skew())
        return past

    def email(self, actor: Actor, candidate_id: Id, subject: str, body: str, why: str) -> None:
        """Send an e-mail to a candidate: the sandbox only lists it in the outbox."""
        person = self.db["candidates"].rows[candidate_id]
        self.db.create("emails", actor, candidate_id=candidate_id, to=person["email"], subject=subject, body=body,
                       why=why)  # fmt: skip

    # Credentials.

    def open_user(self, actor: Actor, name: str, domains: Any = DOMAINS) -> Row:
        """An integration system user with the domains its security group is granted."""
        if not name or any(row["name"] == name for row in self.db["credentials"]):
            raise Refused(422, f"There is a user {name} already" if name else "Give the user a name")
        return self.db.create(
            "credentials", actor, type="isu", name=name, secret=secret(self._secrets, 20), previous_secret=None,
            previous_until=None, scopes=sorted(domains), revoked=False, client_id=None, user_id=None, redirect_uris=[],
        )  # fmt: skip

    def open_client(self, actor: Actor, name: str, user_id: Id, areas: Any = AREAS, redirect: str = "") -> Row:
        """An API client for integrations, which acts as an integration system user."""
        acting = self.db["credentials"].get(user_id)
        if not name or acting is None or acting["type"] != "isu":
            raise Refused(422, "Give the client a name and an integration system user")
        return self.db.create(
            "credentials", actor, type="client", name=name, secret=secret(self._secrets, 40), previous_secret=None,
            previous_until=None, scopes=sorted(areas), revoked=False, client_id=secret(self._secrets, 32),
            user_id=user_id, redirect_uris=[redirect] if redirect else [],
        )  # fmt: skip

    def refresh_token(self, client: Row) -> str:
        """A refresh token, as an administrator makes it on the client's page."""
        return self.oauth.consent(client, client["user_id"], client["scopes"])

    def revoke(self, actor: Actor, id: Id) -> None:
        self.db.change("credentials", id, actor, {"revoked": True})
        for kind in ("access", "refresh"):
            self.tokens.forget(kind, id)

    def rotate(self, actor: Actor, id: Id, grace: Any) -> None:
        """A new password or client secret. Workday knows no grace; a fault that asks for one has it."""
        row = self.db["credentials"].rows[id]
        new = secret(self._secrets, 40 if row["type"] == "client" else 20)
        self.db.change("credentials", id, actor, rotated(row, new, self.now(), grace))

    def _answered(self, given: dict[str, Any]) -> Mapping[str, Any]:
        told = {key: value for key, value in given.items() if key != "scope"}
        if not self.options.tells_expiry:
            del told["expires_in"]
        return told


def _alias(db: Database, key: str) -> str:
    """What the log of changes calls a custom object."""
    return key
