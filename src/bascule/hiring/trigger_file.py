"""Triggers as a file that people edit: YAML, one entry a rule. A mistake is told with its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from importlib.resources import files
from typing import Any, TypeGuard

import yaml

from bascule.core.stages import fold
from bascule.core.triggers import BASCULE, NEEDS, TAKES, Do, Name, Reach, Test, Trigger, said
from bascule.errors import InputError
from bascule.model import StageType, Status

KEYS = frozenset({"why", "owner", "by", "reach", "when", "for", "do", "with", "again", "on"})
REACHES = ("connections", "jobs", "departments")
SCREENINGS = frozenset({"none", "invited", "started", "completed", "opted out", "expired"})
WORDS: Mapping[Name, frozenset[str]] = {
    Name.STATUS: frozenset(map(str, Status)),
    Name.STAGE: frozenset(map(str, StageType)),
    Name.SCREENING: SCREENINGS,
    Name.TOP_TEN: frozenset({"yes", "no"}),
    Name.DECIDED: frozenset({"yes", "no"}),
    Name.ANSWERED: frozenset({"yes", "no"}),
    Name.MANAGER: frozenset({"none", "approve", "maybe", "skip"}),
}
"""What a condition may be asked to be; a stage's name is any text."""
_SPAN = re.compile(r"(\d+)\s*(min|m|h|d|hours?|days?|minutes?)")
_LIMIT = re.compile(r"(over|under)\s+(\d+(?:\.\d+)?)")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
HEAD = """\
# What follows from what is true of an application. Try it before it is in force: bascule triggers dry-run FILE
# when:  status, stage (its type), stage named, score (over 75, under 40), top ten, screening, decided, answered,
#        manager (approve, maybe, skip, none)
# do:    message, invite, schedule, notify, propose, shortlist, note, tag, tell
# by:    bascule, or the connection whose own automation is written down here
"""


def starter(owner: str) -> str:
    """The file of rules that Bascule comes with, all of them off. `owner`: the e-mail of who answers for them."""
    text = files("bascule.hiring").joinpath("data/triggers.yaml").read_text("utf-8")
    return text.replace("OWNER", owner)


def ready(owner: str) -> Mapping[str, str]:
    """The same rules one by one: name -> its entry as it stands in a file."""
    entries = re.split(r"^(?=[a-z0-9][a-z0-9-]*:)", starter(owner), flags=re.MULTILINE)[1:]
    return {one.partition(":")[0]: one.rstrip() + "\n" for one in entries}


class Plain(yaml.SafeLoader):
    """YAML in which `on`, `yes` and `no` are words (as YAML 1.2 has it), so that they can be names."""


Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:bool"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
YES = {"yes": True, "true": True, "no": False, "false": False}


def read(text: str) -> tuple[Trigger, ...]:
    """The triggers of a file, in its order. InputError, with the line, for what nobody can mean."""
    try:
        root = yaml.compose(text, Loader=Plain)
        data = yaml.load(text, Loader=Plain)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"Line {mark.line + 1}: " if mark is not None else ""
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise InputError(f"{where}this is no YAML: {problem}.", hint="Mind the indentation; use spaces.") from None
    if data is None:
        return ()
    if not _is_map(data):
        raise InputError("Line 1: triggers are written as NAME: and what it does, one under the other.")
    lines = _lines(root)
    return tuple(_trigger(str(name), entry, lines.get(str(name), 1), lines) for name, entry in data.items())


def _lines(root: Any) -> dict[str, int]:
    """The line of every entry and of every key in it ("name", "name.key")."""
    found: dict[str, int] = {}
    for key, value in getattr(root, "value", ()):
        if key.value in found:
            raise InputError(f"Line {key.start_mark.line + 1}: {key.value} is there twice.", hint="Rename one of them.")
        found[key.value] = key.start_mark.line + 1
        if isinstance(value, yaml.MappingNode):
            for inner, _ in value.value:
                found[f"{key.value}.{inner.value}"] = inner.start_mark.line + 1
    return found


