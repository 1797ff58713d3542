"""What has come in: letters as anybody's mail program shows them, and answers to them."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr

MOST = 2000  # letters that are kept; the oldest go
_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")


@dataclass(frozen=True)
class Attached:
    """A file that came with a letter."""

    name: str
    media: str
    data: bytes


@dataclass(frozen=True)
class Letter:
    """One letter to one person. `to` is whom the envelope names; `raw` the letter as it arrived."""

    number: int
    to: str
    at: datetime
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)  # type: ignore[return-value]

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "(no subject)")

    @property
    def sender(self) -> str:
        return str(self.message["From"] or "")

    @property
    def text(self) -> str:
        body = self.message.get_body(("plain", "html"))
        return str(body.get_content()) if body is not None else ""

    @property
    def pieces(self) -> tuple[tuple[str, bool], ...]:
        """The text, cut at its links: (piece, whether it is one)."""
        return tuple(_pieces(self.text))

    @property
    def links(self) -> tuple[str, ...]:
        return tuple(piece for piece, link in self.pieces if link)

    @property
    def attached(self) -> tuple[Attached, ...]:
        return tuple(
            Attached(part.get_filename() or f"file-{number}", part.get_content_type(), _bytes(part))
            for number, part in enumerate(self.message.iter_attachments(), 1)
        )

    @property
    def answer_to(self) -> str:
        return parseaddr(str(self.message["Reply-To"] or self.message["From"] or ""))[1]


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    at = 0
    for found in _LINK.finditer(text):
        if found.start() > at:
            yield text[at : found.start()], False
        yield found[0], True
        at = found.end()
    if at < len(text):
        yield text[at:], False


def _bytes(part: EmailMessage) -> bytes:
    content = part.get_content()
    return content if isinstance(content, bytes) else str(content).encode()


class Mailroom:
    """Every letter there is, the newest first."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._letters: deque[Letter] = deque(maxlen=MOST)
        self._number = 0

    def take(self, recipients: Sequence[str], raw: bytes) -> None:
        """A letter came in: one for each whom the envelope names."""
        for to in recipients:
            self._number += 1
            self._letters.appendleft(Letter(self._number, to.lower(), self._now(), raw))

    def letters(self, to: str = "") -> list[Letter]:
        """All, or those to one address."""
        return [one for one in self._letters if not to or one.to == to.lower()]

    def letter(self, number: int) -> Letter | None:
        return next((one for one in self._letters if one.number == number), None)

    def clear(self) -> None:
        """All of them are thrown away."""
        self._letters.clear()

    def people(self) -> list[tuple[str, int]]:
        """Who has letters, the last one written to first, and how many."""
        counted: dict[str, int] = {}
        for one in self._letters:
            counted[one.to] = counted.get(one.to, 0) + 1
        return list(counted.items())

    def answer(self, letter: Letter, text: str) -> bytes:
        """An answer as a mail program writes it: to the address that is to be answered, in the letter's thread."""
        written = EmailMessage(policy=policy.SMTP)
        written["From"], written["To"] = letter.to, letter.answer_to
        known = str(letter.message["Message-ID"] or "")
        before = str(letter.message["References"] or "")
        subject = letter.subject
        written["Subject"] = subject if subject.lower().startswith("re:") else f"Re: {subject}"
        written["Date"] = format_datetime(self._now())
        written["Message-ID"] = make_msgid(domain=letter.to.rpartition("@")[2] or "mail.example")
        if known:
            written["In-Reply-To"], written["References"] = known, f"{before} {known}".strip()
        quoted = "\n".join(f"> {line}" for line in letter.text.splitlines())
        written.set_content(f"{text}\n\nOn {letter.at:%a, %d %b %Y at %H:%M}, {letter.sender} wrote:\n{quoted}\n")
        return written.as_bytes()
