"""Text in pictures of pages, by Tesseract where it is installed.

The program runs as a child of the reader's child and inherits its limits. It gets the picture through a pipe and writes
no file."""

import shutil
import subprocess
from collections.abc import Sequence

from .found import Found, UnreadableError

LANGUAGES = ("eng", "deu", "swe", "fra")
"""Tesseract's names of the languages that are looked for, as far as their data is installed."""
PAGE_S = 25
"""Seconds for one page."""
PAGES = 4
"""Pages of one file that are looked at."""
MISSING = "Pictures are read only where Tesseract is installed (on Debian and Ubuntu: apt-get install tesseract-ocr)."
SURE = 60
"""Of 100: mean certainty of the words below which a person is told that much may be misread."""


def program() -> str | None:
    """Where Tesseract is, None where it is not installed."""
    return shutil.which("tesseract")


def read(data: bytes) -> Found:
    """A picture file of one page, still to be recognised. Raises UnreadableError, saying what to do, where that is not
    possible here."""
    if program() is None:
        raise UnreadableError(f"The file is a picture. {MISSING} Ask for a PDF or DOCX with text.")
    return Found("", scans={0: data}, texts=[""])


def recognise(found: Found) -> None:
    """Put the text of `found.scans` in its place, and say that it comes from pictures."""
    command = [program() or "tesseract", "stdin", "stdout", "-l", _languages(), "tsv"]
    certain: list[float] = []
    for page, picture in found.scans.items():
        found.texts[page], sure = _lines(_run(command, picture))
        certain += sure
    found.text = "\n\n".join(found.texts)
    if not found.has_words():
        raise UnreadableError("No text could be recognised in the picture or scan. Ask for a PDF or DOCX with text.")
    mean = sum(certain) / len(certain) if certain else 100.0
    told = "much may be misread: look at the file" if mean < SURE else "single words may be misread"
    found.notes.append(("read from a picture", told))
    found.sureness = round(mean / 100, 2)


def _run(command: Sequence[str], page: bytes) -> str:
    try:
        # One thread: the machine has other work, and several are hardly faster on one page.
        done = subprocess.run(
            command, input=page, capture_output=True, timeout=PAGE_S, check=True, env={"OMP_THREAD_LIMIT": "1"}
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableError("Recognising the picture takes too long. Ask for a PDF or DOCX with text.") from error
    except (subprocess.CalledProcessError, OSError) as error:
        raise UnreadableError("The picture is broken and cannot be read. Ask for a PDF or DOCX with text.") from error
    return done.stdout.decode("utf-8", "replace")


def _languages() -> str:
    listed = subprocess.run([program() or "tesseract", "--list-langs"], capture_output=True, check=False, timeout=10)
    installed = listed.stdout.decode("utf-8", "replace").split()
    return "+".join(name for name in LANGUAGES if name in installed) or "eng"


def _lines(table: str) -> tuple[str, list[float]]:
    """Tesseract's table of words (level, page, block, paragraph, line, word, four of place, certainty, text) as lines,
    blocks apart, and the certainty of each word."""
    lines: list[str] = []
    certain: list[float] = []
    place = ("", "", "")
    for row in table.split("\n")[1:]:
        cells = row.rstrip("\r").split("\t")
        if len(cells) < 12 or cells[0] != "5" or not cells[11].strip():
            continue
        here = (cells[2], cells[3], cells[4])
        if here != place:
            if lines and here[0] != place[0]:
                lines.append("")
            lines.append(cells[11].strip())
        else:
            lines[-1] += " " + cells[11].strip()
        place = here
        certain.append(float(cells[10]))
    return "\n".join(lines), certain
