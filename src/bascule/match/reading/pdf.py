"""Visible text of a PDF in reading order, with the gaps between words repaired.

Many PDFs place every glyph by itself and store no spaces; a space is then a gap wider than a tenth of the glyph's
height. Text that nobody can see (the colour of what lies under it, tiny, invisible, covered, off the page) is kept
apart."""
# ruff: noqa: RUF001 (resumes hold these characters)

import ctypes
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from . import pictures
from .found import Found, UnreadableError

WORD_GAP = 0.09
"""Of the glyph's height: a wider gap is a space."""
KERNED_GAP = 0.16
"""Of the glyph's height: as much wider than usual after the same letter is a space too. The box of a letter such as f
reaches far over the next one's, and a space behind it then shows as a narrow gap or none."""
COLUMN_GAP = 1.1
"""Of the glyph's height: a wider gap may separate columns."""
TINY = 3.0
"""Points: smaller text is not meant to be read by people."""
SAME_COLOUR = 26
"""Of 255: colours nearer than this in every channel cannot be told apart."""
MANY_PAGES = 100


def _direct(function: Any, result: Any, *arguments: Any) -> Any:
    """A pdfium function with plain integers for pointers: called per glyph, the checks of typed pointers cost more
    than the work."""
    address: Any = ctypes.cast(function, ctypes.c_void_p).value
    return ctypes.PYFUNCTYPE(result, *arguments)(address)


_POINTER, _INT, _UINT = ctypes.c_void_p, ctypes.c_int, ctypes.c_uint
_object_on_page = _direct(raw.FPDFPage_GetObject, _POINTER, _POINTER, _INT)
_object_in_form = _direct(raw.FPDFFormObj_GetObject, _POINTER, _POINTER, ctypes.c_ulong)
_type_of = _direct(raw.FPDFPageObj_GetType, _INT, _POINTER)
_colour_of = _direct(raw.FPDFPageObj_GetFillColor, _INT, _POINTER, _POINTER, _POINTER, _POINTER, _POINTER)
_mode_of = _direct(raw.FPDFTextObj_GetTextRenderMode, _INT, _POINTER)
_code_of = _direct(raw.FPDFText_GetUnicode, _UINT, _POINTER, _INT)
_glyph_box_of = _direct(raw.FPDFText_GetLooseCharBox, _INT, _POINTER, _INT, _POINTER)
_object_of = _direct(raw.FPDFText_GetTextObject, _POINTER, _POINTER, _INT)

OBJECTS = 50_000
"""Objects looked at per page or form."""
_WHITE = (255, 255, 255)
_Matrix = tuple[float, float, float, float, float, float]
_UPRIGHT: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(slots=True)
class Segment:
    """Glyphs of one line without a wide gap: a piece of a line, or a cell."""

    text: str
    left: float
    right: float
    bottom: float
    top: float


@dataclass(slots=True)
class _Fill:
    order: int
    left: float
    bottom: float
    right: float
    top: float
    colour: tuple[int, int, int] | None
    """None for a picture: what colour lies under the text is then unknown."""


def read(data: bytes, page_cap: int) -> Found:
    """Read at most `page_cap` pages. Raises UnreadableError for what is encrypted, broken, endless or without
    text."""
    document = _open(data)
    try:
        count = len(document)
        if count > MANY_PAGES:
            raise UnreadableError(f"The PDF has {count:,} pages; a resume has a few. Ask for the resume alone.")
        found = Found("", count)
        for number in range(min(count, page_cap)):
            page = document[number]
            text, seen = _page(page, number + 1, found)
            found.texts.append(text)
            if seen and sum(map(str.isalnum, text)) < 20 and len(found.scans) < pictures.PAGES:
                found.scans[number] = _picture(page)
            page.close()
        if count > page_cap:
            found.notes.append(("long file", f"only the first {page_cap} of {count} pages were read"))
        found.text = "\n\n".join(found.texts)
        _without_text(found)
        return found
    finally:
        document.close()


def _without_text(found: Found) -> None:
    """What is to be done about pages that are pictures. Raises UnreadableError where there is nothing to read."""
    if found.scans and not pictures.program():
        if not found.has_words():
            raise UnreadableError(
                f"The PDF holds pictures of pages and no text (a scan). {pictures.MISSING} Ask for a PDF with text."
            )
        pages = ", ".join(str(page + 1) for page in found.scans)
        found.notes.append(("page is a picture", f"what stands on page {pages} was not read. {pictures.MISSING}"))
        found.scans.clear()
    if not found.scans and not found.has_words() and not found.hidden:
        raise UnreadableError("The PDF has no text. Ask for another file.")


