"""New tables of skills: what was stored with others is found, reported, and brought to the ids that hold."""

from __future__ import annotations

from datetime import timedelta

from bascule.hiring.telling import frozen
from bascule.model import Kind
from bascule.office.corrections import Said
from bascule.store import Tx, scores

from .kit import OWNER, House

SQL_SERVER, GONE = "onet-tech:Microsoft SQL Server", "http://data.europa.eu/esco/skill/gone"


async def test_what_is_of_other_tables_is_reported_and_migrated(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    job = (await house.record(Kind.JOB, house.job("Backend Engineer")["id"])).id
    application = (await house.record(Kind.APPLICATION, applied.application)).id
    desk = house.app.taxonomy_desk
    assert (await desk.told())["changed"] == []
    assert (await desk.migrate(OWNER))["derived"] == 0

    matcher = house.app.matcher
    known = matcher.skills.find("PostgreSQL")
    assert known is not None
    await house.app.corrections.mark(application, Said(skill=known.id), OWNER)
    await house.quiet()
    older = await house.app.store.write(lambda tx: age(tx, house.app.desk.workspace, job, known.id, known.also))

    report = await desk.told()
    assert report["rubrics"]["esco-older"] == 1
    fates = {one["label_was"] or one["was"]: one for one in report["changed"]}
    assert fates["Microsoft SQL Server"]["fate"] == "moved"
    assert fates["Microsoft SQL Server"]["label"] == "SQL Server"
    assert fates["Microsoft SQL Server"]["decisions"] == 1
    assert fates["Making gold"]["fate"] == "gone"
    assert fates[known.also]["corrections"] == 1

    assert (await desk.migrate(OWNER))["derived"] == 1
    await house.quiet()
    told = await house.app.rubric_desk.told(job)
    assert told["version"] == older + 1
    assert told["taxonomy"] == matcher.taxonomy.version
    assert {one["label"] for one in told["changes"]["skills"]} == {"SQL Server", "Making gold"}
    assert {"SQL Server", "Making gold"} <= {one["label"] for one in told["skills"]}
    score = await house.app.store.read(lambda tx: tx.scores.of(application))
    assert score is not None
    assert score.version == older + 1
    assert known.id in {one.about for one in await house.app.corrections.of(application)}
    again = await desk.told()
    assert set(again["rubrics"]) == set(again["scores"]) == {matcher.taxonomy.version}
    assert again["changed"] == []


def age(tx: Tx, workspace: str, job: str, id: str, was: str) -> int:
    """Make the job's rubric, a person's decisions and their corrections those of other tables; the version."""
    newest = tx.scores.rubric(job)
    assert newest is not None
    skill = {"scheme": "O*NET", "rarity": 0.5, "importance": "must"}
    skills = [
        {"id": SQL_SERVER, "label": "Microsoft SQL Server", **skill},
        {"id": GONE, "label": "Making gold", **skill},
    ]
    body = {**newest.body, "taxonomy": "esco-older", "changes": {"skills": skills}}
    kept = scores.Rubric(job, newest.version + 1, frozen(body), newest.at + timedelta(seconds=1))
    tx.scores.set_rubric(workspace, kept)
    tx.corrections.rename(workspace, id, was)
    return kept.version
