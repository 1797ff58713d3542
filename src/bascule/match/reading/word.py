"""Visible text of a DOCX: paragraphs, tables, headers, footers, text boxes, in the order of the document."""

import re
import zipfile
from dataclasses import dataclass

import lxml.etree as etree

from .archive import opened, parse
from .found import Found, UnreadableError

TINY = 6
"""Half points: three points."""
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_PARTS = re.compile(r"word/(header|footer)\d*\.xml")


@dataclass(frozen=True, slots=True)
class _Look:
    """How a run looks: what its style, paragraph style and own properties say, None where they say nothing."""

    colour: str | None = None
    size: int | None = None
    vanish: bool | None = None
    shaded: bool | None = None

    def over(self, base: "_Look") -> "_Look":
        return _Look(
            base.colour if self.colour is None else self.colour,
            base.size if self.size is None else self.size,
            base.vanish if self.vanish is None else self.vanish,
            base.shaded if self.shaded is None else self.shaded,
        )


_PLAIN = _Look()


def read(data: bytes) -> Found:
    """Read a DOCX. Raises UnreadableError for a bomb, a broken archive or a document without text."""
    with opened(data) as archive:
        names = archive.namelist()
        looks = _Styles(archive)
        found = Found("")
        ordered = [
            *sorted(n for n in names if (m := _PARTS.fullmatch(n)) and m[1] == "header"),
            "word/document.xml",
            *sorted(n for n in names if (m := _PARTS.fullmatch(n)) and m[1] == "footer"),
            *(n for n in ("word/footnotes.xml", "word/endnotes.xml") if n in names),
        ]
        seen: set[str] = set()
        texts: list[str] = []
        for name in ordered:
            where = "body" if name == "word/document.xml" else name.removeprefix("word/").removesuffix(".xml")
            lines: list[str] = []
            _walk(parse(archive, name), looks, lines, found, where, shaded=False)
            text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
            if text and text not in seen:
                seen.add(text)
                texts.append(text)
        pictures = any(name.startswith("word/media/") for name in names)
    found.text = "\n\n".join(texts)
    if not found.has_words() and not found.hidden:
        what = "only pictures" if pictures else "no text"
        raise UnreadableError(f"The document holds {what}. Ask for a file with text.")
    return found


