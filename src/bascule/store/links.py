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
    is the address of its newest raw object, where that is kept."""

    quiet: bool
    pairs: Mapping[str, Pair]
    workspace: str
    family: str
    raw: str | None


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
        for kind, external, state, family, busy, workspace, home, raw, sealed in rows:
            body = seals.decoded(sealed, link_body)
            quiet = state == LinkState.LIVE and family == FamilyState.LIVE and not busy and "missing" not in body
            found[Kind(kind), external] = Glimpse(quiet, body.get("pairs", EMPTY), workspace, home, raw)
        return found
