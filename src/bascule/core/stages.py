"""Stage types: our ladder, the rules that give a stage its type, and which moves are forward.

The rules, the first that answers wins: an exception for one job; the stage's name, in every job; the system's own kind
of stage; the words of the name; its place among the job's stages. The first three are in force: a person or the system
has said it. The last two are proposals, which a person confirms: they are shown, and no move relies on them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from bascule.model import EMPTY, Family, Gap, Kind, Record, RecordState, StageType

LADDER: tuple[StageType, ...] = tuple(StageType)

WORDS: Mapping[StageType, tuple[str, ...]] = {
    StageType.HIRED: ("hired", "eingestellt", "anstalld", "ansatt", "embauche", "contratado", "aangenomen", "assunto"),
    StageType.OFFER: (
        "offer", "angebot", "vertrag", "contract", "erbjudande", "tilbud", "offre", "proposition", "oferta",
        "aanbod", "offerta", "salary", "gehalt", "reference", "background check", "pre-boarding", "preboarding",
    ),
    StageType.ASSESS: (
        "assessment", "assess", "test", "take home", "take-home", "case study", "fallstudie", "exercise", "challenge",
        "prov", "arbetsprov", "evaluation", "prueba", "evaluacion", "opdracht", "probearbeit", "valutazione",
        "assignment", "trial day", "team day", "work trial",
    ),
    StageType.SCREEN: (
        "screen", "screening", "phone", "telephone", "telefon", "recruiter call", "intro call", "review", "sichtung",
        "vorauswahl", "prescreen", "preselection", "preseleccion", "urval", "granskning", "forste samtale", "shortlist",
        "cv check", "voorselectie", "preselezione", "qualification", "longlist", "licence check", "license check",
    ),
    StageType.INTERVIEW: (
        "interview", "onsite", "on-site", "face to face", "panel", "final round", "gesprach", "vorstellungsgesprach",
        "intervju", "entretien", "entrevista", "sollicitatiegesprek", "gesprek", "colloquio",
        "hiring manager", "team fit",
        "technical", "samtal", "virtual", "meet the team",
    ),
    StageType.APPLIED: (
        "applied", "application", "applicant", "new", "inbox", "incoming", "received", "bewerbung", "eingang",
        "beworben",
        "neu", "ansokan", "inkommen", "soknad", "candidature", "nouveau", "solicitud", "aplicado", "nuevo",
        "sollicitatie", "nieuw", "candidatura", "nuovo", "initial qualification",
    ),
    StageType.LEAD: (
        "lead", "prospect", "sourced", "sourcing", "talent pool", "reached out", "contacted", "kontaktiert", "vivier",
        "contactado", "interessent", "passive", "referral", "in progress outreach",
    ),
}  # fmt: skip
"""Looked for in this order: "final interview and offer" is an offer, "phone interview" a screen."""

KINDS: Mapping[str, StageType] = {
    "lead": StageType.LEAD,
    "inbox": StageType.APPLIED,
    "new": StageType.APPLIED,
    "applied": StageType.APPLIED,
    "screening": StageType.SCREEN,
    "screen": StageType.SCREEN,
    "pre interview screen": StageType.SCREEN,
    "preinterviewscreen": StageType.SCREEN,
    "assessment": StageType.ASSESS,
    "interview": StageType.INTERVIEW,
    "offer": StageType.OFFER,
    "offered": StageType.OFFER,
    "reference check": StageType.OFFER,
    "background check": StageType.OFFER,
    "ready for hire": StageType.HIRED,
    "hired": StageType.HIRED,
}
"""Kinds of stage that systems have of their own, folded. A kind that may be any step ("active", "in-process",
"IN_REVIEW") is not here: it says nothing."""


def fold(name: str) -> str:
    """A name without case, accents and punctuation, its words one space apart."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c)).replace("ß", "ss").replace("ø", "o")
    return " ".join(re.findall(r"\w+", plain.replace("æ", "ae")))


