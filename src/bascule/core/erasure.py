"""Erasure as a desired state: a family that must go writes nothing but its own removal, until it is gone."""

from __future__ import annotations

from dataclasses import replace

from bascule.core.draft import Context, Draft, Plan
from bascule.core.writing import arrange
from bascule.errors import ConflictError, InputError
from bascule.model import OPEN_WRITES, Family, FamilyState, Kind, ReviewState, WriteState


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
