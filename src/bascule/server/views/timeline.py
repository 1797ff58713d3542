"""Why a value says what it says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bascule.model import Value

from .parts import Choice, Exchange, Tone, Way


@dataclass(frozen=True, slots=True)
class Changed:
    """One value that moved."""

    field: str
    old: Value
    new: Value


@dataclass(frozen=True, slots=True)
class Moment:
    """One step of a timeline. `there` is what happened in the ATS, `here` in Bascule; `way` draws the arrow.

    `changes` are the values that moved in this step, by one actor and for one cause.
    """

    id: str
    at: datetime
    way: Way
    field: str
    there: str = ""
    here: str = ""
    changes: tuple[Changed, ...] = ()
    actor: str = ""
    actor_kind: str = ""
    cause: str = ""
    cause_href: str = ""
    why: str = ""
    connection: str = ""
    exchange: Exchange | None = None
    tone: Tone = Tone.QUIET
    mapping: str = ""  # the page of the mapping that carried it
    thing: str = ""  # what it happened to, where that is not the candidate: "Note", "File", "Application" ...

    @property
    def head(self) -> str:
        """What moved, in a few words."""
        if self.thing in ("Note", "File") or not self.changes:
            return self.thing or self.field
        names = [one.field for one in self.changes]
        return ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")


@dataclass(frozen=True, slots=True)
class Timeline:
    """Why a value says what it says."""

    subject: str
    subject_href: str
    field: str
    label: str
    value: Value
    answer: str
    systems: tuple[str, ...]
    moments: tuple[Moment, ...]
    fields: tuple[Choice, ...] = ()
    base: str = ""
    next: str = ""
    whole: bool = False
