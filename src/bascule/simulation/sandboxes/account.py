"""An account of a run at a vendor's sandbox, and what has to be said of each vendor so that one can be opened.

Nothing here asks a connector what stands there: that is read where a recruiter reads it, on the sandbox's small ATS.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bascule.connectors.registry import load
from bascule.connectors.spec import Connector
from bascule.engine.wire import AsgiTransport, WireRequest, WireResponse
from bascule.errors import UnansweredError
from bascule.model import Kind as RecordKind
from bascule.sandbox.kit.desk import Application, Desk, Job, Person
from bascule.sandbox.kit.faults import AnswerLost
from bascule.sandbox.kit.rates import Rate
from bascule.sandbox.kit.tables import Actor, Row

PLENTY = Rate(1_000_000, 30.0)
STAGES = ("Applied", "Screen", "Interview", "Offer")
JOBS: tuple[Mapping[str, Any], ...] = tuple(
    {"title": title, "department": "Work", "office": "Malmö", "description": f"<p>{title}.</p>", "stages": STAGES}
    for title in ("Backend Engineer", "Staff Nurse")
)
KEY = "Bridge"  # what our credential is called there
FOR_EVER = 1e6  # seconds of virtual time

Entered = tuple[dict[str, str], dict[str, str]]
"""What a person enters to connect: settings, and secrets, the one that can be replaced first."""


@dataclass
class Account:
    """One account of a run. `settings` and `secrets` are what a person enters to connect it."""

    name: str
    kind: Kind
    tenant: Any
    desk: Desk
    who: Actor  # the recruiter who does what people do there
    host: str
    transport: AsgiTransport
    broke: Callable[[str], None]
    settings: dict[str, str] = field(default_factory=dict[str, str])
    secrets: dict[str, str] = field(default_factory=dict[str, str])
    whose: dict[str, str] = field(default_factory=dict[str, str])  # each person's id there -> who that is

    @property
    def base_url(self) -> str:
        return f"http://{self.host}{self.kind.path}"

    @property
    def late(self) -> float:
        """Seconds within which a lost call may still land."""
        return self.kind.connector.late.total_seconds()

    def people(self) -> Sequence[Person]:
        return self.desk.people("", 0, 1000)[0]

    def jobs(self) -> Sequence[Job]:
        """Those that people apply to."""
        return [one for one in self.desk.jobs() if one.open]

    def grant(self, rights: Sequence[str]) -> None:
        """An administrator there gives our credential more rights."""
        row = self._credential(self.kind.may)
        self.tenant.db.change("credentials", row["id"], self.who, {"scopes": sorted({*row["scopes"], *rights})})

    def _credential(self, name: str = KEY) -> Row:
        return next(one for one in self.tenant.db["credentials"] if one["name"] == name)

    def new_secret(self) -> Mapping[str, str]:
        """The secret as it is now, where it was replaced there."""
        return {next(iter(self.secrets)): self._credential()["secret"]}

    def hidden(self, kind: str, id: str) -> bool:
        return id in {str(one) for one in self.tenant.hidden.get(kind, ())}

    async def answer(self, request: WireRequest, who: str, lag: float) -> WireResponse:
        """What arrives is carried out, whoever waits for it still. What a sandbox did not foresee is its bug."""
        try:
            return await self.transport.send(replace(request, check=lambda: None), FOR_EVER)
        except UnansweredError as error:
            if not isinstance(error.__cause__, AnswerLost):
                self.broke(f"{request.method} {request.url}: {error.__cause__!r}")
            raise


async def no_hook(account: Account, url: str) -> None:
    """It has none, or a person enters none."""


def fields(tenant: Any, one: Application) -> Sequence[str]:
    """Those of the application."""
    return [each.value for each in one.fields]


@dataclass(frozen=True)
class Kind:
    """One vendor, configured in one way. `contact`: where its pages show what a candidate is here; `name` stands for
    the first and the last one. `key` opens a credential with these rights and says what is entered to connect.
    What the interface can, and what of a person it shows at all, is in the connector."""

    system: str
    make: Callable[..., Any]
    app: Callable[[Any], Any]
    desk: Callable[[Any], Desk]
    who: Callable[[Any], Actor]
    key: Callable[[Any, Actor, list[str]], Entered]
    contact: Mapping[str, str]
    columns: frozenset[str]  # in which its table of candidates keeps them
    hook: Callable[[Account, str], Awaitable[None]] = no_hook
    path: str = ""
    posts: bool = False  # whether it is read by POST
    may: str = KEY  # what is called there that has the rights of our credential
    acts: Callable[[Actor], str] = lambda who: str(who.user_id)  # as which user a recruiter here decides there
    application: Callable[[Any, Application], str] = lambda tenant, one: one.id  # as the interface calls it
    outputs: Callable[[Any, Application], Sequence[str]] = fields  # in which a score is read, but for the person's own

    @property
    def connector(self) -> Connector:
        return load(self.system)

    def shows(self, kind: RecordKind) -> bool:
        """Whether the interface shows objects of a kind at all."""
        return any(one.kind is kind or kind in one.also for one in self.connector.reads)

    @property
    def erases(self) -> bool:
        """Whether the interface can remove or anonymise somebody."""
        return bool(self.connector.erases)


def user(tenant: Any, name: str) -> Actor:
    """The recruiter of that name, where one has a name as a whole."""
    return Actor(f"user:{name}", next(row["id"] for row in tenant.db["users"] if row["name"] == name))
