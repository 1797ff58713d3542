"""Sixty applications by invented people to four invented jobs: CV files, and what a fair reader finds in them.

The files are PDF and DOCX in English, German, Swedish and French. Three are hostile: hidden keywords, an
instruction to the machine, and a PDF whose upload stopped half-way. NOTICE in this folder says that nobody
here exists. `tools/demo_material.py` makes the files and lists again from the hand-written texts.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Any


class Kind(StrEnum):
    """Whether a CV plays fair."""

    HONEST = "honest"
    HIDDEN_KEYWORDS = "hidden_keywords"
    INJECTED_INSTRUCTION = "injected_instruction"
    BROKEN_PDF = "broken_pdf"


class Fit(StrEnum):
    """How well a person who knows the work would say the applicant fits the job."""

    STRONG = "strong"
    MEDIUM = "medium"
    WEAK = "weak"


@dataclass(frozen=True)
class Question:
    """A screening question; `kind` is `yes_no`, `number` or `text`."""

    key: str
    label: str
    kind: str
    required: bool


@dataclass(frozen=True)
class Job:
    """An open job as advertised. `must` and `nice` are the skills, `years` the experience its text asks for."""

    key: str
    title: str
    department: str
    office: str
    description: str
    must: tuple[str, ...]
    nice: tuple[str, ...]
    years: float
    languages_must: tuple[str, ...]
    languages_nice: tuple[str, ...]
    questions: tuple[Question, ...]
    stages: tuple[str, ...]


@dataclass(frozen=True)
class Applicant:
    """A person who exists only here; the phone numbers are from ranges reserved for fiction."""

    key: str
    first_name: str
    last_name: str
    email: str
    phone: str | None
    locale: str


@dataclass(frozen=True)
class Application:
    """One person, one job, one CV file, and the truth about that CV.

    `years` are years of paid work up to November 2026, true to about a year: gaps, internships and jobs beside
    one's studies are left out. `title` and `employer` are the current ones, the title None where the CV names
    none. `answers` are by question key; optional questions may be missing. `twin` is the same CV without the
    trick, for the two tricky kinds: it must score the same.
    """

    applicant: Applicant
    job: Job
    file: Path
    kind: Kind
    fit: Fit
    language: str
    years: float
    title: str | None
    employer: str
    skills: tuple[str, ...]
    answers: dict[str, str]
    twin: Path | None


@dataclass(frozen=True)
class Material:
    """All of it; applications come in the order in which the demo lets people apply."""

    jobs: tuple[Job, ...]
    applicants: tuple[Applicant, ...]
    applications: tuple[Application, ...]


def load() -> Material:
    """Read the material shipped with the package."""
    folder = Path(str(resources.files(__name__)))
    jobs = {row["key"]: _job(row) for row in _rows(folder / "jobs.json")}
    people = {row["key"]: Applicant(**row) for row in _rows(folder / "people.json")}
    applications = tuple(_application(row, folder, jobs, people) for row in _rows(folder / "applications.json"))
    return Material(tuple(jobs.values()), tuple(people.values()), applications)


def visitor() -> str:
    """The CV of somebody who has not applied, for a person at the demo who has none at hand."""
    return resources.files(__name__).joinpath("visitor.txt").read_text("utf-8")


def _rows(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text("utf-8"))


def _job(row: dict[str, Any]) -> Job:
    languages = row["languages"]
    lists: dict[str, Any] = {name: tuple(row[name]) for name in ("must", "nice", "stages")}
    plain: dict[str, Any] = {
        name: row[name] for name in ("key", "title", "department", "office", "description", "years")
    }
    return Job(
        **plain,
        **lists,
        languages_must=tuple(languages["must"]),
        languages_nice=tuple(languages["nice"]),
        questions=tuple(Question(**question) for question in row["questions"]),
    )


def _application(row: dict[str, Any], folder: Path, jobs: dict[str, Job], people: dict[str, Applicant]) -> Application:
    return Application(
        applicant=people[row["applicant"]],
        job=jobs[row["job"]],
        file=folder / "files" / row["file"],
        kind=Kind(row["kind"]),
        fit=Fit(row["fit"]),
        language=row["language"],
        years=row["years"],
        title=row["title"],
        employer=row["employer"],
        skills=tuple(row["skills"]),
        answers=row["answers"],
        twin=folder / "twins" / row["twin"] if row["twin"] else None,
    )
