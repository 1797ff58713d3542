"""A vendor's account, as the contract sees it.

An account is that vendor's sandbox in this process, and what people do on the vendor's own pages. Nothing in it is
ours: it changes the sandbox as its pages do, and says what a connector is to show of that afterwards.
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest

from bascule.engine.wire import AsgiApp
from bascule.model import Kind, Presence, Value

CV = b"""Late Comer
Backend Developer

Experience
Backend Developer, Northwind Systems, January 2020 - present
Built services in Python and PostgreSQL; ran them with Docker and Kubernetes.
Software Developer, Contoso, March 2016 - December 2019
Django applications, automated tests.

Education
BSc Computer Science, 2015
"""
"""With this an account lets somebody apply, where the vendor takes any file."""
Deliver = Callable[[str, Mapping[str, str], bytes], Awaitable[int]]


@dataclass
class Clock:
    """A clock that is held."""

    at: datetime = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


async def nobody(_url: str, _headers: Mapping[str, str], _body: bytes) -> int:
    return 200


@dataclass(frozen=True)
class Edited:
    """What somebody changed there: what the connector shows of that object afterwards, by vendor field."""

    kind: Kind
    external: str
    shown: Mapping[str, Value]


@dataclass(frozen=True)
class Gone:
    """What became of an object there. `says`: what the connector has to say of it, by an event or by reading it by id;
    `into`: the survivor of a merge."""

    kind: Kind
    external: str
    root: str
    says: Presence
    into: str = ""


@dataclass
class Setting:
    """How an account is to be: `variant` is one of `Account.variants`; `granted` the rights of the credential (None:
    the least that the connector names)."""

    clock: Clock = field(default_factory=Clock)
    variant: str = ""
    granted: Iterable[str] | None = None
    deliver: Deliver = nobody
    candidates: int = 12
    hook: str = "http://bridge.test/hooks/acme"
    secret: str = "a-hook-secret-of-forty-characters-0000000"

    @property
    def outside(self) -> dict[str, Any]:
        """What a sandbox has from outside."""
        return {"now": self.clock, "deliver": self.deliver, "sleep": self.clock.sleep}


class Account(ABC):
    """What the contract asks of a vendor's account. What a vendor does not have is left out; `can` is without it then.

    Ids are external ids as the connector spells them.
    """

    system: ClassVar[str]
    variants: ClassVar[tuple[str, ...]] = ("",)  # differently configured accounts, the usual one first
    base_url: ClassVar[str] = "http://127.0.0.1:8001"
    refusals: ClassVar[Mapping[str, type[Exception]]] = {}  # fault (as in `faults`) -> our error, where it differs
    repeats: ClassVar[bool] = False  # whether a page may show again what ended the one before, so that none is missed
    edited: ClassVar[tuple[Kind, ...]]  # the kinds that people can change there
    mails_on_rejection: ClassVar[bool] = False  # a rejection e-mails the candidate, and no interface can switch it off
    required_when_new: ClassVar[bool] = False  # what is already there may lack a field that is required later

    app: AsgiApp
    setting: Setting
    sandbox: Any

    @abstractmethod
    def __init__(self, setting: Setting) -> None:
        """Make the sandbox as the setting wants it."""

    def settings(self) -> Mapping[str, str]:
        """What a person enters to connect, but for secrets."""
        return {}

    def secrets(self) -> Mapping[str, str]:
        return {}

    # what is there -------------------------------------------------------------------------------------------------

    @abstractmethod
    def applicant(self) -> tuple[str, str]:
        """(candidate, application) of somebody who is in process on an open job that has several stages."""

    @abstractmethod
    def everybody(self) -> set[str]:
        """All candidates there, by id."""

    @abstractmethod
    def applications(self) -> set[str]:
        """All applications there, by id."""

    @abstractmethod
    def contacts(self) -> Any:
        """All contact data there, as it stands: names, addresses, numbers, employer."""

    @abstractmethod
    def mails(self) -> int:
        """How many e-mails the vendor has sent to people."""

    @abstractmethod
    def ours(self) -> int:
        """How many changes came through the API."""

    @abstractmethod
    def seen_by_people(self, candidate: str, application: str) -> str:
        """All that a recruiter sees on the pages of this candidate and application, as one text."""

    # what people do ------------------------------------------------------------------------------------------------

    @abstractmethod
    def apply(self) -> tuple[str, str]:
        """Somebody applies, with a CV; (candidate, application)."""

    @abstractmethod
    def edit(self, kind: Kind) -> Edited:
        """Somebody changes an object of this kind: one of `edited`."""

    @abstractmethod
    def next_stage(self, application: str) -> str:
        """A stage of the application's job that it may be moved to now."""

    @abstractmethod
    def moved(self, application: str, stage: str) -> None:
        """A recruiter moves the application."""

    def reason(self) -> str:
        """A reason to reject for, "" where no interface rejects."""
        return ""

    def user(self) -> str:
        """A user who may be acted as, "" where nobody can be."""
        return ""

    def to_interview(self, application: str) -> None:  # noqa: B027  # may be left out
        """A recruiter brings the application to where an interview is made, where that is not everywhere."""

    def interviewer(self) -> str:
        """A user who may be on a panel."""
        return self.user()

    def hire(self, application: str) -> None: ...  # noqa: B027  # may be left out

    def require(self, label: str) -> None:  # noqa: B027  # may be left out
        """An administrator makes the field of this label one that may not be empty."""

    def replace_file(self, candidate: str, words: bytes) -> str:
        """Somebody puts a file that says something else in the place of one of a candidate's, under its id and its
        name; its id. To be left out where every file has an id of its own."""
        raise NotImplementedError

    def delete(self) -> Gone: ...  # noqa: B027  # may be left out
    def merge(self) -> Gone: ...  # noqa: B027  # may be left out
    def anonymise(self) -> Gone: ...  # noqa: B027  # may be left out
    def hide(self) -> Gone: ...  # noqa: B027  # may be left out

    async def hook(self) -> None:  # noqa: B027  # may be left out
        """Enter the webhook of `Setting.hook` as a customer does."""

    async def deliver(self) -> None:  # noqa: B027  # may be left out
        """Send the webhooks that are due."""

    def fault(self, **spec: Any) -> None:
        self.sandbox.faults.add(spec)

    @classmethod
    def can(cls, deed: str) -> bool:
        return getattr(cls, deed) is not getattr(Account, deed)


