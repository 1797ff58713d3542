"""E-mail as it travels: letters made and read, and the way to a mail server. Nothing here knows a candidate.

A letter that a mail server has taken, refused for good, or refused for now is told apart from one of which nobody knows
whether it left: that one is never sent again without a person.
"""

from __future__ import annotations

import asyncio
import hashlib
import html
import re
import smtplib
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.utils import format_datetime, getaddresses
from enum import StrEnum
from ipaddress import ip_address
from typing import Protocol

from bascule.errors import InputError
from bascule.store.tasks import Retry

TIMEOUT = 30.0  # seconds for one step of the conversation with a mail server
LARGEST = 5_000_000  # bytes of a letter that is read
TRIES = 30  # of a letter that a mail server does not take for now: about a day
_LINK = re.compile(r"https?://[^\s<>\"]+")


def later(tries: int) -> Retry:
    """When a letter is tried again that was not taken for now: ever more seldom, hourly in the end."""
    return Retry(min(3600.0, 15.0 * 2**tries))


class Security(StrEnum):
    """How the way to a mail server is kept private."""

    TLS = "tls"  # from the first byte, usually port 465
    STARTTLS = "starttls"  # usually port 587
    NONE = "none"  # on this machine only


@dataclass(frozen=True, slots=True)
class Server:
    """Where letters leave, in whose name, and where answers come in. `answers` is an address whose mailbox also takes
    what is sent to `name+anything@domain`."""

    host: str
    port: int
    security: Security
    sender: str  # the address
    name: str  # how the employer signs
    username: str = ""
    password: str = ""
    answers: str = ""

    def reply_to(self, token: str) -> str:
        """The address by which an answer finds its thread."""
        local, _, domain = (self.answers or self.sender).partition("@")
        return f"{local}+{token}@{domain}" if self.answers else self.sender

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2]


def checked(server: Server) -> Server:
    """The server, if letters may go there. InputError says what is wrong."""
    for what, address in (("sender", server.sender), ("answers", server.answers)):
        if address or what == "sender":
            _address(address, what)
    if not server.host or not 0 < server.port < 65536:
        raise InputError("A mail server is a host and a port.", hint="For instance smtp.example.com and 587.")
    if server.security is Security.NONE and not is_here(server.host):
        raise InputError(
            f"Letters to {server.host} would travel in clear.", hint="Use tls or starttls; none is for this machine."
        )
    if not server.name.strip() or any(mark in server.name for mark in "\r\n"):
        raise InputError("Say in whose name letters are signed.", hint="The employer's name, on one line.")
    return server


