"""The match score: 0 to 100, made of named, weighted parts that sum to it exactly.

It says how much of what the job asks for this resume shows, and quotes where. It is not a probability of anything,
and says nothing of personality or fit with a culture. The scorer is handed redacted text only; who somebody is
cannot change it. All arithmetic on points is in whole tenths."""
# ruff: noqa: RUF001 (resumes hold these characters)

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import islice, pairwise

from .embed import Embedder, similarity
from .phrases import Words
from .profile import Profile, parse
from .redaction import MARK, Redacted
from .rubric import Importance, Rubric, Wanted, WantedTongue
from .sections import Part as Place
from .sections import Section, resume_sections
from .skills import SkillHit, SkillLinker
from .taxonomy import Taxonomy
from .titles import TitleLinker, nearness
from .tongues import FLUENT, LEVELS, WORKING, Tongue, tongues
from .tricks import Flag, screen
from .wording import counted

SCORER = "parts-2"
FEWEST_WORDS = 25
"""A resume with fewer words is not scored: there is nothing to judge."""
PLENTY = 150
"""Words from which on a resume's length says nothing of how much could be read."""

WEIGHTS = {"skills": 30, "experience": 35, "role": 20, "years": 10, "languages": 5}
"""Share of the score by part. A part the job does not ask for gives its share to the others."""
NAMES = {
    "skills": "Skills asked for",
    "experience": "Work like this job's",
    "role": "Same kind of role",
    "years": "Years of experience",
    "languages": "Languages",
}
SHOWN, LISTED, STATED = 1.0, 0.75, 0.5
"""What evidence is worth: told in the course of work, only listed, only stated in an answer."""
FULL_SKILLS = 5
"""With fewer skills asked for, the skills part weighs less: one keyword must not decide."""
WINDOW = 150
_ALIKE = (0.05, 0.7)
"""Similarity of texts that have nothing in common, and of a resume that reads like the advert."""
_TITLES_ALIKE = (0.0, 0.5)
"""The same for a resume's titles and the job's."""


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


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One named part. `weight` and `points` are in tenths of a point; `value` is points as a share of weight."""

    key: str
    name: str
    weight: int
    points: int
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]

    @property
    def value(self) -> float:
        return self.points / self.weight if self.weight else 0.0


@dataclass(frozen=True, slots=True)
class Score:
    """A resume against a rubric. Without enough to go by, `scored` is False, `reason` says why, and there are no
    parts."""

    scored: bool
    tenths: int
    parts: tuple[ScorePart, ...]
    rubric: str
    scorer: str
    taxonomy: str
    model: str
    as_of: date
    confidence: float
    """0 to 1: how much could be read and understood. It does not move the score."""
    flags: tuple[Flag, ...]
    skills: tuple[SkillHit, ...]
    """Every canonical skill found, once each, at its first mention."""
    reason: str = ""

    @property
    def value(self) -> float:
        """0.0 to 100.0, one decimal."""
        return self.tenths / 10


@dataclass(frozen=True, slots=True)
class _Evidence:
    """A resume after screening, cut and linked once."""

    words: Words
    sections: tuple[Section, ...]
    hits: tuple[SkillHit, ...]
    profile: Profile

    @property
    def text(self) -> str:
        return self.words.text


class Scorer:
    """Scores redacted resumes. Holds the shared tables only; the same input gives the same score on any day and
    machine."""

    def __init__(self, taxonomy: Taxonomy, skills: SkillLinker, titles: TitleLinker, embedder: Embedder) -> None:
        self._taxonomy = taxonomy
        self._skills = skills
        self._titles = titles
        self._embedder = embedder

    def score(
        self, resume: Redacted, rubric: Rubric, as_of: date, answers: Sequence[Answer] = (), flags: Sequence[Flag] = ()
    ) -> Score:
        """Score one resume. `flags` are findings of the reader, passed on; `as_of` ends the positions that go on."""
        runs = self._taxonomy.vocabulary.runs(resume.words)
        hits = self._skills.hits_in(runs)
        cut, tricks = screen(resume.words, [(hit.start, hit.id) for hit in hits], rubric.advert)
        if cut is not resume.words:
            runs = self._taxonomy.vocabulary.runs(cut)
            hits = self._skills.hits_in(runs)
        found = (*flags, *tricks)
        words = len(list(islice((word for word in cut.words if len(word) > 1 and word.isalpha()), PLENTY)))
        if rubric.reason or words < FEWEST_WORDS:
            few = (
                f"Only {counted(words, 'word')} could be scored: ask for a resume with text."
                if not rubric.reason
                else rubric.reason
            )
            return self._result(rubric, as_of, (), 0.0, found, hits, few)
        sections = resume_sections(cut.text)
        profile = parse(runs, as_of, self._titles, sections)
        evidence = _Evidence(cut, sections, hits, profile)
        parts = _weigh(
            [
                self._skill_part(evidence, rubric, answers),
                self._experience_part(evidence, rubric),
                self._role_part(evidence, rubric),
                _years_part(evidence, rubric),
                _language_part(evidence, rubric, answers),
            ],
            rubric,
        )
        confidence = round(words / PLENTY * (0.5 + 0.5 * evidence.profile.confidence), 2)
        return self._result(rubric, as_of, parts, confidence, found, hits, "")

    def _result(
        self, rubric: Rubric, as_of: date, parts: tuple[ScorePart, ...], confidence: float, flags: Sequence[Flag],
        hits: Sequence[SkillHit], reason: str,
    ) -> Score:  # fmt: skip
        first = {hit.id: hit for hit in reversed(hits)}
        return Score(
            scored=not reason,
            tenths=sum(part.points for part in parts),
            parts=parts,
            rubric=rubric.version,
            scorer=SCORER,
            taxonomy=self._taxonomy.version,
            model=self._embedder.model,
            as_of=as_of,
            confidence=confidence,
            flags=tuple(flags),
            skills=tuple(sorted(first.values(), key=lambda hit: hit.start)),
            reason=reason,
        )

    def _skill_part(self, evidence: _Evidence, rubric: Rubric, answers: Sequence[Answer]) -> "_Draft | None":
        if not rubric.skills:
            return None
        by_id: dict[str, list[SkillHit]] = {}
        for hit in evidence.hits:
            by_id.setdefault(hit.id, []).append(hit)
            for wider in IMPLIES.get(hit.label, ()):
                by_id.setdefault(wider, []).append(hit)
        stated = self._stated(answers)
        lists = [s for s in evidence.sections if s.kind == Place.SKILLS]
        earned = possible = 0.0
        reasons: list[tuple[float, Reason]] = []
        missing: list[str] = []
        for wanted in rubric.skills:
            possible += wanted.weight
            places = by_id.get(wanted.id) or by_id.get(wanted.label) or _named(wanted, evidence.text)
            if places:
                best, credit = _best_place(places, lists)
                earned += credit * wanted.weight
                how = "" if credit == SHOWN else " (listed)"
                reasons.append(
                    (wanted.weight * credit, _quoted(f"{_label(wanted)}{how}", evidence.text, best.start, best.end))
                )
            elif wanted.id in stated:
                earned += STATED * wanted.weight
                reasons.append((wanted.weight * STATED, stated[wanted.id]))
            elif wanted.importance == Importance.MUST:
                missing.append(f"no evidence of {_label(wanted)}")
        reasons.sort(key=lambda pair: (-pair[0], pair[1].start))
        share = min(1.0, len(rubric.skills) / FULL_SKILLS)
        return _Draft("skills", share, earned / possible, tuple(reason for _, reason in reasons), tuple(missing))

    def _stated(self, answers: Sequence[Answer]) -> dict[str, Reason]:
        """Skills that only an answer claims: named in it, or named in the question and answered yes or with a
        number."""
        stated: dict[str, Reason] = {}
        for answer in answers:
            text = answer.text.text
            for hit in self._skills.hits(text):
                stated.setdefault(
                    hit.id, _quoted(f"{hit.label} (in an answer)", text, hit.start, hit.end, answer.question)
                )
            if _YES.match(text.strip()):
                for hit in self._skills.hits(answer.question):
                    reason = Reason(f"{hit.label} (in an answer)", text.strip(), *_bounds(text), answer.question)
                    stated.setdefault(hit.id, reason)
        return stated

    def _experience_part(self, evidence: _Evidence, rubric: Rubric) -> "_Draft":
        if _foreign(evidence, rubric):
            text = self._in_english(evidence)
            alike = similarity(self._embedder.vector(text), rubric.basis) if text else 0.0
            why = Reason("compared by its canonical skills and titles, as resume and job are in different languages")
            return _Draft("experience", 1.0, _between(alike, *_ALIKE), (why,), ())
        windows = _windows(evidence.words)
        vectors, whole = self._embedder.windows([evidence.text[start:end] for start, end in windows])
        best = int((vectors @ rubric.basis).argmax())
        alike = similarity(whole, rubric.basis)
        value = _between(alike, *_ALIKE)
        reasons = (_telling_line(evidence.text, windows[best], rubric),) if value > 0.2 else ()
        missing = ("little in it reads like this job's work",) if value < 0.35 else ()
        return _Draft("experience", 1.0, value, reasons, missing)

    def _in_english(self, evidence: _Evidence) -> str:
        labels = [hit.label for hit in evidence.hits]
        titles = [title for position in evidence.profile.positions for title in self._occupation_titles(position.codes)]
        return ". ".join([*titles, *labels])

    def _occupation_titles(self, codes: Sequence[str]) -> list[str]:
        return [self._taxonomy.occupation_titles[code] for code in sorted(set(codes))]

    def _role_part(self, evidence: _Evidence, rubric: Rubric) -> "_Draft":
        """The nearest of the positions held, a past one counting a little less, and how alike the titles' words
        are."""
        positions = evidence.profile.positions[:12]
        newest = max((p.dates.last for p in positions), default=0)
        held = [(p.title, p.codes, 1.0 if p.dates.last == newest else 0.85, p.start) for p in positions]
        if not held and evidence.profile.title:
            held = [(evidence.profile.title, self._titles.codes(evidence.profile.title), 0.9, 0)]
        by_kind = [nearness(codes, rubric.occupations) * recency for _, codes, recency, _ in held]
        kind = max(by_kind, default=0.0)
        words = 0.0
        if not _foreign(evidence, rubric):
            titles = ". ".join([title for title, *_ in held[:8]] + _top_lines(evidence.text))
            words = _between(similarity(self._embedder.vector(titles), rubric.title_basis), *_TITLES_ALIKE)
        value = max(0.9 * kind, words, (kind + words) / 2)
        reason: tuple[Reason, ...] = ()
        if kind >= 0.2:
            title, _, _, near = held[by_kind.index(kind)]
            start = evidence.text.find(title, max(0, near - 200))
            reason = (_quoted("held such a role", evidence.text, start, start + len(title)),) if start >= 0 else ()
        elif value >= 0.3:
            reason = (Reason("the titles it names are close to this one"),)
        missing = (f"no position like “{rubric.title}”",) if value < 0.4 else ()
        return _Draft("role", 1.0, value, reason, missing)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A part before weighing: `share` of its weight it claims, `value` 0 to 1."""

    key: str
    share: float
    value: float
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]


