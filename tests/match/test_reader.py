"""Reading: every kind of file, every kind of hostile file, and a child that can die without harm."""

import asyncio
import io
import os
import signal
import subprocess
import sys
import zipfile
import zlib
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import docx
import psutil
import pytest
from docx.shared import Pt, RGBColor
from reportlab.lib.colors import black, navy, white
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from bascule.match import InterruptedReadError, Reading, ResumeReader
from bascule.match.reader import Limits

LINES = ["Anna Lind", "Registered nurse", "Wound care and medication on two wards", "2015 - 2020 City Hospital"]


@pytest.fixture
async def reader() -> AsyncIterator[ResumeReader]:
    async with ResumeReader(Limits(wall_s=15, cpu_s=6)) as reader:
        yield reader


def pdf(draw: object = None, pages: int = 1, lines: list[str] = LINES, **options: object) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, A4, **options)  # type: ignore[arg-type]
    for _ in range(pages):
        for at, line in enumerate(lines):
            canvas.drawString(72, 760 - 16 * at, line)
        if callable(draw):
            draw(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def word(build: object = None) -> bytes:
    document = docx.Document()
    for line in LINES:
        document.add_paragraph(line)
    if callable(build):
        build(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


async def test_pdf_docx_html_and_text_are_read(reader: ResumeReader) -> None:
    page = (
        "<html><body><h1>Anna Lind</h1><p>Registered nurse</p><script>var x</script><ul><li>Wound care and "
        "medication on two wards</li></ul></body></html>"
    )
    for data in (pdf(), word(), page.encode(), "\n".join(LINES).encode(), "\n".join(LINES).encode("utf-16")):
        reading = await reader.read(data, "resume")
        assert reading.status == "read"
        assert "Wound care and medication on two wards" in reading.text
        assert reading.text.index("Anna") < reading.text.index("Registered") < reading.text.index("Wound")
        assert "var x" not in reading.text
        assert reading.flags == ()
        assert reading.reader


async def test_words_are_told_apart_where_the_file_stores_no_spaces(reader: ResumeReader) -> None:
    def glyphs(canvas: Canvas) -> None:
        x = 72.0
        for character in "Financial accountant specializing in audits":
            if character != " ":
                canvas.drawString(x, 500, character)
            x += canvas.stringWidth(character, "Helvetica", 12)

    reading = await reader.read(pdf(glyphs), "glyphs.pdf")
    assert "Financial accountant specializing in audits" in reading.text


async def test_two_columns_are_read_one_after_the_other(reader: ResumeReader) -> None:
    left = [
        "Skills",
        "Dressings",
        "Palliative care",
        "Care plans",
        "Languages",
        "Swedish and English",
        "Driving licence",
    ]
    right = [
        "Experience in hospitals and homes",
        "Charge nurse at City Hospital since 2019",
        "Led a team of nine",
        "Taught new colleagues",
        "Before that a ward nurse",
        "In a unit with thirty beds",
        "Days and nights",
    ]

    def columns(canvas: Canvas) -> None:
        for at, (one, other) in enumerate(zip(left, right, strict=True)):
            canvas.drawString(72, 600 - 16 * at, one)
            canvas.drawString(300, 600 - 19 * at, other)

    text = (await reader.read(pdf(columns), "columns.pdf")).text
    places = [text.index(line) for line in left + right]
    assert places == sorted(places)


async def test_dates_beside_what_was_done_stay_on_their_line(reader: ResumeReader) -> None:
    rows = [
        ("2019 - 2024", "Charge nurse, City Hospital"),
        ("2016 - 2019", "Ward nurse, Lake Clinic"),
        ("2014 - 2016", "Assistant nurse"),
        ("2012 - 2014", "Night porter"),
        ("2010 - 2012", "Student"),
    ]

    def table(canvas: Canvas) -> None:
        for at, (when, what) in enumerate(rows):
            canvas.drawString(72, 600 - 18 * at, when)
            canvas.drawString(220, 600 - 18 * at, what)

    lines = (await reader.read(pdf(table), "table.pdf")).text.split("\n")
    for when, what in rows:
        assert any(when in line and what in line for line in lines)


async def test_docx_tables_headers_and_text_boxes_are_read(reader: ResumeReader) -> None:
    box = (
        '<w:p xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        'xmlns:v="urn:schemas-microsoft-com:vml"><w:r><w:pict><v:shape><v:textbox>'
        "<w:txbxContent><w:p><w:r><w:t>Inside a text "
        "box</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
    )

    def build(document: object) -> None:
        table = document.add_table(1, 2)  # type: ignore[attr-defined]
        table.rows[0].cells[0].text = "2019 - 2024"
        table.rows[0].cells[1].text = "Charge nurse"
        document.sections[0].header.paragraphs[0].text = "Header line"  # type: ignore[attr-defined]
        document.sections[0].footer.paragraphs[0].text = "Footer line"  # type: ignore[attr-defined]
        document.element.body.insert(0, docx.oxml.parse_xml(box))  # type: ignore[attr-defined]

    text = (await reader.read(word(build), "tables.docx")).text
    assert "2019 - 2024    Charge nurse" in text
    for line in ("Header line", "Footer line", "Inside a text box"):
        assert text.count(line) == 1


def _white(canvas: Canvas) -> None:
    canvas.setFillColor(white)
    canvas.drawString(72, 400, "Kubernetes hidden keywords")


def _tiny(canvas: Canvas) -> None:
    canvas.setFont("Helvetica", 1)
    canvas.drawString(72, 400, "Kubernetes hidden keywords")


def _invisible(canvas: Canvas) -> None:
    text = canvas.beginText(72, 400)
    text.setTextRenderMode(3)
    text.textOut("Kubernetes hidden keywords")
    canvas.drawText(text)


def _same_as_ground(canvas: Canvas) -> None:
    canvas.setFillColor(navy)
    canvas.rect(60, 380, 300, 50, stroke=0, fill=1)
    canvas.drawString(72, 400, "Kubernetes hidden keywords")


def _covered(canvas: Canvas) -> None:
    canvas.setFillColor(black)
    canvas.drawString(72, 400, "Kubernetes hidden keywords")
    canvas.setFillColor(white)
    canvas.rect(60, 380, 300, 50, stroke=0, fill=1)


def _off_page(canvas: Canvas) -> None:
    canvas.drawString(72, -300, "Kubernetes hidden keywords")


@pytest.mark.parametrize("draw", [_white, _tiny, _invisible, _same_as_ground, _covered, _off_page])
async def test_text_in_a_pdf_that_nobody_can_see_is_kept_apart_and_shown(reader: ResumeReader, draw: object) -> None:
    reading = await reader.read(pdf(draw), "hidden.pdf")
    assert reading.status == "read"
    assert "Kubernetes" not in reading.text
    assert "Wound care" in reading.text
    assert "Kubernetes" in reading.hidden.replace(" ", "") + reading.hidden
    assert [flag.where for flag in reading.flags] == ["page 1"]


async def test_white_letters_on_a_dark_ground_are_design(reader: ResumeReader) -> None:
    def banner(canvas: Canvas) -> None:
        canvas.setFillColor(navy)
        canvas.rect(60, 380, 400, 60, stroke=0, fill=1)
        canvas.setFillColor(white)
        canvas.drawString(72, 400, "Senior engineer banner")

    reading = await reader.read(pdf(banner), "banner.pdf")
    assert "Senior engineer banner" in reading.text
    assert reading.flags == ()


@pytest.mark.parametrize("how", ["white", "tiny", "vanish"])
async def test_hidden_runs_of_a_docx_are_kept_apart_and_shown(reader: ResumeReader, how: str) -> None:
    def build(document: object) -> None:
        run = document.add_paragraph("Visible part. ").add_run("Kubernetes hidden keywords")  # type: ignore[attr-defined]
        if how == "white":
            run.font.color.rgb = RGBColor(0xFF, 0xFF, 0xFF)
        elif how == "tiny":
            run.font.size = Pt(1)
        else:
            run.font.hidden = True

    reading = await reader.read(word(build), "hidden.docx")
    assert "Kubernetes" not in reading.text
    assert "Visible part" in reading.text
    assert "Kubernetes" in reading.hidden
    assert len(reading.flags) == 1


async def test_hidden_html_is_kept_apart(reader: ResumeReader) -> None:
    page = (
        "<html><body><p>Registered nurse with wound care</p><div style='display:none'>Kubernetes</div><p "
        "style='color:#fff'>Docker</p></body></html>"
    )
    reading = await reader.read(page.encode(), "page.html")
    assert "Kubernetes" not in reading.text
    assert "Docker" not in reading.text
    assert {"Kubernetes", "Docker"} <= set(reading.hidden.split())


def flate_bomb(megabytes: int = 276) -> bytes:
    """A small PDF whose page content unpacks to hundreds of megabytes."""
    packer = zlib.compressobj(9)
    block = b"BT /F1 9 Tf 10 10 Td (x) Tj ET\n" * 32_768
    content = b"".join(packer.compress(block) for _ in range(megabytes)) + packer.flush()
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj%s\nendobj\n" % (number, part)
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % start)


def zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("word/document.xml", "w") as member:
        for _ in range(300):
            member.write(b"0" * 1024 * 1024)
    return out.getvalue()


def with_document_xml(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", content)
    return out.getvalue()


W = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
ENTITIES = (
    b"<!DOCTYPE a ["
    + b"".join(b'<!ENTITY e%d "%s">' % (at + 1, (b"&e%d;" % at) * 20 if at else b"ha" * 50) for at in range(8))
    + b"]>"
)


def hostile() -> dict[str, tuple[bytes, str]]:
    """Files by name, and a word of the reason each must get."""
    xxe = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    body = b"<w:document " + W + b"><w:body><w:p><w:r><w:t>%s</w:t></w:r></w:p></w:body></w:document>"
    return {
        "empty.pdf": (b"", "empty"),
        "blank.txt": (b"  \n ", "empty"),
        "broken.pdf": (pdf()[:300], "broken"),
        "no_text.pdf": (pdf(lines=[]), "no text"),
        "locked.pdf": (pdf(encrypt="secret"), "password"),
        "endless.pdf": (pdf(pages=3000, lines=["Page"]), "3,000 pages"),
        "flate_bomb.pdf": (flate_bomb(), "limits"),
        "zip_bomb.docx": (zip_bomb(), "zip bomb"),
        "entities.docx": (with_document_xml(ENTITIES + body % b"&e8;"), "entities"),
        "xxe.docx": (with_document_xml(xxe + body % b"&x;"), "entities"),
        "truncated.docx": (word()[:2000], "broken"),
        "deep.docx": (
            with_document_xml(b"<w:document " + W + b">" + b"<w:p>" * 5000 + b"</w:p>" * 5000 + b"</w:document>"),
            "",
        ),
        "archive.zip": (with_document_xml(b"")[:0] + _plain_zip(), "archive"),
        "program.exe": (b"MZ\x90\x00" + bytes(range(256)) * 40, "binary"),
        "photo.png": (b"\x89PNG\r\n\x1a\n" + bytes(400), "picture"),
        "old.doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Word"),
        "huge.txt": (b"a" * (21 * 1024 * 1024), "MB"),
    }


def _plain_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("readme.txt", "hello")
    return out.getvalue()


async def test_every_hostile_file_gets_a_reason_and_the_next_one_is_read(reader: ResumeReader) -> None:
    for name, (data, reason) in hostile().items():
        reading = await reader.read(data, name)
        assert reading.status == "unreadable", name
        assert reason in reading.reason, (name, reading.reason)
        assert reading.text == ""
        assert "root:" not in reading.hidden
        good = await reader.read(pdf(), "good.pdf")
        assert good.status == "read", f"after {name}"


async def test_a_picture_of_a_page_is_told_apart_from_an_empty_one(reader: ResumeReader, tmp_path: Path) -> None:
    from PIL import Image

    picture = tmp_path / "scan.png"
    Image.new("RGB", (300, 400), (220, 220, 220)).save(picture)
    reading = await reader.read(
        pdf(lambda canvas: canvas.drawImage(str(picture), 0, 0, 500, 700), lines=[]), "scan.pdf"
    )
    assert "scan" in reading.reason


async def test_only_the_first_pages_of_a_long_file_are_read_and_it_says_so(reader: ResumeReader) -> None:
    reading = await reader.read(pdf(pages=40), "long.pdf")
    assert reading.pages == 40
    assert reading.text.count("Registered nurse") == 30
    assert [flag.kind for flag in reading.flags] == ["long file"]


async def test_a_child_that_is_killed_is_replaced(reader: ResumeReader) -> None:
    assert (await reader.read(pdf(), "one.pdf")).status == "read"
    first = reader.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    with suppress(InterruptedReadError):  # where it is found dead only when it is asked
        assert (await reader.read(pdf(), "two.pdf")).status == "read"
    assert (await reader.read(pdf(), "three.pdf")).status == "read"
    assert reader.pid not in {None, first}


async def test_neither_a_slow_machine_nor_a_kill_by_others_is_a_verdict_on_the_file() -> None:
    """A bomb that takes its own share of the processor is one."""
    async with ResumeReader(Limits(wall_s=60, cpu_s=60)) as reader:
        await reader.read(b"a text that is long enough to count", "a.txt")
        asked = asyncio.ensure_future(reader.read(flate_bomb(), "cv.pdf"))
        await asyncio.sleep(0.3)
        assert reader.pid is not None
        os.kill(reader.pid, signal.SIGKILL)  # as a machine does that is short of memory
        with pytest.raises(InterruptedReadError) as killed:
            await asked
        assert "not read in time" in killed.value.reading.reason
        assert (await reader.read(pdf(), "one.pdf")).status == "read"
    async with ResumeReader(Limits(wall_s=0.3, cpu_s=60)) as slow:
        with pytest.raises(InterruptedReadError):
            await slow.read(flate_bomb(), "cv.pdf")
    async with ResumeReader(Limits(wall_s=60, cpu_s=1)) as reader:
        reading = await reader.read(flate_bomb(), "cv.pdf")
        assert (reading.status, "limits of time and memory" in reading.reason) == ("unreadable", True)


async def test_a_child_is_replaced_after_its_share_of_files() -> None:
    async with ResumeReader(Limits(files_per_child=2)) as reader:
        pids = []
        for _ in range(4):
            await reader.read(b"a text that is long enough to count", "a.txt")
            pids.append(reader.pid)
    assert pids[1] is None
    assert pids[0] != pids[2]


async def test_a_child_that_nobody_needs_ends_and_the_next_file_gets_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bascule.match.reader.IDLE", 0.05)
    text = b"a text that is long enough to count"
    async with ResumeReader() as reader:
        assert (await reader.read(text, "a.txt")).status == "read"
        async with asyncio.timeout(20):
            while reader.pid is not None:
                await asyncio.sleep(0.02)
        assert (await reader.read(text, "a.txt")).status == "read"


async def test_closing_ends_the_child() -> None:
    reader = ResumeReader()
    await reader.read(b"a text that is long enough to count", "a.txt")
    pid = reader.pid
    assert pid is not None
    await reader.close()
    assert not psutil.pid_exists(pid)


def test_the_child_goes_with_a_parent_that_is_killed() -> None:
    program = (
        "import sys, time; from bascule.match import ResumeReader; r = ResumeReader();"
        "r.read_now(b'a text that is long enough to count'); print(r.pid, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
        parent.wait()
        gone, _ = psutil.wait_procs([child], timeout=20)
    assert gone or not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_the_child_imports_no_more_of_bascule_than_the_parsers() -> None:
    program = (
        "import sys; import bascule.match.reading.__main__, bascule.match.reading.pdf, bascule.match.reading.word, "
        "bascule.match.reading.web;"
        "print([m for m in sys.modules if m.startswith('bascule.') and not m.startswith('bascule.match.reading') and "
        "m != 'bascule.match'],"
        "[m for m in ('numpy', 'tokenizers', 'sqlalchemy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] []"


async def test_the_child_gets_none_of_our_environment(reader: ResumeReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASCULE_MASTER_KEY", "a secret")
    await reader.read(b"a text that is long enough to count", "a.txt")
    assert "BASCULE_MASTER_KEY" not in psutil.Process(reader.pid).environ()


async def test_many_callers_get_their_own_answers(reader: ResumeReader) -> None:
    import asyncio

    texts = [f"Resume number {at} with a text that is long enough" for at in range(40)]
    readings: list[Reading] = await asyncio.gather(*(reader.read(text.encode(), "a.txt") for text in texts))
    assert [reading.text for reading in readings] == texts
