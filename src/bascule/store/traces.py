"""Which trace a piece of waiting work belongs to. Empty unless traces are on; rows go with the work, or by age."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from . import statements as s
from .codec import stamp

if TYPE_CHECKING:
    from .tx import Tx


class TraceParents:
    """`tx.traces`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def put(self, subjects: Iterable[str], parent: str, *, now: datetime) -> None:
        """These pieces of work belong to this trace (a W3C traceparent), besides any they belong to already."""
        rows = [{"subject": one, "parent": parent, "now": stamp(now)} for one in sorted(set(subjects))]
        self._tx.many(s.TRACE_PUT, rows)

    def of(self, subjects: Sequence[str]) -> dict[str, list[str]]:
        """The traces of each, the oldest first; without those that have none."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for subject, parent in self._tx.rows(s.TRACES, subjects=list(subjects)) if subjects else ():
            found[subject].append(parent)
        return dict(found)

    def drop(self, subjects: Sequence[str], *, until: datetime) -> None:
        """These are done, as far as they were asked for up to then."""
        if subjects:
            self._tx.run(s.TRACES_DROP, subjects=list(subjects), until=stamp(until))

    def expire(self, *, before: datetime) -> None:
        """Forget what has waited since before then."""
        self._tx.run(s.TRACES_EXPIRE, before=stamp(before))
