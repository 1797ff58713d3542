"""Figures of a real house: moves in the ATS are followed as they are seen, and leave with the person."""

from __future__ import annotations

import pytest
from tests.databases import both_databases

from bascule.errors import InputError, NotFoundError
from bascule.model import Kind
from bascule.office.figures import Asked
from bascule.sandbox.greenhouse import pipeline
from bascule.store import Tx

from .kit import OWNER, ROBIN, STAGE_TYPES, House

TITLE = "Backend Engineer"
HOUR = 3600


@both_databases
async def test_moves_in_the_ats_become_times_and_leave_with_the_person(house: House) -> None:
    await house.app.mappings.confirm(house.name, STAGE_TYPES, OWNER)
    ada = await house.apply()
    bo = await house.apply("Bo", "Ek", "bo@example.org")
    await house.pass_time(5)
    job = (await house.record(Kind.JOB, house.job(TITLE)["id"])).id

    async def move(application: int, name: str) -> None:
        here = house.application(application)["job_interview_stage_id"]
        to = house.stage(TITLE, name)["id"]
        pipeline.move(house.sandbox, ROBIN, application, {"from_stage_id": here, "to_stage_id": to})

    await house.leap(2 * HOUR, HOUR)
    await move(ada.application, "Onsite")
    await house.pass_time(70)
    await house.leap(3 * HOUR, HOUR)
    await move(ada.application, "Offer")
    reason = house.reason("Role closed")["id"]
    pipeline.reject(house.sandbox, ROBIN, bo.application, {"rejection_reason_id": reason})
    await house.pass_time(70)

    desk = house.app.figures
    told = await desk.told(Asked())
    figures = {one["key"]: one for one in told["figures"]}
    assert (told["applications"], figures["time_to_screen"]["n"]) == (2, 2)
    assert figures["time_to_screen"]["value"] == pytest.approx(3.5 * HOUR, rel=0.05)  # two hours and five
    assert (figures["interview_to_offer"]["many"], figures["interview_to_offer"]["n"]) == (1, 1)
    assert figures["interview_to_offer"]["value"] is None  # one of one is no per cent
    assert figures["score_latency"]["n"] == 2
    assert figures["score_latency"]["value"] < 60
    assert not told["application_completion"]["shown"]
    _, way, _, _ = await desk.flow(Asked(job=job))
    at = {one.name: one for one in way.steps}
    assert at["Application Review"].stays.n == 2
    assert at["Application Review"].ended == {"rejected": 1}
    assert at["Onsite"].stays.value == pytest.approx(3 * HOUR, rel=0.05)
    assert (at["Phone Screen"].entered, at["Offer"].stand) == (0, 1)

    workspace, now = house.app.workspace, house.app.runtime.now()
    id = (await house.record(Kind.APPLICATION, ada.application)).family
    await house.app.store.write(lambda tx: tx.erasure.forget(workspace, id, now=now))

    def left(tx: Tx) -> int:
        return len(tx.figures.passages(workspace))

    assert await house.app.store.read(left) == 1
    assert (await desk.told(Asked()))["applications"] == 1


async def test_a_baseline_targets_and_the_stated_minutes_stand_beside_the_figures(house: House) -> None:
    desk = house.app.figures
    with pytest.raises(InputError, match="nothing to freeze"):
        await desk.freeze(Asked(), OWNER)
    await house.app.mappings.confirm(house.name, STAGE_TYPES, OWNER)
    one = await house.apply()
    await house.pass_time(5)
    reason = house.reason("Role closed")["id"]
    pipeline.reject(house.sandbox, ROBIN, one.application, {"rejection_reason_id": reason})
    await house.pass_time(70)
    frozen = await desk.freeze(Asked(weeks=0), OWNER)
    await desk.aim({"time_to_screen": 2.0, "stay:applied": 1.0}, OWNER)
    await desk.state(12, 4, "Timed over 20 applications in October.", OWNER)
    told = await desk.told(Asked())
    figure = next(one for one in told["figures"] if one["key"] == "time_to_screen")
    assert (figure["baseline"]["n"], figure["target"]) == (1, 2.0)
    saved = next(one for one in told["figures"] if one["key"] == "screening_time_saved")
    assert (saved["n"], saved["value"]) == (1, pytest.approx(8 / 60, abs=1e-4))
    assert set(frozen["stays"]) == {"applied"}
    await desk.aim({"time_to_screen": None}, OWNER)
    assert (await desk.told(Asked()))["targets"] == {"stay:applied": 1.0}
    for wrong in ({"happiness": 1.0}, {"overrides": 120.0}, {"time_to_hire": 0.0}):
        with pytest.raises(InputError):
            await desk.aim(wrong, OWNER)
    for before, now, source in ((4, 4, "x"), (4, 5, "x"), (5, 4, " "), (9999, 1, "x")):
        with pytest.raises(InputError):
            await desk.state(before, now, source, OWNER)
    for asked in (Asked(since="soon"), Asked(since="2026-11-02", until="2026-11-01"), Asked(department="None")):
        with pytest.raises(InputError):
            await desk.told(asked)
    with pytest.raises(NotFoundError):
        await desk.told(Asked(job="nothing"))


async def test_much_is_told_from_what_was_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kept by the task, told as of then, and made anew only where something has changed."""
    monkeypatch.setattr("bascule.office.figures.SMALL", 0)
    await house.apply()
    await house.leap(130)
    kept = await house.app.store.read(lambda tx: tx.figures.kept(house.app.workspace))
    assert kept is not None
    first = await house.app.figures.told(Asked())
    assert (first["as_of"], first["applications"]) == (kept.at, 1)
    await house.apply("Bo", "Ek", "bo@example.org")
    assert (await house.app.figures.told(Asked()))["applications"] == 1
    await house.leap(700, 180)
    second = await house.app.figures.told(Asked())
    assert (second["applications"], second["as_of"] > first["as_of"]) == (2, True)
    await house.leap(1300, 650)
    assert (await house.app.figures.told(Asked()))["as_of"] == second["as_of"]
