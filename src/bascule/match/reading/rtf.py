"""Visible text of an RTF document: paragraphs, tables, headers, footers, in the order of the file.

Written for this: the libraries at hand drop what hides text (colour, size, the hidden mark), which must be shown.
Reference: Rich Text Format Specification 1.9.1."""

import re
from dataclasses import dataclass, replace

from .found import Found, UnreadableError

TINY = 6
"""Half points: three points."""
DEPTH, TOKENS = 200, 3_000_000
_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})?[ ]?|\\'([0-9a-fA-F]{2})|\\([^a-z'])|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\"
)
_LEFT_OUT = frozenset(
    str.split("""fonttbl stylesheet info pict object themedata colorschememapping datastore latentstyles listtable
    listoverridetable rsidtbl generator xmlnstbl fldinst bkmkstart bkmkend annotation atnid atnauthor atndate
    revtbl filetbl mmathPr pgptbl userprops template nonshppict falt panose""")
)
"""Destinations without text of the document's own."""
_SAYS = {
    "par": "\n", "line": "\n", "sect": "\n", "page": "\n", "row": "\n", "cell": "    ", "nestcell": "    ",
    "nestrow": "\n", "tab": "    ", "emdash": "\u2014", "endash": "\u2013", "bullet": "\u2022", "lquote": "\u2018",
    "rquote": "\u2019", "ldblquote": "\u201c", "rdblquote": "\u201d", "emspace": " ", "enspace": " ", "qmspace": " ",
}  # fmt: skip
_MARKS = {b"~": " ", b"_": "-", b"\n": "\n", b"\r": "\n", b"\\": "\\", b"{": "{", b"}": "}"}
_CODE_PAGES = {10000: "mac_roman", 65001: "utf-8", 0: "cp1252"}


@dataclass(frozen=True, slots=True)
class _State:
    """What a group inherits from the one around it and forgets at its end."""

    skip: bool = False
    colours: bool = False
    hidden: bool = False
    colour: int = 0
    ground: int = 0
    size: int = 24
    fallback: int = 1
    """Characters to pass over after one that is given by number."""


def read(data: bytes) -> Found:
    """Read an RTF file. Raises UnreadableError for one that is nested or long beyond reason, or without text."""
    found = Found("")
    found.text = re.sub(r"\n{3,}", "\n\n", _Reader(data, found).read()).strip()
    if not found.has_words() and not found.hidden:
        raise UnreadableError("The document holds no text. Ask for a file with text.")
    return found


class _Reader:
    def __init__(self, data: bytes, found: Found) -> None:
        self._data = data
        self._found = found
        self._pieces: list[str] = []
        self._raw = bytearray()
        self._state = _State()
        self._stack: list[_State] = []
        self._codec = "cp1252"
        self._palette: list[tuple[int, int, int] | None] = []
        self._mixing: dict[str, int] = {}
        self._pass_over = 0
        self._star = False

    def read(self) -> str:
        at, data = 0, self._data
        for _ in range(TOKENS):
            token = _TOKEN.match(data, at)
            if token is None:
                self._flush()
                return "".join(self._pieces)
            at = token.end()
            word, number, code, mark, brace, plain = token.groups()
            if word is not None:
                value = int(number) if number is not None else None
                if word == b"bin":
                    at += max(0, value or 0)
                self._word(word.decode("ascii"), value)
            elif code is not None:
                self._byte(int(code, 16))
            elif mark == b"*":
                self._star = True
                continue
            elif mark is not None:
                self._say(_MARKS.get(mark, ""))
            elif brace is not None:
                self._brace(brace)
            elif plain is not None:
                self._plain(plain)
            self._star = False
        raise UnreadableError("The document is far longer than a resume ever is. Ask for a simpler file.")

    def _brace(self, brace: bytes) -> None:
        self._flush()
        if brace == b"{":
            if len(self._stack) >= DEPTH:
                raise UnreadableError("The document is nested deeper than a resume ever is. Ask for a simpler file.")
            self._stack.append(self._state)
        elif self._stack:
            self._state = self._stack.pop()

    def _word(self, word: str, value: int | None) -> None:
        state = self._state
        if word == "u" and value is not None:
            self._say(chr(value % 65536) if not 0xD800 <= value % 65536 < 0xE000 else "\ufffd")
            self._pass_over = state.fallback
            return
        self._flush()
        if self._star or word in _LEFT_OUT:
            self._state = replace(state, skip=True)
        elif word == "colortbl":
            self._state = replace(state, colours=True)
        elif state.colours and word in {"red", "green", "blue"}:
            self._mixing[word] = value or 0
        elif word in _SAYS:
            self._say(_SAYS[word])
        elif word == "ansicpg":
            self._codec = _known(_CODE_PAGES.get(value or 0, f"cp{value}"))
        else:
            self._format(word, value)

    def _format(self, word: str, value: int | None) -> None:
        state = self._state
        if word == "v":
            self._state = replace(state, hidden=value != 0)
        elif word == "plain":
            self._state = replace(state, hidden=False, colour=0, ground=0, size=24)
        elif word == "cf":
            self._state = replace(state, colour=value or 0)
        elif word in {"highlight", "cb", "chcbpat"}:
            self._state = replace(state, ground=value or 0)
        elif word == "fs":
            self._state = replace(state, size=value or 24)
        elif word == "shptxt":
            # A text box stands inside a destination that is otherwise left out.
            self._state = replace(state, skip=False)
        elif word == "uc":
            self._state = replace(state, fallback=max(0, value if value is not None else 1))

    def _plain(self, plain: bytes) -> None:
        if self._state.colours:
            for _ in range(plain.count(b";")):
                mixed = tuple(self._mixing.get(name, 0) for name in ("red", "green", "blue"))
                self._palette.append((mixed[0], mixed[1], mixed[2]) if self._mixing else None)
                self._mixing = {}
            return
        skipped = min(self._pass_over, len(plain))
        self._pass_over -= skipped
        self._raw += plain[skipped:]

    def _byte(self, byte: int) -> None:
        if self._pass_over:
            self._pass_over -= 1
        else:
            self._raw.append(byte)

    def _flush(self) -> None:
        """Bytes are decoded together: some code pages write a character in two."""
        if self._raw:
            text = self._raw.decode(self._codec, "replace")
            self._raw.clear()
            self._put(text)
        self._pass_over = 0

    def _say(self, text: str) -> None:
        self._flush()
        self._put(text)

    def _put(self, text: str) -> None:
        state = self._state
        if state.skip or state.colours:
            return
        why = self._unseen() if text.strip() else ""
        if why:
            self._found.hide(why, "body", text)
        else:
            self._pieces.append(text)

    def _unseen(self) -> str:
        state = self._state
        if state.hidden:
            return "hidden text"
        if state.size < TINY:
            return "tiny text"
        if self._white(state.colour) and (not state.ground or self._white(state.ground)):
            return "white text"
        return ""

    def _white(self, number: int) -> bool:
        colour = self._palette[number] if 0 <= number < len(self._palette) else None
        return colour is not None and min(colour) > 229


def _known(codec: str) -> str:
    try:
        "".encode(codec)
    except LookupError:
        return "cp1252"
    return codec
