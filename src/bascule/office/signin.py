"""Signing in by a provider of identities (OpenID Connect): how it is chosen, who may come in by it, and as what.

Somebody is who the provider says by its issuer and subject. The first time they are matched by an e-mail address that
the provider has verified, or made a user with the role that the mapping of a claim gives; else they are refused.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from bascule.errors import BasculeError, ConfigurationError, ForbiddenError, InputError, RemoteError
from bascule.model import Actor, ActorKind, Role, Value
from bascule.store import Tx
from bascule.store.people import Subject, User

from .desk import Desk
from .oidc import Asked, Client, Provider, checked_issuer, texts

CHOICE, SECRET = "signin.oidc", "signin.secret"  # settings of the workspace
BACK = "/login/oidc/callback"
LASTS = timedelta(minutes=15)  # how long a sign-in at the provider may take
KEY = b"sign-in at a provider"
NOBODY = "Ask an administrator of this workspace to let you in."


@dataclass(frozen=True, slots=True)
class Choice:
    """One workspace's settings. `roles`: a value of the claim and the role it gives; the first that somebody has
    counts. `default`: the role of whoever has none of them; "": they are refused. `trust_email`: the provider's
    addresses count as verified though it does not say so. `local`: login links let everybody in, not administrators
    only."""

    on: bool = False
    label: str = ""
    issuer: str = ""
    client_id: str = ""
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    claim: str = "groups"
    roles: tuple[tuple[str, str], ...] = ()
    default: str = ""
    trust_email: bool = False
    local: bool = True

    def role(self, claims: Mapping[str, Any]) -> str:
        """The role that these claims give; "" for none."""
        has = set(texts(claims.get(self.claim)))
        return next((role for value, role in self.roles if value in has), self.default)

    def may_by_link(self, role: str) -> bool:
        """Whether a login link lets somebody of this role in."""
        return self.local or not self.on or role == Role.ADMINISTRATOR

    @property
    def named(self) -> str:
        return self.label or urlsplit(self.issuer).hostname or "your provider"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is chosen. `secret`: one is kept. `fixed`: issuer, client and secret come from the environment."""

    choice: Choice
    secret: bool
    fixed: bool
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A try to sign in: where to go, and what the browser keeps meanwhile, signed."""

    url: str
    kept: str


@dataclass(frozen=True, slots=True)
class Came:
    """Who has come in, and where they wanted to."""

    user: User
    next: str
    issuer: str


class SignIn:
    """`app.sign_in`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._made: tuple[Client, Provider] | None = None

    # ------------------------------------------------------------------------------------------------------- choosing

    async def told(self) -> Standing:
        return await self._desk.store.read(self.standing)

    def standing(self, tx: Tx) -> Standing:
        """What is chosen, inside a unit."""
        settings = self._desk.settings
        return Standing(self._choice(tx), bool(self._secret(tx)), bool(settings.oidc_issuer), settings.address + BACK)

    async def choose(self, given: Mapping[str, Any], actor: Actor, *, secret: str | None = None) -> Standing:
        """Change these fields; what is not given stays. `secret` "" forgets the one that is kept; one is never carried
        over to another issuer. What is switched on is asked first. InputError changes nothing."""
        before = await self.told()
        wanted = replace(before.choice, **{name: _field(name, value) for name, value in given.items()})
        if before.fixed and {"issuer", "client_id"} & set(given):
            raise InputError("Issuer and client come from the environment.", hint="Change BASCULE_OIDC_ISSUER there.")
        kept = secret
        if kept is None:
            same = wanted.issuer == before.choice.issuer
            kept = await self._desk.store.read(self._secret) if same else ""
        if wanted.on:
            await self._tried(wanted, kept)

        def unit(tx: Tx) -> Standing:
            workspace, now = self._desk.workspace, self._desk.now()
            tx.workspaces.set_setting(workspace, CHOICE, stored(wanted))
            if not before.fixed:
                sealed = base64.b64encode(tx.vault.seal(workspace, None, kept.encode())).decode() if kept else None
                tx.workspaces.set_setting(workspace, SECRET, sealed)
            if wanted.on and not wanted.local:
                tx.people.end_by_link(workspace, but=Role.ADMINISTRATOR)
            detail = {**stored(wanted), "roles": ", ".join(f"{value}={role}" for value, role in wanted.roles)}
            tx.audit.record(workspace=workspace, at=now, action="sign-in chosen", actor=actor, detail=detail)
            return self.standing(tx)

        return await self._desk.store.write(unit)

    async def _tried(self, choice: Choice, secret: str) -> None:
        """InputError where the provider cannot be used as it is chosen."""
        if not choice.issuer or not choice.client_id:
            raise InputError(
                "A provider needs an issuer and a client id.", hint="Both stand on the provider's own page."
            )
        if "openid" not in choice.scopes:
            raise InputError("The scopes must hold openid.")
        try:
            await Provider(
                self._desk.runtime.transport, self._client(choice, secret), self._timeout, self._desk.now
            ).metadata()
        except (ConfigurationError, RemoteError) as error:
            raise InputError(f"{choice.issuer} cannot be used: {error}", hint="Nothing was changed.") from None

    @property
    def _timeout(self) -> float:
        return self._desk.settings.request_timeout

    def _choice(self, tx: Tx) -> Choice:
        kept = tx.workspaces.setting(self._desk.workspace, CHOICE)
        choice = read(kept) if isinstance(kept, Mapping) else Choice()
        settings = self._desk.settings
        if not settings.oidc_issuer:
            return choice
        begun = not isinstance(kept, Mapping)  # what the environment names is on, unless somebody has switched it off
        return replace(choice, on=choice.on or begun, issuer=settings.oidc_issuer, client_id=settings.oidc_client_id)

    def _secret(self, tx: Tx) -> str:
        settings = self._desk.settings
        if settings.oidc_issuer:
            return settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else ""
        sealed = tx.workspaces.setting(self._desk.workspace, SECRET)
        return tx.vault.open(base64.b64decode(str(sealed))).decode() if sealed else ""

    def _client(self, choice: Choice, secret: str) -> Client:
        settings = self._desk.settings
        host = urlsplit(settings.oidc_issuer).hostname if settings.oidc_issuer else None
        allowed = (*settings.allowed_hosts, *((host,) if host else ()))
        return Client(
            choice.issuer, choice.client_id, secret, settings.address + BACK, choice.scopes,
            tuple(dict.fromkeys(("email", "email_verified", *((choice.claim,) if choice.roles else ())))), allowed,
        )  # fmt: skip

    async def _provider(self) -> tuple[Choice, Provider]:
        """The one in use. ForbiddenError where none is."""
        choice, secret = await self._desk.store.read(lambda tx: (self._choice(tx), self._secret(tx)))
        if not choice.on:
            raise ForbiddenError("Nobody signs in here by a provider.", hint="Open the login link you were given.")
        client = self._client(choice, secret)
        if self._made is None or self._made[0] != client:
            self._made = client, Provider(self._desk.runtime.transport, client, self._timeout, self._desk.now)
        return choice, self._made[1]

    # --------------------------------------------------------------------------------------------------- signing in

    async def begin(self, next: str) -> Begun:
        """The way to the provider's page. RemoteError or ConfigurationError where it cannot be used now."""
        _, provider = await self._provider()
        url, asked = await provider.way()
        ends = (self._desk.now() + LASTS).isoformat()
        body = json.dumps({**asdict(asked), "next": next, "issuer": provider.client.issuer, "ends": ends})
        text = base64.urlsafe_b64encode(body.encode()).decode()
        return Begun(url, f"{text}.{await self._signature(text)}")

    async def finish(self, given: Mapping[str, str], kept: str) -> Came:
        """Who has come back with this answer. ForbiddenError, for the person to read, where they may not come in."""
        choice, provider = await self._provider()
        begun = await self._opened(kept)
        late = datetime.fromisoformat(begun["ends"]) <= self._desk.now() if begun else True
        if not begun or late or begun["issuer"] != provider.client.issuer:
            raise ForbiddenError("This sign-in was not begun in this browser, or too long ago.", hint="Begin again.")
        claims = await provider.claims(given, Asked(begun["state"], begun["nonce"], begun["verifier"]))
        issuer = provider.client.issuer
        user = await self._desk.store.write(lambda tx: self._admitted(tx, choice, issuer, claims))
        if isinstance(user, ForbiddenError):
            raise user
        return Came(user, begun["next"], issuer)

    async def _opened(self, kept: str) -> dict[str, str] | None:
        """What `begin` gave the browser; None where it did not."""
        text, _, signature = kept.partition(".")
        if not text or not hmac.compare_digest(signature.encode(), (await self._signature(text)).encode()):
            return None
        return json.loads(base64.urlsafe_b64decode(text))

    async def _signature(self, text: str) -> str:
        workspace = self._desk.workspace

        def key(tx: Tx) -> bytes | None:
            return tx.vault.derived(workspace, KEY) if tx.vault.has(workspace) else None

        known = await self._desk.store.read(key)
        signed = known or await self._desk.store.write(lambda tx: tx.vault.derived(workspace, KEY))
        return hmac.new(signed, text.encode(), hashlib.sha256).hexdigest()

    def _admitted(self, tx: Tx, choice: Choice, issuer: str, claims: Mapping[str, Any]) -> User | ForbiddenError:
        """Whose these claims are: known, matched or made. A refusal is returned, so that the audit keeps it."""
        subject = str(claims["sub"])
        known = tx.people.subject(self._desk.workspace, issuer, subject)
        try:
            if known is not None:
                return self._known(tx, choice, known, claims)
            return self._new(tx, choice, Subject(issuer, subject, "", True), claims)
        except ForbiddenError as error:
            self._note(tx, Actor(ActorKind.BASCULE, "sign-in", choice.named), "sign-in refused", {"why": str(error)})
            return error

    def _known(self, tx: Tx, choice: Choice, known: Subject, claims: Mapping[str, Any]) -> User:
        user = tx.people.user(known.person)
        if user.disabled is not None:
            raise ForbiddenError("You are switched off here.", hint=NOBODY)
        role = choice.role(claims)
        if not known.made or role == user.role:
            return user
        if _last_administrator(tx, user):
            return user  # somebody must be able to mend a mapping that lets nobody in
        if not role:
            tx.people.shut_out(user.id)
            raise ForbiddenError("None of your groups may use this workspace any more.", hint=NOBODY)
        changed = replace(user, role=role)
        tx.people.set_user(changed)
        tx.people.shut_out(user.id)
        self._note(tx, _actor(user), "role changed", {"person": user.id, "from": user.role, "to": role})
        return changed

    def _new(self, tx: Tx, choice: Choice, subject: Subject, claims: Mapping[str, Any]) -> User:
        email = str(claims.get("email") or "").strip().lower()
        verified = claims.get("email_verified") in (True, "true") or choice.trust_email
        if "@" not in email or not verified:
            raise ForbiddenError(f"{choice.named} does not vouch for your e-mail address.", hint=NOBODY)
        user = tx.people.user_by_email(self._desk.workspace, email)
        if user is not None:
            if user.disabled is not None:
                raise ForbiddenError("You are switched off here.", hint=NOBODY)
            if any(one.issuer == subject.issuer for one in tx.people.subjects(user.id)):
                raise ForbiddenError(
                    "Somebody else at the provider has signed in with your address before.",
                    hint="An administrator can let you in anew: Settings, People, Forget provider.",
                )
            tx.people.set_subject(self._desk.workspace, replace(subject, person=user.id, made=False))
            self._note(tx, _actor(user), "provider's account joined", {"person": user.id, "issuer": subject.issuer})
            return user
        role = choice.role(claims)
        if not role:
            raise ForbiddenError("None of your groups may use this workspace.", hint=NOBODY)
        name = str(claims.get("name") or claims.get("preferred_username") or email)[:200].replace("\x00", "")
        user = User(self._desk.id(), self._desk.workspace, email, name, role, self._desk.now())
        tx.people.set_user(user)
        tx.people.set_subject(self._desk.workspace, replace(subject, person=user.id))
        self._note(tx, _actor(user), "person added", {"person": user.id, "role": role})
        return user

    def _note(self, tx: Tx, actor: Actor, action: str, detail: Mapping[str, Value]) -> None:
        tx.audit.record(
            workspace=self._desk.workspace, at=self._desk.now(), action=action, actor=actor, detail=dict(detail)
        )

    async def end(self, issuer: str) -> str:
        """Where somebody who came in by this provider signs out there too; "" where that is not possible."""
        try:
            _, provider = await self._provider()
            same = provider.client.issuer == issuer
            return await provider.end(f"{self._desk.settings.address}/login") if same else ""
        except BasculeError:
            return ""


