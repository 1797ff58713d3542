"""Who may be one person: each question with both sides, and all whose answer is hardly in doubt."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from bascule.core.reviews import ABOUT_TWO, named
from bascule.engine.doubles import SWEEP
from bascule.model import Family, Kind, Link, Record, RecordState, Review, ReviewKind, Value
from bascule.office.merges import Certain, Made, Merges
from bascule.store import Tx
from bascule.store.listing import fold
from bascule.store.queries import END

from ..rendering import query
from ..views.duplicates import BatchRow, CertainList, CertainRow, DuplicateList, PairLine, PairRow, PairSide, Said
from ..views.parts import Paging
from . import sql, words

LIMIT = 10
TOGETHER = 200  # pairs that one form may join
COUNTED = 1000  # questions that are looked at for how many are certain
BATCHES = 5
FIELDS = ("emails", "phones", "links", "title", "company", "tags")
SAME, DIFFERS, ONE = "same", "differs", "on one side"


def page_of(tx: Tx, merges: Merges, workspace: str, before: str, now: datetime, *, may: bool) -> DuplicateList:
    """The open questions, the newest first."""
    asked = [
        review
        for kind in ABOUT_TWO
        for review in tx.pages.asked(workspace, kind, before=before or END, limit=LIMIT + 1)
    ]
    asked.sort(key=lambda review: review.id, reverse=True)
    counts = _counts(tx, workspace)
    total = sum(counts.get(kind, 0) for kind in ABOUT_TWO)
    more = query("/duplicates", {}, before=asked[LIMIT - 1].id) if len(asked) > LIMIT else ""
    people = words.people(tx, workspace)
    due = (task.due for task in tx.tasks.list(workspace, name=SWEEP))
    return DuplicateList(
        rows=_pairs(tx, workspace, asked[:LIMIT]),
        total=total,
        certain=len(merges.certain_in(tx, COUNTED)),
        certain_of=COUNTED if counts.get(ReviewKind.MERGE, 0) > COUNTED else 0,
        paging=Paging(next=more, first="/duplicates" if before else "", total=total),
        there=counts.get(ReviewKind.DUPLICATE, 0),
        batches=tuple(_batch(one, people) for one in merges.batches_in(tx, BATCHES)),
        sweeping=any(at <= now for at in due),
        may=may,
        place=before,
    )


def pairs_in_question(tx: Tx, workspace: str) -> int:
    """How many questions are open whether two are one person."""
    counts = _counts(tx, workspace)
    return sum(counts.get(kind, 0) for kind in ABOUT_TWO)


def _counts(tx: Tx, workspace: str) -> dict[str, int]:
    return {str(kind): int(many) for kind, many in tx.rows(sql.REVIEW_KINDS, workspace=workspace)}


def certain_of(tx: Tx, merges: Merges, workspace: str, *, may: bool) -> CertainList:
    """The pairs that a person may join together, at most `TOGETHER` at once."""
    found = merges.certain_in(tx)
    shown = found[:TOGETHER]
    families = _families(tx, [id for one in shown for id in (one.record, one.other)])
    names = words.connection_names(tx, workspace)
    rows = (_certain(one, families, names) for one in shown)
    return CertainList(tuple(row for row in rows if row is not None), len(found), may)


def _certain(one: Certain, families: Mapping[str, Family], names: Mapping[str, str]) -> CertainRow | None:
    homes = [families.get(id) for id in (one.record, one.other)]
    if homes[0] is None or homes[1] is None:
        return None
    pair = ((one.record, homes[0]), (one.other, homes[1]))
    (stays, first), (goes, second) = sorted(pair, key=lambda each: each[1].id)
    return CertainRow(
        one.review, _side(stays, first, names, True), _side(goes, second, names, False),
        (_known_by(first.records[stays]), _known_by(second.records[goes])), one.shared,
    )  # fmt: skip


def _known_by(record: Record) -> str:
    said = [words.text(record.fields[name]) for name in FIELDS[:3] if record.fields.get(name)]
    job = ", ".join(str(record.fields[name]) for name in ("title", "company") if record.fields.get(name))
    return "; ".join([*said, *([job] if job else [])])


def _batch(one: Made, people: Mapping[str, str]) -> BatchRow:
    return BatchRow(one.id, one.at, people.get(one.actor, one.actor), one.pairs)


# --------------------------------------------------------------------------------------------------------- the pairs


def _pairs(tx: Tx, workspace: str, asked: Sequence[Review]) -> tuple[PairRow, ...]:
    """Questions whose records are all there."""
    wanted = {review.id: [one for one in (review.record, *named(review)) if one] for review in asked}
    families = _families(tx, [id for ids in wanted.values() for id in ids])
    names = words.connection_names(tx, workspace)
    jobs = tx.families.records(workspace, _jobs(families.values()))
    return tuple(
        _pair(review, [(id, families[id]) for id in wanted[review.id] if id in families], names, jobs)
        for review in asked
    )


def _families(tx: Tx, records: Sequence[str]) -> dict[str, Family]:
    """By record: its family."""
    homes = {id: home for id in dict.fromkeys(records) if (home := tx.families.record_family(id)) is not None}
    found = tx.families.families(set(homes.values()))
    return {id: found[home] for id, home in homes.items() if home in found and id in found[home].records}


def _pair(
    review: Review, held: Sequence[tuple[str, Family]], names: Mapping[str, str], jobs: Mapping[str, Record]
) -> PairRow:
    first = min((family.id for _, family in held), default="")
    records = [family.records[id] for id, family in held]
    lines = [_line(Kind.CANDIDATE, name, [record.fields.get(name) for record in records]) for name in FIELDS]
    lines.append(_compared("Applied for", [_applied(family, id, jobs) for id, family in held]))
    shared = review.detail.get("shared")
    return PairRow(
        review.id,
        tuple(_side(id, family, names, family.id == first and len(held) == 2) for id, family in held),
        tuple(line for line in lines if any(line.cells)),
        tuple(str(one) for one in shared) if isinstance(shared, tuple) else (),
        review.detail.get("certain") is True,
        review.at,
    )


def _side(id: str, family: Family, names: Mapping[str, str], stays: bool) -> PairSide:
    record = family.records[id]
    met = words.moment(record.fields.get("created_at"))
    where = sorted({names.get(link.connection, "") for link in _objects(family, id)} - {""})
    return PairSide(id, words.title(record) or "name removed", f"/candidates/{id}", met, ", ".join(where), stays)


def _objects(family: Family, record: str) -> list[Link]:
    return [link for link in family.links.values() if link.record == record and link.open]


def _line(kind: Kind, name: str, values: Sequence[Value]) -> PairLine:
    said = [
        tuple(str(one) for one in value) if isinstance(value, tuple) else (str(value),) if value else ()
        for value in values
    ]
    return _compared(words.label(kind, name), said)


def _compared(name: str, said: Sequence[Sequence[str]]) -> PairLine:
    """What each side says, and which of it others say too."""
    folded = [{fold(one) for one in side} for side in said]
    cells = tuple(tuple(Said(one, _elsewhere(fold(one), folded, n)) for one in side) for n, side in enumerate(said))
    filled = [side for side in folded if side]
    how = ONE if len(filled) < 2 else SAME if all(side == filled[0] for side in filled) else DIFFERS
    return PairLine(name, cells, how)


def _elsewhere(one: str, folded: Sequence[set[str]], n: int) -> bool:
    return any(one in side for place, side in enumerate(folded) if place != n)


def _applied(family: Family, candidate: str, jobs: Mapping[str, Record]) -> tuple[str, ...]:
    """The jobs somebody has applied for, each with how it stands."""
    found: list[str] = []
    for record in family.children(candidate, Kind.APPLICATION):
        if record.state is RecordState.LIVE:
            job = jobs.get(str(record.fields.get("job") or ""))
            status = str(record.fields.get("status") or "")
            found.append(f"{words.title(job) or 'a job Bascule has not read'}{f', {status}' if status else ''}")
    return tuple(dict.fromkeys(found))


def _jobs(families: Collection[Family]) -> set[str]:
    return {
        str(record.fields["job"])
        for family in families
        for record in family.records.values()
        if record.kind is Kind.APPLICATION and record.fields.get("job")
    }
