"""Text from resume files, read by a child process that nothing of ours depends on.

A file comes from a stranger. The child parses it under limits of memory, processor time, clock time, pages and
unpacked size; a file that breaks a limit costs that file and the child, which is replaced. Clock time, a child that
does not start and one that others kill say nothing of the file, as the machine may be slow or short of memory: then
it is to be tried again. One child, one file at a time, in order; any thread or event loop may ask."""

import asyncio
import json
import os
import signal
import struct
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from .language import detect
from .readings import Reading
from .tricks import Flag, clean
from .wording import counted


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost."""

    file_mb: int = 20
    pages: int = 30
    wall_s: float = 20.0
    picture_s: float = 90.0
    """Clock time where pages are pictures that must be recognised."""
    cpu_s: int = 10
    memory_mb: int = 768
    files_per_child: int = 500
    """A child is replaced after so many files, so that a leak in a parser cannot grow for ever."""


IDLE = 600.0  # seconds without a file after which the child ends: its memory is as much as an idle server's half


GOING = 0.5  # seconds for a child that has let go of its pipes to end by itself


class _ChildGoneError(Exception):
    """The child ended before it answered. `of_file`: because of the file, by a limit of its own or a parser's crash."""

    def __init__(self, *, of_file: bool = False) -> None:
        super().__init__()
        self.of_file = of_file


class InterruptedReadError(Exception):
    """A file was not read, and that may be the machine's fault: try again, in a fresh child. `reading` is what to keep
    once it was tried often enough."""

    def __init__(self, reading: Reading) -> None:
        super().__init__(reading.reason)
        self.reading = reading


