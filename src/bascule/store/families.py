"""Families: loaded in a handful of queries for many, saved by compare-and-set, only what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from ..errors import NotFoundError, StaleError
from ..model import (
    OPEN_WRITES,
    ActorKind,
    Attempt,
    Family,
    FamilyState,
    Gap,
    History,
    Kind,
    Link,
    LinkState,
    Record,
    Refs,
    Review,
    ReviewKind,
    ReviewState,
    Transition,
    Write,
    WriteState,
)
from . import statements as s
from .codec import moment, stamp
from .listing import Listing
from .rows import (
    Alias,
    Claim,
    Sealing,
    alias_row,
    attempt_row,
    gap_row,
    history_row,
    link_row,
    read_attempt,
    read_link,
    read_record,
    read_review,
    read_transitions,
    read_write,
    record_row,
    review_row,
    transitions_text,
    write_row,
)
from .tx import Row, Tx
from .vault import Seals

V = TypeVar("V")

REMEMBERED = timedelta(hours=1)  # how far back a family's transitions reach


@dataclass(frozen=True, slots=True)
class Found:
    """Where an external id leads. `link` is None for an alias of a record without one."""

    family: str
    record: str
    link: str | None
    state: LinkState


class Families:
    """`tx.families`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._listing = Listing(tx)
        self._met: dict[str, Family] = {}  # loaded or saved in this transaction

    # ---------------------------------------------------------------------------------------------------- loading

    def family(self, id: str) -> Family:
        """One family. NotFoundError if there is none."""
        found = self.families([id]).get(id)
        if found is None:
            raise NotFoundError(f"There is no family {id}.")
        return found

    def families(self, ids: Collection[str]) -> dict[str, Family]:
        """Those of the ids that exist, each with its open attempts, open and dead writes, and open reviews."""
        if not ids:
            return {}
        kept = self._tx.shared.kept
        revs = dict(self._tx.rows(s.FAMILY_REVS, ids=ids))
        out = {id: family for id, rev in revs.items() if (family := self._as_met(id, rev) or kept.get(id, rev))}
        if missing := [id for id in revs if id not in out]:
            loaded = self._load(missing)
            self._met |= loaded
            self._tx.after_commit(lambda: kept.put(loaded.values()))
            out |= loaded
        return out

    def _as_met(self, id: str, rev: int) -> Family | None:
        met = self._met.get(id)
        return met if met is not None and met.rev == rev else None

    def _load(self, ids: Collection[str]) -> dict[str, Family]:
        heads = self._tx.rows(s.FAMILIES, ids=ids)  # first: whatever commits later makes this rev stale
        found = [self._tx.rows(sql, ids=ids) for sql in (s.RECORDS_OF, s.LINKS_OF, s.WRITES_OF, s.REVIEWS_OF)]
        seals = self._tx.vault
        seals.fetch([row[-1] for rows in (heads, *found) for row in rows])
        records, links, writes, reviews = (
            _grouped(seals, rows, make)
            for rows, make in zip(found, (read_record, read_link, read_write, read_review), strict=True)
        )
        attempts = _grouped(seals, self._tx.rows(s.ATTEMPTS_OF, ids=ids), read_attempt)
        return {
            id: Family(
                id=id,
                workspace=workspace,
                kind=Kind(kind),
                rev=rev,
                salt=salt,
                records=records.get(id, {}),
                links=links.get(id, {}),
                attempts=attempts.get(id, {}),
                writes=writes.get(id, {}),
                reviews=reviews.get(id, {}),
                transitions=seals.decoded(transitions, read_transitions) if transitions else (),
                state=FamilyState(state),
            )
            for id, workspace, kind, rev, salt, state, transitions in heads
        }

    def recall(self, families: Iterable[Family]) -> None:
        """These were loaded a moment ago: in this transaction they are not loaded again, unless they have changed."""
        self._met.update((one.id, one) for one in families)

    def shown(self, ids: Collection[str], kinds: Collection[Kind]) -> dict[str, Family]:
        """Families with their records of these kinds and nothing else: to be looked at in numbers, never to be planned
        or saved."""
        heads = self._tx.rows(s.FAMILY_HEADS, ids=ids) if ids else []
        found = self._tx.rows(s.RECORDS_OF_KINDS, ids=ids, kinds=kinds) if heads else []
        self._tx.vault.fetch([row[-1] for row in found])
        records = _grouped(self._tx.vault, found, read_record)
        return {
            id: Family(id, workspace, Kind(kind), rev, salt, records.get(id, {}), state=FamilyState(state))
            for id, workspace, kind, rev, salt, state in heads
        }

    def record_family(self, record: str) -> str | None:
        """The id of the family a record belongs to."""
        row = self._tx.row(s.RECORD_FAMILY, id=record)
        return None if row is None else row[0]

    def homes(self, records: Collection[str]) -> dict[str, str]:
        """By record, the id of the family it belongs to."""
        return dict(self._tx.rows(s.RECORD_FAMILIES, ids=records)) if records else {}

    def revs(self, ids: Iterable[str]) -> dict[str, int]:
        """How often each of these families has changed: as long as none of them moves, they are as they were."""
        return dict(self._tx.rows(s.FAMILY_REVS, ids=list(ids)))

    def review_family(self, workspace: str, review: str) -> str | None:
        """The family of an open review item."""
        row = self._tx.row(s.REVIEW_FAMILY, workspace=workspace, id=review)
        return None if row is None else row[0]

    def answered(self, family: str, kind: ReviewKind, about: str) -> bool:
        """Whether a person was asked this about somebody before, and it is over."""
        return self._tx.row(s.REVIEW_ANSWERED, family=family, kind=kind, about=about) is not None

    def about_two(self, families: Collection[str]) -> list[Review]:
        """What was ever asked in these families about two records being one person, lapsed items apart."""
        rows = self._tx.rows(s.REVIEWS_ABOUT_TWO, ids=families)
        self._tx.vault.fetch([row[-1] for row in rows])
        return [read_review(self._tx.vault, row) for row in rows]

    def failure_family(self, workspace: str, write: str) -> str | None:
        """The family of a write that will not succeed by itself."""
        row = self._tx.row(s.FAILURE_FAMILY, workspace=workspace, id=write)
        return None if row is None else row[0]

    def records(self, workspace: str, ids: Collection[str]) -> dict[str, Record]:
        """Records by id, without their families."""
        if not ids:
            return {}
        rows = self._tx.rows(s.RECORDS, workspace=workspace, ids=ids)
        self._tx.vault.fetch([row[-1] for row in rows])
        return {row[1]: read_record(self._tx.vault, row) for row in rows}

    def resolve(self, connection: str, externals: Iterable[tuple[Kind, str]]) -> dict[tuple[Kind, str], Found]:
        """What these objects of a connection are to us, by link or by alias; unknown ones are left out."""
        wanted = sorted({(str(kind), external) for kind, external in externals})
        if not wanted:
            return {}
        found = self._tx.rows(s.RESOLVE_LINKS, connection=connection, wanted=wanted)
        known = {(row[0], row[1]) for row in found}
        missing = [pair for pair in wanted if pair not in known]
        if missing:
            found += self._tx.rows(s.RESOLVE_ALIASES, connection=connection, wanted=missing)
        return {
            (Kind(kind), external): Found(family, record, link, LinkState(state))
            for kind, external, family, record, link, state in found
        }

    def refs(
        self,
        workspace: str,
        connections: Collection[str],
        records: Collection[str] = (),
        externals: Iterable[tuple[str, Kind, str]] = (),
    ) -> Refs:
        """External ids of records, records of external ids (aliases too), and all those records themselves."""
        at = {
            (connection, record): external
            for connection, record, external in (
                self._tx.rows(s.EXTERNALS_OF, records=records, connections=connections) if records else ()
            )
        }
        wanted = sorted({(connection, str(kind), external) for connection, kind, external in externals})
        back: dict[tuple[str, Kind, str], str] = {}
        if wanted:
            for sql in (s.ALIASES_AT, s.RECORDS_AT):  # a link wins over an alias
                rows = self._tx.rows(sql, workspace=workspace, wanted=wanted)
                back.update({(connection, Kind(kind), ext): record for connection, kind, ext, record in rows})
        return Refs(at, back, self.records(workspace, {*records, *back.values()}))

    def awaited(self, workspace: str) -> list[tuple[str, str, int, datetime]]:
        """(connection, record, how many people, since when) for what writes wait for: a record not there yet."""
        rows = self._tx.rows(s.AWAITED, workspace=workspace)
        return [(at, record, int(n), moment(since)) for at, record, n, since in rows]

    def waiting_at(self, connection: str) -> set[str]:
        """Families of which something waits at a connection for a record that is not there."""
        return {family for (family,) in self._tx.rows(s.FAMILIES_WAITING, connection=connection)}

    def stages(self, jobs: Collection[str]) -> set[str]:
        """The stages of these jobs."""
        return {record for (record,) in self._tx.rows(s.STAGES_OF, jobs=sorted(jobs))} if jobs else set()

    def prospects(self, workspace: str, keys: Collection[str]) -> list[tuple[str, str, str]]:
        """Who holds these identity keys: (key, family, record). Who was merged into somebody holds theirs still, in
        that one's family."""
        if not keys or not self._tx.vault.has(workspace):
            return []
        kept = {self._claimed(workspace, key): key for key in keys}
        found = self._tx.rows(s.PROSPECTS, workspace=workspace, keys=kept)
        return sorted((kept[key], family, record) for key, family, record in found)

    def open_creates(self, connection: str, kind: Kind) -> list[tuple[str, Attempt]]:
        """Creates of a kind that were sent and have no known outcome: (family, attempt)."""
        return [
            (row[0], read_attempt(self._tx.vault, row))
            for row in self._tx.rows(s.OPEN_CREATES, connection=connection, kind=kind)
        ]

    # ----------------------------------------------------------------------------------------------------- saving

    def save(
        self,
        before: Family | None,
        after: Family,
        *,
        now: datetime,
        history: Sequence[History] = (),
        gaps: Sequence[Gap] = (),
        claims: Sequence[Claim] = (),
        released: Sequence[Claim] = (),
        linked: Sequence[tuple[str, str]] = (),
        aliases: Sequence[Alias] = (),
    ) -> Family:
        """Write what changed between two states of a family; the family as it is stored now.

        `before` is what was loaded (None: new). `linked` are the (connection, record) that have a link now: writes
        waiting for them become due, here and in other families. Records and links that `after` lacks are deleted,
        unless another family has taken them; attempts it lacks have ended, writes are closed as moot, reviews lapse.
        Raises StaleError when the family has moved on, or a link or (for a new family) a claim is somebody else's;
        the unit, or the savepoint around this call, must then end.
        """
        at = stamp(now)
        stored = self._advance(before, after, at)
        old = before or Family(after.id, after.workspace, after.kind, 0, after.salt)
        self._save_records(old, after, at)
        self._save_links(old, after)
        self._save_attempts(old, after, at)
        due, linked_already = self._save_writes(old, after, at)
        self._save_reviews(old, after, at)
        seal = self._sealing(after)
        self._tx.many(s.HISTORY_ADD, [history_row(seal, after, line) for line in history])
        self._save_gaps(old, after, gaps, at)
        self._tx.many(s.CLAIMS_DROP, [self._claim_row(after, claim) for claim in released])
        self._claim(after, claims, new=before is None)
        self._tx.many(s.ALIAS_SET, [alias_row(after, alias) for alias in aliases])
        self._tx.many(s.WRITE_LANE_WANT, [lane_wanted(c, after.id, at, person=due[c]) for c in sorted(due)])
        if self._wake([*linked, *linked_already], after.id, at):
            return self.family(after.id)
        self._met[stored.id] = stored
        self._tx.after_commit(lambda: self._tx.shared.kept.put([stored]))
        return stored

    def looked_at(self, family: str, *, now: datetime) -> None:
        """A person has opened this candidate: the applications are among those looked at from now on."""
        self._tx.run(s.APPLICATIONS_SEEN, family=family, now=stamp(now))
        self._tx.run(s.FITS_SEEN, family=family, now=stamp(now))

    def wake(self, linked: Sequence[tuple[str, str]], *, now: datetime) -> None:
        """Make writes due that wait for these (connection, record)."""
        self._wake(linked, "", stamp(now))

    # ------------------------------------------------------------------------------------------------------ parts

    def _sealing(self, family: Family) -> Sealing:
        """Seals text for whom a family's rows are sealed: the person, else the workspace."""
        owner = family.id if family.kind is Kind.CANDIDATE else None
        seals = self._tx.vault
        return lambda text: seals.seal(family.workspace, owner, text.encode())

    def _claimed(self, workspace: str, key: str) -> str:
        """What stands for an identity key (an e-mail, a number): a digest under the workspace's key."""
        return self._tx.vault.digest(workspace, None, b"claim" + key.encode())

    def _claim_row(self, family: Family, claim: Claim) -> dict[str, Any]:
        key = self._claimed(family.workspace, claim.key)
        return {"workspace": family.workspace, "key": key, "record": claim.record, "family": family.id}

    def _advance(self, before: Family | None, after: Family, at: int) -> Family:
        """Move the rev, if nobody else has; the family as loading it again would give it."""
        recent = _recent(after.transitions)
        text: bytes | None = None  # as it was
        if before is None or recent != before.transitions:
            text = self._sealing(after)(transitions_text(recent)) if recent else b""
        head = {
            "id": after.id,
            "salt": after.salt,
            "state": after.state,
            "transitions": text,
            "now": at,
        }
        if before is None:
            done = self._tx.run(s.FAMILY_NEW, workspace=after.workspace, kind=after.kind, **head)
        else:
            done = self._tx.run(s.FAMILY_SET, rev=before.rev, **head)
        if not done:
            raise StaleError(f"Family {after.id} has moved on from rev {before.rev if before else 0}.")
        return replace(
            after,
            rev=before.rev + 1 if before else 1,
            transitions=recent,
            writes={id: write for id, write in after.writes.items() if write.state in _LOADED},
            reviews={id: review for id, review in after.reviews.items() if review.state is ReviewState.OPEN},
        )

    def _save_records(self, old: Family, new: Family, at: int) -> None:
        changed, gone = _difference(old.records, new.records)
        seal = self._sealing(new)
        self._tx.many(s.RECORD_SET, [record_row(seal, new, record, at) for record in changed])
        if gone:
            self._tx.run(s.RECORDS_DROP, family=new.id, ids=gone)
        self._listing.update(old, new, changed, gone, at)
        if changed or gone or old.state is not new.state:
            self._tx.tools.mark(old, new, changed, gone)
            self._tx.indexed.mark(old, new, changed, gone)

    def _save_links(self, old: Family, new: Family) -> None:
        changed, gone = _difference(old.links, new.links)
        if gone:  # first: a link's external id may go to another
            self._tx.run(s.LINKS_DROP, family=new.id, ids=gone)
        seal = self._sealing(new)
        made = [link_row(seal, new, link) for link in changed if link.id not in old.links]
        moved = [link_row(seal, new, link) for link in changed if link.id in old.links]
        if self._tx.many(s.LINK_SET, moved) != len(moved):
            raise StaleError(f"A link of family {new.id} is gone.")
        if self._tx.many(s.LINK_NEW, made) != len(made):
            raise StaleError(f"An external id that family {new.id} met belongs to another record already.")

    def _save_gaps(self, old: Family, new: Family, gaps: Sequence[Gap], at: int) -> None:
        """What a record's field shows is understood now, or is another unknown value: the gap is no longer that
        record's, and closes when it is nobody's."""
        met = [gap_row(new.workspace, gap, at) for gap in gaps]
        over = [
            {"connection": link.connection, "kind": link.kind, "field": name, "record": link.record}
            for link in old.links.values()
            for name, pair in link.pairs.items()
            if pair.gap and not _has_gap(new.links.get(link.id), name)
        ]
        left = [{name: row[name] for name in ("connection", "kind", "field", "record")} for row in met if row["record"]]
        if over or left:
            self._tx.many(s.GAP_RECORD_LEFT, [*over, *left])
        self._tx.many(s.GAP_SET, met)
        self._tx.many(s.GAP_RECORD_ADD, [row for row in met if row["record"] is not None])
        fields = {(row["connection"], row["kind"], row["field"]) for row in [*over, *left]}
        for connection, kind, name in sorted(fields):
            self._tx.run(s.GAPS_CLOSE_LEFT, connection=connection, kind=kind, field=name)

    def _save_attempts(self, old: Family, new: Family, at: int) -> None:
        changed, ended = _difference(old.attempts, new.attempts)
        self._tx.many(s.ATTEMPT_SET, [attempt_row(new, attempt) for attempt in changed])
        if ended:
            self._tx.run(s.ATTEMPTS_END, family=new.id, ids=ended, now=at)

    def _save_writes(self, old: Family, new: Family, at: int) -> tuple[dict[str, bool], list[tuple[str, str]]]:
        """(connections at which a write has become due, and whether a person waits for one of them; what a write waits
        for that is linked already)"""
        changed, gone = _difference(old.writes, new.writes)
        if gone:
            self._tx.run(s.WRITES_CLOSE, family=new.id, ids=gone, now=at)
        changed.sort(key=lambda write: write.state in OPEN_WRITES)  # closed first: one is open per key
        seal = self._sealing(new)
        self._tx.many(s.WRITE_SET, [write_row(seal, new, write) for write in changed])
        due: dict[str, bool] = {}
        for write in changed:
            if write.state is WriteState.DUE and not _was_due(old.writes.get(write.id)):
                due[write.connection] = due.get(write.connection, False) or write.actor.kind is ActorKind.PERSON
        return due, self._save_waits(old, changed, gone)

    def _save_waits(self, old: Family, changed: Sequence[Write], gone: Sequence[str]) -> list[tuple[str, str]]:
        settled = [w.id for w in changed if w.id in old.writes and old.writes[w.id].state is WriteState.WAITING]
        if settled or gone:
            self._tx.run(s.WAITS_DROP, ids=[*settled, *gone])
        waits = [
            {"write": write.id, "record": record, "connection": write.connection}
            for write in changed
            if write.state is WriteState.WAITING
            for _, record in write.waits_for
        ]
        if not waits:
            return []
        pairs = sorted({(wait["connection"], wait["record"]) for wait in waits})
        self._tx.lock([f"{connection} {record}" for connection, record in pairs])  # against a link made meanwhile
        self._tx.many(s.WAIT_ADD, waits)
        return [(connection, record) for connection, record in self._tx.rows(s.WAITS_OVER, waits=pairs)]

    def _save_reviews(self, old: Family, new: Family, at: int) -> None:
        changed, gone = _difference(old.reviews, new.reviews)
        seal = self._sealing(new)
        self._tx.many(s.REVIEW_SET, [review_row(seal, new, review) for review in changed])
        if gone:
            self._tx.run(s.REVIEWS_LAPSE, family=new.id, ids=gone, now=at)

    def _claim(self, family: Family, claims: Sequence[Claim], *, new: bool) -> None:
        sole = [claim for claim in claims if new and not claim.shared]
        if sole:
            first = [self._claim_row(family, claim) for claim in sole]
            keys = [row["key"] for row in first]
            held = self._tx.rows(s.CLAIM_HELD, workspace=family.workspace, keys=keys, family=family.id)
            if held or self._tx.many(s.CLAIM_FIRST, first) != len(sole):
                raise StaleError(f"Somebody else was met with an identity key of family {family.id}.")
        self._tx.many(s.CLAIM_ALSO, [self._claim_row(family, c) for c in claims if c not in sole])

    def _wake(self, linked: Sequence[tuple[str, str]], own: str, at: int) -> bool:
        """Free writes whose waiting is over; whether one of family `own` was among them."""
        pairs = sorted(set(linked))
        if not pairs:
            return False
        self._tx.lock([f"{connection} {record}" for connection, record in pairs])
        met = sorted({write for (write,) in self._tx.rows(s.WAITS_MET, linked=pairs)})
        if not met:
            return False
        freed = sorted(set(self._tx.rows(s.WRITES_FREE, ids=met)))
        families = sorted({family for _, family in freed})
        self._tx.run(s.FAMILIES_BUMP, ids=families, now=at)
        self._tx.many(s.WRITE_LANE_WANT, [lane_wanted(c, f, at) for c, f in freed])
        return own in families


