"""Who calls, and what they may: integration system users by name and password, API clients and workers by tokens."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from ..kit.access import basic, valid
from ..kit.errors import Refused
from ..kit.ids import Id
from ..kit.tables import Actor, Row
from .sandbox import DOMAINS, Sandbox

# What a worker who is no recruiter may do by an interface.
OWN_DOMAINS = frozenset({"Interview Feedback Public API", "Job Postings: External"})


@dataclass(frozen=True)
class Caller:
    """`areas` are the functional areas of a token; None where there is no token. `worker_id`: as whom it acts."""

    actor: Actor
    key: Id
    domains: frozenset[str]
    areas: frozenset[str] | None = None
    worker_id: Id = None

    def may(self, domain: str) -> bool:
        return domain in self.domains and (self.areas is None or "Recruiting" in self.areas)


def user(sandbox: Sandbox, name: str, password: str, *, bare: bool = False) -> Caller | None:
    """The integration system user of `name@tenant` (where `bare` is on, of `name` alone) with that password."""
    given, at, tenant = name.rpartition("@")
    if not at:
        given, tenant = (name, sandbox.options.tenant) if bare else ("", "")
    if tenant != sandbox.options.tenant:
        return None
    for row in sandbox.db["credentials"]:
        if row["type"] == "isu" and row["name"] == given and valid(row, password, sandbox.now()):
            return _as_user(row)
    return None


def _as_user(row: Row) -> Caller:
    return Caller(Actor(f"api:{row['name']}"), row["id"], frozenset(row["scopes"]))


def bearer(sandbox: Sandbox, request: Request) -> Caller:
    """Whom a request's token stands for. Raises Refused (401)."""
    client, token = sandbox.oauth.caller(request)
    areas = frozenset(client["scopes"]) & frozenset(token.scopes)
    if (acting := sandbox.db["credentials"].get(token.user_id)) is not None:
        if acting["revoked"]:
            raise Refused(401, "The user is not active", code="invalid_token")
        return Caller(Actor(f"api:{acting['name']}"), acting["id"], frozenset(acting["scopes"]), areas)
    worker = sandbox.db["users"].rows[token.user_id]
    domains = frozenset(DOMAINS) if worker["recruiter"] else OWN_DOMAINS
    return Caller(Actor(f"api:{client['name']}", worker["id"]), client["id"], domains, areas, worker["id"])


def reporter(sandbox: Sandbox, request: Request) -> Caller:
    """Who runs a report: HTTP Basic or a token. Raises Refused (401)."""
    if (given := basic(request.headers.get("authorization"))) is not None:
        caller = user(sandbox, *given, bare=sandbox.options.basic_name == "both")
        if caller is None:
            raise Refused(401, "invalid username or password", headers={"WWW-Authenticate": 'Basic realm="Workday"'})
        return caller
    return bearer(sandbox, request)


async def token(sandbox: Sandbox, request: Request) -> Response:
    """Trade a refresh token or a code. A refresh token that expires when it is not used lives on by being used."""
    answer = await sandbox.oauth.token(request)
    async with request.form() as form:
        text = str(form.get("refresh_token", ""))
    if answer.status_code == 200 and (held := sandbox.tokens.good("refresh", text)) is not None:
        sandbox.tokens.give("refresh", held.credential_id, held.user_id, lifetime=sandbox.options.refresh_lifetime,
                            scopes=held.scopes, text=text)  # fmt: skip
    return answer


async def authorize(sandbox: Sandbox, request: Request) -> Response:
    """The consent page; `login_hint` says which worker is signed in, an administrator without."""
    hint = request.query_params.get("login_hint", "")
    workers = list(sandbox.db["users"])
    acting = next((row for row in workers if hint and hint in (row["name"], row["email"])), workers[0])
    return await sandbox.oauth.authorize(request, acting)
