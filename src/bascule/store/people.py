"""Users, their sessions, one-time log-in links and API keys. Secrets are kept as digests only."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from ..errors import ConflictError, NotFoundError, StaleError
from ..model import EMPTY
from . import statements as s
from .codec import dumps, loads, maybe_moment, maybe_stamp, moment, stamp

if TYPE_CHECKING:
    from .tx import Row, Tx


def digest(secret: str) -> str:
    """What is kept of a session's, link's or key's secret (they are random: no salt is needed)."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class User:
    """A person who may log in. `identities`: connection -> that person's user id there."""

    id: str
    workspace: str
    email: str
    name: str
    role: str
    created: datetime
    identities: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    disabled: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A live session. `csrf` is what its forms must carry."""

    user: User
    csrf: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A program's key, without its secret."""

    id: str
    workspace: str
    name: str
    scopes: frozenset[str]
    owner: str
    created: datetime
    last_used: datetime | None = None
    revoked: datetime | None = None


class People:
    """`tx.people`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    # ------------------------------------------------------------------------------------------------------ users

    def set_user(self, user: User) -> None:
        """Make or change a user. ConflictError if somebody else of the workspace has that e-mail."""
        try:
            self._tx.run(
                s.USER_SET,
                id=user.id,
                workspace=user.workspace,
                email=user.email.strip().lower(),
                name=user.name,
                role=user.role,
                identities=dumps(user.identities),
                created=stamp(user.created),
                disabled=maybe_stamp(user.disabled),
            )
        except StaleError:
            raise ConflictError("Somebody with that e-mail is a user already.") from None

    def user(self, id: str) -> User:
        """NotFoundError if there is none."""
        row = self._tx.row(s.USER, id=id)
        if row is None:
            raise NotFoundError("There is no such user.")
        return _user(row)

    def user_by_email(self, workspace: str, email: str) -> User | None:
        row = self._tx.row(s.USER_BY_EMAIL, workspace=workspace, email=email.strip().lower())
        return None if row is None else _user(row)

    def users(self, workspace: str) -> list[User]:
        return [_user(row) for row in self._tx.rows(s.USERS, workspace=workspace)]

    # --------------------------------------------------------------------------------------------------- sessions

    def start_session(self, secret: str, user: str, *, csrf: str, now: datetime, expires: datetime) -> None:
        self._tx.run(s.SESSION_ADD, hash=digest(secret), person=user, now=stamp(now), expires=stamp(expires), csrf=csrf)

    def session(self, secret: str, *, now: datetime) -> Session | None:
        """The live session of an enabled user, or None."""
        row = self._tx.row(s.SESSION, hash=digest(secret), now=stamp(now))
        return None if row is None else Session(_user(row[:8]), row[8], moment(row[9]))

    def end_session(self, secret: str) -> None:
        self._tx.run(s.SESSION_DROP, hash=digest(secret))

    def end_sessions(self, user: str) -> None:
        """Everywhere (a person was disabled, or asks for it)."""
        self._tx.run(s.SESSIONS_OF, person=user)

    def expire(self, *, now: datetime) -> None:
        """Remove what has run out."""
        self._tx.run(s.SESSIONS_DROP, now=stamp(now))
        self._tx.run(s.TOKENS_DROP, now=stamp(now))

    # ---------------------------------------------------------------------------------------------- log-in links

    def offer_login(self, secret: str, user: str, *, expires: datetime) -> None:
        """Let whoever holds the secret log in once."""
        self._tx.run(s.TOKEN_ADD, hash=digest(secret), person=user, expires=stamp(expires))

    def use_login(self, secret: str, *, now: datetime) -> str | None:
        """The user id, the first time and in time; else None."""
        row = self._tx.row(s.TOKEN_USE, hash=digest(secret), now=stamp(now))
        return None if row is None else row[0]

    # --------------------------------------------------------------------------------------------------- API keys

    def add_key(self, key: ApiKey, secret: str) -> None:
        self._tx.run(
            s.API_KEY_ADD,
            id=key.id,
            workspace=key.workspace,
            hash=digest(secret),
            name=key.name,
            scopes=dumps(sorted(key.scopes)),
            owner=key.owner,
            now=stamp(key.created),
        )

    def key(self, secret: str) -> ApiKey | None:
        """The key with that secret, unless revoked."""
        row = self._tx.row(s.API_KEY, hash=digest(secret))
        return None if row is None else _key(row)

    def keys(self, workspace: str) -> list[ApiKey]:
        return [_key(row) for row in self._tx.rows(s.API_KEYS, workspace=workspace)]

    def used_key(self, id: str, *, now: datetime) -> None:
        self._tx.run(s.API_KEY_USED, id=id, now=stamp(now))

    def revoke_key(self, workspace: str, id: str, *, now: datetime) -> None:
        """NotFoundError if there is none to revoke."""
        if not self._tx.run(s.API_KEY_REVOKE, workspace=workspace, id=id, now=stamp(now)):
            raise NotFoundError("There is no such key, or it is revoked already.")


def _user(row: Row) -> User:
    id, workspace, email, name, role, identities, created, disabled = row
    return User(id, workspace, email, name, role, moment(created), loads(identities), maybe_moment(disabled))


def _key(row: Row) -> ApiKey:
    id, workspace, name, scopes, owner, created, last_used, revoked = row
    return ApiKey(
        id,
        workspace,
        name,
        frozenset(loads(scopes)),
        owner,
        moment(created),
        maybe_moment(last_used),
        maybe_moment(revoked),
    )
