"""One family: reads and edits in, record changes, pairs, writes, proposals and conflicts out.

This is the door to the sync core. Everything behind it is a pure function of its arguments: persist what was seen,
derive what to do. Each function returns a `Plan` to be committed whole, by compare-and-set on the family's `rev`; on
a miss, load and call again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bascule.core import identity
from bascule.core.bind import marker
from bascule.core.draft import Context, Draft, Plan
from bascule.core.edits import enter
from bascule.core.families import merge, suspect, unmerge
from bascule.core.observe import observe
from bascule.core.outcome import after, found, removed_unmet
from bascule.core.reviews import ask, create_at, decide, discard, push, rebaseline, replay, withdraw
from bascule.core.sending import FRESH, Held, Moot, Prepared, ReadFirst, Waiting, due, orphaned, prepare
from bascule.core.turn import Ended, Turn, settled, turn
from bascule.core.twins import join_twins
from bascule.core.writing import arrange
from bascule.errors import ForbiddenError
from bascule.model import EMPTY, Edit, Family, FamilyState, Kind, Read

__all__ = [
    "FRESH",
    "Context",
    "Ended",
    "Held",
    "Moot",
    "Plan",
    "Prepared",
    "ReadFirst",
    "Turn",
    "Waiting",
    "after",
    "ask",
    "create_at",
    "decide",
    "discard",
    "due",
    "found",
    "marker",
    "merge",
    "orphaned",
    "plan",
    "prepare",
    "push",
    "rearrange",
    "rebaseline",
    "removed_unmet",
    "replay",
    "settled",
    "suspect",
    "turn",
    "unmerge",
    "withdraw",
]


def rearrange(family: Family, context: Context) -> Plan:
    """What is to be written now that something around a family has changed: jobs were paired, an owner has chosen."""
    draft = Draft(family, context)
    join_twins(draft)
    arrange(draft)
    return draft.finish()


def plan(
    family: Family,
    reads: Sequence[Read],
    edits: Sequence[Edit],
    context: Context,
    joins: Mapping[tuple[str, Kind, str], str] = EMPTY,
) -> Plan:
    """Bring a family up to date with what was read and what was edited.

    Reads come first, in owner order and by number, however they are passed; then the edits. `joins` names, for an
    unknown external object (connection, kind, external id), the record that recognition says it is. An empty family
    gets its root from the first root part. A family that is being erased takes nothing in.

    Raises ForbiddenError, ConflictError or InputError for an edit that cannot be; then nothing is to be committed.
    """
    draft = Draft(family, context)
    if family.state is FamilyState.LIVE:
        for read in sorted(reads, key=lambda r: _owner_order(r, context)):
            observe(draft, read, joins)
    if edits and family.state is not FamilyState.LIVE:
        raise ForbiddenError("This person is being erased, or has been: nothing is changed any more.")
    for edit in edits:
        enter(draft, edit)
    join_twins(draft)
    arrange(draft)
    draft.claims = identity.claims(draft)
    return draft.finish()


def _owner_order(read: Read, context: Context) -> tuple[int, str, int, str]:
    view = context.connections.get(read.connection)
    return (view.rank if view else 10**6, read.connection, read.number, read.id)
