"""What a resume says about a person's work: positions with dates, current title and employer, total years, languages, education.

Every value carries a confidence from 0 to 1: how surely the layout was understood, not how good the person is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from .dates import Stretch, months, stretches
from .language import detect
from .sections import Part, Section, resume_sections
from .titles import TitleHit, TitleLinker
from .tongues import Tongue, tongues


class Education(IntEnum):
    """The highest level a resume names."""

    UNKNOWN = 0
    SCHOOL = 1
    VOCATIONAL = 2
    BACHELOR = 3
    MASTER = 4
    DOCTORATE = 5


@dataclass(frozen=True, slots=True)
class Position:
    """One job held. `start` and `end` are the places of its heading and its last line in the text."""

    title: str
    employer: str
    codes: tuple[str, ...]
    """O*NET-SOC codes of the title, none when it is unknown."""
    dates: Stretch
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Profile:
    """What a resume says about a person's work."""

    title: str
    employer: str
    years: float
    positions: tuple[Position, ...]
    languages: tuple[Tongue, ...]
    education: Education
    written_in: str
    """ISO 639-1 code of the resume's own language, empty when unclear."""
    confidence: float


_DEGREES = (
    (Education.DOCTORATE, r"ph\.?\s?d|doctorate|doctoral|doktor(?:and|at|grad)?|dr\. ?(?:rer|ing|med)|doctorat|doktorsexamen"),
    (Education.MASTER, r"master(?:'?s)?|m\.?sc|m\.?b\.?a|m\.?eng|msc|diplom(?:-?ingenieur\w*|-?kauf\w*)?|magister|staatsexamen|civilingenjör\w*|masterexamen|magisterexamen|maîtrise|dscg|ingénieur diplômé"),
    (Education.BACHELOR, r"bachelor(?:'?s)?|b\.?sc|b\.?a\b|b\.?eng|bsc|kandidatexamen|högskoleexamen|sjuksköterskeexamen|licence|dcg|undergraduate degree|graduate degree"),
    (Education.VOCATIONAL, r"apprenticeship|vocational|associate(?:'s)? degree|ausbildung (?:zum|zur|als)|berufsausbildung|yrkeshögskola\w*|yrkesutbildning|bts|dut|cap|certificate iv|ihk"),
    (Education.SCHOOL, r"high school|secondary school|a-levels|abitur|realschul\w*|gymnasi\w*|baccalauréat|bac\b|ged"),
)  # fmt: skip
_DEGREE = [(level, re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)) for level, words in _DEGREES]
_AT = re.compile(r"\s+(?:at|@|bei der|bei|beim|hos|på|chez|à la|für die|für)\s+|\s*[|•·@\t]\s*|\s+[–—-]\s+|,\s+|\s{3,}|\s*;\s*|:\s+")
_EDGE = " \t\n-–—|,;:•·()*/[]"
_PLACE_OR_NOISE = re.compile(r"^(?:remote|hybrid|full[- ]time|part[- ]time|vollzeit|teilzeit|heltid|deltid|cdi|cdd|city|state|permanent|contract|freelance|\d+[\d\s%]*)$", re.I)


def parse(text: str, as_of: date, titles: TitleLinker, sections: Sequence[Section] | None = None) -> Profile:
    """Read a resume's text. `as_of` stands for "today" in open-ended positions, so that the same input gives the same answer.

    `sections` may be handed in where they are known already.
    """
    sections = resume_sections(text) if sections is None else sections
    positions = _positions(text, sections, as_of, titles)
    worked = months(position.dates for position in positions)
    newest = max(positions, key=lambda p: (p.dates.current, p.dates.last, p.dates.first), default=None)
    title, employer = (newest.title, newest.employer) if newest else (_top_title(text, titles), "")
    return Profile(
        title or _top_title(text, titles), employer, round(worked / 12, 1), positions, _languages(text, sections),
        _education(text, sections), detect(text), _confidence(sections, positions),
    )  # fmt: skip


