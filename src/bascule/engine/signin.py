"""Signing in: what a request of one connection carries, and where its tokens come from.

Tokens of client credentials are this process's own: another one may have its own, and nothing is used up. A consent's
refresh token is used up by each renewal, so whoever holds it (a `Keeper`) lets one renew it at a time.
"""

from __future__ import annotations

import asyncio
import base64
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bascule.connectors.spec import (
    ApiKey,
    Basic,
    Connector,
    InBody,
    OAuth,
    Request,
    Response,
    WsSecurity,
    retry_after,
    sign_in,
)
from bascule.errors import (
    DisconnectedError,
    MalformedError,
    PermissionMissingError,
    RemoteError,
    ThrottledError,
    UnavailableError,
)
from bascule.model import Json

EARLY = timedelta(seconds=60)  # a token is renewed this long before it ends
USUAL_LIFE = timedelta(minutes=10)  # of a token whose answer names no end
REFRESH = "refresh_token"  # the name of the setting, of the grant and of the field of the answer


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, and when it is to be replaced."""

    value: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Renewal:
    """What a renewal gave: a token, the refresh token that counts from now on, and when that ends, if it is known."""

    token: Token
    refresh: str
    ends: datetime | None


@dataclass(frozen=True, slots=True)
class Consented:
    """What a user's consent gave: a refresh token, and the rights that it covers, as the system lists them."""

    refresh: str
    scopes: tuple[str, ...]


Check = Callable[[], None]
Renew = Callable[[str, Check], Awaitable[Renewal]]
"""Asks the system for a renewal with this refresh token; the check is asked when the request leaves."""
AskTokens = Callable[[Mapping[str, str], Mapping[str, str], str, Check], Awaitable[Response]]
"""Sends (headers, form, acting user, check) to the token endpoint."""


class Keeper(Protocol):
    """Keeps what a consent gave, and lets one renew it at a time."""

    async def token(self, entered: str, refused: str, renew: Renew) -> Token:
        """A token that has not ended and is not the `refused` one, renewed if need be. `entered` is the refresh token
        that a person entered, where the consent begins. Raises what `renew` raises."""
        ...

    @property
    def renewed(self) -> str:
        """The refresh token that has replaced the one entered, where nobody else keeps it; else ""."""
        ...


class Held:
    """In this object alone, for a client that tries credentials that are not kept yet."""

    def __init__(self) -> None:
        self.renewed = ""

    async def token(self, entered: str, refused: str, renew: Renew) -> Token:
        made = await renew(self.renewed or entered, lambda: None)
        self.renewed = made.refresh
        return made.token


