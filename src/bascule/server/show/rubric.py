"""What a job asks for, as a form that people change, and its versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bascule.errors import InputError, NotFoundError
from bascule.hiring.rubrics import changes_of
from bascule.match.conditions import Condition
from bascule.match.score import NAMES, WEIGHTS
from bascule.match.tongues import ENGLISH, LEVELS
from bascule.model import Fields, Kind, Value
from bascule.office.rubrics import NOT_ASKED, difference
from bascule.store import Tx, scores

from ..views.job import AskedCondition, AskedSkill, RubricPage, RubricVersion, Weight
from . import sql, words

BESIDES = 12
"""Skills beside the rubric's that are shown."""
SHOWN = 10
"""Versions that are shown, the newest first."""


def page(tx: Tx, workspace: str, id: str, may_edit: bool) -> RubricPage:
    """The rubric of one job. NotFoundError where there is none."""
    job = tx.families.records(workspace, [id]).get(id)
    newest = tx.scores.rubric(id) if job is not None and job.kind is Kind.JOB else None
    if job is None or newest is None:
        raise NotFoundError(
            "This job has no rubric.", hint="It is derived once the job is open and AI is on for its connection."
        )
    changes = changes_of(newest)
    body = newest.body
    share = {**WEIGHTS, **(changes.weights or {})}
    return RubricPage(
        id=id,
        title=words.title(job),
        version=newest.version,
        skills=_skills(newest),
        years=_number(changes.years),
        languages="" if changes.languages is None else _tongues([(one.code, one.level) for one in changes.languages]),
        role=changes.role,
        shortlist=_number(changes.shortlist),
        low=_number(changes.low),
        of_text={
            "years": "" if changes.years is not None else _number(body.get("years")),
            "role": "" if changes.role else str(body.get("title") or ""),
            "languages": "" if changes.languages is not None else _spoken(body),
        },
        conditions=_conditions(newest),
        weights=tuple(Weight(key, NAMES[key], str(share[key]), str(usual)) for key, usual in WEIGHTS.items()),
        versions=_versions(tx, newest),
        stale=sum(int(many) for _, many in tx.rows(sql.STALE, jobs=[id])),
        note=str(body.get("reason") or ""),
        may_edit=may_edit,
    )


def besides(spoken: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    """Of all that a job's text speaks of, what its rubric does not count, the likeliest first."""
    left = sorted((one for one in spoken if not one["counted"]), key=lambda one: -one["likely"])
    return tuple((str(one["label"]), " ".join(str(one["quote"]).split())) for one in left[:BESIDES])


def languages_of(text: str) -> dict[str, str]:
    """ "German: C1, English: fluent" as language -> level. InputError where it does not read so."""
    found: dict[str, str] = {}
    for part in text.replace(";", ",").split(","):
        name, colon, level = part.partition(":")
        if not name.strip():
            raise InputError("A language is missing its name.", hint='Write "German: C1, English: fluent".')
        found[name.strip()] = level.strip() if colon else ""
    return found


def _skills(rubric: scores.Rubric) -> tuple[AskedSkill, ...]:
    changes = {one.id: one for one in changes_of(rubric).skills}
    asked = rubric.body.get("skills")
    shown = [
        AskedSkill(id, str(one["label"]), str(one["importance"]), id in changes, str(one.get("quote") or ""))
        for one in (asked if isinstance(asked, tuple) else ())
        if isinstance(one, Mapping) and (id := str(one["id"]))
    ]
    gone = [AskedSkill(one.id, one.label, NOT_ASKED, True, "") for one in changes.values() if one.importance is None]
    return (*shown, *gone)


def _conditions(rubric: scores.Rubric) -> tuple[AskedCondition, ...]:
    """Every condition that there is, those asked for as the rubric has them."""
    kept = rubric.body.get("conditions")
    rows = [one for one in kept if isinstance(one, Mapping)] if isinstance(kept, tuple) else []
    asked = {str(one["condition"]): one for one in rows}
    decided = changes_of(rubric).conditions or {}
    return tuple(
        AskedCondition(
            str(one), one in asked, str(asked.get(one, {}).get("detail") or ""), one in decided,
            str(asked.get(one, {}).get("quote") or ""),
        )
        for one in Condition
    )  # fmt: skip


def _versions(tx: Tx, newest: scores.Rubric) -> tuple[RubricVersion, ...]:
    found: list[RubricVersion] = []
    version: scores.Rubric | None = newest
    while version is not None and len(found) < SHOWN:
        before = tx.scores.rubric(version.job, version.version - 1) if version.version > 1 else None
        by = version.body.get("by")
        who = by if isinstance(by, Mapping) else {}
        person = str(who.get("name") or "somebody") if who.get("kind") == "person" else ""
        differs = tuple(difference(before.body, version.body)) if before else ()
        found.append(RubricVersion(version.version, version.at, person, differs))
        version = before
    return tuple(found)


def _spoken(body: Fields) -> str:
    asked = body.get("languages")
    rows = [one for one in asked if isinstance(one, Mapping)] if isinstance(asked, tuple) else []
    return _tongues([(str(one.get("code")), int(str(one.get("level") or 0))) for one in rows])


def _tongues(asked: list[tuple[str, int]]) -> str:
    return ", ".join(
        f"{ENGLISH[code]}: {LEVELS[level]}" if level else ENGLISH[code] for code, level in asked if code in ENGLISH
    )


def _number(value: Value) -> str:
    return f"{value:g}" if isinstance(value, int | float) and value is not False else ""
