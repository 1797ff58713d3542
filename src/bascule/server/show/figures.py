"""KPIs as their page shows them: each number with of how many, its definition, and what it is held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from bascule.office.figures import STAYS, Seen

from ..views.figures import (
    Choice,
    FigureView,
    Filter,
    KpisPage,
    RateRow,
    TargetField,
    TeamRow,
    WeekRow,
)
from .charts import chart

DAY = 86_400
PERIODS = ((4, "4 weeks"), (12, "12 weeks"), (26, "26 weeks"), (52, "52 weeks"), (0, "All there is"))
GROUPS = (
    ("How fast", "", ("time_to_screen", "time_to_hire", "score_latency")),
    ("How it goes on", "", ("interview_to_offer", "screening_completion", "response_rate", "screening_time_saved")),
    (
        "How scores are used",
        "Of teams, never of one person: a team has three recruiters or more, and who decided is not kept.",
        ("decided_with_score", "score_to_decision", "overrides"),
    ),
)
UNITS = {"seconds": "days", "share": "per cent", "hours": "hours"}
TYPES = ("lead", "applied", "screen", "assess", "interview", "offer")


def took(value: float | None) -> str:
    """A time in words: "12 s", "14 min", "20 h", "3.4 days"."""
    if value is None:
        return ""
    for least, size, unit in ((2 * DAY, DAY, "days"), (5400, 3600, "h"), (90, 60, "min")):
        if value >= least:
            number = value / size
            return f"{number:.1f}".removesuffix(".0") + f" {unit}" if number < 10 else f"{number:.0f} {unit}"
    return f"{value:.0f} s" if value >= 10 or not value else f"{value:.1f} s"


def told(one: Mapping[str, Any], unit: str) -> str:
    """A number in words; "" where there is none. Of few no per cent: so many of so many."""
    if not one["n"]:
        return ""
    if unit == "share":
        return f"{one['many']} of {one['n']}" if one["value"] is None else f"{100 * one['value']:.0f} %"
    if one["value"] is None:
        return ""
    return took(one["value"]) if unit == "seconds" else f"{one['value']:.1f} h"


def week(day: str) -> str:
    at = date.fromisoformat(day)
    return f"{at.day} {at:%b %Y}"


def filters(seen: Seen, connections: Sequence[str]) -> Filter:
    """The choices of a page. `connections`: their names."""
    asked, wanted = seen.asked, seen.wanted
    jobs = sorted(seen.shown.values(), key=lambda one: (one.status != "open", one.title.casefold(), one.id))
    departments = sorted({one.department for one in jobs if one.department})
    days = bool(asked.since or asked.until)
    query = {
        "job": asked.job, "department": asked.department, "connection": asked.connection,
        "weeks": "" if days else str(asked.weeks), "since": asked.since, "until": asked.until,
    }  # fmt: skip
    since = f"from {week(wanted.since.isoformat())}" if wanted.since else "from the beginning"
    until = f"to {week(wanted.until.isoformat())}" if wanted.until else "to now"
    closed = {True: "", False: " (closed)"}
    return Filter(
        tuple(Choice(one.id, one.title + closed[one.status == "open"], one.id == asked.job) for one in jobs),
        tuple(Choice(one, one, one == asked.department) for one in departments),
        tuple(Choice(one, one, one == asked.connection) for one in connections),
        tuple(Choice(str(n), words, not days and n == asked.weeks) for n, words in PERIODS),
        asked.since, asked.until, f"{since} {until}", query,
    )  # fmt: skip


def page(found: Mapping[str, Any], seen: Seen, connections: Sequence[str], *, may_set: bool) -> KpisPage:
    """The page."""
    figures = {one["key"]: one for one in found["figures"]}
    views = {key: _figure(one, found["weeks"]) for key, one in figures.items()}
    answer, rest = answered(figures)
    queue = found["queue"]
    stated, baseline = found["stated"], found["baseline"]
    heads = ("decided_with_score", "score_to_decision", "overrides")
    return KpisPage(
        answer=answer, rest=rest, as_of=found["as_of"], filter=filters(seen, connections),
        counted=tuple(one.said for one in seen.counted),
        empty=not found["applications"] and not any(one["n"] for one in found["figures"]),
        groups=tuple((title, said, tuple(views[key] for key in keys)) for title, said, keys in GROUPS),
        queue=took(queue["value"]) if queue["n"] else "", queue_sub=_queue(queue),
        rates=tuple((kind, tuple(map(_rate, found["rates"][kind]))) for kind in ("template", "job", "sender")),
        teams=tuple(_team(one, heads) for one in found["teams"]),
        team_heads=(*(figures[key]["title"] for key in heads), "Queue age"), small_teams=found["small_teams"],
        completion=found["application_completion"]["why"],
        stated="" if not stated else f"{stated['before']:g} minutes before, {stated['now']:g} now, says {stated['by']} "
        f"on {week(stated['at'][:10])}: {stated['source']}",
        frozen=_frozen(baseline, {id: one.title for id, one in seen.shown.items()}),
        targets=_targets(found["figures"], found["targets"]), may_set=may_set,
    )  # fmt: skip


def answered(figures: Mapping[str, Mapping[str, Any]]) -> tuple[str, str]:
    """The head of the page. On the day of set-up there are hires that the ATS tells of, and no decision yet."""
    screen, hire = figures["time_to_screen"], figures["time_to_hire"]
    if not screen["n"] and hire["n"]:
        return (
            f"Half of the hires came within {took(hire['value'])}.",
            f"{_count(hire['n'], 'hire')}, no decision seen.",
        )
    if not screen["n"]:
        return "Nobody has been decided about in this time.", ""
    first = f"Half of the decisions came within {took(screen['value'])}."
    rest = f"{_count(screen['n'], 'decision')}"
    rest += f", {_count(hire['n'], 'hire')}" + (f" after {took(hire['value'])}." if hire["n"] else ".")
    return first, rest


def _count(n: int, one: str) -> str:
    return f"{n:,} {one}{'' if n == 1 else 's'}"


def _figure(one: Mapping[str, Any], weeks: Sequence[str]) -> FigureView:
    unit = one["unit"]
    days = [week(day) for day in weeks]
    aim = one["target"]
    words: Callable[[float], str] = {
        "seconds": took, "share": lambda n: f"{n:,.0f}", "hours": lambda hours: f"{hours:.1f} h",
    }[unit]  # fmt: skip
    goal = None if aim is None else _goal(one["key"], unit, aim)
    return FigureView(
        one["key"], one["title"], told(one, unit), _sub(one, unit), one["hidden"] or _why(one), one["counts"],
        one["without"], _baseline(one, unit), "" if aim is None else target_words(one["key"], unit, aim),
        None if one["hidden"] else chart(_axis(one, unit), one["weeks"], days, unit, words, goal),
        () if not one["n"] else tuple(
            WeekRow(day, told(each, unit) or "none", f"{each['n']:,}")
            for day, each in zip(days, one["weeks"], strict=True)
        ),
    )  # fmt: skip


def _axis(one: Mapping[str, Any], unit: str) -> str:
    what = {
        "seconds": "median time", "share": f"{one['of']}, filled: {one['so']}", "hours": "hours",
    }[unit]  # fmt: skip
    return f"{what}, by week (UTC)"


def _sub(one: Mapping[str, Any], unit: str) -> str:
    if not one["n"]:
        return ""
    many = f"{one['n']:,} {one['of']}"
    if unit == "share":
        of = many if one["value"] is None else f"{one['many']:,} of {many}"
        few = "; too few for a share" if one["few"] else ""
        beside = "".join(f"; {n:,} {name}" for name, n in one["beside"].items() if n)
        return f"{of}{few}{beside}"
    if unit == "hours":
        return f"for {many}"
    few = "; so few say little" if one["few"] else f"; 9 of 10 within {took(one['p90'])}"
    return f"median of {many}{few}"


def _why(one: Mapping[str, Any]) -> str:
    if one["key"] == "screening_time_saved" and one["n"] and one["value"] is None:
        return f"{one['n']:,} {one['of']}. Nobody has stated what one of them saves, so no hours are made up."
    return "" if one["n"] else "None in this time."


def _baseline(one: Mapping[str, Any], unit: str) -> str:
    frozen = one["baseline"]
    if not frozen:
        return ""
    words = told({**frozen, "few": False}, unit)
    if not words:
        return ""
    return words if " of " in words else f"{words}, of {frozen['n']:,}"


def _goal(key: str, unit: str, aim: float) -> float:
    """A target in what the figure is counted in."""
    return aim * DAY if unit == "seconds" and key != "score_latency" else aim


def target_words(key: str, unit: str, aim: float) -> str:
    if key == "score_latency":
        return f"{aim:g} s"
    return f"{aim:g} {'%' if unit == 'share' else UNITS[unit]}"


def _queue(queue: Mapping[str, Any]) -> str:
    if not queue["n"]:
        return "Nobody waits for a first decision."
    return (
        f"median of {_count(queue['n'], 'applicant')} nobody has decided about; 9 of 10 within {took(queue['p90'])}, "
        f"the longest {took(queue['oldest'])}"
    )


def _rate(one: Mapping[str, Any]) -> RateRow:
    return RateRow(one["name"], one["n"], one["many"], "" if one["value"] is None else f"{100 * one['value']:.0f} %")


def _team(one: Mapping[str, Any], heads: Sequence[str]) -> TeamRow:
    units = {"decided_with_score": "share", "score_to_decision": "seconds", "overrides": "share"}
    cells = [told(one["figures"][key], units[key]) or "none" for key in heads]
    queue = one["queue"]
    cells.append(f"{took(queue['value'])} of {queue['n']:,}" if queue["n"] else "nobody waits")
    return TeamRow(one["department"] or "No department", one["recruiters"], tuple(cells))


def _frozen(baseline: Mapping[str, Any] | None, titles: Mapping[str, str]) -> str:
    if not baseline:
        return ""
    since = week(baseline["since"]) if baseline["since"] else "the beginning"
    until = week(baseline["until"]) if baseline["until"] else week(baseline["at"][:10])
    job, department, connection = (baseline.get(name) for name in ("job", "department", "connection"))
    of = titles.get(job, "one job") if job else f"the department {department}" if department else "all jobs"
    at = f" at {connection}" if connection else ""
    return f"{since} to {until}, of {of}{at}, frozen on {week(baseline['at'][:10])} by {baseline['by']}"


def _targets(figures: Sequence[Mapping[str, Any]], kept: Mapping[str, float]) -> tuple[TargetField, ...]:
    found = [
        TargetField(
            one["key"], one["title"], "seconds" if one["key"] == "score_latency" else UNITS[one["unit"]],
            f"{kept[one['key']]:g}" if one["key"] in kept else "",
        )
        for one in figures
    ]  # fmt: skip
    stays = [(f"{STAYS}{kind}", f"Stay in a stage of the type {kind}") for kind in TYPES]
    found += [TargetField(key, words, "days", f"{kept[key]:g}" if key in kept else "") for key, words in stays]
    return tuple(found)
