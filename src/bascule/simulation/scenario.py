"""What a run is made of, drawn from its seed: systems, people's doings and faults, each a line that can be left out."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .faults import HOOKS, INSIDE, KINDS, PAUSE, POST, REQUESTS, Fault, dice
from .vendor import Traits

OURS = "ours"
ACTING = (12.0, 80.0)  # seconds of a run in which people act
TROUBLE_ENDS = 95.0
LEASE = 20.0  # seconds after which a process takes over what another one held
HARD = {
    "a": Traits(erases="anonymise"),
    "b": Traits(
        answers=False, shouts=True, prefixes=True, folds_tags=True, whole_tags=True, steps=True, late_ids=2.0,
        score_on="person",
    ),
    "c": Traits(
        answers=False, note_marker=False, folds_stages=True, attaches=True, deletes_notes=False, erases="remove",
        tokens=20.0,
    ),
}  # fmt: skip
"""Three accounts: an easy one, one that alters and delays, one that folds and joins."""

EVERYWHERE = ("first_name", "title", "company", "email", "tag", "untag", "note", "unnote", "stage", "reject", "reopen")
THERE = ("apply", "apply again", "same person", "delete", "anonymise", "merge", "bulk")
APART = ("under another name", "join", "apart")  # two objects are taken for one person, and told apart again
ERASE = "erase"
SCHEMA = ("rename stage", "add stage", "retire stage", "on hold", "on hold", "rename field")
LOOK_AGAIN = "look again"  # at the account, some time after a field has another name
HERE = ("decide", "decide", "replay", "rescore", "ai move", "mapping")
WEIGHTS = {
    "delete": 0.3,
    "anonymise": 0.3,
    "merge": 0.3,
    "bulk": 0.5,
    "mapping": 0.3,
    "apply": 1.5,
    "title": 1.5,
    "tag": 1.5,
}


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody does something: `n` makes what exactly."""

    at: float
    where: str  # a system, or "ours"
    what: str
    n: int


@dataclass(frozen=True, slots=True)
class Scenario:
    seed: str
    systems: tuple[str, ...]
    populated: int  # people who are there, at the first two systems, before Bascule is
    acts: tuple[Act, ...]
    faults: tuple[Fault, ...]
    processes: int = 1
    mixed: bool = False  # the systems are the vendors' sandboxes
    leaps: tuple[tuple[float, float], ...] = ()  # when hours pass in which nothing happens, and how many
    flow: bool = False  # rules are in force, and people answer what comes of them

    @property
    def linger(self) -> float:
        """Seconds for which what a process held may be held on to after the last trouble."""
        return LEASE if self.processes > 1 or any(fault.kind == PAUSE for fault in self.faults) else 0.0

    def lines(self) -> list[str]:
        """The scenario in words, in the order of time."""
        acts = [(a.at, f"{a.at:6.1f}  {a.where}: {a.what} ({a.n})") for a in self.acts]
        faults = [(f.start, f"{f.start:6.1f}  {f.at or 'anywhere'}: {f.kind}, {f.seconds:.0f} s") for f in self.faults]
        leaps = [(at, f"{at:6.1f}  {hours:.0f} hours pass") for at, hours in self.leaps]
        return [
            f"systems {', '.join(self.systems)}; {self.populated} people there already; {self.processes} processes",
            *(line for _, line in sorted(acts + faults + leaps)),
        ]


def draw(
    seed: int, *, acts: int = 12, faults: Iterable[str] = KINDS, whats: Iterable[str] = (), processes: int = 0
) -> Scenario:
    """The scenario of a seed. `faults` and `whats` narrow what may be drawn; `processes` 0: one, or often two, that
    share the database."""
    drawn = dice("scenario", seed)
    systems = drawn.choice((("a", "b"), ("a", "c"), ("b", "c"), ("a", "b", "c")))
    populated = drawn.choice((0, 0, 1, 2))
    doings = [_act(drawn, systems, i, tuple(whats)) for i in range(acts)]
    if not populated:
        doings.insert(0, Act(11.0, drawn.choice(systems), "apply", 0))
    if not whats:
        doings += _story(dice("story", seed), systems, acts)
        doings += _schema(dice("schema", seed), systems, len(doings))
    troubles = _faults(drawn, systems, sorted(faults))
    processes = processes or dice("processes", seed).choice((1, 1, 2))
    return Scenario(str(seed), systems, populated, tuple(sorted(doings, key=lambda a: a.at)), troubles, processes)