class SignIn:
    """The signing in of one client."""

    def __init__(
        self,
        connector: Connector,
        given: Mapping[str, str],
        now: Callable[[], datetime],
        ask: AskTokens,
        keeper: Keeper,
    ) -> None:
        self._connector = connector
        self._auth = sign_in(connector, given)
        self._given = given
        self._now = now
        self._ask = ask
        self._keeper = keeper
        self._refused = ""
        self._tokens: dict[str, Token] = {}
        self._renewing: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @property
    def renewed(self) -> Mapping[str, str]:
        """What has replaced a credential that was used up, by its name."""
        return {REFRESH: self._keeper.renewed} if self._keeper.renewed else {}

    def forget(self) -> None:
        self._tokens.clear()

    async def headers(self, request: Request) -> tuple[dict[str, str], Token | None]:
        """The headers of a request, and the token among them, if any."""
        token: Token | None = None
        headers = {"accept": "application/json", "user-agent": "bascule", **self._connector.headers, **request.headers}
        match self._auth:
            case OAuth():
                token = await self._token("" if self._connector.acting else request.acts_as)
                headers["authorization"] = f"Bearer {token.value}"
            case ApiKey(header=name, prefix=prefix, needs=needs):
                headers[name.lower()] = prefix + self._entered(needs[0])
            case Basic(needs=needs):
                headers["authorization"] = _basic(self._entered(needs[0]), "".join(map(self._entered, needs[1:])))
            case WsSecurity(needs=(name, password)) if request.soap is None:
                headers["authorization"] = _basic(self._entered(name), self._entered(password))
            case WsSecurity() | InBody():
                pass
        return headers, token

    def user(self) -> tuple[str, str] | None:
        """(name, password) for a SOAP envelope, where that is how one signs in."""
        return (
            (self._entered(self._auth.needs[0]), self._entered(self._auth.needs[1]))
            if isinstance(self._auth, WsSecurity)
            else None
        )

    def _entered(self, name: str) -> str:
        return self._given.get(name, "")

    def refused(self, acts_as: str, token: Token) -> None:
        """The system did not take this token, whatever its time: the next request has another."""
        if self._tokens.get(acts_as) is token:
            del self._tokens[acts_as]
            self._refused = token.value

    async def renew(self) -> None:
        """Renew a consent now."""
        if self._given.get(REFRESH):
            known = self._tokens.pop("", None)
            self._refused = known.value if known is not None else self._refused
            await self._token("")

    async def _token(self, acts_as: str) -> Token:
        """The token of one acting user; whoever comes while it is renewed waits for that one request."""
        token = self._tokens.get(acts_as)
        if token is None or token.until <= self._now():
            async with self._renewing[acts_as]:
                token = self._tokens.get(acts_as)
                if token is None or token.until <= self._now():
                    token = self._tokens[acts_as] = await self._new_token(acts_as)
        return token

    async def _new_token(self, acts_as: str) -> Token:
        auth = self._auth
        assert isinstance(auth, OAuth)
        if consent := self._given.get(REFRESH):
            if acts_as:
                raise PermissionMissingError(
                    f"This connection to {self._connector.label} acts as the user who consented, and as nobody else.",
                    hint="Connect with a credential of your own to act as several users.",
                )
            return await self._keeper.token(consent, self._refused, self._renewal)
        form = {"grant_type": "client_credentials"} | ({auth.subject: acts_as} if acts_as and auth.subject else {})
        answer = await self._asked(form, acts_as, lambda: None)
        return self._access(answer, auth)

    async def consented(self, code: str, back: str, verifier: str) -> Consented:
        """What a code is good for that the system sent to `back` after a user's consent (RFC 6749, 4.1.3; RFC 7636)."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        answer = await self._asked(form, "", lambda: None)
        refresh, scope = answer.get(REFRESH), answer.get("scope")
        if not isinstance(refresh, str) or not refresh:
            raise MalformedError(
                f"{self._connector.label} answered the consent without a refresh token.",
                hint="Without one nothing can be read once its user is away: allow access while they are offline too.",
            )
        return Consented(refresh, tuple(scope.split()) if isinstance(scope, str) else ())

    async def _renewal(self, refresh: str, check: Check) -> Renewal:
        auth, now = self._auth, self._now()
        assert isinstance(auth, OAuth)
        answer = await self._asked({"grant_type": REFRESH, REFRESH: refresh}, "", check)
        newer = answer.get(REFRESH)
        life = now + auth.refresh_life if auth.refresh_life is not None else None
        ends = _moment(answer.get(f"{REFRESH}_expires_at") or answer.get(f"{REFRESH}_expires_on"), None, now)
        ends = ends or _moment(None, answer.get(f"{REFRESH}_expires_in"), now) or life
        return Renewal(self._access(answer, auth), newer if isinstance(newer, str) and newer else refresh, ends)

    async def _asked(self, form: Mapping[str, str], acts_as: str, check: Check) -> Mapping[str, Json]:
        assert isinstance(self._auth, OAuth)
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        name, secret = self._auth.needs[:2]
        if self._auth.in_form:
            form = {**form, "client_id": self._entered(name), "client_secret": self._entered(secret)}
        else:
            headers["authorization"] = _basic(self._entered(name), self._entered(secret))
        response = await self._ask(headers, form, acts_as, check)
        if response.status >= 400:
            raise self._no_token(response, acts_as)
        return response.json if isinstance(response.json, Mapping) else {}

    def _access(self, answer: Mapping[str, Json], auth: OAuth) -> Token:
        value, now = answer.get("access_token"), self._now()
        if not isinstance(value, str) or not value:
            raise MalformedError(f"{self._connector.label} answered the sign-in without a token.")
        end = _moment(answer.get(auth.expires_at), answer.get(auth.expires_in), now) or now + USUAL_LIFE
        return Token(value, max(end - EARLY, now + (end - now) / 2))

    def _no_token(self, response: Response, acts_as: str) -> RemoteError:
        what = f"{self._connector.label} answered {response.status} to the sign-in."
        if response.status == 429:
            return ThrottledError(what, status=429, retry_after=retry_after(response.headers))
        if response.status >= 500:
            return UnavailableError(what, status=response.status, retry_after=retry_after(response.headers))
        refused = DisconnectedError if not acts_as else PermissionMissingError
        return refused(
            f"{self._connector.label} refused to sign in" + (f" as its user {acts_as}." if acts_as else "."),
            status=response.status,
            words=_words(response.json),
            hint="Check the credentials of this connection." if not acts_as else "Check that user there.",
        )


def _basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode("ascii")


def _words(body: Json) -> str:
    if not isinstance(body, Mapping):
        return ""
    said = body.get("error_description") or body.get("message") or body.get("error") or ""
    errors = body.get("errors")
    if not said and isinstance(errors, list) and errors and isinstance(errors[0], Mapping):
        said = errors[0].get("message", "")
    return str(said)[:300]


def _moment(at: Json, seconds: Json, now: datetime) -> datetime | None:
    """An end as answers tell it: an ISO time, or seconds from now; None where neither can be read."""
    try:
        if isinstance(at, str) and at:
            end = datetime.fromisoformat(at.replace("Z", "+00:00"))
            return end if end.tzinfo else end.replace(tzinfo=UTC)
        return None if seconds is None else now + timedelta(seconds=float(seconds))
    except (ValueError, TypeError, OverflowError):
        return None
