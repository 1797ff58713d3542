"""Gone needs evidence. A 404 or a missing row is only `unseen`; what is gone does not spread and does not come back."""

from __future__ import annotations

from bascule.core import merges
from bascule.core.draft import Draft
from bascule.model import (
    COPIED_KINDS,
    EMPTY,
    FIELDS,
    GONE,
    OPEN_WRITES,
    PARENT_OF,
    Attempt,
    Collection,
    FamilyState,
    HistoryKind,
    Kind,
    Link,
    LinkState,
    Mode,
    Part,
    Presence,
    Read,
    Record,
    RecordState,
    ReviewKind,
    ReviewState,
    Source,
    WriteState,
    replace,
)

STATE = {
    Presence.DELETED: LinkState.DELETED,
    Presence.MERGED: LinkState.MERGED,
    Presence.ANONYMISED: LinkState.ANONYMISED,
}


def lost_deletions(draft: Draft, link: Link, read: Read) -> list[Attempt]:
    """Deletions of ours that got no answer, and that a read begun at this time decides."""
    return [a for a in draft.lost_calls(link) if not a.fields and (a.until is None or read.started >= a.until)]


def unseen(draft: Draft, link: Link, read: Read, source: Source) -> None:
    """A 404, a missing row or a hidden object: no evidence. Probed once more, then shown to the owner.

    After a deletion of ours that got no answer it is what we waited for.
    """
    if not link.open or read.number <= link.last_read:
        return
    if ended := lost_deletions(draft, link, read):
        if merges.heir(draft, link, ended[0].call) is not None:
            merged_there(draft, link, source, read=read)
        else:
            close(draft, link, LinkState.DELETED, source, number=read.number, read=read)
        return
    fences = [pair.fence for pair in link.pairs.values() if pair.fence is not None]
    if fences and read.started < max(fences):
        draft.want_link(link, max(fences), "not there yet, behind a call of ours")
        return
    if link.state is LinkState.UNSEEN:
        draft.ask(ReviewKind.VISIBILITY, link.record, link.connection, "", link.id, {"external": link.external})
    else:
        draft.want_link(link, draft.now + draft.settle(link.connection), "not shown: probe once more")
    draft.link(replace(link, state=LinkState.UNSEEN, last_read=read.number, read_at=read.started))


def gone(draft: Draft, link: Link, part: Part, read: Read, source: Source) -> None:
    """Evidence that an object is deleted, merged or anonymised there."""
    state = STATE[part.presence]
    hanging = _children(draft, link)
    close(draft, link, state, source, into=part.into, number=read.number, read=read)
    if state is LinkState.MERGED:
        _merged(draft, link, part.into)
        return
    for child in hanging:
        close(draft, child, state, source, number=read.number, read=read)
    record = draft.record(link.record)
    if record.parent is None:
        detail = {"state": str(state), "external": link.external}
        draft.ask(ReviewKind.GONE, record.id, link.connection, "", f"{link.id}|{state}", detail)
    elif state is LinkState.DELETED:
        _delete_child(draft, record, link, source)


def _merged(draft: Draft, link: Link, into: str | None) -> None:
    """The object lives on as another. Its former id is an alias; two records behind it become one."""
    if into is None:
        return
    draft.merged.append((link.connection, link.kind, into, link.id))
    survivor = draft.link_at(link.connection, link.kind, into)
    if survivor is not None:
        draft.aliases.append((link.connection, link.kind, link.external, survivor.id))
    if survivor is None or survivor.record != link.record:
        detail = {"external": link.external, "into": into}
        draft.ask(ReviewKind.MERGE, link.record, link.connection, "", f"{link.id}|{into}", detail)
        draft.want(link.connection, link.kind, into, draft.now, "survivor of a merge there")


def merged_there(draft: Draft, link: Link, source: Source, *, read: Read | None = None) -> None:
    """A merge of ours was carried out: the object lives on as the record's primary one, its id an alias of that."""
    stays = draft.link_of(link.record, link.connection)
    if stays is None or stays.id == link.id:
        return
    number = read.number if read else 0
    close(draft, link, LinkState.MERGED, source, into=stays.external, number=number, read=read)
    draft.aliases.append((link.connection, link.kind, link.external, stays.id))
    draft.want_link(stays, draft.now + draft.settle(link.connection), "another was merged into it there")


