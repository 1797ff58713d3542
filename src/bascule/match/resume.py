"""A resume as data: each value with where it stands in the text and how surely it was understood.

For the record, the API and people. It is made from the text as it was read, names and all; nothing of it reaches the
scorer, which reads a redacted text by itself.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import phonenumbers

from .asked import SkillsAsked
from .dates import Stretch, covered, months
from .particulars import Person, personal
from .phrases import split
from .profile import Education, Profile, education_of, newest, parse
from .sections import Part, Section, resume_sections
from .skills import SkillHit, SkillLinker
from .taxonomy import Taxonomy
from .titles import TitleLinker
from .tongues import LEVELS

SURE, LIKELY, GUESSED = 0.95, 0.75, 0.5
"""Written in a form that means nothing else; by its place on the page; one reading of several."""


@dataclass(frozen=True, slots=True)
class Said:
    """One value, and `text[start:end]` that it was read from. `confidence` is 0 to 1."""

    value: str
    confidence: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Worked:
    """Years of work, overlaps counted once, and the part of the text whose positions they are counted from."""

    value: float
    confidence: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Held:
    """One position. `first` and `last` are months, "2020-03"; `last` is "" where it goes on. `codes` are O*NET-SOC
    codes of the title, `skills` ids of those it mentions; `start` and `end` the place of the whole of it."""

    title: Said | None
    employer: Said | None
    first: str
    last: str
    months: int
    codes: tuple[str, ...]
    skills: tuple[str, ...]
    confidence: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Known:
    """One skill at its first mention. `months` are those of the positions that mention it, overlaps once; 0 where only
    a list or no dated position does. `periods` are these months from and to, "2020-03"."""

    id: str
    label: str
    scheme: str
    named: bool
    """Whether the resume names it, or only says it in other words."""
    months: int
    periods: tuple[tuple[str, str], ...]
    mentions: int
    confidence: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Resume:
    """What a resume says. `taxonomy` is the version that the ids of skills and titles are of."""

    name: Said | None
    emails: tuple[Said, ...]
    phones: tuple[Said, ...]
    """In E.164 where the number is complete, else as written."""
    links: tuple[Said, ...]
    location: Said | None
    title: Said | None
    """Of the newest position; the line under the name where none has one."""
    employer: Said | None
    years: Worked | None
    """None where no position has dates."""
    positions: tuple[Held, ...]
    education: tuple[Said, ...]
    highest: str
    certificates: tuple[Said, ...]
    languages: tuple[Said, ...]
    """Name and level, "German: fluent"."""
    skills: tuple[Known, ...]
    written_in: str
    confidence: float
    taxonomy: str


_CERTIFICATE = re.compile(
    r"\b(?:certifi(?:ed|cate|cation)s?|licen[cs]e[ds]?|chartered|accredited|registered nurse|zertifi\w+|certifikat\w*|"
    r"legitimation|certificat\w*|habilitation)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"(?<![\w,])([A-ZÄÖÜÅÉ][\w'éèöäüåß-]+(?: [A-ZÄÖÜÅÉ][\w'éèöäüåß-]+){0,2}),[ ]*"
    r"([A-Z]{2}\b(?: \d{5})?|[A-ZÄÖÜÅÉ][\w'éèöäüåß-]+(?: [A-ZÄÖÜÅÉ][\w-]+)?)"
)
_POSTAL = re.compile(r"\b(?:[A-Z]{1,2}-)?(\d{3} ?\d{2}|\d{4,5}) ([A-ZÄÖÜÅÉ][\wäöüåéèß-]+(?: [A-ZÄÖÜÅÉ]\w+)?)")
_TOP_LINES = 6
"""Lines in which people put where they live."""
_REGIONS = {"de": ("DE", "AT", "CH"), "sv": ("SE",), "fr": ("FR", "BE"), "en": ("US", "GB")}
_LONGEST = 200


class ResumeMaker:
    """Reads resumes as data. Holds the shared tables only; safe to share between threads."""

    def __init__(self, taxonomy: Taxonomy, skills: SkillLinker, titles: TitleLinker, asked: SkillsAsked) -> None:
        self._taxonomy = taxonomy
        self._skills = skills
        self._asked = asked
        self._titles = titles

    def make(self, text: str, as_of: date) -> Resume:
        """Read a clean text. `as_of` ends the positions that go on."""
        words = split(text)
        runs = self._taxonomy.vocabulary.runs(words)
        sections = resume_sections(text)
        profile = parse(runs, as_of, self._titles, sections)
        hits = self._asked.told(text, self._skills.hits_in(runs))
        told = defaultdict[str, list[tuple[int, int]]](list)
        for span in personal(words, Person(), frozenset()):
            told[span.kind].append((span.start, span.end))
        held = tuple(_held(text, profile, hits))
        now = newest(profile.positions)
        at = profile.positions.index(now) if now is not None else -1
        return Resume(
            name=next((_said(text, place, LIKELY) for place in _apart(told["name"])), None),
            emails=tuple(_said(text, place, SURE) for place in _apart(told["e-mail"])),
            phones=tuple(_phones(text, _apart(told["phone"]), profile.written_in)),
            links=tuple(_said(text, place, SURE) for place in _apart(told["link"])),
            location=lives_in(text, sections),
            title=(held[at].title if held else None) or _named(text, profile.title, 0, LIKELY),
            employer=held[at].employer if held else None,
            years=Worked(
                profile.years, profile.confidence, min(one.start for one in held), max(one.end for one in held)
            ) if held else None,
            positions=held,
            education=tuple(_education(text, sections)),
            highest="" if profile.education is Education.UNKNOWN else profile.education.name.lower(),
            certificates=tuple(_certificates(text)),
            languages=tuple(
                Said(
                    f"{one.name}: {LEVELS[one.level]}" if one.level else one.name,
                    SURE if one.level else LIKELY, one.start, one.end,
                )
                for one in profile.languages
            ),
            skills=tuple(_known(profile, hits, sections)),
            written_in=profile.written_in,
            confidence=profile.confidence,
            taxonomy=self._taxonomy.version,
        )  # fmt: skip


def _held(text: str, profile: Profile, hits: Sequence[SkillHit]) -> Iterator[Held]:
    for one in profile.positions:
        mentioned = dict.fromkeys(hit.id for hit in hits if one.start <= hit.start < one.end)
        confidence = SURE if one.codes and one.employer else LIKELY if one.codes or one.employer else GUESSED
        yield Held(
            _named(text, one.title, one.dates.start, SURE if one.codes else GUESSED),
            _named(text, one.employer, one.dates.start, SURE if one.codes else LIKELY),
            _month(one.dates.first), "" if one.dates.current else _month(one.dates.last),
            months([one.dates]), one.codes, tuple(mentioned), confidence, one.start, one.end,
        )  # fmt: skip


def _named(text: str, value: str, near: int, confidence: float) -> Said | None:
    """A title or an employer, where it stands nearest to a place; None for none."""
    places = [found.start() for found in re.finditer(re.escape(value), text)] if value else []
    if not places:
        return None
    start = min(places, key=lambda place: abs(place - near))
    return Said(value, confidence, start, start + len(value))


def _known(profile: Profile, hits: Sequence[SkillHit], sections: Sequence[Section]) -> Iterator[Known]:
    by_id: dict[str, list[SkillHit]] = defaultdict(list)
    for hit in hits:
        by_id[hit.id].append(hit)
    lists = [section for section in sections if section.kind == Part.SKILLS]
    for mine in by_id.values():
        worked: list[Stretch] = [
            one.dates for one in profile.positions if any(one.start <= hit.start < one.end for hit in mine)
        ]
        first = mine[0]
        listed = any(section.start <= first.start < section.end for section in lists)
        confidence = SURE if worked else LIKELY if listed or len(mine) > 1 else GUESSED
        sure = max(hit.likely for hit in mine)
        periods = tuple((_month(start), _month(end)) for start, end in covered(worked))
        yield Known(
            first.id, first.label, first.scheme, sure == 1, months(worked), periods, len(mine),
            round(confidence * sure, 2), first.start, first.end,
        )  # fmt: skip


def _month(number: int) -> str:
    """Months since year 0 as "2020-03"."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _said(text: str, place: tuple[int, int], confidence: float) -> Said:
    start, end = place
    return Said(" ".join(text[start:end].split()), confidence, start, end)


