"""Two requisitions live while the rest is only observed; what comes under the mode later brings nothing old with it."""

from __future__ import annotations

from bascule.model import Kind, Mode, Scope
from bascule.office.modes import Older

from .kit import JOBS, OWNER, Applied, Builder, House


async def two(build: Builder) -> tuple[House, int, int, Scope]:
    """Live for the first job only; somebody at each of two jobs."""
    house = await build.house(Mode.LIVE)
    first, second = (
        await house.apply(),
        await house.apply("Grace", "Hopper", "grace@example.org", str(JOBS[1]["title"])),
    )
    await house.quiet()
    job = (await house.record(Kind.APPLICATION, first.application)).fields["job"]
    scope = Scope(jobs=frozenset({str(job)}))
    await house.app.accounts.set_mode(house.name, Mode.LIVE, OWNER, scope=scope)
    return house, first.candidate, second.candidate, scope


async def tag(house: House, candidate: int, name: str) -> None:
    record = await house.record(Kind.CANDIDATE, candidate)
    await house.app.changes.set_tags(record.id, OWNER, add=[name])
    await house.pass_time(20)


async def test_only_what_the_scope_covers_is_written(build: Builder) -> None:
    house, inside, outside, _ = await two(build)
    await tag(house, inside, "Mine")
    await tag(house, outside, "Not yet")
    assert house.tags(inside) == ["Mine"]
    assert house.tags(outside) == []


async def test_a_wider_scope_writes_nothing_old_unless_asked_and_keeps_what_was_covered(build: Builder) -> None:
    house, inside, outside, scope = await two(build)
    await tag(house, outside, "Old")
    found = await house.app.rollouts.preview(house.name, Scope())
    assert found.open[("candidate", "tags")][0] == 1
    await house.app.accounts.set_mode(house.name, Mode.LIVE, OWNER, scope=Scope())
    await house.pass_time(30)
    assert house.tags(outside) == []
    await tag(house, outside, "New")
    await tag(house, inside, "Mine")
    assert (house.tags(outside), house.tags(inside)) == (["New"], ["Mine"])
    await house.app.accounts.set_mode(house.name, Mode.LIVE, OWNER, scope=scope)
    await tag(house, outside, "Wanted")
    await house.app.accounts.set_mode(house.name, Mode.LIVE, OWNER, scope=Scope(), older=Older.OPEN)
    await house.pass_time(30)
    assert "Wanted" in house.tags(outside)


async def test_a_wider_scope_writes_nothing_old_of_somebody_who_was_covered_by_another_application(
    build: Builder,
) -> None:
    house = await build.house(Mode.LIVE)
    first = await house.apply()
    await house.quiet()
    job = (await house.record(Kind.APPLICATION, first.application)).fields["job"]
    await house.app.accounts.set_mode(house.name, Mode.LIVE, OWNER, scope=Scope(jobs=frozenset({str(job)})))
    second = await house.apply(job=str(JOBS[1]["title"]))
    await house.pass_time(30)
    assert first.candidate == second.candidate
    scored, unwritten = shown(house, first), shown(house, second)
    assert ("bascule_match_score" in scored, "bascule_match_score" in unwritten) == (True, False)
    assert await house.value(Kind.APPLICATION, second.application, "match_score") is not None
    await house.app.accounts.set_mode(house.name, Mode.LIVE, OWNER, scope=Scope())
    await house.pass_time(30)
    assert (shown(house, first), shown(house, second)) == (scored, unwritten)


def shown(house: House, applied: Applied) -> dict[str, object]:
    return house.custom(house.application(applied.application))
