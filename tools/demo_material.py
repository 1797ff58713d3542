"""Make the demo's CV files and its two lists from the hand-written texts in `tools/demo_cvs`.

    .venv/bin/python tools/demo_material.py

Each text is one CV: `key: value` lines about the applicant and what a fair reader should find, a line `--`,
then the CV itself in a small markup (`Mark`). The same texts always give the same bytes, so a re-run without
an edit leaves nothing to commit. Needs reportlab and python-docx, which Bascule itself does not need for this.
"""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import reportlab
from docx import Document
from docx.document import Document as DocxDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from PIL import Image as Picture
from PIL import ImageDraw
from reportlab.lib.colors import HexColor, white
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4, LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    FrameBreak,
    HRFlowable,
    Image,
    NextPageTemplate,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

TEXTS = Path(__file__).parent / "demo_cvs"
MATERIAL = Path(__file__).parent.parent / "src" / "bascule" / "demo" / "material"
STAMP = datetime(2026, 11, 1)  # the day the CVs were "sent"; written into files so that they never differ
COPIED_SHARE = 0.45  # of the broken PDF: an upload that stopped before half


class Mark(StrEnum):
    """What the first characters of a line of CV text say the line is."""

    NAME = "! "
    HEADLINE = "~ "
    CONTACT = "@ "
    DETAIL = ": "  # a line of personal details, `key = value`
    SECTION = "# "
    ENTRY = "## "  # `title :: dates :: employer`
    BULLET = "- "
    ROW = "| "  # cells parted by ` | `
    BREAK = "//"  # the next column, or the next page
    TOP = "^ "  # running head of every page
    FOOT = "_ "
    HIDDEN = "?white "  # a trick: one-point white text
    OPEN = "?open "  # a trick: an instruction in plain sight
    PROSE = ""


@dataclass(frozen=True)
class Block:
    mark: Mark
    text: str
    side: bool = False


@dataclass(frozen=True)
class Cv:
    """One CV text: who sends it where, what it holds, and its lines."""

    facts: dict[str, str]
    blocks: tuple[Block, ...]

    def __getitem__(self, key: str) -> str:
        return self.facts[key]

    @property
    def first_name(self) -> str:
        return self["name"].split(" | ")[0]

    @property
    def last_name(self) -> str:
        return self["name"].split(" | ")[1]

    @property
    def kind(self) -> str:
        return self.facts.get("kind", "honest")

    def without_trick(self) -> "Cv":
        """The same CV as its writer would have sent it without trying to cheat."""
        return replace(self, blocks=tuple(b for b in self.blocks if b.mark not in (Mark.HIDDEN, Mark.OPEN)))

    def of(self, mark: Mark) -> list[str]:
        return [block.text for block in self.blocks if block.mark is mark]


def read(text: str) -> Cv:
    head, body = text.split("\n--\n", 1)
    facts = dict(line.split(": ", 1) for line in head.splitlines() if line.strip())
    return Cv(facts, tuple(blocks(body)))


def blocks(body: str) -> Iterator[Block]:
    side = False
    for line in filter(str.strip, body.splitlines()):
        if line in ("<<", ">>"):
            side = line == "<<"
            continue
        mark = next(mark for mark in sorted(Mark, key=len, reverse=True) if line.startswith(mark))
        yield Block(mark, line.removeprefix(mark).strip(" |"), side)


# ------------------------------------------------------------------------------------------------ PDF


@dataclass(frozen=True)
class Look:
    """How a PDF is set; every CV text names one."""

    font: str = "Helvetica"
    bold: str = "Helvetica-Bold"
    italic: str = "Helvetica-Oblique"
    size: float = 10
    accent: str = "#222222"
    layout: str = "one"  # one | left | right | columns
    head: str = "left"  # left | center | right | banner
    section: str = "rule"  # rule | caps | box | plain | over
    entry: str = "right"  # right | stack | dates | line
    bullet: str = "•"
    margin: float = 20
    paper: tuple[float, float] = A4
    photo: bool = False