def propose(name: str) -> StageType | None:
    """The type a stage's name suggests, in several languages; None when it says nothing. A person confirms it."""
    padded = f" {fold(name)} "
    for stage_type, words in _FOLDED:
        for known in words:
            found = f" {known} " in padded if len(known) < 5 else f" {known}" in padded or f"{known} " in padded
            if found:
                return stage_type
    return None


_FOLDED = tuple((one, tuple(fold(word) for word in words)) for one, words in WORDS.items())


class By(StrEnum):
    """Which rule has answered, in order of precedence."""

    JOB = "job"
    NAME = "name"
    KIND = "kind"
    WORDS = "words"
    ORDER = "order"


CERTAIN = frozenset({By.JOB, By.NAME, By.KIND})
"""The rules whose answer is in force; the others propose."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The type of a stage, and the rule that says so."""

    type: StageType
    by: By

    @property
    def certain(self) -> bool:
        return self.by in CERTAIN


@dataclass(frozen=True)
class Rules:
    """What a person has said at one connection: types by a stage's name, and by job (our id) and name."""

    names: Mapping[str, StageType] = field(default_factory=lambda: EMPTY)
    jobs: Mapping[tuple[str, str], StageType] = field(default_factory=lambda: EMPTY)

    @cached_property
    def _names(self) -> dict[str, StageType]:
        return {fold(name): one for name, one in self.names.items()}

    @cached_property
    def _jobs(self) -> dict[tuple[str, str], StageType]:
        return {(job, fold(name)): one for (job, name), one in self.jobs.items()}

    def certain(self, name: str, *, job: str | None = None, kind: str = "") -> Answer | None:
        """What the rules in force say of a stage."""
        folded = fold(name)
        if job is not None and (job, folded) in self._jobs:
            return Answer(self._jobs[job, folded], By.JOB)
        if folded in self._names:
            return Answer(self._names[folded], By.NAME)
        by_kind = KINDS.get(fold(kind.replace("_", " "))) if kind else None
        return Answer(by_kind, By.KIND) if by_kind is not None else None

    def answer(self, name: str, *, job: str | None = None, kind: str = "") -> Answer | None:
        """The same, else what the name's words propose. None is a gap."""
        found = self.certain(name, job=job, kind=kind)
        if found is not None:
            return found
        by_words = propose(name)
        return Answer(by_words, By.WORDS) if by_words is not None else None


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of a job, as the rules look at it."""

    name: str
    kind: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The stages of one job, in order."""

    job: str
    title: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Rung:
    """A stage of a ladder: what the rules for every job answer (None is a gap), and what its place suggests then."""

    step: Step
    answer: Answer | None
    suggested: Answer | None = None

    @property
    def gap(self) -> bool:
        return self.answer is None and self.step.active


@dataclass(frozen=True, slots=True)
class Exempt:
    """One job's stage that has a type of its own."""

    job: str
    title: str
    name: str
    type: StageType


@dataclass(frozen=True, slots=True)
class Ladder:
    """A row of stages, the jobs that have it (id, title), and what is otherwise in one of them."""

    rungs: tuple[Rung, ...]
    jobs: tuple[tuple[str, str], ...]
    exceptions: tuple[Exempt, ...] = ()


def ladders(pipelines: Iterable[Pipeline], rules: Rules) -> tuple[Ladder, ...]:
    """Every ladder once, the one of most jobs first. A name is looked at once however many jobs have it."""
    known: dict[tuple[str, str], Answer | None] = {}
    groups: dict[tuple[Step, ...], list[Pipeline]] = {}
    for one in pipelines:
        groups.setdefault(one.steps, []).append(one)
    apart: dict[str, list[tuple[str, StageType]]] = {}
    for (job, name), given in rules.jobs.items():
        apart.setdefault(job, []).append((name, given))
    found: list[Ladder] = []
    for steps, some in groups.items():
        for step in steps:
            if (step.name, step.kind) not in known:
                known[step.name, step.kind] = rules.answer(step.name, kind=step.kind)
        answers = [known[step.name, step.kind] for step in steps]
        exempt = tuple(Exempt(one.job, one.title, *each) for one in some for each in sorted(apart.get(one.job, ())))
        jobs = tuple((one.job, one.title) for one in some)
        found.append(Ladder(tuple(map(Rung, steps, answers, by_order(answers))), jobs, exempt))
    return tuple(sorted(found, key=lambda one: (-len(one.jobs), [rung.step.name for rung in one.rungs])))


