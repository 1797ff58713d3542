"""Triggers: what follows from what is true of an application. Pure.

A trigger is a readable rule: when these things hold (and have held for so long), this is done, by this system, for this
reason. It looks at the live state alone, so that a stage which has gone by cannot fire it, and it fires once for each
cause. What it wants of a candidate or of a stage is held for a person by the gates; nothing here sends anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bascule.core.interviews import Rules
from bascule.core.stages import fold
from bascule.model import EMPTY, Scalar, Status

BASCULE = "bascule"  # the executing system that is us


class Name(StrEnum):
    """What may be asked of an application."""

    STATUS = "status"
    STAGE = "stage"  # the type of its stage
    STAGE_NAMED = "stage named"
    SCORE = "score"
    TOP_TEN = "top ten"
    SCREENING = "screening"  # none, invited, started, completed, opted out, expired
    DECIDED = "decided"  # has a person decided about it since it was received?
    ANSWERED = "answered"  # has the candidate answered our last message?
    MANAGER = "manager"  # what a hiring manager has said of them last: none, approve, maybe, skip


CAUSES = frozenset({Name.STATUS, Name.STAGE, Name.STAGE_NAMED, Name.SCREENING, Name.DECIDED, Name.MANAGER})
"""What makes a new cause when it changes. A score that is made anew is no new cause."""


class Do(StrEnum):
    """What a trigger does."""

    MESSAGE = "message"  # to the candidate, from a template
    INVITE = "invite"  # to the screening
    SCHEDULE = "schedule"  # an interview: the candidate chooses a time
    NOTIFY = "notify"  # a colleague, or an address of ours
    PROPOSE = "propose"  # a stage further on; a person decides
    SHORTLIST = "shortlist"  # a hiring manager is shown somebody; a recruiter decides
    NOTE = "note"  # in the ATS
    TAG = "tag"
    TELL = "tell"  # programs that have subscribed


TO_CANDIDATES = frozenset({Do.MESSAGE, Do.INVITE, Do.SCHEDULE})
NEEDS: Mapping[Do, tuple[str, ...]] = {
    Do.MESSAGE: ("template",),
    Do.SCHEDULE: ("interviewers", "place"),
    Do.PROPOSE: ("stage",),
    Do.NOTE: ("text",),
    Do.TAG: ("tag",),
    Do.TELL: ("event",),
}
"""What an action cannot do without."""
TAKES: Mapping[Do, tuple[str, ...]] = {
    Do.MESSAGE: ("template",),
    Do.INVITE: ("template",),
    Do.SCHEDULE: ("interviewers", "place", "template", "stage", "minutes", "days", "notice", "buffer"),
    Do.NOTIFY: ("to", "text"),
    Do.PROPOSE: ("stage",),
    Do.SHORTLIST: ("to", "redacted"),
    Do.NOTE: ("text",),
    Do.TAG: ("tag",),
    Do.TELL: ("event",),
}
"""What an action may be told."""


@dataclass(frozen=True, slots=True)
class Test:
    """One condition: the value is one of `among`, or a number over or under a limit."""

    name: Name
    among: frozenset[str] = frozenset()
    over: float | None = None
    under: float | None = None

    def holds(self, value: Scalar) -> bool:
        """Whether a value is what is asked for. No value is never over or under anything."""
        if self.over is not None or self.under is not None:
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                return False
            return (self.over is None or value > self.over) and (self.under is None or value < self.under)
        return said(self.name, value) in self.among

    @property
    def words(self) -> str:
        """As a person reads it."""
        limits = [f"over {self.over:g}"] if self.over is not None else []
        limits += [f"under {self.under:g}"] if self.under is not None else []
        return f"{self.name} {' and '.join(limits) or 'is ' + ' or '.join(sorted(self.among))}"


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a trigger is for; empty is everybody. By name: connections, departments; jobs by id or requisition."""

    connections: frozenset[str] = frozenset()
    jobs: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()

    def meets(self, other: Reach) -> bool:
        """Whether somebody may be in both."""
        pairs = (
            (self.connections, other.connections),
            (self.jobs, other.jobs),
            (self.departments, other.departments),
        )
        return all(not a or not b or a & b for a, b in pairs)


