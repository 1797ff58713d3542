"""Templates and the words they use: one Jinja environment, its filters, and how long things took in plain English."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from bascule.office import places

HERE = Path(__file__).parent


def seconds(value: float | None) -> str:
    """A duration in the shortest honest form: "0.31 s", "1.4 s", "12 s", "3 min", "2 h"."""
    if value is None:
        return "–"  # noqa: RUF001 - a dash, as nothing was measured
    if value < 1:
        return f"{value:.2f} s"
    if value < 10:
        return f"{value:.1f}".removesuffix(".0") + " s"
    if value < 90:
        return f"{value:.0f} s"
    if value < 5400:
        return f"{value / 60:.0f} min"
    if value < 129600:
        return f"{value / 3600:.0f} h"
    return f"{value / 86400:.0f} days"


def duration(value: timedelta | None) -> str:
    return seconds(None if value is None else value.total_seconds())


def number(value: float | int | None) -> str:
    """1204 -> "1,204"; a whole float without its ".0"; one decimal otherwise."""
    if value is None:
        return "–"  # noqa: RUF001
    if isinstance(value, float) and not value.is_integer():
        return f"{value:,.1f}"
    return f"{int(value):,}"


def count(value: int, one: str, many: str = "") -> str:
    """ "1 candidate", "57 candidates"."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


def stamp(value: datetime) -> str:
    """The whole time, with its zone: "22 Nov 2026, 14:03:22.417 UTC"."""
    at = utc(value)
    return f"{at.day} {at:%b %Y, %H:%M:%S}.{at.microsecond // 1000:03d} UTC"


@pass_context
def when(context: Context, value: datetime | None) -> Markup:
    """A time as people say it: seconds and minutes ago for the last hour, the clock today, the date before that."""
    if value is None:
        return Markup('<span class="muted">never</span>')
    now: datetime = context["frame"].now
    at, gone = utc(value), (now - value).total_seconds()
    if -5 <= gone < 10:
        words = "just now"
    elif 0 <= gone < 60:
        words = f"{int(gone)} s ago"
    elif 0 <= gone < 3600:
        words = f"{int(gone // 60)} min ago"
    elif at.date() == utc(now).date():
        words = f"{at:%H:%M}"
    elif at.year == utc(now).year:
        words = f"{at.day} {at:%b %H:%M}"
    else:
        words = f"{at.day} {at:%b %Y}"
    return Markup('<time datetime="{}" title="{}" class="nowrap">{}</time>').format(at.isoformat(), stamp(value), words)


def clock(value: datetime) -> Markup:
    at = utc(value)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(at.isoformat(), stamp(value), f"{at:%H:%M:%S}")


@pass_context
def moment(context: Context, value: datetime) -> Markup:
    """A time to the second: the clock alone today, with the date before that."""
    now: datetime = context["frame"].now
    at = utc(value)
    date = "" if at.date() == utc(now).date() else f"{at.day} {at:%b} " + ("" if at.year == now.year else f"{at.year} ")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        at.isoformat(), stamp(value), f"{date}{at:%H:%M:%S}"
    )


def day(value: datetime) -> str:
    at = utc(value)
    return f"{at:%A} {at.day} {at:%B %Y}"


def pretty(value: Any) -> str:
    """A payload as indented JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def query(path: str, base: Mapping[str, str], **changes: str) -> str:
    """`path` with `base` as its query, some values changed; empty ones are left out."""
    pairs = {key: value for key, value in {**base, **changes}.items() if value}
    return f"{path}?{urlencode(pairs)}" if pairs else path


def is_mapping(value: object) -> bool:
    return isinstance(value, Mapping)


def is_listed(value: object) -> bool:
    return isinstance(value, (tuple, list))


def lines(value: str) -> Markup:
    return Markup("<br>").join(escape(line) for line in value.splitlines())


def linked(text: str) -> Markup:
    """A text for a page: where it names a command, a link to the page that does the same."""
    return Markup("").join(
        Markup('<a href="{}">{}</a>').format(part.href, part.words) if isinstance(part, places.Place) else escape(part)
        for part in places.parts(text)
    )


@cache
def environment() -> Environment:
    """The one template environment: everything is escaped, a missing name is an error."""
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
    filters: dict[str, Callable[..., Any]] = {
        "seconds": seconds,
        "duration": duration,
        "number": number,
        "count": count,
        "stamp": stamp,
        "when": when,
        "clock": clock,
        "moment": moment,
        "day": day,
        "pretty": pretty,
        "lines": lines,
        "linked": linked,
        "paged": places.said,
    }
    env.filters.update(filters)
    env.tests.update(document=is_mapping, listed=is_listed)
    words: dict[str, Any] = {"query": query, "asset": asset}
    env.globals.update(words)
    return env


@cache
def asset(name: str) -> str:
    """The path of a static file, with a digest of its content, so that it can be cached for ever."""
    digest = hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def render(template: str, **values: Any) -> str:
    """One page as text. `frame` must be among the values."""
    return environment().get_template(template).render(**values)
