"""Sealing with AES-GCM: a master key wraps one key per workspace and one per person.

A sealed value names its key, so the master key can change while everything stays readable: rotation wraps the same keys
again. Erasing a person's key makes everything sealed with it unreadable, wherever the sealed bytes still lie.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..errors import ConfigurationError, ErasedError, NotFoundError
from . import statements as s

if TYPE_CHECKING:
    from .tx import Tx

_VERSION = b"\x01"
_ID, _NONCE = 16, 12
_HEAD = 1 + _ID + _NONCE

V = TypeVar("V")
MasterKeys = Callable[[], Sequence[bytes]]
DECODED = 4096  # sealed rows whose decoded form is kept in memory: a family at work is loaded again and again


class _Key:
    """A key, unwrapped: what seals with it is made once."""

    __slots__ = ("cipher", "head", "id", "raw")

    def __init__(self, id: bytes, raw: bytes) -> None:
        self.id = id
        self.raw = raw
        self.head = _VERSION + id
        self.cipher = AESGCM(raw)


def _encrypt(cipher: AESGCM, data: bytes, about: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + cipher.encrypt(nonce, data, about)


def _decrypt(cipher: AESGCM, sealed: bytes, about: bytes) -> bytes:
    return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], about)


class Decoded:
    """What sealed rows were decoded into, by their bytes: those never change, and what they say is never written to.

    Safe for several threads. Forgotten as a whole when somebody is erased.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, Any] = OrderedDict()

    def get(self, sealed: bytes) -> Any:
        return self._kept.get(sealed)

    def keep(self, sealed: bytes, value: Any) -> None:
        self._kept[sealed] = value
        if len(self._kept) > DECODED:
            self._kept.popitem(last=False)

    def forget(self) -> None:
        self._kept.clear()


class Vault:
    """The master keys of a store, and the workspaces' keys once unwrapped.

    `masters` gives the keys, 32 bytes each, the current one first; it is asked again when a key turns up that none of
    them opens, so that a process learns of a rotation done by another.
    """

    def __init__(self, masters: MasterKeys) -> None:
        self._source = masters
        self._lock = threading.Lock()
        self._masters: dict[str, AESGCM] = {}
        self.current = ""
        self.workspaces: dict[str, _Key] = {}
        self.by_id: dict[bytes, _Key] = {}
        self.decoded = Decoded()
        self.reload()

    def reload(self) -> None:
        """Ask for the master keys again. ConfigurationError if there is none or one has the wrong size."""
        keys = list(self._source())
        if not keys or any(len(key) != 32 for key in keys):
            raise ConfigurationError(
                "The master key must be 32 bytes.", hint="Check the key file or variable the settings name."
            )
        names = [hashlib.sha256(b"bascule master key" + key).hexdigest()[:16] for key in keys]
        with self._lock:
            self._masters = dict(zip(names, map(AESGCM, keys), strict=True))
            self.current = names[0]

    def wrap(self, key_id: bytes, key: bytes) -> tuple[str, bytes]:
        """(name of the master key, wrapped key)"""
        name = self.current
        return name, _encrypt(self._masters[name], key, key_id)

    def unwrap(self, key_id: bytes, master: str, wrapped: bytes) -> bytes:
        """The key. ConfigurationError if its master key is not among those we have."""
        if master not in self._masters:
            self.reload()
        try:
            return _decrypt(self._masters[master], wrapped, key_id)
        except (KeyError, InvalidTag):
            raise ConfigurationError(
                f"The data is sealed with master key {master}, which is not the one configured.",
                hint="Configure the former key again, or give it beside the new one and rotate.",
            ) from None

    def remember(self, workspace: str, key: _Key) -> None:
        with self._lock:
            self.workspaces[workspace] = key
            self.by_id[key.id] = key


