"""Reading files: how many come out, how many of their words are whole, how fast, and what is understood of them."""

import os
import re
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import pypdfium2

from bascule.match import InterruptedReadError, Matcher, Reading, ResumeReader
from bascule.match.minilm import word_pieces

from . import known
from .ranking import AS_OF
from .sets import BELOW, resumes
from .tables import Section, Table
from .vectors import Vectors

_WORD = re.compile(r"[^\W\d_]{2,}")


def measure(folder: Path, vectors: Vectors) -> Section:
    """PDFs in `pdf`, Word files in `docx`, of the folder or of `matching` below it."""
    pdfs, words = _files(folder, "pdf"), _files(folder, "docx")
    absent = [f"{kind}/*.{kind}" for kind, found in (("pdf", pdfs), ("docx", words)) if not found]
    tables: list[Table] = []
    figures: dict[str, Any] = {}
    matcher = Matcher()
    if pdfs:
        vectors.say(f"reading {len(pdfs)} PDFs")
        texts = {one.id: one.text for one in resumes(folder)}
        table, figures["pdf"] = _whole_words(pdfs, texts, Dictionary(matcher))
        tables.append(table)
    if words:
        vectors.say(f"reading {len(words)} Word files")
    for kind, files in (("pdf", pdfs), ("docx", words)):
        if files:
            table, figures[f"{kind} understood"] = _understood(kind, files, matcher)
            tables.append(table)
    vectors.say("reading the demo's CVs")
    table, figures["known"] = known.measure(matcher)
    tables.append(table)
    notes = (
        "A word is whole if it is in a dictionary: the words of the ESCO and O*NET tables and of a general English "
        "vocabulary, both of which ship with Bascule. Names and abbreviations are in none, so nobody reaches 1.",
        "Text in `category_resumes*.jsonl` is of the same documents, by poppler's pdftotext: a good reading.",
        "Files a second are of one process, from the bytes to the text, the start of the reader's process with it.",
        "What is understood of a folder's files has no labels: it says how often something was found, not whether it "
        "is right. The demo's CVs were written with their truth, by those who wrote the reader: a check, no more.",
    )
    return Section(tables=tuple(tables), notes=notes, figures=figures, skipped=_not_found(absent))


def _not_found(absent: Sequence[str]) -> str:
    return f"{' and '.join(absent)} not found" if absent else ""


def _files(folder: Path, kind: str) -> list[Path]:
    return sorted((folder / kind).glob(f"*.{kind}")) or sorted((folder / BELOW / kind).glob(f"*.{kind}"))


class Dictionary:
    """English words and the words of trades, as they ship."""

    def __init__(self, matcher: Matcher) -> None:
        self._pieces = frozenset(word_pieces())
        self._vocabulary = matcher.taxonomy.vocabulary

    def share(self, texts: Sequence[str]) -> float:
        """The share of all words of two letters or more that it knows."""
        words = [word for text in texts for word in _WORD.findall(text.lower())]
        numbers = self._vocabulary.numbers(words)
        known = sum(number >= 0 or word in self._pieces for word, number in zip(words, numbers, strict=True))
        return known / len(words) if words else 0.0


def _whole_words(files: Sequence[Path], known: dict[str, str], dictionary: Dictionary) -> tuple[Table, dict[str, Any]]:
    """Our reader, pdfium's text as it comes, and where it is known the text that pdftotext gave."""
    readings, ours = _read(files)
    texts = [reading.text for reading in readings if reading.status == "read"]
    plain, pdfium = _timed(lambda: [_pdfium(path) for path in files])
    named = [known[id] for path in files if (id := path.stem.rsplit("_", 1)[-1]) in known]
    systems = {
        "Bascule's reader": (texts, ours),
        "pdfium's text as it comes": (plain, pdfium),
        "pdftotext, from the file of resumes": (named, None),
    }
    rows: list[list[str]] = []
    figures: dict[str, Any] = {"files": len(files), "read": len(texts)}
    for name, (found, spent) in systems.items():
        if found:
            share, many = dictionary.share(found), mean([len(text.split()) for text in found])
            speeds = [f"{len(files) / seconds:.0f}" if seconds else "-" for seconds in spent or (0, 0)]
            rows.append([name, f"{len(found)} of {len(files)}", f"{share:.3f}", f"{many:.0f}", *speeds])
            figures[name] = {
                "dictionary": share,
                "words": many,
                "seconds": spent and spent[0],
                "cpu_s": spent and spent[1],
            }
    columns = ["PDFs", "read", "words in a dictionary", "words a document", "files/s", "files/CPU s"]
    return Table(f"{len(files)} PDFs", columns, rows), figures


def _understood(kind: str, files: Sequence[Path], matcher: Matcher) -> tuple[Table, dict[str, Any]]:
    readings, _ = _read(files)
    texts = [reading.text for reading in readings if reading.status == "read"]
    profiles = [matcher.profile(text, AS_OF) for text in texts]
    shares = {
        "read": len(texts) / len(files),
        "a position with dates": _share(bool(one.positions) for one in profiles),
        "a title that O*NET knows": _share(
            bool(one.headline_codes) or any(position.codes for position in one.positions) for one in profiles
        ),
        "years of experience": _share(one.years > 0 for one in profiles),
        "positions whose title O*NET knows": _share(bool(each.codes) for one in profiles for each in one.positions),
        "positions with an employer": _share(bool(each.employer) for one in profiles for each in one.positions),
        "education": _share(one.education > 0 for one in profiles),
        "a skill": _share(bool(matcher.skills.hits(text)) for text in texts),
    }
    rows = [[name, f"{share:.2f}"] for name, share in shares.items()]
    title = f"Of {len(files)} {kind.upper()} files (and of their positions), the share in which this was found"
    return Table(title, ["", "share"], rows), shares


def _share(found: Iterable[bool]) -> float:
    every = list(found)
    return sum(every) / len(every) if every else 0.0


def _one(reader: ResumeReader, path: Path) -> Reading:
    try:
        return reader.read_now(path.read_bytes(), path.name)
    except InterruptedReadError as error:
        return error.reading


def _read(files: Sequence[Path]) -> tuple[list[Reading], tuple[float, float]]:
    """Every file by the product's reader, and the seconds and the processor's seconds it took, its start with it."""
    reader = ResumeReader()

    def read() -> list[Reading]:
        try:
            return [_one(reader, path) for path in files]
        finally:
            reader.stop()

    return _timed(read)


def _timed(work: Callable[[], list[Any]]) -> tuple[list[Any], tuple[float, float]]:
    began, used = time.perf_counter(), sum(os.times()[:4])
    done = work()
    return done, (time.perf_counter() - began, sum(os.times()[:4]) - used)


def _pdfium(path: Path) -> str:
    """A PDF's text without any repair, in this process: these are files of a folder somebody chose to measure."""
    with pypdfium2.PdfDocument(path) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