def stored(choice: Choice) -> dict[str, Value]:
    """As it is kept, and as programs see it."""
    return {**asdict(choice), "scopes": tuple(choice.scopes), "roles": tuple(choice.roles)}


def read(kept: Mapping[str, Any]) -> Choice:
    """What `stored` made. What a later version added is let go of, and what it lacks is as at the beginning."""
    known: dict[str, Any] = {name: kept[name] for name in Choice.__dataclass_fields__ if name in kept}
    known["scopes"] = tuple(known.get("scopes", Choice.scopes))
    known["roles"] = tuple((str(value), str(role)) for value, role in known.get("roles", ()))
    return Choice(**known)


def _field(name: str, value: Any) -> Any:
    """A field of the choice from what a program or a form gives."""
    match name:
        case "issuer" if value:
            try:
                return checked_issuer(str(value).strip())
            except ConfigurationError as error:
                raise InputError(str(error)) from None
        case "issuer" | "client_id" | "label" | "claim":
            return str(value).strip()
        case "scopes":
            return tuple(dict.fromkeys(one.strip() for one in value if one.strip()))
        case "roles":
            return tuple(_mapped(one) for one in value)
        case "default":
            return _role(value) if value else ""
        case "on" | "trust_email" | "local":
            return bool(value)
        case _:
            raise InputError(f"The choice of a provider has no {name!r}.")


def _mapped(pair: Sequence[str]) -> tuple[str, str]:
    value, role = pair
    if not value.strip():
        raise InputError("A value of the claim is empty.", hint="Write each as value=role.")
    return value.strip(), _role(role)


def _role(role: str) -> str:
    if role.strip() not in set(Role):
        raise InputError(f"There is no role {role!r}.", hint=f"Choose one of: {', '.join(Role)}.")
    return role.strip()


def _actor(user: User) -> Actor:
    return Actor(ActorKind.PERSON, user.id, user.name or user.email)


def _last_administrator(tx: Tx, user: User) -> bool:
    """Whether nobody else could administer the workspace."""
    others = (one for one in tx.people.users(user.workspace) if one.id != user.id and one.disabled is None)
    return user.role == Role.ADMINISTRATOR and not any(one.role == Role.ADMINISTRATOR for one in others)
