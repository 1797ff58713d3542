"""A backup in one file, and putting it back: the database, the sealed files, and the log of erasures.

The master key is never part of it: without that key nobody opens what is sealed, and with it everybody can. Keep both,
in two places. On PostgreSQL the database's part is its rows as of one moment, told by itself: no program of the server
is needed, and any version of the server takes them back.
"""

from __future__ import annotations

import json
import os
import shutil
import tarfile
import tempfile
import zlib
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from bascule.errors import InputError
from bascule.store import Store, Tx, dialect_of, emptied
from bascule.store.erasure import BACKUPS

from .erasure import LOG, add_to_log, logged

FORMAT = "bascule-backup-1"
MANIFEST, FILES = "backup.json", "files"


def backup(store: Store, data: Path, file: Path, workspace: str, *, now: datetime, keep: timedelta) -> dict[str, Any]:
    """Write a backup while everything runs; what it holds, and when it is to be thrown away (erasure certificates name
    the last such day). InputError where the file exists already or cannot be written."""
    if file.exists():
        raise InputError(f"{file} exists already.", hint="Name another file.")
    until = now + keep

    def remember(tx: Tx) -> None:
        last = tx.erasure.backups_until(workspace)
        tx.workspaces.set_setting(workspace, BACKUPS, max(until, last or until).isoformat())

    store.transact(remember)
    told: dict[str, Any] = {
        "format": FORMAT, "database": store.dialect, "made": now.isoformat(), "expires": until.isoformat()
    }  # fmt: skip
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = file.with_name(f"{file.name}.part")
    try:
        beside.open("wb").close()
    except OSError as error:
        raise InputError(
            f"{file} cannot be written: {error.strerror}.", hint="Name a file in a folder that is there and yours."
        ) from None
    beside.chmod(0o600)
    with tempfile.TemporaryDirectory(dir=data) as folder:
        copied = Path(folder)
        store.copy(copied)
        known = logged(data)
        add_to_log(data, store.query(lambda tx: tx.erasure.ended(known)))
        with tarfile.open(beside, "w:gz") as tar:
            (copied / MANIFEST).write_text(json.dumps(told), "utf-8")
            for part in (MANIFEST, *sorted(each.name for each in copied.iterdir() if each.name != MANIFEST)):
                tar.add(copied / part, part)
            for kept in (LOG, FILES):  # after the database: a file is on disk before its row
                if (data / kept).exists():
                    tar.add(data / kept, kept)
    beside.replace(file)
    return {**told, "file": str(file), "size": file.stat().st_size, "master_key": "not included"}


def restore(data: Path, file: Path, *, database: str = "", replace: bool = False) -> dict[str, Any]:
    """Put a backup in place. Erasures since are done again at the next start, before anything is served: the log of
    those that this data folder knows is kept. `database` is the address of the database (the data folder's own file
    without). ConflictError where there are data and `replace` is not given, or somebody uses the database; InputError
    where the file is no backup of that kind of database."""
    if not file.exists():
        raise InputError(f"There is no file {file}.")
    database = database or f"sqlite:///{data / 'bascule.db'}"
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with emptied(database, replace=replace) as put_back, tempfile.TemporaryDirectory(dir=data) as folder:
        fresh = Path(folder)
        told = _unpacked(file, fresh)
        if told.get("database", "sqlite") != dialect_of(database):
            hint = "Nothing was changed. Set BASCULE_DATABASE to a database of that kind."
            raise InputError(f"{file} is a backup of {told.get('database', 'sqlite')}.", hint=hint)
        _merge(data / LOG, fresh / LOG)
        put_back(fresh)
        shutil.rmtree(data / FILES, ignore_errors=True)
        if (fresh / FILES).exists():
            (fresh / FILES).rename(data / FILES)
    return {**told, "restored": str(data)}


def _unpacked(file: Path, folder: Path) -> dict[str, Any]:
    """A backup's parts in a folder; what its manifest says. InputError where it is none, or was cut short."""
    try:
        with tarfile.open(file, "r:gz") as tar:
            if not all(map(_ordinary, tar.getmembers())):
                raise tarfile.TarError
            tar.extraction_filter = getattr(
                tarfile, "data_filter", None
            )  # Python 3.11.2, which Debian 12 has, lacks it
            tar.extractall(folder)
        told = json.loads((folder / MANIFEST).read_text("utf-8"))
        whole = told["format"] == FORMAT
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, KeyError, TypeError):
        whole, told = False, {}
    if not whole:
        hint = "Nothing was changed. Name a file that `bascule backup` made."
        raise InputError(f"{file} is no backup of Bascule, or it was cut short.", hint=hint)
    return told


def _ordinary(part: tarfile.TarInfo) -> bool:
    """Whether it is a file or folder that stays below where it is unpacked."""
    path = PurePosixPath(part.name)
    return (part.isreg() or part.isdir()) and not path.is_absolute() and ".." not in path.parts


def _merge(here: Path, there: Path) -> None:
    """Every erasure that either of the two knows."""
    lines = [line for each in (here, there) if each.exists() for line in each.read_text("utf-8").splitlines()]
    kept = "".join(f"{line}\n" for line in dict.fromkeys(lines) if line.strip())
    if kept:
        with open(here, "w", encoding="utf-8", opener=lambda p, flags: os.open(p, flags, 0o600)) as log:
            log.write(kept)
