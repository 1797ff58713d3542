"""Links by themselves: what objects of a connection have settled. For reads that mostly show nothing new, so that no
family is loaded to find that out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model import EMPTY, FamilyState, Kind, LinkState, Pair
from . import statements as s
from .rows import link_body

if TYPE_CHECKING:
    from .tx import Tx


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What is settled of one object. `quiet`: it is live and not missed, and no call to its family is under way. `raw`
    is the address of its newest raw object, where that is kept; `followed` that of the raw object behind which all that
    hangs on it was last asked for: a read of the object alone moves the one and not the other."""

    quiet: bool
    pairs: Mapping[str, Pair]
    workspace: str
    family: str
    raw: str | None
    followed: str | None


class Links:
    """`tx.links`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def settled(self, connection: str, externals: Iterable[tuple[Kind, str]]) -> dict[tuple[Kind, str], Glimpse]:
        """What is settled of these objects; unknown ones are left out."""
        wanted = sorted({(str(kind), external) for kind, external in externals})
        if not wanted:
            return {}
        rows = self._tx.rows(s.LINKS_SETTLED, connection=connection, wanted=wanted)
        seals = self._tx.vault
        seals.fetch([row[-1] for row in rows])
        found: dict[tuple[Kind, str], Glimpse] = {}
        for kind, external, state, family, busy, workspace, home, raw, followed, sealed in rows:
            body = seals.decoded(sealed, link_body)
            quiet = state == LinkState.LIVE and family == FamilyState.LIVE and not busy and "missing" not in body
            found[Kind(kind), external] = Glimpse(
                quiet, body.get("pairs", EMPTY), workspace, home, raw, followed
            )  # fmt: skip
        return found

    def follow(self, connection: str, addresses: Mapping[tuple[Kind, str], str]) -> None:
        """What hangs on these objects is asked for, in this commit, or has been read, behind these raw objects."""
        rows = [
            {"connection": connection, "kind": kind, "external": external, "address": address}
            for (kind, external), address in sorted(addresses.items())
        ]
        self._tx.many(s.LINK_FOLLOWED, rows)
