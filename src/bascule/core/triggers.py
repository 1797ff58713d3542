"""Triggers: what follows from what is true of an application. Pure.

A trigger is a readable rule: when these things hold (and have held for so long), this is done, by this system, for this
reason. It looks at the live state alone, so that a stage which has gone by cannot fire it, and it fires once for each
cause. What it wants of a candidate or of a stage is held for a person by the gates; nothing here sends anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bascule.core.stages import fold, place
from bascule.model import EMPTY, Scalar, StageType, Status

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


CAUSES = frozenset({Name.STATUS, Name.STAGE, Name.STAGE_NAMED, Name.SCREENING, Name.DECIDED})
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
    Do.MESSAGE: ("template", "channel"),
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
    the two can be held against each other. `since`: when it came into force; what became true before never fires it.
    `again`: once for every cause, not once an application."""

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

    @property
    def ours(self) -> bool:
        return self.by == BASCULE

    @property
    def turns_away(self) -> bool:
        """Whether it speaks to people because their score is low: that is never automated."""
        low = any(test.name is Name.SCORE and test.under is not None for test in self.when)
        return self.do in TO_CANDIDATES and low

    def test(self, name: Name) -> Test | None:
        return next((one for one in self.when if one.name is name), None)

    @property
    def words(self) -> str:
        """The rule in a sentence."""
        wait = f", for {span(self.after)}" if self.after else ""
        told = f" {' '.join(self.told.values()).rstrip('.')}" if self.told else ""
        return f"When {' and '.join(test.words for test in self.when)}{wait}: {self.do}{told}."


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


# --------------------------------------------------------------------------------------------- against each other


class Clash(StrEnum):
    """What is wrong with triggers, alone or together."""

    UNKNOWN = "unknown"  # it names a stage, template, person or connection that is not there
    NEVER = "never"  # its conditions can never hold
    DUPLICATE = "duplicate"  # two do the same for the same people
    CONTRADICTION = "contradiction"  # two want different things of the same application
    TWO_VOICES = "two voices"  # two systems write to one candidate
    LOOP = "loop"  # each makes the other's conditions true


