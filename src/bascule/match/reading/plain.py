"""Text files, and what a file is by its first bytes."""

import re
import zipfile
from io import BytesIO

from .archive import BROKEN
from .found import Found, UnreadableError

_STRANGE = re.compile("[\x00-\x08\x0e-\x1f\ufffd]")
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"RIFF")


def kind_of(data: bytes) -> str:
    """`pdf`, `word`, `odt`, `rtf`, `web`, `picture` or `text`. Raises UnreadableError, saying what it is, for anything
    else."""
    head = data[:1024]
    if not data.strip():
        raise UnreadableError("The file is empty. Ask for it again.")
    if b"%PDF-" in head:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _archive(data)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableError(
            "The file is an old Word document (.doc) or locked with a password. Ask for a PDF or DOCX."
        )
    if head.startswith(b"{\\rtf"):
        return "rtf"
    if head.startswith(_PICTURES):
        return "picture"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")) or b"<body" in start or b"<html" in start:
        return "web"
    return "text"


def _archive(data: bytes) -> str:
    try:
        names = zipfile.ZipFile(BytesIO(data)).namelist()
    except BROKEN as error:
        raise UnreadableError("The document is broken and cannot be opened. Ask for the file again.") from error
    if "word/document.xml" in names:
        return "word"
    if "content.xml" in names and "mimetype" in names:
        return "odt"
    raise UnreadableError("The file is an archive and not a resume. Ask for a PDF or DOCX.")


def read(data: bytes) -> Found:
    """Read a text file in UTF-8, UTF-16 with its mark, or Windows' Latin alphabet."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
    start = text[:20_000]
    strange = len(_STRANGE.findall(start))
    if strange > 0.01 * len(start):
        raise UnreadableError("The file is not a document (binary data). Ask for a PDF or DOCX.")
    found = Found(text)
    if not found.has_words():
        raise UnreadableError("The file has no text. Ask for it again.")
    return found
