"""Under what a person is found by whoever may be the same: tokens that say nothing to whoever lacks the key."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from . import statements as s

if TYPE_CHECKING:
    from .tx import Tx

_BYTES = 9  # of a key's digest: 12 characters, behind the letter that says of what kind it is


class Likenesses:
    """`tx.likenesses`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def put(self, workspace: str, keys: Mapping[str, Collection[str]]) -> int:
        """Keep these keys, and no others, of each record; how many rows were touched."""
        if not keys:
            return 0
        secret = self._secret(workspace)
        wanted = {(_token(secret, key), record) for record, mine in keys.items() for key in mine}
        kept = {(token, record) for record, token in self._tx.rows(s.LIKENESSES_OF, ids=list(keys))}
        for sql, rows in ((s.LIKENESS_DROP, kept - wanted), (s.LIKENESS_ADD, wanted - kept)):
            self._tx.many(sql, [{"token": token, "record": record} for token, record in sorted(rows)])
        return len(kept ^ wanted)

    def found(self, workspace: str, keys: Iterable[str], *, limit: int) -> dict[str, list[str]]:
        """The records that each key leads to, at most `limit` of each."""
        wanted = list(keys)
        if not wanted or not self._tx.vault.has(workspace):
            return {}
        secret = self._secret(workspace)
        asked = [{"token": _token(secret, key), "limit": limit} for key in wanted]
        answers = self._tx.each(s.LIKENESS_FOUND, asked)
        return {key: [record for (record,) in rows] for key, rows in zip(wanted, answers, strict=True)}

    def page(self, after: tuple[str, str], *, limit: int) -> list[tuple[str, str]]:
        """All that is kept, page by page: (token, record) behind another."""
        rows = self._tx.rows(s.LIKENESSES_PAGE, token=after[0], record=after[1], limit=limit)
        return [(token, record) for token, record in rows]

    def everybody(self, workspace: str, after: str, *, limit: int) -> list[tuple[str, str]]:
        """The live candidates, by record: (record, family)."""
        rows = self._tx.rows(s.CANDIDATES_BY_ID, workspace=workspace, after=after, limit=limit)
        return [(record, family) for record, family in rows]

    def without(self, workspace: str, after: str, *, limit: int) -> list[tuple[str, str]]:
        """Candidates of whom nothing is kept (an older version has not), by record: (record, family)."""
        rows = self._tx.rows(s.LIKENESSES_LACKING, workspace=workspace, after=after, limit=limit)
        return [(record, family) for record, family in rows]

    def _secret(self, workspace: str) -> bytes:
        return self._tx.vault.derived(workspace, b"keys of likeness")


def _token(secret: bytes, key: str) -> str:
    return (
        key[0]
        + urlsafe_b64encode(hmac.digest(secret, key.encode("utf-8", "surrogatepass"), "sha256")[:_BYTES]).decode()
    )
