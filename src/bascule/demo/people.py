"""Who applies where: the demo's own sixty applications, or a folder of CVs somebody brings along."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

from bascule.errors import InputError

from .material import Application, Job, Material, Question

ENTERPRISE, STANDARD = "enterprise", "standard"
TIERS = (ENTERPRISE, STANDARD)
# The fourth job, the analyst's, is advertised at both accounts: so both have people who apply twice.
JOBS = {ENTERPRISE: ("backend", "analyst"), STANDARD: ("nurse", "accountant", "analyst")}
# Requisitions that each account has closed long ago, titled as people title them: something for a data check to find.
FORMER = {
    ENTERPRISE: ("SR. DATA ENG (m/w/d) REQ-2087", "FRONTEND DEVELOPER (REQ-1964)", "Product Manager"),
    STANDARD: ("Registered Nurse (m/f/d)", "ASST. ACCOUNTANT #1187", "Payroll Specialist"),
}
# Who sends a second application from another address, with the number as one dials it at home: two records, and a
# question whether they are one person.
ELSEWHERE = {"tomas.albuquerque": "tomas@viajante.example", "hannah.weiss": "weiss.h@hafenmail.example"}
READABLE = (".pdf", ".docx", ".txt", ".html", ".htm")
LARGEST = 20 * 1024 * 1024  # bytes the careers page takes
# What stands in file names of CVs and is nobody's name.
NOT_A_NAME = frozenset(
    {
        "cv", "resume", "resumé", "résumé", "curriculum", "vitae", "lebenslauf", "bewerbung", "meriter",
        "meritforteckning", "application", "final", "copy", "new", "updated", "version", "english", "deutsch",
        "en", "de", "sv", "fr", "pdf", "docx",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Applying:
    """One application to send: at which account, for which job, by whom, with which answers (by question) and CV."""

    tier: str
    job: str
    person: Mapping[str, str]
    answers: Mapping[str, str]
    resume: Path

    @property
    def email(self) -> str:
        return self.person["email"]


def adverts(material: Material, tier: str, *, ask: bool = True) -> list[dict[str, Any]]:
    """The jobs an account opens, as its sandbox takes them. Without `ask` no question has to be answered."""
    return [_advert(job, ask) for job in material.jobs if job.key in JOBS[tier]]


def former(material: Material, tier: str) -> list[dict[str, Any]]:
    """Requisitions the account has closed long ago, as its sandbox takes them."""
    like = next(job for job in material.jobs if job.key in JOBS[tier])
    held = {"department": like.department, "office": like.office, "stages": list(like.stages), "status": "closed"}
    return [{"title": title, "description": "<p>Closed.</p>", **held} for title in FORMER[tier]]


def _advert(job: Job, ask: bool) -> dict[str, Any]:
    questions = [{"label": q.label, "required": q.required and ask, "type": _answered_in(q)} for q in job.questions]
    return {
        "title": job.title, "department": job.department, "office": job.office, "stages": list(job.stages),
        "description": _as_html(job.description), "questions": questions,
    }  # fmt: skip


def _answered_in(question: Question) -> str:
    """The kind of form field: what nobody has to answer is asked to hear more."""
    if question.kind == "yes_no":
        return "yes_no"
    return "long_text" if question.kind == "text" and not question.required else "short_text"


def _as_html(text: str) -> str:
    """An advert as an ATS keeps it: paragraphs, and lists of what began with a dash."""
    parts: list[str] = []
    for dashed, lines in groupby(filter(None, text.split("\n")), key=lambda line: line.startswith("- ")):
        if dashed:
            parts.append("<ul>" + "".join(f"<li>{escape(line[2:])}</li>" for line in lines) + "</ul>")
        else:
            parts += [f"<p>{escape(line)}</p>" for line in lines]
    return "\n".join(parts)


def own(material: Material) -> list[Applying]:
    """The demo's applications in their order, each person at one account only, two of them under a second address."""
    homes, met, found = _homes(material.applications), set[str](), list[Applying]()
    for one in material.applications:
        again = one.applicant.key in met
        met.add(one.applicant.key)
        entered = _entered(one, elsewhere=again)
        found.append(Applying(homes[one.applicant.key], one.job.title, entered, _answers(one), one.file))
    return found


def _homes(applications: Sequence[Application]) -> dict[str, str]:
    """Applicant -> account: where their jobs are; of those whose jobs are at both, one in three goes to the second."""
    wanted: dict[str, set[str]] = {}
    for one in applications:
        wanted.setdefault(one.applicant.key, set()).add(one.job.key)
    homes: dict[str, str] = {}
    either = 0
    for key, jobs in wanted.items():
        possible = [tier for tier in TIERS if jobs <= set(JOBS[tier])]
        either += len(possible) == 2
        homes[key] = possible[0] if len(possible) == 1 else TIERS[either % 3 == 0]
    return homes


def _entered(one: Application, *, elsewhere: bool = False) -> dict[str, str]:
    """What somebody enters in the form; `elsewhere`: for the second time, some from another address."""
    who = one.applicant
    phone, email = who.phone or "", who.email
    if elsewhere and who.key in ELSEWHERE:
        email, phone = ELSEWHERE[who.key], re.sub(r"^\+\d+ ", "0", phone)
    return {"first_name": who.first_name, "last_name": who.last_name, "email": email, "phone": phone}


def _answers(one: Application) -> dict[str, str]:
    asked = {question.key: question.label for question in one.job.questions}
    return {asked[key]: answer for key, answer in one.answers.items()}


# ----------------------------------------------------------------------------------------------------- a folder of CVs


def brought(folder: Path, material: Material) -> list[Applying]:
    """One applicant for each CV in a folder, named after the file, spread over the jobs. InputError without a CV."""
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}.", hint="Name a folder with CVs: --resumes DIR")
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in READABLE and path.is_file())
    if not files:
        raise InputError(
            f"{folder} holds no CV: no file there ends in {', '.join(READABLE)}.",
            hint="Put CVs right into that folder, or name another one.",
        )
    large = [path.name for path in files if path.stat().st_size > LARGEST]
    if large:
        raise InputError(
            f"The careers page takes files up to 20 MB; larger are: {', '.join(large)}.", hint="Take them out of it."
        )
    places = [(tier, job) for tier in TIERS for job in JOBS[tier] if tier == ENTERPRISE or job != "analyst"]
    titles = {job.key: job.title for job in material.jobs}
    applying: list[Applying] = []
    for number, path in enumerate(files):
        tier, job = places[number % len(places)]
        applying.append(Applying(tier, titles[job], named_after(path, number + 1), {}, path))
    return applying


def named_after(path: Path, number: int) -> dict[str, str]:
    """Name and address of an applicant of whom only the file's name is known."""
    words = [w for w in re.split(r"[^\w'\u2019]+|_+|\d+", path.stem) if len(w) > 1 and w.casefold() not in NOT_A_NAME]
    given = [word.capitalize() if word.islower() or word.isupper() else word for word in words]
    first, last = (given[0] if given else "Applicant"), (" ".join(given[1:]) or str(number))
    plain = unicodedata.normalize("NFKD", f"{first}.{last}").encode("ascii", "ignore").decode()
    local = re.sub(r"[^a-z0-9.]+", "-", plain.lower()).strip("-.") or "applicant"
    return {"first_name": first, "last_name": last, "email": f"{local}.{number}@applicants.example", "phone": ""}
