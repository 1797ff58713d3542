"""What a credential may do, against what the mapping needs: least privilege as a comparison, and what blocks on it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ..model import Value
from .spec import Connector

NOT_TOLD = "not told"
"""Stands in a waiver for rights that nobody has entered and the system does not tell."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """Why somebody accepts, in writing, that a credential may do more than is needed; and which rights that covers."""

    reason: str
    by: str
    at: datetime | None
    rights: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rights:
    """Sorted names of rights (scopes). `told_by` is who says what was granted: the "system", a person ("owner"), or
    "" while nobody has."""

    needed: tuple[str, ...]
    granted: tuple[str, ...]
    unavoidable: tuple[str, ...]
    told_by: str = ""
    waiver: Waiver | None = None

    @property
    def excess(self) -> tuple[str, ...]:
        """Granted, neither needed nor unavoidable."""
        return tuple(one for one in self.granted if one not in self.needed and one not in self.unavoidable)

    @property
    def missing(self) -> tuple[str, ...]:
        """Needed and not granted, where it is known what was granted."""
        return tuple(one for one in self.needed if one not in self.granted) if self.told_by else ()

    @property
    def unwaived(self) -> tuple[str, ...]:
        """What keeps a connection from being promoted beyond `listen`: excess that nobody has waived."""
        covered = self.waiver.rights if self.waiver else ()
        return tuple(one for one in (self.excess if self.told_by else (NOT_TOLD,)) if one not in covered)

    def objection(self, system: str) -> str:
        """One sentence about what is to be mended or waived; "" where nothing is."""
        if not self.unwaived:
            return ""
        if not self.told_by:
            return f"{system} does not tell which rights the credential has, and nobody has entered them."
        return f"The credential may do more than the mapping needs: {', '.join(self.unwaived)}."

    def as_dict(self) -> dict[str, object]:
        """For programs."""
        return {
            "needed": list(self.needed), "granted": list(self.granted), "told_by": self.told_by,
            "missing": list(self.missing), "excess": list(self.excess), "unavoidable": list(self.unavoidable),
            "waived": self.waiver.reason if self.waiver else "", "blocking": list(self.unwaived),
        }  # fmt: skip


def compare(
    connector: Connector,
    needed: Collection[str],
    told: Collection[str],
    entered: Collection[str] | None,
    waiver: Waiver | None,
) -> Rights:
    """`told` is what the system says was granted, `entered` what a person says (None: nobody has)."""
    granted, told_by = (told, "system") if told else ((entered, "owner") if entered is not None else ((), ""))
    return Rights(tuple(sorted(needed)), tuple(sorted(granted)), tuple(sorted(connector.excess)), told_by, waiver)


def entered(text: str | Iterable[str], known: Collection[str]) -> tuple[str, ...]:
    """Names of rights as a person copies them: separated by anything (where names have spaces, by lines, commas or
    semicolons), with or without what all of them begin with, in any case."""
    apart = r"\s*[\n,;]\s*" if any(" " in name for name in known) else r"[\s,;]+"
    words = re.split(apart, text.strip()) if isinstance(text, str) else [one.strip() for one in text]
    words = [word.rstrip(":") for word in words]
    whole = {name.partition(":")[2].lower(): name for name in known} | {name.lower(): name for name in known}
    return tuple(sorted({whole.get(word.lower(), word) for word in words if word and word.lower() != "and"}))


# ------------------------------------------------------------------------------------------ as kept with a connection


def kept_entry(granted: Iterable[str], by: str, at: datetime) -> Mapping[str, Value]:
    return {"granted": tuple(granted), "by": by, "at": at.isoformat()}


def read_entry(kept: Value) -> tuple[str, ...] | None:
    """What a person entered; None if nobody has."""
    return _texts(kept.get("granted")) if isinstance(kept, Mapping) else None


def kept_waiver(waiver: Waiver) -> Mapping[str, Value]:
    at = waiver.at.isoformat() if waiver.at else None
    return {"reason": waiver.reason, "by": waiver.by, "at": at, "rights": waiver.rights}


def read_waiver(kept: Value) -> Waiver | None:
    if not isinstance(kept, Mapping):
        return None
    at = kept.get("at")
    when = datetime.fromisoformat(at) if isinstance(at, str) else None
    return Waiver(str(kept.get("reason") or ""), str(kept.get("by") or ""), when, _texts(kept.get("rights")))


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, (tuple, list)) else ()
