"""What a file holds, as it was read."""

from dataclasses import dataclass
from typing import Literal

from .tricks import Flag

READER = "reader-2"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds. `reason` says in a recruiter's words why it is unreadable and what to do; it is empty
    otherwise."""

    status: Literal["read", "unreadable"]
    text: str
    reason: str
    pages: int
    language: str
    flags: tuple[Flag, ...]
    hidden: str
    """An excerpt of text that people cannot see; it is not in `text`."""
    sureness: float = 1.0
    """0 to 1: how certainly the characters were read; less than 1 only where they were recognised in pictures."""
    reader: str = READER