class _Styles:
    """How each style makes text look, the styles it is based on included. Worked out for those that text asks for: a
    document names hundreds and uses a few."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        here = "word/styles.xml" in archive.namelist()
        styles = parse(archive, "word/styles.xml").iter(f"{_W}style") if here else ()
        self._own = {style.get(f"{_W}styleId", ""): style for style in styles}
        self._looks: dict[str, _Look] = {}

    def look(self, name: str, depth: int = 0) -> _Look:
        if name in self._looks or name not in self._own or depth > 10:
            return self._looks.get(name, _PLAIN)
        style = self._own[name]
        base = style.find(f"{_W}basedOn")
        inherited = self.look(base.get(f"{_W}val", ""), depth + 1) if base is not None else _PLAIN
        self._looks[name] = _properties(style).over(inherited)
        return self._looks[name]


def _properties(holder: etree._Element) -> _Look:
    run = holder.find(f"{_W}rPr")
    paragraph = holder.find(f"{_W}pPr")
    shaded = _shaded(run) or _shaded(paragraph)
    if run is None:
        return _Look(shaded=shaded)
    colour = run.find(f"{_W}color")
    size = run.find(f"{_W}sz")
    vanish = run.find(f"{_W}vanish")
    highlight = run.find(f"{_W}highlight")
    return _Look(
        colour.get(f"{_W}val", "").upper() if colour is not None else None,
        int(value) if size is not None and (value := size.get(f"{_W}val", "")).isdigit() else None,
        vanish.get(f"{_W}val", "1") not in {"0", "false", "off"} if vanish is not None else None,
        True if highlight is not None and highlight.get(f"{_W}val") not in {"none", "white"} else shaded,
    )


def _shaded(properties: etree._Element | None) -> bool | None:
    shading = properties.find(f"{_W}shd") if properties is not None else None
    if shading is None:
        return None
    fill = shading.get(f"{_W}fill", "auto").upper()
    return fill not in {"AUTO", ""} and not _nearly_white(fill)


def _nearly_white(colour: str) -> bool:
    try:
        return len(colour) == 6 and all(int(colour[at : at + 2], 16) > 229 for at in (0, 2, 4))
    except ValueError:
        return False


def _walk(node: etree._Element, looks: _Styles, lines: list[str], found: Found, where: str, shaded: bool) -> None:
    """Append the lines of everything below `node`; a table row is one line, its cells apart."""
    for child in node:
        if child.tag == f"{_W}p":
            _paragraph(child, looks, lines, found, where, shaded)
        elif child.tag == f"{_W}tbl":
            for row in child.iterfind(f"{_W}tr"):
                _row(row, looks, lines, found, where, shaded)
            lines.append("")
        elif isinstance(child.tag, str) and child.tag != f"{_MC}Fallback":
            _walk(child, looks, lines, found, where, shaded)


def _row(row: etree._Element, looks: _Styles, lines: list[str], found: Found, where: str, shaded: bool) -> None:
    cells: list[list[str]] = []
    for cell in row.iter(f"{_W}tc"):
        if next(cell.iterancestors(f"{_W}tr")) is not row:
            continue
        own = _shaded(cell.find(f"{_W}tcPr"))
        inside: list[str] = []
        _walk(cell, looks, inside, found, where, shaded if own is None else own)
        cells.append([line for line in inside if line.strip()])
    if all(len(cell) <= 1 for cell in cells):
        line = "    ".join(" ".join(cell) for cell in cells if cell)
        lines.append(line)
        return
    # A label or a date beside a block of text belongs on the block's first line; two blocks are two columns of a
    # layout.
    filled = [cell for cell in cells if cell]
    if len(filled) == 2 and len(" ".join(filled[0])) < 45:
        lines.append("    ".join([" ".join(filled[0]), filled[1][0]]))
        lines.extend(filled[1][1:])
        return
    for cell in filled:
        lines.extend(cell)
        lines.append("")


def _paragraph(node: etree._Element, looks: _Styles, lines: list[str], found: Found, where: str, shaded: bool) -> None:
    properties = node.find(f"{_W}pPr")
    style = properties.find(f"{_W}pStyle") if properties is not None else None
    base = looks.look(style.get(f"{_W}val", "")) if style is not None else _PLAIN
    if properties is not None:
        base = _Look(shaded=_shaded(properties)).over(base)
    pieces: list[str] = []
    boxes: list[str] = []
    for run in node.iter(f"{_W}r"):
        if next(run.iterancestors(f"{_W}p")) is not node or any(a.tag == f"{_MC}Fallback" for a in run.iterancestors()):
            continue
        text = _run_text(run)
        why = _unseen(run, looks, base, shaded)
        if why and text.strip():
            found.hide(why, where, text)
        else:
            pieces.append(text)
        for box in run.iter(f"{_W}txbxContent"):
            if not any(a.tag == f"{_MC}Fallback" for a in box.iterancestors()):
                _walk(box, looks, boxes, found, where, shaded)
    text = "".join(pieces)
    if properties is not None and properties.find(f"{_W}numPr") is not None and text.strip():
        text = f"- {text}"
    lines.extend(boxes)
    lines.extend(text.split("\n"))


def _run_text(run: etree._Element) -> str:
    pieces: list[str] = []
    for child in run:
        if child.tag == f"{_W}t":
            pieces.append(child.text or "")
        elif child.tag == f"{_W}tab":
            pieces.append("    ")
        elif child.tag in {f"{_W}br", f"{_W}cr"}:
            pieces.append("\n")
        elif child.tag == f"{_W}noBreakHyphen":
            pieces.append("-")
    return "".join(pieces)


def _unseen(run: etree._Element, looks: _Styles, base: _Look, shaded: bool) -> str:
    properties = run.find(f"{_W}rPr")
    look = base
    if properties is not None:
        style = properties.find(f"{_W}rStyle")
        if style is not None:
            look = looks.look(style.get(f"{_W}val", "")).over(look)
        look = _properties(run).over(look)
    if look.vanish:
        return "hidden text"
    if look.size is not None and look.size < TINY:
        return "tiny text"
    if look.colour and _nearly_white(look.colour) and not look.shaded and not shaded:
        return "white text"
    return ""