TIMES = {"font": "Times-Roman", "bold": "Times-Bold", "italic": "Times-Italic"}
COURIER = {"font": "Courier", "bold": "Courier-Bold", "italic": "Courier-Oblique"}
VERA = {"font": "Vera", "bold": "VeraBd", "italic": "VeraIt"}

LOOKS = {
    "plain": Look(size=10.6),
    "modern": Look(size=10.5, accent="#0b6e6e", section="caps", entry="stack", bullet="\N{EN DASH}", margin=22),
    "serif": Look(**TIMES, size=11, head="center", section="over", entry="right"),
    "scholar": Look(**TIMES, size=10.5, section="plain", entry="dates", accent="#5b1f1f", margin=25),
    "sidebar": Look(size=10, accent="#23395b", layout="left", section="plain", entry="stack"),
    "rightbar": Look(size=10.2, accent="#8a3b12", layout="right", section="rule", entry="stack"),
    "ledger": Look(size=10, accent="#1f3f77", entry="dates", section="rule"),
    "lebenslauf": Look(size=10.3, accent="#333333", entry="dates", section="plain", photo=True, margin=24),
    "typed": Look(**COURIER, size=10, section="plain", entry="line", bullet="*", margin=22),
    "banner": Look(**VERA, size=9.5, accent="#3d2c5e", head="banner", section="plain", entry="stack"),
    "columns": Look(**TIMES, size=10.8, layout="columns", head="center", section="rule", entry="stack", margin=16),
    "letter": Look(size=10.8, paper=LETTER, section="caps", entry="right", accent="#004225"),
    "boxed": Look(
        size=10.4,
        section="box",
        entry="right",
        accent="#dfe7ef",
        bullet="\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
    ),
}


