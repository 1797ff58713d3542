"""The audit chain's arithmetic: each entry's digest stands on the one before, and holds no personal value.

A value enters as H(salt, value). The salt lies with the person and is erased with them: the chain still verifies, and
says nothing more about the value.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bascule.core.digest import canonical, spelled

GENESIS = hashlib.sha256(b"bascule audit chain 1").hexdigest()


def digest(entry: Mapping[str, object]) -> str:
    """SHA-256 of an entry in canonical JSON: its own content, apart from its place in the chain."""
    return hashlib.sha256(spelled(entry)).hexdigest()


def value(salt: str, plain: object) -> str:
    """H(salt, value): what stands for a personal value in an entry."""
    return hashlib.sha256(f"{salt}|{canonical(plain)}".encode()).hexdigest()


def link(previous: str, entry_digest: str) -> str:
    """The chain's digest after an entry: H(previous, digest of the entry). The first stands on GENESIS."""
    return hashlib.sha256(f"{previous}|{entry_digest}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Sealed:
    """One entry as it stands in the chain."""

    number: int  # from 1, without a hole
    entry: Mapping[str, object]
    sealed: str  # link(previous, digest(entry))


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry that does not stand on the one before it."""

    number: int
    why: str


def verify(entries: Iterable[Sealed], previous: str = GENESIS, first: int = 1) -> Broken | None:
    """The first place where the chain is broken, or None. To verify a stretch, give what stands before it."""
    expected = first
    for each in entries:
        if each.number != expected:
            return Broken(expected, f"entry {expected} is missing")
        if link(previous, digest(each.entry)) != each.sealed:
            return Broken(each.number, "its content, or an entry before it, has been changed")
        previous, expected = each.sealed, expected + 1
    return None