def close(
    draft: Draft,
    link: Link,
    state: LinkState,
    source: Source,
    *,
    into: str | None = None,
    number: int = 0,
    read: Read | None = None,
) -> None:
    """Take a link out of traffic: its calls, questions and writes end with it."""
    if not link.open:
        return
    pairs = {name: replace(pair, awaiting=None, held=False) for name, pair in link.pairs.items()}
    draft.link(
        replace(
            link,
            state=state,
            into=into,
            pairs=pairs,
            last_read=max(link.last_read, number),
            read_at=read.started if read else link.read_at,
        )
    )
    for attempt in draft.open_attempts(link):
        del draft.attempts[attempt.id]
    for write in list(draft.writes.values()):
        if write.link == link.id and write.state in OPEN_WRITES:
            draft.write(replace(write, state=WriteState.MOOT, why=f"the object is {state} there", closed=draft.now))
    for review in list(draft.reviews.values()):
        if review.about.startswith((f"{link.id}|", f"drift|{link.id}|")) and review.kind is ReviewKind.CONFLICT:
            draft.lapse(review, f"the object is {state} there")
    for review in list(draft.reviews.values()):
        twice = review.kind is ReviewKind.DUPLICATE and review.state is ReviewState.OPEN
        if twice and (review.connection, review.detail.get("external")) == (link.connection, link.external):
            draft.lapse(review, f"the object is {state} there")
    draft.note(link.record, HistoryKind.GONE, "", link.external, str(state), source, into or "")
    _succeed(draft, link, into)


def go_along(draft: Draft, source: Source) -> None:
    """What hangs on an object that is gone, and was held elsewhere when that was found, is gone too."""
    for link in list(draft.links.values()):
        kind = PARENT_OF.get(link.kind)
        if link.open and kind is not None and link.parent is not None:
            above = draft.link_at(link.connection, kind, link.parent)
            if above is not None and above.state in (LinkState.DELETED, LinkState.ANONYMISED):
                close(draft, link, above.state, source)


def _succeed(draft: Draft, link: Link, into: str | None) -> None:
    """Where a record has another object there, that one is written from now on: the one it was merged into, else the
    oldest. It is met anew, so that nothing old is written over what it holds."""
    if not link.primary or draft.before.state is FamilyState.ERASING:
        return
    others = [o for o in draft.links_of(link.record, link.connection) if o.open and o.id != link.id]
    if others and not any(other.primary for other in others):
        heir = min(others, key=lambda one: (one.external != into, one.id))
        draft.link(replace(heir, primary=True, pairs=EMPTY))
        draft.want_link(heir, draft.now, "it is the record's object there now")


def _children(draft: Draft, link: Link) -> list[Link]:
    """Open links of everything that hangs on an object there. Ask before it is closed."""
    found = {link.id: link}
    for _ in range(3):
        found |= {
            other.id: other
            for other in draft.links.values()
            if other.open and (above := _above(draft, other)) is not None and above.id in found
        }
    return [one for one in found.values() if one.id != link.id]


def _above(draft: Draft, link: Link) -> Link | None:
    """What an object hangs on there, as reads have shown it; else the primary object of its record's parent. A person
    may have several objects at one system."""
    kind, parent = PARENT_OF.get(link.kind), draft.record(link.record).parent
    up = draft.link_at(link.connection, kind, link.parent) if kind is not None and link.parent is not None else None
    if up is not None and up.open:
        return up
    return draft.link_of(parent, link.connection) if parent is not None else None


def came_back(draft: Draft, link: Link, read: Read) -> None:
    """An object we hold for gone is shown again: a person says what it is. Erased is never revived. A step of a job is
    nobody: it is there again, and met anew."""
    if link.state not in GONE or read.number <= link.last_read:
        return
    if link.read_at is not None and read.started < link.read_at + draft.settle(link.connection):
        return
    if link.kind is Kind.STAGE:
        record = draft.record(link.record)
        if record.state is RecordState.DELETED:
            draft.save(replace(record, state=RecordState.LIVE))
        revive(draft, link)
        return
    detail = {"state": str(link.state), "external": link.external}
    draft.ask(ReviewKind.GONE, link.record, link.connection, "", f"{link.id}|back", detail)


