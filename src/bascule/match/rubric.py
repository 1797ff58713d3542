"""What a job asks for, derived from its title and text: the rubric a score is made with.

A rubric is a function of the job, the taxonomy and this code alone. Its version is a digest of all three, so a
score can say exactly what it was made with, and a changed job gives a changed version."""
# ruff: noqa: RUF001 (resumes hold these characters)

import hashlib
import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np

from .conditions import Condition, demands_in, place_in
from .embed import Embedder, Vector, unit
from .language import detect
from .occupations import Occupations
from .phrases import split
from .sections import Ask, Section, advert_sections
from .skills import SkillHit, SkillLinker
from .titles import TitleLinker
from .tongues import ENGLISH, Tongue, tongues
from .tricks import Advert, clean

REVISION = "4"
"""Raised when the same job would give another rubric, or the same rubric another score."""
_OWN_WORDS = 0.5
"""What the advert's own words count beside those of its occupation, which count 1."""
SHORTEST = 12
"""A job text with fewer words says too little to score anyone by."""


class Importance(StrEnum):
    MUST = "must"
    SHOULD = "should"
    NICE = "nice"


WEIGHT = {Importance.MUST: 3.0, Importance.SHOULD: 1.5, Importance.NICE: 1.0}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One skill the job asks for. `scheme` is ESCO, O*NET, or `advert` for a name that neither knows (`id` is then
    `advert:name`)."""

    id: str
    label: str
    scheme: str
    importance: Importance
    weight: float
    quote: str


@dataclass(frozen=True, slots=True)
class WantedTongue:
    """One human language the job asks for; `level` 1 to 6 as in `tongues`, 0 when not said."""

    code: str
    level: int
    importance: Importance

    @property
    def name(self) -> str:
        return ENGLISH[self.code]


@dataclass(frozen=True, slots=True)
class WantedCondition:
    """One condition of the job, to be checked beside the score: `detail` says what of it ("B", "hybrid, Malmö").
    `quote` is empty where the ATS's own offices say it, or a person."""

    condition: Condition
    detail: str
    importance: Importance
    quote: str


@dataclass(frozen=True, slots=True)
class Rubric:
    """What one version of one job asks for. Without a usable text `reason` says why there can be no score."""

    version: str
    title: str
    occupations: tuple[str, ...]
    skills: tuple[Wanted, ...]
    years: float
    languages: tuple[WantedTongue, ...]
    written_in: str
    reason: str
    model: str
    """The name of the vectors' model."""
    about: Vector = field(compare=False, repr=False)
    """The vector of the advert's own words."""
    basis: Vector = field(compare=False, repr=False)
    """The vector of what the job is about: the advert's own words, and in an English advert twice as much what people
    of its occupation call their work."""
    english: Vector = field(compare=False, repr=False)
    """The same by the English names of its occupation and its skills, for resumes in another language than its own."""
    told: str = field(compare=False, repr=False)
    """The advert's text without what the employer says about itself and offers."""
    title_basis: Vector = field(compare=False, repr=False)
    words: frozenset[str] = field(compare=False, repr=False)
    """The longer words of what the job is about, in lower case: they pick the lines to quote, not the points."""
    advert: Advert = field(compare=False, repr=False)
    """The whole text, as what is copied from it is known by."""
    weights: tuple[tuple[str, int], ...] = ()
    """Shares of the score's parts that a person has set, by key; the others have the usual ones."""
    conditions: tuple[WantedCondition, ...] = ()
    """Place and eligibility: checked beside the score, without points unless a person has given them a weight."""

    @property
    def scorable(self) -> bool:
        return not self.reason


