"""Fixtures for every test: a real store on each back end, and a builder of houses on it."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bascule.core import audit
from bascule.store import Arithmetic, Store, open_store

from .databases import Cluster

if TYPE_CHECKING:  # most tests need no house, and it takes long to import
    from .engine.kit import Builder, Workbench

MASTER = bytes(range(32))
AUDIT = Arithmetic(audit.digest, audit.value, audit.link, audit.GENESIS)
TEMPLATE = "bascule_template"
MEMORY, ENOUGH = Path("/dev/shm"), 1 << 30

# Databases wait for the disk at each commit, and no test can cut the power: their files are kept in memory where it is.
if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ENOUGH:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_collection_finish() -> None:
    """Thousands of tests are held for as long as all run, and each look for cycles would go through them again; they
    are looked for as seldom as in the product."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server of our own, with a template that is migrated once."""
    cluster = Cluster()
    cluster.create(TEMPLATE)
    asyncio.run(open_store(cluster.url(TEMPLATE), master=MASTER, workers=1).close())
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that is migrated once; a test begins with a copy."""
    path = tmp_path_factory.mktemp("empty") / "bascule.db"
    asyncio.run(open_store(f"sqlite:///{path}", master=MASTER).close())
    return path


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, migrated database: SQLite's, and PostgreSQL's too where a test says `both_databases`."""
    yield from migrated(getattr(request, "param", "sqlite"), request, tmp_path)


def migrated(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if kind == "sqlite":
        copy = shutil.copy(request.getfixturevalue("empty"), tmp_path / "bascule.db")
        yield f"sqlite:///{copy}"
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    with cluster.lent(TEMPLATE) as url:
        yield url


@pytest.fixture
async def store(database: str, tmp_path: Path) -> AsyncIterator[Store]:
    """A store of its own for the test."""
    store = open_store(database, master=MASTER, files=tmp_path / "files", audit=AUDIT, workers=4)
    yield store
    await store.close()


@pytest.fixture(scope="session")
def bench() -> Iterator[Workbench]:
    from .engine.kit import Workbench

    bench = Workbench()
    yield bench
    asyncio.run(bench.close())


@pytest.fixture
async def build(database: str, tmp_path: Path, bench: Workbench) -> AsyncIterator[Builder]:
    from .engine.kit import builder

    async with builder(database, tmp_path / "data", bench) as made:
        yield made
