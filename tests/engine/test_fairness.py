"""A job's fairness probe: on its own applicants' CVs, by its own rubric, and with nothing kept but figures."""

from __future__ import annotations

import pytest

from bascule.errors import InputError, NotFoundError
from bascule.model import Kind

from .kit import OWNER, House


async def test_the_probe_of_a_job_moves_nothing_and_leaves_figures_in_the_audit(house: House) -> None:
    job = (await house.record(Kind.JOB, house.job("Backend Engineer")["id"])).id
    with pytest.raises(InputError, match="No applicant's CV"):
        await house.app.fairness.probe(job, OWNER)
    await house.apply()
    await house.apply("Amina", "Rahman", "amina@example.org")
    await house.quiet()
    house.mark()
    told = await house.app.fairness.probe(job, OWNER)
    assert told["resumes"] == 2
    assert not told["broken"]
    names = next(one for one in told["attributes"] if one["attribute"] == "name")
    assert (names["pairs"] > 0, names["differ"], names["exact"]) == (True, 0, True)
    assert not house.written()
    entries = await house.app.store.read(lambda tx: tx.audit.page(house.app.workspace, limit=50))
    entry = next(one for one in entries if one.action == "fairness probed")
    assert entry.detail == {"rubric": told["rubric"], "resumes": 2, "broken": False}
    for people in (0, 501):
        with pytest.raises(InputError, match="cannot be probed at once"):
            await house.app.fairness.probe(job, OWNER, people=people)
    with pytest.raises(NotFoundError):
        await house.app.fairness.probe("nothing", OWNER)
