"""Signing in: one-time links, sessions, programs' keys, and how many wrong tries somebody has.

Secrets are random and kept as digests. A link is used up by the form's button and never by opening it, so that mail
and chat scanners cannot use it up.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bascule.core.sight import EXEMPT
from bascule.errors import ForbiddenError, InputError, NotFoundError
from bascule.model import COMMAND_LINE, Actor, ActorKind
from bascule.store import Tx
from bascule.store.people import ApiKey, Session, User
from bascule.store.sight import Sight, sight_of

from .roles import Right, Role, Scope, rights_of

if TYPE_CHECKING:
    from bascule.app import App

LINK_LASTS = timedelta(hours=24)
TRIES, WINDOW = 10, timedelta(minutes=5)
SEEN = timedelta(minutes=1)  # how often it is written down that a session, or a key, is used
ROTATED = timedelta(days=1)  # how long the secret before a rotation works
MOST_DAYS = 3650
LOCAL = Actor(ActorKind.PERSON, COMMAND_LINE, COMMAND_LINE)


@dataclass(frozen=True, slots=True)
class Signed:
    """Who is signed in, by which session."""

    user: User
    secret: str
    csrf: str
    expires: datetime
    issuer: str = ""  # the provider of identities that let them in; "": a login link
    sight: Sight | None = None  # whom they may see; None: everybody

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.PERSON, self.user.id, self.user.name or self.user.email)

    def may(self, right: Right) -> bool:
        return right in rights_of(self.user.role)


@dataclass(frozen=True, slots=True)
class Program:
    """A program with a key. What it does is done in the name of the person who made the key."""

    actor: Actor
    scopes: frozenset[str]
    key: str = ""
    sight: Sight | None = None  # of a key that is bound to its owner

    @property
    def local(self) -> bool:
        """Whether it is a command of this machine's user."""
        return self.actor == LOCAL

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes


class Tries:
    """Wrong tries by client in the last minutes; too many, and the door stays shut for a while."""

    def __init__(self) -> None:
        self._wrong: dict[str, deque[datetime]] = {}

    def refuse(self, client: str, now: datetime) -> bool:
        """Whether this client has had too many wrong tries."""
        wrong = self._wrong.get(client)
        while wrong and wrong[0] <= now - WINDOW:
            wrong.popleft()
        if not wrong:
            self._wrong.pop(client, None)
            return False
        return len(wrong) >= TRIES

    def wrong(self, client: str, now: datetime) -> None:
        if len(self._wrong) > 10_000:  # an attacker with many addresses must not fill the memory
            self._wrong.clear()
        self._wrong.setdefault(client, deque(maxlen=TRIES)).append(now)


