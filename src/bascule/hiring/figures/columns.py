"""What figures are counted from: a workspace's applications, passages, messages and screenings as columns of numbers.

One element a row, no id and no name of a candidate in it. Times are milliseconds since 1970, -1 where there is none or
where it is not known. Jobs, connections, templates and senders are indices into the lists beside the columns, -1 for
none.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bascule.core.outcomes import first_stages
from bascule.model import Decision, Record, StageType, Status

Times = NDArray[np.int64]
Indices = NDArray[np.int32]
NONE = -1
SECOND = 1000
ENDS = ("", str(Status.HIRED), str(Status.REJECTED), str(Status.WITHDRAWN))
FORWARD, REJECTED = 1, 2
LADDER: tuple[str, ...] = ("", *map(str, StageType))
"""Types of stages in the order of the way; "" for a stage whose type nobody has said."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a job, in the order of the job. `first`: nobody has decided about anyone there yet."""

    id: str
    name: str
    type: str
    first: bool


@dataclass(frozen=True, slots=True)
class Job:
    """A job with its ladder and the ids of the ATS's users who are its recruiters."""

    id: str
    title: str
    department: str
    requisition: str
    status: str
    recruiters: tuple[str, ...]
    stages: tuple[Stage, ...]


@dataclass(frozen=True)
class Columns:
    """Everything, with what its indices mean."""

    jobs: tuple[Job, ...]
    connections: tuple[str, ...]  # ids
    templates: tuple[str, ...]
    senders: tuple[str, ...]  # users of Bascule, "" for nobody's name
    applications: Mapping[str, NDArray[Any]]
    passages: Mapping[str, NDArray[Any]]
    screenings: Mapping[str, NDArray[Any]]
    messages: Mapping[str, NDArray[Any]]

    def packed(self) -> bytes:
        """As bytes that `unpacked` takes."""
        head = {
            "jobs": [asdict(one) for one in self.jobs], "connections": self.connections,
            "templates": self.templates, "senders": self.senders,
        }  # fmt: skip
        arrays: dict[str, Any] = {
            f"{part}.{name}": array if name in TIMES else array.astype(np.int32)
            for part in PARTS
            for name, array in getattr(self, part).items()
        }
        out = io.BytesIO()
        np.savez(out, head=np.frombuffer(json.dumps(head).encode(), np.uint8), **arrays)
        return out.getvalue()


PARTS = ("applications", "passages", "screenings", "messages")
TIMES = frozenset(
    (
        "applied",
        "scored",
        "written",
        "decided",
        "hired",
        "interview",
        "offer",
        "entered",
        "until",
        "invited",
        "completed",
        "opted_out",
        "sent",
        "answered",
    )
)


def unpacked(data: bytes) -> Columns:
    """What `packed` made."""
    with np.load(io.BytesIO(data), allow_pickle=False) as found:
        head = json.loads(found["head"].tobytes())
        parts: dict[str, dict[str, NDArray[Any]]] = {part: {} for part in PARTS}
        for key in found.files:
            part, _, name = key.partition(".")
            if name:
                parts[part][name] = found[key]
    jobs = tuple(map(_job, head["jobs"]))
    connections, templates, senders = (tuple(head[name]) for name in ("connections", "templates", "senders"))
    return Columns(jobs, connections, templates, senders, **parts)


def _job(one: Mapping[str, Any]) -> Job:
    stages = tuple(Stage(**stage) for stage in one["stages"])
    return replace(Job(**one), recruiters=tuple(one["recruiters"]), stages=stages)


def job_of(record: Record, stages: Iterable[Record]) -> Job:
    """A job as figures need it."""
    ladder = sorted(stages, key=lambda one: (_order(one), one.id))
    first = first_stages(ladder)
    fields = record.fields
    named = fields.get("recruiters")
    return Job(
        record.id, str(fields.get("title") or ""), str(fields.get("department") or ""),
        str(fields.get("requisition") or ""), str(fields.get("status") or "open"),
        tuple(str(one) for one in named) if isinstance(named, tuple) else (),
        tuple(
            Stage(one.id, str(one.fields.get("name") or ""), str(one.fields.get("type") or ""), one.id in first)
            for one in ladder
        ),
    )  # fmt: skip


def _order(stage: Record) -> float:
    order = stage.fields.get("order")
    return float(order) if isinstance(order, int | float) else 0.0


class _Index:
    """Texts in the order of their first use."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self.places = {text: place for place, text in enumerate(known)}

    def of(self, text: str | None) -> int:
        return NONE if text is None else self.places.setdefault(text, len(self.places))

    def known(self, text: str | None) -> int:
        return self.places.get(text or "", NONE)

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(self.places)


Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows as the store reads them (`tx.figures`). `thresholds`: (job, version of its rubric) -> the score from which
    it proposes somebody; `live`: connection -> since when it writes, as a stamp."""

    applications: Sequence[Row]
    passages: Sequence[Row]
    screenings: Sequence[Row]
    messages: Sequence[Row]
    thresholds: Mapping[tuple[str, int], float]
    usual: float
    live: Mapping[str, int]


