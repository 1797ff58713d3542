"""The shape of a system's answers: which keys its objects have and of which JSON types, as recorded from its published
interface, and what differs from that in an answer. No value is kept, and the customer's own fields are not looked into.

Pure. What the answers' headers say of the interface's end (RFC 9745, RFC 8594) is read here too.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TypeAlias

from bascule.model import Json

from .drift import Drift, What
from .spec import Shape, http_date, next_link

TYPES = {bool: "boolean", int: "number", float: "number", str: "string", list: "list", dict: "object"}
ENOUGH = 50  # objects that have shown a key that need not be there; away from a page of as many it has vanished


Learned: TypeAlias = Mapping[str, tuple[int, tuple[str, ...]]]
"""Of keys that answers have shown: in how many objects, and of which types."""

NOTHING: Learned = MappingProxyType({})


@dataclass
class Seen:
    """The keys of one page: in how many objects each was, of how many that could have it, and its types."""

    keys: Counter[str] = field(default_factory=Counter[str])
    of: Counter[str] = field(default_factory=Counter[str])  # by the path above; "" for the objects themselves
    types: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def look(items: Iterable[Json], shape: Shape) -> Seen:
    """The keys of these objects, and of what is in them as far as the shape knows it."""
    seen = Seen()
    inner = {path.rpartition(".")[0] for path in shape if "." in path}
    for item in items:
        if isinstance(item, dict):
            _look(seen, item, "", inner)
    return seen


def _look(seen: Seen, item: Mapping[str, Json], above: str, inner: set[str]) -> None:
    seen.of[above] += 1
    for name, value in item.items():
        path = f"{above}.{name}" if above else name
        seen.keys[path] += 1
        if value is not None:
            seen.types[path].add(TYPES.get(type(value), "string"))
        if path in inner and isinstance(value, dict):
            _look(seen, value, path, inner)
        elif f"{path}[]" in inner and isinstance(value, list):
            for each in value:
                if isinstance(each, dict):
                    _look(seen, each, f"{path}[]", inner)


def compare(object: str, shape: Shape, learned: Learned, seen: Seen) -> tuple[Drift, ...]:
    """What a page of objects of this name shows otherwise than recorded, or than it has shown so far."""
    return tuple(_differences(object, shape, learned, seen))


def _differences(object: str, shape: Shape, learned: Learned, seen: Seen) -> Iterable[Drift]:
    for path in sorted(seen.keys):
        now = ", ".join(sorted(seen.types.get(path, ())))
        if path not in shape:
            yield _drift(What.SHOWN, object, path, now=now or "null")
            continue
        known = shape[path].types or frozenset(learned.get(path, (0, ()))[1])
        if known and seen.types.get(path, set()) - known:
            yield _drift(What.RETYPED, object, path, ", ".join(sorted(known)), now)
    for path, key in sorted(shape.items()):
        asked = seen.of[path.rpartition(".")[0]]
        shown_before = learned.get(path, (0, ()))[0] >= ENOUGH and asked >= ENOUGH
        if asked and not seen.keys[path] and (key.always or shown_before):
            yield _drift(What.HIDDEN, object, path)


def _drift(what: What, object: str, path: str, was: str = "", now: str = "") -> Drift:
    return Drift(what, object, path, path, re.split(r"[.\[]", path)[0], was, now)


def learn(shape: Shape, learned: Learned, seen: Seen) -> Learned:
    """What is known after this page. Another type than before is not learned: it stays a difference."""
    after = dict(learned)
    for path, n in seen.keys.items():
        if path in shape:
            times, types = after.get(path, (0, ()))
            after[path] = (times + n, types or tuple(sorted(seen.types.get(path, ()))))
    return after


# ------------------------------------------------------------------------------------------------- what ends, and when


@dataclass(frozen=True, slots=True)
class Ends:
    """What answers say of an interface's end. `deprecated`: since or from when, as they say it; `more`: where to read
    on."""

    deprecated: datetime | None = None
    sunset: datetime | None = None
    more: str = ""


def ends(deprecation: str, sunset: str, link: str = "") -> Ends | None:
    """From the headers. `Deprecation` is a date as a structured field, `@1688169599` (RFC 9745; drafts before it had an
    HTTP date, or `true`); `Sunset` is an HTTP date (RFC 8594). A link with one of these relations says more."""
    if not deprecation and not sunset:
        return None
    told = deprecation.strip()
    number = re.fullmatch(r"@(-?\d{1,11})", told)
    since = datetime.fromtimestamp(int(number[1]), UTC) if number else http_date(told) if told else None
    more = next_link({"link": link}, ("deprecation", "sunset"))
    return Ends(since, http_date(sunset) if sunset else None, more if more.startswith("https://") else "")
