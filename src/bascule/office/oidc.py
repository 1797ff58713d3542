"""OpenID Connect, as a relying party: what a provider says of itself, the way to its sign-in page, and what an answer
proves.

Authorization code with PKCE (RFC 7636), `state` and `nonce`; an ID token is believed by its signature, issuer,
audience, expiry and nonce (OpenID Connect Core 1.0, 3.1.3.7), and an answer that names another issuer by nothing
(RFC 9207). Requests go through the one transport; no redirect is followed.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from bascule.engine.http import among, is_loopback
from bascule.engine.wire import Transport, WireRequest, WireResponse
from bascule.errors import ConfigurationError, ForbiddenError, RemoteError

SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
"""What an ID token may be signed by: no shared secret, and never nothing."""
LEEWAY = 60  # seconds that two clocks may differ
MOST = 1_000_000  # bytes of an answer
AGAIN = "Sign in again. If it stays so, tell an administrator."


@dataclass(frozen=True, slots=True)
class Client:
    """What a provider knows us by. `allowed`: hosts that need not be public."""

    issuer: str
    client_id: str
    secret: str
    redirect_uri: str
    scopes: tuple[str, ...]
    wanted: tuple[str, ...] = ()  # claims that its page of user data is asked for where the ID token lacks them
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What was sent along to the provider, and must come back the same."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a provider says of itself (OpenID Connect Discovery 1.0), and its keys."""

    authorization: str
    token: str
    userinfo: str
    end_session: str
    secret_in_body: bool
    names_issuer: bool
    keys: KeySet


def checked_issuer(issuer: str) -> str:
    """An issuer's address, without a slash at its end only where it has none. ConfigurationError for what is none."""
    parts = urlsplit(issuer)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ConfigurationError(f"{issuer!r} is not an issuer like https://login.example.com/realm.")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ConfigurationError(f"{issuer!r} must be https: only this machine may be reached without.")
    return issuer


