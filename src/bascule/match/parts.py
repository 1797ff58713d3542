"""The parts of a score: what each one asks of a resume's evidence, and the reasons it gives.

A part is a value from 0 to 1 with its reasons, what is missing, and how much of its weight it claims. None of them
knows the others, and none knows who somebody is."""
# ruff: noqa: RUF001 (resumes hold these characters)

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from .embed import similarity
from .evidence import Evidence, EvidenceMaker
from .redaction import MARK, Redacted
from .rubric import Importance, Rubric, Wanted, WantedTongue
from .sections import Part as Place
from .sections import Section
from .skills import SkillHit, SkillLinker
from .titles import nearness
from .tongues import FLUENT, LEVELS, WORKING, Tongue, tongues
from .wording import counted

SHOWN, LISTED, STATED = 1.0, 0.75, 0.5
"""What evidence is worth: told in the course of work, only listed, only stated in an answer."""
_SO_FAR = {
    LISTED: "told in the course of work (it is only listed)",
    STATED: "told in the course of work (only an answer states it)",
    0.0: "told in the course of work (nothing says so)",
}
FULL_SKILLS = 5
"""With fewer skills asked for, the skills part weighs less: one keyword must not decide."""
_ALIKE = (0.05, 0.7)
"""Similarity of texts that have nothing in common, and of a resume that reads like the advert."""
_TITLES_ALIKE = (0.0, 0.5)
"""The same for a resume's titles and the job's."""
_PASSAGES = 2
"""How many of the nearest passages stand for the resume's best."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A screening question and the candidate's redacted answer."""

    question: str
    text: Redacted


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that earned points. `quote` is `[start:end]` of the resume, or of the answer named in `source`."""

    text: str
    quote: str = ""
    start: int = -1
    end: int = -1
    source: str = "resume"
    about: str = ""
    """The id of the skill it is about, where it is about one."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A part before weighing: `share` of its weight it claims, `value` 0 to 1."""

    key: str
    share: float
    value: float
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]
    gains: tuple[tuple[str, float], ...] = ()
    """What would raise the value, each by itself, and by how much."""


_YES = re.compile(r"(?:yes|ja|oui|true|y|[1-9]\d*(?:[.,]\d+)?)\b", re.IGNORECASE)


def skills_part(evidence: Evidence, rubric: Rubric, answers: Sequence[Answer], linker: SkillLinker) -> Draft | None:
    """Of the skills asked for, by their weight, those that are shown, listed or stated."""
    if not rubric.skills:
        return None
    asked = {wanted.id for wanted in rubric.skills}
    by_id: dict[str, list[SkillHit]] = {id: [] for id in asked}
    for hit in evidence.hits:
        for id in (hit.id, *linker.wider(hit.id)):
            if id in asked:
                by_id[id].append(hit)
    lower = evidence.text.lower()
    stated = _stated(answers, linker)
    lists = [s for s in evidence.sections if s.kind == Place.SKILLS]
    earned = possible = 0.0
    reasons: list[tuple[float, Reason]] = []
    missing: list[str] = []
    gains: list[tuple[str, float]] = []
    for wanted in rubric.skills:
        possible += wanted.weight
        credit = 0.0
        places = by_id[wanted.id] or _named(wanted, evidence.text, lower)
        if wanted.id in evidence.wrong:
            places = []
        if places:
            best, credit = _best_place(places, lists)
            earned += credit * wanted.weight
            how = "" if credit == SHOWN else " (listed)"
            reason = quoted(f"{_label(wanted)}{how}", evidence.text, best.start, best.end, about=wanted.id)
            reasons.append((wanted.weight * credit, reason))
        elif wanted.id in stated and wanted.id not in evidence.wrong:
            credit = STATED
            earned += credit * wanted.weight
            reasons.append((wanted.weight * credit, stated[wanted.id]))
        elif wanted.importance == Importance.MUST:
            missing.append(f"no evidence of {_label(wanted)}")
        if credit < SHOWN:
            gains.append((f"{_label(wanted)} {_SO_FAR[credit]}", (SHOWN - credit) * wanted.weight))
    reasons.sort(key=lambda pair: (-pair[0], pair[1].start))
    share = min(1.0, len(rubric.skills) / FULL_SKILLS)
    return Draft(
        "skills",
        share,
        earned / possible,
        tuple(reason for _, reason in reasons),
        tuple(missing),
        tuple((what, gain / possible) for what, gain in gains),
    )


def _stated(answers: Sequence[Answer], linker: SkillLinker) -> dict[str, Reason]:
    """Skills that only an answer claims: named in it, or named in the question and answered yes or with a
    number."""
    stated: dict[str, Reason] = {}
    for answer in answers:
        text = answer.text.text
        for hit in linker.hits(text):
            stated.setdefault(hit.id, quoted(f"{hit.label} (in an answer)", text, hit.start, hit.end, answer.question))
        if _YES.match(text.strip()):
            for hit in linker.hits(answer.question):
                reason = Reason(f"{hit.label} (in an answer)", text.strip(), *_bounds(text), answer.question)
                stated.setdefault(hit.id, reason)
    return stated


