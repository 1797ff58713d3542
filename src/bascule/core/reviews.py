"""What a person decides: proposals, conflicts, failures, and what a new mapping or a promotion does to old ground."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bascule.core import counterparts, gates, identity, merges
from bascule.core.baseline import rebase_link, take
from bascule.core.digest import canonical, elements, same
from bascule.core.draft import Context, Draft, Plan, conflict_key, value_of
from bascule.core.edits import checked
from bascule.core.gone import revive
from bascule.core.writing import arrange, maker_of
from bascule.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from bascule.model import (
    OPEN_WRITES,
    OURS,
    Actor,
    ActorKind,
    Direction,
    Divergence,
    Family,
    FieldMap,
    Fields,
    HistoryKind,
    Link,
    LinkState,
    Pair,
    RecordState,
    Review,
    ReviewKind,
    ReviewState,
    Source,
    Value,
    Write,
    WriteState,
    replace,
)

APPROVE, DECLINE, TAKE_THEIRS, WRITE_OURS, LEAVE = "approve", "decline", "take_theirs", "write_ours", "leave"
ANSWERS: Mapping[ReviewKind, tuple[str, ...]] = {
    ReviewKind.PROPOSAL: (APPROVE, DECLINE),
    ReviewKind.CONFLICT: (TAKE_THEIRS, WRITE_OURS, LEAVE),
    ReviewKind.REFUSED: (TAKE_THEIRS, WRITE_OURS, LEAVE),
    ReviewKind.IDENTITY: (APPROVE, DECLINE),
    ReviewKind.MERGE: (APPROVE, DECLINE),
    ReviewKind.BULK: (APPROVE, DECLINE),
    ReviewKind.MESSAGE: (APPROVE, DECLINE),
    ReviewKind.REPLY: (APPROVE, LEAVE),
    ReviewKind.SHORTLIST: (APPROVE, DECLINE),
    ReviewKind.FEEDBACK: (APPROVE, DECLINE),
}
"""What may be answered; every other kind takes approve, decline or leave."""
ABOUT_TWO = frozenset({ReviewKind.IDENTITY, ReviewKind.MERGE})
"""Items that ask whether two records are one person."""


def decide(family: Family, review_id: str, answer: str, actor: Actor, context: Context, value: Value = None) -> Plan:
    """A person answers a review item. Where what was asked has moved on, the item lapses and nothing else changes.

    `value` replaces the proposed value on approval. That two records are one person is approved by merging their
    families (`merge`), which answers the item: it is no step of one family.
    """
    draft = Draft(family, context)
    review = answerable(family, review_id, answer, actor)
    if answer == APPROVE and review.kind in ABOUT_TWO:
        raise InputError("Two records become one by merging their families.")
    if _moved(draft, review):
        draft.close(review, ReviewState.LAPSED, actor, "the value has changed since")
    else:
        _act(draft, review, answer, actor, value)
        state = ReviewState.DECLINED if answer in (DECLINE, LEAVE) else ReviewState.APPROVED
        draft.close(draft.reviews[review.id], state, actor, answer)
    arrange(draft)
    if review.kind is ReviewKind.IDENTITY:
        draft.claims = identity.claims(draft, settled=True)
    return draft.finish()


def ask(
    family: Family, kind: ReviewKind, record: str, connection: str | None, about: str, detail: Fields, actor: Actor,
    context: Context,
) -> Plan:  # fmt: skip
    """Ask a person something that planning itself does not ask, once per `about`: whether a message may leave, what an
    answer to one calls for."""
    draft = Draft(family, context)
    draft.ask(kind, record, connection, "", about, detail, actor)
    return draft.finish()


def withdraw(family: Family, kind: ReviewKind, about: str, why: str, context: Context) -> Plan:
    """What was asked needs no answer any more."""
    draft = Draft(family, context)
    asked = draft.asked(kind, about)
    if asked is not None:
        draft.lapse(asked, why)
    return draft.finish()


def withdrawn(family: Family, review_id: str, why: str, context: Context) -> Plan:
    """Whoever asked for it takes it back: the item lapses, and nothing else changes."""
    draft = Draft(family, context)
    draft.lapse(draft.reviews[review_id], why)
    arrange(draft)
    return draft.finish()


def answerable(family: Family, review_id: str, answer: str, actor: Actor) -> Review:
    """The item, if this actor may answer it so. NotFoundError, ConflictError, ForbiddenError or InputError say why
    not."""
    review = family.reviews.get(review_id)
    if review is None:
        raise NotFoundError("There is no such item to decide.", hint="It may have been decided already.")
    if review.state is not ReviewState.OPEN:
        raise ConflictError(f"This was {review.state} already.", hint="Load the list again.")
    if actor.kind is not ActorKind.PERSON:
        raise ForbiddenError("Only a person decides what waits for a person.")
    allowed = ANSWERS.get(review.kind, (APPROVE, DECLINE, LEAVE))
    if answer not in allowed:
        raise InputError(f"Answer with one of: {', '.join(allowed)}.")
    return review


def named(review: Review) -> tuple[str, ...]:
    """The records that an IDENTITY or MERGE item says may be the same person as its own record."""
    held = review.detail.get("records", review.detail.get("other"))
    return tuple(one for one in elements(held) if one and one != review.record)


def _moved(draft: Draft, review: Review) -> bool:
    base = review.detail.get("base")
    if review.record is None or not isinstance(base, Mapping):
        return False
    record = draft.record(review.record)
    return any(canonical(value_of(record, name)) != canonical(held) for name, held in base.items())


def _act(draft: Draft, review: Review, answer: str, actor: Actor, value: Value) -> None:
    match review.kind:
        case ReviewKind.PROPOSAL if answer == APPROVE:
            _approve(draft, review, actor, value)
        case ReviewKind.CONFLICT | ReviewKind.REFUSED:
            _choose(draft, review, answer, actor)
        case ReviewKind.FROZEN if answer == APPROVE and review.record is not None:
            record = draft.record(review.record)
            draft.save(replace(record, frozen=record.frozen - {review.field}))
            draft.transitions = [t for t in draft.transitions if (t.record, t.field) != (record.id, review.field)]
        case ReviewKind.LOST_CREATE if review.record is not None:
            _lost_create(draft, review, answer, actor)
        case ReviewKind.DUPLICATE if answer == APPROVE:
            merges.agree(draft, review, actor)
        case ReviewKind.GONE if answer == APPROVE:
            _gone(draft, review, actor)
        case _:
            pass


def _approve(draft: Draft, review: Review, actor: Actor, value: Value) -> None:
    """The proposed change, done as that person, through the same gates as any edit of theirs."""
    assert review.record is not None
    record = draft.record(review.record)
    proposed = review.detail.get("proposed") if value is None else value
    checked(record.kind, review.field, proposed)
    gates.gate(actor, record, review.field, proposed, draft.refs.records)
    why = f"proposed by {review.actor.name or review.actor.kind}"
    draft.put(record.id, review.field, proposed, Source(OURS, actor, review.id, draft.now), why)


def _link_of(draft: Draft, review: Review) -> Link | None:
    return next(
        (
            link
            for link in draft.links.values()
            if review.about in (conflict_key(link, review.field), f"drift|{conflict_key(link, review.field)}")
        ),
        None,
    )


def _choose(draft: Draft, review: Review, answer: str, actor: Actor) -> None:
    """Take theirs, write ours, or leave the difference as it is."""
    link = _link_of(draft, review)
    fields = draft.map_of(link, review.field) if link is not None else None
    if link is None or fields is None or not link.open:
        return
    pair = link.pairs[review.field]
    seen = review.detail["seen"] if pair.held else pair.theirs
    if answer == TAKE_THEIRS:
        source = Source(OURS, actor, review.id, draft.now)
        if not take(draft, link, fields, seen, source):
            raise InputError(
                f"The mapping does not know their value of {review.field}.", hint="Add it to the mapping first."
            )
    rendered = draft.render(draft.links[link.id], fields)
    ours = seen if answer == WRITE_OURS else rendered
    # a value that only goes out cannot be taken: theirs stands, and the difference is listed
    differs = answer == TAKE_THEIRS and not same(fields, seen, rendered)
    left = Divergence.CONFLICT if answer == LEAVE or differs else None
    settled = replace(pair, theirs=seen, ours=ours, has_ours=True, held=False, divergence=left, resent=0)
    draft.pair(link.id, review.field, settled)


def _lost_create(draft: Draft, review: Review, answer: str, actor: Actor) -> None:
    """Send the creation again, or give it up for good."""
    write = draft.writes.get(str(review.detail.get("write")))
    if write is None:
        return
    if answer == APPROVE:
        draft.close(review, ReviewState.APPROVED, actor, answer)
        draft.write(replace(write, state=WriteState.DUE, reason=None, why="", approved=review.id, closed=None))
    else:
        draft.write(replace(write, state=WriteState.DISCARDED, closed=draft.now))


def _gone(draft: Draft, review: Review, actor: Actor) -> None:
    """What came back is met anew; what is gone is created again. What was erased never is."""
    link = next((link for link in draft.links.values() if review.about.startswith(f"{link.id}|")), None)
    if link is None:
        return
    if link.state is LinkState.ERASED:
        raise ForbiddenError("Erased is never revived.")
    if review.about.endswith("|back"):
        revive(draft, link)
    else:
        _ask_creation(draft, link.record, link.connection, actor, review.id)


# ------------------------------------------------------------------------------------------------------- failures


def create_at(family: Family, record_id: str, connection: str, actor: Actor, context: Context) -> Plan:
    """A person has a record created at a connection where it would not be by itself (an older one, or one gone)."""
    if actor.kind is not ActorKind.PERSON:
        raise ForbiddenError("Only a person has an older record created.")
    draft = Draft(family, context)
    _ask_creation(draft, record_id, connection, actor, "asked")
    view = draft.context.connections[connection]
    rule = view.creates[draft.record(record_id).kind]
    for child in family.children(record_id, rule.needs) if rule.needs is not None else ():
        free = child.state is RecordState.LIVE and not draft.links_of(child.id, connection)
        if free and child.origin != connection and counterparts.going_on(child):
            _ask_creation(draft, child.id, connection, actor, "asked")
    arrange(draft)
    return draft.finish()


def push(family: Family, connection: str, actor: Actor, context: Context, *, differences: bool) -> Plan:
    """What is owed at a connection, derived anew. `differences`: what was settled as it is (adopted, left, drifted,
    given up) is written over as well; that needs a person."""
    if differences and actor.kind is not ActorKind.PERSON:
        raise ForbiddenError("Only a person writes over what was settled as it is.")
    draft = Draft(family, context)
    for link in list(draft.links.values()) if differences else ():
        if link.connection != connection or not link.open or not link.primary:
            continue
        for fields in draft.maps(connection, link.kind):
            pair = link.pairs.get(fields.name)
            if pair is None or fields.direction is Direction.IN or not _differs(draft, link, fields, pair):
                continue
            again = replace(pair, ours=pair.theirs, has_ours=True, divergence=None, resent=0)
            draft.pair(link.id, fields.name, again)
            source = Source(OURS, actor, "push", draft.now)
            why = "to be written over what is there"
            draft.note(link.record, HistoryKind.CHANGED, fields.canonical[0], None, None, source, why)
    arrange(draft)
    return draft.finish()


def _differs(draft: Draft, link: Link, fields: FieldMap, pair: Pair) -> bool:
    """Whether a settled difference stands that we could write."""
    if pair.held or pair.gap or pair.awaiting is not None or pair.divergence is None or not fields.call:
        return False
    return not same(fields, draft.render(link, fields), pair.theirs)


def _ask_creation(draft: Draft, record_id: str, connection: str, actor: Actor, approved: str) -> None:
    record = draft.record(record_id)
    view = draft.view(connection)
    rule = view.creates.get(record.kind) if view else None
    if rule is None or view is None or not gates.plans_writes(view):
        raise InputError(f"A {record.kind} cannot be created there.", hint="Look at the connection's mode and mapping.")
    if any(link.open for link in draft.links_of(record.id, connection)):
        raise ConflictError("It is there already.")
    for write in list(draft.writes.values()):
        if write.link is None and write.record == record.id and write.connection == connection:
            draft.write(replace(write, state=WriteState.MOOT, closed=draft.now))
    # The key is that of the creation as it is derived, so that the approval finds it.
    source = maker_of(draft, record)
    draft.write(
        Write(
            id=draft.context.ids(),
            connection=connection,
            record=record.id,
            link=None,
            call=rule.call,
            fields=frozenset(rule.fields),
            actor=source.actor,
            cause=source.cause,
            at=draft.now,
            approved=approved,
        )
    )
    draft.note(
        record.id, HistoryKind.CHANGED, "", None, None, Source(OURS, actor, approved, draft.now), "to be created"
    )


def replay(family: Family, write_id: str, actor: Actor, context: Context) -> Plan:
    """Send a failure again. What it would write is rendered anew; where no difference is left it closes as moot. Of a
    list, what has changed since before the failure is sent: another difference that is listed stays one."""
    draft, write = _failure(family, write_id, actor, context)
    link = draft.links.get(write.link or "")
    draft.write(replace(write, state=WriteState.DUE, reason=None, why="", closed=None, tries=0))
    for review in list(draft.reviews.values()):
        if review.kind is ReviewKind.LOST_CREATE and review.detail.get("write") == write.id:
            draft.close(review, ReviewState.APPROVED, actor, APPROVE)
            draft.write(replace(draft.writes[write.id], approved=review.id))
    if link is not None:
        for name in write.fields:
            pair = draft.links[link.id].pairs.get(name)
            if pair is not None:
                fields = draft.map_of(link, name)
                listed = fields is not None and fields.is_set and pair.failed is not None
                ours = pair.failed if listed else pair.theirs
                again = replace(pair, ours=ours, has_ours=True, divergence=None, resent=0, failed=None)
                draft.pair(link.id, name, again)
    arrange(draft)
    return draft.finish()


def discard(family: Family, write_id: str, actor: Actor, reason: str, context: Context) -> Plan:
    """Give a failure up, for a reason that stays in the record's history. The difference remains, listed."""
    if not reason.strip():
        raise InputError("Say why it is given up.")
    draft, write = _failure(family, write_id, actor, context)
    draft.write(replace(write, state=WriteState.DISCARDED, given_up=reason, closed=draft.now))
    source = Source(OURS, actor, write.id, draft.now)
    draft.note(write.record, HistoryKind.REFUSED, "", None, None, source, f"given up: {reason}")
    arrange(draft)
    return draft.finish()


