"""Who calls, with what key, and what every part of `/api/v1` says in the same words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Path, Query, Request
from fastapi.security import HTTPBearer
from pydantic import BaseModel, Field

from bascule.errors import ForbiddenError
from bascule.store.sight import SIGHT

from ..people import Program
from ..roles import Scope
from ..web import Web

if TYPE_CHECKING:
    from bascule.app import App

MOST = 200
LARGEST = 2**63 - 1  # of what a database holds as a number
Json = dict[str, Any]


class KeyNeeded(Exception):
    """No key, or one that does not work."""


@dataclass(frozen=True)
class Caller:
    """A program's request, with who is behind it."""

    web: Web
    program: Program

    @property
    def app(self) -> App:
        return self.web.app

    @property
    def workspace(self) -> str:
        return self.web.app.workspace

    @property
    def labels(self) -> dict[str, str]:
        """A connection's name -> simulator, vendor sandbox or live."""
        return self.app.connections.labels(self.workspace)

    async def listed(self, what: str, shown: int, record: str | None = None) -> None:
        """A list that names people was taken: an audit entry, with how many it showed."""
        detail = {"shown": shown, "key": self.program.key}
        await self.app.desk.note(self.program.actor, what, record=record, detail=detail)


def calling(scope: Scope) -> Callable[[Request], Awaitable[Caller]]:
    """A dependency: a program whose key has the scope."""

    async def caller(request: Request) -> Caller:
        web: Web = request.app.state.web
        kind, _, secret = request.headers.get("authorization", "").partition(" ")
        client = request.client.host if request.client else ""
        now = web.app.runtime.now()
        if web.people.tries.refuse(client, now) and not web.people.local(secret.strip()):
            raise KeyNeeded("Too many wrong keys. Wait five minutes.")
        program = await web.people.program(secret.strip()) if kind.lower() == "bearer" and secret.strip() else None
        if program is None:
            if secret:
                web.people.tries.wrong(client, now)
            raise KeyNeeded(
                "A key is needed."
                if not secret
                else "This key does not work: it is unknown, revoked, or its owner is switched off."
            )
        if not program.may(scope):
            raise ForbiddenError(
                f"This key lacks the scope {scope}.", hint="Make a key with that scope under Settings."
            )
        SIGHT.set(program.sight)
        return Caller(web, program)

    return caller


KEY = HTTPBearer(auto_error=False, description="An API key from Settings")
Limit = Annotated[int, Query(ge=1, le=MOST)]
Number = Annotated[int, Path(ge=0, le=LARGEST)]
Since = Annotated[int, Query(ge=0, le=LARGEST)]
StatusRead = Annotated[Caller, Depends(calling(Scope.STATUS_READ))]
CandidatesRead = Annotated[Caller, Depends(calling(Scope.CANDIDATES_READ))]
JobsRead = Annotated[Caller, Depends(calling(Scope.JOBS_READ))]
JobsWrite = Annotated[Caller, Depends(calling(Scope.JOBS_WRITE))]
ReviewsRead = Annotated[Caller, Depends(calling(Scope.REVIEWS_READ))]
ReviewsWrite = Annotated[Caller, Depends(calling(Scope.REVIEWS_WRITE))]
ConnectionsRead = Annotated[Caller, Depends(calling(Scope.CONNECTIONS_READ))]
ConnectionsWrite = Annotated[Caller, Depends(calling(Scope.CONNECTIONS_WRITE))]
AuditRead = Annotated[Caller, Depends(calling(Scope.AUDIT_READ))]
InterviewsRead = Annotated[Caller, Depends(calling(Scope.INTERVIEWS_READ))]
InterviewsWrite = Annotated[Caller, Depends(calling(Scope.INTERVIEWS_WRITE))]
FeedbackWrite = Annotated[Caller, Depends(calling(Scope.FEEDBACK_WRITE))]
EventsRead = Annotated[Caller, Depends(calling(Scope.EVENTS_READ))]
SubscriptionsRead = Annotated[Caller, Depends(calling(Scope.SUBSCRIPTIONS_READ))]
SubscriptionsWrite = Annotated[Caller, Depends(calling(Scope.SUBSCRIPTIONS_WRITE))]
Admin = Annotated[Caller, Depends(calling(Scope.ADMIN))]


class Labelled(BaseModel):
    """An answer that names connections says of each what stands at its other end."""

    connections: dict[str, str] = Field(description="A connection's name -> simulator, vendor sandbox or live.")


class Done(BaseModel):
    """It is done, or on its way."""

    done: bool = True


class Why(BaseModel):
    why: str = ""


def known(at: Caller, name: str) -> str:
    """A connection's name, of the caller's workspace. NotFoundError if it has none of that name."""
    return at.app.connections.named(name, at.workspace).row.name
