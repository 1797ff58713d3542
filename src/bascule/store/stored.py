"""The one door for raw payloads, résumés and their text: sealed per person, counted, with a retention.

Content is addressed by a digest keyed with its person's key, so the same file met twice is kept once, and the address
tells nothing. Up to 16 KiB stay in the table; what is larger becomes a file in the data folder, if there is one. A file
is on disk before its row is committed; what a lost commit leaves behind, `sweep` removes.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..errors import NotFoundError
from . import statements as s
from .codec import moment, stamp

if TYPE_CHECKING:
    from .tx import Tx

What = Literal["payload", "raw", "resume", "text", "answer"]
"""A webhook's body; the newest raw object of a link; a résumé's bytes; its text; a file given as an answer."""
Content = What | Literal["study"]
"""And what was made of a text, which is kept like it, as long as it is."""

KEPT_LIKE: Mapping[Content, What] = {"study": "text"}

FOUND_BY: What = "text"
"""A person is found by it: when it comes or goes, they are looked at anew."""
IN_TABLE = 16 * 1024
_GONE = "This is not kept any more: its retention has passed, or its person was erased."


@dataclass(frozen=True, slots=True)
class Item:
    """What is kept under an address, without its content."""

    address: str
    workspace: str
    family: str
    what: Content
    media: str
    size: int
    created: datetime


class Stored:
    """`tx.stored`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._folder = tx.shared.files

    # -------------------------------------------------------------------------------------------------- retention

    def retention(self, workspace: str, what: Content) -> int | None:
        """Days it is kept; 0: not at all (transit only); None: as long as its person."""
        row = self._tx.row(s.RETENTION, workspace=workspace, what=KEPT_LIKE.get(what, what))
        return None if row is None else row[0]

    def keeps(self, workspace: str, what: Content) -> bool:
        return self.retention(workspace, what) != 0

    def set_retention(self, workspace: str, what: What, days: int | None) -> None:
        """From now on; `expire` applies it to what is there."""
        self._tx.run(s.RETENTION_SET, workspace=workspace, what=what, days=days)

    def expire(self, *, now: datetime, limit: int = 500) -> int:
        """Remove what has outlived its workspace's retention; how many. Repeat until 0."""
        gone = 0
        for workspace, what, days in self._tx.rows(s.RETENTIONS):
            before = stamp(now - timedelta(days=days))
            kinds = [what, *(one for one, like in KEPT_LIKE.items() if like == what)]
            rows = self._tx.rows(s.STORED_EXPIRED, workspace=workspace, kinds=kinds, before=before, limit=limit)
            gone += self._remove([address for address, _ in rows])
            if what == FOUND_BY:
                self._tx.indexed.mark_families({family for _, family in rows})
        return gone

    # ---------------------------------------------------------------------------------------------------- content

    def put(
        self, workspace: str, family: str, what: Content, owner: str, data: bytes, *, now: datetime, media: str = ""
    ) -> str | None:
        """Keep data for an owner (a link, an attachment record); its address, or None where nothing may be kept.

        An owner has one of each kind: a newer replaces the older.
        """
        if not self.keeps(workspace, what):
            return None
        address = self.address(workspace, family, what, data)
        before = self.of(owner, what)
        if before == address:
            return address
        if self._tx.row(s.STORED_EXISTS, address=address) is None:
            self._add(address, workspace, family, what, data, now, media)
        self._tx.run(s.STORED_FOR_SET, owner=owner, what=what, address=address)
        if what == FOUND_BY:
            self._tx.indexed.mark_families([family])
        if before is not None:
            self._drop_unused([before])
        return address

    def address(self, workspace: str, family: str, what: Content, data: bytes) -> str:
        """Where this would be kept."""
        return self._tx.vault.digest(workspace, family, what.encode() + b"\x00" + data)

    def of(self, owner: str, what: Content) -> str | None:
        """The address of what an owner has."""
        row = self._tx.row(s.STORED_FOR, owner=owner, what=what)
        return None if row is None else row[0]

    def of_all(self, owners: Collection[str], what: Content) -> dict[str, str]:
        """By owner, the address of what it has."""
        return dict(self._tx.rows(s.STORED_FOR_ALL, owners=owners, what=what)) if owners else {}

    def media_of(self, addresses: Collection[str]) -> dict[str, str]:
        """By address, the media of what is kept there."""
        return dict(self._tx.rows(s.STORED_MEDIA, addresses=addresses)) if addresses else {}

    def contents(self, addresses: Collection[str]) -> dict[str, bytes]:
        """By address, the content of those that are kept and can be opened."""
        rows = self._tx.rows(s.STORED_CONTENTS, addresses=addresses) if addresses else []
        sealed = {address: bytes(data) if data is not None else self._file(path) for address, data, path in rows}
        self._tx.vault.fetch(data for data in sealed.values() if data is not None)
        found: dict[str, bytes] = {}
        for address, data in sealed.items():
            with contextlib.suppress(NotFoundError):  # whose person is being erased
                if data is not None:
                    found[address] = self._tx.vault.open(data)
        return found

    def _file(self, path: str) -> bytes | None:
        try:
            return self._path(path).read_bytes()
        except FileNotFoundError:
            return None

    def item(self, address: str) -> Item:
        """NotFoundError if nothing is kept there."""
        row = self._tx.row(s.STORED, address=address)
        if row is None:
            raise NotFoundError(_GONE)
        return Item(row[0], row[1], row[2], row[3], row[4], row[5], moment(row[6]))

    def get(self, address: str) -> bytes:
        """The content. NotFoundError if it is not kept (any more)."""
        row = self._tx.row(s.STORED, address=address)
        if row is None:
            raise NotFoundError(_GONE)
        sealed = row[7] if row[7] is not None else self._file(row[8])
        if sealed is None:
            raise NotFoundError("The file of this is missing from the data folder.")
        return self._tx.vault.open(bytes(sealed))

    def release(self, owner: str, what: Content) -> None:
        """The owner has it no more; removed when nobody has it."""
        row = self._tx.row(s.STORED_FOR_DROP, owner=owner, what=what)
        if row is not None:
            self._drop_unused([row[0]])

    def forget(self, workspace: str, family: str) -> int:
        """Remove everything kept of a person; how many."""
        return self._remove([a for (a,) in self._tx.rows(s.STORED_OF_FAMILY, workspace=workspace, family=family)])

    def sweep(self, *, before: datetime) -> int:
        """Remove files no row speaks of that were last touched before then (lost commits leave them); how many."""
        if self._folder is None or not self._folder.exists():
            return 0
        old = [p for p in self._folder.iterdir() if p.is_file() and p.stat().st_mtime < before.timestamp()]
        known = {path for (path,) in self._tx.rows(s.STORED_PATHS, paths=[p.name for p in old])} if old else set()
        orphans = [p for p in old if p.name not in known]
        for orphan in orphans:
            orphan.unlink(missing_ok=True)
        return len(orphans)

    # ------------------------------------------------------------------------------------------------------ parts

    def _add(
        self, address: str, workspace: str, family: str, what: Content, data: bytes, now: datetime, media: str
    ) -> None:
        sealed: bytes | None = self._tx.vault.seal(workspace, family, data)
        path = None
        if self._folder is not None and len(data) > IN_TABLE:
            path, sealed = self._write(sealed), None
        self._tx.run(
            s.STORED_ADD,
            address=address,
            workspace=workspace,
            family=family,
            what=what,
            media=media,
            size=len(data),
            now=stamp(now),
            sealed=sealed,
            path=path,
        )

    def _write(self, sealed: bytes) -> str:
        """A durable file under a name of its own, so that removing an older one can never take a newer one away."""
        assert self._folder is not None
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = secrets.token_hex(16)
        with open(self._path(name), "xb", opener=lambda p, flags: os.open(p, flags, 0o600)) as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        return name

    def _path(self, name: str) -> Path:
        if self._folder is None:
            raise NotFoundError("This store was opened without its data folder.")
        return self._folder / name

    def _remove(self, addresses: Collection[str]) -> int:
        if addresses:
            self._tx.run(s.STORED_OWNERS_DROP, addresses=addresses)
            self._drop_unused(addresses)
        return len(addresses)

    def _drop_unused(self, addresses: Collection[str]) -> None:
        for (path,) in self._tx.rows(s.STORED_DROP_UNUSED, addresses=addresses):
            if path is not None and self._folder is not None:
                gone = self._path(path)
                self._tx.after_commit(lambda gone=gone: gone.unlink(missing_ok=True))