_YEARS = re.compile(
    r"(?P<a>\d{1,2})\s*(?:\+|plus)?\s*(?:(?:-|–|to|bis|till|à)\s*\d{1,2}\s*)?(?:\+\s*)?(?:years?|yrs?|jahren?|jahre|"
    r"års?|år|ans?|années)\b",
    re.IGNORECASE,
)
_NUMBER_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "ten": 10,
    "zwei": 2, "drei": 3, "vier": 4,
    "fünf": 5, "två": 2, "tre": 3, "fyra": 4, "fem": 5, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5,
}  # fmt: skip
_WORDED = re.compile(
    rf"\b({'|'.join(_NUMBER_WORDS)})\s+(?:\(\d+\)\s*)?(?:years?|jahren?|jahre|års?|år|ans|années)\b", re.IGNORECASE
)
_EXPERIENCE = re.compile(
    r"experience|work|as an?\b|in\b|erfahrung|praxis|tätig|erfarenhet|arbetat|expérience|professional|development", re.I
)
_NICE_LINE = re.compile(
    r"\b(?:nice to have|preferred|preferably|a plus|bonus|advantage|desirable|ideally|would be (?:great|good|a plus)|"
    r"optional|von vorteil|wünschenswert|idealerweise|"
    r"meriterande|gärna|un plus|un atout|souhaité|apprécié|idéalement)\b",
    re.I,
)
_MUST_LINE = re.compile(
    r"\b(?:must|required|requires?|essential|mandatory|minimum|at least|need to have|you have|zwingend|erforderlich|"
    r"mindestens|krav|minst|måste|obligatoire|impératif|exigé|au moins|minimum)\b",
    re.I,
)
_NAMELIKE = re.compile(
    r"(?<![\w./@-])(?:[A-Z][a-z]+(?:[A-Z][a-z]*)+\d*|[A-Z][A-Z0-9]{1,7}(?:[ ][A-Z][A-Z0-9]{2,7})?)(?![\w@])"
)
_NOT_NAMES = frozenset(
    str.split("""EU US UK USA UAE EEA GMBH AG AB SE SA IT HR CV OK AM PM FT PT BA BS MA MS PHD MBA BSC MSC EOE
    DEI LGBTQ CEO CTO CFO COO VP PTO RTT CDI CDD
    FAQ ID NO OR AND THE TEAM JOB B C1 C2 B1 B2 A1 A2 AI API APIS KPI KPIS ICT HQ TV SLA NDA RSU ESPP GDPR NATO""")
)
_TAG = re.compile(r"<(/?)(p|br|div|li|ul|ol|h[1-6]|tr|table|section|strong|b)\b[^>]*>|<[^>]+>", re.IGNORECASE)


def plain_text(advert: str) -> str:
    """An advert's text without markup; ATSs keep adverts as HTML, sometimes escaped once more."""
    text = html.unescape(advert) if "&lt;" in advert else advert
    if re.search(r"<(?:p|br|div|li|ul|h\d|strong|span)\b", text, re.IGNORECASE):
        text = _TAG.sub(
            lambda tag: (
                "\n- "
                if tag[2] and tag[2].lower() == "li" and not tag[1]
                else "\n"
                if tag[2] and tag[2].lower() not in {"b", "strong"}
                else ""
            ),
            text,
        )
        text = html.unescape(text)
    return clean(re.sub(r"\n{3,}", "\n\n", text))[0].strip()