def experience_part(evidence: Evidence, rubric: Rubric, maker: EvidenceMaker) -> Draft:
    """How much the work told of is like the job's: the mean of the whole resume and its two nearest passages, so that
    neither one fitting post among others nor a long life before it is lost."""
    if _foreign(evidence, rubric):
        alike = similarity(maker.in_english(evidence), rubric.english)
        why = Reason("compared by its canonical skills and titles, as resume and job are in different languages")
        return Draft("experience", 1.0, _between(alike, *_ALIKE), (why,), ())
    near = evidence.passages @ rubric.basis
    best = np.argsort(-near, kind="stable")[:_PASSAGES]
    alike = (similarity(evidence.whole, rubric.basis) + float(near[best].mean())) / 2
    value = _between(alike, *_ALIKE)
    reasons = (_telling_line(evidence.text, evidence.windows[best[0]], rubric),) if value > 0.2 else ()
    missing = ("little in it reads like this job's work",) if value < 0.35 else ()
    return Draft("experience", 1.0, value, reasons, missing)


def role_part(evidence: Evidence, rubric: Rubric) -> Draft:
    """The nearest of the positions held, a past one counting a little less, and how alike the titles' words are."""
    positions = evidence.profile.positions[:12]
    newest = max((p.dates.last for p in positions), default=0)
    held = [(p.title, p.codes, 1.0 if p.dates.last == newest else 0.85, p.start) for p in positions]
    held.append((evidence.profile.headline, evidence.profile.headline_codes, 0.9, 0))
    by_kind = [nearness(codes, rubric.occupations) * recency for _, codes, recency, _ in held]
    kind = max(by_kind)
    words = 0.0
    if not _foreign(evidence, rubric):
        words = _between(similarity(evidence.titles, rubric.title_basis), *_TITLES_ALIKE)
    value = max(0.9 * kind, words, (kind + words) / 2)
    reason: tuple[Reason, ...] = ()
    if kind >= 0.2:
        title, _, _, near = held[by_kind.index(kind)]
        start = evidence.text.find(title, max(0, near - 200))
        reason = (quoted("held such a role", evidence.text, start, start + len(title)),) if start >= 0 else ()
    elif value >= 0.3:
        reason = (Reason("the titles it names are close to this one"),)
    missing = (f"no position like “{rubric.title}”",) if value < 0.4 else ()
    return Draft("role", 1.0, value, reason, missing)


def years_part(evidence: Evidence, rubric: Rubric) -> Draft | None:
    if not rubric.years:
        return None
    profile = evidence.profile
    if not profile.positions:
        return Draft(
            "years", 1.0, 0.5, (Reason("no dated positions could be read: counted half"),), ("dates of positions",)
        )
    newest = max(profile.positions, key=lambda p: p.dates.last)
    held = f"{counted(profile.years, 'year')} in {counted(len(profile.positions), 'position')}"
    text = f"{held}; {rubric.years:g} asked for"
    reason = quoted(text, evidence.text, newest.dates.start, newest.dates.end)
    short = rubric.years - profile.years
    missing = (f"{counted(round(short, 1), 'year')} fewer than asked for",) if round(short, 1) > 0 else ()
    value = min(1.0, profile.years / rubric.years)
    gains = ((f"{counted(round(short, 1), 'more year')} of experience", 1.0 - value),) if missing else ()
    return Draft("years", 1.0, value, (reason,), missing, gains)


def languages_part(evidence: Evidence, rubric: Rubric, answers: Sequence[Answer]) -> Draft | None:
    if not rubric.languages:
        return None
    claimed = {tongue.code: tongue for tongue in evidence.profile.languages}
    must: list[float] = []
    nice: list[float] = []
    reasons: list[Reason] = []
    missing: list[str] = []
    short: list[tuple[str, int]] = []
    for wanted in rubric.languages:
        level, reason = _spoken(wanted, claimed.get(wanted.code), evidence, answers)
        is_must = wanted.importance == Importance.MUST
        asked = wanted.level or WORKING
        if is_must and level < asked:
            short.append((f"{wanted.name}: {LEVELS[asked]}", len(must)))
        (must if is_must else nice).append(min(1.0, level / asked))
        if reason:
            reasons.append(reason)
        if is_must and not reason:
            missing.append(f"no evidence of {wanted.name}")
        elif is_must and level < asked:
            missing.append(f"{wanted.name}: {LEVELS[level]}, {LEVELS[asked]} asked for")
    value = _spoken_share(must, nice)
    gains = [(what, _spoken_share([*must[:at], 1.0, *must[at + 1 :]], nice) - value) for what, at in short]
    return Draft("languages", 1.0, value, tuple(reasons), tuple(missing), tuple(gains))


