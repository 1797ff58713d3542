"""Date ranges as people write them in resumes, in English, German, Swedish and French, and the months they cover."""
# ruff: noqa: RUF001 (resumes hold these characters)

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from .phrases import Words

_MONTH_NAMES = {
    1: "january jan januar januari janv janvier",
    2: "february feb februar februari févr fevr février fevrier fév",
    3: "march mar märz maerz mär mrz mars",
    4: "april apr avril avr",
    5: "may mai maj",
    6: "june jun juni juin",
    7: "july jul juli juillet juil",
    8: "august aug augusti août aout",
    9: "september sep sept septembre",
    10: "october oct oktober okt octobre",
    11: "november nov novembre",
    12: "december dec dezember dez december décembre decembre déc",
}
_MONTHS = {name: number for number, names in _MONTH_NAMES.items() for name in names.split()}
_NAME = "|".join(sorted(_MONTHS, key=len, reverse=True))
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12, "vt": 1, "ht": 8}
_NOW = (
    r"present|date|now|current(?:ly)?|today|ongoing|to date|till date|heute|jetzt|aktuell|derzeit|laufend|nu|"
    r"nuvarande|pågående|idag|tills vidare|tillsvidare|présent|aujourd['’]hui|actuel(?:lement)?|ce jour|en cours"
)
_YEAR = r"(?:19[5-9]\d|20[0-4]\d)"
_POINT = (
    rf"(?:(?:(?P<name{{0}}>{_NAME})\.?,?\s?(?:\d{{{{1,2}}}},[ ])?|"
    rf"(?P<season{{0}}>{'|'.join(_SEASONS)})[ ])(?P<y1{{0}}>{_YEAR}|['’]\d\d)"
    rf"|(?:\d{{{{1,2}}}}[./])?(?P<m2{{0}}>0?[1-9]|1[0-2])[./-](?P<y2{{0}}>{_YEAR})"
    rf"|(?P<y3{{0}}>{_YEAR})[-/.](?P<m3{{0}}>0[1-9]|1[0-2])(?:[-/.]\d\d)?"
    rf"|(?P<y5{{0}}>{_YEAR}),?[ ](?P<name5{{0}}>{_NAME})\b\.?"
    rf"|(?P<y4{{0}}>{_YEAR}))"
)
_SEP = (
    r"[ ]*(?:-|–|—|−|~|/|\bto\b|\buntil\b|\btill\b|\bthrough\b|\bbis\b|\btill och med\b|\bt\.?o\.?m\.?|\bà\b|"
    r"\bau\b|\bjusqu['’](?:à|au)\b|\ba\b|\n?\bto\b)[ ]*"
)
_LEADS = "from seit von från de depuis since ab sedan fr"
_BEGINNINGS = {*_MONTHS, *_SEASONS, *_LEADS.split()}
_YEARISH = re.compile(r"(?:19|20)\d\d|['’]\d\d")
_MONTH_LAST = re.compile(rf"\b(?:{_NAME})\.?[ ]*\Z", re.IGNORECASE)
_RANGE = re.compile(
    rf"(?<![\w.])(?:from |seit |von |från |de |depuis )?{_POINT.format('a')}{_SEP}(?:{_POINT.format('b')}|"
    rf"(?P<now>{_NOW})\b)(?![\w])",
    re.IGNORECASE,
)
_GAPPED = re.compile(
    rf"(?<![\w.])(?:from |seit |von |från |de |depuis )?{_POINT.format('a')}[ ]{{2,4}}(?:{_POINT.format('b')}|"
    rf"(?P<now>{_NOW})\b)(?![\w])",
    re.IGNORECASE,
)
"""A range whose dash was lost, as happens where a font does not say which letter its dash is: only a gap is left."""
_SINCE = re.compile(
    rf"\b(?:since|seit|ab|sedan|från och med|fr\.?o\.?m\.?|depuis)[ ]+{_POINT.format('a')}(?!\w)", re.IGNORECASE
)
_SHORT = re.compile(rf"(?<![\w.])(?P<from>{_YEAR})[ ]?[-–—/][ ]?(?P<to>\d\d)(?![\d\w/.-])")
_OPEN = re.compile(rf"(?<![\w.]){_POINT.format('a')}[ ]*[-–—][ ]*(?=\n|$|[|,;)])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A range of months as written at text[start:end]; `first` and `last` count months since year 0, both
    inclusive."""

    start: int
    end: int
    first: int
    last: int
    current: bool
    by_year: bool
    """Only years were given: the length is uncertain by up to a year at either end."""


def stretches(words: Words, as_of: date) -> tuple[Stretch, ...]:
    """Every date range of a text in order. Ranges that end before they begin or begin in the future are left out."""
    text = words.text
    today = as_of.year * 12 + as_of.month - 1
    found: list[Stretch | None] = []
    for low, high in _dated_lines(text):
        starts = _possible_starts(words, low, high)
        taken: list[tuple[int, int]] = []
        for pattern in (_RANGE, _GAPPED, _SINCE, _OPEN, _SHORT):
            for start in starts:
                if any(begin <= start < end for begin, end in taken):
                    continue
                match = pattern.match(text, start, high)
                if match and pattern is _GAPPED and not _spans(match, text, low, high):
                    continue
                if match and not any(begin < match.end() and start < end for begin, end in taken):
                    taken.append(match.span())
                    found.append(_short(match) if pattern is _SHORT else _stretch(match, today))
    good = [s for s in found if s and s.first <= today and s.first <= s.last <= today and s.last - s.first < 60 * 12]
    return tuple(sorted(good, key=lambda s: s.start))


def _possible_starts(words: Words, low: int, high: int) -> list[int]:
    """Where in text[low:high] a range may begin: at a number, a month, a season, or a word like "since"."""
    first, last = words.within(low, high)
    return [
        words.starts[at] for at in range(first, last) if "0" <= words.words[at] < ":" or words.words[at] in _BEGINNINGS
    ]


def _dated_lines(text: str) -> list[tuple[int, int]]:
    """The lines with something like a year in them; the patterns are too slow to run over prose."""
    lines: list[tuple[int, int]] = []
    for year in _YEARISH.finditer(text):
        if lines and year.start() < lines[-1][1]:
            continue
        end = text.find("\n", year.end())
        if end >= 0 and _MONTH_LAST.search(text, year.end(), end):
            end = text.find("\n", end + 1)
        lines.append((text.rfind("\n", 0, year.start()) + 1, len(text) if end < 0 else end))
    return lines


def months(ranges: Iterable[Stretch]) -> int:
    """How many different months the ranges cover together; overlaps count once."""
    return sum(last - first + 1 for first, last in covered(ranges))


def covered(ranges: Iterable[Stretch]) -> list[tuple[int, int]]:
    """The months that ranges cover together, as stretches (first and last, inclusive) with gaps between them."""
    found: list[tuple[int, int]] = []
    for first, last in sorted((one.first, one.last) for one in ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return found


def _spans(match: re.Match[str], text: str, low: int, high: int) -> bool:
    """Whether two dates with a gap between them are a range: the later one stands second, and where both are bare years
    no third one stands in their lines, as in the head of a table."""
    groups = match.groupdict()
    if groups["now"]:
        return True
    first, last = _month(match, "a", 1), _month(match, "b", 1)
    if first is None or last is None or last <= first:
        return False
    return not (groups["y4a"] and groups["y4b"]) or len(re.findall(rf"\b{_YEAR}\b", text[low:high])) == 2


def _stretch(match: re.Match[str], today: int) -> Stretch | None:
    first = _month(match, "a", 1)
    if first is None:
        return None
    groups = match.groupdict()
    current = bool(groups.get("now")) or "y4b" not in groups
    # "2015 - 2018" is three years, not four: the last year counts to its first month.
    last = today if current else _month(match, "b", 1)
    if last is None:
        return None
    last = min(last, today)
    by_year = bool(groups["y4a"])
    if groups.get("y4b") and by_year and last > first:
        last -= 1
    elif groups.get("y4b") and by_year and last == first:
        last = min(first + 5, today)
    return Stretch(match.start(), match.end(), first, last, current, by_year)


def _short(match: re.Match[str]) -> Stretch:
    first = int(match["from"])
    last = first // 100 * 100 + int(match["to"])
    return Stretch(
        match.start(), match.end(), first * 12, max(last * 12 - 1, first * 12 - 1 + 6 * (last == first)), False, True
    )


def _month(match: re.Match[str], which: str, default: int) -> int | None:
    groups = match.groupdict()
    year = next((found for form in "12345" if (found := groups[f"y{form}{which}"])), None)
    if year is None:
        return None
    if year[0] in "'’":
        year = ("20" if int(year[1:]) < 50 else "19") + year[1:]
    if name := groups[f"name{which}"] or groups[f"name5{which}"]:
        month = _MONTHS[name.lower()]
    elif season := groups[f"season{which}"]:
        month = _SEASONS[season.lower()]
    else:
        month = int(groups[f"m2{which}"] or groups[f"m3{which}"] or default)
    return int(year) * 12 + month - 1
