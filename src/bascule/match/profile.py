"""What a resume says about a person's work: positions with dates, current title and employer, total years,
languages, education.

Every value carries a confidence from 0 to 1: how surely the layout was understood, not how good the person is.
"""
# ruff: noqa: RUF001 (resumes hold these characters)

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from . import breaks
from .dates import Stretch, months, stretches
from .language import detect_in
from .phrases import Runs, Words
from .sections import Part, Section, resume_sections
from .titles import TitleHit, TitleLinker, TitlesIn
from .tongues import Tongue, tongue_names, tongues_in


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
    headline: str
    """The title under the name, empty where none of the opening lines is one."""
    headline_codes: tuple[str, ...]
    years: float
    positions: tuple[Position, ...]
    languages: tuple[Tongue, ...]
    education: Education
    written_in: str
    """ISO 639-1 code of the resume's own language, empty when unclear."""
    confidence: float


_DEGREES = (
    (Education.DOCTORATE, r"ph\.?\s?d|doctorate|doctoral|doktor(?:and|at|grad)?|dr\. ?(?:rer|ing|med)|doctorat|"
                          r"doktorsexamen"),
    (Education.MASTER, r"master(?:'?s)?|m\.?sc|m\.?b\.?a|m\.?eng|msc|diplom(?:-?ingenieur\w*|-?kauf\w*)?|magister|"
                       r"staatsexamen|civilingenjör\w*|masterexamen|magisterexamen|maîtrise|dscg|ingénieur diplômé"),
    (Education.BACHELOR, r"bachelor(?:'?s)?|b\.?sc|b\.?a\b|b\.?eng|bsc|kandidatexamen|högskoleexamen|"
                         r"sjuksköterskeexamen|licence|dcg|undergraduate degree|graduate degree"),
    (Education.VOCATIONAL, r"apprenticeship|vocational|associate(?:'s)? degree|ausbildung (?:zum|zur|als)|"
                           r"berufsausbildung|yrkeshögskola\w*|yrkesutbildning|bts|dut|cap|certificate iv|ihk"),
    (Education.SCHOOL, r"high school|secondary school|a-levels|abitur|realschul\w*|gymnasi\w*|baccalauréat|bac\b|ged"),
)  # fmt: skip
_DEGREE = [(level, re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)) for level, words in _DEGREES]
_AT = re.compile(
    r"\s+(?:at|@|bei der|bei|beim|hos|på|chez)\s+|\s*[|•·@\t]\s*|\s+[–—-]\s+|,\s+|\s{3,}|\s*;\s*|:\s+|\s*\(|\)\s*"
)
_EDGE = " \t\n-–—|,;:•·›»*/[]▪."
_BULLETS = ("- ", "•", "*", "·", "▪", "– ", "›", "»", "o ", "‣", "●", "➢", "✓", "\u2013 ")
_NOISE = re.compile(
    r"remote|hybrid|(?:full|part)[- ]time|vollzeit|teilzeit|heltid|deltid|cdi|cdd|state|permanent|contract|freelance|"
    r"[\d\s%./:-]*|\d+ .{0,18}|"
    r"befristet|unbefristet|vikariat|vikarie|interim|halbe stelle|now|since|from|until",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"^(?:city|germany|deutschland|sweden|sverige|france|uk|usa|england|berlin|hamburg|münchen|munich|köln|frankfurt|"
    r"stockholm|malmö|göteborg|gothenburg|lund|"
    r"paris|lyon|marseille|london|edinburgh|dublin|amsterdam|copenhagen|köpenhamn|oslo|helsinki|vienna|wien|zürich|"
    r"zurich|madrid|barcelona|bremen|leipzig)\b",
    re.IGNORECASE,
)
_COMPANY = re.compile(
    r"\b(?:inc|llc|ltd|limited|plc|corp|corporation|company|co|gmbh|ag|kg|se|ab|aktiebolag|s\.?a|sarl|sas|bv|nv|oy|"
    r"group|gruppe|holding|university|universität|universitet|université|college|school|hospital|klinikum|krankenhaus|"
    r"sjukhus|clinic|bank|airlines?|stores?|restaurants?|hotel|foundation|stiftung|kommun|region|ministry|council)\b",
    re.IGNORECASE,
)
"""What employers are called, and work is not."""
_CUT_SHORT = re.compile(r"(?:[|,–-]|\b[A-Z][a-zé]{2,8}\.?)[ ]*\Z")


