"""A scenario as a file, so that one that was found can be played again, changed by hand, and sent to somebody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, fields

from pydantic import TypeAdapter, ValidationError

from .faults import INSIDE, KINDS, POST, Fault
from .scenario import (
    APART,
    CALENDARS,
    CHAT,
    ELSEWHERE,
    ERASE,
    EVERYWHERE,
    FLOW_FAULTS,
    FLOW_HERE,
    FLOW_THERE,
    HARD,
    HERE,
    LOOK_AGAIN,
    MAIL,
    MIXED_FAULTS,
    OURS,
    SCHEMA,
    THERE,
    VENDORS,
    Act,
    Scenario,
)

_READ = TypeAdapter(Scenario)
_ONLY_HERE = frozenset({*HERE, *APART[1:], ERASE, LOOK_AGAIN})
_ONLY_THERE = frozenset({*THERE, APART[0], *SCHEMA})


def written(scenario: Scenario) -> str:
    """The scenario as JSON."""
    return json.dumps(asdict(scenario), indent=1) + "\n"


def read(text: str) -> Scenario:
    """The scenario of such a file. ValueError says what is wrong with it, and where."""
    try:
        given = json.loads(text)
    except ValueError as error:
        raise ValueError(f"it is no JSON ({error})") from None
    try:
        scenario = _READ.validate_python(given)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc'])) or 'the whole'}: {first['msg']}") from None
    strange = sorted(set(given) - {one.name for one in fields(Scenario)})
    if strange:
        raise ValueError(f"a scenario has no {strange[0]!r}")
    for wrong in _wrong(scenario):
        raise ValueError(wrong)
    return scenario


def _wrong(one: Scenario) -> Iterator[str]:
    known = VENDORS if one.mixed else tuple(HARD)
    if not one.systems or len(set(one.systems)) < len(one.systems) or not set(one.systems) <= set(known):
        yield f"systems: name some of {', '.join(known)}, each once"
    if one.populated < 0 or one.processes < 1:
        yield "populated: 0 or more people, and processes: 1 or more"
    if one.mixed and one.flow:
        yield "a run is mixed or flow, not both"
    for number, act in enumerate(one.acts):
        if problem := _wrong_act(act, one):
            yield f"acts.{number}: {problem}"
    for number, fault in enumerate(one.faults):
        if problem := _wrong_fault(fault, one):
            yield f"faults.{number}: {problem}"
    if any(at < 0 or hours <= 0 for at, hours in one.leaps):
        yield "leaps: each at second 0 or later, of more than 0 hours"


def _wrong_act(act: Act, one: Scenario) -> str:
    here, there = (frozenset(FLOW_HERE), frozenset(FLOW_THERE)) if one.flow else (_ONLY_HERE, _ONLY_THERE)
    whats = here | there if one.flow else here | there | set(EVERYWHERE)
    if act.what not in whats:
        return f"nobody can do {act.what!r}; there is: {', '.join(sorted(whats))}"
    may = (OURS,) if act.what in here else one.systems if act.what in there else (*one.systems, OURS)
    if act.where not in may:
        return f"{act.what!r} happens at {', '.join(may)}, not at {act.where!r}"
    return "" if act.at >= 0 else "it happens at second 0 or later"


def _wrong_fault(fault: Fault, one: Scenario) -> str:
    kinds = FLOW_FAULTS if one.flow else MIXED_FAULTS if one.mixed else KINDS
    if fault.kind not in kinds:
        return f"there is no fault {fault.kind!r}; there is: {', '.join(kinds)}"
    elsewhere = (CHAT, CALENDARS) if one.flow and fault.kind in ELSEWHERE else ()
    may = ("",) if fault.kind in INSIDE else (MAIL,) if fault.kind in POST else (*one.systems, *elsewhere)
    if fault.at not in may:
        return f"{fault.kind!r} is at {', '.join(map(repr, may))}, not at {fault.at!r}"
    return "" if fault.start >= 0 and fault.seconds > 0 else "it begins at second 0 or later, and lasts"
