"""Consents: what a connection has by a user's consent, as its last renewal left it, and who renews it now.

A refresh token is used up by its renewal. So one process renews at a time, holding the row's lease; and what it got is
kept by comparing with the token that it used, not with the lease: a worker that slept past its lease still keeps the
newer token, unless somebody else has renewed from the same one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from . import statements as s
from .codec import dumps, loads, maybe_moment, moment, stamp

if TYPE_CHECKING:
    from .tx import Row, Tx


@dataclass(frozen=True, slots=True)
class Consent:
    """`until`: when the access token is to be replaced. `ends`: when the refresh token ends if it is not used. `error`
    says why the last try to renew failed, `failing` since when; both empty while all is well."""

    refresh: str
    access: str
    until: datetime
    ends: datetime | None
    renewed: datetime | None
    leased: datetime
    error: str
    failing: datetime | None


class Consents:
    """`tx.consents`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def get(self, connection: str, entered: str = "") -> Consent | None:
        """As last kept, locked until this commit. With `entered`, only if it began with this very token."""
        return self._read(self._tx.row(s.CONSENT, connection=connection), entered)

    def seen(self, connection: str, entered: str) -> Consent | None:
        """The same, not locked."""
        return self._read(self._tx.row(s.CONSENT_SEEN, connection=connection), entered)

    def _read(self, row: Row | None, entered: str) -> Consent | None:
        if row is None or (entered and row[0] != _mark(entered)):
            return None
        _, body, until, ends, renewed, leased, error, failing = row
        kept = loads(self._tx.vault.open(bytes(body)).decode())
        return Consent(
            str(kept["refresh"]), str(kept["access"]), moment(until), maybe_moment(ends or None),
            maybe_moment(renewed or None), moment(leased), error, maybe_moment(failing or None),
        )  # fmt: skip

    def begin(self, workspace: str, connection: str, entered: str) -> Consent:
        """A consent that a person has just entered, in the place of any before."""
        self._tx.run(s.CONSENT_BEGIN, connection=connection, mark=_mark(entered), body=self._sealed(workspace, entered))
        found = self.get(connection)
        assert found is not None
        return found

    def lease(self, connection: str, *, until: datetime) -> None:
        """Nobody else renews it before `until`. The caller has it locked, and has seen that it is free."""
        self._tx.run(s.CONSENT_LEASE, connection=connection, until=stamp(until))

    def keep(self, workspace: str, connection: str, used: str, renewed: Consent, *, now: datetime) -> bool:
        """What a renewal with the refresh token `used` gave; False if that is no longer the one that counts."""
        before = self.get(connection)
        if before is None or before.refresh != used:
            return False
        self._tx.run(
            s.CONSENT_KEEP, connection=connection, body=self._sealed(workspace, renewed.refresh, renewed.access),
            until=stamp(renewed.until), ends=stamp(renewed.ends) if renewed.ends else 0, now=stamp(now),
        )  # fmt: skip
        return True

    def failed(self, connection: str, error: str, *, now: datetime) -> None:
        """It could not be renewed; what is kept stays as it was."""
        self._tx.run(s.CONSENT_FAILED, connection=connection, error=error, now=stamp(now))

    def _sealed(self, workspace: str, refresh: str, access: str = "") -> bytes:
        return self._tx.vault.seal(workspace, None, dumps({"refresh": refresh, "access": access}).encode())


def _mark(entered: str) -> str:
    """Tells one entered token from another; it cannot be turned back, for such a token is long and random."""
    return hashlib.sha256(entered.encode()).hexdigest()