def columns(jobs: Iterable[Job], rows: Rows) -> Columns:
    """Rows as columns."""
    every = tuple(jobs)
    places, connections = _Index(one.id for one in every), _Index()
    templates, senders = _Index(), _Index()
    stages = {stage.id: (number, stage) for job in every for number, stage in enumerate(job.stages)}
    ways = _ways(rows.passages, places, stages)
    applications = _applications(rows, places, connections, stages, ways)
    home = {row[0]: connections.known(row[6]) for row in rows.applications}
    passages = {name: np.array(found, np.int64) for name, found in ways.flat(home).items()}
    screenings = _table(
        ("job", "connection", "invited", "completed", "opted_out"),
        [(places.known(j), connections.of(c), _s(i), _s(d), _s(o)) for j, c, i, d, o in rows.screenings],
    )
    messages = _table(
        ("job", "connection", "template", "sender", "sent", "answered"),
        [
            (places.known(j), connections.of(c), templates.of(t), senders.of(by), _s(sent), _s(answered))
            for j, c, t, by, sent, answered in rows.messages
        ],
    )
    return Columns(
        every, connections.texts, templates.texts, senders.texts, applications, passages, screenings, messages
    )


def _table(names: Sequence[str], rows: Sequence[Row]) -> dict[str, NDArray[Any]]:
    found = np.array(rows, np.int64).reshape(len(rows), len(names))
    return {name: np.ascontiguousarray(found[:, place]) for place, name in enumerate(names)}


def _s(stamp: int | None) -> int:
    """A stamp in milliseconds."""
    return NONE if stamp is None else stamp // 1000


# ------------------------------------------------------------------------------------------------ the way of each


class _Ways:
    """Passages of applications: columns, and by application when each type of stage was first reached."""

    def __init__(self) -> None:
        names = ("job", "stage", "type", "entered", "until", "ended", "stands", "told")
        self.rows: dict[str, list[int]] = {name: [] for name in names}
        self.owners: list[str] = []
        self.reached: dict[str, list[int]] = {}
        self.ends: dict[str, tuple[str, int]] = {}  # how and when it has ended, if it has

    def add(self, application: str, values: Mapping[str, int]) -> None:
        self.owners.append(application)
        for name, value in values.items():
            self.rows[name].append(value)

    def flat(self, home: Mapping[str, int]) -> dict[str, list[int]]:
        return {**self.rows, "connection": [home.get(one, NONE) for one in self.owners]}


def _ways(rows: Sequence[Row], jobs: _Index, stages: Mapping[str, tuple[int, Stage]]) -> _Ways:
    """`entered` is -1 where nobody saw it: of a stage that somebody stood in when they were met, unless applications
    begin there or the ATS's own history tells it (`told`). Of those whose end nobody saw `until` is -1 though they do
    not stand there."""
    found = _Ways()
    for application, job, stage, entered, until, ended, met, told in rows:
        number, at = stages.get(stage, (NONE, None))
        kind = LADDER.index(at.type) if at is not None and at.type in LADDER else 0
        known = not met or (at is not None and at.first)
        since = _s(entered) if known else NONE
        found.add(application, {
            "job": jobs.known(job), "stage": number, "type": kind, "entered": since, "until": _s(until),
            "ended": ENDS.index(ended) if ended in ENDS else 0, "stands": int(until is None and not ended),
            "told": int(told),
        })  # fmt: skip
        if ended:
            found.ends[application] = (ended, _s(until))
        else:
            found.ends.pop(application, None)
        reached = found.reached.setdefault(application, [NONE] * len(LADDER))
        if kind and reached[kind] == NONE:
            reached[kind] = since if since != NONE else -2  # -2: reached, nobody knows when
    return found


_MARKS = (
    "job", "connection", "applied", "scored", "written", "decided", "decision", "with_score", "above", "open",
    "hired", "interview", "offer",
)  # fmt: skip


def _applications(
    rows: Rows, jobs: _Index, connections: _Index, stages: Mapping[str, tuple[int, Stage]], ways: _Ways
) -> dict[str, NDArray[Any]]:
    interview, offer = LADDER.index(StageType.INTERVIEW), LADDER.index(StageType.OFFER)
    found: list[Row] = []
    nowhere = [NONE] * len(LADDER)
    for id, job, stage, status, applied, scored, at, decision, decided, score, version, written in rows.applications:
        reached = ways.reached.get(id, nowhere)
        ended, closed = ways.ends.get(id, ("", NONE))
        place = stages.get(stage or "", (NONE, None))[1]
        waits = status == Status.ACTIVE and decision is None and (place is None or place.first)
        threshold = rows.thresholds.get((job, version or 0), rows.usual)
        counted = scored is not None and at in rows.live and applied >= rows.live[at]
        found.append((
            jobs.known(job), connections.of(at), _s(applied), _s(scored), _s(written) if counted else NONE,
            _s(decided), _DECISIONS.get(decision or "", 0), int(score is not None),
            int(score is not None and score >= threshold), int(waits),
            (closed if closed != NONE else -2) if ended == Status.HIRED else NONE, reached[interview], reached[offer],
        ))  # fmt: skip
    return _table(_MARKS, found)


_DECISIONS = {str(Decision.FORWARD): FORWARD, str(Decision.REJECTED): REJECTED}
