"""Programs beside this one: started, listened to, weighed, ended by their own process id."""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[1]
START_WITHIN, STOP_WITHIN = 60.0, 15.0


def say(what: object) -> None:
    """A line of JSON to whoever started this program."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


class Program:
    """A running program whose output is read line by line."""

    def __init__(self, process: subprocess.Popen[str], log: IO[str]) -> None:
        self.process = process
        self._log = log
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self.process.pid

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def line(self, wanted: Callable[[str], Any], within: float = START_WITHIN) -> Any:
        """What `wanted` makes of the first line it takes. RuntimeError with the program's last words if none comes."""
        ends = time.monotonic() + within
        while True:
            try:
                line = self._lines.get(timeout=max(0.01, ends - time.monotonic()))
            except queue.Empty:
                raise RuntimeError(f"{self._name} said nothing within {within:g} s. {self._words()}") from None
            if line is None:
                raise RuntimeError(f"{self._name} ended. {self._words()}")
            if found := wanted(line):
                return found

    def said(self, within: float = START_WITHIN) -> dict[str, Any]:
        """The next line of JSON."""
        return self.line(lambda line: json.loads(line) if line.startswith("{") else None, within)

    def tell(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    @property
    def _name(self) -> str:
        return " ".join(str(part) for part in self.process.args[1:4])  # type: ignore[index]

    def _words(self) -> str:
        self._log.flush()
        self._log.seek(0)
        return " ".join(self._log.read().strip().splitlines()[-3:])

    def end(self) -> None:
        """Ask it to end, and see that it has."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._reader.join(STOP_WITHIN)
        for stream in (self.process.stdin, self.process.stdout, self._log):
            if stream is not None:
                stream.close()


@contextmanager
def program(*line: str, **settings: str) -> Generator[Program]:
    """This Python with these arguments, ended at the end. In a session of its own, so that Ctrl-C comes to us first.
    `settings` of Bascule, by their names, are given in its environment; an empty one is left out."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("BASCULE_")}
    environment |= {f"BASCULE_{name.upper()}": value for name, value in settings.items() if value}
    log = tempfile.TemporaryFile("w+")  # noqa: SIM115
    process = subprocess.Popen(
        [sys.executable, *line], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT,
        env=environment, start_new_session=True,
    )  # fmt: skip
    running = Program(process, log)
    try:
        yield running
    finally:
        running.end()


@contextmanager
def sandbox(*options: str, within: float = START_WITHIN) -> Generator[str]:
    """The URL of a sandbox ATS in a process of its own. A large account takes long to make: `within` seconds."""
    with program("-m", "bascule.sandbox", "greenhouse", "--port", "0", *options) as running:
        found = running.line(lambda line: re.search(r"(http://\S+?)/candidates", line), within)
        yield found[1]


# -------------------------------------------------------------------------------------------------------------- weight


def pss(pid: int) -> float:
    """Megabytes of memory that a process answers for: its own, and its share of what it shares. 0 if it has gone."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def spent(pid: int) -> float:
    """Seconds of processor time that a process and everything below it have used. Unlike the clock, it hardly moves
    when the machine has other work."""
    ticks = 0
    for one in family(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> dict[int, str]:
    """A process and everything below it: process id -> command line."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        parents.setdefault(parent, []).append(int(stat.parent.name))
    found: dict[int, str] = {}
    waiting: Sequence[int] = [pid]
    while waiting:
        for one in waiting:
            try:
                found[one] = Path(f"/proc/{one}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
        waiting = [child for one in waiting for child in parents.get(one, ())]
    return found