@dataclass(frozen=True, slots=True)
class Trigger:
    """One rule. `by` is the system that executes it: ours, or an ATS whose own automation is written down here so that
    the two can be held against each other; `learned`: it was read there, and stands in no file. `since`: when it came
    into force; what became true before never fires it. `again`: once for every cause, not once an application."""

    name: str
    why: str
    owner: str
    when: tuple[Test, ...]
    do: Do
    told: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    by: str = BASCULE
    reach: Reach = Reach()
    after: timedelta = timedelta()  # how long the conditions must have held
    again: bool = False
    on: bool = False
    since: datetime | None = None
    line: int = 0  # of the file it was written in
    learned: bool = False

    @property
    def ours(self) -> bool:
        return self.by == BASCULE

    @property
    def turns_away(self) -> bool:
        """Whether it speaks to people because their score is low, a hiring manager would not see them, or they are out:
        that is never automated."""
        return self.do in TO_CANDIDATES and any(_of_the_left(test) for test in self.when)

    def test(self, name: Name) -> Test | None:
        return next((one for one in self.when if one.name is name), None)

    @property
    def words(self) -> str:
        """The rule in a sentence."""
        if self.learned:
            return f"{self.by} itself {self.why}."
        wait = f", for {span(self.after)}" if self.after else ""
        return f"When {' and '.join(test.words for test in self.when)}{wait}: {self.deed.rstrip('.')}."

    @property
    def deed(self) -> str:
        """What it does, in words."""
        told = self.told
        by = f", by the template {told['template']}" if "template" in told else ""
        match self.do:
            case Do.MESSAGE:
                return f"send the candidate {told.get('template', 'a message')}"
            case Do.INVITE:
                return f"invite them to the screening{by}"
            case Do.SCHEDULE:
                return f"let the candidate choose a time for {_interview(told)}{by}"
            case Do.NOTIFY:
                return f"tell {_whom(told.get('to', 'recruiter'))}" + (f": {told['text']}" if "text" in told else "")
            case Do.PROPOSE:
                return f"propose the stage {told.get('stage', '')}"
            case Do.SHORTLIST:
                seen = ", without name and contact data" if told.get("redacted") == "yes" else ""
                return f"ask the recruiter whether {_whom(told.get('to', 'hiring manager'))} should see them{seen}"
            case Do.NOTE:
                return f"note in the ATS: {told.get('text', '')}"
            case Do.TAG:
                return f"add the tag {told.get('tag', '')}"
            case Do.TELL:
                return f"tell subscribers: {told.get('event', '')}"


_LEFT: Mapping[Name, frozenset[str]] = {
    Name.TOP_TEN: frozenset({"no"}),
    Name.MANAGER: frozenset({"skip"}),
    Name.STATUS: frozenset({Status.REJECTED, Status.WITHDRAWN}),
}


def _of_the_left(test: Test) -> bool:
    """Whether it holds of people because they are not wanted."""
    return (test.name is Name.SCORE and test.under is not None) or bool(test.among & _LEFT.get(test.name, frozenset()))


@dataclass(frozen=True, slots=True)
class Fact:
    """What is true of an application: the value, since when, and what made it so."""

    value: Scalar
    since: datetime
    cause: str = ""


Facts = Mapping[Name, Fact]


@dataclass(frozen=True, slots=True)
class Held:
    """A trigger whose conditions hold: since when, for which cause, and when it fires."""

    since: datetime
    cause: str
    due: datetime
    facts: Mapping[str, Scalar]  # what it saw


