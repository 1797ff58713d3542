"""OpenDocument, RTF, pictures and scans are read too, with what they hide kept apart."""

import io
import shutil
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfgen.canvas import Canvas

from bascule.match import ResumeReader
from bascule.match.reader import Limits

TESSERACT = shutil.which("tesseract")
"""Reading pictures is optional; where it is not installed the tests below want it said."""


@pytest.fixture
async def reader() -> AsyncIterator[ResumeReader]:
    async with ResumeReader(Limits(wall_s=15, cpu_s=6)) as reader:
        yield reader


SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in {
        "office": "office", "text": "text", "style": "style", "table": "table", "draw": "drawing",
        "fo": "xsl-fo-compatible",
    }.items()
)  # fmt: skip


def odt(body: str, styles: str = "", header: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr(
            "content.xml",
            f"<office:document-content {SPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:text>{body}</office:text></office:body></office:document-content>",
        )
        archive.writestr(
            "styles.xml",
            f"<office:document-styles {SPACES}><office:master-styles><style:master-page><style:header>"
            f"<text:p>{header}</text:p></style:header></style:master-page></office:master-styles>"
            "</office:document-styles>",
        )
    return out.getvalue()


def style(name: str, properties: str, parent: str = "") -> str:
    return (
        f'<style:style style:name="{name}" style:parent-style-name="{parent}"><style:text-properties {properties}/>'
        "</style:style>"
    )


async def test_an_opendocument_text_is_read_in_order_with_tables_lists_boxes_and_header(reader: ResumeReader) -> None:
    body = (
        "<text:h>Anna<text:s/>Lind</text:h><text:p>Registered<text:tab/>nurse"
        "<draw:frame><draw:text-box><text:p>Driving licence B</text:p></draw:text-box></draw:frame></text:p>"
        "<text:list><text:list-item><text:p>Wound care</text:p></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>2015 - 2020</text:p></table:table-cell>"
        "<table:table-cell><text:p>City Hospital<text:note><text:note-citation>1</text:note-citation></text:note>"
        "</text:p></table:table-cell></table:table-row></table:table>"
        "<text:tracked-changes><text:p>deleted words</text:p></text:tracked-changes>"
    )
    reading = await reader.read(odt(body, header="anna@example.com"), "cv.odt")
    assert reading.text.split("\n") == [
        "anna@example.com", "", "Anna Lind", "Driving licence B", "Registered    nurse", "- Wound care",
        "2015 - 2020    City Hospital",
    ]  # fmt: skip
    assert reading.flags == ()


@pytest.mark.parametrize(
    ("properties", "what"),
    [
        ('fo:color="#ffffff"', "white text"),
        ('fo:font-size="1pt"', "tiny text"),
        ('text:display="none"', "hidden text"),
    ],
)
async def test_what_an_opendocument_text_hides_is_kept_apart(reader: ResumeReader, properties: str, what: str) -> None:
    styles = style("Base", properties) + style("T1", "", "Base")
    body = (
        '<text:p>Anna Lind, nurse on two wards<text:span text:style-name="T1"> Python Kubernetes</text:span></text:p>'
    )
    reading = await reader.read(odt(body, styles), "cv.odt")
    assert reading.text == "Anna Lind, nurse on two wards"
    assert [flag.kind for flag in reading.flags] == [what]
    assert "Kubernetes" in reading.hidden


RTF = rb"""{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss Arial;}}{\colortbl;\red255\green255\blue255;\red20\green20\blue120;}
{\stylesheet{\s0 Normal;}}{\info{\title Not this}}{\header\pard Anna Lind\par}
\pard\cf2\b Registered nurse\b0\par \u9679 ? Wound care, 5 m\'e5nader \endash  Malm\u246\'f6\line
{\*\generator Some writer;}{\field{\*\fldinst HYPERLINK "http://x.example"}{\fldrslt web page}}\par
{\*\shpinst{\sp{\sn name}{\sv value}}{\shptxt\pard Driving licence B\par}}
\trowd 2015 - 2020\cell City Hospital\cell\row
\pard %s}"""


async def test_an_rtf_document_is_read_with_its_letters_tables_and_boxes(reader: ResumeReader) -> None:
    reading = await reader.read(RTF % b"\\{braces\\} stay", "cv.rtf")
    lines = [line.strip() for line in reading.text.split("\n") if line.strip()]
    assert lines == [
        "Anna Lind", "Registered nurse", "\u25cf Wound care, 5 månader \u2013 Malmö", "web page", "Driving licence B",
        "2015 - 2020    City Hospital", "{braces} stay",
    ]  # fmt: skip
    assert reading.flags == ()


@pytest.mark.parametrize(
    ("hidden", "what"),
    [
        (rb"{\v Python Kubernetes}", "hidden text"),
        (rb"{\fs2 Python Kubernetes}", "tiny text"),
        (rb"{\cf1 Python Kubernetes}", "white text"),
    ],
)
async def test_what_an_rtf_document_hides_is_kept_apart(reader: ResumeReader, hidden: bytes, what: str) -> None:
    reading = await reader.read(RTF % hidden, "cv.rtf")
    assert "Kubernetes" not in reading.text
    assert [flag.kind for flag in reading.flags] == [what]
    assert "Kubernetes" in reading.hidden


async def test_white_letters_on_a_dark_ground_are_design_in_rtf(reader: ResumeReader) -> None:
    reading = await reader.read(RTF % rb"{\cf1\highlight2 Team lead}", "cv.rtf")
    assert "Team lead" in reading.text
    assert reading.flags == ()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"{\\rtf1 " + b"{" * 100_000, "nested"),
        (b"{\\rtf1 }", "no text"),
        (b"{\\rtf1\\bin99999999999 Anna Lind, registered nurse", "no text"),
        (odt("<text:p>Anna</text:p>")[:300], "broken"),
        (odt("<text:span>" * 500 + "x" + "</text:span>" * 500), ""),
    ],
)
async def test_a_hostile_document_gets_a_reason(reader: ResumeReader, data: bytes, reason: str) -> None:
    reading = await reader.read(data, "cv")
    assert reading.status == "unreadable"
    assert reason in reading.reason


