"""A backup in one file, and putting it back: the database, the sealed files, and the log of erasures.

The master key is never part of it: without that key nobody opens what is sealed, and with it everybody can. Keep both,
in two places.
"""

from __future__ import annotations

import json
import os
import shutil
import tarfile
import tempfile
import zlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bascule.errors import ConflictError, InputError
from bascule.store import Store, Tx
from bascule.store.erasure import BACKUPS
from bascule.store.lock import FileLock
from bascule.store.sqlite import SqliteStore

from .erasure import LOG

FORMAT = "bascule-backup-1"
DATABASE, MANIFEST, FILES = "bascule.db", "backup.json", "files"


def backup(store: Store, data: Path, file: Path, workspace: str, *, now: datetime, keep: timedelta) -> dict[str, Any]:
    """Write a backup while everything runs; what it holds, and when it is to be thrown away (erasure certificates name
    the last such day). InputError where the file exists already or the database makes its own backups."""
    if not isinstance(store, SqliteStore):
        raise InputError("PostgreSQL makes its own backups.", hint="Use pg_dump, then copy files and erasures.jsonl.")
    if file.exists():
        raise InputError(f"{file} exists already.", hint="Name another file.")
    until = now + keep

    def remember(tx: Tx) -> None:
        last = tx.erasure.backups_until(workspace)
        tx.workspaces.set_setting(workspace, BACKUPS, max(until, last or until).isoformat())

    store.transact(remember)
    told: dict[str, Any] = {"format": FORMAT, "made": now.isoformat(), "expires": until.isoformat()}
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = file.with_name(f"{file.name}.part")
    try:
        beside.open("wb").close()
    except OSError as error:
        raise InputError(
            f"{file} cannot be written: {error.strerror}.", hint="Name a file in a folder that is there and yours."
        ) from None
    with tempfile.TemporaryDirectory(dir=data) as folder:
        copied = Path(folder) / DATABASE
        store.copy(copied)
        with tarfile.open(beside, "w:gz") as tar:
            (Path(folder) / MANIFEST).write_text(json.dumps(told), "utf-8")
            tar.add(Path(folder) / MANIFEST, MANIFEST)
            tar.add(copied, DATABASE)
            for kept in (LOG, FILES):  # after the database: a file is on disk before its row
                if (data / kept).exists():
                    tar.add(data / kept, kept)
    beside.chmod(0o600)
    beside.replace(file)
    return {**told, "file": str(file), "size": file.stat().st_size, "master_key": "not included"}


def restore(data: Path, file: Path, *, replace: bool = False) -> dict[str, Any]:
    """Put a backup in place. Erasures since are done again at the next start, before anything is served: the log of
    those that this data folder knows is kept. InputError where there are data and `replace` is not given."""
    if not file.exists():
        raise InputError(f"There is no file {file}.")
    database = data / DATABASE
    if database.exists() and not replace:
        raise ConflictError(f"{data} holds data already.", hint="Add --replace to put the backup in their place.")
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(database)
    try:
        with tempfile.TemporaryDirectory(dir=data) as folder:
            fresh = Path(folder)
            told = _unpacked(file, fresh)
            _log(data / LOG, fresh / LOG)
            for old in data.glob(f"{DATABASE}*"):
                if old.suffix != ".lock":
                    old.unlink()
            shutil.rmtree(data / FILES, ignore_errors=True)
            (fresh / DATABASE).replace(database)
            database.chmod(0o600)
            if (fresh / FILES).exists():
                (fresh / FILES).rename(data / FILES)
    finally:
        lock.release()
    return {**told, "restored": str(data)}


def _unpacked(file: Path, folder: Path) -> dict[str, Any]:
    """A backup's parts in a folder; what its manifest says. InputError where it is none, or was cut short."""
    try:
        with tarfile.open(file, "r:gz") as tar:
            tar.extractall(folder, filter="data")
        told = json.loads((folder / MANIFEST).read_text("utf-8"))
        whole = told["format"] == FORMAT and (folder / DATABASE).exists()
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, KeyError, TypeError):
        whole, told = False, {}
    if not whole:
        hint = "Nothing was changed. Name a file that `bascule backup` made."
        raise InputError(f"{file} is no backup of Bascule, or it was cut short.", hint=hint)
    return told


def _log(here: Path, there: Path) -> None:
    """Every erasure that either of the two knows."""
    lines = [line for each in (here, there) if each.exists() for line in each.read_text("utf-8").splitlines()]
    kept = "".join(f"{line}\n" for line in dict.fromkeys(lines) if line.strip())
    if kept:
        with open(here, "w", encoding="utf-8", opener=lambda p, flags: os.open(p, flags, 0o600)) as log:
            log.write(kept)
