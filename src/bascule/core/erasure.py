"""Erasure as a desired state: a family that must go writes nothing but its own removal, until it is gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

from bascule.core.draft import Context, Draft, Plan
from bascule.core.writing import arrange
from bascule.errors import ConflictError, InputError
from bascule.model import OPEN_WRITES, Family, FamilyState, Kind, Link, LinkState, ReviewState, WriteState


def erasing(family: Family, context: Context) -> Plan:
    """The family takes nothing in any more. What was to be written is moot, what was asked lapses, calls under way fall
    away; what is due now is its removal at each system that can. InputError for anything but a candidate."""
    if family.kind is not Kind.CANDIDATE:
        raise InputError("Only a candidate can be erased.")
    if family.state is not FamilyState.LIVE:
        raise ConflictError("This person is being erased already, or has been.", hint="See: bascule erasures")
    writes = {
        id: replace(write, state=WriteState.MOOT, why="the person is being erased", closed=context.now)
        if write.state in OPEN_WRITES
        else write
        for id, write in family.writes.items()
    }
    reviews = {id: replace(review, state=ReviewState.LAPSED) for id, review in family.reviews.items()}
    draft = Draft(replace(family, state=FamilyState.ERASING, attempts={}, writes=writes, reviews=reviews), context)
    arrange(draft)
    return draft.finish()


# ------------------------------------------------------------------------------------- erased there: erased here too?

FOLLOW = "follow"  # the task that looks at one person anonymised at one connection: "<connection>|<family>"
ANONYMISED = "anonymised there"  # the cause of a bulk change whose answer erases, or keeps, all who wait
GATHER = timedelta(minutes=1)  # what is anonymised within it is looked at together, before anybody is erased


class Policy(StrEnum):
    """What follows here when a system anonymises a person. Deleted, merged or hidden there is none of it: it erases
    nobody, whatever is chosen."""

    ERASE = "erase"  # the person is erased here and in every other system; past the bulk limit a person is asked first
    ASK = "ask"  # the owner is told, and decides
    KEEP = "keep"  # what is here stays


def policy(settings: Mapping[str, object]) -> Policy:
    """The policy of a connection's settings; `erase` unless its owner chose another."""
    chosen = settings.get("erasure")
    return Policy(chosen) if isinstance(chosen, str) and chosen in set(Policy) else Policy.ERASE


def anonymised(before: Family | None, after: Family) -> list[Link]:
    """The candidate's own objects that a system has anonymised with this step."""
    if before is None or after.kind is not Kind.CANDIDATE or after.state is not FamilyState.LIVE:
        return []
    known = {id for id, link in before.links.items() if link.state is LinkState.ANONYMISED}
    return [
        link
        for link in after.links.values()
        if link.kind is Kind.CANDIDATE and link.state is LinkState.ANONYMISED and link.id not in known
    ]