class Setter:
    """Turns the lines of one CV into reportlab flowables in one look."""

    def __init__(self, look: Look, width: float) -> None:
        self.look, self.width = look, width
        self.body = ParagraphStyle(
            "body", fontName=look.font, fontSize=look.size, leading=look.size * 1.38, spaceAfter=2.5
        )
        self.colour = HexColor(look.accent)

    def style(self, **changes: Any) -> ParagraphStyle:
        return ParagraphStyle(
            "made", parent=self.body, **{key: value for key, value in changes.items() if value is not None}
        )

    def line(self, text: str, **changes: Any) -> Paragraph:
        return Paragraph(escape(text), self.style(**changes))

    def header(self, cv: Cv, *, contacts: bool = True) -> list[Flowable]:
        look = self.look
        align = {"center": TA_CENTER, "right": TA_RIGHT}.get(look.head, 0)
        ink = white if look.head == "banner" else self.colour if look.section != "box" else HexColor("#222222")
        name = self.line(
            cv.of(Mark.NAME)[0],
            fontName=look.bold,
            fontSize=look.size * 2,
            leading=look.size * 2.5,
            textColor=ink,
            alignment=align,
        )
        rest: list[Flowable] = [
            self.line(
                text,
                fontName=look.italic,
                fontSize=look.size * 1.12,
                leading=look.size * 1.5,
                textColor=ink,
                alignment=align,
            )
            for text in cv.of(Mark.HEADLINE)
        ]
        if contacts:
            rest += [
                self.line(text, alignment=align, textColor=ink if look.head == "banner" else None)
                for text in cv.of(Mark.CONTACT)
            ]
        flow: list[Flowable] = [name, *rest]
        if look.head == "banner":
            box = Table([[flow]], colWidths=[self.width])
            box.setStyle(
                [
                    ("BACKGROUND", (0, 0), (-1, -1), self.colour),
                    ("LEFTPADDING", (0, 0), (-1, -1), 12),
                    ("BOTTOMPADDING", (0, 0), (-1, -1), 10),
                ]
            )
            return [box, Spacer(1, 6)]
        if look.photo:
            beside = Table(
                [[flow, Image(io.BytesIO(portrait()), 28 * mm, 35 * mm)]], colWidths=[self.width - 32 * mm, 32 * mm]
            )
            beside.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)])
            return [beside, Spacer(1, 4)]
        return [*flow, Spacer(1, 6)]

    def lines(self, lines: list[Block], *, ink: Any = None) -> list[Flowable]:
        """Body blocks; consecutive table rows become one table."""
        flow: list[Flowable] = []
        rows: list[str] = []
        inset = 0.0
        ended = [*lines, Block(Mark.PROSE, "")]
        for block, following in pairwise([*ended, ended[-1]]):
            if rows and block.mark is not Mark.ROW:
                flow.append(self.table(rows, inset))
                rows = []
            match block.mark:
                case Mark.SECTION:
                    inset = 0
                    flow += self.section(block.text, ink)
                case Mark.ENTRY:
                    inset = 38 * mm if self.look.entry == "dates" else 0
                    flow += self.entry(block.text, ink)
                    if following.mark is not Mark.BULLET:  # nothing to stay together with
                        flow[-1].keepWithNext = 0
                case Mark.BULLET:
                    style = self.style(leftIndent=inset + 10, bulletIndent=inset + 1, textColor=ink, spaceAfter=1)
                    flow.append(Paragraph(escape(block.text), style, bulletText=self.look.bullet))
                case Mark.ROW:
                    rows.append(block.text)
                case Mark.BREAK:
                    flow.append(FrameBreak())
                case Mark.DETAIL:
                    flow.append(self.detail(block.text, ink))
                case Mark.HIDDEN:
                    flow.append(self.line(block.text, fontSize=1, leading=1.2, textColor=white))
                case Mark.PROSE | Mark.OPEN if block.text:
                    flow.append(self.line(block.text, leftIndent=inset, textColor=ink, spaceAfter=3))
                case _:
                    pass
        return flow

    def section(self, text: str, ink: Any) -> list[Flowable]:
        look, size = self.look, self.look.size * 1.2
        base = {"fontName": look.bold, "fontSize": size, "leading": size * 1.3, "spaceBefore": 7, "keepWithNext": 1}
        colour = ink or self.colour
        match look.section:
            case "rule":
                rule = HRFlowable(width="100%", thickness=0.7, color=colour, spaceBefore=0, spaceAfter=3)
                rule.keepWithNext = 1
                return [self.line(text, textColor=colour, **base), rule]
            case "over":
                return [
                    HRFlowable(width="100%", thickness=0.5, color=colour, spaceBefore=5, spaceAfter=0),
                    self.line(text, alignment=TA_CENTER, **base),
                ]
            case "caps":
                return [self.line(text.upper(), textColor=colour, **base)]
            case "box":
                return [
                    self.line(
                        text,
                        backColor=self.colour,
                        borderPadding=(1.5, 3, 2, 3),
                        **{**base, "spaceBefore": 9, "spaceAfter": 5},
                    )
                ]
            case _:
                return [self.line(text, textColor=colour, **base)]

    def entry(self, text: str, ink: Any) -> list[Flowable]:
        title, dates, employer = ([*text.split(" :: "), "", ""])[:3]
        look = self.look
        bold = partial(self.line, fontName=look.bold, textColor=ink, spaceBefore=3, spaceAfter=0, keepWithNext=1)
        soft = partial(self.line, fontName=look.italic, textColor=ink, keepWithNext=1)
        match look.entry:
            case "dates":
                what: list[Flowable] = [bold(title)] + ([soft(employer)] if employer else [])
                return [kept(self.grid([[self.line(dates), what]], [38 * mm, self.width - 38 * mm]))]
            case "right" if dates:
                when = self.line(dates, alignment=TA_RIGHT, spaceBefore=3)
                wide = max(42 * mm, pdfmetrics.stringWidth(dates, look.font, look.size) + 3 * mm)
                row = kept(self.grid([[bold(title), when]], [self.width - wide, wide]))
                return [row] + ([soft(employer)] if employer else [])
            case "line":
                return [bold(", ".join(filter(None, (dates, title, employer))))]
            case _:
                under = " | ".join(filter(None, (employer, dates)))
                return [bold(title)] + ([soft(under)] if under else [])

    def detail(self, text: str, ink: Any) -> Flowable:
        key, value = text.split(" = ", 1)
        if self.look.entry == "dates":
            return self.grid([[self.line(key), self.line(value)]], [38 * mm, self.width - 38 * mm])
        return Paragraph(f"<b>{escape(key)}:</b> {escape(value)}", self.style(textColor=ink, spaceAfter=1))

    def grid(self, rows: list[list[Any]], widths: list[float]) -> Table:
        table = Table(rows, colWidths=widths, hAlign="LEFT")
        table.setStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 0),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
            ]
        )
        table.spaceBefore = 4
        return table

    def table(self, rows: list[str], inset: float) -> Table:
        cells = [[self.line(cell, spaceAfter=0) for cell in row.split(" | ")] for row in rows]
        count = max(map(len, cells))
        share = [1.0] * count if count != 3 else [0.8, 1.5, 1.0]
        widths = [(self.width - inset) * part / sum(share) for part in share]
        table = Table([row + [""] * (count - len(row)) for row in cells], colWidths=widths, repeatRows=0)
        table.setStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.4, HexColor("#999999")),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
            ]
        )
        return table


