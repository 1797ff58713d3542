"""A mapping as a file that people edit: TOML, every field with its choice, every stage name with its type."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bascule.core.mapping import JOB_STAGES, STAGES, Choice, Chosen, key
from bascule.core.stages import Exempt
from bascule.errors import InputError
from bascule.model import Authority, Direction, FieldMap, Kind, StageType

KEYS = frozenset({"on", "direction", "authority"})
PLAIN = re.compile(r"[A-Za-z0-9_-]+")
SINGLE = frozenset({"connection", "version", STAGES, JOB_STAGES})


@dataclass(frozen=True, slots=True)
class StageName:
    """Stages of one name, in how many jobs; the type a person has given them, and the one the name suggests.
    `exceptions` are jobs where it is another."""

    name: str
    jobs: int
    type: StageType | None
    proposed: StageType | None
    exceptions: tuple[Exempt, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """What a file says. `version` is the one it was exported from, None where it does not say."""

    connection: str
    version: int | None
    chosen: Chosen


def write(
    connection: str, system: str, version: int, fields: Sequence[FieldMap], chosen: Chosen, stages: Sequence[StageName]
) -> str:
    """The whole mapping, with what may be chosen beside each thing."""
    lines = [
        f"# The mapping of {connection} ({system}). Change it here, then look before you apply it:",
        "#   bascule mapping import FILE --dry-run",
        "# What is left out stays as it is.",
        "",
        f"connection = {_text(connection)}",
        f"version = {version}  # the one this was written from",
    ]
    first: dict[tuple[Kind, str], FieldMap] = {}
    for each in fields:
        first.setdefault(key(each), each)
    for name, each in first.items():
        lines += ["", *_field(name, each, chosen.fields.get(name, Choice()))]
    if stages:
        lines += ["", "[stages]", f"# One of: {', '.join(StageType)}. A commented line is proposed by the name only."]
        lines += [_stage(one) for one in stages]
        titles = {one.job: one.title for stage in stages for one in stage.exceptions}
    else:
        titles = dict[str, str]()
    for job in dict.fromkeys(job for job, _ in chosen.jobs):
        lines += ["", f"[{JOB_STAGES}.{_key(job)}]" + (f"  # only in {_text(titles[job])}" if job in titles else "")]
        lines += [f'{_key(name)} = "{one}"' for (of, name), one in sorted(chosen.jobs.items()) if of == job]
    return "\n".join(lines) + "\n"


def _field(name: tuple[Kind, str], each: FieldMap, choice: Choice) -> list[str]:
    direction = choice.direction or each.direction
    authority = choice.authority or each.authority
    lines = [f"[{name[0]}.{_key(name[1])}]  # {', '.join(each.canonical)}", f"on = {str(choice.on).lower()}"]
    if each.direction is Direction.BOTH:
        lines.append(f'direction = "{direction}"  # both, in{", out" if each.call else ""}')
        owners = ("ats", *(("ours",) if each.created else ()), "latest", "review")
        lines.append(f'authority = "{authority}"  # {", ".join(owners)}')
    return lines


def _stage(one: StageName) -> str:
    if one.type is not None:
        return f'{_key(one.name)} = "{one.type}"  # in {one.jobs} jobs'
    return f'# {_key(one.name)} = "{one.proposed or ""}"  # in {one.jobs} jobs'


def _key(name: str) -> str:
    return name if PLAIN.fullmatch(name) else _text(name)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def read(text: str, fields: Sequence[FieldMap], known: Chosen) -> Written:
    """What a file says, over what is chosen now. InputError, with the line or the name, for what nobody can mean."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"The file is no TOML: {error}.", hint="Export it again and change that.") from None
    version = data.get("version")
    if version is not None and (not isinstance(version, int) or isinstance(version, bool)):
        raise InputError("`version` is not a number.", hint="Leave it as it was exported.")
    named = {key(each): each for each in fields}
    choices = dict(known.fields)
    for kind, entries in data.items():
        if kind in SINGLE:
            continue
        if kind not in set(Kind) or not isinstance(entries, Mapping):
            raise InputError(f"[{kind}] is no kind of record.", hint=f"Kinds are: {', '.join(Kind)}.")
        for name, entry in entries.items():
            if (Kind(kind), name) not in named:
                raise InputError(f"{kind} has no mapped field {name!r} in that system.", hint="Export it again.")
            choices[Kind(kind), name] = _choice(f"[{kind}.{_key(name)}]", entry, named[Kind(kind), name])
    chosen = replace(known, fields=choices)
    return Written(str(data.get("connection", "")), version, _stages(data, chosen))


def _choice(where: str, entry: Any, proposed: FieldMap) -> Choice:
    if not isinstance(entry, Mapping) or entry.keys() - KEYS:
        odd = ", ".join(sorted(entry.keys() - KEYS)) if isinstance(entry, Mapping) else str(entry)
        raise InputError(f"{where}: nobody knows {odd}.", hint=f"There are: {', '.join(sorted(KEYS))}.")
    on = entry.get("on", True)
    if not isinstance(on, bool):
        raise InputError(f"{where}: `on` is true or false.")
    direction, authority = entry.get("direction"), entry.get("authority")
    if direction is not None and direction not in set(Direction):
        raise InputError(f"{where}: there is no direction {direction!r}.", hint=f"Choose {', '.join(Direction)}.")
    if authority is not None and authority not in set(Authority):
        raise InputError(f"{where}: there is no authority {authority!r}.", hint=f"Choose {', '.join(Authority)}.")
    return Choice(
        on,
        Direction(direction) if direction not in (None, str(proposed.direction)) else None,
        Authority(authority) if authority not in (None, str(proposed.authority)) else None,
    )


def _stages(data: Mapping[str, Any], known: Chosen) -> Chosen:
    """The types of stages that a file names, in every job and in single ones, over what is known."""
    said, jobs = known.say(_types(STAGES, data.get(STAGES, {}))), data.get(JOB_STAGES, {})
    if not isinstance(jobs, Mapping):
        raise InputError(f"[{JOB_STAGES}] is a table of jobs.", hint="Export it again.")
    for job, given in jobs.items():
        said = said.say(_types(f"{JOB_STAGES}.{job}", given), job=str(job))
    return said


def _types(where: str, given: object) -> dict[str, StageType]:
    if not isinstance(given, Mapping):
        raise InputError(f"[{where}] is a table of names and types.")
    found: dict[str, StageType] = {}
    for name, one in given.items():
        if one not in set(StageType):
            raise InputError(f"[{where}] {name}: there is no type {one!r}.", hint=f"Choose {', '.join(StageType)}.")
        found[str(name)] = StageType(one)
    return found