def parse(runs: Runs, as_of: date, titles: TitleLinker, sections: Sequence[Section] | None = None) -> Profile:
    """Read a resume that is cut into words and runs of words. `as_of` stands for "today" in open-ended positions, so
    that the same input gives the same answer.

    `sections` may be handed in where they are known already.
    """
    text = runs.words.text
    sections = resume_sections(text) if sections is None else sections
    named = titles.titles_in(runs)
    positions = _positions(runs.words, sections, as_of, named)
    worked = months(position.dates for position in positions)
    last = newest(positions)
    title, employer = (last.title, last.employer) if last else ("", "")
    heading, codes = _headline(text, named)
    return Profile(
        title or heading, employer, heading, codes, round(worked / 12, 1), positions,
        _languages(runs.words, sections), _education(text, sections), detect_in(runs.words),
        _confidence(sections, positions),
    )  # fmt: skip


def newest(positions: Sequence[Position]) -> Position | None:
    """The one that goes on, else the one that ended last; None of none."""
    return max(positions, key=lambda p: (p.dates.current, p.dates.last, p.dates.first), default=None)


def _positions(words: Words, sections: Sequence[Section], as_of: date, titles: TitlesIn) -> tuple[Position, ...]:
    text = words.text
    worked = [s for s in sections if s.kind == Part.EXPERIENCE]
    worked = worked or [s for s in sections if s.kind not in {Part.EDUCATION, Part.LANGUAGES}]
    found: list[Position] = []
    dated = [d for d in stretches(words, as_of) if _heads_a_position(text, d)]
    for section in worked:
        inside = [d for d in dated if section.start <= d.start < section.end]
        for at, dates in enumerate(inside):
            until = inside[at + 1].start if at + 1 < len(inside) else section.end
            previous = inside[at - 1].end if at else section.start
            heading = _Heading(text, dates, max(previous, section.start), section.end, titles)
            if not heading.is_a_break:
                found.append(Position(heading.title, heading.employer, heading.codes, dates, heading.start, until))
    return tuple(found)


def _heads_a_position(text: str, dates: Stretch) -> bool:
    """Whether a date range stands in a heading, at the start or the end of a short line, and not inside a
    sentence."""
    start = text.rfind("\n", 0, dates.start) + 1
    end = _line_end(text, dates.end, len(text))
    before, after = text[start : dates.start].strip(), text[dates.end : end].strip()
    if before.startswith(_BULLETS) or (before and after.endswith(".") and len(after) > 12):
        return False
    return len(before) + len(after) < 130 and (len(before) < 3 or len(after) < 30)


class _Heading:
    """The lines around a date range, and which of their pieces is the title and which the employer.

    People write title, employer and dates on one line, on two or on three, in any order. The date's own line is
    trusted first, then the line before it, then the one after.
    """

    def __init__(self, text: str, dates: Stretch, low: int, high: int, titles: TitlesIn) -> None:
        self._text = text
        self._titles = titles
        self._places: dict[str, int] = {}
        start = max(text.rfind("\n", 0, dates.start) + 1, low)
        if not text[start : dates.start].strip() and _CUT_SHORT.search(
            text[max(low, start - 41) : max(start - 1, low)]
        ):
            # "Acme, London | May" and on the next line "2021 - present": one line that was too long.
            start = max(text.rfind("\n", low, max(start - 1, low)) + 1, low)
        end = _line_end(text, dates.end, high)
        own = self._pieces(start, dates.start) + self._pieces(dates.end, end)
        before = self._pieces(*_line_before(text, start, low))
        after = self._pieces(*_line_after(text, end, high))
        above = [] if before else self._pieces(*_line_above_blank(text, start, low))
        if above and not (own and self._names_employer(own[0])):
            above = [piece for piece in above if self._hits(piece)]
        self.start = start
        self.title, self.employer = self._choose(own, before or above, after)
        hits = self._hits(self.title)
        self.codes = max(hits, key=lambda hit: hit.end - hit.start).codes if hits else ()
        self.is_a_break = bool(breaks.IN_HEADING.search(" ".join(own or (*before[:1], *after[:1]))))

    def _choose(self, own: list[str], before: list[str], after: list[str]) -> tuple[str, str]:
        title = self._titled(own)
        if title:
            rest = [piece for piece in own if piece != title]
            named = [piece for piece in rest if not _PLACE.search(piece)] if len(rest) > 1 else rest
            if named and not (after and _PLACE.search(named[0])):
                return title, named[0]
            return title, (after or before or named or [""])[0]
        if own:
            title = self._titled(before[:1]) or self._titled(after[:1]) or self._titled(before)
            if title or before:
                return title or before[0], own[0]
            if self._names_employer(own[0]):
                return "", own[0]
            employer = next((piece for piece in (*own[1:], *after[:1]) if not _PLACE.search(piece)), "")
            return own[0], employer
        title = self._titled(before)
        if title:
            rest = [piece for piece in before if piece != title]
            return title, (rest or after or [""])[0]
        title = self._titled(after)
        if title:
            return title, (before or [piece for piece in after if piece != title] or [""])[0]
        if after and not before and self._names_employer(after[0]):
            return "", after[0]
        return (before or after or [""])[0], ((after if before else after[1:]) or [""])[0]

    def _names_employer(self, piece: str) -> bool:
        return bool(_COMPANY.search(piece)) and not self._hits(piece)

    def _titled(self, pieces: list[str]) -> str:
        return next((piece for piece in pieces if len(piece) < 80 and self._hits(piece)), "")

    def _hits(self, piece: str) -> tuple[TitleHit, ...]:
        start = self._places.get(piece, 0)
        return self._titles.hits(start, start + len(piece)) if piece else ()

    def _pieces(self, start: int, end: int) -> list[str]:
        """What stands in text[start:end] between "at", bars, commas and the like. Where each stands is kept."""
        pieces: list[str] = []
        edges = [place for cut in _AT.finditer(self._text[start:end]) for place in cut.span()]
        for low, high in zip([0, *edges[1::2]], [*edges[::2], end - start], strict=True):
            part = self._text[start + low : start + high]
            piece = part.strip(_EDGE)
            if piece and not _NOISE.fullmatch(piece):
                pieces.append(piece)
                self._places.setdefault(piece, start + low + len(part) - len(part.lstrip(_EDGE)))
        return pieces


