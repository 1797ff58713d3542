"""What a person has decided about a job's rubric. Whatever they left alone goes on following the job's text."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from .conditions import Condition
from .rubric import WEIGHT, Importance, Rubric, RubricMaker, Wanted, WantedCondition, WantedTongue
from .titles import TitleLinker


@dataclass(frozen=True, slots=True)
class SkillChange:
    """How much one skill matters by a person's word; `importance` None: it is not asked for. `rarity` is what a
    mention of it is worth beside other skills, as in `SkillHit.weight`."""

    id: str
    label: str
    scheme: str
    rarity: float
    importance: Importance | None


@dataclass(frozen=True, slots=True)
class Changes:
    """A person's decisions; what is None or empty was left alone.

    `role` is the title whose kind of work is meant, `weights` the shares of the parts by key. `conditions` maps a
    condition to what of it is asked for ("B", "hybrid, Malmö"; "" for no more than that), or to None where it is not.
    `shortlist` and `low` are the scores (0 to 100) from which somebody is proposed for the shortlist, and under which a
    score is called low: they move nobody and hide nobody, and no score depends on them."""

    skills: tuple[SkillChange, ...] = ()
    years: float | None = None
    languages: tuple[WantedTongue, ...] | None = None
    role: str = ""
    weights: Mapping[str, int] | None = None
    shortlist: float | None = None
    low: float | None = None
    conditions: Mapping[Condition, str | None] | None = None

    @property
    def scoring(self) -> "Changes":
        """Only what a score depends on."""
        return replace(self, shortlist=None, low=None)

    def as_data(self) -> dict[str, object]:
        """As JSON data, what was left alone left out."""
        return {key: value for key, value in asdict(self).items() if value not in (None, "", ())}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Changes":
        """The same, read again."""
        skills, tongues = data.get("skills"), data.get("languages")
        return cls(
            skills=tuple(
                SkillChange(
                    str(one["id"]),
                    str(one["label"]),
                    str(one["scheme"]),
                    float(one["rarity"]),
                    Importance(one["importance"]) if one.get("importance") else None,
                )
                for one in _rows(skills)
            ),
            years=_number(data.get("years")),
            languages=None
            if tongues is None
            else tuple(
                WantedTongue(str(one["code"]), int(one["level"]), Importance(one["importance"]))
                for one in _rows(tongues)
            ),
            role=str(data.get("role") or ""),
            weights={str(key): int(value) for key, value in weights.items()}
            if isinstance(weights := data.get("weights"), Mapping)
            else None,
            shortlist=_number(data.get("shortlist")),
            low=_number(data.get("low")),
            conditions={Condition(key): None if value is None else str(value) for key, value in conditions.items()}
            if isinstance(conditions := data.get("conditions"), Mapping)
            else None,
        )


def applied(rubric: Rubric, changes: Changes, titles: TitleLinker, maker: RubricMaker) -> Rubric:
    """The rubric that a job's text gave, with a person's decisions in place of what it said."""
    deciding = changes.scoring
    if deciding == Changes():
        return rubric
    skills = {one.id: one for one in rubric.skills}
    for one in deciding.skills:
        if one.importance is None:
            skills.pop(one.id, None)
        else:
            quote = skills[one.id].quote if one.id in skills else ""
            weight = WEIGHT[one.importance] * one.rarity
            skills[one.id] = Wanted(one.id, one.label, one.scheme, one.importance, weight, quote)
    role = deciding.role or rubric.title
    content = json.dumps([rubric.version, deciding.as_data()], sort_keys=True)
    changed = replace(
        rubric,
        version="r" + hashlib.sha256(content.encode()).hexdigest()[:12],
        title=role,
        occupations=titles.codes(role) if deciding.role else rubric.occupations,
        skills=tuple(sorted(skills.values(), key=lambda one: (-WEIGHT[one.importance], one.id))),
        years=rubric.years if deciding.years is None else deciding.years,
        languages=rubric.languages if deciding.languages is None else deciding.languages,
        weights=tuple(sorted((deciding.weights or {}).items())),
        conditions=_conditions(rubric.conditions, deciding.conditions or {}),
    )
    return maker.aimed(changed)


def _conditions(
    derived: Sequence[WantedCondition], decided: Mapping[Condition, str | None]
) -> tuple[WantedCondition, ...]:
    found = {one.condition: one for one in derived}
    for condition, detail in decided.items():
        stood = found.pop(condition, None)
        if detail is not None:
            quote = stood.quote if stood else ""
            found[condition] = WantedCondition(condition, detail, Importance.MUST, quote)
    return tuple(found[condition] for condition in Condition if condition in found)


def _rows(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list | tuple) else []


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
