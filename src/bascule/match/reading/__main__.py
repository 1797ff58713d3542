"""The child's loop: one file in, one answer out, until the pipe closes.

Each request is eight bytes of header length and data length, a JSON header, the data. Each answer is four bytes of
length and JSON; `{"wait": true}` before it asks for the time that pictures take. Limits are set before anything is
parsed; the parent kills a child that takes too long.
"""

import contextlib
import ctypes
import json
import os
import signal
import struct
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

from . import plain
from .found import HIDDEN_KEPT, Found, UnreadableError

_SET_PARENT_DEATH_SIGNAL = 1
TEXT_CAP = 400_000
"""Characters of text handed back at most; a long resume has 20,000."""


def main() -> None:
    requests: BinaryIO = sys.stdin.buffer
    # Libraries that print must not break the protocol: the answers go out on a private copy of the pipe.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    limits = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    _die_with_parent()
    _limit_process(limits)
    _answer(answers, {"ready": os.getpid()})
    while head := requests.read(8):
        header_size, size = struct.unpack(">II", head)
        header: dict[str, Any] = json.loads(requests.read(header_size))
        data = requests.read(size)
        if len(data) < size:
            return
        _limit_cpu(limits.get("cpu_s", 10))
        _answer(answers, _read(data, header["pages"], lambda: _answer(answers, {"wait": True})))


def _read(data: bytes, pages: int, wait: Callable[[], None]) -> dict[str, Any]:
    """Read one file. `wait` asks for the time that recognising pictures takes."""
    try:
        found = _parse(data, pages)
        if found.scans:
            from . import pictures

            wait()
            pictures.recognise(found)
    except UnreadableError as error:
        return {"reason": str(error)}
    except (MemoryError, RecursionError):
        return {
            "reason": "The file needs far more memory than a resume ever does. Ask for a simpler file.",
            "exhausted": True,
        }
    text = found.text
    if len(text) > TEXT_CAP:
        found.notes.append(("long file", f"only the first {TEXT_CAP:,} characters were read"))
        text = text[:TEXT_CAP]
    hidden = [[what, where, len(words), words[:HIDDEN_KEPT]] for what, where, words in found.hidden[:20]]
    return {
        "text": text, "pages": found.pages, "hidden": hidden, "notes": found.notes, "sureness": found.sureness,
    }  # fmt: skip


def _parse(data: bytes, pages: int) -> Found:
    # Each parser's libraries load on first need: a workspace that only gets PDFs never pays for the others.
    match plain.kind_of(data):
        case "pdf":
            from . import pdf

            return pdf.read(data, pages)
        case "word":
            from . import word

            return word.read(data)
        case "odt":
            from . import odt

            return odt.read(data)
        case "rtf":
            from . import rtf

            return rtf.read(data)
        case "picture":
            from . import pictures

            return pictures.read(data)
        case "web":
            from . import web

            return web.read(data)
        case _:
            return plain.read(data)


def _answer(pipe: BinaryIO, answer: dict[str, Any]) -> None:
    body = json.dumps(answer).encode()
    pipe.write(struct.pack(">I", len(body)) + body)
    pipe.flush()


def _die_with_parent() -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def _limit_process(limits: dict[str, int]) -> None:
    if sys.platform == "win32":
        return
    import resource

    megabytes = limits.get("memory_mb", 768) * 1024 * 1024
    for kind, value in ((resource.RLIMIT_AS, megabytes), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)):
        # Not every system enforces or allows every limit; the parent's clock holds everywhere.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))


def _limit_cpu(seconds: int) -> None:
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


if __name__ == "__main__":
    main()
