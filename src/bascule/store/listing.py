"""The derived rows that pages sort and search by, kept in the commit that changes a record.

No name stands in them: what they are sorted and searched by are tokens (`veil`), and what a list shows is opened from
the record.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..model import Family, Kind, Record, RecordState, Value
from . import statements as s
from . import veil
from .codec import stamp

if TYPE_CHECKING:
    from .tx import Tx

_WORD = re.compile(r"\w+")
_SHORTEST = 2


def fold(text: str) -> str:
    """How text is sorted and searched: no accents, no case. 'Åkerström' and 'AKERSTROM' are the same."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return bare.replace("\x00", "").casefold().strip()


def words_of(*texts: str) -> set[str]:
    """The words a record is found by."""
    return {word for text in texts for word in _WORD.findall(fold(text)) if len(word) >= _SHORTEST}


def text_of(value: Value) -> str:
    return value.replace("\x00", "") if isinstance(value, str) else ""


def texts_of(value: Value) -> tuple[str, ...]:
    return tuple(text_of(one) for one in value if isinstance(one, str)) if isinstance(value, tuple) else ()


def name_of(record: Record) -> str:
    """The name a page shows."""
    first, last = text_of(record.fields.get("first_name")), text_of(record.fields.get("last_name"))
    return f"{first} {last}".strip() or text_of(record.fields.get("preferred_name"))


def words_of_candidate(record: Record | None) -> set[str]:
    if record is None or record.kind is not Kind.CANDIDATE or record.state is not RecordState.LIVE:
        return set()
    emails = texts_of(record.fields.get("emails"))
    return words_of(name_of(record), text_of(record.fields.get("preferred_name")), *emails)


def sorted_by(record: Record) -> str:
    """What a candidate is sorted by: last name, first name."""
    last_first = f"{text_of(record.fields.get('last_name'))} {text_of(record.fields.get('first_name'))}"
    return fold(last_first) or fold(name_of(record))


class Listing:
    """Keeps `candidates`, `words` and `applications` in step with the records."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def update(self, old: Family, new: Family, changed: Sequence[Record], gone: Sequence[str], at: int) -> None:
        people = [record for record in changed if record.kind is Kind.CANDIDATE]
        self._tx.many(s.CANDIDATE_SET, [self._candidate(new, record, at) for record in people])
        for record in people:
            self._words(
                new.workspace, record.id, words_of_candidate(old.records.get(record.id)), words_of_candidate(record)
            )
        applications = [record for record in changed if record.kind is Kind.APPLICATION]
        rows = [_application(new, one, at if _moved(old.records.get(one.id), one) else None) for one in applications]
        self._tx.many(s.APPLICATION_SET, rows)
        lost = [id for id in gone if old.records[id].kind in (Kind.CANDIDATE, Kind.APPLICATION)]
        if lost:
            self._drop(new.id, lost)

    def derive(self, workspace: str, limit: int = 500) -> int:
        """Make the tokens of candidates that have none yet (an older version kept them otherwise); how many had none.
        Repeat until 0."""
        rows = self._tx.rows(s.CANDIDATES_UNSORTED, workspace=workspace, limit=limit)
        records = self._tx.families.records(workspace, [id for (id,) in rows])
        key = self._key(workspace)
        places = [
            {"record": id, "place": veil.place(key, sorted_by(records[id])) if id in records else ""} for (id,) in rows
        ]
        self._tx.many(s.CANDIDATE_SORT, places)
        for record in records.values():
            self._words(workspace, record.id, set(), words_of_candidate(record))
        return len(rows)

    def tokens(self, workspace: str, words: Iterable[str]) -> list[str]:
        """What words are kept, and found, as; in their order."""
        return [veil.word(self._key(workspace), word) for word in words]

    def _key(self, workspace: str) -> bytes:
        return self._tx.vault.derived(workspace, b"words and places of names")

    def _words(self, workspace: str, record: str, before: set[str], after: set[str]) -> None:
        self._tx.many(s.WORD_DROP, self._rows(workspace, record, before - after))
        self._tx.many(s.WORD_ADD, self._rows(workspace, record, after - before))

    def _rows(self, workspace: str, record: str, words: Iterable[str]) -> list[dict[str, Any]]:
        tokens = self.tokens(workspace, sorted(words))
        return [{"workspace": workspace, "word": token, "record": record} for token in sorted(tokens)]

    def _candidate(self, family: Family, record: Record, at: int) -> dict[str, Any]:
        return {
            "record": record.id,
            "workspace": record.workspace,
            "family": family.id,
            "place": veil.place(self._key(record.workspace), sorted_by(record)),
            "state": record.state,
            "now": at,
        }

    def _drop(self, family: str, ids: Sequence[str]) -> None:
        """Only where no other family has taken the record over."""
        kept = {row[1] for row in self._tx.rows(s.RECORDS_ANYWHERE, ids=ids)}
        lost = [id for id in ids if id not in kept]
        for sql in (s.CANDIDATE_DROP, s.WORDS_DROP, s.LIKENESSES_DROP, s.APPLICATION_DROP):
            self._tx.run(sql, ids=lost)


def _time(value: Value) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def _moved(before: Record | None, after: Record) -> bool:
    """Whether somebody has moved an application on: it had a stage, and has another."""
    stage = before.fields.get("stage") if before else None
    return stage not in (None, "") and stage != after.fields.get("stage")


def _application(family: Family, record: Record, seen: int | None) -> dict[str, Any]:
    fields = record.fields
    score = fields.get("match_score")
    return {
        "record": record.id,
        "workspace": record.workspace,
        "family": family.id,
        "candidate": record.parent,
        "job": text_of(fields.get("job")) or None,
        "stage": text_of(fields.get("stage")) or None,
        "status": text_of(fields.get("status")),
        "score": float(score) if isinstance(score, int | float) and not isinstance(score, bool) else -1.0,
        "applied": stamp(_time(fields.get("applied_at")) or record.born),
        "seen": seen,
        "state": record.state,
    }
