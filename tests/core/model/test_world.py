"""The rules hold in a thousand seeded runs, and each rule that is taken away is missed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from bascule.core import baseline, gates, gone, observe, outcome, table
from bascule.core.bind import bind
from bascule.core.draft import Context, Draft, Plan
from bascule.core.gates import Gate
from bascule.core.writing import arrange
from bascule.model import (
    Attempt,
    Family,
    FieldMap,
    Link,
    LinkState,
    Pair,
    Part,
    Read,
    Source,
    Value,
)

from . import world
from .world import FAULTS, World

CORE = ("scalar", "tags", "notes", "stage", "score")
MIXES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("scalar",), "ab"),
    (("tags",), "bc"),
    (("notes", "scalar"), "ac"),
    (("stage",), "ab"),
    (CORE, "bc"),
    (("adopt", "scalar", "tags"), "ab"),
    (("score", "stage"), "ac"),
    (CORE, "abc"),
    (("gone", "scalar", "notes"), "ab"),
    (("tags", "notes"), "ab"),
)
SEEDS = 1000


def faults_of(seed: int) -> frozenset[str]:
    """Every tenth run has no fault, three in ten have one or two, the others all."""
    names = sorted(FAULTS)
    turn = (seed // len(MIXES)) % 10
    if turn == 0:
        return frozenset()
    if turn <= 3:
        return frozenset({names[seed % len(names)], names[(seed // 7) % len(names)]})
    return FAULTS


@pytest.mark.parametrize("tenth", range(10))
def test_after_quiet_both_sides_agree_or_a_difference_is_listed(tenth: int) -> None:
    wrong: dict[int, Counter[str]] = {}
    for seed in range(tenth * SEEDS // 10, (tenth + 1) * SEEDS // 10):
        features, names = MIXES[seed % len(MIXES)]
        run = World(seed, features, faults_of(seed), names).run()
        if run.bad:
            wrong[seed] = run.bad
    assert not wrong


# ------------------------------------------------------------------------------------------- rules taken away


def goes_wrong(seeds: range, features: tuple[str, ...], faults: str, names: str) -> bool:
    """Whether any of these runs shows that something is wrong (a crash counts)."""
    for seed in seeds:
        try:
            if World(seed, features, faults.split(), names).run().bad:
                return True
        except (KeyError, AssertionError):
            return True
    return False


def no_fence(patch: pytest.MonkeyPatch) -> None:
    def always(draft: Draft, link: Link, fields: FieldMap, pair: Pair, seen: Value, read: Read) -> bool:
        return True

    patch.setattr(observe, "evidence", always)


def no_look(patch: pytest.MonkeyPatch) -> None:
    def at_once(family: Family, attempt_id: str, externals: tuple[str, ...], context: Context) -> Plan:
        draft = Draft(family, context)
        attempt = draft.attempts.pop(attempt_id, None)
        if attempt is not None:
            outcome._reopen(draft, attempt, "sent again without a look")
        arrange(draft)
        return draft.finish()

    patch.setattr(world, "found", at_once)


def forgotten_pair(patch: pytest.MonkeyPatch) -> None:
    def nothing(*about: object) -> None:
        return None

    patch.setattr(table, "_taken", nothing)
    patch.setattr(table, "_agree", nothing)


def unseen_is_empty(patch: pytest.MonkeyPatch) -> None:
    show = observe.show

    def filled(draft: Draft, link: Link, part: Part, read: Read, source: Source) -> None:
        seen = {f.name: () if f.is_set else None for f in draft.maps(link.connection, link.kind)}
        show(draft, link, replace(part, seen={**seen, **part.seen}), read, source)

    patch.setattr(observe, "show", filled)


def no_baseline(patch: pytest.MonkeyPatch) -> None:
    meeting: Callable[..., None] = baseline.first_meeting

    def as_seen(draft: Draft, link: Link, fields: FieldMap, seen: Value, number: int, source: Source, of: str) -> None:
        meeting(draft, link, fields, seen, number, source, of)
        pair = draft.links[link.id].pairs[fields.name]
        draft.pair(link.id, fields.name, replace(pair, ours=seen, has_ours=True, divergence=None))

    patch.setattr(observe, "first_meeting", as_seen)


def recreate(patch: pytest.MonkeyPatch) -> None:
    close = gone.close

    def forget(draft: Draft, link: Link, state: LinkState, source: Source, **more: object) -> None:
        close(draft, link, state, source, **more)  # type: ignore[arg-type]
        draft.links.pop(link.id)
        draft._external.pop((link.connection, link.record), None)

    patch.setattr(gone, "close", forget)


def machines_may(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(gates, "gate", lambda *about: Gate.ENTER)


def adopted_creation(patch: pytest.MonkeyPatch) -> None:
    def without_pairs(draft: Draft, attempt: Attempt, *about: object, **more: object) -> Link | None:
        link = bind(draft, attempt, *about, **more)  # type: ignore[arg-type]
        return draft.link(replace(link, pairs={})) if link is not None else None

    patch.setattr(outcome, "bind", without_pairs)


PLANTED = {
    "drop the fence": (no_fence, ("scalar", "tags"), "stale", "ac"),
    "skip the look before sending again": (no_look, ("notes", "scalar"), "late crash", "ab"),
    "forget a pair": (forgotten_pair, ("scalar",), "", "ab"),
    "compare the unseen as empty": (unseen_is_empty, ("scalar", "tags"), "partial", "ab"),
    "no baseline at adoption": (no_baseline, ("adopt", "scalar"), "", "ab"),
    "re-create the gone": (recreate, ("gone", "scalar"), "", "ab"),
    "a machine moves applications": (machines_may, ("stage", "ai"), "", "ab"),
    "binding a create is a first meeting": (adopted_creation, ("tags", "scalar"), "", "ac"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plant, features, faults, names = PLANTED[name]
    assert not goes_wrong(range(10), features, faults, names)
    plant(monkeypatch)
    assert goes_wrong(range(40), features, faults, names)