def said(name: Name, value: Scalar) -> str:
    """A value in the words in which a rule names it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "none" if name is Name.SCREENING else ""
    return fold(str(value)) if name is Name.STAGE_NAMED else str(value)


def look(trigger: Trigger, facts: Facts) -> Held | None:
    """Whether a trigger's conditions hold, and from when on it fires. None where they do not, where it is off or not
    ours, and where they have held since before it came into force."""
    if not trigger.on or not trigger.ours or trigger.since is None:
        return None
    found = [facts.get(test.name) for test in trigger.when]
    known = [fact for fact in found if fact is not None]
    if len(known) < len(found) or not all(t.holds(f.value) for t, f in zip(trigger.when, known, strict=True)):
        return None
    since = max(fact.since for fact in known)
    if since < trigger.since:
        return None
    causes = [facts[test.name].cause for test in trigger.when if test.name in CAUSES]
    cause = hashlib.sha256("|".join(causes).encode()).hexdigest()[:24] if trigger.again else "once"
    return Held(since, cause, since + trigger.after, {str(t.name): facts[t.name].value for t in trigger.when})


def covers(trigger: Trigger, *, connections: Iterable[str], job: Iterable[str], department: str) -> bool:
    """Whether an application is within a trigger's reach. `job`: the names it goes by (id, requisition)."""
    reach = trigger.reach
    return (
        (not reach.connections or bool(reach.connections & set(connections)))
        and (not reach.jobs or bool(reach.jobs & set(job)))
        and (not reach.departments or department in reach.departments)
    )


# ------------------------------------------------------------------------------------------------------ automation

LEAST_ITEMS, LEAST_DAYS, MOST_BREACHES = 200, 28, 0.01


@dataclass(frozen=True, slots=True)
class Tally:
    """How a trigger has done at one connection since it last began anew: `items` a person has let pass, of which
    `breaches` were changed, withheld or failed; `hires`: jobs that went from opening to hire meanwhile."""

    items: int
    breaches: int
    since: datetime | None
    hires: int


@dataclass(frozen=True, slots=True)
class Earned:
    """Whether a trigger may act by itself at a connection, once its owner says so, and what is still missing."""

    earned: bool
    missing: tuple[str, ...]


def earned(trigger: Trigger, tally: Tally, now: datetime) -> Earned:
    """Judge it. What turns people away earns nothing, whatever it has done."""
    if trigger.turns_away:
        return Earned(False, ("what turns people away is sent by a person, always",))
    missing: list[str] = []
    days = (now - tally.since).days if tally.since is not None else 0
    if tally.hires < 1:
        missing.append("one job from its opening to a hire")
    if days < LEAST_DAYS:
        missing.append(f"{LEAST_DAYS - days} more days of {LEAST_DAYS}")
    if tally.items < LEAST_ITEMS:
        missing.append(f"{LEAST_ITEMS - tally.items} more items of {LEAST_ITEMS}")
    if tally.breaches and tally.breaches >= tally.items * MOST_BREACHES:
        missing.append(f"under 1 % changed, withheld or failed: {tally.breaches} of {tally.items} were")
    return Earned(not missing, tuple(missing))


# ---------------------------------------------------------------------------------------------------------- in words


def span(time: timedelta) -> str:
    """A time as people write it."""
    hours, minutes = divmod(int(time.total_seconds()) // 60, 60)
    days, left = divmod(hours, 24)
    if days and not left and not minutes and days != 1:
        return f"{days} days"
    return f"{hours} h" if not minutes else f"{hours * 60 + minutes} min"


def _interview(told: Mapping[str, str]) -> str:
    usual = Rules()
    length, days = told.get("minutes", usual.length), told.get("days", usual.days)
    notice, buffer = int(told.get("notice", usual.notice)), int(told.get("buffer", usual.buffer))
    asked = [f"an interview of {length} minutes within {days} days"]
    asked += [f"not before {span(timedelta(hours=notice))} from then"] if notice else []
    asked += [f"with {buffer} minutes kept free before and after"] if buffer else []
    panel = ", ".join(one.strip() for one in told.get("interviewers", "").split(","))
    return f"{', '.join(asked)}, with {panel}, at {told.get('place', '')}"


def _whom(named: str) -> str:
    return named if "@" in named else f"the {named}"