def _spoken_share(must: Sequence[float], nice: Sequence[float]) -> float:
    """Of the languages that would be nice, the best one counts: nobody speaks them all."""
    shares = [*((value, 3.0) for value in must), *([(max(nice), 1.0)] if nice else [])]
    return sum(value * weight for value, weight in shares) / sum(weight for _, weight in shares)


def _spoken(
    wanted: WantedTongue, claim: Tongue | None, evidence: Evidence, answers: Sequence[Answer]
) -> tuple[int, Reason | None]:
    """How well a language is spoken by the best evidence, and that evidence. A bare mention is taken for working
    level."""
    level, reason = 0, None
    if claim:
        level = claim.level or WORKING
        said = f"{wanted.name} ({LEVELS[claim.level]})" if claim.level else wanted.name
        reason = quoted(said, evidence.text, claim.start, claim.end)
    if level < FLUENT and evidence.profile.written_in == wanted.code:
        level, reason = FLUENT, Reason(f"{wanted.name}: the resume is written in it")
    for answer in answers:
        said = _said(answer, wanted.code)
        if said > level:
            text = answer.text.text
            why = f"{wanted.name} ({LEVELS[said]}, in an answer)"
            level, reason = said, Reason(why, text.strip(), *_bounds(text), answer.question)
    return level, reason


def _said(answer: Answer, code: str) -> int:
    """The level of a language that an answer claims; the question may be the one to name it ("How good is your
    German?")."""
    given = answer.text.text.replace("\n", " ")
    in_answer = [tongue.level for tongue in tongues(given) if tongue.code == code]
    asked = [tongue.name for tongue in tongues(answer.question) if tongue.code == code]
    return max([*in_answer, *(tongue.level for name in asked for tongue in tongues(f"{name}: {given}"))], default=0)


def _best_place(places: Sequence[SkillHit], lists: Sequence[Section]) -> tuple[SkillHit, float]:
    """The mention that proves most: one outside the lists of skills, if there is one."""
    for hit in places:
        if not any(section.start <= hit.start < section.end for section in lists):
            return hit, SHOWN
    return places[0], LISTED


def _named(wanted: Wanted, text: str, lower: str) -> list[SkillHit]:
    """Where a name that only the advert knows stands in the resume. `lower` is its text in small letters."""
    if wanted.scheme != "advert" or wanted.label.lower() not in lower:
        return []
    return [
        SkillHit(wanted.id, wanted.label, "advert", "technology", 1.0, *found.span(), found.group())
        for found in re.finditer(rf"(?<!\w){re.escape(wanted.label)}(?!\w)", text, re.IGNORECASE)
    ]


@cache
def _plain(label: str) -> str:
    return re.sub(r"\s*\(computer programming\)| software$", "", label)


def _label(wanted: Wanted) -> str:
    return _plain(wanted.label)


def _between(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _bounds(text: str) -> tuple[int, int]:
    start = len(text) - len(text.lstrip())
    return start, start + len(text.strip())


def _telling_line(text: str, window: tuple[int, int], rubric: Rubric) -> Reason:
    """The line of the nearest window that shares most words with the job."""
    best, place = 0, window
    for line in re.finditer(r"[^\n]{25,}", text[slice(*window)]):
        shared = len(rubric.words & set(re.findall(r"[^\W\d_]{5,}", line.group().lower())))
        if shared > best and MARK not in line.group():
            best, place = shared, (window[0] + line.start(), window[0] + line.end())
    if not best:
        return Reason("reads like this job's work")
    return quoted("reads like this job's work", text, place[0], min(place[1], place[0] + 40))


def _foreign(evidence: Evidence, rubric: Rubric) -> bool:
    """Whether resume and job are in different languages, so that their words cannot be compared."""
    written_in = evidence.profile.written_in
    return bool(written_in and rubric.written_in and written_in != rubric.written_in)


_STOP = re.compile(rf"{MARK}|\n| {{3,}}")


def quoted(text: str, source: str, start: int, end: int, where: str = "resume", about: str = "") -> Reason:
    """A reason with the words around source[start:end] on its line, at most about 110 characters, never across a
    blank."""
    low, high = max(0, start - 45), min(len(source), end + 65)
    before = [found.end() for found in _STOP.finditer(source, low, start)]
    after = _STOP.search(source, end, high)
    if before:
        low = before[-1]
    elif low > 0:
        space = source.find(" ", low, start)
        low = space + 1 if space >= 0 else start
    if after:
        high = after.start()
    elif high < len(source):
        space = source.rfind(" ", end, high)
        high = space if space >= 0 else end
    while low < start and source[low] in " -•*·▪–,;|\t":
        low += 1
    while high > end and source[high - 1] in " ,;|-–\t":
        high -= 1
    return Reason(text, source[low:high], low, high, where, about)
