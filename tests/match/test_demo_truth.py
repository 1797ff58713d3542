"""The demo's own resumes: whoever was written as a strong fit outranks whoever was written as a weak one."""

import json
from dataclasses import dataclass

import pytest

from bascule.match import Matcher, Person, Reading, ResumeReader, Score

from .conftest import AS_OF, MATERIAL


@dataclass(frozen=True)
class Scored:
    application: dict[str, str]
    reading: Reading
    score: Score


@pytest.fixture(scope="module")
def scored(matcher: Matcher) -> list[Scored]:
    def load(name: str) -> list[dict]:
        return json.loads((MATERIAL / name).read_text("utf-8"))

    people = {person["key"]: person for person in load("people.json")}
    jobs = {job["key"]: job for job in load("jobs.json")}
    rubrics = {
        key: matcher.rubric_for(job["title"], job["description"], [question["label"] for question in job["questions"]])
        for key, job in jobs.items()
    }
    found: list[Scored] = []
    reader = ResumeReader()
    try:
        for application in load("applications.json"):
            asked = {question["key"]: question["label"] for question in jobs[application["job"]]["questions"]}
            answers = {asked[key]: str(answer) for key, answer in application["answers"].items()}
            who = people[application["applicant"]]
            person = Person(
                (f"{who['first_name']} {who['last_name']}",), (who["email"],), (who["phone"],) if who["phone"] else ()
            )
            names = [("files", application["file"])] + (
                [("twins", application["twin"].split("/")[-1])] if application["twin"] else []
            )
            for folder, name in names:
                reading = reader.read_now((MATERIAL / folder / name).read_bytes(), name)
                score = matcher.score(reading.text, rubrics[application["job"]], person, AS_OF, answers, reading.flags)
                found.append(Scored(application | {"folder": folder}, reading, score))
    finally:
        reader.stop()
    return found


@pytest.mark.parametrize("job", ["backend", "analyst", "nurse", "accountant"])
def test_every_strong_fit_outranks_every_weak_one(scored: list[Scored], job: str) -> None:
    honest = [s for s in scored if s.application["job"] == job and s.application["kind"] == "honest"]
    strong = [s.score.value for s in honest if s.application["fit"] == "strong"]
    weak = [s.score.value for s in honest if s.application["fit"] == "weak"]
    assert min(strong) > max(weak)


def test_the_hostile_three_gain_nothing_and_are_told(scored: list[Scored]) -> None:
    hostile = [s for s in scored if s.application["kind"] != "honest" and s.application["folder"] == "files"]
    assert len(hostile) == 3
    for one in hostile:
        if one.application["kind"] == "broken_pdf":
            assert one.reading.status == "unreadable"
            assert not one.score.scored
            continue
        twin = next(
            s for s in scored if s.application["folder"] == "twins" and s.application["file"] == one.application["file"]
        )
        assert one.score.tenths - twin.score.tenths <= 10
        assert one.score.flags
        assert not twin.score.flags


def test_honest_resumes_raise_no_flag_and_their_language_is_told(scored: list[Scored]) -> None:
    for one in scored:
        if one.application["kind"] == "honest":
            assert one.score.flags == (), one.application["file"]
            assert one.reading.language == one.application["language"], one.application["file"]


def test_years_titles_and_employers_are_mostly_right(scored: list[Scored], matcher: Matcher) -> None:
    honest = [s for s in scored if s.application["kind"] == "honest" and s.application["folder"] == "files"]
    profiles = [(s.application, matcher.profile(s.reading.text, AS_OF)) for s in honest]
    years = sum(abs(profile.years - float(truth["years"])) <= 1.0 for truth, profile in profiles)
    titles = sum((truth["title"] or "").lower() in profile.title.lower() for truth, profile in profiles)
    employers = sum((truth["employer"] or "").lower() in profile.employer.lower() for truth, profile in profiles)
    assert years / len(profiles) >= 0.7
    assert titles / len(profiles) >= 0.8
    assert employers / len(profiles) >= 0.7
