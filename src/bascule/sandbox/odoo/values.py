"""Values on their way in and out: empty is false, times are naive UTC to the second, commands change lists."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from .errors import broken, invalid
from .markup import clean
from .schema import Field

MOMENT = "%Y-%m-%d %H:%M:%S"


def text_of(moment: datetime) -> str:
    return moment.strftime(MOMENT)


def moment_of(text: str) -> datetime:
    """A time that is written into a field. Raises Refused for anything but the one form there is."""
    shown = text[:19]
    try:
        form = MOMENT if len(shown) > 10 else "%Y-%m-%d"
        return datetime.strptime(shown, form).replace(tzinfo=UTC)
    except ValueError:
        raise broken(f"time data {shown!r} does not match format {MOMENT!r}") from None


def day_of(text: str) -> str:
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        raise broken(f"time data {text!r} does not match format '%Y-%m-%d'") from None


def empty(value: Any) -> bool:
    return value is None or value is False


def stored(model: str, name: str, field: Field, value: Any) -> Any:
    """What is kept of a value that is written; lists are commands, not for here."""
    if field.type == "boolean":
        return bool(value)
    if field.type in ("integer", "many2one_reference"):
        return _number(model, name, int, value) or (0 if field.type == "integer" else None)
    if field.type in ("float", "monetary"):
        return float(_number(model, name, float, value) or 0.0)
    if empty(value):
        return None
    match field.type:
        case "char" | "text":
            return str(value)[: field.size] if field.size else str(value)
        case "html":
            return clean(str(value))
        case "date":
            return day_of(str(value))
        case "datetime":
            return moment_of(str(value))
        case "selection":
            if value not in {one for one, _ in field.selection}:
                raise broken(f"Wrong value for {model}.{name}: {value!r}")
            return value
        case "many2one":
            return _pointer(model, name, value)
        case "binary":
            return _bytes(value)
        case _:
            return value


def _number(model: str, name: str, kind: type[int] | type[float], value: Any) -> float | int | None:
    if empty(value):
        return None
    try:
        return kind(value)
    except (TypeError, ValueError):
        raise broken(f"could not convert string to {kind.__name__}: {value!r} ({model}.{name})") from None


def _pointer(model: str, name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | list | tuple):
        raise broken(f"Wrong value for {model}.{name}: {value!r}")
    first = value if isinstance(value, int) else next(iter(value), None)
    if not isinstance(first, int):
        raise broken(f"Wrong value for {model}.{name}: {value!r}")
    return first


def _bytes(value: Any) -> bytes:
    try:
        return base64.b64decode(str(value), validate=False)
    except (binascii.Error, ValueError):
        raise invalid("The content of the file is not base64.") from None


def commands(value: Any) -> list[tuple[int, int, Any]]:
    """The changes to a list: (code, id, values). A plain list of ids replaces it, as code 6 does."""
    if empty(value):
        return [(5, 0, None)]
    if not isinstance(value, list | tuple):
        raise broken(f"Wrong value for a list: {value!r}")
    if not value:
        return []
    if all(isinstance(one, int) and not isinstance(one, bool) for one in value):
        return [(6, 0, list(value))]
    return [_command(one) for one in value]


def _command(one: Any) -> tuple[int, int, Any]:
    if not isinstance(one, list | tuple) or not one or not isinstance(one[0], int) or not 0 <= one[0] <= 6:
        raise broken(f"Wrong command in a list: {one!r}")
    code, id = int(one[0]), one[1] if len(one) > 1 else 0
    more: Any = one[2] if len(one) > 2 else None
    if (code in (0, 1) and not isinstance(more, dict)) or (code != 0 and not isinstance(id or 0, int)):
        raise broken(f"Wrong command in a list: {one!r}")
    return code, int(id or 0) if code else 0, more


def applied(current: Sequence[int], changes: Sequence[tuple[int, int, Any]]) -> list[int]:
    """The ids of a many2many after commands that create nothing."""
    kept: dict[int, None] = dict.fromkeys(current)
    for code, id, more in changes:
        match code:
            case 2 | 3:
                kept.pop(id, None)
            case 4:
                kept[id] = None
            case 5:
                kept.clear()
            case 6:
                kept = dict.fromkeys(more or ())
            case _:
                pass
    return list(kept)
