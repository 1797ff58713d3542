"""`bascule health`: how healthy each connection is, in figures."""

from __future__ import annotations

from typing import Any

import typer

from bascule.office.standing import span

from . import DATA, JSON, emit, out, reached, table


def health(data: DATA = None, as_json: JSON = False) -> None:
    """Last success, lag, backlog, errors, freshness and uptime against the objective, per connection and list. Exit 1
    when an objective is missed, a list is later than promised, or webhooks went quiet."""
    found = reached(data, lambda reach: reach.get("/health"))["items"]
    emit(found, as_json, lambda: _show(found))
    if any(_wrong(one) for one in found):
        raise typer.Exit(1)


def _wrong(one: Any) -> bool:
    left = one["uptime"]["budget_left"]
    return bool(one["silent_since"]) or any(o["late"] for o in one["objects"]) or (left is not None and left < 0)


def _show(found: Any) -> None:
    if not found:
        out.print("Nothing is connected yet.")
    for one in found:
        up = one["uptime"]
        share = "not measured yet" if up["share"] is None else f"{up['share']:.3%}"
        left = "" if up["budget_left"] is None else f", {up['budget_left']:.0%} of the error budget left"
        out.print(f"{one['name']}: up {share} (objective {up['objective']:.1%} of {up['days']} days{left}).")
        waits = "" if one["oldest"] is None else f", the oldest for {span(one['oldest'])}"
        out.print(
            f"  {one['backlog']['reads']} reads and {one['backlog']['writes']} writes wait{waits}; "
            f"errors: {_percent(one['error_rate'])}."
        )
        if one["silent_since"]:
            out.print(f"  ! No webhook since {one['silent_since'][:16]}, while polls find changes: bascule doctor")
        rows = table("list", "last success", "waiting", "errors", "p50", "p95", "p99", "promised")
        for o in one["objects"]:
            ago = "never" if o["since_success"] is None else f"{span(o['since_success'])} ago"
            figures = [_seconds(o[part]) for part in ("p50", "p95", "p99")]
            late = " (late)" if o["late"] else ""
            rows.add_row(
                o["list"], ago, str(o["backlog"]), _percent(o["error_rate"]), *figures, _seconds(o["promise"]) + late
            )
        out.print(rows)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:g} s"
