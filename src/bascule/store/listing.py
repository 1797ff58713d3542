"""The derived rows that pages sort and search by, kept in the commit that changes a record.

No name stands in them: what they are sorted and searched by are tokens (`veil`), and what a list shows is opened from
the record.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
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
SIGHTED = (Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB, Kind.USER)  # what says who may see whom
TEAM_OF_JOB = ("recruiters", "hiring_managers")
TEAM_OF_APPLICATION = ("recruiter", "coordinator")
SIGHT_DERIVED = "sight.derived"  # a setting of the workspace: the last that was looked at; "": all are


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
        self._tx.figures.follow(new, applications, old.records)
        self._sight(new.workspace, changed, old.records)
        lost = [id for id in gone if old.records[id].kind in SIGHTED]
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

    # ------------------------------------------------------------------------------------------ who may see whom

    def _sight(self, workspace: str, records: Iterable[Record], before: Mapping[str, Record]) -> None:
        """Keep who is on whose team, who is confined to it, and by which address the ATS's users are known."""
        moved = [one for one in records if one.kind in SIGHTED and _sight_of(one) != _sight_of(before.get(one.id))]
        known = [one.id for one in moved if one.id in before]
        if known:
            for sql in (s.TEAMS_DROP, s.CONFINED_DROP, s.COLLEAGUES_DROP):
                self._tx.run(sql, ids=known)
        told = [(one, _sight_of(one)) for one in moved]
        self._tx.many(s.TEAM_ADD, [{"record": one.id, "person": id} for one, (team, _, _) in told for id in team])
        self._tx.many(
            s.CONFINED_ADD,
            [{"record": one.id, "workspace": workspace, "kind": one.kind} for one, (_, closed, _) in told if closed],
        )
        met = [(one.id, email) for one, (_, _, email) in told if email]
        tokens = self.tokens(workspace, [email for _, email in met])
        self._tx.many(
            s.COLLEAGUE_ADD,
            [
                {"workspace": workspace, "token": token, "record": id}
                for (id, _), token in zip(met, tokens, strict=True)
            ],
        )

    def derive_sight(self, workspace: str, limit: int = 500) -> int:
        """Make those rows for what an older version kept without them; how many records were looked at. Repeat until
        0."""
        done = self._tx.workspaces.setting(workspace, SIGHT_DERIVED)
        if done == "":
            return 0
        kind, _, after = str(done or "").partition("|")
        kinds = [str(one) for one in SIGHTED]
        for name in kinds[kinds.index(kind) if kind else 0 :]:
            rows = self._tx.rows(s.SIGHT_DUE, workspace=workspace, kind=name, after=after, limit=limit)
            if rows:
                self._sight(workspace, self._tx.families.records(workspace, [id for (id,) in rows]).values(), {})
                self._tx.workspaces.set_setting(workspace, SIGHT_DERIVED, f"{name}|{rows[-1][0]}")
                return len(rows)
            after = ""
        self._tx.workspaces.set_setting(workspace, SIGHT_DERIVED, "")
        return 0

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
        for sql in (
            s.CANDIDATE_DROP, s.WORDS_DROP, s.LIKENESSES_DROP, s.APPLICATION_DROP, s.PASSAGES_DROP, s.TEAMS_DROP,
            s.CONFINED_DROP, s.COLLEAGUES_DROP,
        ):  # fmt: skip
            self._tx.run(sql, ids=lost)


def _sight_of(record: Record | None) -> tuple[tuple[str, ...], bool, str]:
    """Who is named on a record as its team, whether it is confined to that team, and a colleague's address."""
    if record is None or record.state is not RecordState.LIVE:
        return (), False, ""
    fields = record.fields
    if record.kind is Kind.USER:
        return (), False, fold(text_of(fields.get("email"))) if fields.get("active") is not False else ""
    if record.kind is Kind.CANDIDATE:
        return (), fields.get("private") is True, ""
    named = TEAM_OF_JOB if record.kind is Kind.JOB else TEAM_OF_APPLICATION
    values = (fields.get(name) for name in named)
    team = {id for one in values for id in (texts_of(one) if isinstance(one, tuple) else (text_of(one),)) if id}
    return tuple(sorted(team)), record.kind is Kind.JOB and fields.get("confidential") is True, ""


def time_of(value: Value) -> datetime | None:
    """A time as systems write it, with its zone; None for anything else."""
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
    scored = isinstance(score, int | float) and not isinstance(score, bool)
    source = record.sources.get("match_score")
    return {
        "record": record.id,
        "workspace": record.workspace,
        "family": family.id,
        "candidate": record.parent,
        "job": text_of(fields.get("job")) or None,
        "stage": text_of(fields.get("stage")) or None,
        "status": text_of(fields.get("status")),
        "score": float(score) if isinstance(score, int | float) and scored else -1.0,
        "applied": stamp(time_of(fields.get("applied_at")) or record.born),
        "seen": seen,
        "state": record.state,
        "scored": stamp(source.at) if scored and source is not None else None,
    }
