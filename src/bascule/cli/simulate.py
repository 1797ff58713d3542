"""`bascule simulate`: seeded runs of the whole engine, from a terminal."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bascule.simulation import Outcome, Scenario, draw, draw_flow, draw_mixed, play, shrink
from bascule.simulation.written import read, written

from . import err, fail

Draw = Callable[[int], Scenario]
FEW = 20  # failing seeds that are made small by themselves


@dataclass(frozen=True, slots=True)
class Found:
    """What came of the seeds, for a program and for a reader."""

    told: dict[str, Any]

    @property
    def failed(self) -> bool:
        return bool(self.told["failed"])

    def show(self, say: Callable[[str], None]) -> None:
        for line in _seed_lines(self.told) if "seed" in self.told else _lines(self.told):
            say(line)


def simulate(
    seed: int,
    seeds: int,
    jobs: int,
    *,
    mixed: bool,
    flow: bool,
    diary: bool,
    scenario: Path | None,
    save: Path | None,
) -> Found:
    """Play the seeds, or the scenario of a file; a failing one is made small. `mixed`: with the vendors' sandboxes and
    the real connectors. `flow`: with rules in force, mail, forms and interviews. `save`: where the scenario of one run
    goes, the shortest where it failed."""
    if min(seed, seeds - 1, jobs - 1) < 0:
        fail("Seeds begin at 0; --seeds and --jobs are 1 or more.")
    if seeds > 1 and (diary or scenario or save):
        fail("--diary, --scenario and --save are of one run: leave --seeds out.")
    given = _scenario(scenario) if scenario is not None else None
    if save is not None and not save.absolute().parent.is_dir():
        fail(f"{save} cannot be written: there is no such folder. Name a file in a folder that exists.")
    _fixed_hashes()
    drawn = draw_flow if flow else draw_mixed if mixed else draw
    if seeds > 1:
        return Found(_many(range(seed, seed + seeds), drawn, jobs))
    return Found(_one(given or drawn(seed), diary, save))


def _scenario(path: Path) -> Scenario:
    try:
        return read(path.read_text("utf-8"))
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror}.")
    except ValueError as error:
        fail(f"{path} is no scenario: {error}. One is written by: bascule simulate --seed 1 --save FILE")


def _fixed_hashes() -> None:
    """Start anew without random hashes: the order of sets would differ from run to run."""
    if sys.flags.hash_randomization:
        os.putenv("PYTHONHASHSEED", "0")
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _one(scenario: Scenario, diary: bool, save: Path | None) -> dict[str, Any]:
    outcome, kept = play(scenario), scenario
    found = {
        "seeds": 1, "failed": int(bool(outcome.wrong)), "seed": _seed(scenario.seed), "digest": outcome.digest,
        **_told(outcome),
    }  # fmt: skip
    if outcome.wrong:
        shortest = shrink(outcome, told=lambda line: err.print(f"  smaller: {line}", style="dim"))
        found["shortest"], kept = _told(shortest), shortest.scenario
    if save is not None:
        save.write_text(written(kept), "utf-8")
        found["saved"] = str(save)
    return found | ({"diary": list(outcome.diary)} if diary else {})


def _seed(seed: str) -> int | str:
    """As it was given: "mixed 7" is seed 7."""
    number = seed.removeprefix("mixed ").removeprefix("flow ")
    return int(number) if number.isdecimal() else seed


def _told(outcome: Outcome) -> dict[str, Any]:
    return {
        "wrong": dict(outcome.wrong),
        "why": list(outcome.why),
        "stats": dict(outcome.stats),
        "scenario": outcome.scenario.lines(),
    }


def _many(seeds: range, drawn: Draw, jobs: int) -> dict[str, Any]:
    stats: Counter[str] = Counter()
    failed: dict[int, Outcome] = {}
    for done, (seed, outcome) in enumerate(_outcomes(seeds, drawn, jobs), 1):
        for name, value in outcome.stats.items():
            stats[name] = max(stats[name], value) if name.startswith("longest") else stats[name] + value
        if outcome.wrong:
            failed[seed] = outcome
            err.print(f"seed {seed}: {', '.join(sorted(outcome.wrong))}", style="red", highlight=False)
        if done % 100 == 0:
            err.print(f"{done} of {len(seeds)} seeds, {len(failed)} failed", style="dim", highlight=False)
    return {
        "seeds": len(seeds),
        "failed": len(failed),
        "stats": dict(sorted(stats.items())),
        "failures": {
            str(seed): _told(shrink(outcome)) if n < FEW else _told(outcome)
            for n, (seed, outcome) in enumerate(sorted(failed.items()))
        },
    }


def _outcomes(seeds: range, drawn: Draw, jobs: int) -> Iterator[tuple[int, Outcome]]:
    if jobs <= 1:
        for seed in seeds:
            yield seed, play(drawn(seed))
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), max_tasks_per_child=500) as pool:
        yield from pool.map(partial(_drawn, drawn), seeds, chunksize=10)


def _drawn(drawn: Draw, seed: int) -> tuple[int, Outcome]:
    """A run without its diary, which nobody reads."""
    outcome = play(drawn(seed))
    return seed, Outcome(outcome.scenario, outcome.wrong, outcome.why, outcome.stats, outcome.digest, ())


def _seed_lines(told: dict[str, Any]) -> Iterator[str]:
    yield from told["scenario"]
    yield from told.get("diary", ())
    yield from (f"WRONG  {line}" for line in told["why"])
    if "shortest" in told:
        yield from ("", "The shortest scenario found that breaks the same:", *told["shortest"]["scenario"])
        yield from (f"WRONG  {line}" for line in told["shortest"]["why"])
    if "saved" in told:
        what = "What is left of the scenario" if "shortest" in told else "The scenario"
        yield f"{what} stands in {told['saved']}; again: bascule simulate --scenario {told['saved']}"
    yield f"seed {told['seed']}, digest {told['digest']}: {'failed' if told['failed'] else 'held'}"


def _lines(told: dict[str, Any]) -> Iterator[str]:
    for seed, failure in told["failures"].items():
        yield f"seed {seed}:"
        yield from (f"  {line}" for line in failure["scenario"])
        yield from (f"  WRONG  {line}" for line in failure["why"])
    yield from (f"{name}: {value}" for name, value in told["stats"].items())
    yield f"{told['seeds']} seeds, {told['failed']} failed"
