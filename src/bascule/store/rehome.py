"""What is kept of records that leave a family for another: sealed anew for whom they are of now.

A record that is told apart from another person takes its history, scores and files along, so that the erasure of the
one leaves the other whole, and takes all of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from ..model import Family, History, ReviewKind, replace
from . import statements as s
from .codec import stamp
from .inbox import LAST
from .lanes import NEVER
from .queries import history_of
from .rows import history_row, read_review, review_row
from .stored import Content
from .tx import Tx

KEPT: tuple[Content, ...] = ("raw", "resume", "text", "study", "answer")


def rehome(
    tx: Tx,
    old: Family,
    new: Family,
    records: Collection[str],
    *,
    homes: Collection[str],
    stays: Callable[[History], History | None],
    since: datetime,
    now: datetime,
) -> None:
    """Move what was kept of these records of `old`, and of their links, to `new`, which holds them now. `homes` are
    under whom it may be kept: `old`, and the families that were merged into it. `stays` says what of a line of history
    does: None of what was copied from what they held, for `new` has its own. They were one `since` then."""
    for home in homes:
        _told(tx, replace(old, id=home), new, records, stays)
        _answered(tx, home, new, records, since)
    tx.vectors.drop(records)
    tx.found.move(new.workspace, new.id, records)
    tx.lookups.move(new.id, records)
    tx.events.rehome(old.id, new.id, records)
    for wrong in tx.corrections.of(records).values():
        for one in wrong:
            tx.corrections.move(new.workspace, new.id, one)
    for outcome in tx.outcomes.of(records).values():
        tx.outcomes.set(new.workspace, new.id, outcome)
    tx.figures.move(new.id, records)
    tx.screenings.move(new.workspace, new.id, records)
    tx.shortlists.move(new.workspace, new.id, records)
    tx.interviews.move(new.workspace, new.id, records)
    for scores in tx.scores.of_all(records).values():
        for score in scores:
            tx.scores.set(new.workspace, new.id, score)
            if score.stale:
                tx.scores.make_stale(score.application)
    owners = [*records, *(link.id for link in new.links.values())]
    for owner in owners:
        for what in KEPT:
            address = tx.stored.of(owner, what)
            item = tx.stored.item(address) if address is not None else None
            if item is not None and item.family in homes:
                data = tx.stored.get(item.address)
                tx.stored.put(new.workspace, new.id, what, owner, data, now=now, media=item.media)


def _told(
    tx: Tx, old: Family, new: Family, records: Collection[str], stays: Callable[[History], History | None]
) -> None:
    where = {"family": old.id, "record": "", "since": 0, "before": stamp(NEVER), "limit": LAST}
    lines = [(row, history_of(tx.vault, row)) for row in tx.rows(s.HISTORY_OF, **where)]
    left = [(row, line, stays(line)) for row, line in lines]
    tx.run(s.HISTORY_DROP, lines=[row[0] for row, _, mine in left if mine is None])
    for row, line, mine in left:
        if mine is not None and mine is not line:
            sealed = history_row(lambda text: tx.vault.seal(old.workspace, old.id, text.encode()), old, mine)
            tx.run(s.HISTORY_AMEND, seq=row[0], body=sealed["body"])
    moved = [(row, line) for row, line in lines if row[1] in records]
    for row, line in reversed(moved):
        sealed = history_row(lambda text: tx.vault.seal(new.workspace, new.id, text.encode()), new, line)
        tx.run(s.HISTORY_ADD, **sealed)
        tx.run(s.HISTORY_DROP, lines=[row[0]])


def _answered(tx: Tx, home: str, new: Family, records: Collection[str], since: datetime) -> None:
    """Questions that are over go along too, but for conflicts of the time in which two were one: those say what was
    held of both."""
    for row in tx.rows(s.REVIEWS_OVER, family=home):
        review = read_review(tx.vault, row)
        link = next((new.links[one] for one in review.about.split("|") if one in new.links), None)
        if link is None and review.record not in records:
            continue
        if review.kind is ReviewKind.CONFLICT and review.at >= since:
            tx.run(s.REVIEW_DROP, id=review.id)
            continue
        mine = replace(review, record=link.record if link is not None else review.record)
        tx.run(s.REVIEW_SET, **review_row(lambda text: tx.vault.seal(new.workspace, new.id, text.encode()), new, mine))
