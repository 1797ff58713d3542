"""Sealing with AES-GCM: a master key wraps one key per workspace and one per person.

A sealed value names its key, so the master key can change while everything stays readable: rotation wraps the same keys
again. Erasing a person's key makes everything sealed with it unreadable, in backups as well.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..errors import ConfigurationError, NotFoundError
from . import statements as s

if TYPE_CHECKING:
    from .tx import Tx

_VERSION = b"\x01"
_ID, _NONCE = 16, 12
_HEAD = 1 + _ID + _NONCE

MasterKeys = Callable[[], Sequence[bytes]]


def _encrypt(key: bytes, data: bytes, about: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, about)


def _decrypt(key: bytes, sealed: bytes, about: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], about)


class Vault:
    """The master keys of a store, and the workspaces' keys once unwrapped.

    `masters` gives the keys, 32 bytes each, the current one first; it is asked again when a key turns up that none of
    them opens, so that a process learns of a rotation done by another.
    """

    def __init__(self, masters: MasterKeys) -> None:
        self._source = masters
        self._lock = threading.Lock()
        self._masters: dict[str, bytes] = {}
        self.current = ""
        self.workspaces: dict[str, tuple[bytes, bytes]] = {}  # workspace -> key id, key
        self.by_id: dict[bytes, bytes] = {}
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
            self._masters = dict(zip(names, keys, strict=True))
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

    def remember(self, workspace: str, key_id: bytes, key: bytes) -> None:
        with self._lock:
            self.workspaces[workspace] = (key_id, key)
            self.by_id[key_id] = key


class Seals:
    """`tx.vault`: seal, open, erase and rewrap inside a transaction.

    Workspaces' keys are kept in memory; persons' keys only as long as the transaction, so that an erased one is gone
    everywhere at once.
    """

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._vault = tx.shared.vault
        self._owned: dict[tuple[str, str], tuple[bytes, bytes]] = {}
        self._by_id: dict[bytes, bytes] = {}

    def forget(self) -> None:
        """Drop what this transaction unwrapped (part of it was undone)."""
        self._owned.clear()
        self._by_id.clear()

    def seal(self, workspace: str, family: str | None, data: bytes) -> bytes:
        """Sealed for the workspace, or for one person of it (made at first use)."""
        key_id, key = self._key(workspace, family or "")
        head = _VERSION + key_id
        return head + _encrypt(key, data, head)

    def open(self, sealed: bytes) -> bytes:
        """What was sealed. NotFoundError if the key was erased; ConfigurationError if the bytes or keys do not fit."""
        head, key_id = sealed[: 1 + _ID], sealed[1 : 1 + _ID]
        if len(sealed) < _HEAD or sealed[:1] != _VERSION:
            raise ConfigurationError("This is not a sealed value of this store.")
        try:
            return _decrypt(self._key_by_id(key_id), sealed[1 + _ID :], head)
        except InvalidTag:
            raise ConfigurationError("A sealed value does not open: it was damaged or changed.") from None

    def digest(self, workspace: str, family: str | None, data: bytes) -> str:
        """A keyed digest: the same data of the same person gives the same, and it tells nothing to anybody else."""
        _, key = self._key(workspace, family or "")
        return hmac.new(key, b"digest" + data, hashlib.sha256).hexdigest()

    def erase(self, workspace: str, family: str) -> None:
        """Forget a person's key: what was sealed with it cannot be opened again."""
        self._tx.run(s.KEY_ERASE, workspace=workspace, family=family)
        self.forget()

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

    def _key(self, workspace: str, family: str) -> tuple[bytes, bytes]:
        if not family and workspace in self._vault.workspaces:
            return self._vault.workspaces[workspace]
        known = self._owned.get((workspace, family))
        return known or self._take(workspace, family, self._load(workspace, family) or self._make(workspace, family))

    def _load(self, workspace: str, family: str) -> tuple[bytes, bytes] | None:
        row = self._tx.row(s.KEY_OF, workspace=workspace, family=family)
        if row is None:
            return None
        key_id = bytes.fromhex(row[0])
        return key_id, self._vault.unwrap(key_id, row[1], bytes(row[2]))

    def _make(self, workspace: str, family: str) -> tuple[bytes, bytes]:
        key_id, key = os.urandom(_ID), AESGCM.generate_key(256)
        master, wrapped = self._vault.wrap(key_id, key)
        self._tx.run(s.KEY_ADD, id=key_id.hex(), workspace=workspace, family=family, master=master, wrapped=wrapped)
        loaded = self._load(workspace, family)  # ours, or that of a transaction that was faster
        assert loaded is not None
        return loaded

    def _take(self, workspace: str, family: str, found: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
        self._owned[workspace, family] = found
        self._by_id[found[0]] = found[1]
        if not family:
            self._tx.after_commit(lambda: self._vault.remember(workspace, *found))
        return found

    def _key_by_id(self, key_id: bytes) -> bytes:
        known = self._vault.by_id.get(key_id) or self._by_id.get(key_id)
        if known is not None:
            return known
        row = self._tx.row(s.KEY_BY_ID, id=key_id.hex())
        if row is None:
            raise NotFoundError("This was sealed for a person who has been erased.")
        key = self._vault.unwrap(key_id, row[2], bytes(row[3]))
        self._take(row[0], row[1], (key_id, key))
        return key