def lane_wanted(connection: str, family: str, at: int, *, person: bool = False) -> dict[str, Any]:
    """The row that makes a family's lane due; those a person waits for go first."""
    return {"connection": connection, "family": family, "now": at, "rank": 0 if person else 1}


_LOADED = OPEN_WRITES | {WriteState.DEAD, WriteState.DISCARDED}


def _was_due(write: Write | None) -> bool:
    return write is not None and write.state is WriteState.DUE


def _difference(old: Mapping[str, V], new: Mapping[str, V]) -> tuple[list[V], list[str]]:
    """(values that are new or changed, ids that are gone)"""
    changed = [v for id, v in new.items() if (was := old.get(id)) is not v and was != v]
    return changed, [id for id in old if id not in new]


def _has_gap(link: Link | None, name: str) -> bool:
    pair = link.pairs.get(name) if link is not None and link.open else None
    return pair is not None and pair.gap


def _grouped(seals: Seals, rows: Iterable[Row], make: Any) -> dict[str, dict[str, Any]]:
    out: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for row in rows:
        out[row[0]][row[1]] = make(seals, row)
    return out


def _recent(transitions: Sequence[Transition]) -> tuple[Transition, ...]:
    if not transitions:
        return ()
    since = max(t.at for t in transitions) - REMEMBERED
    return tuple([t for t in transitions if t.at >= since])