def _apart(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """In order, each once, without those inside others."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(set(places), key=lambda place: (place[0], -place[1])):
        if not found or start >= found[-1][1]:
            found.append((start, end))
    return found


def _phones(text: str, places: Sequence[tuple[int, int]], written_in: str) -> Iterator[Said]:
    for place in places:
        said = _said(text, place, GUESSED)
        number, confidence = _complete(said.value, written_in)
        yield Said(number, confidence, *place)


def _complete(written: str, language: str) -> tuple[str, float]:
    """A number in E.164: as it says itself, else by where its language is spoken; as written where neither fits."""
    regions: tuple[str | None, ...] = (None, *_REGIONS.get(language, ()))
    for region in regions:
        try:
            number = phonenumbers.parse(written, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            complete = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            return complete, SURE if region is None else LIKELY
    return written, GUESSED


def lives_in(text: str, sections: Sequence[Section] | None = None) -> Said | None:
    """Where somebody lives: a postal code and a town, or "Town, Country", among the first lines."""
    sections = resume_sections(text) if sections is None else sections
    end, at = 0, 0
    for _ in range(_TOP_LINES):
        at = text.find("\n", end)
        end = len(text) if at < 0 else at + 1
    first = next((section.start for section in sections if section.kind == Part.EXPERIENCE), len(text))
    end = min(end, first)
    if found := _POSTAL.search(text, 0, end):
        return Said(found.group(), LIKELY, *found.span())
    if found := _PLACE.search(text, 0, end):
        return Said(found.group(), GUESSED, *found.span())
    return None


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for line in re.finditer(r"[^\n]+", text[start:end]):
        low = start + line.start() + len(line.group()) - len(line.group().lstrip(" -•*·▪\t"))
        high = start + line.start() + len(line.group().rstrip())
        if low < high <= low + _LONGEST:
            yield low, high


def _education(text: str, sections: Sequence[Section]) -> Iterator[Said]:
    """Lines of the part about education that name a degree or a school's level."""
    for section in sections:
        if section.kind == Part.EDUCATION:
            for place in _lines(text, section.start, section.end):
                if education_of(text[slice(*place)]) is not Education.UNKNOWN:
                    yield _said(text, place, SURE)


def _certificates(text: str) -> Iterator[Said]:
    for place in _lines(text, 0, len(text)):
        line = text[slice(*place)]
        if len(line.split()) <= 16 and _CERTIFICATE.search(line) and len(line.split()) > 1:
            yield _said(text, place, LIKELY if line[0].isupper() else GUESSED)