def kept(flowable: Flowable) -> Flowable:
    flowable.keepWithNext = 1
    return flowable


def portrait() -> bytes:
    """A grey figure where a passport photo would be: an image to be dropped, showing nobody."""
    picture = Picture.new("L", (112, 140), 225)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((36, 24, 76, 72), fill=150)
    draw.ellipse((14, 80, 98, 200), fill=150)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def pdf(cv: Cv) -> bytes:
    look = LOOKS[cv["look"]]
    look = replace(look, accent=cv.facts.get("accent", look.accent), size=float(cv.facts.get("size", look.size)))
    width, height = look.paper
    edge = look.margin * mm
    out = io.BytesIO()
    doc = BaseDocTemplate(
        out,
        pagesize=look.paper,
        title=f"CV {cv.first_name} {cv.last_name}",
        author=f"{cv.first_name} {cv.last_name}",
        invariant=1,
        lang=cv["lang"],
    )
    lines = list(cv.blocks)
    if look.layout in ("left", "right"):
        templates, flow = barred(cv, look)
    else:
        box = partial(Frame, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
        inner = width - 2 * edge
        if look.layout == "columns":
            setter = Setter(look, inner)
            head = setter.header(cv)
            tall = sum(part.wrap(inner, height)[1] + part.getSpaceAfter() for part in head) + 4
            half = (inner - 8 * mm) / 2
            low = [
                box(edge, edge, half, height - 2 * edge - tall),
                box(edge + half + 8 * mm, edge, half, height - 2 * edge - tall),
            ]
            full = [box(edge, edge, half, height - 2 * edge), box(edge + half + 8 * mm, edge, half, height - 2 * edge)]
            first = [box(edge, height - edge - tall, inner, tall), *low]
            templates = [
                PageTemplate("first", first, onPage=running(cv, look)),
                PageTemplate("next", full, onPage=running(cv, look)),
            ]
            flow = [NextPageTemplate("next"), *head, FrameBreak(), *Setter(look, half).lines(lines)]
        else:
            setter = Setter(look, inner)
            templates = [PageTemplate("page", [box(edge, edge, inner, height - 2 * edge)], onPage=running(cv, look))]
            flow = [*setter.header(cv), *setter.lines(lines)]
    doc.addPageTemplates(templates)
    doc.build(flow)
    return out.getvalue()


def barred(cv: Cv, look: Look) -> tuple[list[PageTemplate], list[Flowable]]:
    """A narrow column of contact data and skills beside the wide one; the bar runs on over later pages."""
    width, height = look.paper
    bar, gap = 62 * mm, 8 * mm
    left = look.layout == "left"
    bar_x = 0 if left else width - bar
    main_x, main_w = (bar + gap, width - bar - gap - 14 * mm) if left else (14 * mm, width - bar - gap - 14 * mm)
    box = partial(Frame, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
    side = box(bar_x + 7 * mm, 14 * mm, bar - 14 * mm, height - 28 * mm)
    main = partial(box, main_x, 14 * mm, main_w, height - 28 * mm)
    ink = white if left else HexColor("#333333")
    fill = look.accent if left else "#f1ece6"

    def paint(canvas: Canvas, doc: BaseDocTemplate) -> None:
        canvas.setFillColor(HexColor(fill))
        canvas.rect(bar_x, 0, bar, height, stroke=0, fill=1)
        running(cv, look)(canvas, doc)

    narrow, wide = Setter(look, bar - 14 * mm), Setter(look, main_w)
    contact = [
        narrow.line(part, textColor=ink, fontSize=8) for text in cv.of(Mark.CONTACT) for part in text.split(" | ")
    ]
    flow: list[Flowable] = [
        NextPageTemplate("next"),
        *contact,
        *narrow.lines([b for b in cv.blocks if b.side], ink=ink),
        FrameBreak(),
        *wide.header(cv, contacts=False),
        *wide.lines([b for b in cv.blocks if not b.side]),
    ]
    return [PageTemplate("first", [side, main()], onPage=paint), PageTemplate("next", [main()], onPage=paint)], flow


def running(cv: Cv, look: Look) -> Callable[[Canvas, BaseDocTemplate], None]:
    def paint(canvas: Canvas, doc: BaseDocTemplate) -> None:
        width, height = look.paper
        canvas.setFont(look.font, 8)
        canvas.setFillColor(HexColor("#555555"))
        for text in cv.of(Mark.TOP):
            canvas.drawRightString(width - look.margin * mm, height - 12 * mm, text)
        for text in cv.of(Mark.FOOT):
            canvas.drawCentredString(width / 2, 10 * mm, text.replace("{page}", str(doc.page)))

    return paint


# ----------------------------------------------------------------------------------------------- DOCX


@dataclass(frozen=True)
class Page:
    """How a Word file is set."""

    font: str = "Calibri"
    size: float = 11
    accent: str = "1F3864"
    entry: str = "stack"  # stack | dates | tab
    headings: bool = True  # Word's own heading styles, or bold lines as people make them by hand
    side: bool = False  # the marked part stands in the narrow cell of a one-row table
    center: bool = False
    contact_in_head: bool = False
    photo: bool = False


PAGES = {
    "word": Page(),
    "word-plain": Page(font="Times New Roman", size=12, accent="000000", headings=False),
    "word-dates": Page(font="Arial", size=10, accent="404040", entry="dates", headings=False),
    "word-photo": Page(font="Arial", size=10.5, accent="1F3864", entry="dates", photo=True),
    "word-side": Page(font="Calibri", size=10, accent="7B2D26", side=True),
    "word-head": Page(font="Georgia", size=10.5, accent="2F5D50", contact_in_head=True, center=True, entry="tab"),
    "word-tab": Page(font="Cambria", size=11, accent="4A4A4A", entry="tab", center=True),
}


class Writer:
    """Puts blocks into a document body or a table cell; both take paragraphs and tables alike."""

    def __init__(self, page: Page, into: Any, width: float) -> None:
        self.page, self.into, self.width = page, into, width

    def say(
        self,
        text: str,
        into: Any = None,
        *,
        bold: bool = False,
        italic: bool = False,
        size: float | None = None,
        ink: str | None = None,
    ) -> Any:
        para = (into or self.into).add_paragraph()
        para.paragraph_format.space_after = Pt(3)
        run = para.add_run(text)
        run.bold, run.italic = bold or None, italic or None
        if size:
            run.font.size = Pt(size)
        if ink:
            run.font.color.rgb = RGBColor.from_string(ink)
        return para

    def write(self, lines: list[Block]) -> None:
        rows: list[list[str]] = []
        for block in [*lines, Block(Mark.PROSE, "")]:
            if rows and block.mark is not Mark.ROW:
                self.table(rows)
                rows = []
            match block.mark:
                case Mark.SECTION:
                    self.section(block.text)
                case Mark.ENTRY:
                    self.entry(block.text)
                case Mark.BULLET:
                    para = self.into.add_paragraph(block.text, style="List Bullet")
                    para.paragraph_format.space_after = Pt(1)
                case Mark.ROW:
                    rows.append(block.text.split(" | "))
                case Mark.BREAK:
                    self.into.add_page_break()
                case Mark.DETAIL:
                    key, value = block.text.split(" = ", 1)
                    self.say(f"{key}:\t{value}").paragraph_format.tab_stops.add_tab_stop(Cm(4.2))
                case Mark.HIDDEN:
                    self.say(block.text, size=1, ink="FFFFFF")
                case Mark.PROSE | Mark.OPEN if block.text:
                    self.say(block.text)
                case _:
                    pass

    def section(self, text: str) -> None:
        if self.page.headings and hasattr(self.into, "add_heading"):
            heading = self.into.add_heading(text, level=2)
            for run in heading.runs:
                run.font.name = self.page.font
                run.font.color.rgb = RGBColor.from_string(self.page.accent)
            return
        para = self.say(text, bold=True, size=self.page.size * 1.15, ink=self.page.accent)
        para.paragraph_format.space_before = Pt(9)
        para.paragraph_format.keep_with_next = True

    def entry(self, text: str) -> None:
        title, dates, employer = ([*text.split(" :: "), "", ""])[:3]
        match self.page.entry:
            case "dates":
                table = self.into.add_table(rows=1, cols=2)
                table.autofit = False
                left, right = table.rows[0].cells
                left.width, right.width = Cm(3.6), Cm(self.width - 3.6)
                left.paragraphs[0].add_run(dates)
                right.paragraphs[0].add_run(title).bold = True
                if employer:
                    right.add_paragraph(employer)
            case "tab":
                para = self.say(title, bold=True)
                para.paragraph_format.tab_stops.add_tab_stop(Cm(12.2))
                para.add_run(f"\t{dates}")
                if employer:
                    self.say(employer, italic=True)
            case _:
                self.say(title, bold=True).paragraph_format.space_before = Pt(5)
                self.say(" | ".join(filter(None, (employer, dates))), italic=True)

    def table(self, rows: list[list[str]]) -> None:
        table = self.into.add_table(rows=0, cols=max(map(len, rows)))
        if isinstance(self.into, DocxDocument):
            table.style = "Table Grid"
        for row in rows:
            for cell, text in zip(table.add_row().cells, row, strict=False):
                cell.text = text


def docx(cv: Cv) -> bytes:
    page = PAGES[cv["look"]]
    doc = Document()
    normal = doc.styles["Normal"]
    normal.font.name, normal.font.size = page.font, Pt(page.size)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), page.font)
    sheet = doc.sections[0]
    sheet.page_width, sheet.page_height = Cm(21), Cm(29.7)
    sheet.left_margin = sheet.right_margin = Cm(2.3)
    sheet.top_margin = sheet.bottom_margin = Cm(2)
    width = 16.4
    writer = Writer(page, doc, width)
    if page.photo:
        doc.add_picture(io.BytesIO(portrait()), width=Cm(2.8))
        doc.paragraphs[-1].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    top = [writer.say(cv.of(Mark.NAME)[0], bold=True, size=page.size * 1.9, ink=page.accent)]
    top += [writer.say(text, italic=True, size=page.size * 1.1) for text in cv.of(Mark.HEADLINE)]
    if page.contact_in_head:
        sheet.header.paragraphs[0].text = "   ".join(cv.of(Mark.CONTACT))
        sheet.header.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
    elif not page.side:
        top += [writer.say(text) for text in cv.of(Mark.CONTACT)]
    if page.center:
        for para in top:
            para.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text in cv.of(Mark.TOP):
        sheet.header.add_paragraph(text)
    for text in cv.of(Mark.FOOT):
        sheet.footer.paragraphs[0].text = text
    if page.side:
        table = doc.add_table(rows=1, cols=2)
        table.autofit = False
        narrow, wide = table.rows[0].cells
        narrow.width, wide.width = Cm(4.8), Cm(width - 4.8)
        left = Writer(page, narrow, 4.8)
        for text in cv.of(Mark.CONTACT):
            for part in text.split(" | "):
                left.say(part)
        left.write([b for b in cv.blocks if b.side])
        Writer(page, wide, width - 4.8).write([b for b in cv.blocks if not b.side])
    else:
        writer.write(list(cv.blocks))
    core = doc.core_properties
    core.author = core.last_modified_by = f"{cv.first_name} {cv.last_name}"
    core.title, core.comments, core.language = "CV", "", cv["lang"]
    core.created = core.modified = STAMP
    out = io.BytesIO()
    doc.save(out)
    return restamped(out.getvalue())


