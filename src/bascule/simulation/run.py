"""A seed's run from its beginning to its judgement, and a failing one made as small as it gets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from . import agreed, effects, erased, followed, hiring_people, ledger, loop, people, recruiters, settled
from .databases import Server
from .flow import Flow
from .mixed import Mixed
from .scenario import TROUBLE_ENDS, Act, Scenario
from .world import READY_BY, World

LOOK, SLOW = 0.5, 6.0  # of how late the machine is: how often, and how many such delays are in what is judged
THREADS = 16


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a scenario. `wrong` says what was broken and how often; empty: nothing was."""

    scenario: Scenario
    wrong: Mapping[str, int]
    why: tuple[str, ...]
    stats: Mapping[str, int]
    digest: str
    diary: tuple[str, ...]


def play(scenario: Scenario) -> Outcome:
    """Run a scenario. Twice the same scenario is twice the same run, to the last line of its diary."""
    worlds: list[World] = []

    async def main(clock: loop.Clock) -> None:
        world = _world(scenario)(scenario, clock, Path(folder))
        worlds.append(world)
        asyncio.get_running_loop().set_exception_handler(world.quietly)
        await _run(world)

    with TemporaryDirectory(prefix="bascule-simulation-") as folder:
        try:
            loop.run(scenario.seed, main)
        except loop.Stuck as error:
            worlds[0].wrong("stuck", error)
    return _outcome(worlds[0])


def play_on(urls: Mapping[str, Scenario], *, speed: float) -> list[Outcome]:
    """Run scenarios on databases of a PostgreSQL server, all at the same time and in real time, `speed` times as fast
    once all is connected: the same world and the same judgement. It is never twice the same run. What is a matter of
    seconds is judged with as much more as the machine was late."""
    worlds: list[World] = []

    async def main(clock: loop.Clock, hasty: loop.HastyLoop) -> None:
        def heard(loop: asyncio.AbstractEventLoop, about: dict[str, Any]) -> None:
            for world in worlds:
                world.quietly(loop, about)

        hasty.set_exception_handler(heard)
        with ThreadPoolExecutor(THREADS) as pool:
            hasty.set_default_executor(pool)
            running = asyncio.gather(*(alive(url, scenario, clock) for url, scenario in urls.items()))
            while not (running.done() or clock.seconds > READY_BY or _all_connected(worlds, len(urls))):
                await asyncio.sleep(0.1)
            hasty.hasten(speed)
            await running

    async def alive(url: str, scenario: Scenario, clock: loop.Clock) -> None:
        server = Server(url)
        with TemporaryDirectory(prefix="bascule-simulation-") as folder:
            world = _world(scenario)(scenario, clock, Path(folder), server)
            worlds.append(world)
            late = asyncio.create_task(_late(world))
            try:
                await _run(world)
            finally:
                late.cancel()
                await server.close()

    loop.run_hastily(main)
    return [_outcome(world) for world in worlds]


def _all_connected(worlds: Sequence[World], many: int) -> bool:
    return len(worlds) == many and all(world.connected for world in worlds)


async def _late(world: World) -> None:
    """Notes by how much the machine is late: a timer, and a commit that has to wait for its turn."""
    while True:
        began = world.clock.seconds
        await asyncio.sleep(LOOK)
        world.slack = max(world.slack, SLOW * (world.clock.seconds - began - LOOK))


def _outcome(world: World) -> Outcome:
    return Outcome(
        world.scenario, dict(world.bad), tuple(world.why), dict(world.stats), world.digest(), tuple(world.diary)
    )


async def _run(world: World) -> None:
    """Connect, act, and wait until nothing should be open any more; then judge."""
    for k in range(world.scenario.populated):
        for name in world.scenario.systems[: 2 if k == 0 else 1]:
            world.person(name, f"p{k}")
    await world.connect()
    doings = [asyncio.create_task(_act(world, one)) for one in world.scenario.acts]
    await world.until(TROUBLE_ENDS)
    await asyncio.gather(*doings)
    await world.settle()
    _judge(world)
    world.end()


def _world(scenario: Scenario) -> type[World]:
    return Flow if scenario.flow else Mixed if scenario.mixed else World


async def _act(world: World, one: Act) -> None:
    if isinstance(world, Flow):
        await hiring_people.act(world, one)
    else:
        await (recruiters.act(world, one) if isinstance(world, Mixed) else people.act(world, one))


def _judge(world: World) -> None:
    if world.app is None:
        world.wrong("not up at the end")
        return
    held = ledger.load(world, world.app)
    world.stats["requests"] = world.network.sent
    if isinstance(world, Mixed):
        agreed.check(world, held, world.app)
        return
    settled.check(world, held)
    if isinstance(world, Flow):
        followed.check(world, held, world.app)
    else:
        effects.check(world, held)
    erased.check(world, held, world.app)
    world.stats["writes"] = sum(len(vendor.calls) for vendor in world.vendors.values())


# -------------------------------------------------------------------------------------------------------- shrinking


def shrink(failed: Outcome, *, tries: int = 200, told: Callable[[str], None] = lambda _line: None) -> Outcome:
    """The smallest scenario found that still breaks something of the same kind: fewer doings, faults and people."""
    best = failed
    again = True
    while again:
        again = False
        for smaller in _smaller(best.scenario):
            if tries <= 0:
                return best
            tries -= 1
            outcome = play(smaller)
            if set(outcome.wrong) & set(failed.wrong):
                told(f"{len(smaller.acts)} doings, {len(smaller.faults)} faults: {', '.join(sorted(outcome.wrong))}")
                best, again = outcome, True
                break
    return best


def _smaller(scenario: Scenario) -> Iterator[Scenario]:
    """Without half of the doings or faults, then without one of them, then without somebody."""
    for name in ("faults", "acts"):
        lines = getattr(scenario, name)
        half = len(lines) // 2
        if half > 1:
            yield replace(scenario, **{name: lines[:half]})
            yield replace(scenario, **{name: lines[half:]})
    for name in ("faults", "acts"):
        lines = getattr(scenario, name)
        for i in range(len(lines)):
            yield replace(scenario, **{name: lines[:i] + lines[i + 1 :]})
    if scenario.processes > 1:
        yield replace(scenario, processes=1)
    if scenario.populated:
        yield replace(scenario, populated=scenario.populated - 1)
