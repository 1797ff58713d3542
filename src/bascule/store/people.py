"""Users, their sessions, one-time log-in links and API keys. Secrets are kept as digests only."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
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
    """A live session. `csrf` is what its forms must carry; `issuer` is the provider of identities that let the person
    in, "" for a login link."""

    user: User
    csrf: str
    expires: datetime
    created: datetime
    seen: datetime
    device: str = ""
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session in a list. `hash` is the digest of its secret, by which it may be ended."""

    hash: str
    person: str
    created: datetime
    expires: datetime
    seen: datetime
    device: str
    issuer: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Who somebody is at a provider of identities (OpenID Connect: `iss` and `sub`). `made`: their first sign-in there
    made them a user, so that their role follows what the provider says."""

    issuer: str
    subject: str
    person: str
    made: bool


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
    expires: datetime | None = None
    bound: bool = False  # it sees no candidate that its owner may not see


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

    def start_session(
        self, secret: str, user: str, *, csrf: str, now: datetime, expires: datetime, device: str = "", issuer: str = ""
    ) -> None:
        self._tx.run(
            s.SESSION_ADD, hash=digest(secret), person=user, now=stamp(now), expires=stamp(expires), csrf=csrf,
            device=device[:200].replace("\x00", ""), issuer=issuer or None,
        )  # fmt: skip

    def session(self, secret: str, *, now: datetime, idle: timedelta | None = None) -> Session | None:
        """The live session of an enabled user that was used within `idle`, or None."""
        row = self._tx.row(s.SESSION, hash=digest(secret), now=stamp(now), idle=_idle(now, idle))
        if row is None:
            return None
        csrf, expires, created, seen, device, issuer = row[8:]
        return Session(_user(row[:8]), csrf, moment(expires), moment(created), moment(seen), device, issuer)

    def sessions(
        self, workspace: str, person: str = "", *, now: datetime, idle: timedelta | None = None
    ) -> list[OpenSession]:
        """Whatever is open, of one person or of all, the last used first."""
        where = {"workspace": workspace, "person": person, "now": stamp(now), "idle": _idle(now, idle)}
        return [
            OpenSession(hash, whose, moment(created), moment(expires), moment(seen), device, issuer)
            for hash, whose, created, expires, seen, device, issuer in self._tx.rows(s.SESSIONS, **where)
        ]

    def used_session(self, secret: str, *, now: datetime) -> None:
        self._tx.run(s.SESSION_SEEN, hash=digest(secret), now=stamp(now))

    def end_session(self, secret: str = "", *, hash: str = "") -> int:
        """By its secret, or by the digest of it; how many there were."""
        return self._tx.run(s.SESSION_DROP, hash=hash or digest(secret))

    def end_sessions(self, user: str, *, but: str = "") -> int:
        """Everywhere (a person was disabled, or asks for it), but for the session with this secret; how many."""
        return self._tx.run(s.SESSIONS_OF, person=user, but=digest(but) if but else "")

    def end_by_link(self, workspace: str, *, but: str) -> int:
        """Sessions that a login link has opened, of everybody but those of one role; how many."""
        return self._tx.run(s.SESSIONS_BY_LINK, workspace=workspace, role=but)

    def shut_out(self, user: str) -> None:
        """End every session of somebody, and let no login link of theirs open another."""
        self.end_sessions(user)
        self._tx.run(s.TOKENS_OF, person=user)

    # ---------------------------------------------------------------------------------- at a provider of identities

    def subject(self, workspace: str, issuer: str, subject: str) -> Subject | None:
        """Whom a provider of identities means by a subject, if they have come in before."""
        row = self._tx.row(s.SUBJECT, workspace=workspace, issuer=issuer, subject=subject)
        return None if row is None else Subject(issuer, subject, row[0], bool(row[1]))

    def subjects(self, user: str) -> list[Subject]:
        """Who somebody is, at every provider they have come in by."""
        rows = self._tx.rows(s.SUBJECTS_OF, person=user)
        return [Subject(issuer, subject, user, bool(made)) for issuer, subject, made in rows]

    def set_subject(self, workspace: str, subject: Subject) -> None:
        """StaleError if somebody else has it."""
        self._tx.run(
            s.SUBJECT_SET, workspace=workspace, issuer=subject.issuer, subject=subject.subject, person=subject.person,
            made=subject.made,
        )  # fmt: skip

    def forget_subjects(self, user: str) -> int:
        """At the next sign-in they are matched by e-mail again; how many there were."""
        return self._tx.run(s.SUBJECTS_DROP, person=user)

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
            expires=maybe_stamp(key.expires),
            bound=key.bound,
        )

    def key(self, secret: str, *, now: datetime) -> ApiKey | None:
        """The key with that secret, unless revoked or run out. For a while the secret before a rotation works too."""
        row = self._tx.row(s.API_KEY, hash=digest(secret), now=stamp(now))
        return None if row is None else _key(row)

    def keys(self, workspace: str) -> list[ApiKey]:
        return [_key(row) for row in self._tx.rows(s.API_KEYS, workspace=workspace)]

    def used_key(self, id: str, *, now: datetime) -> None:
        self._tx.run(s.API_KEY_USED, id=id, now=stamp(now))

    def rotate_key(self, workspace: str, id: str, secret: str, *, until: datetime) -> None:
        """Another secret; the one it had works until then. NotFoundError if there is no such key."""
        if not self._tx.run(s.API_KEY_ROTATE, workspace=workspace, id=id, hash=digest(secret), until=stamp(until)):
            raise NotFoundError("There is no such key, or it is revoked already.")

    def revoke_key(self, workspace: str, id: str, *, now: datetime) -> None:
        """NotFoundError if there is none to revoke."""
        if not self._tx.run(s.API_KEY_REVOKE, workspace=workspace, id=id, now=stamp(now)):
            raise NotFoundError("There is no such key, or it is revoked already.")


def _idle(now: datetime, idle: timedelta | None) -> int:
    """A session that was last used before then has ended."""
    return stamp(now - idle) if idle else -1


def _user(row: Row) -> User:
    id, workspace, email, name, role, identities, created, disabled = row
    return User(id, workspace, email, name, role, moment(created), loads(identities), maybe_moment(disabled))


def _key(row: Row) -> ApiKey:
    id, workspace, name, scopes, owner, created, last_used, revoked, expires, bound = row
    return ApiKey(
        id,
        workspace,
        name,
        frozenset(loads(scopes)),
        owner,
        moment(created),
        maybe_moment(last_used),
        maybe_moment(revoked),
        maybe_moment(expires),
        bool(bound),
    )
