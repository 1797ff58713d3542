"""What the pages of triggers and messages show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bascule.core.clashes import Finding
from bascule.core.messages import FIELDS, Hours, Template, Words
from bascule.core.triggers import Trigger
from bascule.hiring.automations import Native
from bascule.hiring.mail import Server
from bascule.office.mailbox import Standing
from bascule.office.messages import Rate
from bascule.office.triggers import DryRun, Rule
from bascule.store.messages import Message
from bascule.store.triggers import Version

from .parts import Paging


@dataclass(frozen=True, slots=True)
class FiringRow:
    """What a rule has done, with whom it was about."""

    trigger: str
    at: datetime
    words: str
    state: str
    why: str
    saw: str
    subject: str
    href: str
    version: int = 0  # of the rules
    effect: str = ""  # where what it did is seen


@dataclass(frozen=True, slots=True)
class TriggersPage:
    """`text` is the file as it is being edited, `wrong` why it was not taken, `run` what it would have done."""

    version: int
    text: str
    rules: tuple[Rule, ...]
    findings: tuple[Finding, ...]
    fired: tuple[FiringRow, ...]
    versions: tuple[Version, ...]
    may_edit: bool
    may_decide: bool
    paging: Paging
    run: DryRun | None = None
    wrong: str = ""
    next: str = ""
    starter: str = ""
    natives: tuple[Native, ...] = ()
    ready: tuple[Trigger, ...] = ()  # those that Bascule comes with, and that the file does not have

    @property
    def waiting(self) -> int:
        return sum(rule.counts.get("waiting", 0) for rule in self.rules)

    @property
    def on(self) -> int:
        return sum(rule.trigger.on for rule in self.rules)

    @property
    def refused(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.refused)


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message with whom it is with."""

    message: Message
    name: str
    href: str
    rule: str = ""  # the rule that it came of
    version: int = 0  # of the rules, then

    @property
    def at(self) -> datetime:
        return self.message.sent or self.message.created


@dataclass(frozen=True, slots=True)
class LeavingRows:
    """What is to be sent and has not left: the next first, and how many of each rule where there are several."""

    rows: tuple[MessageRow, ...] = ()
    batches: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class MessagesPage:
    """Messages in one state, or all; `counts` by state."""

    rows: tuple[MessageRow, ...]
    counts: Mapping[str, int]
    state: str
    server: Server | None
    paging: Paging
    rates: tuple[Rate, ...]
    leaving: LeavingRows = field(default_factory=LeavingRows)

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class WritingPage:
    """A message to one candidate about one application. `words` are as they are being written, `preview` as they would
    leave; `wrong` says why they cannot, `withheld` why they must not."""

    application: str
    candidate: str
    name: str
    job: str
    templates: tuple[str, ...]
    template: str
    language: str
    languages: tuple[str, ...] = ()
    words: Words | None = None
    preview: Words | None = None
    to: str = ""
    turns_away: bool = False
    withheld: str = ""
    wrong: str = ""
    next: str = ""

    def with_(self, **changes: Any) -> WritingPage:
        return replace(self, **changes)

    @property
    def fields(self) -> Mapping[str, str]:
        """What may be filled in."""
        return FIELDS


@dataclass(frozen=True, slots=True)
class MailPage:
    """How messages leave, and their words."""

    server: Server | None
    hours: Hours
    locale: str
    templates: tuple[Template, ...]
    chosen: Template | None
    language: str
    shown: tuple[str, str] = ("", "")  # subject and text of the chosen one, in that language
    days: tuple[str, ...] = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    mailbox: Standing = field(default_factory=Standing)

    @property
    def fields(self) -> Mapping[str, str]:
        """What may be filled in."""
        return FIELDS


@dataclass(frozen=True, slots=True)
class QuietPage:
    """The page behind the link that says: no more messages. `done`: it has been said."""

    thread: str
    known: bool
    done: bool = False