@dataclass(frozen=True, slots=True)
class Finding:
    """One of them: which triggers, where they stand, and what to do. `refused`: they cannot be in force so."""

    clash: Clash
    triggers: tuple[str, ...]
    lines: tuple[int, ...]
    what: str
    next: str
    refused: bool = True

    @property
    def id(self) -> str:
        """The same as long as it is the same clash of the same triggers."""
        return f"{self.clash}:{'+'.join(self.triggers)}"


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to be named. None: not known, and so not checked."""

    connections: frozenset[str] = frozenset()
    stages: frozenset[StageType] | None = None  # types that some job has
    stage_names: frozenset[str] | None = None  # folded
    templates: frozenset[str] | None = None
    people: frozenset[str] | None = None  # e-mails of users
    jobs: frozenset[str] | None = None
    departments: frozenset[str] | None = None
    able: frozenset[Do] | None = None  # what can be done here


def check(triggers: Sequence[Trigger], known: Known) -> list[Finding]:
    """Everything that is wrong with these rules, ours and those of the systems, in the order they are written."""
    found: list[Finding] = []
    for one in triggers:
        found += _unknown(one, known)
        found += _never(one, known)
    for number, one in enumerate(triggers):
        for other in triggers[number + 1 :]:
            if one.reach.meets(other.reach) and _both(one, other):
                found += _together(one, other)
    return [*found, *_loops(triggers)]


def _finding(clash: Clash, what: str, next: str, *triggers: Trigger, refused: bool = True) -> Finding:
    return Finding(clash, tuple(t.name for t in triggers), tuple(t.line for t in triggers), what, next, refused)


def _unknown(one: Trigger, known: Known) -> Iterable[Finding]:
    for word, named, there in (
        ("connection", one.reach.connections, known.connections),
        ("job", one.reach.jobs, known.jobs),
        ("department", one.reach.departments, known.departments),
        ("connection", frozenset() if one.ours else frozenset({one.by}), known.connections),
        ("template", frozenset({one.told["template"]}) if "template" in one.told else frozenset(), known.templates),
        ("user", frozenset({one.owner}), known.people),
    ):
        if there is not None:
            for name in sorted(named - there):
                about = ", ".join(sorted(there)[:8]) or "none yet"
                yield _finding(
                    Clash.UNKNOWN,
                    f"{one.name} names the {word} {name!r}, which is not there.",
                    f"There are: {about}.",
                    one,
                )

    if one.ours and known.able is not None and one.do not in known.able:
        there = ", ".join(sorted(known.able))
        yield _finding(Clash.UNKNOWN, f"{one.name}: nothing here can {one.do} yet.", f"There are: {there}.", one)


def _never(one: Trigger, known: Known) -> Iterable[Finding]:
    stage, named = one.test(Name.STAGE), one.test(Name.STAGE_NAMED)
    if stage is not None and known.stages is not None:
        missing = stage.among - {str(each) for each in known.stages}
        if missing and missing == stage.among:
            yield _finding(
                Clash.NEVER, f"{one.name} waits for the stage {' or '.join(sorted(missing))}, and no job has one.",
                "Give the stages their types in the connection's mapping, or name another.", one,
            )  # fmt: skip
    if named is not None and known.stage_names is not None and not named.among & known.stage_names:
        yield _finding(
            Clash.NEVER, f"{one.name} waits for a stage called {' or '.join(sorted(named.among))}; no job has one.",
            "Write the stage as the ATS calls it.", one,
        )  # fmt: skip
    score = one.test(Name.SCORE)
    if score is not None:
        low, high = score.over if score.over is not None else -1.0, score.under if score.under is not None else 101.0
        if low >= 100 or high <= 0 or high - low <= 0:
            yield _finding(Clash.NEVER, f"{one.name}: no {score.words}.", "A score is 0 to 100.", one)
    status = one.test(Name.STATUS)
    open_ = status is None or str(Status.ACTIVE) in status.among
    if not open_ and one.do in (Do.INVITE, Do.SCHEDULE, Do.PROPOSE, Do.SHORTLIST):
        yield _finding(
            Clash.NEVER,
            f"{one.name} would {one.do} somebody whose application is closed.",
            "Ask for status: active.",
            one,
        )
    if one.do is Do.PROPOSE and stage is not None:
        there, here = place(one.told.get("stage")), [place(each) for each in stage.among]
        if there is not None and all(each is not None and each >= there for each in here):
            yield _finding(
                Clash.NEVER, f"{one.name} proposes {one.told['stage']} to those who are there or further on.",
                "A rule proposes a step forward only.", one,
            )  # fmt: skip


def _both(one: Trigger, other: Trigger) -> bool:
    """Whether the conditions of both may hold of one application at a time."""
    for test in one.when:
        against = other.test(test.name)
        if against is None:
            continue
        if test.among and against.among and not test.among & against.among:
            return False
        over = [each for each in (test.over, against.over) if each is not None]
        under = [each for each in (test.under, against.under) if each is not None]
        if over and under and max(over) >= min(under):
            return False
    return True


def _together(one: Trigger, other: Trigger) -> Iterable[Finding]:
    same = one.do is other.do and dict(one.told) == dict(other.told)
    if one.by != other.by and one.do in TO_CANDIDATES and other.do in TO_CANDIDATES:
        yield _finding(
            Clash.TWO_VOICES, f"{one.name} ({one.by}) and {other.name} ({other.by}) both write to the same candidates.",
            "Messages leave from one system: switch one of the two off there, or narrow its reach.", one, other,
        )  # fmt: skip
    elif same and one.when == other.when and one.after == other.after:
        yield _finding(
            Clash.DUPLICATE, f"{one.name} and {other.name} do the same for the same people.", "Remove one.", one, other
        )
    elif same and one.do in TO_CANDIDATES:
        yield _finding(
            Clash.DUPLICATE, f"{one.name} and {other.name} may send the same message to one person.",
            "Narrow one of them, or remove it.", one, other, refused=False,
        )  # fmt: skip
    elif one.do is other.do is Do.PROPOSE and one.told["stage"] != other.told["stage"]:
        yield _finding(
            Clash.CONTRADICTION,
            f"For one application {one.name} proposes {one.told['stage']}, {other.name} {other.told['stage']}.",
            "Make their conditions exclude each other.", one, other,
        )  # fmt: skip
    elif {one.do, other.do} & {Do.PROPOSE} and (one.turns_away or other.turns_away):
        yield _finding(
            Clash.CONTRADICTION, f"{one.name} and {other.name} would move on and turn away the same people.",
            "Make their scores exclude each other.", one, other,
        )  # fmt: skip


def _leads(one: Trigger, other: Trigger) -> bool:
    """Whether what one does makes a condition of the other true."""
    if not one.reach.meets(other.reach):
        return False
    stage = other.test(Name.STAGE)
    if one.do is Do.PROPOSE and stage is not None:
        return one.told.get("stage", "") in stage.among
    screening = other.test(Name.SCREENING)
    return one.do is Do.INVITE and screening is not None and "invited" in screening.among


def _loops(triggers: Sequence[Trigger]) -> list[Finding]:
    """Rings of rules that set each other off. One that fires once an application ends a ring."""
    turning = [one for one in triggers if one.again or not one.ours]
    leads = {one.name: [other for other in turning if _leads(one, other)] for one in turning}
    found: dict[frozenset[str], Finding] = {}

    def follow(path: list[Trigger]) -> None:
        for other in leads[path[-1].name]:
            names = [each.name for each in path]
            if other.name in names:
                ring = path[names.index(other.name) :]
                key = frozenset(each.name for each in ring)
                said_ = " -> ".join([*(each.name for each in ring), ring[0].name])
                found.setdefault(
                    key,
                    _finding(
                        Clash.LOOP, f"They set each other off: {said_}.", "Let one of them fire once only.", *ring
                    ),
                )
            else:
                follow([*path, other])

    for one in turning:
        follow([one])
    return list(found.values())


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
        return Earned(False, ("a message because of a low score is sent by a person, always",))
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
