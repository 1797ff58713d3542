"""The words of hosted forms in the languages they are shown in, with names, numbers and times of each. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.core import negotiate_locale
from babel.dates import format_date, format_time
from babel.units import format_unit

from bascule.errors import InputError

LANGUAGES = ("en", "de", "fr", "es")
FIRST = "en"
_FOLDER = Path(__file__).parent / "words"
_REGIONS = frozenset(
    {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)


class Words:
    """The words of one language: `words("next")`, `words("keep", until=...)`."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._locale = Locale(language)
        self._said: Mapping[str, str] = json.loads((_FOLDER / f"{language}.json").read_text("utf-8"))

    def __call__(self, name: str, /, **values: object) -> str:
        return self._said[name].format(**values)

    def keys(self) -> Sequence[str]:
        return tuple(self._said)

    def tongue(self, code: str) -> str:
        """The name of a human language, by its two letters."""
        return self._locale.languages.get(code) or code

    def when(self, at: datetime, zone: str = "") -> str:
        """A moment in somebody's own time, with the zone's name."""
        there = ZoneInfo(zone if zone in zones() else "UTC")
        day = format_date(at.astimezone(there), "full", locale=self._locale)
        clock = format_time(at, "short", tzinfo=there, locale=self._locale)
        return f"{day}, {clock} ({str(there).replace('_', ' ')})"

    def day(self, at: datetime, zone: str) -> str:
        """The day of a moment in somebody's own time."""
        return format_date(at.astimezone(ZoneInfo(zone)), "full", locale=self._locale)

    def days(self, many: int) -> str:
        """So many days."""
        return format_unit(many, "duration-day", locale=self._locale)

    def clock(self, at: datetime) -> str:
        """What a clock shows then, in the moment's own zone."""
        return format_time(at, "short", tzinfo=at.tzinfo, locale=self._locale)


@cache
def words(language: str) -> Words:
    """InputError for a language that the form does not have."""
    if language not in LANGUAGES:
        raise InputError(f"The form has no language {language!r}.", hint=f"It has: {', '.join(LANGUAGES)}.")
    return Words(language)


def wanted(accepted: str) -> str:
    """The language to begin in, by what a browser says it accepts (`Accept-Language`)."""
    ranked: list[tuple[float, str]] = []
    for one in accepted.split(",")[:20]:
        name, _, quality = one.partition(";q=")
        try:
            ranked.append((-float(quality or 1), name.strip()))
        except ValueError:
            continue
    names = [name for _, name in sorted(ranked, key=lambda pair: pair[0]) if name]
    return negotiate_locale(names, LANGUAGES, sep="-") or FIRST


@cache
def zones() -> tuple[str, ...]:
    """Time zones to choose from, by name."""
    return ("UTC", *sorted(one for one in available_timezones() if one.partition("/")[0] in _REGIONS))
