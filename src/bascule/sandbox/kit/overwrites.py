"""Edits that a program wrote over without having seen them: made after its last read of the object, before its write.

No program can avoid them where a system has no conditional write; it can only keep the window short. So they are
counted, each with its window, for whoever judges a program.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol


class Doer(Protocol):
    @property
    def kind(self) -> str: ...


class Noted(Protocol):
    """One changed field of one object, as a sandbox logs it. Times are seconds of its own clock."""

    @property
    def seq(self) -> int: ...
    @property
    def at(self) -> float: ...
    @property
    def actor(self) -> Doer: ...
    @property
    def object(self) -> str: ...
    @property
    def id(self) -> Any: ...
    @property
    def field(self) -> str | None: ...


@dataclass(frozen=True)
class Overwrite:
    """`edit` and `write` are the numbers of the two changes; `window` the seconds from the read to the write, None
    where the writer had never read the object."""

    object: str
    id: Any
    field: str
    edit: int
    edited_by: str
    edited_at: float
    write: int
    written_by: str
    written_at: float
    window: float | None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Overwrites:
    """Follows who has read what, and finds writes over unseen edits. Programs are the actors named `api:...`."""

    def __init__(self) -> None:
        self.found: list[Overwrite] = []
        self._read: dict[tuple[str, str, Any], float] = {}
        self._last: dict[tuple[str, Any, str], Noted] = {}

    def read(self, reader: str, object: str, id: Any, at: float) -> None:
        """A program was shown an object as it was at a moment."""
        self._read[reader, object, id] = at

    def noted(self, change: Noted) -> None:
        """A field was changed, by anybody."""
        if change.field is None:
            return
        key = (change.object, change.id, change.field)
        before, self._last[key] = self._last.get(key), change
        writer = change.actor.kind
        if before is None or before.actor.kind == writer or not writer.startswith("api:"):
            return
        read = self._read.get((writer, change.object, change.id))
        if read is not None and before.at <= read:
            return
        window = None if read is None else round(change.at - read, 6)
        self.found.append(Overwrite(change.object, change.id, change.field, before.seq, before.actor.kind, before.at,
                                    change.seq, writer, change.at, window))  # fmt: skip

    def as_json(self) -> Mapping[str, Any]:
        windows = [one.window for one in self.found if one.window is not None]
        return {
            "overwritten": [one.as_json() for one in self.found],
            "longest_window": max(windows, default=None),
            "without_a_read": sum(one.window is None for one in self.found),
        }
