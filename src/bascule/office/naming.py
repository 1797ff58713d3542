"""What rules may name, as things are now. Of jobs and their stages only so many are read as it takes to find what is
named: a workspace may have tens of thousands, and a rule names a few."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from bascule.core.clashes import Known
from bascule.core.messages import ABOUT_ONE
from bascule.core.stages import fold
from bascule.core.triggers import Do, Name, Trigger
from bascule.hiring.messages import templates_of
from bascule.model import Kind, Record, StageType
from bascule.store import Tx

Words = frozenset[tuple[str, str]]  # (what it is: type, name, job, department; the word)


def known(
    tx: Tx, workspace: str, triggers: Sequence[Trigger], connections: Iterable[str], able: frozenset[Do]
) -> Known:
    """Whatever these rules may name, whole where something that they name is not there."""
    written = [one for one in triggers if not one.learned]
    stages = seen(tx.pages.each_of_kind(workspace, Kind.STAGE), of_stage, _stages(written))
    asked = _jobs(written)
    jobs = seen(tx.pages.each_of_kind(workspace, Kind.JOB), of_job, asked)
    templates = templates_of(tx, workspace)
    ids = {word for words in asked for kind, word in words if kind == "job"} & _words(jobs, "id")
    return Known(
        connections=frozenset(connections),
        stages=frozenset(StageType(one) for one in _words(stages, "type")),
        stage_names=_words(stages, "name"),
        templates=frozenset(templates),
        people=frozenset(user.email for user in tx.people.users(workspace) if user.disabled is None),
        jobs=_words(jobs, "job") | ids,
        departments=_words(jobs, "department"),
        able=able,
        lacking={name: blank for name, one in templates.items() if (blank := one.asks & ABOUT_ONE)},
    )


def seen(records: Iterable[Record], words: Callable[[Record], Words], asked: Sequence[Words]) -> Words:
    """The words of the records, up to the one by which each of `asked` has one of its words."""
    found: set[tuple[str, str]] = set()
    left = list(asked)
    if left:
        for record in records:
            found |= words(record)
            left = [one for one in left if not one & found]
            if not left:
                break
    return frozenset(found)


def _stages(triggers: Iterable[Trigger]) -> list[Words]:
    """One of the types, or names, of each condition is enough for it."""
    kinds = {Name.STAGE: "type", Name.STAGE_NAMED: "name"}
    tests = [test for one in triggers for test in one.when if test.name in kinds]
    return [frozenset((kinds[test.name], word) for word in test.among) for test in tests]


def _jobs(triggers: Iterable[Trigger]) -> list[Words]:
    reaches = [one.reach for one in triggers]
    jobs = {name for reach in reaches for name in reach.jobs}
    departments = {name for reach in reaches for name in reach.departments}
    return [
        *(frozenset({("job", name), ("id", name)}) for name in sorted(jobs)),
        *(frozenset({("department", name)}) for name in sorted(departments)),
    ]


def of_stage(record: Record) -> Words:
    kind, name = str(record.fields.get("type") or ""), fold(str(record.fields.get("name") or ""))
    return frozenset(one for one in (("type", kind), ("name", name)) if one[1])


def of_job(record: Record) -> Words:
    requisition, department = (str(record.fields.get(name) or "") for name in ("requisition", "department"))
    named = (("job", requisition), ("department", department), ("id", record.id))
    return frozenset(one for one in named if one[1])


def _words(found: Words, kind: str) -> frozenset[str]:
    return frozenset(word for of, word in found if of == kind)