def _failure(family: Family, write_id: str, actor: Actor, context: Context) -> tuple[Draft, Write]:
    draft = Draft(family, context)
    write = draft.writes.get(write_id)
    if write is None:
        raise NotFoundError("There is no such failure.", hint="It may have been dealt with already.")
    if write.state is not WriteState.DEAD:
        raise ConflictError(f"This write is {write.state}; only failures are replayed or discarded.")
    if actor.kind is not ActorKind.PERSON:
        raise ForbiddenError("Only a person replays or discards a failure.")
    return draft, write


# ---------------------------------------------------------------------------------------------------- new terms


def rebaseline(
    family: Family, connection: str, context: Context, *, from_shadow: bool, but: Collection[str] = ()
) -> Plan:
    """A new mapping or renderer, or a promotion: the pairs in today's terms, and nothing written because of it.

    What was due already stays due, except coming from shadow: that was previewed, and a person has chosen. The records
    `but` go on as before.
    """
    draft = Draft(family, context)
    for link in list(draft.links.values()):
        if link.connection == connection and link.open and link.record not in but:
            rebase_link(draft, link.id, frozenset() if from_shadow else due_fields(draft, link))
    if from_shadow:
        for write in list(draft.writes.values()):
            if write.connection == connection and write.state is WriteState.HELD:
                moot = replace(write, state=WriteState.MOOT, why="shadow is over", closed=draft.now)
                draft.write(moot)
    arrange(draft)
    return draft.finish()


def due_fields(draft: Draft, link: Link) -> frozenset[str]:
    """Vendor fields of a link that are to be written already."""
    return frozenset(
        name for w in draft.writes.values() if w.link == link.id and w.state in OPEN_WRITES for name in w.fields
    )