def _picture(page: pdfium.PdfPage) -> bytes:
    """A page as a grey picture in the portable format (PGM), at 200 dots an inch."""
    longest = max(page.get_width(), page.get_height(), 1.0)
    bitmap = cast(Any, page.render(scale=min(200 / 72, 3000 / longest), grayscale=True))
    rows = memoryview(bitmap.buffer).cast("B")
    lines = [bytes(rows[at * bitmap.stride : at * bitmap.stride + bitmap.width]) for at in range(bitmap.height)]
    return b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + b"".join(lines)


def _open(data: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableError("The PDF is locked with a password. Ask for an unlocked file.") from error
        raise UnreadableError("The PDF is broken and cannot be opened. Ask for the file again.") from error


def _page(page: pdfium.PdfPage, number: int, found: Found) -> tuple[str, int]:
    """The text of one page, and how many pictures are on it."""
    texts: list[tuple[int, int, _Matrix]] = []
    fills: list[_Fill] = []
    _objects(page.raw, None, _UPRIGHT, 0, texts, fills)
    unseen = _unseen(texts, fills)
    bounds = cast("tuple[float, float, float, float]", page.get_bbox())
    textpage = page.get_textpage()
    try:
        segments = _segments(textpage.raw, unseen, bounds, number, found)
    finally:
        textpage.close()
    return "\n".join(_lines_of(segments, bounds[2] - bounds[0])), sum(fill.colour is None for fill in fills)


def _objects(
    page: Any, form: int | None, matrix: _Matrix, depth: int, texts: list[tuple[int, int, _Matrix]], fills: list[_Fill]
) -> None:
    """Sort a page's objects in painting order, those inside forms too, into pieces of text and filled areas."""
    type_of, text_kind = _type_of, raw.FPDF_PAGEOBJ_TEXT
    inside, object_at = (form, _object_in_form) if form else (_address(page), _object_on_page)
    count = raw.FPDFFormObj_CountObjects(_typed(form)) if form else raw.FPDFPage_CountObjects(page)
    for at in range(min(count, OBJECTS)):
        thing = object_at(inside, at)
        kind = type_of(thing)
        order = len(texts) + len(fills)
        if kind == text_kind:
            texts.append((order, thing, matrix))
        elif kind == raw.FPDF_PAGEOBJ_FORM and depth < 5:
            inner = raw.FS_MATRIX()
            raw.FPDFPageObj_GetMatrix(_typed(thing), inner)
            own = (inner.a, inner.b, inner.c, inner.d, inner.e, inner.f)
            _objects(page, thing, _times(own, matrix), depth + 1, texts, fills)
        elif kind in {raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING}:
            fills.append(_Fill(order, *_box(thing, matrix), None))
        elif kind == raw.FPDF_PAGEOBJ_PATH and (colour := _path_fill(thing)) is not None:
            fills.append(_Fill(order, *_box(thing, matrix), colour))


def _box(thing: int, matrix: _Matrix) -> tuple[float, float, float, float]:
    """Left, bottom, right, top in page coordinates."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    raw.FPDFPageObj_GetBounds(_typed(thing), left, bottom, right, top)
    xs = (left.value, right.value)
    ys = (bottom.value, top.value)
    if matrix != _UPRIGHT:
        a, b, c, d, e, f = matrix
        corners = [(x, y) for x in xs for y in ys]
        xs = tuple(x * a + y * c + e for x, y in corners)
        ys = tuple(x * b + y * d + f for x, y in corners)
    return min(xs), min(ys), max(xs), max(ys)


def _times(inner: _Matrix, outer: _Matrix) -> _Matrix:
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def _path_fill(thing: int) -> tuple[int, int, int] | None:
    mode, stroke = ctypes.c_int(), ctypes.c_int()
    if not raw.FPDFPath_GetDrawMode(_typed(thing), mode, stroke) or not mode.value:
        return None
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    raw.FPDFPageObj_GetFillColor(_typed(thing), red, green, blue, alpha)
    return (red.value, green.value, blue.value) if alpha.value > 200 else None


def _unseen(texts: list[tuple[int, int, _Matrix]], fills: list[_Fill]) -> dict[int, str]:
    """Why the pieces of text that cannot be seen cannot, by address. Most pages need two calls a piece and no
    geometry."""
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    places = tuple(ctypes.addressof(channel) for channel in (red, green, blue, alpha))
    colour_of, mode_of = _colour_of, _mode_of
    # Rules and bullets are too small to hide text.
    covers = [f for f in fills if f.colour and f.top - f.bottom > 6 and f.right - f.left > 12]
    grounds = {f.colour for f in covers if f.colour} | {_WHITE}
    last_cover = max((f.order for f in covers), default=-1)
    unseen: dict[int, str] = {}
    known: dict[tuple[int, int, int, int], bool] = {}
    invisible = raw.FPDF_TEXTRENDERMODE_INVISIBLE
    for order, thing, matrix in texts:
        if not colour_of(thing, *places):
            continue
        channels = (red.value, green.value, blue.value, alpha.value)
        faint = known.get(channels)
        if faint is None:
            faint = channels[3] < 20 or any(_same(channels[:3], ground) for ground in grounds)
            known[channels] = faint
        ghost = mode_of(thing) == invisible
        if faint or ghost or order < last_cover:
            why = _judge(order, _box(thing, matrix), channels, faint, ghost, fills, covers)
            if why:
                unseen[thing] = why
    return unseen


def _same(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    return (
        abs(one[0] - other[0]) < SAME_COLOUR
        and abs(one[1] - other[1]) < SAME_COLOUR
        and abs(one[2] - other[2]) < SAME_COLOUR
    )


def _judge(
    order: int, box: tuple[float, float, float, float], colour: tuple[int, int, int, int], faint: bool, ghost: bool,
    fills: list[_Fill], covers: list[_Fill],
) -> str:  # fmt: skip
    left, bottom, right, top = box
    x, y = (left + right) / 2, (bottom + top) / 2
    under = [f for f in fills if f.order < order and f.left <= x <= f.right and f.bottom <= y <= f.top]
    if ghost:
        # An invisible layer over a picture is how scanned pages carry their recognised text.
        return "" if any(fill.colour is None for fill in under) else "invisible text"
    if any(
        f.order > order and f.left <= left and right <= f.right and f.bottom <= bottom and top <= f.top for f in covers
    ):
        return "covered text"
    if not faint or (under and under[-1].colour is None):
        return ""
    ground = (under[-1].colour if under else None) or _WHITE
    if colour[3] < 20 or _same(colour[:3], ground):
        return "white text" if ground == _WHITE else "text in the colour of its background"
    return ""


def _address(thing: Any) -> int:
    return ctypes.cast(thing, ctypes.c_void_p).value or 0


def _typed(address: int) -> Any:
    return ctypes.cast(address, raw.FPDF_PAGEOBJECT)


def _segments(
    textpage: Any, unseen: dict[int, str], page: tuple[float, float, float, float], number: int, found: Found
) -> list[Segment]:
    """Put glyphs together to pieces of lines; glyphs that cannot be seen go to `found.hidden`."""
    lines: list[tuple[list[str], float, float, float, float]] = []
    gaps: dict[str, list[float]] = {}
    narrow: list[tuple[list[str], int, str, float]] = []
    box = raw.FS_RECTF()
    place = ctypes.addressof(box)
    code_of, box_of, object_of, text = _code_of, _glyph_box_of, _object_of, _address(textpage)
    glyphs: list[str] = []
    left = right = bottom = top = 0.0
    space = False
    secret: list[str] = []
    why = ""
    for at in range(raw.FPDFText_CountChars(textpage)):
        code = code_of(text, at)
        # pdfium gives 2 for a hyphen at a line's end.
        character = (
            chr(code) if 2 < code < 0xD800 else _CODES.get(code) or (chr(code) if 0xE000 <= code <= 0x10FFFF else " ")
        )
        if character.isspace():
            space = True
            if secret and secret[-1] != " ":
                secret.append(" ")
            continue
        box_of(text, at, place)
        low, high, start, end = box.bottom, box.top, box.left, box.right
        height = high - low if high - low > 0.1 else 0.1
        reason = unseen.get(object_of(text, at), "") if unseen else ""
        if end < page[0] or start > page[2] or high < page[1] or low > page[3]:
            reason = "text off the page"
        elif height < TINY:
            reason = reason or "tiny text"
        if reason:
            if reason != why:
                found.hide(why, f"page {number}", "".join(secret))
                secret, why = [], reason
            secret.append(character)
            continue
        gap = start - right
        # Written out, without min() and max(): this runs for every glyph.
        line = top - bottom
        level = (high if high < top else top) - (low if low > bottom else bottom) >= 0.5 * (
            height if height < line else line
        )
        if not glyphs or not level or gap < -2 * height or gap > COLUMN_GAP * (height if height > line else line):
            if glyphs:
                lines.append((glyphs, left, right, bottom, top))
                glyphs = []
            left, right, bottom, top = start, end, low, high
        else:
            if space or gap > WORD_GAP * height:
                glyphs.append(" ")
            else:
                last = glyphs[-1]
                gap /= height
                if last in gaps:
                    gaps[last].append(gap)
                else:
                    gaps[last] = [gap]
                if gap > KERNED_GAP - 0.3:
                    narrow.append((glyphs, len(glyphs), last, gap))
            right = end if end > right else right
            bottom = low if low < bottom else bottom
            top = high if high > top else top
        glyphs.append(character)
        space = False
    if glyphs:
        lines.append((glyphs, left, right, bottom, top))
    found.hide(why, f"page {number}", "".join(secret))
    usual = {letter: sorted(seen)[len(seen) // 4] for letter, seen in gaps.items() if len(seen) >= 4}
    for line, place, letter, gap in narrow:
        if gap - usual.get(letter, gap) > KERNED_GAP:
            line[place] = " " + line[place]
    return [Segment("".join(line), *edges) for line, *edges in lines]


_DATES = re.compile(
    r"(?:[^\W\d_]{3,9}\.? ?)?['’]?\d[\d./ -]*(?:\s*[-–—]\s*|\s\w{2,6}\s|$)[^\d]{0,12}\d{0,4}[\d./ -]*.{0,10}"
)
"""A date or a range of dates and hardly anything else: the left cell of a table of positions."""
_CODES = {0: " ", 2: "-", 0xFFFE: " ", 0xFFFF: " "}


def _lines_of(segments: list[Segment], width: float) -> list[str]:
    """Lines in reading order: full-width bands from the top down, and inside a band of columns one column after the
    other."""
    if not segments:
        return []
    columns = _columns(segments, width)
    if columns is None:
        return _rows(segments)
    gutter, high, low = columns
    above = [s for s in segments if s.bottom >= high]
    below = [s for s in segments if s.top <= low]
    band = [s for s in segments if s.bottom < high and s.top > low]
    left = [s for s in band if s.right <= gutter]
    right = [s for s in band if s.right > gutter]
    result: list[str] = []
    for group in (above, left, right, below):
        if group:
            result += [
                *([""] if result else []),
                *(_rows(group) if group in (left, right) else _lines_of(group, width)),
            ]
    return result


def _columns(segments: list[Segment], width: float) -> tuple[float, float, float] | None:
    """A gutter that parts a tall band of the page in two columns of running text: (x, top of the band, its
    bottom)."""
    best: tuple[float, tuple[float, float, float]] | None = None
    edges = sorted({round(s.left, 0) for s in segments if 0.15 * width < s.left < 0.85 * width})
    for edge in edges:
        gutter = edge - 0.5
        crossing = sorted((s.top for s in segments if s.left < gutter < s.right), reverse=True)
        tops = [float("inf"), *crossing, float("-inf")]
        for high_edge, low_edge in pairwise(tops):
            band = [s for s in segments if s.top < high_edge - 0.01 and s.top > low_edge + 0.01]
            left, right = [s for s in band if s.right <= gutter], [s for s in band if s.left >= gutter]
            if not _are_columns(left, right):
                continue
            letters = sum(len(s.text) for s in band)
            high, low = max(s.top for s in band) + 0.01, min(s.bottom for s in band) - 0.01
            if best is None or letters > best[0]:
                best = (letters, (gutter, high, low))
    return best[1] if best else None


def _are_columns(left: list[Segment], right: list[Segment]) -> bool:
    """Two columns of text, and not a table whose rows belong together (dates beside what was done then)."""
    if len(left) < 5 or len(right) < 5:
        return False
    narrow = min(left, right, key=lambda side: sum(len(s.text) for s in side))
    total = sum(len(s.text) for s in left) + sum(len(s.text) for s in right)
    letters = sum(len(s.text) for s in narrow)
    if letters < 0.12 * total:
        return False
    wide = right if narrow is left else left
    level = sum(any(abs(s.bottom - other.bottom) < 2 for other in wide) for s in narrow) / len(narrow)
    dated = sum(bool(_DATES.fullmatch(s.text)) for s in narrow)
    if level > 0.8 and dated >= 2 and dated / len(narrow) > 0.25:
        return False
    return not (
        dated / len(narrow) > 0.4 or (level > 0.9 and len(narrow) * 1.2 >= len(wide) and letters / len(narrow) < 22)
    )


def _rows(segments: list[Segment]) -> list[str]:
    """Segments of one height make a line; a wide gap inside it stays visible, a wide gap between lines is a blank
    line."""
    rows: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda s: (-s.top, s.left)):
        row = rows[-1] if rows else None
        if row:
            overlap = min(row[0].top, segment.top) - max(row[0].bottom, segment.bottom)
            if overlap > 0.5 * min(row[0].top - row[0].bottom, segment.top - segment.bottom):
                row.append(segment)
                continue
        rows.append([segment])
    lines: list[str] = []
    last = None
    for row in rows:
        height = max(s.top - s.bottom for s in row)
        if last is not None and last - max(s.top for s in row) > 0.6 * height:
            lines.append("")
        lines.append("    ".join(s.text for s in sorted(row, key=lambda s: s.left)))
        last = min(s.bottom for s in row)
    return lines