def _story(drawn: random.Random, systems: tuple[str, ...], n: int) -> list[Act]:
    """What only makes sense in its order: in a third of the runs two are joined and told apart, in a third somebody is
    erased, in some of them after the other."""
    made: list[Act] = []
    at = drawn.uniform(*ACTING) * 0.5 + ACTING[0]
    apart, erase = drawn.random() < 0.34, drawn.random() < 0.34
    for i, what in enumerate((*(APART if apart else ()), *((ERASE,) if erase else ()))):
        made.append(Act(round(at, 2), drawn.choice(systems) if what == APART[0] else OURS, what, n + 1 + i))
        at += drawn.uniform(4.0, 14.0)
    return made


def _schema(drawn: random.Random, systems: tuple[str, ...], n: int) -> list[Act]:
    """In half of the runs some of what a system is made of changes: stages, words, the name of a field."""
    made: list[Act] = []
    for what in drawn.choices(SCHEMA, k=drawn.randint(1, 4)) if drawn.random() < 0.5 else ():
        at = drawn.uniform(ACTING[0], 55.0 if what == "rename field" else ACTING[1])
        made.append(Act(round(at, 2), drawn.choice(systems), what, n + 1 + len(made)))
        if what == "rename field":
            made.append(Act(round(at + drawn.uniform(3.0, 25.0), 2), OURS, LOOK_AGAIN, n + 1 + len(made)))
    return made


def _act(drawn: random.Random, systems: tuple[str, ...], n: int, whats: tuple[str, ...]) -> Act:
    choices = whats or (*EVERYWHERE, *THERE, *HERE)
    what = drawn.choices(choices, [WEIGHTS.get(one, 1.0) for one in choices])[0]
    only = {
        **dict.fromkeys((*HERE, *APART[1:], ERASE, LOOK_AGAIN), (OURS,)),
        **dict.fromkeys((*THERE, APART[0], *SCHEMA), systems),
    }
    return Act(round(drawn.uniform(*ACTING), 2), drawn.choice(only.get(what, (*systems, OURS))), what, n + 1)


def _faults(drawn: random.Random, systems: tuple[str, ...], kinds: list[str]) -> tuple[Fault, ...]:
    """Every tenth run is calm; the others have up to eight troubles, most of them at one system."""
    if not kinds or drawn.random() < 0.1:
        return ()
    made: list[Fault] = []
    for _ in range(drawn.randint(1, 8)):
        kind = drawn.choice(kinds)
        start = round(drawn.uniform(ACTING[0], ACTING[1]), 1)
        longest = 60.0 if kind in (*HOOKS, *REQUESTS, PAUSE) else 40.0
        seconds = min(round(drawn.uniform(3.0, longest), 1), round(TROUBLE_ENDS - start, 1))
        made.append(Fault(kind, "" if kind in INSIDE else drawn.choice(systems), start, seconds))
    return tuple(made)


# ---------------------------------------------------------------------------------- the vendors' sandboxes, mixed

VENDORS = (
    "greenhouse", "greenhouse-standard", "lever", "ashby", "ashby-plan", "smartrecruiters", "smartrecruiters-reviews",
    "teamtailor", "teamtailor-documented", "workday", "workday-assessments", "odoo", "odoo-18", "odoo-17",
)  # fmt: skip
MIXED_FAULTS = (
    "lost answer", "timeout", "throttled", "broken", "reset", "slow", "truncated", "malformed", "refused", "outage",
    "stale", "skewed", "hidden", "tokens gone", "locked out", *HOOKS, "hooks shuffled", "hooks old", *INSIDE,
)  # fmt: skip
"""What goes wrong with them: the network's faults, those that a sandbox has itself, and those of Bascule."""
MIXED_DOINGS = (*EVERYWHERE, *(one for one in THERE if one != "same person"), "same person", *HERE[:-1])


def draw_mixed(
    seed: int,
    *,
    acts: int = 12,
    faults: Iterable[str] = MIXED_FAULTS,
    whats: Iterable[str] = (),
    systems: Iterable[str] = VENDORS,
    processes: int = 0,
) -> Scenario:
    """The scenario of a seed, of two of the systems, sometimes three; each vendor is as likely as any other, and has at
    most one account."""
    drawn = dice("mixed", seed)
    pool, chosen = list(systems), list[str]()
    for _ in range(3 if drawn.random() < 0.2 else 2):
        free = sorted({_vendor(one) for one in pool} - {_vendor(one) for one in chosen})
        if free:
            vendor = drawn.choice(free)
            chosen.append(drawn.choice([one for one in pool if _vendor(one) == vendor]))
    names = tuple(chosen)
    populated = drawn.choice((1, 1, 2))
    doings = [_act(drawn, names, i, tuple(whats) or MIXED_DOINGS) for i in range(acts)]
    if not whats and drawn.random() < 0.2:
        doings.append(Act(round(drawn.uniform(*ACTING), 2), OURS, ERASE, acts + 1))
    troubles = _faults(drawn, names, sorted(faults))
    processes = processes or drawn.choice((1, 1, 1, 2))
    acting = tuple(sorted(doings, key=lambda a: a.at))
    return Scenario(f"mixed {seed}", names, populated, acting, troubles, processes, mixed=True)


