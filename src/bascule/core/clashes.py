"""What is wrong with triggers, alone, against each other, and against what the ATS does by itself. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bascule.core.stages import place
from bascule.core.triggers import TO_CANDIDATES, Do, Name, Trigger
from bascule.model import StageType, Status


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
    lacking: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """Templates that a rule's plain message cannot fill in, and what of them."""


def check(triggers: Sequence[Trigger], known: Known) -> list[Finding]:
    """Everything that is wrong with these rules, ours and those of the systems, in the order they are written. What was
    learned of a system is held against our own rules only."""
    found: list[Finding] = []
    for one in triggers:
        if not one.learned:
            found += _unknown(one, known)
            found += _never(one, known)
    for number, one in enumerate(triggers):
        for other in triggers[number + 1 :]:
            alien = not one.ours and not other.ours and (one.learned or other.learned)
            if not alien and one.reach.meets(other.reach) and _both(one, other):
                found += _together(one, other)
    return [*found, *_loops(triggers)]


def _finding(clash: Clash, what: str, next: str, *triggers: Trigger, refused: bool = True) -> Finding:
    lines = tuple(t.line for t in triggers if not t.learned)
    return Finding(clash, tuple(t.name for t in triggers), lines, what, next, refused)


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

    if one.do is Do.MESSAGE and (blank := known.lacking.get(one.told["template"])):
        yield _finding(
            Clash.NEVER,
            f"{one.name} sends the template {one.told['template']}, which fills in {' and '.join(sorted(blank))}: "
            "a plain message has none.",
            "For a screening write do: invite, for a choice of times do: schedule; both take a template.",
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
        learned = next((each for each in (one, other) if each.learned), None)
        if learned is not None:
            yield _beside(other if learned is one else one, learned)
            return
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


def _beside(ours: Trigger, learned: Trigger) -> Finding:
    """A rule of ours and what the system itself does. Where it is not shown what sets that off, it may never meet."""
    sure, verb = bool(learned.when), "both write" if learned.when else "may both write"
    return _finding(
        Clash.TWO_VOICES, f"{ours.name} and {learned.by} itself ({learned.name}) {verb} to the same candidates.",
        f"Messages leave from one system: switch it off in {learned.by}, or narrow the reach of {ours.name}.",
        ours, learned, refused=sure and ours.on,
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