def is_here(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return False


def _address(text: str, what: str) -> Address:
    try:
        found = Address(addr_spec=text)
    except (ValueError, IndexError) as error:
        raise InputError(f"{text!r} is no e-mail address ({what}): {error}.") from None
    if not found.username or ("." not in found.domain and found.domain != "localhost"):
        raise InputError(f"{text!r} is no e-mail address ({what}).")
    return found


# ------------------------------------------------------------------------------------------------------------- writing


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be said to whom. `replies_to` are the Message-IDs of its thread, the oldest first."""

    id: str  # its Message-ID, with the brackets
    to: str
    subject: str
    text: str
    signed: str  # whose name stands beside the employer's; "" for nobody's
    token: str  # of its thread
    at: datetime
    unsubscribe: str = ""
    replies_to: Sequence[str] = ()
    automatic: bool = False  # no person has looked at this one
    event: str = ""  # an iCalendar object with a METHOD (RFC 6047)


def made(letter: Letter, server: Server) -> EmailMessage:
    """The letter as it travels: text, and the same as plain HTML. Nothing in it is fetched, nothing is counted."""
    mail = EmailMessage(policy=policy.SMTP)
    name = f"{letter.signed}, {server.name}" if letter.signed else server.name
    mail["From"] = Address(_one_line(name), addr_spec=server.sender)
    mail["To"] = _address(letter.to, "recipient")
    mail["Reply-To"] = Address(_one_line(name), addr_spec=server.reply_to(letter.token))
    mail["Subject"] = _one_line(letter.subject)
    mail["Date"] = format_datetime(letter.at)
    mail["Message-ID"] = letter.id
    if letter.replies_to:
        mail["In-Reply-To"] = letter.replies_to[-1]
        mail["References"] = " ".join(letter.replies_to[-10:])
    if letter.unsubscribe:
        mail["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if letter.automatic:
        mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.text)
    mail.add_alternative(as_html(letter.text), subtype="html")
    if letter.event:
        _invite(mail, letter.event)
    return mail


def _invite(mail: EmailMessage, event: str) -> None:
    """A calendar event, twice: as an alternative that mail programs act on, and as a file for those that do not."""
    found = re.search(r"(?m)^METHOD:(\w+)", event)
    method = found[1] if found is not None else "REQUEST"
    data = event.encode()
    mail.add_alternative(data, maintype="text", subtype="calendar", params={"charset": "utf-8", "method": method})
    mail.add_attachment(
        data, maintype="text", subtype="calendar", filename="interview.ics",
        params={"charset": "utf-8", "method": method},
    )  # fmt: skip


def as_html(text: str) -> str:
    """A text as HTML: everything in it is text, and its links can be followed."""
    parts: list[str] = []
    at = 0
    for found in _LINK.finditer(text):
        parts += [html.escape(text[at : found.start()]), _anchor(found[0])]
        at = found.end()
    parts.append(html.escape(text[at:]))
    paragraphs = "".join(parts).strip().split("\n\n")
    body = "".join(f"<p>{one.strip().replace(chr(10), '<br>')}</p>" for one in paragraphs)
    return f'<!doctype html><html><body style="font-family: sans-serif; line-height: 1.5">{body}</body></html>'


def _anchor(address: str) -> str:
    safe = html.escape(address, quote=True)
    return f'<a href="{safe}">{safe}</a>'


def _one_line(text: str) -> str:
    return " ".join(text.replace("\0", "").split())


# ------------------------------------------------------------------------------------------------------------ sending


class Took(StrEnum):
    """How the conversation with a mail server ended."""

    TAKEN = "taken"
    NOT_NOW = "not now"  # nothing left; to be tried again
    REFUSED = "refused"  # this letter, for good
    UNKNOWN = "unknown"  # nobody knows whether it left


@dataclass(frozen=True, slots=True)
class Posted:
    """How it ended, in the server's words."""

    took: Took
    words: str = ""


def always() -> bool:
    """Nothing depends on when it leaves."""
    return True


class Post(Protocol):
    """What carries letters."""

    async def send(self, server: Server, to: str, mail: EmailMessage, in_time: Callable[[], bool] = always) -> Posted:
        """Hand one letter over. `in_time` is asked in the last moment before the letter itself is said; where it says
        no, nothing leaves. Never raises: what went wrong is how it ended."""
        ...


class Smtp:
    """To a mail server by SMTP (RFC 5321), in a thread of its own."""

    async def send(self, server: Server, to: str, mail: EmailMessage, in_time: Callable[[], bool] = always) -> Posted:
        return await asyncio.to_thread(_send, server, to, mail.as_bytes(), in_time)


def _send(server: Server, to: str, data: bytes, in_time: Callable[[], bool]) -> Posted:
    try:
        connection = _connected(server)
    except (OSError, smtplib.SMTPException, ssl.SSLError) as error:
        return Posted(Took.NOT_NOW, _words(error))
    try:
        return converse(connection, server.sender, to, data, in_time)
    finally:  # what is said at parting changes nothing: the letter has been taken, or not
        with suppress(OSError, smtplib.SMTPException):
            connection.quit()
        connection.close()


class Conversation(Protocol):
    """What is said with a mail server about one letter, as `smtplib` has it."""

    def mail(self, sender: str) -> tuple[int, bytes]: ...

    def rcpt(self, recip: str) -> tuple[int, bytes]: ...

    def data(self, msg: bytes) -> tuple[int, bytes]: ...


def converse(
    connection: Conversation, sender: str, to: str, data: bytes, in_time: Callable[[], bool] = always
) -> Posted:
    """Hand one letter over, and say how it ended."""
    try:
        code, words = connection.mail(sender)
        if code != 250:
            return _refused(code, words, ours=True)
        code, words = connection.rcpt(to)
        if code not in (250, 251):
            return _refused(code, words)
    except UnicodeError:
        return Posted(Took.REFUSED, "the address has letters that the mail server does not take")
    except (OSError, smtplib.SMTPException) as error:
        return Posted(Took.NOT_NOW, _words(error))
    if not in_time():
        return Posted(Took.NOT_NOW, "it took too long until the letter could be said")
    try:
        code, words = connection.data(data)
    except smtplib.SMTPDataError as error:  # it would not hear it
        return _refused(error.smtp_code, error.smtp_error)
    except (OSError, smtplib.SMTPException) as error:
        return Posted(Took.UNKNOWN, _words(error))
    return Posted(Took.TAKEN, _text(words)) if code == 250 else _refused(code, words)


def _connected(server: Server) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.security is Security.TLS:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
        if server.security is Security.STARTTLS:
            connection.starttls(context=context)
    connection.ehlo_or_helo_if_needed()
    if server.username:
        connection.login(server.username, server.password)
    return connection


def _refused(code: int, words: bytes | str, *, ours: bool = False) -> Posted:
    """A refusal of this letter, or for now. What is said of us as a sender is no judgement of the recipient."""
    took = Took.REFUSED if code >= 500 and not ours else Took.NOT_NOW
    return Posted(took, f"{code} {_text(words)}")


def _text(words: bytes | str) -> str:
    return (words.decode("utf-8", "replace") if isinstance(words, bytes) else words)[:300]


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return (str(error) or type(error).__name__)[:300]


# ------------------------------------------------------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True)
class Arrived:
    """A letter that came in. `tokens` and `answers` say which thread it may be of; `bounced` are addresses that a mail
    server says it could not reach, and `why` its words; `automatic`: no person wrote it. `id`: its Message-ID, else one
    made of what it says, so that it is the same whenever it is read."""

    id: str
    sender: str
    subject: str
    text: str
    tokens: tuple[str, ...]
    answers: tuple[str, ...]
    automatic: bool
    bounced: Mapping[str, str]


_TOKEN = re.compile(r"\+([A-Za-z0-9_-]{16,64})@")
_IDS = re.compile(r"<[^<>\s]+>")


def read(data: bytes) -> Arrived:
    """A letter as it arrived (RFC 5322). InputError for what is none."""
    if not data.strip() or len(data) > LARGEST:
        raise InputError(f"A letter has 1 to {LARGEST} bytes.")
    mail = message_from_bytes(data.replace(b"\0", b""), policy=policy.default)
    if mail.get("From") is None:
        raise InputError("This is no e-mail: it has no From.", hint="Hand over the letter as it arrived.")
    bounced = _bounced(mail)
    recipients = [str(one) for name in ("To", "Cc", "Delivered-To", "X-Original-To") for one in mail.get_all(name, [])]
    tokens = tuple(dict.fromkeys(_TOKEN.findall(" ".join(recipients))))
    named = " ".join(str(mail.get(name, "")) for name in ("In-Reply-To", "References"))
    answers = list(_IDS.findall(named))
    if bounced:
        answers += _ids_within(mail)
    sender = next((address for _, address in getaddresses([str(mail["From"])])), "")
    id = str(mail.get("Message-ID") or "").strip() or f"<{hashlib.sha256(data).hexdigest()[:32]}@unnamed>"
    return Arrived(
        id, sender, _one_line(str(mail.get("Subject") or ""))[:300], _body(mail),
        tokens, tuple(dict.fromkeys(answers)), _is_automatic(mail), bounced,
    )  # fmt: skip


def _body(mail: EmailMessage) -> str:
    part = mail.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    try:
        text = str(part.get_content())
    except (LookupError, ValueError, KeyError):
        payload = part.get_payload(decode=True)
        text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
    if part.get_content_subtype() == "html":
        text = re.sub(r"(?is)<(script|style).*?</\1>", " ", text)
        text = re.sub(r"(?i)<(br|/p|/div|/li)[^>]*>", "\n", text)
        text = html.unescape(re.sub(r"(?s)<[^>]+>", " ", text))
    return text.replace("\r\n", "\n").replace("\0", "").strip()[:50_000]


def _is_automatic(mail: EmailMessage) -> bool:
    """RFC 3834: what a machine has written says so; and a calendar answers an invitation by itself (RFC 6047)."""
    submitted = str(mail.get("Auto-Submitted") or "no").split(";")[0].strip().lower()
    precedence = str(mail.get("Precedence") or "").strip().lower()
    events = (part for part in mail.walk() if part.get_content_type() == "text/calendar")
    if any(str(part.get_param("method") or "").upper() in ("REPLY", "COUNTER") for part in events):
        return True
    return submitted != "no" or precedence in ("bulk", "junk", "auto_reply", "list") or "X-Autoreply" in mail


def _bounced(mail: EmailMessage) -> dict[str, str]:
    """RFC 3464: which recipients were not reached for good, and why."""
    found: dict[str, str] = {}
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        payload = part.get_payload()
        for block in payload if isinstance(payload, list) else ():
            if isinstance(block, str) or str(block.get("Action", "")).strip().lower() != "failed":
                continue
            recipient = str(block.get("Final-Recipient") or block.get("Original-Recipient") or "")
            address = recipient.partition(";")[2].strip().lower()
            if address:
                said = str(block.get("Diagnostic-Code") or block.get("Status") or "failed")
                found[address] = _one_line(said)[:300]
    return found


def _ids_within(mail: EmailMessage) -> list[str]:
    """The Message-IDs of letters that this one brings back."""
    found: list[str] = []
    for part in mail.walk():
        if part.get_content_type() in ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers"):
            payload = part.get_payload()
            first = payload[0] if isinstance(payload, list) and payload else payload
            text = first.as_string() if isinstance(first, Message) else str(first)
            found += _IDS.findall(" ".join(re.findall(r"(?im)^message-id:\s*(.+)$", text)))
    return found
