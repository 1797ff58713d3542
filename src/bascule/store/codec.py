"""Values to JSON text and back, exactly.

A frozen dataclass of the model becomes a JSON object that leaves out what equals its default; the way back is derived
from the annotations, so a field added to the model is stored without a change here. Times are ISO-8601 in UTC inside
JSON and whole microseconds since 1970 in columns of their own (exact, and sorted alike by both back ends).
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, Generic, TypeVar, Union, get_args, get_origin

from .. import model
from ..jsontext import dumps
from ..jsontext import loads as parsed

T = TypeVar("T")
Code = Callable[[Any], Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def stamp(at: datetime) -> int:
    """Microseconds since 1970 of an aware time. TypeError for a naive one."""
    return (at - _EPOCH) // _MICROSECOND


def moment(microseconds: int) -> datetime:
    """The aware UTC time of a stamp."""
    return _EPOCH + timedelta(microseconds=microseconds)


def maybe_stamp(at: datetime | None) -> int | None:
    return None if at is None else stamp(at)


def maybe_moment(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else moment(microseconds)


def loads(text: str) -> Any:
    """The value of JSON text, with tuples for lists (a `Value` of the model)."""
    return frozen(parsed(text))


_NESTED = (list, dict)


def frozen(value: Any) -> Any:
    """What `parsed` returned, as a value of the model: tuples for lists."""
    if type(value) is list:
        return tuple([frozen(inner) if type(inner) in _NESTED else inner for inner in value])
    if type(value) is dict:
        return {key: frozen(inner) if type(inner) in _NESTED else inner for key, inner in value.items()}
    return value


class _AnyValue:
    """Stands for the recursive `Value` and its relatives while annotations are read."""


_NAMES: Mapping[str, Any] = {
    **vars(model),
    "Value": _AnyValue,
    "Fields": _AnyValue,
    "Json": _AnyValue,
}


def _same(value: Any) -> Any:
    return value


def _iso(at: datetime) -> str:
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat()


@cache
def _both_ways(hint: Any) -> tuple[Code, Code]:
    """(to JSON, from JSON) for an annotation."""
    if hint is _AnyValue:
        return _same, frozen
    if hint in (str, int, float, bool):
        return _same, _same
    if hint is datetime:
        return _iso, datetime.fromisoformat
    if isinstance(hint, type) and issubclass(hint, Enum):
        members: dict[Any, Any] = {member.value: member for member in hint}
        return (lambda member: member.value), (lambda v: members[v] if v in members else hint(v))
    if is_dataclass(hint):
        shape = codec(hint)
        return shape.tree, shape.value
    return _composite(hint)


def _composite(hint: Any) -> tuple[Code, Code]:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (types.UnionType, Union):
        to, back = _both_ways(next(part for part in inner if part is not type(None)))
        return (lambda v: None if v is None else to(v)), (lambda v: None if v is None else back(v))
    if origin is tuple and len(inner) == 2 and inner[1] is Ellipsis:
        to, back = _both_ways(inner[0])
        return (lambda v: [to(x) for x in v]), (lambda v: tuple([back(x) for x in v]))
    if origin is tuple:
        ways = [_both_ways(part) for part in inner]
        return (
            (lambda v: [way[0](x) for way, x in zip(ways, v, strict=True)]),
            (lambda v: tuple([way[1](x) for way, x in zip(ways, v, strict=True)])),
        )
    if origin is frozenset:
        to, back = _both_ways(inner[0])
        return (lambda v: sorted(to(x) for x in v)), (lambda v: frozenset([back(x) for x in v]))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        to, back = _both_ways(inner[1])
        key = _both_ways(inner[0])[1]
        return (lambda v: {k: to(x) for k, x in v.items()}), (lambda v: {key(k): back(x) for k, x in v.items()})
    raise TypeError(f"The store cannot keep a value of type {hint}. Teach store/codec.py this type.")


def _default(spec: Field[Any]) -> Any:
    if spec.default is not MISSING:
        return spec.default
    return spec.default_factory() if spec.default_factory is not MISSING else MISSING


@dataclass(frozen=True, slots=True)
class Codec(Generic[T]):
    """One dataclass of the model to JSON and back; `without` names the fields that have columns of their own."""

    cls: type[T]
    back: Mapping[str, Code]  # name -> from JSON
    tree: Callable[[T], dict[str, Any]]
    """What JSON can carry; fields that equal their default are left out."""

    def value(self, tree: Mapping[str, Any], **columns: Any) -> T:
        """The value, from parsed JSON and the fields kept in columns."""
        return self.cls(**columns, **self.fields(tree))

    def fields(self, tree: Mapping[str, Any]) -> dict[str, Any]:
        """The fields that parsed JSON holds; one that the model has given up is passed over."""
        back = self.back
        return {name: back[name](inner) for name, inner in tree.items() if name in back}

    def text(self, value: T) -> str:
        return dumps(self.tree(value))

    def read(self, text: str, **columns: Any) -> T:
        return self.value(parsed(text), **columns)


@cache
def codec(cls: type[T], without: Iterable[str] = ()) -> Codec[T]:
    """The codec of a dataclass of the model (annotations are read once)."""
    left_out = frozenset(without)
    ways: list[tuple[str, Any, Code, Code]] = []
    for spec in fields(cls):  # type: ignore[arg-type]
        if spec.name in left_out:
            continue
        hint = eval(spec.type, dict(_NAMES)) if isinstance(spec.type, str) else spec.type  # our own annotations
        ways.append((spec.name, _default(spec), *_both_ways(hint)))
    return Codec(cls, {name: back for name, _, _, back in ways}, _to_tree(ways))


def _to_tree(ways: Iterable[tuple[str, Any, Code, Code]]) -> Callable[[Any], dict[str, Any]]:
    """A function of one value, spelled out field by field as `dataclasses` does with its own: every row that is kept
    goes through it, with all that hangs on it."""
    names: dict[str, Any] = {}
    lines = ["def tree(value):", " out = {}"]
    for name, default, to, _ in ways:
        names |= {f"d_{name}": default, f"t_{name}": type(default), f"to_{name}": to}
        lines += [
            f" x = value.{name}",
            f" if not (x is d_{name} or (type(x) is t_{name} and x == d_{name})):",
            f"  out[{name!r}] = {'x' if to is _same else f'to_{name}(x)'}",
        ]
    exec("\n".join([*lines, " return out"]), names)
    return names["tree"]
