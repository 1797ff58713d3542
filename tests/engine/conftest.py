"""Fixtures of the engine's tests: a builder of houses on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from .kit import Builder, House, Workbench, builder


@pytest.fixture(scope="session")
def bench() -> Iterator[Workbench]:
    bench = Workbench()
    yield bench
    asyncio.run(bench.close())


@pytest.fixture
async def build(database: str, tmp_path: Path, bench: Workbench) -> AsyncIterator[Builder]:
    async with builder(database, tmp_path / "data", bench) as made:
        yield made


@pytest.fixture
async def house(build: Builder) -> House:
    """A customer with application fields, live."""
    return await build.house()
