"""Screening by a hosted form: invited, answered, scored, in the ATS; and opting out of all of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.databases import both_databases

from bascule.errors import ConflictError, InputError, NotFoundError
from bascule.model import Kind

from .kit import OWNER, Applied, Builder, House


async def invited(house: House, applied: Applied) -> tuple[str, str]:
    """(the application's record, the secret of its link)"""
    application = (await house.record(Kind.APPLICATION, applied.application)).id
    one = await house.app.screenings.invite(application, OWNER)
    link = await house.app.store.read(lambda tx: house.app.screenings.link(tx, one))
    return application, link.rpartition("/")[2]


def there(house: House, applied: Applied) -> dict[str, Any]:
    return house.custom(house.application(applied.application))


async def answer_all(house: House, token: str) -> None:
    desk = house.app.applicants
    await desk.start(token, "de", "Europe/Berlin")
    for one in (await desk.form(token)).asked:
        value, more = {
            "skill": ("4", "Wir haben damit Rechnungen geschrieben."), "level": ("c1", ""),
            "choice": (one.options[0] if one.options else "", ""), "text": ("Ich freue mich.", ""),
        }.get(str(one.kind), ("", ""))  # fmt: skip
        await desk.answer(token, one.id, value, more, "de")


@pytest.fixture
async def able(build: Builder) -> House:
    """A customer whose credential may add files."""
    house = await build.house(mode=None)
    least = house.app.grants.least("greenhouse")
    house.scopes = lambda: [*least, "harvest:attachments:create"]  # type: ignore[method-assign]
    await house.connect()
    return house


@both_databases
async def test_an_answered_form_is_in_the_ats_and_in_the_score(house: House) -> None:
    applied = await house.apply(file=b"Ada Byron\n\nExperience\nOffice Manager, Contoso, May 2019 - present\n"
                                b"Answered the telephone, ordered what was needed, and kept the books of a small firm "
                                b"together with two colleagues in Malmo.\n")  # fmt: skip
    await house.quiet()
    before = there(house, applied)["bascule_match_score"]
    _, token = await invited(house, applied)
    await house.quiet()
    assert there(house, applied)["bascule_screening_status"] == "invited"
    await answer_all(house, token)
    await house.quiet()
    assert there(house, applied)["bascule_screening_status"] == "started"
    assert there(house, applied).get("bascule_screening_answers") is None, "a form that is not sent stays here"
    await house.app.applicants.send(token, "de")
    await house.quiet()
    custom = there(house, applied)
    assert custom["bascule_screening_status"] == "completed"
    assert (
        "• Python: how many years of experience do you have?: 4 years. Wir haben" in custom["bascule_screening_answers"]
    )
    assert float(custom["bascule_match_score"]) > float(before), "what the CV does not show, an answer does"
    application = await house.record(Kind.APPLICATION, applied.application)
    kept = await house.app.store.read(lambda tx: tx.scores.of(application.id))
    sources = {reason.get("source") for part in kept.body["parts"] for reason in part["reasons"]}  # type: ignore
    assert "Python: how many years of experience do you have?" in sources, "a reason names the answer it stands on"
    with pytest.raises(ConflictError):
        await house.app.applicants.answer(token, "anything", "more", "", "de")
    assert not await house.open_failures()


async def with_a_file(house: House) -> list[str]:
    """The files of somebody who has sent one with the form."""
    applied = await house.apply()
    await house.quiet()
    _, token = await invited(house, applied)
    await answer_all(house, token)
    await house.app.applicants.attach(token, "file", "../Zeugnis.pdf", b"%PDF-1.7 a certificate", "de")
    await house.app.applicants.send(token, "de")
    await house.polls()
    assert not await house.open_failures()
    rows = house.sandbox.db["attachments"].where("candidate_id", applied.candidate)
    return sorted(one["filename"] for one in rows)


async def test_a_file_goes_to_the_ats_where_it_may(able: House) -> None:
    assert await with_a_file(able) == ["Zeugnis.pdf", "cv.txt"]


async def test_where_it_may_not_a_file_is_kept_here(house: House) -> None:
    assert await with_a_file(house) == ["cv.txt"]
    (person,) = await house.app.store.read(lambda tx: tx.pages.candidates(house.app.workspace))
    application = person.applications[0].record
    (form,) = (await house.app.store.read(lambda tx: tx.screenings.of([application]))).values()
    assert (await house.app.screenings.file(form.id, "file", OWNER)) == ("Zeugnis.pdf", b"%PDF-1.7 a certificate")
    await house.app.erasures.begin(person.record, OWNER)
    await house.pass_time(60)
    assert not await house.app.store.read(lambda tx: tx.screenings.of([application])), "it goes with its person"
    with pytest.raises(NotFoundError):
        await house.app.screenings.file(form.id, "file", OWNER)


async def test_answers_are_kept_as_they_come_and_what_cannot_be_one_is_refused(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    _, token = await invited(house, applied)
    desk = house.app.applicants
    await desk.start(token, "en", "Nowhere/There")
    asked = (await desk.form(token)).asked
    skill, permit, file = (next(one for one in asked if one.id.startswith(x)) for x in ("skill", "permit", "file"))
    for wrong in ("many", "-1", "61", "nan"):
        with pytest.raises(InputError, match="number"):
            await desk.answer(token, skill.id, wrong, "", "en")
    with pytest.raises(InputError):
        await desk.answer(token, permit.id, "maybe", "", "en")
    for name, data in (("cv.exe", b"MZ"), ("cv.pdf", b"MZ"), ("cv.txt", b"\x00\x01"), ("", b"x"), ("a.pdf", b"")):
        with pytest.raises(InputError):
            await desk.attach(token, file.id, name, data, "en")
    await desk.answer(token, skill.id, "2,5", "", "en")
    with pytest.raises(NotFoundError):
        await desk.answer(token, "skill:nobody asks", "1", "", "en")
    with pytest.raises(InputError, match="need an answer"):
        await desk.send(token, "en")
    form = await desk.form(token)
    assert (form.answers[skill.id], form.zone, form.done) == ({"value": "2.5"}, "UTC", 1)


async def test_a_link_opens_its_own_form_until_it_ends_and_nothing_else(house: House) -> None:
    first, other = await house.apply(), await house.apply("Bo", "Ek", "bo@example.org")
    await house.quiet()
    application, token = await invited(house, first)
    _, others = await invited(house, other)
    desk, screenings = house.app.applicants, house.app.screenings
    assert (await desk.form(token)).id != (await desk.form(others)).id
    mixed = token[:26] + others[26:]
    for forged in (mixed, token[:-1], token + "A", "", "é" * 51, token.swapcase()):
        with pytest.raises(NotFoundError):
            await desk.form(forged)
    assert (await screenings.invite(application, OWNER)).issue == 1, "asked again, the link stays"
    again = await screenings.invite(application, OWNER, anew=True)
    with pytest.raises(NotFoundError):
        await desk.form(token)
    link = await house.app.store.read(lambda tx: screenings.link(tx, again))
    await house.leap(8 * 86400, step=86400)
    assert (await desk.form(link.rpartition("/")[2])).ends == "expired"
    assert there(house, first)["bascule_screening_status"] == "expired"
    with pytest.raises(ConflictError):
        await desk.start(link.rpartition("/")[2], "en", "UTC")
    await desk.adjust(link.rpartition("/")[2], "More time, please: I was ill.", "en")
    await desk.start(link.rpartition("/")[2], "en", "UTC")
    await house.quiet()
    assert there(house, first)["bascule_screening_status"] == "started"


async def test_who_opts_out_is_scored_by_nobody_and_what_was_said_leaves_the_ats(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    application, token = await invited(house, applied)
    await house.quiet()
    record = await house.record(Kind.APPLICATION, applied.application)
    assert record.fields["match_score"]
    assert [one.score for one in await ranked(house, record)] == [record.fields["match_score"]]
    await house.app.applicants.opt_out(token)
    await house.polls()
    custom = there(house, applied)
    assert custom["bascule_screening_status"] == "opted out"
    assert custom["bascule_ai_status"] == "not scored"
    outputs = (
        "match_score",
        "match_reasons",
        "match_skills",
        "experience_title",
        "experience_years",
        "audit_reference",
    )
    assert {name: custom.get(f"bascule_{name}") for name in outputs} == dict.fromkeys(outputs)
    assert [one.score for one in await ranked(house, record)] == [None]
    assert await house.app.store.read(lambda tx: tx.scores.of(application)) is None
    assert (await house.app.applicants.form(token)).ends == "opted out"
    # Nothing brings a score back: not another file, not a changed job, not a person's push.
    await house.app.store.write(lambda tx: tx.tasks.put(house.app.workspace, "score", application, due=house.clock()))
    await house.apply(email="ada@example.org", filename="cv2.txt", more="Kubernetes for ten years")
    await house.quiet()
    assert (await house.record(Kind.APPLICATION, applied.application)).fields.get("match_score") is None
    assert there(house, applied).get("bascule_match_score") is None


async def ranked(house: House, record: Any) -> Any:
    return await house.app.store.read(lambda tx: tx.pages.ranked(str(record.fields["job"])))


async def test_who_opts_out_stands_in_a_queue_of_people_until_somebody_has_looked(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    application, _ = await invited(house, applied)
    made = await house.app.screenings.opt_out(application, OWNER, "By telephone")
    assert await house.app.screenings.opt_out(application, OWNER) == made, "said once, it stands"
    with pytest.raises(ConflictError):
        await house.app.screenings.invite(application, OWNER)
    (task,) = [one for one in await house.app.tasks.list() if one.kind == "applicant"]
    assert (task.due - task.since).days == 5
    assert "a person looks" in task.what
    await house.leap(5 * 86400 + 7200, step=86400)
    (late,) = [one for one in await house.app.tasks.list() if one.kind == "applicant"]
    assert late.escalated is not None
    await house.app.tasks.done(task.id, OWNER)
    assert not [one for one in await house.app.tasks.list() if one.kind == "applicant"]
    told = await house.app.screenings.told(application)
    assert told["looked"] is not None


async def test_scoring_waits_for_a_disclosure_only_where_one_is_asked_for(house: House) -> None:
    await house.app.forms.require(True, OWNER)
    applied = await house.apply()
    await house.quiet()
    assert there(house, applied)["bascule_ai_status"] == "waiting"
    job = str((await house.record(Kind.APPLICATION, applied.application)).fields["job"])
    day = (house.clock.at + timedelta(days=2)).date()
    await house.app.forms.disclose(job, {"en": "We use a program."}, OWNER, notice=day)
    await house.quiet()
    assert there(house, applied)["bascule_ai_status"] == "waiting", "until the day of its notice"
    await house.leap(2 * 86400, step=86400)
    assert there(house, applied)["bascule_ai_status"] == "scored"
    with pytest.raises(InputError):
        await house.app.forms.disclose(job, {"en": " "}, OWNER)


async def test_a_jobs_own_questions_are_asked_in_versions_and_who_has_begun_keeps_theirs(house: House) -> None:
    first, second = await house.apply(), await house.apply("Bo", "Ek", "bo@example.org")
    await house.quiet()
    _, begun = await invited(house, first)
    _, later = await invited(house, second)
    await house.app.applicants.start(begun, "en", "UTC")
    job = str((await house.record(Kind.APPLICATION, first.application)).fields["job"])
    own = {"text": {"en": "Do you have a driving licence?", "de": "Haben Sie einen Führerschein?"}, "kind": "yes or no"}
    assert await house.app.forms.ask(job, [own], ["file"], 0, OWNER) == 1
    with pytest.raises(ConflictError):
        await house.app.forms.ask(job, [], [], 0, OWNER)
    for wrong in ({"text": ""}, {"text": "x", "kind": "skill"}, {"text": {"sv": "x"}}, {"text": "x", "options": ["a"]}):
        with pytest.raises(InputError):
            await house.app.forms.ask(job, [wrong], [], 1, OWNER)
    ids = {token: [one.id for one in (await house.app.applicants.form(token)).asked] for token in (begun, later)}
    assert ("own:1" in ids[begun], "file" in ids[begun]) == (False, True)
    assert ("own:1" in ids[later], "file" in ids[later]) == (True, False)
    (counted,) = await house.app.screenings.rates()
    assert (counted.invited, counted.started, counted.completed) == (2, 1, 0)
