"""Links under which somebody of IT enters a connection's credentials. No credential is in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from ..model import EMPTY, Fields
from . import statements as s
from .codec import dumps, loads, maybe_moment, maybe_stamp, moment, stamp

if TYPE_CHECKING:
    from .tx import Row, Tx


@dataclass(frozen=True, slots=True)
class CredentialLink:
    """`connection`: its id, "" until it is there. `trying`: until when an attempt under way keeps others out; `used`:
    when credentials worked. `said`: for whom and by whom it is, what was entered beside the secrets, and what the
    system last answered, sealed for the workspace."""

    id: str
    workspace: str
    name: str
    system: str
    connection: str
    issue: int
    created: datetime
    expires: datetime
    opened: datetime | None = None
    trying: datetime | None = None
    used: datetime | None = None
    ended: datetime | None = None
    said: Fields = field(default_factory=lambda: EMPTY)


class CredentialLinks:
    """`tx.credential_links`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def set(self, one: CredentialLink) -> None:
        self._tx.run(
            s.CREDENTIAL_LINK_SET, id=one.id, workspace=one.workspace, name=one.name, system=one.system,
            connection=one.connection, issue=one.issue, created=stamp(one.created), expires=stamp(one.expires),
            opened=maybe_stamp(one.opened), trying=maybe_stamp(one.trying), used=maybe_stamp(one.used),
            ended=maybe_stamp(one.ended), body=self._tx.vault.seal(one.workspace, None, dumps(one.said).encode()),
        )  # fmt: skip

    def get(self, id: str, *, hold: bool = False) -> CredentialLink | None:
        """`hold`: nobody else changes it until this commit."""
        row = self._tx.row(s.CREDENTIAL_LINK_HELD if hold else s.CREDENTIAL_LINK, id=id)
        return None if row is None else self._link(row)

    def list(self, workspace: str, *, limit: int = 200) -> list[CredentialLink]:
        """The newest first."""
        return [self._link(row) for row in self._tx.rows(s.CREDENTIAL_LINKS, workspace=workspace, limit=limit)]

    def _link(self, row: Row) -> CredentialLink:
        id, workspace, name, system, connection, issue, created, expires, opened, trying, used, ended, body = row
        return CredentialLink(
            id, workspace, name, system, connection, issue, moment(created), moment(expires), maybe_moment(opened),
            maybe_moment(trying), maybe_moment(used), maybe_moment(ended), self._tx.vault.decoded(body, loads),
        )  # fmt: skip
