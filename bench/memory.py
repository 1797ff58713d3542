"""What the demo holds in memory once its 60 people have been scored: server, worker and reader child together.

Counted is the proportional set size (PSS) of the demo's process and everything below it but the sandboxes, which stand
for somebody else's ATS. The baseline is `bascule up` on an empty folder, with nobody connected.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bascule.demo.material import Kind, load

from .processes import Program, family, program, pss
from .rows import Row

GOAL = 450.0  # MB
APPLIED_WITHIN = 150.0
SETTLE = 3.0  # seconds
COMMAND = ("-c", "from bascule.cli import main; main()")  # `bascule`
SANDBOX = "bascule.sandbox"
ALL_IN = "Everybody has applied"


def weigh(running: Program) -> dict[str, float]:
    """Megabytes of each process of ours under this one: what it is -> how much."""
    found: dict[str, float] = {}
    for pid, line in family(running.pid).items():
        if SANDBOX in line:
            continue
        what = "server and worker" if pid == running.pid else "reader" if "bascule.match.reading" in line else "other"
        found[what] = found.get(what, 0.0) + pss(pid)
    return found


def demo(data: Path, people: int | None) -> dict[str, float]:
    """Memory after the demo's 60 applications, or after the first few of them as a folder of CVs."""
    line = [*COMMAND, "demo", "--data", str(data / "demo")]
    if people is not None:
        (data / "resumes").mkdir()
        honest = [one.file for one in load().applications if one.kind is not Kind.BROKEN_PDF]
        for file in honest[:people]:
            shutil.copy(file, data / "resumes")
        line += ["--resumes", str(data / "resumes")]
    with program(*line) as running:
        running.line(lambda said: ALL_IN in said, APPLIED_WITHIN)
        time.sleep(SETTLE)
        return weigh(running)


def idle(data: Path) -> dict[str, float]:
    with program(*COMMAND, "up", "--data", str(data / "idle"), "--port", "0") as running:
        running.line(lambda said: "Bascule is at" in said)
        time.sleep(SETTLE)
        return weigh(running)


def run(size: float = 1.0) -> list[Row]:
    """One row. `size` 1 is about 40 seconds; below 1 fewer people apply."""
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bascule-bench-")))
        plain = idle(data)
        full = demo(data, None if size >= 1 else max(1, int(60 * size)))
    return [_row(full, plain, 60 if size >= 1 else max(1, int(60 * size)))]


def _row(full: dict[str, float], plain: dict[str, float], people: int) -> Row:
    total, base = sum(full.values()), sum(plain.values())
    parts = ", ".join(f"{what} {mb:.0f}" for what, mb in full.items())
    figures: dict[str, Any] = {
        "mb": round(total), "baseline_mb": round(base), "parts": {k: round(v) for k, v in full.items()}
    }  # fmt: skip
    return Row(
        "memory", f"Memory of the demo after {people} applications (PSS)", round(total / base, 2), "MB to baseline's",
        f"{total:.0f} MB ({parts})", f"`bascule up`, nobody connected: {base:.0f} MB",
        f"< {GOAL:.0f} MB", total < GOAL, figures,
    )  # fmt: skip