def by_order(answers: Sequence[Answer | None]) -> tuple[Answer | None, ...]:
    """What its place suggests for each stage that nothing else answers: the first is applied, if what follows is not
    before that; the last before an offer or a hire is an interview."""
    ends = (i for i, one in enumerate(answers) if one is not None and one.type in (StageType.OFFER, StageType.HIRED))
    last = next(ends, len(answers)) - 1
    follows = next((one.type for one in answers if one is not None), None)
    found: list[Answer | None] = [None] * len(answers)
    if last > 0 and last + 1 < len(answers) and answers[last] is None:
        found[last] = Answer(StageType.INTERVIEW, By.ORDER)
    if answers and answers[0] is None and follows not in (StageType.LEAD, StageType.APPLIED):
        found[0] = Answer(StageType.APPLIED, By.ORDER)
    return tuple(found)


def unanswered(stage: Record | None) -> bool:
    """Whether no rule says, or proposes, the type of this stage: a gap, which a person fills."""
    return (
        stage is not None
        and stage.state is RecordState.LIVE
        and stage.fields.get("active") is not False
        and not stage.fields.get("type")
        and bool(name := _text(stage, "name"))
        and propose(name) is None
    )


def gaps(before: Family | None, after: Family) -> tuple[tuple[Gap, ...], tuple[tuple[str, str], ...]]:
    """What a step has done to a job's stages: those that are a gap now, and those (connection, record) that were."""
    now, over = list[Gap](), list[tuple[str, str]]()
    for link in after.links.values():
        if link.kind is not Kind.STAGE:
            continue
        old, new = (one.records.get(link.record) if one is not None else None for one in (before, after))
        was, name = unanswered(old), str(new.fields.get("name") or "") if new is not None else ""
        if link.open and unanswered(new):
            if not was or old is None or old.fields.get("name") != name:
                now.append(Gap(link.connection, Kind.STAGE, "type", name, link.record))
        elif was:
            over.append((link.connection, link.record))
    return tuple(now), tuple(over)


def place(stage_type: StageType | str | None) -> int | None:
    """The rung of a type on the ladder."""
    try:
        return LADDER.index(StageType(stage_type)) if stage_type else None
    except ValueError:
        return None


def is_forward(a: Record | None, b: Record | None) -> bool | None:
    """Whether going from stage `a` to stage `b` is forward. None when their types and places do not tell.

    Between two types the ladder decides; within one type the pipeline's own order does. From no stage, every stage is
    forward.
    """
    if b is None:
        return None
    if a is None:
        return True
    if a.id == b.id:
        return False
    here, there = place(_text(a, "type")), place(_text(b, "type"))
    if here is not None and there is not None and here != there:
        return there > here
    orders = (a.fields.get("order"), b.fields.get("order"))
    if a.parent == b.parent and all(isinstance(o, (int, float)) for o in orders):
        return float(orders[1]) > float(orders[0])  # type: ignore[arg-type]
    return None


def _text(record: Record, name: str) -> str | None:
    value = record.fields.get(name)
    return value if isinstance(value, str) else None


def moves(stage: Record | None, stages: Iterable[Record]) -> tuple[Record, ...]:
    """The stages a person may move an application to: the active ones of the same job, in order, but hired ones.

    Hiring happens in the ATS and is read from there.
    """
    open_to = [
        s
        for s in stages
        if (stage is None or (s.id != stage.id and s.parent == stage.parent))
        and s.fields.get("active") is not False
        and place(_text(s, "type")) != place(StageType.HIRED)
    ]
    return tuple(sorted(open_to, key=order))


def order(stage: Record) -> tuple[float, str]:
    order = stage.fields.get("order")
    return (float(order) if isinstance(order, (int, float)) else 0.0, stage.id)