def _positions(text: str, sections: Sequence[Section], as_of: date, titles: TitleLinker) -> tuple[Position, ...]:
    named = [s for s in sections if s.kind == Part.EXPERIENCE]
    worked = named or [s for s in sections if s.kind in {Part.TOP, Part.SUMMARY}]
    found: list[Position] = []
    dated = stretches(text, as_of)
    for section in worked:
        inside = [d for d in dated if section.start <= d.start < section.end]
        for at, dates in enumerate(inside):
            until = inside[at + 1].start if at + 1 < len(inside) else section.end
            previous = inside[at - 1].end if at else section.start
            title, employer, hit = _heading(text, dates, max(previous, section.start), until, titles)
            begin = text.rfind("\n", 0, dates.start) + 1
            found.append(Position(title, employer, hit.codes if hit else (), dates, max(begin, section.start), until))
    return tuple(found)


def _heading(
    text: str, dates: Stretch, low: int, high: int, titles: TitleLinker
) -> tuple[str, str, TitleHit | None]:
    """The title and the employer beside a date range: its own line first, then the line before, then the two after."""
    line_start = max(text.rfind("\n", 0, dates.start) + 1, low)
    line_end = _line_end(text, dates.end, high)
    own = text[line_start : dates.start] + " | " + text[dates.end : line_end]
    before = text[max(text.rfind("\n", 0, max(line_start - 1, 0)) + 1, low) : max(line_start - 1, low)]
    after_end = _line_end(text, line_end + 1, high)
    after = text[line_end + 1 : after_end] if line_end < high else ""
    after_2 = text[after_end + 1 : _line_end(text, after_end + 1, high)] if after_end < high else ""
    pieces = list[str]()
    for line, near in ((own, True), (before, False), (after, False), (after_2, False)):
        if near or (0 < len(line.strip()) <= 90 and not line.strip().startswith(("-", "•", "*", "·", "▪", "–")) and not line.rstrip().endswith(".")):
            pieces += [piece for part in _AT.split(line) if (piece := part.strip(_EDGE)) and not _PLACE_OR_NOISE.match(piece)]
    best: tuple[int, str, TitleHit] | None = None
    for at, piece in enumerate(pieces[:8]):
        for hit in titles.hits(piece):
            size = hit.end - hit.start
            if best is None or size > best[0] + 4 * (at > 2):
                best = (size, piece, hit)
        if best and at <= 2 and best[1] == piece:
            break
    if best is None:
        return (pieces[0] if pieces else "", pieces[1] if len(pieces) > 1 else "", None)
    at = pieces.index(best[1])
    others = pieces[at + 1 :] + pieces[:at][::-1]
    employer = next((piece for piece in others if not titles.hits(piece) and len(piece) <= 70), "")
    return best[1], employer, best[2]


def _line_end(text: str, at: int, limit: int) -> int:
    if at >= limit:
        return limit
    end = text.find("\n", at, limit)
    return limit if end < 0 else end


def _top_title(text: str, titles: TitleLinker) -> str:
    """The title under the name: the first of the opening lines that is one."""
    for line in text.strip().split("\n")[:6]:
        if len(line) <= 80 and titles.hits(line):
            return line.strip(_EDGE)
    return ""


def _languages(text: str, sections: Sequence[Section]) -> tuple[Tongue, ...]:
    best = {tongue.code: tongue for tongue in tongues(text, levelled=True)}
    for section in sections:
        if section.kind == Part.LANGUAGES:
            for tongue in tongues(text, section.start, section.end):
                if tongue.code not in best or tongue.level > best[tongue.code].level:
                    best[tongue.code] = tongue
    return tuple(sorted(best.values(), key=lambda tongue: tongue.start))


def _education(text: str, sections: Sequence[Section]) -> Education:
    places = [s for s in sections if s.kind == Part.EDUCATION] or list(sections)
    for level, pattern in _DEGREE:
        if any(pattern.search(text, section.start, section.end) for section in places):
            return level
    return Education.UNKNOWN


def _confidence(sections: Sequence[Section], positions: Sequence[Position]) -> float:
    known = {section.kind for section in sections}
    score = 0.3 * (Part.EXPERIENCE in known) + 0.1 * (Part.EDUCATION in known)
    if positions:
        score += 0.2 + 0.2 * sum(bool(p.codes) for p in positions) / len(positions)
        score += 0.2 * sum(not p.dates.by_year for p in positions) / len(positions)
    return round(score, 2)
