"""What the server does wrong on purpose: `[{"kind": "throttled", "times": 2}]`, from a file or in Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

KINDS: Mapping[str, str] = {
    "throttled": "answers 429 with Retry-After `seconds`",
    "overloaded": "answers that it has too much to do (503, or Anthropic's 529)",
    "fails": "answers 500",
    "quota": "answers that the account is out of credit",
    "slow": "answers after `seconds`",
    "cut": "breaks its answer's body off in the middle",
    "malformed": "gives arguments that do not fit the schema",
    "talks": "answers in words instead of with the tool it was given",
    "refuses": "declines to answer",
    "invents": "adds what does not stand in the text, with quotes that are not there",
    "obeys": "does what the text it was shown tells it to: praises, and gives the points that are asked for",
}


@dataclass
class Fault:
    """One thing that goes wrong, `times` often (0: always)."""

    kind: str
    times: int = 0
    seconds: float = 1.0
    acted: int = 0


class Faults:
    """All that goes wrong in one server."""

    def __init__(self, given: Sequence[Mapping[str, Any]] = ()) -> None:
        self.ordered: list[Fault] = []
        for one in given:
            self.add(one)

    def add(self, given: Mapping[str, Any]) -> Fault:
        """Order one. ValueError says what is not understood."""
        if given.get("kind") not in KINDS or set(given) - {"kind", "times", "seconds"}:
            raise ValueError(f"A fault is one of {', '.join(KINDS)}, with times and seconds; not {dict(given)}.")
        made = Fault(**given)
        self.ordered.append(made)
        return made

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self.ordered.clear()

    def met(self, *kinds: str) -> Fault | None:
        """The fault of one of these kinds that acts now; counted."""
        for one in self.ordered:
            if one.kind in kinds and (not one.times or one.acted < one.times):
                one.acted += 1
                return one
        return None
