"""The match score: 0 to 100, made of named, weighted parts that sum to it exactly.

It says how much of what the job asks for this resume shows, and quotes where. It is not a probability of anything,
and says nothing of personality or fit with a culture. The scorer is handed redacted text only; who somebody is
cannot change it. All arithmetic on points is in whole tenths."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from .eligibility import Checked, checked, conditions_part
from .evidence import PLENTY, Evidence, EvidenceMaker
from .parts import Answer, Draft, Reason, experience_part, languages_part, role_part, skills_part, years_part
from .rubric import Rubric
from .skills import SkillHit, SkillLinker
from .taxonomy import Taxonomy
from .tricks import Flag
from .wording import counted

SCORER = "parts-3"
FEWEST_WORDS = 25
"""A resume with fewer words is not scored: there is nothing to judge."""

WEIGHTS = {"skills": 25, "experience": 40, "role": 20, "years": 10, "languages": 5, "conditions": 0}
"""Share of the score by part. A part the job does not ask for gives its share to the others. Place and eligibility are
checked beside the score: they weigh something only where a person has said so."""
NAMES = {
    "skills": "Skills asked for",
    "experience": "Work like this job's",
    "role": "Same kind of role",
    "years": "Years of experience",
    "languages": "Languages",
    "conditions": "Place and eligibility",
}


@dataclass(frozen=True, slots=True)
class Gain:
    """One thing that would raise a score, and by how many tenths of a point, if all else stayed as it is."""

    what: str
    tenths: int


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One named part. `weight` and `points` are in tenths of a point; `value` is points as a share of weight."""

    key: str
    name: str
    weight: int
    points: int
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]
    gains: tuple[Gain, ...] = ()

    @property
    def value(self) -> float:
        return self.points / self.weight if self.weight else 0.0


@dataclass(frozen=True, slots=True)
class Score:
    """A resume against a rubric. Without enough to go by, `scored` is False, `reason` says why, and there are no
    parts."""

    scored: bool
    tenths: int
    parts: tuple[ScorePart, ...]
    rubric: str
    scorer: str
    taxonomy: str
    model: str
    as_of: date
    confidence: float
    """0 to 1: how much could be read and understood. It does not move the score."""
    flags: tuple[Flag, ...]
    skills: tuple[SkillHit, ...]
    """Every canonical skill found, once each, at its first mention."""
    reason: str = ""
    conditions: tuple[Checked, ...] = ()
    """Place and eligibility, each with what the resume or an answer says of it."""

    @property
    def value(self) -> float:
        """0.0 to 100.0, one decimal."""
        return self.tenths / 10


class Scorer:
    """Weighs evidence against rubrics. Holds the shared tables only; the same input gives the same score on any day and
    machine."""

    def __init__(self, maker: EvidenceMaker, taxonomy: Taxonomy, skills: SkillLinker) -> None:
        self._maker = maker
        self._taxonomy = taxonomy
        self._skills = skills

    def score(self, evidence: Evidence, rubric: Rubric, answers: Sequence[Answer] = ()) -> Score:
        """Score one resume. Raises ValueError when evidence and rubric are vectors of different models."""
        if evidence.model != rubric.model:
            raise ValueError(f"evidence is of {evidence.model}, the rubric of {rubric.model}: read the resume again")
        evidence = self._maker.apart_from(evidence, rubric.advert)
        facts = checked(evidence, rubric, answers)
        if rubric.reason or evidence.size < FEWEST_WORDS:
            few = f"Only {counted(evidence.size, 'word')} could be scored: ask for a resume with text."
            return self._result(rubric, evidence, (), 0.0, rubric.reason or few, facts)
        parts = _weigh(
            [
                skills_part(evidence, rubric, answers, self._skills),
                experience_part(evidence, rubric, self._maker),
                role_part(evidence, rubric),
                years_part(evidence, rubric),
                languages_part(evidence, rubric, answers),
                conditions_part(facts),
            ],
            rubric,
        )
        confidence = round(evidence.size / PLENTY * (0.5 + 0.5 * evidence.profile.confidence), 2)
        return self._result(rubric, evidence, parts, confidence, "", facts)

    def _result(
        self,
        rubric: Rubric,
        evidence: Evidence,
        parts: tuple[ScorePart, ...],
        confidence: float,
        reason: str,
        facts: tuple[Checked, ...],
    ) -> Score:
        first = {hit.id: hit for hit in reversed(evidence.hits)}
        return Score(
            scored=not reason,
            tenths=sum(part.points for part in parts),
            parts=parts,
            rubric=rubric.version,
            scorer=SCORER,
            taxonomy=self._taxonomy.version,
            model=evidence.model,
            as_of=evidence.as_of,
            confidence=confidence,
            flags=evidence.flags,
            skills=tuple(sorted(first.values(), key=lambda hit: hit.start)),
            reason=reason,
            conditions=facts,
        )


def _weigh(drafts: Sequence[Draft | None], rubric: Rubric) -> tuple[ScorePart, ...]:
    """Give every part its whole tenths: 1000 shared out by weight, remainders to the largest fractions."""
    weights = WEIGHTS | dict(rubric.weights)
    asked = [draft for draft in drafts if draft is not None and weights[draft.key]]
    raw = [weights[draft.key] * draft.share for draft in asked]
    exact = [1000 * weight / sum(raw) for weight in raw]
    tenths = [int(weight) for weight in exact]
    by_fraction = sorted(range(len(asked)), key=lambda at: (tenths[at] - exact[at], at))
    for at in by_fraction[: 1000 - sum(tenths)]:
        tenths[at] += 1
    return tuple(
        ScorePart(
            draft.key,
            NAMES[draft.key],
            weight,
            _points(weight, draft.value),
            draft.reasons,
            draft.missing,
            _gains(weight, draft),
        )
        for draft, weight in zip(asked, tenths, strict=True)
    )


def _points(weight: int, value: float) -> int:
    return round(weight * min(1.0, max(0.0, value)))


def _gains(weight: int, draft: Draft) -> tuple[Gain, ...]:
    points = _points(weight, draft.value)
    gains = [Gain(what, _points(weight, draft.value + more) - points) for what, more in draft.gains]
    return tuple(sorted((gain for gain in gains if gain.tenths > 0), key=lambda gain: (-gain.tenths, gain.what)))