IMPLIES: dict[str, tuple[str, ...]] = {
    "SAP ERP": ("SAP software",), "PostgreSQL": ("SQL",), "MySQL": ("SQL",), "Microsoft SQL Server": ("SQL",),
    "Transact-SQL": ("SQL",),
    "Oracle PL/SQL": ("SQL",), "Django": ("Python (computer programming)",),
    "Flask": ("Python (computer programming)",),
    "pandas": ("Python (computer programming)",), "Spring Boot": ("Java (computer programming)", "Spring Framework"),
    "Spring Framework": ("Java (computer programming)",), "React": ("JavaScript",), "Vue.js": ("JavaScript",),
    "Node.js": ("JavaScript",),
    "TypeScript": ("JavaScript",), "GitHub": ("Git",), "GitLab": ("Git",), "Kubernetes": ("Docker",),
    "Microsoft ASP.NET": ("C#",),
}  # fmt: skip
"""Whoever works with the left (a label) works with the right."""

_YES = re.compile(r"(?:yes|ja|oui|true|y|[1-9]\d*(?:[.,]\d+)?)\b", re.IGNORECASE)


def _weigh(drafts: Sequence[_Draft | None], rubric: Rubric) -> tuple[ScorePart, ...]:
    """Give every part its whole tenths: 1000 shared out by weight, remainders to the largest fractions."""
    weights = WEIGHTS | dict(rubric.weights)
    asked = [draft for draft in drafts if draft is not None and weights[draft.key]]
    raw = [weights[draft.key] * draft.share for draft in asked]
    exact = [1000 * weight / sum(raw) for weight in raw]
    tenths = [int(weight) for weight in exact]
    by_fraction = sorted(range(len(asked)), key=lambda at: (tenths[at] - exact[at], at))
    for at in by_fraction[: 1000 - sum(tenths)]:
        tenths[at] += 1
    return tuple(
        ScorePart(
            draft.key,
            NAMES[draft.key],
            weight,
            round(weight * min(1.0, max(0.0, draft.value))),
            draft.reasons,
            draft.missing,
        )
        for draft, weight in zip(asked, tenths, strict=True)
    )