def _vendor(system: str) -> str:
    return system.partition("-")[0]


# --------------------------------------------------------------------------------- what follows from an application

MAIL, CHAT, CALENDARS = "mail", "chat", "calendars"  # what else there is, and may fail
FLOW_SYSTEMS = (("a",), ("a",), ("a",), ("a",), ("b",), ("b",), ("a", "b"), ("a", "c"))
FLOW_THERE: Mapping[str, float] = {
    "stage": 6.0, "apply": 3.0, "apply again": 1.0, "same person": 0.5, "reject": 0.7, "reopen": 0.7, "title": 0.7,
    "email": 0.4, "note": 0.4, "tag": 0.4, "merge": 0.4, "delete": 0.3, "anonymise": 0.3,
}  # fmt: skip
FLOW_HERE: Mapping[str, float] = {
    "desk": 9.0, "two at once": 2.0, "letters": 12.0, "answer": 1.5, "bounce": 0.4, "no more": 0.5, "by hand": 0.6,
    "rules": 1.2, "rescore": 0.8, "manager": 1.0, "interview": 1.2, "two choose": 1.0, "job": 0.4, ERASE: 0.5,
    "opt out": 0.3,
}  # fmt: skip
FLOW_VENDOR = tuple(one for one in KINDS if one not in ("field gone", "field required"))
FLOW_FAULTS = (*FLOW_VENDOR, *POST)
ELSEWHERE = ("lost answer", "timeout", "throttled", "broken", "reset", "slow", "outage")  # that chat and calendars have
LEAPS = 8


def draw_flow(
    seed: int,
    *,
    acts: int = 40,
    faults: Iterable[str] = FLOW_FAULTS,
    whats: Iterable[str] = (),
    processes: int = 0,
    systems: tuple[str, ...] = (),
) -> Scenario:
    """The scenario of a seed: rules in force, mail, a screening form, interviews; days pass between what people do."""
    drawn = dice("flow", seed)
    systems = systems or drawn.choice(FLOW_SYSTEMS)
    weights = {one: weight for one, weight in {**FLOW_THERE, **FLOW_HERE}.items() if not whats or one in set(whats)}
    doings: list[Act] = []
    for n in range(acts):
        what = drawn.choices(tuple(weights), tuple(weights.values()))[0]
        where = drawn.choice(systems) if what in FLOW_THERE else OURS
        doings.append(Act(round(drawn.uniform(*ACTING), 2), where, what, n + 1))
    first = [Act(round(11.0 + i, 2), drawn.choice(systems), "apply", -i) for i in range(2)]
    troubles = _flow_faults(drawn, systems, sorted(faults))
    leaps = tuple(
        (round(16.0 + i * 8.0 + drawn.uniform(-2.0, 2.0), 1), round(drawn.choice((3.0, 11.0, 16.0, 25.0, 50.0)), 1))
        for i in range(LEAPS)
    )
    processes = processes or drawn.choice((1, 1, 2))
    acting = tuple(sorted((*first, *doings), key=lambda a: a.at))
    return Scenario(f"flow {seed}", systems, 0, acting, troubles, processes, leaps=leaps, flow=True)


def _flow_faults(drawn: random.Random, systems: tuple[str, ...], kinds: list[str]) -> tuple[Fault, ...]:
    if not kinds or drawn.random() < 0.1:
        return ()
    made: list[Fault] = []
    for _ in range(drawn.randint(1, 9)):
        kind = (
            drawn.choice([one for one in kinds if one in POST] if drawn.random() < 0.3 else kinds)
            if any(one in POST for one in kinds)
            else drawn.choice(kinds)
        )
        start = round(drawn.uniform(*ACTING), 1)
        seconds = min(round(drawn.uniform(3.0, 40.0), 1), round(TROUBLE_ENDS - start, 1))
        where = (*systems, CHAT, CALENDARS) if kind in ELSEWHERE else systems
        at = MAIL if kind in POST else "" if kind in INSIDE else drawn.choice(where)
        made.append(Fault(kind, at, start, seconds))
    return tuple(made)
