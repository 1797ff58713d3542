"""Roots of a connection in a fixed order, for sweeps that come round to every one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Kind
from .sql import Sql

if TYPE_CHECKING:
    from .tx import Tx

ROOTS_AFTER = Sql("""
    SELECT external FROM links
    WHERE connection = :connection AND kind = :kind AND external > :after AND state IN ('live', 'unseen')
    ORDER BY external LIMIT :limit""")
ROOTS = Sql("""
    SELECT COUNT(*) FROM links WHERE connection = :connection AND kind = :kind AND state IN ('live', 'unseen')""")

UNSEEN = Sql("SELECT external FROM links WHERE connection = :connection AND kind = :kind AND state = 'unseen'")


def unseen(tx: Tx, connection: str, kind: Kind) -> set[str]:
    """External ids of what has already been looked for in vain."""
    return {external for (external,) in tx.rows(UNSEEN, connection=connection, kind=kind)}


def roots_after(tx: Tx, connection: str, kind: Kind, after: str, limit: int) -> list[str]:
    """Up to `limit` external ids behind `after`, in their own order; fewer than `limit`: the round is over."""
    rows = tx.rows(ROOTS_AFTER, connection=connection, kind=kind, after=after, limit=limit)
    return [external for (external,) in rows]


def roots(tx: Tx, connection: str, kind: Kind) -> int:
    """How many there are."""
    row = tx.row(ROOTS, connection=connection, kind=kind)
    return 0 if row is None else int(row[0])