def _years_part(evidence: _Evidence, rubric: Rubric) -> _Draft | None:
    if not rubric.years:
        return None
    profile = evidence.profile
    if not profile.positions:
        return _Draft(
            "years", 1.0, 0.5, (Reason("no dated positions could be read: counted half"),), ("dates of positions",)
        )
    newest = max(profile.positions, key=lambda p: p.dates.last)
    held = f"{counted(profile.years, 'year')} in {counted(len(profile.positions), 'position')}"
    text = f"{held}; {rubric.years:g} asked for"
    reason = _quoted(text, evidence.text, newest.dates.start, newest.dates.end)
    short = rubric.years - profile.years
    missing = (f"{counted(round(short, 1), 'year')} fewer than asked for",) if round(short, 1) > 0 else ()
    return _Draft("years", 1.0, min(1.0, profile.years / rubric.years), (reason,), missing)


def _language_part(evidence: _Evidence, rubric: Rubric, answers: Sequence[Answer]) -> _Draft | None:
    if not rubric.languages:
        return None
    claimed = {tongue.code: tongue for tongue in evidence.profile.languages}
    must: list[float] = []
    nice: list[float] = []
    reasons: list[Reason] = []
    missing: list[str] = []
    for wanted in rubric.languages:
        level, reason = _spoken(wanted, claimed.get(wanted.code), evidence, answers)
        is_must = wanted.importance == Importance.MUST
        asked = wanted.level or WORKING
        (must if is_must else nice).append(min(1.0, level / asked))
        if reason:
            reasons.append(reason)
        if is_must and not reason:
            missing.append(f"no evidence of {wanted.name}")
        elif is_must and level < asked:
            missing.append(f"{wanted.name}: {LEVELS[level]}, {LEVELS[asked]} asked for")
    # Of the languages that would be nice, the best one counts: nobody speaks them all.
    shares = [*((value, 3.0) for value in must), *([(max(nice), 1.0)] if nice else [])]
    value = sum(value * weight for value, weight in shares) / sum(weight for _, weight in shares)
    return _Draft("languages", 1.0, value, tuple(reasons), tuple(missing))