class Seals:
    """`tx.vault`: seal, open, erase and rewrap inside a transaction.

    Workspaces' keys are kept in memory; persons' keys only as long as the transaction, so that an erased one is gone
    everywhere at once.
    """

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._vault = tx.shared.vault
        self._owned: dict[tuple[str, str], _Key] = {}
        self._by_id: dict[bytes, _Key] = {}

    def forget(self) -> None:
        """Drop what this transaction unwrapped (part of it was undone)."""
        self._owned.clear()
        self._by_id.clear()

    def seal(self, workspace: str, family: str | None, data: bytes) -> bytes:
        """Sealed for the workspace, or for one person of it (made at first use)."""
        key = self._key(workspace, family or "")
        return key.head + _encrypt(key.cipher, data, key.head)

    def open(self, sealed: bytes) -> bytes:
        """What was sealed. ErasedError if the key was erased; ConfigurationError if the bytes or keys do not fit."""
        if len(sealed) < _HEAD or sealed[:1] != _VERSION:
            raise ConfigurationError("This is not a sealed value of this store.")
        key = self._key_by_id(sealed[1 : 1 + _ID])
        try:
            return _decrypt(key.cipher, sealed[1 + _ID :], key.head)
        except InvalidTag:
            raise ConfigurationError("A sealed value does not open: it was damaged or changed.") from None

    def decoded(self, sealed: bytes, make: Callable[[str], V]) -> V:
        """What `make` makes of a sealed text; kept in memory for the next load of the same bytes."""
        found: V | None = self._vault.decoded.get(sealed)
        if found is None:
            found = make(self.open(sealed).decode())
            self._vault.decoded.keep(sealed, found)
        return found

    def fetch(self, sealed: Iterable[bytes]) -> None:
        """Have the keys of these ready, in one statement, before they are opened one by one."""
        decoded = self._vault.decoded
        ids = {one[1 : 1 + _ID] for one in sealed if decoded.get(one) is None}
        missing = [id.hex() for id in ids if id not in self._by_id and id not in self._vault.by_id]
        if missing:
            for id, *row in self._tx.rows(s.KEYS_BY_ID, ids=missing):
                self._unwrapped(bytes.fromhex(id), *row)

    def ready(self, workspace: str, families: Collection[str]) -> None:
        """Have the keys of these persons ready, in one statement, before something is sealed for each."""
        missing = [one for one in families if (workspace, one) not in self._owned]
        for id, *row in self._tx.rows(s.KEYS_OF, workspace=workspace, families=missing) if missing else ():
            self._unwrapped(bytes.fromhex(id), *row)

    def digest(self, workspace: str, family: str | None, data: bytes) -> str:
        """A keyed digest: the same data of the same person gives the same, and it tells nothing to anybody else."""
        return hmac.digest(self._key(workspace, family or "").raw, b"digest" + data, "sha256").hex()

    def derived(self, workspace: str, purpose: bytes) -> bytes:
        """A key of the workspace for one purpose, 32 bytes; the same every time."""
        return hmac.digest(self._key(workspace, "").raw, b"derived" + purpose, "sha256")

    def has(self, workspace: str) -> bool:
        """Whether anything was ever sealed or digested for the workspace itself: else there is nothing to look up."""
        known = workspace in self._vault.workspaces or (workspace, "") in self._owned
        return known or self._load(workspace, "") is not None

    def erase(self, workspace: str, family: str) -> int:
        """Forget a person's key: what was sealed with it cannot be opened again. How many (0 or 1)."""
        erased = self._tx.run(s.KEY_ERASE, workspace=workspace, family=family)
        self.forget()
        self._vault.decoded.forget()
        self._tx.after_commit(self._vault.decoded.forget)  # what was read meanwhile
        return erased

    def rewrap(self, limit: int = 500) -> int:
        """Wrap keys again that the current master key does not wrap; how many were. Repeat until 0."""
        stale = self._tx.rows(s.KEYS_OF_OTHER_MASTERS, master=self._vault.current, limit=limit)
        changed: list[dict[str, object]] = []
        for key_id, master, wrapped in stale:
            raw = bytes.fromhex(key_id)
            name, again = self._vault.wrap(raw, self._vault.unwrap(raw, master, bytes(wrapped)))
            changed.append({"id": key_id, "master": name, "wrapped": again})
        self._tx.many(s.KEY_REWRAP, changed)
        return len(changed)

    def _key(self, workspace: str, family: str) -> _Key:
        if not family and workspace in self._vault.workspaces:
            return self._vault.workspaces[workspace]
        known = self._owned.get((workspace, family))
        return known or self._load(workspace, family) or self._make(workspace, family)

    def _load(self, workspace: str, family: str) -> _Key | None:
        row = self._tx.row(s.KEY_OF, workspace=workspace, family=family)
        if row is None:
            return None
        return self._unwrapped(bytes.fromhex(row[0]), workspace, family, row[1], row[2])

    def _make(self, workspace: str, family: str) -> _Key:
        state = self._tx.row(s.FAMILY_STATE, id=family) if family else None
        if state is not None and state[0] == "erased":
            raise NotFoundError("Nothing can be kept of a person who has been erased.")
        key_id, raw = os.urandom(_ID), AESGCM.generate_key(256)
        master, wrapped = self._vault.wrap(key_id, raw)
        self._tx.run(s.KEY_ADD, id=key_id.hex(), workspace=workspace, family=family, master=master, wrapped=wrapped)
        loaded = self._load(workspace, family)  # ours, or that of a transaction that was faster
        assert loaded is not None
        return loaded

    def _unwrapped(self, key_id: bytes, workspace: str, family: str, master: str, wrapped: bytes) -> _Key:
        key = _Key(key_id, self._vault.unwrap(key_id, master, bytes(wrapped)))
        self._owned[workspace, family] = key
        self._by_id[key_id] = key
        if not family:
            self._tx.after_commit(lambda: self._vault.remember(workspace, key))
        return key

    def _key_by_id(self, key_id: bytes) -> _Key:
        known = self._vault.by_id.get(key_id) or self._by_id.get(key_id)
        if known is not None:
            return known
        row = self._tx.row(s.KEY_BY_ID, id=key_id.hex())
        if row is None:
            raise ErasedError("This was sealed for a person who has been erased.")
        return self._unwrapped(key_id, *row)