class RubricMaker:
    """Derives rubrics. Holds the shared tables only."""

    def __init__(self, skills: SkillLinker, titles: TitleLinker, embedder: Embedder, occupations: Occupations) -> None:
        self._skills = skills
        self._titles = titles
        self._embedder = embedder
        self._occupations = occupations

    def derive(self, title: str, advert: str, questions: Sequence[str] = (), offices: Sequence[str] = ()) -> Rubric:
        """The rubric of one job. `advert` may be HTML; `questions` are the screening questions' texts, `offices` where
        the ATS says the job is."""
        title, text = " ".join(title.split()), plain_text(advert)
        sections = advert_sections(text)
        wanted = self._wanted(title, text, sections, questions)
        asked = _asked_tongues(text, sections)
        years = _years(text, sections)
        codes = self._titles.codes(title)
        conditions = _conditions(text, sections, offices)
        content = json.dumps(
            [
                REVISION, self._skills.version, self._embedder.model, title,
                hashlib.sha256(text.encode()).hexdigest(), list(questions),
                [[w.id, w.importance] for w in wanted], years, [[t.code, t.level, t.importance] for t in asked], codes,
                *([[c.condition, c.detail, c.importance] for c in conditions]),
            ]
        )  # fmt: skip
        few = len(re.findall(r"\w+", text)) < SHORTEST
        core = _core(text, sections)
        nothing = np.zeros(self._embedder.dimensions, np.float32)
        asked_for = Rubric(
            version="r" + hashlib.sha256(content.encode()).hexdigest()[:12],
            title=title,
            occupations=codes,
            skills=wanted,
            years=years,
            languages=asked,
            written_in=detect(text),
            reason="The job has no description to score against: add one in the ATS." if few else "",
            model=self._embedder.model,
            about=self._embedder.vector(title + "\n" + core),
            basis=nothing,
            english=nothing,
            told=core,
            title_basis=nothing,
            words=frozenset(word for word in re.findall(r"[^\W\d_]{5,}", core.lower())),
            advert=Advert.of(split(text)),
            conditions=conditions,
        )
        return self.aimed(asked_for)

    def aimed(self, rubric: Rubric) -> Rubric:
        """The rubric with the vectors that follow from its title, occupations and skills."""
        about = rubric.about
        named, called = self._embedder.vectors([". ".join(skill.label for skill in rubric.skills), rubric.title])
        english = rubric.written_in in ("", "en")
        known = rubric.occupations or english
        trade = self._occupations.direction(rubric.occupations, about) if known else np.zeros_like(about)
        return replace(
            rubric,
            basis=unit((_OWN_WORDS * about + trade)[None])[0] if english else about,
            english=unit((_OWN_WORDS * named + trade)[None])[0],
            title_basis=called,
        )

    def _wanted(
        self, title: str, text: str, sections: Sequence[Section], questions: Sequence[str]
    ) -> tuple[Wanted, ...]:
        found: dict[str, Wanted] = {}

        def add(hit: SkillHit, importance: Importance, quote: str) -> None:
            old = found.get(hit.id)
            if old is None or WEIGHT[importance] > WEIGHT[old.importance]:
                found[hit.id] = Wanted(
                    hit.id, hit.label, hit.scheme, importance, WEIGHT[importance] * hit.weight, quote
                )

        for hit in self._skills.hits(title):
            add(hit, Importance.MUST, title)
        for hit in self._skills.hits(text):
            importance = _importance(text, sections, hit.start)
            if importance is not None and not _is_tongue(hit):
                add(hit, importance, _line(text, hit.start))
        for question in questions:
            for hit in self._skills.hits(question):
                if not _is_tongue(hit):
                    add(hit, Importance.SHOULD, question)
        for wanted in self._names(text, sections):
            found.setdefault(wanted.id, wanted)
        return tuple(sorted(found.values(), key=lambda w: (-WEIGHT[w.importance], w.id)))

    def _names(self, text: str, sections: Sequence[Section]) -> list[Wanted]:
        """Names in the demands that look like products or standards and that no taxonomy knows (FastAPI, HL7
        FHIR)."""
        names: list[Wanted] = []
        covered = [(hit.start, hit.end) for hit in self._skills.hits(text)]
        for match in _NAMELIKE.finditer(text):
            importance = _importance(text, sections, match.start())
            section = _section(sections, match.start())
            if importance is None or section is None or section.kind not in {Ask.MUST, Ask.NICE, Ask.TASKS}:
                continue
            name = match.group()
            if set(name.upper().split()) & _NOT_NAMES or any(s < match.end() and match.start() < e for s, e in covered):
                continue
            key = f"advert:{name.lower()}"
            weight = 0.6 * WEIGHT[importance]
            names.append(Wanted(key, name, "advert", importance, weight, _line(text, match.start())))
        return names


def _core(text: str, sections: Sequence[Section]) -> str:
    """The advert without what the employer says about itself and offers, if that leaves enough."""
    core = "\n".join(text[s.start : s.end] for s in sections if s.kind not in {Ask.OFFER, Ask.ABOUT})
    return core if len(core.split()) >= 40 else text


def _section(sections: Sequence[Section], place: int) -> Section | None:
    return next((s for s in sections if s.start <= place < s.end), None)


