"""Who may call: API keys over Basic, OAuth tokens with rotating refresh tokens, and what each may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.requests import Request

from ..kit.access import OAuth, Tokens, Traits, basic, bearer, rotated, secret, valid
from ..kit.errors import Refused
from ..kit.ids import Id
from ..kit.rates import Buckets
from ..kit.tables import Actor, Row
from .errors import invalid, missing

if TYPE_CHECKING:
    from .sandbox import Sandbox

ACCESS_LIFETIME = 3600.0
# A refresh token that is not used dies; so does each that follows from one consent, a year after it.
UNUSED = timedelta(days=90)
CONSENT = timedelta(days=365)
CONFIDENTIAL = "confidential:access:admin"
OFFLINE = "offline_access"
READ_ONLY = ("audit_events", "diversity_surveys", "eeo_responses", "eeo_responses_pii", "offers", "referrals")
WRITE_ONLY = ("uploads",)
RESOURCES = (
    "applications", "archive_reasons", "contact", "feedback", "feedback_templates", "files", "form_templates", "forms",
    "interviews", "notes", "offers", "opportunities", "panels", "postings", "referrals", "requisition_fields",
    "requisitions", "resumes", "sources", "stages", "tags", "uploads", "users", "webhooks",
)  # fmt: skip


def scopes() -> list[str]:
    """Every scope that means something here."""
    reads = [f"{one}:read:admin" for one in RESOURCES if one not in WRITE_ONLY]
    writes = [f"{one}:write:admin" for one in RESOURCES if one not in READ_ONLY]
    return sorted([*reads, *writes])


@dataclass(frozen=True)
class Caller:
    """Who calls: a credential, what it may do, and as which user it acts unless a request names another."""

    credential: Row
    scopes: frozenset[str]
    user_id: Id

    @property
    def confidential(self) -> bool:
        """Whether confidential data is shown: a switch of an API key, a scope of an OAuth app."""
        return self.credential["confidential"] if self.credential["kind"] == "key" else CONFIDENTIAL in self.scopes

    def may(self, resource: str, action: str) -> bool:
        """Who may write may read."""
        wanted = {f"{resource}:{action}:admin", f"{resource}:write:admin"}
        return bool(wanted & self.scopes)

    def acting(self, user_id: Id = None) -> Actor:
        return Actor(f"api:{self.credential['name']}", user_id or self.user_id)


class Access:
    """The tenant's credentials, made on its pages, and what they were given."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.tokens = Tokens(sandbox.now, sandbox.options.seed)
        self.buckets = Buckets(sandbox.options.rate, sandbox.options.burst)
        # When the consent was given that a refresh token goes back to.
        self._consented: dict[str, datetime] = {}
        self._random = Random(f"access-{sandbox.options.seed}")
        # Of the refresh in progress.
        self._since: datetime | None = None
        self.oauth = OAuth(sandbox, self.tokens, Traits(
            grants=("authorization_code", "refresh_token"), access_lifetime=ACCESS_LIFETIME,
            refresh_lifetime=UNUSED.total_seconds(), offline=OFFLINE, check=self._check, answer=self._answer,
        ))  # fmt: skip

    # Credentials.

    def key(self, actor: Actor, name: str, wanted: list[str], *, confidential: bool = False, user: Id = None) -> Row:
        """An API key; its secret is the key itself."""
        return self._create(actor, name, "key", wanted, confidential, user, [])

    def app(self, actor: Actor, name: str, wanted: list[str], redirect_uris: list[str]) -> Row:
        """An OAuth app, as Lever registers it for a partner."""
        return self._create(actor, name, "app", wanted, False, None, redirect_uris)

    def _create(
        self, actor: Actor, name: str, kind: str, wanted: list[str], confidential: bool, user: Id, back: list[str]
    ) -> Row:
        if not name.strip():
            raise invalid("A credential needs a name")
        if kind == "app" and not back:
            raise invalid("An app needs the address that users are sent back to")
        return self.sandbox.db.create(
            "credentials", actor, name=name.strip(), kind=kind, client_id=secret(self._random, 30),
            secret=secret(self._random, 50), previous_secret=None, previous_until=None, revoked=False,
            scopes=sorted(set(wanted)), confidential=confidential, user_id=user or self.sandbox.admin()["id"],
            redirect_uris=back,
        )  # fmt: skip

    def revoke(self, actor: Actor, id: Id) -> None:
        """The credential and every token it was given stop working at once."""
        self._row(id)
        self.sandbox.db.change("credentials", id, actor, {"revoked": True})
        self.tokens.forget("access", id)

    def rotate(self, actor: Actor, id: Id, grace: timedelta = timedelta()) -> str:
        row, new = self._row(id), secret(self._random, 50)
        self.sandbox.db.change("credentials", id, actor, rotated(row, new, self.sandbox.now(), grace))
        return new

    def _row(self, id: Id) -> Row:
        row = self.sandbox.db["credentials"].get(id)
        if row is None:
            raise missing("Credential")
        return row

    # Requests.

    def caller(self, request: Request) -> Caller:
        """Who a request comes from. Raises Refused (401)."""
        header = request.headers.get("authorization")
        if bearer(header) is not None:
            try:
                row, token = self.oauth.caller(request)
            except Refused as refused:  # in the words of the API, not of OAuth
                raise Refused(401, refused.message) from None
            user = self.sandbox.db["users"].get(token.user_id)
            if user is None or user["deactivated_at"] is not None:
                raise Refused(401, "The user who gave consent is deactivated")
            return Caller(row, frozenset(token.scopes) & {*row["scopes"], OFFLINE}, token.user_id)
        named = basic(header)
        if named is None:
            raise Refused(401, "Authentication is required")
        return self._keyed(named[0])

    def _keyed(self, key: str) -> Caller:
        for row in self.sandbox.db["credentials"]:
            if row["kind"] == "key" and valid(row, key, self.sandbox.now()):
                return Caller(row, frozenset(row["scopes"]), row["user_id"])
        raise Refused(401, "The API key is unknown or revoked")

    def posting_key(self, key: str) -> Caller:
        """The API key in an address of the Postings API."""
        return self._keyed(key)

    # OAuth.

    def _check(self, client: Row, asked: Mapping[str, str]) -> None:
        """What Lever asks for besides the standard, at both addresses."""
        if client["kind"] != "app":
            raise Refused(401, "The client is unknown", code="invalid_client")
        if "response_type" in asked:
            audience = urlsplit(asked.get("audience", ""))
            if not audience.netloc or audience.path != "/v1/":
                raise Refused(
                    400, "audience must be the address of the Data API, ending in /v1/", code="invalid_request"
                )
            return
        self._since = self.sandbox.now()
        if asked.get("grant_type") == "authorization_code":
            if asked.get("redirect_uri") not in client["redirect_uris"]:
                raise Refused(400, "redirect_uri is not the one of the authorization", code="invalid_grant")
        elif asked.get("refresh_token") in self._consented:
            self._since = self._consented[asked["refresh_token"]]
            if self._since + CONSENT <= self.sandbox.now():
                raise Refused(400, "The consent is a year old", code="invalid_grant")

    def _answer(self, given: dict[str, Any]) -> Mapping[str, Any]:
        if "refresh_token" in given:
            self._consented[given["refresh_token"]] = self._since or self.sandbox.now()
        return given

    def forget_consents(self, id: Id = None) -> None:
        self.tokens.forget("refresh", id)
