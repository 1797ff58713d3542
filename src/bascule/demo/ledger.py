"""What the sandbox's own list of changes tells about applications: when they came, when their score stood there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bascule.model import AiStatus

from .ats import Change
from .people import ENTERPRISE

SCORE, STATUS = "bascule_match_score", "bascule_ai_status"
FINAL = frozenset({AiStatus.SCORED, AiStatus.UNREADABLE, AiStatus.NOT_SCORED, AiStatus.REVIEWED})
CONTACT = frozenset(
    {
        "first_name", "last_name", "preferred_name", "email_addresses", "phone_numbers", "addresses",
        "website_addresses", "social_media_addresses", "company", "title",
    }
)  # fmt: skip


@dataclass(slots=True)
class Seen:
    """One application as its account shows it. Times are the sandbox's clock, in seconds."""

    candidate: int
    application: int
    job: str
    came: float
    scored: float | None = None  # when its score first stood there
    told: float | None = None  # when a final AI status first stood there
    status: str = ""

    @property
    def written(self) -> bool:
        """Whether all that AI has to say about it stands in the ATS."""
        return self.told is not None and (self.status != AiStatus.SCORED or self.scored is not None)

    @property
    def latency(self) -> float | None:
        """Seconds from the application to its score there, or to the word that there is none."""
        end = self.scored if self.scored is not None else self.told if self.status != AiStatus.SCORED else None
        return None if end is None else end - self.came


@dataclass(slots=True)
class Ledger:
    """Folds the changes of one account. `jobs`: id -> title."""

    tier: str
    jobs: Mapping[int, str]
    last: int = 0
    applications: dict[int, Seen] = field(default_factory=dict[int, Seen])
    contacts: list[Change] = field(default_factory=list[Change])  # changes of contact data after a person was there

    def take(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self.last = max(self.last, int(change["seq"]))
            self._take(change)

    def _take(self, change: Change) -> None:
        about, name = change["object"], change["field"] or ""
        if about == "applications" and change["action"] == "created":
            row = change["new"]
            job = self.jobs.get(row["job_id"], "")
            self.applications[change["id"]] = Seen(row["candidate_id"], change["id"], job, float(change["at"]))
        elif about == "candidates" and name in CONTACT:
            self.contacts.append(change)
        elif name.startswith("custom_fields.") and change["new"] is not None:
            self._shown(name.removeprefix("custom_fields."), change)

    def _shown(self, name: str, change: Change) -> None:
        at, value = float(change["at"]), change["new"]
        if self.tier == ENTERPRISE and change["object"] == "applications" and change["id"] in self.applications:
            _note(self.applications[change["id"]], name, at, value)
        elif self.tier != ENTERPRISE and change["object"] == "candidates" and name.endswith("_by_job"):
            lines = {job: shown for job, _, shown in (line.rpartition(": ") for line in str(value).splitlines())}
            for one in self.applications.values():
                if one.candidate == change["id"] and one.job in lines:
                    _note(one, name.removesuffix("_by_job"), at, lines[one.job])


def _note(one: Seen, name: str, at: float, value: object) -> None:
    if name == SCORE and one.scored is None:
        one.scored = at
    elif name == STATUS:
        one.status = str(value)
        if one.told is None and value in FINAL:
            one.told = at


def seen(ledgers: Iterable[Ledger]) -> list[Seen]:
    return [one for ledger in ledgers for one in ledger.applications.values()]


def percentile(values: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile; None of nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None
