"""People, keys, sessions, and how long content is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bascule.office.retention import Kept
from bascule.office.visibility import Visible

from .enrichment import ProvidersPart
from .models import ModelsPart
from .parts import Choice, Fact


@dataclass(frozen=True, slots=True)
class PersonRow:
    id: str
    name: str
    email: str
    role: str
    last_seen: datetime | None
    active: bool = True
    ats_user: str = ""
    you: bool = False
    by_provider: bool = False  # they have signed in by the provider of identities
    decides: bool = False  # they have a link that works, by which they decide without signing in


@dataclass(frozen=True, slots=True)
class KeyRow:
    id: str
    name: str
    scopes: tuple[str, ...]
    made: datetime
    made_by: str
    last_used: datetime | None
    expires: datetime | None = None
    bound: bool = False


@dataclass(frozen=True, slots=True)
class SessionRow:
    id: str
    person: str
    since: datetime
    last_seen: datetime
    device: str
    current: bool = False
    way: str = ""  # the host of the provider that let them in, "" for a login link


@dataclass(frozen=True, slots=True)
class PersonSessions:
    """Somebody else's log-ins."""

    id: str
    name: str
    sessions: tuple[SessionRow, ...]


@dataclass(frozen=True, slots=True)
class SessionsPage:
    """One's own log-ins, and for administrators those of everybody else; `ends`: when they end by themselves."""

    mine: tuple[SessionRow, ...]
    others: tuple[PersonSessions, ...] = ()
    ends: str = ""


@dataclass(frozen=True, slots=True)
class SignInPart:
    """The provider of identities that people sign in by. `roles`: a value and the role it gives, one a line."""

    on: bool
    named: str
    label: str
    issuer: str
    client_id: str
    secret: bool
    fixed: bool
    redirect_uri: str
    claim: str
    roles: str
    defaults: tuple[Choice, ...]
    trust_email: bool
    local: bool


@dataclass(frozen=True, slots=True)
class SettingsPage:
    people: tuple[PersonRow, ...]
    keys: tuple[KeyRow, ...]
    roles: tuple[Choice, ...]
    scopes: tuple[Choice, ...]
    facts: tuple[Fact, ...] = ()
    secret: str = ""  # a new key or login link, shown once
    secret_for: str = ""
    secret_warning: str = ""  # why the login link will not open
    ats_users: tuple[Choice, ...] = ()
    kept: tuple[Kept, ...] = ()  # what is in force, by kind
    models: ModelsPart | None = None
    providers: ProvidersPart | None = None
    sign_in: SignInPart | None = None
    visible: Visible | None = None
