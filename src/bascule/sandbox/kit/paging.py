"""Pages of a list that changes while it is read."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .tables import Row

# What rows are in order of: values that JSON can hold and that can be compared.
Key = Callable[[Row], list[Any]]


def pack(value: Any) -> str:
    """A cursor that nobody outside needs to understand."""
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")


def unpack(text: str) -> Any:
    """What was packed. Raises ValueError for anything else."""
    try:
        return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise ValueError("this is no cursor") from None


def after(rows: Iterable[Row], key: Key, last: Sequence[Any] | None, limit: int) -> tuple[list[Row], list[Any] | None]:
    """The rows after `last` in the order of `key`, at most `limit`, and the key to go on from (None at the end).

    What is added, changed or deleted meanwhile moves no other row from one page to another.
    """
    ordered = sorted(rows, key=key)
    left = [row for row in ordered if last is None or key(row) > list(last)]
    shown = left[:limit]
    return shown, key(shown[-1]) if len(left) > limit else None


def window(rows: Sequence[Row], offset: int, limit: int) -> tuple[list[Row], int]:
    """The rows of a page by its offset, and how many there are in all. Rows shift when others come or go."""
    return list(rows[offset : offset + limit]), len(rows)