def page() -> Image.Image:
    picture = Image.new("L", (1240, 900), 255)
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(size=38)
    for at, line in enumerate(["Anna Lind", "Registered nurse", "Wound care and medication on two wards"]):
        draw.text((100, 100 + 90 * at), line, fill=0, font=font)
    return picture


async def test_a_picture_is_read_where_tesseract_is_installed_and_says_so_where_not(reader: ResumeReader) -> None:
    out = io.BytesIO()
    page().save(out, "PNG")
    reading = await reader.read(out.getvalue(), "photo.png")
    if TESSERACT is None:
        assert reading.status == "unreadable"
        assert "apt-get install tesseract-ocr" in reading.reason
        return
    assert "Wound care and medication on two wards" in reading.text
    assert 0.5 < reading.sureness < 1
    assert [flag.kind for flag in reading.flags] == ["read from a picture"]


async def test_a_scanned_page_among_pages_of_text_is_read_in_its_place(reader: ResumeReader, tmp_path: Path) -> None:
    page().save(tmp_path / "scan.png")
    out = io.BytesIO()
    canvas = Canvas(out)
    for text in ("First page: a letter about the work", "", "Third page: certificates and thanks"):
        if text:
            canvas.drawString(72, 700, text)
        else:
            canvas.drawImage(str(tmp_path / "scan.png"), 40, 300, 500, 363)
        canvas.showPage()
    canvas.save()
    reading = await reader.read(out.getvalue(), "mixed.pdf")
    assert "First page" in reading.text
    assert "Third page" in reading.text
    if TESSERACT is None:
        assert [flag.kind for flag in reading.flags] == ["page is a picture"]
        return
    assert reading.text.index("First page") < reading.text.index("Wound care") < reading.text.index("Third page")
