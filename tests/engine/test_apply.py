"""Someone applies, and what the AI says of it is in the ATS: once, explained, and without touching the person."""

from __future__ import annotations

from dataclasses import replace

from tests.databases import both_databases

from bascule.model import Kind
from bascule.sandbox.greenhouse import jobs, people

from .kit import CV, DANA, GARDENER, OWNER, Builder, House, fields_of

CONTACT = {"first_name", "last_name", "preferred_name", "email_addresses", "phone_numbers", "addresses", "company"}


@both_databases
async def test_an_application_gets_score_reasons_skills_status_reference_and_one_private_note(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    shown = house.custom(house.application(applied.application))
    assert 0 < float(shown["bascule_match_score"]) <= 100
    assert "Python" in shown["bascule_match_skills"]
    assert shown["bascule_match_reasons"].count("\n") >= 1
    assert shown["bascule_ai_status"] == "scored"
    assert shown["bascule_audit_reference"].startswith("BSC-")
    assert shown["bascule_experience_employer"] == "Northwind Systems"
    (note,) = house.notes(applied.candidate)
    assert note["visibility"] == "privately_visible"
    assert shown["bascule_audit_reference"] in note["body"]
    assert note["application_id"] == applied.application
    assert {c.object for c in house.written()} == {"applications", "notes"}


async def test_applications_that_arrive_together_cost_at_most_six_requests_each(house: House) -> None:
    await house.pass_time(3)
    before = sum(house.sandbox.requests.values())
    applied = [await house.apply("P", f"Number{i}", f"p{i}@example.org") for i in range(10)]
    await house.quiet()
    assert all(len(house.notes(one.candidate)) == 1 for one in applied)
    assert sum(house.sandbox.requests.values()) - before <= 6 * len(applied)


async def test_nothing_more_is_written_however_often_it_is_read_again(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    house.mark()
    await house.app.accounts.backfill(house.name, OWNER)
    await house.pass_time(90)
    assert not house.written()
    assert len(house.notes(applied.candidate)) == 1


async def test_a_tenant_without_application_fields_keeps_both_scores_of_a_person_with_two_jobs(build: Builder) -> None:
    house = await build.house(tier="standard")
    first = await house.apply()
    await house.quiet()
    second = await house.apply(job="Staff Nurse")
    await house.pass_time(3)  # behind the fence of the first note
    assert first.candidate == second.candidate
    shown = house.custom(house.candidate(first.candidate))
    assert "Backend Engineer" in shown["bascule_match_score_by_job"]
    assert "Staff Nurse" in shown["bascule_match_score_by_job"]
    assert shown["bascule_match_score_job"] == "Staff Nurse"
    own = await house.value(Kind.APPLICATION, second.application, "match_score")
    assert float(shown["bascule_match_score"]) == own
    assert len(house.notes(first.candidate)) == 2
    assert not fields_of(house.written("candidates")) & CONTACT


async def test_a_new_cv_scores_the_application_again_and_says_so_once(house: House) -> None:
    applied = await house.apply(file=GARDENER)
    await house.quiet()
    before = house.custom(house.application(applied.application))
    better = CV.format(name="Ada Byron", more="").encode()
    people.keep(house.sandbox, DANA, applied.candidate, applied.application, "resume", "new.txt", better)
    await house.pass_time(65)  # Greenhouse tells of no attachment: the next poll finds it
    after = house.custom(house.application(applied.application))
    assert float(after["bascule_match_score"]) > float(before["bascule_match_score"])
    assert len(house.notes(applied.candidate)) == 2
    house.mark()
    await house.pass_time(65)
    assert not house.written()


async def test_a_changed_answer_scores_the_application_again(house: House) -> None:
    applied = await house.apply(answers={1: "I like gardens."})
    await house.quiet()
    scored = await house.app.store.read(lambda tx: len(tx.audit.page(house.app.workspace, limit=500)))
    row = house.application(applied.application)
    answers = [{"question": "Why do you want to work here?", "answer": "I know Kubernetes and Django."}]
    house.sandbox.db.change("applications", row["id"], DANA, {"answers": answers})
    await house.pass_time(65)
    actions = await house.app.store.read(lambda tx: [x.action for x in tx.audit.page(house.app.workspace, limit=500)])
    assert actions.count("scored") == 2
    assert scored < len(actions)


async def test_a_changed_job_text_makes_scores_stale_and_redoes_them(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    before = house.custom(house.application(applied.application))
    post = jobs.post_of(house.sandbox, house.job("Backend Engineer")["id"])
    assert post is not None
    text = "<p>You grow roses. At least 12 years of experience in COBOL, SAP and horticulture are needed.</p>"
    jobs.update_post(house.sandbox, DANA, post["id"], {"content": text})
    await house.quiet()
    after = house.custom(house.application(applied.application))
    assert float(after["bascule_match_score"]) < float(before["bascule_match_score"])
    assert after["bascule_audit_reference"] != before["bascule_audit_reference"]
    assert len(house.notes(applied.candidate)) == 2  # one for each version of the rubric
    score = await house.app.store.read(
        lambda tx: tx.scores.of(tx.families.resolve(house.at.id, [(Kind.APPLICATION, str(applied.application))])[
            Kind.APPLICATION, str(applied.application)].record)
    )  # fmt: skip
    assert score is not None
    assert not score.stale
    assert score.version == 2


async def test_a_cv_that_is_not_kept_is_fetched_by_a_fresh_address_when_the_old_one_has_died(house: House) -> None:
    await house.app.store.write(lambda tx: tx.stored.set_retention(house.app.workspace, "resume", 0))
    applied = await house.apply()
    await house.quiet()
    before = house.custom(house.application(applied.application))
    house.clock.move(8 * 86_400)  # signed addresses live for seven days
    await house.app.store.write(lambda tx: tx.stored.expire(now=house.clock()))
    post = jobs.post_of(house.sandbox, house.job("Backend Engineer")["id"])
    assert post is not None
    text = "<p>You grow roses. At least 12 years of experience in COBOL, SAP and horticulture are needed.</p>"
    jobs.update_post(house.sandbox, DANA, post["id"], {"content": text})
    await house.pass_time(90)
    after = house.custom(house.application(applied.application))
    assert after["bascule_ai_status"] == "scored"
    assert after["bascule_audit_reference"] != before["bascule_audit_reference"]


@both_databases
async def test_the_best_tenth_of_a_job_carries_the_tag_and_who_falls_out_of_it_loses_it(house: House) -> None:
    applied = [await house.apply("P", f"Number{i}", f"p{i}@example.org", file=GARDENER) for i in range(4)]
    good = CV.format(name="Best Byron", more="").replace("Docker and Kubernetes", "great care").replace("Django", "Web")
    best = await house.apply("Best", "Byron", "best@example.org", file=good.encode())
    await house.pass_time(5)  # the scores of three seconds move it once
    assert house.tags(best.candidate) == ["Top 10 %: Backend Engineer"]
    assert not any(house.tags(one.candidate) for one in applied)
    better = await house.apply("Better", "Lovelace", "better@example.org")
    await house.pass_time(5)  # the scores of three seconds move it once
    assert house.tags(better.candidate) == ["Top 10 %: Backend Engineer"]
    assert house.tags(best.candidate) == []


async def test_ai_that_is_switched_off_writes_nothing(build: Builder) -> None:
    house = await build.house()
    off = await house.apply("Before", "Switch", "before@example.org")
    await house.quiet()
    row = house.at.row
    await house.app.store.write(
        lambda tx: tx.connections.set(
            replace(tx.connections.get(row.id), settings={**row.settings, "rollout.ai": False})
        )
    )
    house.app.worker.reload()
    await house.quiet()
    house.mark()
    applied = await house.apply()
    await house.pass_time(5)
    assert not house.written()
    assert not house.notes(applied.candidate)
    assert house.notes(off.candidate)