def _spoken(
    wanted: WantedTongue, claim: Tongue | None, evidence: _Evidence, answers: Sequence[Answer]
) -> tuple[int, Reason | None]:
    """How well a language is spoken by the best evidence, and that evidence. A bare mention is taken for working
    level."""
    level, reason = 0, None
    if claim:
        level = claim.level or WORKING
        said = f"{wanted.name} ({LEVELS[claim.level]})" if claim.level else wanted.name
        reason = _quoted(said, evidence.text, claim.start, claim.end)
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


def _named(wanted: Wanted, text: str) -> list[SkillHit]:
    """Where a name that only the advert knows stands in the resume."""
    if wanted.scheme != "advert" or wanted.label.lower() not in text.lower():
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


def _windows(words: Words) -> list[tuple[int, int]]:
    """The text in windows of about 150 words, all of nearly the same length."""
    count = max(1, round(len(words) / WINDOW))
    edges = [at * len(words) // count for at in range(count + 1)]
    return [(words.starts[a], words.ends[b - 1]) for a, b in pairwise(edges)]


def _telling_line(text: str, window: tuple[int, int], rubric: Rubric) -> Reason:
    """The line of the nearest window that shares most words with the job."""
    best, place = 0, window
    for line in re.finditer(r"[^\n]{25,}", text[slice(*window)]):
        shared = len(rubric.words & set(re.findall(r"[^\W\d_]{5,}", line.group().lower())))
        if shared > best and MARK not in line.group():
            best, place = shared, (window[0] + line.start(), window[0] + line.end())
    if not best:
        return Reason("reads like this job's work")
    return _quoted("reads like this job's work", text, place[0], min(place[1], place[0] + 40))


def _foreign(evidence: _Evidence, rubric: Rubric) -> bool:
    """Whether resume and job are in different languages, so that their words cannot be compared."""
    written_in = evidence.profile.written_in
    return bool(written_in and rubric.written_in and written_in != rubric.written_in)


def _top_lines(text: str) -> list[str]:
    """The short lines at the very top, where people put what they are; blanked ones left out."""
    lines = [line.strip() for line in text.strip().split("\n")[:5]]
    return [line for line in lines if line and MARK not in line and len(line.split()) <= 8][:2]


_STOP = re.compile(rf"{MARK}|\n| {{3,}}")


def _quoted(text: str, source: str, start: int, end: int, where: str = "resume") -> Reason:
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
    return Reason(text, source[low:high], low, high, where)
