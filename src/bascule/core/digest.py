"""Canonical JSON and keyed digests: what is compared when a value itself may not be kept.

Attempts remember what was sent as digests of the connector's normal form, salted per family, so that nothing personal
outlives the person's salt.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Any

from bascule.jsontext import dumps_sorted
from bascule.model import FieldMap, Value


def canonical(value: object) -> str:
    """One spelling per value: keys sorted, no spaces, tuples as lists, a whole float as the integer it equals."""
    return spelled(value).decode()


def spelled(value: object) -> bytes:
    """The same as UTF-8."""
    return dumps_sorted(_plain(value))


_PLAIN = frozenset({str, int, bool, type(None)})


def _plain(value: object) -> Any:
    if type(value) in _PLAIN:
        return value
    if type(value) is dict:
        return {str(key): inner if type(inner) in _PLAIN else _plain(inner) for key, inner in value.items()}
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return value


def digest(salt: str, *about: object) -> str:
    """H(salt, about...) as 32 hex digits: equal values give equal digests under one salt, and only there."""
    return hmac.digest(salt.encode(), spelled(about), hashlib.sha256).hex()[:32]


def normal(fields: FieldMap, value: Value) -> Value:
    """The form in which two values of this vendor field are compared."""
    if fields.is_set:
        return tuple(sorted({fields.fold(element) for element in elements(value)}))
    return fields.normal(value)


def same(fields: FieldMap, a: Value, b: Value) -> bool:
    """Whether the system would not tell these two apart."""
    return a is b or (type(a) is str and a == b) or equal(normal(fields, a), normal(fields, b))


def equal(a: Value, b: Value) -> bool:
    """Equality as canonical JSON has it (1 is 1.0 and not true), without writing it where that is not needed."""
    if a is b:
        return True
    if a is None or b is None or isinstance(a, str) or isinstance(b, str):
        return a == b
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(equal(x, y) for x, y in zip(a, b, strict=True))
    return canonical(a) == canonical(b)


def of_value(salt: str, fields: FieldMap, value: Value) -> str:
    return digest(salt, fields.name, normal(fields, value))


def of_elements(salt: str, fields: FieldMap, folded: Iterable[str]) -> tuple[str, ...]:
    """Digests of a set's elements, each already folded."""
    return tuple(sorted(digest(salt, fields.name, element) for element in folded))


def elements(value: Value) -> tuple[str, ...]:
    """A set's elements as text; None is the empty set, and a single value a set of one."""
    if value is None:
        return ()
    if isinstance(value, (list, tuple)):
        return tuple(str(element) for element in value if element is not None)
    return (str(value),)


def in_order(held: Iterable[str]) -> tuple[str, ...]:
    """A set as a value: each element once, sorted by its folding."""
    return tuple(sorted(dict.fromkeys(held), key=lambda x: (x.casefold(), x)))
