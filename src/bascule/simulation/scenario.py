"""What a run is made of, drawn from its seed: systems, people's doings and faults, each a line that can be left out."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

from .faults import HOOKS, INSIDE, KINDS, PAUSE, REQUESTS, Fault, dice
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

    @property
    def linger(self) -> float:
        """Seconds for which what a process held may be held on to after the last trouble."""
        return LEASE if self.processes > 1 or any(fault.kind == PAUSE for fault in self.faults) else 0.0

    def lines(self) -> list[str]:
        """The scenario in words, in the order of time."""
        acts = [(a.at, f"{a.at:6.1f}  {a.where}: {a.what} ({a.n})") for a in self.acts]
        faults = [(f.start, f"{f.start:6.1f}  {f.at or 'anywhere'}: {f.kind}, {f.seconds:.0f} s") for f in self.faults]
        return [
            f"systems {', '.join(self.systems)}; {self.populated} people there already; {self.processes} processes",
            *(line for _, line in sorted(acts + faults)),
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
