"""What a person sees of the demo in the terminal: numbers that move, and where to look in the browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from .ledger import Seen, percentile


@dataclass(frozen=True, slots=True)
class Figures:
    """How far the demo is. Latencies in seconds, None before the first."""

    total: int = 0
    applied: int = 0
    scored: int = 0
    unreadable: int = 0
    written: int = 0
    p50: float | None = None
    p95: float | None = None
    failures: int = 0

    @classmethod
    def of(cls, total: int, rows: Sequence[Seen], scored: int, failures: int) -> Figures:
        took = [one.latency for one in rows if one.latency is not None]
        return cls(
            total, len(rows), scored, sum(one.status == "unreadable" for one in rows), sum(one.written for one in rows),
            percentile(took, 0.5), percentile(took, 0.95), failures,
        )  # fmt: skip


def numbers(figures: Figures, doing: str) -> RenderableType:
    """The part of the display that moves."""
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="dim", width=13)
    rows.add_column(width=34)
    rows.add_column()
    for name, count in (("Accepted", figures.applied), ("Scored", figures.scored), ("Written back", figures.written)):
        more = f", {figures.unreadable} unreadable" if name == "Scored" and figures.unreadable else ""
        bar = ProgressBar(total=max(figures.total, figures.applied), completed=count, width=34)
        rows.add_row(name, bar, f"{count} of {max(figures.total, figures.applied)}{more}")
    took = f"p50 {seconds(figures.p50)}, p95 {seconds(figures.p95)}" if figures.p50 is not None else "-"
    rows.add_row("Latency", took, Text("from the application to its score in the ATS", style="dim"))
    rows.add_row("Failures", Text(str(figures.failures), style="bold red" if figures.failures else ""))
    return Group(rows, Text(doing, style="dim"))


def places(
    begin: str, login: str, accounts: Sequence[tuple[str, str, str]], intervals: Mapping[str, float], rate: str,
    beside: Sequence[tuple[str, str]],
) -> list[Text]:  # fmt: skip
    """Where to look and what to expect, each in a line, so that no address is broken. `begin`: the page to start from,
    "" where there is none; `accounts`: (name, URL, kind); `beside`: (name, URL) of what else there is."""
    often = ", ".join(f"{name.replace('_', ' ')} every {every:g} s" for name, every in intervals.items())
    rows: list[tuple[str, str, str]] = []
    if begin:
        rows.append(("Start here", begin, "where everything is, and a whole hire, step by step"))
    rows.append(("Bascule", login, "logs in once"))
    for name, url, kind in accounts:
        rows.append((name, f"{url}/candidates", kind))
        rows.append(("", f"{url}/careers", "apply there with a CV of your own"))
    rows += [(name, url, "") for name, url in beside]
    told = [("Follows", f"stages and e-mails at once; {often}, as Greenhouse sends no webhook for them")]
    told.append(("Rate limit", limit(rate)))
    return [
        *(
            Text.assemble((f"{name:<21}", "dim"), (url, "cyan"), (more and f"  {more}", "dim"))
            for name, url, more in rows
        ),
        *(Text.assemble((f"{name:<21}", "dim"), words) for name, words in told),
    ]


def limit(rate: str) -> str:
    requests, _, per = rate.partition("/")
    documented, more = ("as", "") if (requests, per) == ("75", "30") else ("75 in 30 s is what", ": --rate 75/30")
    return f"{requests} requests in {per or 30} s at each account ({documented} Greenhouse documents{more})"


def result(console: Console, found: Mapping[str, Any], wrong: Sequence[str], took: float) -> None:
    """The result of `--once`, to read."""
    rows = Table(box=None, show_header=False, pad_edge=False)
    rows.add_column(style="dim")
    rows.add_column()
    words = {True: "[green]yes[/]", False: "[red]no[/]", None: "-"}
    for name, value in found.items():
        shown = words[value] if value is None or isinstance(value, bool) else str(value)
        rows.add_row(name.replace("_", " "), shown)
    console.print(rows)
    for line in wrong:
        console.print(f"! {line}", style="red", highlight=False)
    console.print(f"{'Everything holds' if not wrong else 'Not everything holds'}; it took {took:.0f} s.", style="bold")


def seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f} s"
