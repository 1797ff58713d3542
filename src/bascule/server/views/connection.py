"""Connections: how each stands, what it may, how it is read and compared, and what waits to be written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bascule.office.standing import Stand, Word

from .parts import Choice, Fact, Lag, Link, State, Tone


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    name: str
    system: str
    label: str
    mode: str
    state: State
    lag: Lag
    backlog: int = 0
    failures: int = 0
    reviews: int = 0
    gaps: int = 0
    last_read: datetime | None = None
    stand: Stand = field(default_factory=lambda: Stand(Word.IN_STEP))

    @property
    def href(self) -> str:
        return f"/connections/{self.name}"


@dataclass(frozen=True, slots=True)
class ScopeRow:
    """One right of our credential: needed by the mapping, granted by the system, or both."""

    name: str
    needed: bool
    granted: bool | None  # None: the system does not tell
    why: str = ""
    unavoidable: bool = False

    @property
    def finding(self) -> str:
        if self.granted is None:
            return "Not told"
        if self.needed:
            return "As needed" if self.granted else "Missing"
        return "Unavoidable excess" if self.unavoidable else "Excess"

    @property
    def tone(self) -> Tone:
        tones = {"Missing": Tone.FAILING, "Excess": Tone.WAITING, "As needed": Tone.IN_STEP}
        return tones.get(self.finding, Tone.QUIET)


@dataclass(frozen=True, slots=True)
class FeedRow:
    """How one or several lists are followed, and what is promised."""

    name: str
    by: str  # "webhook", "polling every 3 s" ...
    promised: str
    last: datetime | None
    note: str = ""
    measured: str = ""  # how soon changes were really here
    late: bool = False  # slower than promised


@dataclass(frozen=True, slots=True)
class BudgetRow:
    name: str
    limit: str
    used: float  # 0..1 of the current window
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class BackfillRow:
    kind: str
    state: State
    done: int
    of: int | None
    eta: timedelta | None = None


@dataclass(frozen=True, slots=True)
class ParityRow:
    """One list at its last comparison. `differences`: (what, why, its page or ""). `done`: it has been compared."""

    name: str
    state: State
    done: bool = False
    theirs: int = 0
    ours: int = 0
    note: str = ""
    differences: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ModeStep:
    """One step of the mode ladder, with what stands in its way."""

    mode: str
    does: str
    current: bool
    blocked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WaitingCall:
    """Writes of one call that wait."""

    call: str
    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to a candidate that waits."""

    to: Link
    template: str
    due: datetime


@dataclass(frozen=True, slots=True)
class Waits:
    """What is to be written to a connection, and sent to candidates about it. `stopped`: who stopped its writes, since
    when and why, or ""; `messages_stopped`: the same of messages alone. `under_way`: how many are still being written
    to; `sending`: how many messages the mail server is taking. `templates`: the messages, by template; `letters`: those
    that leave first."""

    stopped: str = ""
    calls: tuple[WaitingCall, ...] = ()
    first: tuple[Link, ...] = ()
    under_way: int = 0
    messages_stopped: str = ""
    templates: tuple[WaitingCall, ...] = ()
    letters: tuple[Letter, ...] = ()
    sending: int = 0

    @property
    def messages(self) -> int:
        return sum(one.count for one in self.templates)

    @property
    def count(self) -> int:
        return sum(one.count for one in self.calls)


@dataclass(frozen=True, slots=True)
class ConnectionPage:
    row: ConnectionRow
    vendor: str
    base_url: str
    owner: str
    modes: tuple[ModeStep, ...]
    hooks: State
    hook_url: str
    hook_setup: str
    hook_last: datetime | None
    hook_count: int
    scopes: tuple[ScopeRow, ...] = ()
    rights: State = State("Not known")
    waived: State | None = None
    told: bool = False  # by the system itself, so that nobody has to enter them
    entered: str = ""  # the rights a person has entered, one a line
    waivable: bool = False
    feeds: tuple[FeedRow, ...] = ()
    rhythms: tuple[tuple[str, str, str], ...] = ()  # list, interval and promise in seconds
    health: tuple[Fact, ...] = ()
    budgets: tuple[BudgetRow, ...] = ()
    backfills: tuple[BackfillRow, ...] = ()
    parity: State = State("Not compared yet")
    parities: tuple[ParityRow, ...] = ()
    facts: tuple[Fact, ...] = ()
    known: tuple[Fact, ...] = ()  # what is particular to the system and this account
    users: tuple[Link, ...] = ()  # who may be chosen as owner: (name, user id)
    paused: bool = False
    waits: Waits = field(default_factory=Waits)
    policies: tuple[Choice, ...] = ()  # what follows when the system anonymises a person