def _line_before(text: str, start: int, low: int) -> tuple[int, int]:
    """The line above, unless it belongs to what was done in the position before."""
    if start - 1 <= low:
        return 0, 0
    first = max(text.rfind("\n", low, start - 1) + 1, low)
    line = text[first : start - 1]
    return (first, start - 1) if _could_head(line, 100) and not line.isupper() else (0, 0)


def _line_above_blank(text: str, start: int, low: int) -> tuple[int, int]:
    """The line above a blank one: a title that stands apart from its dates."""
    if start - 2 <= low or text[start - 2 : start] != "\n\n":
        return 0, 0
    return _line_before(text, start - 1, low)


def _line_after(text: str, end: int, high: int) -> tuple[int, int]:
    if end >= high:
        return 0, 0
    last = _line_end(text, end + 1, high)
    return (end + 1, last) if _could_head(text[end + 1 : last], 90) else (0, 0)


def _could_head(line: str, longest: int) -> bool:
    """Whether a line may belong to a heading, and is no bullet, no sentence and no rest of one."""
    plain = line.strip()
    return (
        bool(plain)
        and len(plain) <= longest
        and not plain.startswith(_BULLETS)
        and not plain.endswith((".", ";"))
        and not plain[0].islower()
    )


def _line_end(text: str, at: int, limit: int) -> int:
    if at >= limit:
        return limit
    end = text.find("\n", at, limit)
    return limit if end < 0 else end


def _headline(text: str, titles: TitlesIn) -> tuple[str, tuple[str, ...]]:
    """The title under the name, the first of the opening lines that is one, and its occupations."""
    at = len(text) - len(text.lstrip())
    for line in text[at:].split("\n", 6)[:6]:
        if len(line) <= 80 and (hits := titles.hits(at, at + len(line))):
            return line.strip(_EDGE), max(hits, key=lambda hit: hit.end - hit.start).codes
        at += len(line) + 1
    return "", ()


def _languages(words: Words, sections: Sequence[Section]) -> tuple[Tongue, ...]:
    named = tongue_names(words)
    best = {tongue.code: tongue for tongue in tongues_in(words.text, named, levelled=True)}
    for section in sections:
        if section.kind == Part.LANGUAGES:
            inside = [name for name in named if section.start <= name.start and name.end <= section.end]
            for tongue in tongues_in(words.text, inside):
                if tongue.code not in best or tongue.level > best[tongue.code].level:
                    best[tongue.code] = tongue
    return tuple(sorted(best.values(), key=lambda tongue: tongue.start))


def _education(text: str, sections: Sequence[Section]) -> Education:
    places = [s for s in sections if s.kind == Part.EDUCATION] or list(sections)
    for level, pattern in _DEGREE:
        if any(pattern.search(text, section.start, section.end) for section in places):
            return level
    return Education.UNKNOWN


def education_of(text: str) -> Education:
    """The highest level that a text names."""
    return next((level for level, pattern in _DEGREE if pattern.search(text)), Education.UNKNOWN)


def _confidence(sections: Sequence[Section], positions: Sequence[Position]) -> float:
    known = {section.kind for section in sections}
    score = 0.3 * (Part.EXPERIENCE in known) + 0.1 * (Part.EDUCATION in known)
    if positions:
        score += 0.2 + 0.2 * sum(bool(p.codes) for p in positions) / len(positions)
        score += 0.2 * sum(not p.dates.by_year for p in positions) / len(positions)
    return round(score, 2)