class People:
    """Who may come in, over the store."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.tries = Tries()

    @property
    def _now(self) -> datetime:
        return self._app.runtime.now()

    # ------------------------------------------------------------------------------------------------------ sign-in

    async def redeem(self, token: str, client: str, *, device: str = "", former: str = "") -> str:
        """Use a login link up; the secret of the session it opens. ForbiddenError if it is none, used, or too old, or
        its person is to come in by the provider. `former` is the browser's session until now: it ends."""
        now = self._now
        if self.tries.refuse(client, now):
            raise ForbiddenError("Too many wrong tries.", hint="Wait five minutes, then open the link again.")
        secret = secrets.token_urlsafe(32)

        def unit(tx: Tx) -> ForbiddenError | bool:
            id = tx.people.use_login(token, now=now)
            user = tx.people.user(id) if id else None
            if user is None or user.disabled is not None:
                return False
            choice = self._app.sign_in.standing(tx).choice
            if not choice.may_by_link(user.role):
                return ForbiddenError(f"Login links are for administrators here. Sign in with {choice.named}.")
            self._open(tx, user, secret, device=device, former=former)
            return True

        done = await self._app.store.write(unit)
        if isinstance(done, ForbiddenError):
            raise done
        if done:
            return secret
        self.tries.wrong(client, now)
        raise ForbiddenError(
            "This link does not work: it has been used, is too old, or is cut short.",
            hint="Ask an administrator for a new one, or make one on the server: bascule login",
        )

    async def enter(self, user: User, issuer: str, *, device: str = "", former: str = "") -> str:
        """Open a session for somebody whom a provider of identities has let in; its secret."""
        secret = secrets.token_urlsafe(32)
        await self._app.store.write(
            lambda tx: self._open(tx, user, secret, device=device, former=former, issuer=issuer)
        )
        return secret

    def _open(self, tx: Tx, user: User, secret: str, *, device: str, former: str, issuer: str = "") -> None:
        """A fresh session, whatever the browser held before: what somebody may have planted there ends."""
        now = self._now
        if former:
            tx.people.end_session(former)
        tx.people.start_session(
            secret, user.id, csrf=secrets.token_urlsafe(32), now=now,
            expires=now + timedelta(hours=self._app.settings.session_hours), device=device, issuer=issuer,
        )  # fmt: skip
        actor = Actor(ActorKind.PERSON, user.id, user.name)
        detail = {"provider": issuer} if issuer else {}
        tx.audit.record(workspace=user.workspace, at=now, action="log-in", actor=actor, detail=detail)

    @property
    def idle(self) -> timedelta | None:
        """After how long a session that nobody uses has ended; None: not because of that."""
        minutes = self._app.settings.session_idle_minutes
        return timedelta(minutes=minutes) if minutes else None

    async def session(self, secret: str) -> Signed | None:
        """The live session with this secret."""
        if not secret:
            return None
        now = self._now

        def read(tx: Tx) -> tuple[Session, Sight | None] | None:
            session = tx.people.session(secret, now=now, idle=self.idle)
            return (session, sight_of(tx, session.user, EXEMPT)) if session is not None else None

        known = await self._app.store.read(read)
        if known is None:
            return None
        found, sight = known
        if now - found.seen >= SEEN:
            await self._app.store.write(lambda tx: tx.people.used_session(secret, now=now))
        return Signed(found.user, secret, found.csrf, found.expires, found.issuer, sight)

    async def leave(self, signed: Signed) -> None:
        def unit(tx: Tx) -> None:
            tx.people.end_session(signed.secret)
            tx.audit.record(workspace=signed.user.workspace, at=self._now, action="log-out", actor=signed.actor)

        await self._app.store.write(unit)

    async def end_session(self, hash: str, by: Signed) -> None:
        """End a session by the digest of its secret: one's own, or anybody's of the workspace for who administers it.
        NotFoundError where there is none such."""

        def unit(tx: Tx) -> None:
            whose = "" if by.may(Right.ADMINISTER) else by.user.id
            found = tx.people.sessions(by.user.workspace, whose, now=self._now, idle=self.idle)
            one = next((each for each in found if each.hash == hash), None)
            if one is None:
                raise NotFoundError("There is no such log-in (any more).")
            tx.people.end_session(hash=hash)
            self._note(tx, by, "log-in ended", {"person": one.person})

        await self._app.store.write(unit)

    async def end_all(self, id: str, by: Signed) -> int:
        """End every session of somebody of the workspace; how many there were."""

        def unit(tx: Tx) -> int:
            user = self._user(tx, id, by)
            ended = tx.people.end_sessions(user.id, but=by.secret if user.id == by.user.id else "")
            self._note(tx, by, "log-ins ended", {"person": user.id})
            return ended

        return await self._app.store.write(unit)

    async def leave_elsewhere(self, signed: Signed) -> int:
        """End this person's other sessions; how many there were."""

        def unit(tx: Tx) -> int:
            ended = tx.people.end_sessions(signed.user.id, but=signed.secret)
            tx.audit.record(
                workspace=signed.user.workspace, at=self._now, action="log-out elsewhere", actor=signed.actor
            )
            return ended

        return await self._app.store.write(unit)

    # ------------------------------------------------------------------------------------------------------- people

    async def invite(self, name: str, email: str, role: str, by: Signed) -> str:
        """Add a person; the login link to hand over, "" where they are to come in by the provider of identities.
        InputError for a wrong role or address."""
        if role not in set(Role):
            raise InputError(f"There is no role {role!r}.", hint=f"Choose one of: {', '.join(Role)}.")
        if not name.strip() or "@" not in email:
            raise InputError("A name and an e-mail address are needed.")
        now = self._now
        user = User(self._app.runtime.id(), by.user.workspace, email, name.strip(), role, now)

        def unit(tx: Tx) -> bool:
            tx.people.set_user(user)
            self._note(tx, by, "person added", {"person": user.id, "role": role})
            return self._app.sign_in.standing(tx).choice.may_by_link(role)

        return await self.link(user.id, by) if await self._app.store.write(unit) else ""

    async def link(self, id: str, by: Signed) -> str:
        """A fresh login link for somebody of the workspace."""
        secret = secrets.token_urlsafe(32)
        now = self._now

        def unit(tx: Tx) -> None:
            user = self._user(tx, id, by)
            if user.disabled is not None:
                raise ForbiddenError(f"{user.name} is switched off.", hint="Switch the person on first.")
            choice = self._app.sign_in.standing(tx).choice
            if not choice.may_by_link(user.role):
                raise ForbiddenError(
                    f"Login links are for administrators here; {user.name} signs in with {choice.named}.",
                    hint="Allow login links for everybody under Settings, Sign-in, if that has to be.",
                )
            tx.people.offer_login(secret, user.id, expires=now + LINK_LASTS)
            self._note(tx, by, "login link made", {"person": user.id})

        await self._app.store.write(unit)
        return f"{self._app.settings.address}/login?token={secret}"

    async def switch(self, id: str, on: bool, by: Signed) -> None:
        """Let a person in again, or keep them out and end their sessions."""
        if id == by.user.id:
            raise ForbiddenError("You cannot switch yourself off.", hint="Ask another administrator.")
        now = self._now

        def unit(tx: Tx) -> None:
            user = self._user(tx, id, by)
            tx.people.set_user(replace(user, disabled=None if on else now))
            if not on:
                tx.people.shut_out(user.id)
            self._note(tx, by, "person switched on" if on else "person switched off", {"person": user.id})

        await self._app.store.write(unit)

    async def set_role(self, id: str, role: str, by: Signed) -> None:
        """Give somebody another role; every session of theirs ends, so that nothing goes on under the old one.
        InputError for no role; ForbiddenError for one's own."""
        if role not in set(Role):
            raise InputError(f"There is no role {role!r}.", hint=f"Choose one of: {', '.join(Role)}.")
        if id == by.user.id:
            raise ForbiddenError("You cannot change your own role.", hint="Ask another administrator.")

        def unit(tx: Tx) -> None:
            user = self._user(tx, id, by)
            if user.role == role:
                return
            tx.people.set_user(replace(user, role=role))
            tx.people.end_sessions(user.id)
            self._note(tx, by, "role changed", {"person": user.id, "from": user.role, "to": role})

        await self._app.store.write(unit)

    async def forget_provider(self, id: str, by: Signed) -> None:
        """Forget who somebody is at the provider of identities; at their next sign-in they are matched by e-mail."""

        def unit(tx: Tx) -> None:
            user = self._user(tx, id, by)
            if not tx.people.forget_subjects(user.id):
                raise NotFoundError(f"{user.name} has not signed in by a provider.")
            tx.people.end_sessions(user.id)
            self._note(tx, by, "provider's account forgotten", {"person": user.id})

        await self._app.store.write(unit)

    async def identify(self, id: str, connection: str, external: str, by: Signed) -> None:
        """Say who somebody is in a connected system ("" takes it back): decisions are done there in their name."""

        def unit(tx: Tx) -> None:
            user = self._user(tx, id, by)
            identities = {key: value for key, value in user.identities.items() if key != connection}
            if external:
                identities[connection] = external
            tx.people.set_user(replace(user, identities=identities))
            self._note(tx, by, "identity set", {"person": user.id, "user": external}, connection)

        await self._app.store.write(unit)
        await self._app.connections.refresh()

    def _user(self, tx: Tx, id: str, by: Signed) -> User:
        user = tx.people.user(id)
        if user.workspace != by.user.workspace:
            raise NotFoundError("There is no such user.")
        return user

    def _note(self, tx: Tx, by: Signed, action: str, detail: dict[str, str], connection: str | None = None) -> None:
        tx.audit.record(
            workspace=by.user.workspace,
            at=self._now,
            action=action,
            actor=by.actor,
            detail=detail,
            connection=connection,
        )

    # ----------------------------------------------------------------------------------------------------- programs

    async def make_key(
        self, name: str, scopes: frozenset[str], by: Signed, *, days: int | None = None, person: str = ""
    ) -> str:
        """A new API key; its secret, which is never shown again. It ends after so many `days`. It acts for the
        workspace, or for a `person`: then it sees no candidate that they may not see, and what it does is in their
        name. InputError for an unknown scope or none; NotFoundError for nobody's id."""
        unknown = scopes - set(Scope)
        if unknown or not scopes or not name.strip():
            raise InputError("A key needs a name and at least one of the scopes listed.")
        secret = f"bsc_{secrets.token_urlsafe(32)}"
        if days is not None and not 1 <= days <= MOST_DAYS:
            raise InputError(f"A key lasts 1 to {MOST_DAYS} days.", hint="Leave it empty for one that does not end.")
        now = self._now
        key = ApiKey(
            self._app.runtime.id(), by.user.workspace, name.strip(), scopes, person or by.user.id, now,
            expires=now + timedelta(days=days) if days else None, bound=bool(person),
        )  # fmt: skip

        def unit(tx: Tx) -> None:
            detail = {"key": key.id, "scopes": " ".join(sorted(scopes))}
            if person:
                detail["person"] = self._user(tx, person, by).id
            tx.people.add_key(key, secret)
            self._note(tx, by, "API key made", detail)

        await self._app.store.write(unit)
        return secret

    async def rotate_key(self, id: str, by: Signed) -> str:
        """Another secret for a key; the one it has works for a day more, so that nothing stands still."""
        secret, now = f"bsc_{secrets.token_urlsafe(32)}", self._now

        def unit(tx: Tx) -> None:
            tx.people.rotate_key(by.user.workspace, id, secret, until=now + ROTATED)
            self._note(tx, by, "API key rotated", {"key": id})

        await self._app.store.write(unit)
        return secret

    async def revoke_key(self, id: str, by: Signed) -> None:
        now = self._now

        def unit(tx: Tx) -> None:
            tx.people.revoke_key(by.user.workspace, id, now=now)
            self._note(tx, by, "API key revoked", {"key": id})

        await self._app.store.write(unit)

    def local(self, secret: str) -> bool:
        """Whether this is the key of this machine's own commands. Nobody's wrong tries keep them out."""
        return hmac.compare_digest(_hash(secret), _hash(self._app.local_key))

    async def program(self, secret: str) -> Program | None:
        """The program with this key, or this machine's own commands."""
        if self.local(secret):
            return Program(LOCAL, frozenset(Scope))
        now = self._now

        def find(tx: Tx) -> tuple[ApiKey, User, Sight | None] | None:
            key = tx.people.key(secret, now=now)
            owner = tx.people.user(key.owner) if key else None
            if key is None or owner is None or owner.disabled is not None:
                return None
            return key, owner, sight_of(tx, owner, EXEMPT) if key.bound else None

        found = await self._app.store.read(find)
        if found is None:
            return None
        key, owner, sight = found
        if key.last_used is None or now - key.last_used > SEEN:
            await self._app.store.write(lambda tx: tx.people.used_key(key.id, now=now))
        return Program(Actor(ActorKind.PERSON, owner.id, f"{owner.name} (key {key.name})"), key.scopes, key.id, sight)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
