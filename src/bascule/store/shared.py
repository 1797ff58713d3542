"""What every transaction of one store has in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .indexed import Hear
from .kept import Kept
from .vault import Vault


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """How an audit entry is digested and joins the chain. The store only keeps what these return."""

    digest: Callable[[Mapping[str, object]], str]  # of an entry's content
    value: Callable[[str, object], str]  # (salt, personal value) -> what stands for it
    link: Callable[[str, str], str]  # (chain so far, an entry's digest) -> chain
    genesis: str  # what the first entry stands on


@dataclass(frozen=True, slots=True)
class Shared:
    """The keys, the folder of sealed files (None: everything stays in tables), the audit's arithmetic, the families at
    work, and who wants to hear what people are found by from now on."""

    vault: Vault
    files: Path | None = None
    arithmetic: Arithmetic | None = None
    kept: Kept = field(default_factory=Kept)
    indexed: list[Hear] = field(default_factory=list[Hear])
