"""One cause that would change very many records of a system is one question to a person, and travels when answered.

A cause is what somebody does in one connected system within `WINDOW`, or one rule. What a person does here is decided
one by one; what an AI writes are its own fields, one application each; a creation touches no record that is there. So
none of these is counted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta

from bascule.core import gates
from bascule.core.draft import Context, Draft, Plan
from bascule.core.writing import arrange
from bascule.model import (
    BASCULE,
    OURS,
    Actor,
    Divergence,
    Family,
    HistoryKind,
    Review,
    ReviewKind,
    Source,
    WriteState,
)

LEAST = 25
SHARE = 100  # one in so many: 1 %
WINDOW = timedelta(minutes=10)
PENDING = frozenset({WriteState.DUE, WriteState.WAITING, WriteState.HELD})


def limit(records: int) -> int:
    """How many of a connection's records one cause may touch before a person is asked."""
    return max(LEAST, records // SHARE)


def touched(before: Family | None, planned: Plan) -> frozenset[tuple[str, str]]:
    """(connection, cause) under which this step makes the family owe something that it did not owe before."""
    known = before.writes if before is not None else {}
    return frozenset(
        (write.connection, cause)
        for id, write in planned.family.writes.items()
        if write.state in PENDING and id not in known and (cause := gates.cause_of(write))
    )


def hold(planned: Plan, causes: Collection[tuple[str, str]]) -> Plan:
    """The same plan, with what these causes make due held."""
    writes = {
        id: replace(write, state=WriteState.HELD, why=gates.BULK)
        if write.state in PENDING and (write.connection, gates.cause_of(write)) in causes
        else write
        for id, write in planned.family.writes.items()
    }
    return replace(planned, family=replace(planned.family, writes=writes))


def ask(planned: Plan, connection: str, cause: str, seen: Mapping[str, int], context: Context) -> tuple[Plan, Review]:
    """The same plan, with the one question to a person in it."""
    root = planned.family.root.id
    about = f"bulk|{connection}|{cause}"
    review = Review(
        context.ids(), ReviewKind.BULK, root, connection, "", about, {"cause": cause, **seen}, BASCULE, context.now
    )
    reviews = {**planned.family.reviews, review.id: review}
    return replace(planned, family=replace(planned.family, reviews=reviews)), review


def arranged(family: Family, context: Context) -> Plan:
    """The family with its writes as they stand under what is held now."""
    draft = Draft(family, context)
    arrange(draft)
    return draft.finish()


def refuse(family: Family, connection: str, cause: str, actor: Actor, context: Context) -> Plan:
    """A person refused the bulk change: what it would have written here is settled as it is, listed, and not asked
    again until the value changes once more."""
    draft = Draft(family, context)
    source = Source(OURS, actor, f"bulk|{cause}", draft.now)
    why = "refused as part of a bulk change"
    for write in list(draft.writes.values()):
        if write.state not in PENDING or write.connection != connection or gates.cause_of(write) != cause:
            continue
        link = draft.links.get(write.link or "")
        if link is None:
            continue
        for name in sorted(write.fields):
            fields, pair = draft.map_of(link, name), draft.links[link.id].pairs.get(name)
            if fields is None or pair is None:
                continue
            rendered = draft.render(link, fields)
            settled = replace(pair, ours=rendered, has_ours=True, divergence=Divergence.CONFLICT)
            draft.pair(link.id, name, settled)
            draft.note(link.record, HistoryKind.REFUSED, fields.canonical[0], rendered, pair.theirs, source, why)
        if not write.fields:
            draft.write(replace(write, state=WriteState.DISCARDED, given_up=why, closed=draft.now))
            draft.note(write.record, HistoryKind.REFUSED, "", None, None, source, why)
    arrange(draft)
    return draft.finish()
