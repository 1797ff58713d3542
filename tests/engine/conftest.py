"""Fixtures of the engine's tests: a house."""

from __future__ import annotations

import pytest

from .kit import Builder, House


@pytest.fixture
async def house(build: Builder) -> House:
    """A customer with application fields, live."""
    return await build.house()
