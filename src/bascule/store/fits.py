"""How well people who did not apply for a job fit it: a score by the job's rubric, kept until either changes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ..model import Fields
from . import statements as s
from .codec import dumps, loads, stamp

if TYPE_CHECKING:
    from .tx import Tx


@dataclass(frozen=True, slots=True)
class Fit:
    """One person by one rubric version. `score` is None where they could not be scored (`body` says why). `of`: when
    what they are found by was made. `seen`: a person has looked at them since."""

    record: str
    family: str
    version: int
    of: int
    score: float | None
    body: Fields
    at: datetime
    seen: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A fit without what it says."""

    record: str
    score: float | None
    seen: bool
    fresh: bool  # by the newest rubric, of what is known of the person now


class Fits:
    """`tx.fits`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def set(self, workspace: str, job: str, fits: Sequence[Fit]) -> None:
        """Keep these, replacing older ones of the same people."""
        self._tx.vault.ready(workspace, {one.family for one in fits})
        rows = [
            {
                "workspace": workspace, "job": job, "record": one.record, "family": one.family, "version": one.version,
                "of": one.of, "score": one.score, "now": stamp(one.at),
                "body": self._tx.vault.seal(workspace, one.family, dumps(one.body).encode()),
            }
            for one in fits
        ]  # fmt: skip
        self._tx.many(s.FIT_SET, rows)

    def figures(self, job: str, version: int) -> dict[str, Figure]:
        """The fits of a job, by record."""
        rows = self._tx.rows(s.FIT_FIGURES, job=job, version=version)
        return {record: Figure(record, score, seen is not None, bool(fresh)) for record, score, seen, fresh in rows}

    def bodies(self, job: str, records: Collection[str]) -> dict[str, Fields]:
        """What the fits of these people say."""
        rows = self._tx.rows(s.FIT_BODIES, job=job, records=sorted(records)) if records else []
        self._tx.vault.fetch([body for _, body in rows])
        return {record: self._tx.vault.decoded(bytes(body), loads) for record, body in rows}

    def jobs(self, workspace: str) -> list[str]:
        """Jobs that somebody has looked for people for."""
        return [job for (job,) in self._tx.rows(s.FIT_JOBS, workspace=workspace)]

    def drop(self, family: str) -> None:
        """Nobody is to know how well somebody fits."""
        self._tx.run(s.FITS_DROP, family=family)

    def drop_others(self, record: str, family: str) -> None:
        """What was kept of somebody who is another family's now."""
        self._tx.run(s.FIT_DROP_OTHERS, record=record, family=family)
