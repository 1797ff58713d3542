"""What the tool does wrong on purpose: `[{"kind": "duplicate", "times": 3}]`, from a file or in Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

KINDS: Mapping[str, str] = {
    "late": "keeps a result back for `seconds`",
    "duplicate": "sends a result twice",
    "stale": "sends an older version of a result after the newer one",
    "malformed": "sends a result that nobody can take, before the right one",
    "refuses": "answers a hint with `status` (401 unless told otherwise)",
    "slow": "answers a hint after `seconds`",
    "forgetful": "forgets whom it is told to forget, and does not say so",
}


@dataclass
class Fault:
    """One thing that goes wrong, `times` often (0: always)."""

    kind: str
    times: int = 0
    seconds: float = 5.0
    status: int = 401
    acted: int = 0


class Faults:
    """All that goes wrong in one tool."""

    def __init__(self, given: Sequence[Mapping[str, Any]] = ()) -> None:
        self.ordered: list[Fault] = []
        for one in given:
            self.add(one)

    def add(self, given: Mapping[str, Any]) -> Fault:
        """Order one. ValueError says what is not understood."""
        unknown = set(given) - {"kind", "times", "seconds", "status"}
        if given.get("kind") not in KINDS or unknown:
            raise ValueError(
                f"A fault is one of {', '.join(KINDS)}, with times, seconds and status; not {dict(given)}."
            )
        made = Fault(**given)
        self.ordered.append(made)
        return made

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self.ordered.clear()

    def met(self, kind: str) -> Fault | None:
        """The fault of that kind that acts now; counted."""
        for one in self.ordered:
            if one.kind == kind and (not one.times or one.acted < one.times):
                one.acted += 1
                return one
        return None