class Provider:
    """One provider of identities. What it says of itself is asked once and kept; its keys are asked again when an ID
    token names one that is not among them."""

    def __init__(self, transport: Transport, client: Client, timeout: float, now: Callable[[], datetime]) -> None:
        self.client = client
        self._transport = transport
        self._timeout = timeout
        self._now = now
        self._metadata: Metadata | None = None

    async def metadata(self, *, anew: bool = False) -> Metadata:
        """RemoteError where it does not answer, or ConfigurationError where what it says cannot be."""
        if self._metadata is None or anew:
            self._metadata = await self._discover()
        return self._metadata

    async def _discover(self) -> Metadata:
        said = await self._json("GET", get_well_known_url(self.client.issuer, external=True))
        if said.get("issuer") != self.client.issuer:
            raise ConfigurationError(
                f"The provider calls itself {said.get('issuer')!r}, not {self.client.issuer!r}.",
                hint="Enter the issuer exactly as the provider writes it.",
            )
        needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if missing := [name for name in needed if not isinstance(said.get(name), str)]:
            raise ConfigurationError(f"The provider's configuration lacks {', '.join(missing)}.")
        for name in (*needed, "userinfo_endpoint", "end_session_endpoint"):
            if said.get(name):
                checked_issuer(str(said[name]).partition("?")[0])
        ways = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return Metadata(
            authorization=said["authorization_endpoint"],
            token=said["token_endpoint"],
            userinfo=str(said.get("userinfo_endpoint") or ""),
            end_session=str(said.get("end_session_endpoint") or ""),
            secret_in_body="client_secret_basic" not in ways and "client_secret_post" in ways,
            names_issuer=said.get("authorization_response_iss_parameter_supported") is True,
            keys=await self._keys(said["jwks_uri"]),
        )

    async def _keys(self, url: str) -> KeySet:
        try:
            return KeySet.import_key_set(await self._json("GET", url))  # pyright: ignore[reportArgumentType]
        except (JoseError, KeyError, ValueError, TypeError):
            raise RemoteError("The provider's keys cannot be read.") from None

    async def way(self) -> tuple[str, Asked]:
        """The address of its sign-in page for one try, and what must come back from there."""
        asked = Asked(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))
        url = prepare_grant_uri(
            (await self.metadata()).authorization, self.client.client_id, "code",
            redirect_uri=self.client.redirect_uri, scope=list(self.client.scopes), state=asked.state,
            nonce=asked.nonce, code_challenge=create_s256_code_challenge(asked.verifier), code_challenge_method="S256",
        )  # fmt: skip
        return url, asked

    async def claims(self, given: Mapping[str, str], asked: Asked) -> Mapping[str, Any]:
        """What the provider says of whoever comes back with this answer. ForbiddenError for an answer that proves
        nothing: it is not told further why."""
        if not secrets.compare_digest(given.get("state", "").encode(), asked.state.encode()):
            raise ForbiddenError("This answer belongs to no sign-in that was begun here.", hint=AGAIN)
        metadata, issuer = await self.metadata(), given.get("iss", "")
        if (issuer or metadata.names_issuer) and issuer != self.client.issuer:
            raise ForbiddenError("This answer comes from another provider.", hint=AGAIN)
        if given.get("error"):
            refused = given["error"] == "access_denied"
            raise ForbiddenError("The provider has not let you in." if refused else "The provider refused.", hint=AGAIN)
        if not given.get("code"):
            raise ForbiddenError("This answer has no code.", hint=AGAIN)
        tokens = await self._exchange(metadata, given["code"], asked)
        claims = await self._proved(str(tokens.get("id_token") or ""), asked, str(tokens.get("access_token") or ""))
        return await self._more(metadata, claims, str(tokens.get("access_token") or ""))

    async def _exchange(self, metadata: Metadata, code: str, asked: Asked) -> Mapping[str, Any]:
        body = prepare_token_request(
            "authorization_code", redirect_uri=self.client.redirect_uri, code=code, code_verifier=asked.verifier
        )
        way = "none" if not self.client.secret else f"client_secret_{'post' if metadata.secret_in_body else 'basic'}"
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        auth = ClientAuth(self.client.client_id, self.client.secret, way)
        url, headers, body = auth.prepare("POST", metadata.token, headers, body)
        answer = await self._send("POST", url, headers, body.encode())
        if answer.status != 200:
            raise ForbiddenError("The provider does not take this sign-in any more, or not from here.", hint=AGAIN)
        return _parsed(answer.body)

    async def _proved(self, token: str, asked: Asked, access: str) -> Mapping[str, Any]:
        """The claims of an ID token that holds."""
        metadata = await self.metadata()
        try:
            try:
                read = jwt.decode(token, metadata.keys, algorithms=list(SIGNATURES))
            except InvalidKeyIdError:  # it has changed its keys
                metadata = await self.metadata(anew=True)
                read = jwt.decode(token, metadata.keys, algorithms=list(SIGNATURES))
            claims = CodeIDToken(
                read.claims, read.header,
                {
                    "iss": {"essential": True, "value": self.client.issuer},
                    "aud": {"essential": True, "value": self.client.client_id},
                    "sub": {"essential": True},
                },
                {"nonce": asked.nonce, "client_id": self.client.client_id, "access_token": access},
            )  # fmt: skip
            claims.validate(now=int(self._now().timestamp()), leeway=LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError):
            raise ForbiddenError("What the provider answered does not prove who you are.", hint=AGAIN) from None
        if not isinstance(claims["sub"], str) or not claims["sub"]:
            raise ForbiddenError("The provider does not say who you are.", hint=AGAIN)
        return dict(claims)

    async def _more(self, metadata: Metadata, claims: Mapping[str, Any], access: str) -> Mapping[str, Any]:
        """The same with what only its page of user data says, where that is about the same person."""
        if not metadata.userinfo or not access or all(name in claims for name in self.client.wanted):
            return claims
        said = await self._json("GET", metadata.userinfo, {"Authorization": f"Bearer {access}"})
        if said.get("sub") != claims["sub"]:
            raise ForbiddenError("The provider speaks of two people.", hint=AGAIN)
        return {**said, **claims}

    async def end(self, back: str) -> str:
        """Where somebody signs out at the provider too, and comes back from; "" where it has no such page."""
        where = (await self.metadata()).end_session
        params = [("client_id", self.client.client_id), ("post_logout_redirect_uri", back)]
        return str(add_params_to_uri(where, params)) if where else ""

    async def _json(self, method: str, url: str, headers: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        answer = await self._send(method, url, {"Accept": "application/json", **(headers or {})}, None)
        if answer.status != 200:
            raise RemoteError(f"The provider answered {answer.status} at {url}.", status=answer.status)
        return _parsed(answer.body)

    async def _send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> WireResponse:
        host = (urlsplit(url).hostname or "").lower()
        ours = is_loopback(urlsplit(self.client.issuer).hostname or "")  # a provider elsewhere names no address here
        public = not ((ours and is_loopback(host)) or among(host, self.client.allowed))
        return await self._transport.send(WireRequest(method, url, headers, body, MOST, public), self._timeout)


def _parsed(body: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(body)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise RemoteError("The provider's answer cannot be read.")
    return said


def texts(value: Any) -> Sequence[str]:
    """The values of a claim: one text or a list of them."""
    if isinstance(value, str):
        return (value,)
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()