def restamped(packed: bytes) -> bytes:
    """The same zip with the same date on every member: python-docx writes the time of the run."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, STAMP.timetuple()[:6]), source.read(name), zipfile.ZIP_DEFLATED, 9)
    return out.getvalue()


# ---------------------------------------------------------------------------------------------- lists


def rendered(cv: Cv) -> bytes:
    if cv["file"].endswith(".docx"):
        return docx(cv)
    whole = pdf(cv)
    return whole[: int(len(whole) * COPIED_SHARE)] if cv.kind == "broken_pdf" else whole


def application(cv: Cv, job: dict[str, Any]) -> dict[str, Any]:
    asked = [question["key"] for question in job["questions"]]
    title, employer = cv["now"].split(" | ")
    tricked = cv.kind in ("hidden_keywords", "injected_instruction")
    return {
        "applicant": cv["email"].split("@")[0],
        "job": job["key"],
        "file": cv["file"],
        "kind": cv.kind,
        "fit": cv["fit"],
        "language": cv["lang"],
        "years": float(cv["years"]),
        "title": title if title != "-" else None,
        "employer": employer,
        "skills": cv["skills"].split("; "),
        "answers": {key: said for key, said in zip(asked, cv["answers"].split(" | "), strict=True) if said != "-"},
        "twin": cv["file"] if tricked else None,
    }


def person(cv: Cv) -> dict[str, Any]:
    return {
        "key": cv["email"].split("@")[0],
        "first_name": cv.first_name,
        "last_name": cv.last_name,
        "email": cv["email"],
        "phone": None if cv["phone"] == "none" else cv["phone"],
        "locale": cv["locale"],
    }


def main() -> None:
    fonts = Path(reportlab.__file__).parent / "fonts"
    for font in ("Vera", "VeraBd", "VeraIt"):
        pdfmetrics.registerFont(TTFont(font, fonts / f"{font}.ttf"))
    jobs = {job["key"]: job for job in json.loads((MATERIAL / "jobs.json").read_text("utf-8"))}
    cvs = [read(path.read_text("utf-8")) for path in sorted(TEXTS.glob("*.txt"))]
    people: dict[str, dict[str, Any]] = {}
    applications: list[dict[str, Any]] = []
    for folder in ("files", "twins"):
        (MATERIAL / folder).mkdir(exist_ok=True)
        for old in (MATERIAL / folder).iterdir():
            old.unlink()
    for cv in cvs:
        made = application(cv, jobs[cv["job"]])
        (MATERIAL / "files" / cv["file"]).write_bytes(rendered(cv))
        if made["twin"]:
            (MATERIAL / "twins" / cv["file"]).write_bytes(rendered(cv.without_trick()))
        people.setdefault(made["applicant"], person(cv))
        applications.append(made)
        if "again" in cv.facts:  # the same file sent for a second job: `job | file | fit | answers...`
            job, file, fit, *answers = cv["again"].split(" | ")
            twice = replace(cv, facts=cv.facts | {"job": job, "file": file, "fit": fit, "answers": " | ".join(answers)})
            (MATERIAL / "files" / file).write_bytes(rendered(twice))
            applications.append(application(twice, jobs[job]))
    for name, rows in (("people", list(people.values())), ("applications", applications)):
        (MATERIAL / f"{name}.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