def _trigger(name: str, entry: Any, line: int, lines: Mapping[str, int]) -> Trigger:
    def wrong(key: str, what: str, hint: str = "") -> InputError:
        return InputError(f"Line {lines.get(f'{name}.{key}', line)}: {name}: {what}", hint=hint)

    if not _NAME.fullmatch(name):
        raise InputError(f"Line {line}: {name!r} is no name.", hint="Small letters, digits and hyphens, up to 64.")
    if not _is_map(entry):
        raise wrong("", "it says nothing.", f"It has: {', '.join(sorted(KEYS))}.")
    for key in entry.keys() - KEYS:
        raise wrong(str(key), f"nobody knows {key!r}.", f"There are: {', '.join(sorted(KEYS))}.")
    for key in ("why", "owner", "when", "do"):
        if not entry.get(key):
            raise wrong(key, f"{key} is missing.", "Every rule says why, and who answers for it.")
    do = entry["do"]
    if do not in set(Do):
        raise wrong("do", f"nobody can do {do!r}.", f"There are: {', '.join(Do)}.")
    told = entry.get("with") or {}
    if not _is_map(told) or not all(isinstance(one, (str, int, float)) for one in told.values()):
        raise wrong("with", "`with` is a table of names and texts.")
    for key in told.keys() - set(TAKES[Do(do)]):
        raise wrong("with", f"{do} takes no {key!r}.", f"It takes: {', '.join(TAKES[Do(do)])}.")
    for key in NEEDS.get(Do(do), ()):
        if not told.get(key):
            raise wrong("do", f"{do} needs `with: {{{key}: ...}}`.")
    if do == Do.PROPOSE and told["stage"] not in set(StageType):
        raise wrong("with", f"there is no stage type {told['stage']!r}.", f"There are: {', '.join(StageType)}.")
    if do == Do.PROPOSE and told["stage"] == StageType.HIRED:
        raise wrong("with", "a rule never proposes to hire.", "Hiring is a person's, in the ATS.")
    for key in ("minutes", "days", "notice", "buffer"):
        if do == Do.SCHEDULE and not str(told.get(key, "0")).isdecimal():
            raise wrong("with", f"{key} is a whole number, not {told[key]!r}.")
    if do == Do.SHORTLIST and str(told.get("redacted", "no")).lower() not in YES:
        raise wrong("with", f"redacted is yes or no, not {told['redacted']!r}.")
    kept = {str(key): str(value) for key, value in told.items()}
    if "redacted" in kept:
        kept["redacted"] = "yes" if YES[kept["redacted"].lower()] else "no"
    for key in ("again", "on"):
        if str(entry.get(key, "no")).lower() not in YES:
            raise wrong(key, f"{key} is yes or no.")
    try:
        tests = _tests(entry["when"])
        reach = _reach(entry.get("reach") or {})
        after = _span(entry.get("for", 0))
    except InputError as error:
        raise wrong(error.hint if error.hint in KEYS else "when", str(error).removesuffix(error.hint).strip()) from None
    return Trigger(
        name=name,
        why=str(entry["why"]).strip(),
        owner=str(entry["owner"]),
        when=tests,
        do=Do(do),
        told=kept,
        by=str(entry.get("by", BASCULE)),
        reach=reach,
        after=after,
        again=YES[str(entry.get("again", "no")).lower()],
        on=YES[str(entry.get("on", "no")).lower()],
        line=line,
    )


def _tests(when: Any) -> tuple[Test, ...]:
    if not _is_map(when):
        raise InputError("`when` is a table of conditions.")
    tests: list[Test] = []
    for key, value in when.items():
        name = str(key).replace("_", " ")
        if name not in set(Name):
            raise InputError(f"nobody knows the condition {key!r}; there are: {', '.join(Name)}.")
        tests.append(_test(Name(name), value))
    if not any(test.name is Name.STATUS for test in tests):
        tests.insert(0, Test(Name.STATUS, frozenset({str(Status.ACTIVE)})))
    return tuple(tests)


def _test(name: Name, value: Any) -> Test:
    if name is Name.SCORE:
        limits: dict[str, float] = {word: float(number) for word, number in _LIMIT.findall(str(value))}
        if not limits or _LIMIT.sub("", str(value)).replace("and", "").strip(" ,"):
            raise InputError(f"a score is asked for as `over 75` or `over 40 and under 75`, not {value!r}.")
        return Test(name, over=limits.get("over"), under=limits.get("under"))
    given: list[Any] = list(value) if isinstance(value, list) else [value]
    words = frozenset(
        said(name, one) if not isinstance(one, str) else (fold(one) if name is Name.STAGE_NAMED else one)
        for one in given
    )
    allowed = WORDS.get(name)
    if allowed is not None and words - allowed:
        odd = ", ".join(sorted(words - allowed))
        raise InputError(f"{name} is never {odd}; it is one of: {', '.join(sorted(allowed))}.")
    if not all(words):
        raise InputError(f"{name} is asked to be nothing.")
    return Test(name, words)


def _reach(given: Any) -> Reach:
    if not _is_map(given) or given.keys() - set(REACHES):
        raise InputError(f"reach is a table of {', '.join(REACHES)}.", hint="reach")
    found: dict[str, frozenset[str]] = {}
    for key, value in given.items():
        found[str(key)] = frozenset(map(str, value)) if isinstance(value, list) else frozenset({str(value)})
    return Reach(**found)


def _span(given: Any) -> timedelta:
    text = str(given).strip()
    if text in ("0", ""):
        return timedelta()
    found = _SPAN.fullmatch(text)
    if found is None:
        raise InputError(f"`for` is a time like 30 min, 48 h or 10 d, not {text!r}.", hint="for")
    number, unit = int(found[1]), found[2][0]
    time = timedelta(**{{"m": "minutes", "h": "hours", "d": "days"}[unit]: number})
    if time > timedelta(days=365):
        raise InputError("`for` is a year at most.", hint="for")
    return time


def _is_map(value: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping)
