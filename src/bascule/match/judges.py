"""Who judges many files: a thread of this process, and where it has a second core and there is much to do, a child.

The child costs a second and as much memory as the tables take, so it is started for large portions of work only, is
not waited for, and ends when it has had nothing to do for a while, or when this process ends, however it does.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import struct
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec

from .judging import ANSWERS, HEAD, READY, Ask, Judged, portion
from .matcher import Matcher
from .rubric import Rubric

MANY = 400  # files to judge from which a child is worth its start
IDLE = 30.0  # seconds without work after which it ends
MOST = 3  # failures after which this process does without
LONGEST = 120.0  # seconds for a portion: then it has failed

_SIZE = struct.Struct(">I")


class _GoneError(Exception):
    """The child has ended, or has not answered in time."""


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Judges:
    """Judges portions of files. Made once a process; close it to end the child."""

    def __init__(self, matcher: Matcher, *, many: int = MANY, child: bool | None = None) -> None:
        """`child`: whether there may be one; by itself, where there is a second core."""
        self._matcher = matcher
        self._many = many
        self._may = cores() > 1 if child is None else child
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="judges")
        self._child: subprocess.Popen[bytes] | None = None
        self._ready = False
        self._starting = False
        self._closed = False
        self._failed = 0
        self._rubric = ""  # that the child was told last
        self._idle: threading.Timer | None = None

    @property
    def pid(self) -> int | None:
        """The child's process id while it answers."""
        return self._child.pid if self._child is not None and self._ready else None

    async def judge(self, asks: Sequence[Ask], rubric: Rubric, of: int) -> tuple[Judged | None, ...]:
        """A portion of `of` files, each of them judged, in their order; None for one that is to be read again. The
        answers are the same whoever gives them."""
        if not asks:
            return ()
        if self._may and of >= self._many and not self._ready and not self._starting:
            self._starting = True
            self._thread.submit(self._start)
        if self._ready:
            with suppress(_GoneError):
                return await asyncio.wrap_future(self._thread.submit(self._asked, asks, rubric))
        return await asyncio.to_thread(portion, self._matcher, asks, rubric)

    async def close(self) -> None:
        """End the child and wait for it; from now on there is none."""
        if self._closed:
            return
        self._closed, self._may = True, False
        await asyncio.wrap_future(self._thread.submit(self._stop))
        self._thread.shutdown(wait=False)

    # ------------------------------------------------------------------------------------- in the thread of the child

    def _start(self) -> None:
        root = str(Path(__file__).resolve().parents[2])
        self._rubric = ""
        try:
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-m", f"{__package__}.judging"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env={"PATH": os.defpath, "PYTHONPATH": root, "PYTHONUTF8": "1"},
            )  # fmt: skip
            self._ready = self._exchange(b"", len(READY)) == READY
        except (OSError, _GoneError):
            self._may = False  # it cannot run here: this process does without
        finally:
            self._starting = False

    def _asked(self, asks: Sequence[Ask], rubric: Rubric) -> tuple[Judged | None, ...]:
        told = b"" if self._rubric == rubric.version else pickle.dumps(rubric)
        asked = msgspec.msgpack.encode(asks)
        given = self._exchange(HEAD.pack(len(told), len(asked)) + told + asked, 0)
        self._rubric = rubric.version
        return ANSWERS.decode(given)

    def _exchange(self, data: bytes, size: int) -> bytes:
        """Say this and take the answer, of so many bytes, or of as many as it says. What fails ends the child."""
        child = self._child
        if child is None or child.stdin is None or child.stdout is None:
            raise _GoneError
        if self._idle is not None:
            self._idle.cancel()
        late = threading.Timer(LONGEST, child.kill)
        late.daemon = True
        late.start()
        try:
            child.stdin.write(data)
            child.stdin.flush()
            size = size or _SIZE.unpack(_all(child.stdout, _SIZE.size))[0]
            answer = _all(child.stdout, size)
        except (OSError, _GoneError):
            self._stop()
            self._failed += 1
            self._may = self._may and self._failed < MOST
            raise _GoneError from None
        finally:
            late.cancel()
        self._idle = threading.Timer(IDLE, self._rest)
        self._idle.daemon = True
        self._idle.start()
        return answer

    def _rest(self) -> None:
        """It has had nothing to do for a while."""
        with suppress(RuntimeError):  # closed meanwhile
            self._thread.submit(self._stop)

    def _stop(self) -> None:
        child, self._child, self._ready = self._child, None, False
        if self._idle is not None:
            self._idle.cancel()
        if child is None:
            return
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        child.kill()
        child.wait()


def _all(source: IO[bytes], size: int) -> bytes:
    data = source.read(size)
    if len(data) < size:
        raise _GoneError
    return data
