"""Two objects of one record at one system: a person may have them merged there too, where the system has a call for it.

A merge here can be undone, one there cannot. So the one does not bring the other about: each pair of objects is an item
of its own, and approving it is the merge there. Where a system cannot, the item is the task of merging them by hand; it
ends when a read or an event shows that somebody has.
"""

from __future__ import annotations

from collections.abc import Collection

from bascule.core import gates
from bascule.core.draft import Draft
from bascule.errors import ConflictError, InputError
from bascule.model import Actor, Kind, Link, Review, ReviewKind, ReviewState, Write


def heir(draft: Draft, link: Link, call: str) -> Link | None:
    """The object that stays, where `call` of this one is a merge that can go on."""
    view = draft.view(link.connection)
    rule = view.merges.get(link.kind) if view is not None else None
    stays = draft.link_of(link.record, link.connection)
    return stays if rule is not None and rule.call == call and stays is not None and stays.id != link.id else None


def ask(draft: Draft, record: str, moved: Collection[str]) -> None:
    """Ask about each of these objects of a record that stands beside another of it at its system."""
    for id in moved:
        link, stays = draft.links[id], draft.link_of(record, draft.links[id].connection)
        if link.open and stays is not None and stays.id != id and draft.view(link.connection) is not None:
            detail = {"external": link.external, "known": (stays.external,)}
            draft.ask(ReviewKind.DUPLICATE, record, link.connection, "", f"{id}|twice", detail)


def agree(draft: Draft, review: Review, actor: Actor) -> None:
    """A person has the two objects merged there. InputError where the system cannot, ConflictError where its
    connection writes nothing."""
    view = draft.view(review.connection or "")
    link = draft.link_at(review.connection or "", Kind.CANDIDATE, str(review.detail.get("external")))
    if view is None or link is None or not link.open:
        raise ConflictError("It is not there any more.", hint="Leave this as it is.")
    rule = view.merges.get(link.kind)
    if rule is None:
        raise InputError(
            f"{view.name} has no call that merges two people.", hint="Merge them there by hand: this ends by itself."
        )
    if not gates.plans_writes(view):
        raise ConflictError(f"Nothing is written to {view.name} in its mode.", hint="Promote the connection first.")
    if heir(draft, link, rule.call) is None:
        raise ConflictError("It is the only one there.", hint="Leave this as it is.")
    draft.write(
        Write(
            draft.context.ids(), link.connection, link.record, link.id, rule.call, frozenset(), actor, review.id,
            draft.now, approved=review.id,
        )
    )  # fmt: skip


def lapse(draft: Draft) -> None:
    """What was asked about two objects is over where they are no more of one record."""
    for review in list(draft.reviews.values()):
        if review.kind is not ReviewKind.DUPLICATE or review.state is not ReviewState.OPEN:
            continue
        link = draft.link_at(review.connection or "", Kind.CANDIDATE, str(review.detail.get("external")))
        if link is None or draft.link_of(link.record, link.connection) in (None, link):
            draft.lapse(review, "they are two people")
