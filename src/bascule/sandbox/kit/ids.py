"""Ids as vendors make them. Each maker turns the running number of an object of its kind into an id."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any
from uuid import UUID

# A number or a text, as the vendor's ids are.
Id = Any
NewId = Callable[[int], Id]


def numbers(first: int = 1) -> NewId:
    """first, first + 1, ..."""
    return lambda made: first + made


def uuids(seed: int, kind: str) -> NewId:
    """UUIDs of version 4 that are the same for the same seed and kind."""
    return lambda made: str(UUID(int=Random(f"{seed}-{kind}-{made}").getrandbits(128), version=4))


def hexes(seed: int, kind: str, length: int = 32) -> NewId:
    """`length` hexadecimal digits that are the same for the same seed and kind."""
    return lambda made: f"{Random(f'{seed}-{kind}-{made}').getrandbits(length * 4):0{length}x}"


def texts(pattern: str, first: int = 1) -> NewId:
    """`pattern` with the number in it, as `C-{}` or `R-{:05d}`."""
    return lambda made: pattern.format(first + made)
