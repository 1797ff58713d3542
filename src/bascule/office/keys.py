"""The master key: where it is kept, and how it is changed while everything runs."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path

from bascule.errors import ConfigurationError
from bascule.model import Actor
from bascule.settings import Settings

from .desk import Desk


class Keys:
    """`app.keys`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def rotate(self, actor: Actor) -> int:
        """Make a new master key, wrap every other key with it while everything runs, then forget the old one. How many
        keys were wrapped anew. ConfigurationError where the key comes from the environment."""
        if self._desk.settings.master_key is not None:
            raise ConfigurationError(
                "The master key comes from BASCULE_MASTER_KEY and cannot be rotated from here.",
                hint="Move it into master.key of the data folder (base64), take the setting away, and restart.",
            )
        path = self._desk.settings.data / "master.key"
        fresh = base64.b64encode(secrets.token_bytes(32))
        _replace(path, fresh + b"\n" + path.read_bytes())
        wrapped = await self._desk.store.rotate()
        _replace(path, fresh + b"\n")
        await self._desk.note(actor, "master key rotated", detail={"keys": wrapped})
        return wrapped


def master_keys(settings: Settings) -> Callable[[], Sequence[bytes]]:
    """The master key: from the settings, else a file in the data folder that is made once. A rotated file holds the
    current key in its first line and former ones below."""
    key = settings.given_key
    if key is not None:
        return lambda: [key]
    path = settings.data / "master.key"

    def read() -> list[bytes]:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(base64.b64encode(secrets.token_bytes(32)) + b"\n")
        lines = [line for line in path.read_bytes().split() if line]
        return [base64.b64decode(line) for line in lines]

    return read


def _replace(path: Path, data: bytes) -> None:
    """A whole new file or the old one, never half of either; for its owner's eyes only."""
    beside = path.with_suffix(".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
