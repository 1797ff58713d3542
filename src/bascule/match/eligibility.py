"""A job's conditions beside what a person says of them: facts to check, with where they stand.

A condition earns nothing unless a person has given it a weight, and silence is never held against anybody: what is not
said is shown as not said, and where conditions weigh it counts half. Only the redacted text and the answers are looked
at, so that neither an address nor a nationality can move a score.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .conditions import Claim, Condition, answered, asks, covers
from .evidence import Evidence
from .parts import Answer, Draft, Reason, quoted
from .rubric import Importance, Rubric, WantedCondition

SAID, OTHERWISE, UNSAID = "said", "said otherwise", "not said"
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Checked:
    """One condition of a job. `said` is SAID, OTHERWISE or UNSAID, `reason` what says so. `lives`, of a place, is where
    the resume says that somebody lives: it is shown, and weighs nothing. Neither does what only a screening question
    names: then `asked` is False."""

    condition: Condition
    detail: str
    importance: Importance
    said: str
    reason: Reason | None = None
    lives: str = ""
    asked: bool = True

    @property
    def words(self) -> str:
        """As "driving licence, B"."""
        return f"{self.condition}, {self.detail}" if self.detail else str(self.condition)


def checked(evidence: Evidence, rubric: Rubric, answers: Sequence[Answer]) -> tuple[Checked, ...]:
    """Every condition of the rubric, and those that were answered because a question asks for them. An answer counts
    before the resume: it was given to this job's question."""
    given = [(answer, claim) for answer in answers for claim in answered(answer.question, answer.text.text)]
    found = [_one(wanted, evidence, given) for wanted in rubric.conditions]
    known = {wanted.condition for wanted in rubric.conditions}
    for answer, claim in given:
        if claim.condition not in known and asks(answer.question, claim.condition):
            known.add(claim.condition)
            wanted = WantedCondition(claim.condition, "", Importance.MUST, "")
            found.append(replace(_one(wanted, evidence, [(answer, claim)]), asked=False))
    return tuple(found)


def _one(wanted: WantedCondition, evidence: Evidence, given: Sequence[tuple[Answer, Claim]]) -> Checked:
    fitting = [(answer, claim) for answer, claim in given if _fits(wanted, claim)]
    claims = [claim for claim in evidence.claims if _fits(wanted, claim)]
    found = Checked(wanted.condition, wanted.detail, wanted.importance, UNSAID)
    if fitting:
        answer, claim = fitting[0]
        text = answer.text.text
        reason = Reason(str(wanted.condition), text[claim.start : claim.end], claim.start, claim.end, answer.question)
    elif claims:
        claim = next((one for one in claims if not one.denied), claims[0])
        reason = quoted(str(wanted.condition), evidence.text, claim.start, claim.end)
    else:
        return found
    return replace(found, said=OTHERWISE if _otherwise(wanted, claim) else SAID, reason=reason)


def _fits(wanted: WantedCondition, claim: Claim) -> bool:
    if claim.condition is not wanted.condition:
        return False
    return claim.condition is not Condition.DRIVING or claim.denied or covers(claim.detail, wanted.detail)


def _otherwise(wanted: WantedCondition, claim: Claim) -> bool:
    if claim.detail == "remote only" and not claim.denied:
        return not wanted.detail.startswith("remote")
    return claim.denied


def conditions_part(found: Sequence[Checked]) -> Draft | None:
    """Conditions as a part of the score, for where a person has given them a weight: what would only be nice counts a
    third, and what nobody has said counts half."""
    found = [one for one in found if one.asked]
    if not found:
        return None
    worth = {SAID: 1.0, OTHERWISE: 0.0, UNSAID: _HALF}
    weights = [1.0 if one.importance is not Importance.NICE else 1 / 3 for one in found]
    value = sum(worth[one.said] * weight for one, weight in zip(found, weights, strict=True)) / sum(weights)
    reasons = [_reason(one) for one in found if one.said != OTHERWISE]
    missing = [f"{one.words}: said otherwise" for one in found if one.said == OTHERWISE]
    return Draft("conditions", 1.0, value, tuple(reasons), tuple(missing))


def _reason(one: Checked) -> Reason:
    return replace(one.reason, text=one.words) if one.reason else Reason(f"{one.words}: not said, counted half")
