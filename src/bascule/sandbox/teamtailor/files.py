"""Files under addresses that stop working: signed as the storage behind Teamtailor signs them."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
from starlette.requests import Request
from starlette.responses import Response

from ..kit.tables import Row

# Seconds that the address of a CV, and of any other file, works.
RESUME_LIFE, UPLOAD_LIFE = 30, 60
MOST = 25_000_000
STAMP = "%Y%m%dT%H%M%SZ"
# The content of an address, None where there is none.
Fetch = Callable[[str], Awaitable[bytes | None]]


async def fetch(url: str) -> bytes | None:
    """Get what an address has, as Teamtailor does with every file it is told of."""
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10.0)) as session,
            session.get(url) as response,
        ):
            content = await response.content.read(MOST + 1)
            return content if response.status == 200 and len(content) <= MOST else None
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return None


def fetchable(url: object) -> bool:
    return isinstance(url, str) and urlsplit(url).scheme in ("http", "https") and bool(urlsplit(url).netloc)


def name_of(url: str) -> str:
    """The file name at the end of an address."""
    return urlsplit(url).path.rpartition("/")[2] or "file"


class Vault:
    """Gives addresses and answers at them."""

    def __init__(self, seed: int, now: Callable[[], datetime]) -> None:
        self._key = hashlib.sha256(f"vault-{seed}".encode()).digest()
        self._now = now

    def _sign(self, path: str, date: str, expires: str) -> str:
        return hmac.new(self._key, f"{path}\n{date}\n{expires}".encode(), hashlib.sha256).hexdigest()

    def link(self, base: str, row: Row, form: str, life: int) -> str:
        """An address of a file, in a form (`original` or `pdf`), that works for `life` seconds."""
        name = row["file_name"] if form == "original" else re.sub(r"\.[^.]+$", "", row["file_name"]) + ".pdf"
        path, date = f"/storage/uploads/{row['id']}/{form}/{quote(name)}", self._now().strftime(STAMP)
        query = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Date": date, "X-Amz-Expires": str(life),
            "X-Amz-SignedHeaders": "host", "X-Amz-Signature": self._sign(path, date, str(life)),
        }  # fmt: skip
        return f"{base}{path}?{urlencode(query)}"

    def refusal(self, request: Request) -> Response | None:
        """What the storage says to an address that does not, or no longer, work."""
        asked, path = request.query_params, quote(request.url.path)
        date, expires = asked.get("X-Amz-Date", ""), asked.get("X-Amz-Expires", "")
        if "authorization" in request.headers:
            return _xml(400, "InvalidArgument", "Only one auth mechanism allowed")
        if not hmac.compare_digest(self._sign(path, date, expires), asked.get("X-Amz-Signature", "")):
            return _xml(403, "SignatureDoesNotMatch", "The request signature does not match the one provided.")
        given = datetime.strptime(date, STAMP).replace(tzinfo=UTC)
        if self._now() >= given + timedelta(seconds=int(expires)):
            return _xml(403, "AccessDenied", "Request has expired")
        return None


def gone() -> Response:
    return _xml(404, "NoSuchKey", "The specified key does not exist.")


def _xml(status: int, code: str, message: str) -> Response:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(text, status, media_type="application/xml")


def pdf(text: str) -> bytes:
    """One page of PDF with these lines, as a CV that came as text is shown."""
    lines = [line.encode("cp1252", "replace") for line in text.splitlines()]
    escaped = [re.sub(rb"([()\\])", rb"\\\1", line) for line in lines]
    drawn = b"BT /F1 11 Tf 14 TL 56 786 Td\n" + b"".join(b"(%s) Tj T*\n" % line for line in escaped) + b"ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]  # fmt: skip
    made, places = bytearray(b"%PDF-1.4\n"), list[int]()
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    made += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(made)


def as_pdf(row: Row) -> bytes:
    """The PDF that Teamtailor makes of a CV; what is neither PDF nor text is given as it came."""
    content: bytes = row["content"]
    if content.startswith(b"%PDF"):
        return content
    try:
        return pdf(content.decode())
    except UnicodeDecodeError:
        return content