class ResumeReader:
    """Reads files one after the other in a limited child process, started on first use.

    Raises nothing for what a file does: every outcome of that is a Reading. InterruptedReadError where it may be the
    machine's fault. Close it, or leave an `async with` block, to end the child."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="resume-reader")
        self._child: subprocess.Popen[bytes] | None = None
        self._served = 0
        self._rests: threading.Timer | None = None

    async def __aenter__(self) -> "ResumeReader":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def pid(self) -> int | None:
        """The child's process id while it lives."""
        child = self._child
        return child.pid if child is not None and child.poll() is None else None

    async def read(self, data: bytes, filename: str = "") -> Reading:
        """Read one file. What it is is decided by its content; `filename` is only used in the reason."""
        return await asyncio.wrap_future(self._thread.submit(self.read_now, data, filename))

    def read_now(self, data: bytes, filename: str = "") -> Reading:
        """The same, blocking. Call it from one thread at a time."""
        if len(data) > self.limits.file_mb * 1024 * 1024:
            megabytes = len(data) / 1024 / 1024
            return _unreadable(
                f"The file has {megabytes:.0f} MB; {self.limits.file_mb} MB is the limit. Ask for a smaller one."
            )
        try:
            return _reading(self._ask(data))
        except _ChildGoneError as error:
            what = f"“{Path(filename).name}”" if filename else "The file"
            if not error.of_file:
                raise InterruptedReadError(
                    _unreadable(
                        f"{what} was not read in time, several times. This machine may be slow or short of memory: "
                        "have it read again later, or ask for a simpler PDF or DOCX."
                    )
                ) from error
            return _unreadable(
                f"{what} could not be read within the limits of time and memory. Ask for a simpler PDF or DOCX."
            )

    async def close(self) -> None:
        """End the child and wait for it. Files still waiting are answered first."""
        await asyncio.wrap_future(self._thread.submit(self.stop))
        self._thread.shutdown(wait=False)

    def _ask(self, data: bytes) -> dict[str, Any]:
        child = self._alive()
        self._rest_later()
        header = json.dumps({"pages": self.limits.pages}).encode()
        watchdog = _watchdog(child, self.limits.wall_s)
        try:
            assert child.stdin is not None
            child.stdin.write(struct.pack(">II", len(header), len(data)) + header)
            child.stdin.write(data)
            child.stdin.flush()
            answer = _answer(child)
            if answer.get("wait"):
                watchdog.cancel()
                watchdog = _watchdog(child, self.limits.picture_s)
                answer = _answer(child)
        except (BrokenPipeError, ConnectionResetError, _ChildGoneError) as error:
            late = not watchdog.is_alive()  # it has rung
            self.stop()
            raise _ChildGoneError(of_file=not late and _ended_by_file(child)) from error
        finally:
            watchdog.cancel()
        self._served += 1
        if answer.get("exhausted") or self._served >= self.limits.files_per_child:
            self.stop()
        return answer

    def _alive(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self.stop()
        self._child = _start(self.limits)
        self._served = 0
        return self._child

    def _rest_later(self) -> None:
        """Let the child end when no file has come for a while."""
        if self._rests is not None:
            self._rests.cancel()
        self._rests = threading.Timer(IDLE, self._rest)
        self._rests.daemon = True
        self._rests.start()

    def _rest(self) -> None:
        with suppress(RuntimeError):  # closed meanwhile
            self._thread.submit(self.stop)

    def stop(self) -> None:
        """End the child and wait for it, blocking. Call it from the thread that reads."""
        if self._rests is not None:
            self._rests.cancel()
            self._rests = None
        child, self._child = self._child, None
        if child is None:
            return
        # Closing its input is the way to ask; killing it is the way to be sure.
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        with suppress(subprocess.TimeoutExpired):
            child.wait(GOING)
        _kill(child)
        child.wait()


def _start(limits: Limits) -> subprocess.Popen[bytes]:
    """A fresh child. It gets no variable of ours: no secrets, no settings."""
    root = str(Path(__file__).resolve().parents[2])
    environment = {
        "PATH": os.pathsep.join([os.defpath, "/usr/local/bin", "/opt/homebrew/bin"]),
        "PYTHONPATH": root,
        "PYTHONUTF8": "1",
        "MALLOC_ARENA_MAX": "1",
    }
    caps = json.dumps({"memory_mb": limits.memory_mb, "cpu_s": limits.cpu_s})
    command = [sys.executable, "-P", "-m", f"{__package__}.reading", caps]
    child = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
    watchdog = _watchdog(child, 30)
    try:
        _answer(child)
    except _ChildGoneError:
        _kill(child)
        child.wait()
        raise
    finally:
        watchdog.cancel()
    return child


def _ended_by_file(child: subprocess.Popen[bytes]) -> bool:
    """Whether a child that has ended was ended by its own limits or by what it read: not by a kill from outside."""
    outside = {-number for number in (signal.SIGTERM, signal.SIGINT)}
    if sys.platform != "win32":
        outside |= {-signal.SIGKILL, -signal.SIGHUP}
    return child.returncode not in outside


def _watchdog(child: subprocess.Popen[bytes], seconds: float) -> threading.Timer:
    """Kills the child after so long, with whatever it has started, unless it is cancelled before."""

    watchdog = threading.Timer(seconds, _kill, (child,))
    watchdog.daemon = True
    watchdog.start()
    return watchdog


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End the child and the programs it has started: they are one group."""
    with suppress(OSError):
        if sys.platform == "win32":
            child.kill()
        else:
            os.killpg(child.pid, signal.SIGKILL)


def _answer(child: subprocess.Popen[bytes]) -> dict[str, Any]:
    assert child.stdout is not None
    head = child.stdout.read(4)
    if len(head) < 4:
        raise _ChildGoneError
    (size,) = struct.unpack(">I", head)
    body = child.stdout.read(size)
    if len(body) < size:
        raise _ChildGoneError
    return cast(dict[str, Any], json.loads(body))


def _unreadable(reason: str) -> Reading:
    return Reading("unreadable", "", reason, 0, "", (), "")


def _reading(answer: dict[str, Any]) -> Reading:
    if "reason" in answer:
        return _unreadable(answer["reason"])
    text, flags = clean(answer["text"])
    hidden = [(what, where, size, clean(words)[0]) for what, where, size, words in answer["hidden"]]
    findings = [
        Flag(what, f"{counted(size, 'character')} that people cannot see; not scored", where)
        for what, where, size, _ in hidden
    ]
    notes = [Flag(kind, what) for kind, what in answer["notes"]]
    if sum(character.isalnum() for character in text) < 20:
        return Reading(
            "unreadable", "", "All its text is hidden from people. Ask for a readable resume.", answer["pages"], "",
            (*findings, *flags, *notes), " ".join(words for *_, words in hidden)[:1000],
        )  # fmt: skip
    return Reading(
        "read",
        text,
        "",
        answer["pages"],
        detect(text),
        (*findings, *flags, *notes),
        " ".join(words for *_, words in hidden)[:1000],
        answer["sureness"],
    )