def revive(draft: Draft, link: Link) -> None:
    """What is at the other end is met anew, by a read that is wanted now."""
    primary = draft.link_of(link.record, link.connection) is None
    draft.born(replace(link, state=LinkState.LIVE, pairs=EMPTY, primary=primary, missing=(), missing_since=None))
    draft.want_link(link, draft.now, "came back")


def lacking(draft: Draft, read: Read, collection: Collection, source: Source) -> None:
    """Children that a whole collection lacks. Two such reads, a settle apart, are evidence of deletion; where the
    parent itself is not seen they are none, for what hangs on it is hidden with it."""
    parent = draft.link_at(read.connection, collection.parent_kind, collection.parent)
    if parent is None or parent.state is not LinkState.LIVE:
        return
    shown = {part.external for part in read.parts if part.kind == collection.kind}
    for link in list(draft.links.values()):
        if (
            link.connection == read.connection
            and link.kind == collection.kind
            and link.open
            and link.external not in shown
            and link.last_read < read.number
            and _belongs(draft, link, parent)
        ):
            _lacks(draft, link, parent, read, source)


def _belongs(draft: Draft, link: Link, parent: Link) -> bool:
    if PARENT_OF.get(link.kind) != parent.kind:  # what hangs on the root names the one of its children it belongs to
        held = draft.record(link.record)
        return any(
            spec.of is parent.kind and held.fields.get(name) == parent.record
            for name, spec in FIELDS[link.kind].items()
        )
    if link.parent is not None:
        return link.parent == parent.external
    return draft.record(link.record).parent == parent.record


def _lacks(draft: Draft, link: Link, parent: Link, read: Read, source: Source) -> None:
    settle = draft.settle(link.connection)
    fences = [pair.fence for pair in link.pairs.values() if pair.fence is not None]
    if any(read.started < fence for fence in fences) or read.number in link.missing:
        return
    if lost_deletions(draft, link, read):
        close(draft, link, LinkState.DELETED, source, number=read.number, read=read)
        return
    if not link.missing or link.missing_since is None:
        draft.link(replace(link, missing=(read.number,), missing_since=read.started))
        draft.want_link(parent, read.started + settle, "a child is missing: look once more")
    elif _shown(draft, parent) <= max(link.missing):
        draft.want_link(parent, read.started + settle, "a child is missing: is its parent still shown?")
    elif read.number > max(link.missing) and read.started >= link.missing_since + settle:
        hanging = _children(draft, link)
        close(draft, link, LinkState.DELETED, source, number=read.number, read=read)
        for child in hanging:
            close(draft, child, LinkState.DELETED, source, number=read.number, read=read)
        _delete_child(draft, draft.record(link.record), link, source)


def _shown(draft: Draft, parent: Link) -> int:
    """The newest read that showed an object, or the person or job that it belongs to there."""
    home = draft.link_at(parent.connection, draft.family.kind, draft.family.home_of(parent) or "")
    return max(parent.last_read, home.last_read if home is not None and home.state is LinkState.LIVE else 0)


def _delete_child(draft: Draft, record: Record, link: Link, source: Source) -> None:
    """A deleted object takes its record along where it was the record's origin, or the last place that held it. Each
    system has stages of its own: one that has gone at one of them is still a step at the others."""
    others = [o for o in draft.links.values() if o.record == record.id and o.open and o.id != link.id]
    origin = link.connection == record.origin and record.kind is not Kind.STAGE
    if record.state is RecordState.LIVE and (origin or not others):
        delete(draft, record, source)


def delete(draft: Draft, record: Record, source: Source) -> None:
    """The record is deleted; where a system cannot delete its copy, that is said and settled."""
    draft.save(replace(record, state=RecordState.DELETED))
    draft.note(record.id, HistoryKind.GONE, "", None, None, source, "deleted")
    if record.kind not in COPIED_KINDS:
        return
    for link in draft.links.values():
        view = draft.view(link.connection)
        if link.record != record.id or not link.open or view is None or record.kind in view.deletes:
            continue
        if view.mode in (Mode.LIVE, Mode.SHADOW):
            why = f"{view.name} cannot delete its copy"
            draft.note(record.id, HistoryKind.GONE, "", link.external, None, source, why)
