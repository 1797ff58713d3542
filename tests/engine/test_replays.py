"""A score can be made again from what is stored; what differs since is named, and nothing is changed by asking."""

from __future__ import annotations

import pytest

from bascule.errors import NotFoundError
from bascule.model import Kind
from bascule.office.corrections import Said
from bascule.sandbox.greenhouse import jobs

from .kit import DANA, OWNER, House
from .test_corrections import reasons
from .test_rubrics import change


async def test_a_score_is_made_again_to_the_same_tenth_and_reason_and_nothing_is_changed(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    id = (await house.record(Kind.APPLICATION, applied.application)).id
    before = await house.app.store.read(lambda tx: tx.scores.of(id))
    requests = len(house.transport.log)
    found = await house.app.replays.of(id, OWNER)
    assert (found.same, found.inputs, found.outcome) == (True, (), ())
    assert found.score == found.again is not None
    assert all(found.made_by[name] for name in ("the rules of scoring", "the tables of skills and titles"))
    assert await house.app.store.read(lambda tx: tx.scores.of(id)) == before
    assert len(house.transport.log) == requests  # nothing was asked of the ATS


async def test_an_older_version_is_made_again_from_the_jobs_text_of_then(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    record = await house.record(Kind.APPLICATION, applied.application)
    job = str(record.fields["job"])
    first = await house.app.replays.of(record.id, OWNER)
    await change(house, job, {"COBOL": "must"})
    await house.quiet()
    newer = await house.app.replays.of(record.id, OWNER)
    assert (newer.version, newer.same) == (first.version + 1, True)
    assert newer.score != first.score
    post = jobs.post_of(house.sandbox, house.job("Backend Engineer")["id"])
    assert post is not None
    jobs.update_post(house.sandbox, DANA, post["id"], {"content": "<p>We look for a gardener.</p>"})
    await house.leap(4000)
    older = await house.app.replays.of(record.id, OWNER, version=first.version)
    assert (older.version, older.same, older.again) == (first.version, True, first.score)
    with pytest.raises(NotFoundError, match="of version 9"):
        await house.app.replays.of(record.id, OWNER, version=9)


async def test_what_was_said_to_be_wrong_since_is_named(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    id = (await house.record(Kind.APPLICATION, applied.application)).id
    _, reason = next(one for one in await reasons(house, id) if one[1]["about"] and one[1]["text"] == "Python")
    await house.app.corrections.mark(id, Said(skill=reason["about"]), OWNER)  # and not made again yet
    found = await house.app.replays.of(id, OWNER)
    assert not found.same
    assert [one.what for one in found.inputs] == ["what people said is wrong"]
    assert found.again is not None
    assert found.again < (found.score or 0)
    assert any(one.then != one.now for one in found.outcome)


async def test_of_somebody_erased_nothing_is_replayed_and_nothing_of_it_is_kept(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    id = (await house.record(Kind.APPLICATION, applied.application)).id
    await house.app.erasures.begin((await house.record(Kind.CANDIDATE, applied.candidate)).id, OWNER)
    await house.pass_time(12)
    with pytest.raises(NotFoundError, match="erased"):
        await house.app.replays.of(id, OWNER)
