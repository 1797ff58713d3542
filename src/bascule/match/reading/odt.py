"""Visible text of an OpenDocument text: paragraphs, lists, tables, headers, footers, text boxes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import lxml.etree as etree

from .archive import opened, parse
from .found import Found, UnreadableError

TINY = 3.0
"""Points."""
_NS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_TEXT, _STYLE, _TABLE, _OFFICE, _DRAW = (_NS % name for name in ("text", "style", "table", "office", "drawing"))
_FO = _NS % "xsl-fo-compatible"
_LEFT_OUT = frozenset({f"{_OFFICE}annotation", f"{_TEXT}tracked-changes", f"{_TEXT}note-citation"})
_POINTS = {"pt": 1.0, "in": 72.0, "cm": 28.35, "mm": 2.835, "px": 0.75}


@dataclass(frozen=True, slots=True)
class _Look:
    """How a style makes text look, None where it says nothing."""

    colour: str | None = None
    size: float | None = None
    hidden: bool | None = None
    shaded: bool | None = None
    parent: str = ""


class _Reader:
    """Walks one document. `looks` are its styles by name."""

    def __init__(self, looks: Mapping[str, _Look], found: Found) -> None:
        self._looks = looks
        self._found = found
        self.lines: list[str] = []

    def walk(self, node: etree._Element, look: _Look, depth: int = 0) -> None:
        """Append the lines of everything below `node`; a table row is one line, its cells apart."""
        if depth > 100:
            raise UnreadableError("The document is nested deeper than a resume ever is. Ask for a simpler file.")
        for child in node:
            if child.tag in {f"{_TEXT}p", f"{_TEXT}h"}:
                self._paragraph(child, look, depth)
            elif child.tag == f"{_TABLE}table-row":
                self._row(child, look, depth)
            elif child.tag == f"{_TEXT}list-item":
                at = len(self.lines)
                self.walk(child, look, depth + 1)
                if at < len(self.lines):
                    self.lines[at] = f"- {self.lines[at]}"
            elif child.tag == f"{_TABLE}table":
                self.walk(child, look, depth + 1)
                self.lines.append("")
            elif isinstance(child.tag, str) and child.tag not in _LEFT_OUT:
                self.walk(child, look, depth + 1)

    def _row(self, row: etree._Element, look: _Look, depth: int) -> None:
        cells: list[list[str]] = []
        for cell in row.iterfind(f"{_TABLE}table-cell"):
            outer, self.lines = self.lines, []
            self.walk(cell, self._over(cell, look), depth + 1)
            cells.append([line for line in self.lines if line.strip()])
            self.lines = outer
        filled = [cell for cell in cells if cell]
        if all(len(cell) == 1 for cell in filled):
            self.lines.append("    ".join(cell[0] for cell in filled))
        elif len(filled) == 2 and len(" ".join(filled[0])) < 45:
            # A date or a label beside a block of text belongs on the block's first line.
            self.lines += [f"{' '.join(filled[0])}    {filled[1][0]}", *filled[1][1:]]
        else:
            self.lines += [line for cell in filled for line in (*cell, "")]

    def _paragraph(self, node: etree._Element, look: _Look, depth: int) -> None:
        pieces: list[str] = []
        self._inline(node, self._over(node, look), pieces, depth)
        self.lines += "".join(pieces).split("\n")

    def _inline(self, node: etree._Element, look: _Look, pieces: list[str], depth: int) -> None:
        if depth > 100:
            raise UnreadableError("The document is nested deeper than a resume ever is. Ask for a simpler file.")
        self._say(node.text, look, pieces)
        for child in node:
            if child.tag == f"{_TEXT}s":
                pieces.append(
                    " " * min(20, int(child.get(f"{_TEXT}c", "1")) if child.get(f"{_TEXT}c", "1").isdigit() else 1)
                )
            elif child.tag == f"{_TEXT}tab":
                pieces.append("    ")
            elif child.tag == f"{_TEXT}line-break":
                pieces.append("\n")
            elif child.tag == f"{_DRAW}frame":
                self.walk(child, look, depth + 1)
            elif isinstance(child.tag, str) and child.tag not in _LEFT_OUT:
                self._inline(child, self._over(child, look), pieces, depth + 1)
            self._say(child.tail, look, pieces)

    def _say(self, text: str | None, look: _Look, pieces: list[str]) -> None:
        if not text:
            return
        why = _unseen(look)
        if why and text.strip():
            self._found.hide(why, "body", text)
        else:
            pieces.append(re.sub(r"\s+", " ", text))

    def _over(self, node: etree._Element, base: _Look) -> _Look:
        """The look of what carries a style, on top of what is around it."""
        name = node.get(f"{_TEXT}style-name") or node.get(f"{_TABLE}style-name") or ""
        chain: list[_Look] = []
        while name in self._looks and len(chain) < 10:
            chain.append(self._looks[name])
            name = chain[-1].parent
        for style in reversed(chain):
            base = _Look(
                base.colour if style.colour is None else style.colour,
                base.size if style.size is None else style.size,
                base.hidden if style.hidden is None else style.hidden,
                base.shaded if style.shaded is None else style.shaded,
            )
        return base


def read(data: bytes) -> Found:
    """Read an ODT. Raises UnreadableError for a bomb, a broken archive or a document without text."""
    with opened(data) as archive:
        content = parse(archive, "content.xml")
        styles = parse(archive, "styles.xml") if "styles.xml" in archive.namelist() else None
        pictures = any(name.startswith("Pictures/") for name in archive.namelist())
    trees = [tree for tree in (styles, content) if tree is not None]
    found = Found("")
    reader = _Reader({name: look for tree in trees for name, look in _styles(tree)}, found)
    texts: list[str] = []
    body = content.find(f"{_OFFICE}body")
    for part in [*_edges(styles, "header"), body, *_edges(styles, "footer")]:
        reader.lines = []
        if part is not None:
            reader.walk(part, _Look())
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(reader.lines)).strip()
        if text and text not in texts:
            texts.append(text)
    found.text = "\n\n".join(texts)
    if not found.has_words() and not found.hidden:
        raise UnreadableError(
            f"The document holds {'only pictures' if pictures else 'no text'}. Ask for a file with text."
        )
    return found


def _edges(styles: etree._Element | None, which: str) -> list[etree._Element]:
    return list(styles.iter(f"{_STYLE}{which}")) if styles is not None else []


def _styles(tree: etree._Element) -> list[tuple[str, _Look]]:
    return [(style.get(f"{_STYLE}name", ""), _look(style)) for style in tree.iter(f"{_STYLE}style")]


def _look(style: etree._Element) -> _Look:
    colour: str | None = None
    size: float | None = None
    hidden: bool | None = None
    shaded: bool | None = None
    for properties in style:
        colour = properties.get(f"{_FO}color", colour)
        hidden = {"none": True, "true": False}.get(properties.get(f"{_TEXT}display", ""), hidden)
        size = _points(properties.get(f"{_FO}font-size", "")) or size
        ground = properties.get(f"{_FO}background-color")
        if ground is not None:
            shaded = ground != "transparent" and not _nearly_white(ground)
    return _Look(colour, size, hidden, shaded, style.get(f"{_STYLE}parent-style-name", ""))


def _points(length: str) -> float | None:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(pt|in|cm|mm|px)", length)
    return float(found[1]) * _POINTS[found[2]] if found else None


def _nearly_white(colour: str) -> bool:
    return bool(re.fullmatch(r"#(?:[ef][6-9a-f]|f[0-9a-f]){3}", colour, re.IGNORECASE))


def _unseen(look: _Look) -> str:
    if look.hidden:
        return "hidden text"
    if look.size is not None and look.size < TINY:
        return "tiny text"
    if look.colour and _nearly_white(look.colour) and not look.shaded:
        return "white text"
    return ""
