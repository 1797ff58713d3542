"""What a job asks for, as people see and change it: skills, years, languages, the kind of role, weights, thresholds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bascule.errors import InputError
from bascule.hiring.results import switched_on
from bascule.hiring.rubrics import Rubrics, changes_of, job_of, text_of
from bascule.match import Changes, Importance, Matcher, SkillChange, SkillHit, WantedTongue
from bascule.match.conditions import Condition
from bascule.match.rubric import WEIGHT as IMPORTANCE_WEIGHT
from bascule.match.rubric import plain_text
from bascule.match.score import WEIGHTS
from bascule.match.tongues import CODES, ENGLISH, LEVELS, tongues
from bascule.model import Actor, Fields, Record, Value
from bascule.store import Tx, scores

from .desk import Desk

NOT_ASKED = "not asked for"
BY_TEXT = "as the text says"
MOST_YEARS = 40
LONGEST_DETAIL = 80
"""Characters of what is asked for of a condition."""
KEPT = 300
"""Texts of jobs whose skills are remembered."""
ALWAYS = ("experience", "role")
"""Parts that every score has: one of them must weigh something."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person sets. A key that is not there is left as it is; None goes back to what the job's text says.

    `skills`: name to "must", "should", "nice", "not asked for", or None; `languages`: name to level in words or by
    the CEFR; `conditions`: condition to what of it is asked for ("B"; "" for no more), to "not asked for", or to None;
    `weights`: part to its share; `shortlist` and `low`: scores from 0 to 100."""

    skills: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    set: Mapping[str, Any] = field(default_factory=dict[str, Any])


SETTABLE = ("years", "languages", "conditions", "role", "weights", "shortlist", "low")


class RubricDesk:
    """`app.rubric_desk`."""

    def __init__(self, desk: Desk, rubrics: Rubrics, matcher: Callable[[], Matcher]) -> None:
        self._desk = desk
        self._rubrics = rubrics
        self._matcher = matcher
        self._read: dict[str, tuple[SkillHit, ...]] = {}  # by text, the latest few hundred

    async def told(self, job: str) -> dict[str, Any]:
        """The newest version, what people have decided of it, and what differs from the version before. NotFoundError
        where there is no such job."""
        await self.ready(job)

        def read(tx: Tx) -> dict[str, Any]:
            record = job_of(tx, self._desk.workspace, job)
            newest = tx.scores.rubric(record.id)
            if newest is None:
                return {"job": record.id, "version": 0, "changes": {}, "differs": []}
            before = tx.scores.rubric(record.id, newest.version - 1) if newest.version > 1 else None
            return {
                "job": record.id, "version": newest.version, "at": newest.at, **newest.body,
                "changes": changes_of(newest).as_data(),
                "differs": difference(before.body, newest.body) if before else [],
            }  # fmt: skip

        return await self._desk.store.read(read)

    async def ready(self, job: str) -> None:
        """Derive the rubric of an open job that has none yet, so that it can be seen and changed before anybody
        applies. Nothing where AI is off there."""

        def read(tx: Tx) -> Record | None:
            record = job_of(tx, self._desk.workspace, job)
            at = self._desk.connections.known(record.origin)
            wanted = record.fields.get("status") in (None, "open") and at is not None and switched_on(at)
            return record if wanted and not tx.scores.rubric_version(record.id) else None

        record = await self._desk.store.read(read)
        if record is not None:
            await self._rubrics.of(record, 0)

    async def spoken(self, job: str) -> dict[str, Any]:
        """Every skill the job's text speaks of, read as deeply as can be: named, meant in other words (with how likely)
        or known to no taxonomy; `counted` says which the rubric asks for. Languages are no skills here. NotFoundError
        where there is no such job."""

        def read(tx: Tx) -> tuple[str, scores.Rubric | None]:
            record = job_of(tx, self._desk.workspace, job)
            asked = text_of(record)
            return f"{asked.title}\n{asked.text}", tx.scores.rubric(record.id)

        text, newest = await self._desk.store.read(read)
        hits = await self._spoken(text)
        counted = {str(one["id"]) for one in _maps(newest.body.get("skills"))} if newest else set[str]()
        best: dict[str, SkillHit] = {}
        for hit in hits:
            if hit.kind != "technology" and tongues(hit.quote):
                continue
            if hit.id not in best or hit.likely > best[hit.id].likely:
                best[hit.id] = hit
        items = [
            {
                "id": hit.id, "label": hit.label, "scheme": hit.scheme, "kind": hit.kind, "likely": hit.likely,
                "quote": hit.quote, "counted": hit.id in counted,
            }
            for hit in best.values()
        ]  # fmt: skip
        return {"job": job, "taxonomy": self._matcher().taxonomy.version, "items": items}

    async def _spoken(self, text: str) -> tuple[SkillHit, ...]:
        """Reading deeply takes a good part of a second: a text is read once."""
        if text not in self._read:
            hits = await asyncio.to_thread(lambda: self._matcher().asked.hits(plain_text(text)))
            while len(self._read) >= KEPT:
                self._read.pop(next(iter(self._read)))
            self._read[text] = hits
        return self._read[text]

    async def change(self, job: str, asked: Asked, seen: int, actor: Actor) -> dict[str, Any]:
        """Set what was asked, and have the job's applications scored again where it matters. `seen` is the version
        that was looked at. InputError says what cannot be set, and nothing is; ConflictError where a newer version has
        come meanwhile."""

        def read(tx: Tx) -> scores.Rubric | None:
            return tx.scores.rubric(job_of(tx, self._desk.workspace, job).id)

        newest = await self._desk.store.read(read)
        changes = self._changed(newest, asked)
        await self._rubrics.change(self._desk.workspace, job, changes, seen, actor)
        self._desk.wake()
        return await self.told(job)

    def _changed(self, newest: scores.Rubric | None, asked: Asked) -> Changes:
        old = changes_of(newest)
        unknown = sorted(set(asked.set) - set(SETTABLE))
        if unknown:
            raise InputError(f"A rubric has no {unknown[0]!r}.", hint=f"There are: skills, {', '.join(SETTABLE)}.")
        new = replace(old, skills=self._skills(newest, old.skills, asked.skills))
        reads: Mapping[str, Callable[[Any], Any]] = {
            "years": lambda value: _between("years", value, 0, MOST_YEARS),
            "languages": _languages,
            "conditions": lambda value: _conditions(old.conditions or {}, value),
            "role": lambda value: " ".join(str(value).split())[:200],
            "weights": _weights,
            "shortlist": lambda value: _between("shortlist", value, 0, 100),
            "low": lambda value: _between("low", value, 0, 100),
        }
        for name, value in asked.set.items():
            new = replace(
                new, **{name: ("" if name == "role" else None) if value in (None, "") else reads[name](value)}
            )
        if new.low is not None and new.shortlist is not None and new.low > new.shortlist:
            raise InputError(
                f"A score cannot be called low under {new.low:g} and be for the shortlist from {new.shortlist:g}.",
                hint="Choose a lower `low`, or a higher `shortlist`.",
            )
        return new

    def _skills(
        self, newest: scores.Rubric | None, old: tuple[SkillChange, ...], asked: Mapping[str, str | None]
    ) -> tuple[SkillChange, ...]:
        by_id = {one.id: one for one in old}
        known = {**_by_name(newest), **{one.label.lower(): one for one in old}, **by_id}
        for name, wanted in asked.items():
            name = " ".join(name.split())
            if not name or len(name) > 120:
                raise InputError("A skill needs a name of at most 120 characters.")
            change = known.get(name) or known.get(name.lower()) or self._matcher().skill_named(name, Importance.SHOULD)
            if wanted in (None, BY_TEXT):
                by_id.pop(change.id, None)
            else:
                by_id[change.id] = replace(change, importance=_importance(name, str(wanted)))
        return tuple(sorted(by_id.values(), key=lambda one: one.id))


def _by_name(newest: scores.Rubric | None) -> dict[str, SkillChange]:
    """The skills of the newest version, by id and by label."""
    found: dict[str, SkillChange] = {}
    for one in _maps(newest.body.get("skills")) if newest else []:
        importance = Importance(str(one["importance"]))
        weight = one.get("weight")
        rarity = float(weight) / IMPORTANCE_WEIGHT[importance] if isinstance(weight, int | float) else 0.6
        change = SkillChange(str(one["id"]), str(one["label"]), str(one["scheme"]), rarity, importance)
        found[change.id] = found[change.label.lower()] = change
    return found


def _importance(name: str, word: str) -> Importance | None:
    if word == NOT_ASKED:
        return None
    try:
        return Importance(word)
    except ValueError:
        raise InputError(f"{name} cannot be {word!r}.", hint=f"Say must, should, nice or {NOT_ASKED!r}.") from None


def _between(what: str, value: object, low: float, high: float) -> float:
    try:
        number = float(str(value).replace(",", "."))
    except ValueError:
        number = float("nan")
    if not low <= number <= high:
        raise InputError(f"{value!r} is not a number from {low:g} to {high:g} for {what}.")
    return number


def _languages(asked: object) -> tuple[WantedTongue, ...]:
    if not isinstance(asked, Mapping):
        raise InputError(
            "Languages are given by name.", hint='For example {"German": "C1", "English": "working level"}.'
        )
    found: list[WantedTongue] = []
    for name, level in asked.items():
        code = CODES.get(str(name).lower(), str(name).lower())
        if code not in ENGLISH:
            raise InputError(
                f"{name!r} is no language that is known here.", hint=f"Known: {', '.join(ENGLISH.values())}."
            )
        claims = [one.level for one in tongues(f"{ENGLISH[code]}: {level}")] if level else [0]
        if level and not claims[0]:
            raise InputError(f"{level!r} is no level.", hint=f"Say {', '.join(LEVELS.values())}, or A1 to C2.")
        found.append(WantedTongue(code, min(claims[0], 5), Importance.MUST))
    return tuple(sorted(found, key=lambda one: one.code))


def _conditions(old: Mapping[Condition, str | None], asked: object) -> dict[Condition, str | None] | None:
    if not isinstance(asked, Mapping):
        raise InputError(
            "Conditions are given by name.", hint='For example {"driving licence": "B", "travel": "20 %"}.'
        )
    found = dict(old)
    for name, wanted in asked.items():
        try:
            condition = Condition(str(name))
        except ValueError:
            raise InputError(f"There is no condition {name!r}.", hint=f"There are: {', '.join(Condition)}.") from None
        if wanted in (None, BY_TEXT):
            found.pop(condition, None)
        else:
            detail = " ".join(str(wanted).split())[:LONGEST_DETAIL]
            found[condition] = None if detail == NOT_ASKED else detail
    return found or None


def _weights(asked: object) -> dict[str, int]:
    if not isinstance(asked, Mapping):
        raise InputError("Weights are given by part.", hint=f"The parts are: {', '.join(WEIGHTS)}.")
    found: dict[str, int] = {}
    for part, share in asked.items():
        if part not in WEIGHTS:
            raise InputError(f"A score has no part {part!r}.", hint=f"The parts are: {', '.join(WEIGHTS)}.")
        found[str(part)] = round(_between(f"the weight of {part}", share, 0, 100))
    if not any({**WEIGHTS, **found}[part] for part in ALWAYS):
        raise InputError(f"One of {' and '.join(ALWAYS)} must weigh something: no other part is in every score.")
    return {part: share for part, share in found.items() if share != WEIGHTS[part]}


# -------------------------------------------------------------------------------------------------- what has changed


def difference(before: Fields, after: Fields) -> list[str]:
    """What one version asks for and another did not, a line each, in words."""
    lines = _skills_differ(before, after)
    for key, name, unit in (("years", "Years of experience", ""), ("title", "Kind of role", "")):
        if before.get(key) != after.get(key):
            lines.append(f"{name}: {_told(before.get(key))} → {_told(after.get(key))}{unit}")
    if _spoken(before) != _spoken(after):
        lines.append(f"Languages: {_told(_spoken(before))} → {_told(_spoken(after))}")
    if _wanted(before) != _wanted(after):
        lines.append(f"Place and eligibility: {_told(_wanted(before))} → {_told(_wanted(after))}")
    if _map(before.get("weights")) != _map(after.get("weights")):
        lines.append(f"Weights: {_shares(before)} → {_shares(after)}")
    old, new = _map(before.get("changes")), _map(after.get("changes"))
    for key, name in (("shortlist", "For the shortlist from"), ("low", "Called low under")):
        if old.get(key) != new.get(key):
            lines.append(f"{name}: {_told(old.get(key))} → {_told(new.get(key))}")
    return lines


def _skills_differ(before: Fields, after: Fields) -> list[str]:
    old = {str(one["id"]): one for one in _maps(before.get("skills"))}
    new = {str(one["id"]): one for one in _maps(after.get("skills"))}
    gone = [f"{old[id]['label']}: {old[id]['importance']} → {NOT_ASKED}" for id in old if id not in new]
    come = [f"{new[id]['label']}: {new[id]['importance']} (new)" for id in new if id not in old]
    moved = [
        f"{new[id]['label']}: {old[id]['importance']} → {new[id]['importance']}"
        for id in new
        if id in old and old[id]["importance"] != new[id]["importance"]
    ]
    return sorted(gone) + sorted(moved) + sorted(come)


def _spoken(body: Fields) -> str:
    said = [
        f"{ENGLISH[code]} ({LEVELS[level]})" if isinstance(level := one.get("level"), int) and level else ENGLISH[code]
        for one in _maps(body.get("languages"))
        if (code := str(one.get("code"))) in ENGLISH
    ]
    return ", ".join(said)


def _wanted(body: Fields) -> str:
    """Place and eligibility in words."""
    return "; ".join(condition_words(one) for one in _maps(body.get("conditions")))


def condition_words(one: Mapping[str, Value]) -> str:
    """One condition as it is stored, in words: "driving licence, B"."""
    detail = f", {one['detail']}" if one.get("detail") else ""
    return f"{one['condition']}{detail}{' (nice)' if one.get('importance') == Importance.NICE else ''}"


def _shares(body: Fields) -> str:
    shares = {**WEIGHTS, **_map(body.get("weights"))}
    return ", ".join(f"{part} {share}" for part, share in shares.items())


def _told(value: Value) -> str:
    if value in (None, "", 0, 0.0):
        return "none"
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _maps(value: Value) -> list[Mapping[str, Value]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, tuple) else []


def _map(value: Value) -> Mapping[str, Value]:
    return value if isinstance(value, Mapping) else {}