def _importance(text: str, sections: Sequence[Section], place: int) -> Importance | None:
    """How much the advert wants what it names at `place`; None in what the employer offers."""
    section = _section(sections, place)
    kind = section.kind if section else Ask.ABOUT
    line = _line(text, place)
    if kind == Ask.OFFER:
        return None
    if kind == Ask.NICE or _NICE_LINE.search(line):
        return Importance.NICE
    if kind == Ask.MUST or (_MUST_LINE.search(line) and len(line) < 300):
        return Importance.MUST
    if kind == Ask.ABOUT and any(s.kind == Ask.MUST for s in sections):
        # The opening speaks of the employer; where the demands stand apart, it demands nothing.
        return None
    return Importance.SHOULD


def _line(text: str, place: int) -> str:
    start = text.rfind("\n", 0, place) + 1
    end = text.find("\n", place)
    return text[start : len(text) if end < 0 else end].strip(" -•*·▪\t")


def _is_tongue(hit: SkillHit) -> bool:
    return bool(tongues(hit.quote)) and hit.kind != "technology"


def _years(text: str, sections: Sequence[Section]) -> float:
    """The most years any demand asks for; years in what the employer tells of itself do not count."""
    best = 0
    for pattern in (_YEARS, _WORDED):
        for match in pattern.finditer(text):
            line = _line(text, match.start())
            importance = _importance(text, sections, match.start())
            number = int(match["a"]) if pattern is _YEARS else _NUMBER_WORDS[match[1].lower()]
            if importance in {Importance.MUST, Importance.SHOULD} and number <= 15 and _EXPERIENCE.search(line):
                best = max(best, number)
    return float(best)


def _asked_tongues(text: str, sections: Sequence[Section]) -> tuple[WantedTongue, ...]:
    found: dict[str, WantedTongue] = {}
    place = 0
    for line in text.split("\n"):
        importance = _importance(text, sections, min(place, max(len(text) - 1, 0)))
        if (importance is not None and importance != Importance.SHOULD) or (importance and _language_line(line)):
            for tongue in tongues(line):
                old = found.get(tongue.code)
                new = WantedTongue(tongue.code, _asked_level(tongue), importance or Importance.NICE)
                if old is None or (WEIGHT[new.importance], new.level) > (WEIGHT[old.importance], old.level):
                    found[tongue.code] = new
        place += len(line) + 1
    return tuple(sorted(found.values(), key=lambda t: (-WEIGHT[t.importance], t.code)))


_OF_THE_WORK = frozenset({Condition.ON_CALL, Condition.SHIFTS, Condition.TRAVEL})
"""Conditions that come with the work, wherever the advert speaks of them."""


def _conditions(text: str, sections: Sequence[Section], offices: Sequence[str]) -> tuple[WantedCondition, ...]:
    """Where the work is done first, then the others as the advert names them, each once by the strongest demand."""
    found: dict[Condition, WantedCondition] = {}
    if place := place_in(text, offices):
        quote = _line(text, place.start) if place.start >= 0 else ""
        found[Condition.PLACE] = WantedCondition(Condition.PLACE, place.detail, Importance.MUST, quote)
    for demand in demands_in(text):
        line = _line(text, demand.start)
        importance = _importance(text, sections, demand.start)
        if demand.condition in _OF_THE_WORK:
            importance = Importance.NICE if _NICE_LINE.search(line) else Importance.MUST
        if importance is None:
            continue
        importance = Importance.NICE if importance is Importance.NICE else Importance.MUST
        old = found.get(demand.condition)
        if old is None or (WEIGHT[importance], bool(demand.detail)) > (WEIGHT[old.importance], bool(old.detail)):
            found[demand.condition] = WantedCondition(demand.condition, demand.detail, importance, line)
    return tuple(found[condition] for condition in Condition if condition in found)


def _language_line(line: str) -> bool:
    return any(tongue.level for tongue in tongues(line)) or bool(
        re.search(r"speak|language|sprach|språk|langue", line, re.I)
    )


def _asked_level(tongue: Tongue) -> int:
    return min(tongue.level, 5)