class OnKit(Account):
    """An account whose sandbox stands on `bascule.sandbox.kit`: what holds of every such tenant."""

    db: Any
    contact: ClassVar[tuple[str, ...]] = ()  # the columns of a candidate that are contact data

    def stand(self, setting: Setting, sandbox: Any, app: AsgiApp) -> None:
        """To be said first in `__init__`; `Setting.outside` goes into the sandbox."""
        self.setting, self.sandbox, self.app, self.db = setting, sandbox, app, sandbox.db

    def granted(self, least: Iterable[str]) -> list[str]:
        """The rights of the credential, the least of which are these."""
        return sorted(least if self.setting.granted is None else self.setting.granted)

    def everybody(self) -> set[str]:
        return {str(id) for id in self.db["candidates"].ids}

    def applications(self) -> set[str]:
        return {str(id) for id in self.db["applications"].ids}

    def contacts(self) -> Any:
        return {row["id"]: {key: repr(row[key]) for key in self.contact} for row in self.db["candidates"]}

    def ours(self) -> int:
        return sum(change.actor.kind.startswith("api:") for change in self.db.log)

    def hide(self) -> Gone:
        candidate, _ = self.applicant()
        self.fault(kind="hide", object=f"candidates/{candidate}", count=None)
        return Gone(Kind.CANDIDATE, candidate, candidate, Presence.ABSENT)

    async def deliver(self) -> None:
        await self.sandbox.hooks.deliver_due()


def beside(ladder: Sequence[Any], here: Any) -> Any:
    """The stage that comes next, or at the end of the ladder the one before."""
    at = ladder.index(here) if here in ladder else -1
    return ladder[at + 1 if at + 1 < len(ladder) else at - 1]


_accounts: dict[str, type[Account]] = {}


def on(*accounts: type[Account]) -> None:
    """Let the promises be tried on these accounts. To be called before `promises` is imported, by a `conftest.py`."""
    tests = {f"{__package__}.{name}" for name in ("arriving", "declaration", "promises", "refusals")}
    pytest.register_assert_rewrite(*tests - sys.modules.keys())
    _accounts.update({one.system: one for one in accounts})


def systems() -> tuple[str, ...]:
    """The systems whose connectors are to keep the promises."""
    return tuple(sorted(_accounts))


def of(system: str) -> type[Account]:
    return _accounts[system]


def those_that(deed: str) -> list[str]:
    """The systems whose people can do this."""
    return [name for name in systems() if of(name).can(deed)]


def variants() -> list[tuple[str, str]]:
    """Every differently configured account of every system."""
    return [(name, variant) for name in systems() for variant in of(name).variants]
