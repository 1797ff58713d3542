"""Answers where they lie: a mailbox is read by IMAP (RFC 3501) and left as it is, nothing in it marked or moved.

A letter has an id that only grows, as long as the mailbox's validity stays the same: the last one that was taken says
where to go on. Where the validity is another, all ids are new, and the last days are read again.
"""

from __future__ import annotations

import asyncio
import base64
import imaplib
import re
import ssl
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from bascule.errors import InputError
from bascule.model import Value
from bascule.store import Tx
from bascule.store.codec import dumps, loads

from .mail import LARGEST, TIMEOUT, Security, is_here

MOST = 20  # letters that one look brings
AGAIN = timedelta(days=2)  # how far back is read where the validity is another
KEPT, PLACE = "messages.mailbox", "messages.mailbox.place"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
PIECE = 4  # letters of a password that are never shown together
BROKEN = (imaplib.IMAP4.error, OSError, EOFError, UnicodeError, ValueError)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where answers come in, and how it is opened."""

    host: str
    port: int
    security: Security
    username: str
    password: str = ""
    folder: str = "INBOX"


@dataclass(frozen=True, slots=True)
class Place:
    """Up to where it was read, and when that was."""

    validity: int
    uid: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Look:
    """What a look has found: letters with their ids, the oldest first (b"" for one that is gone), each at most
    `LARGEST` bytes of it; the id up to which that is everything, unless there are `more`; or what went `wrong`, in the
    server's words."""

    validity: int = 0
    letters: Sequence[tuple[int, bytes]] = ()
    upto: int = 0
    more: bool = False
    wrong: str = ""


class Reader(Protocol):
    """What opens mailboxes."""

    async def look(self, box: Mailbox, place: Place | None) -> Look:
        """What has come in since; nothing, without a place, but how far the mailbox is. Never raises."""
        ...


class Imap:
    """By IMAP, in a thread of its own."""

    async def look(self, box: Mailbox, place: Place | None) -> Look:
        return await asyncio.to_thread(_look, box, place)


def checked(box: Mailbox) -> Mailbox:
    """The mailbox, if it may be opened so. InputError says what is wrong."""
    if not box.host or not 0 < box.port < 65536:
        raise InputError("A mailbox is at a host and a port.", hint="For instance imap.example.com and 993.")
    if box.security is Security.NONE and not is_here(box.host):
        raise InputError(
            f"The password would travel to {box.host} in clear.", hint="Use tls or starttls; none is for this machine."
        )
    if not box.username or not box.folder or any(mark in box.username + box.folder for mark in "\r\n\0"):
        raise InputError("A mailbox is opened by a user, and has a folder.", hint="The folder is INBOX where unsure.")
    if not box.folder.isascii():
        raise InputError(
            "The folder's name has letters beyond ASCII.", hint="Let a rule there move answers to another."
        )
    return box


# ---------------------------------------------------------------------------------------------------------- as kept


def mailbox_of(tx: Tx, workspace: str) -> Mailbox | None:
    """Where answers are read; None where nobody has said."""
    sealed = tx.workspaces.setting(workspace, KEPT)
    if not sealed:
        return None
    kept: Mapping[str, Any] = loads(tx.vault.open(base64.b64decode(str(sealed))).decode())
    return replace(Mailbox(**kept), security=Security(kept["security"]))


def keep_mailbox(tx: Tx, workspace: str, box: Mailbox | None) -> None:
    """Keep it, sealed: it holds a password. None: it is read no more."""
    if box is None:
        tx.workspaces.set_setting(workspace, KEPT, "")
        tx.workspaces.set_setting(workspace, PLACE, "")
        return
    kept: dict[str, Value] = {name: getattr(box, name) for name in box.__dataclass_fields__}
    sealed = tx.vault.seal(workspace, None, dumps({**kept, "security": str(box.security)}).encode())
    tx.workspaces.set_setting(workspace, KEPT, base64.b64encode(sealed).decode())


def place_of(tx: Tx, workspace: str) -> Place | None:
    kept = tx.workspaces.setting(workspace, PLACE)
    if not isinstance(kept, Mapping):
        return None
    return Place(int(str(kept["validity"])), int(str(kept["uid"])), datetime.fromisoformat(str(kept["at"])))


def keep_place(tx: Tx, workspace: str, place: Place) -> None:
    kept = {"validity": place.validity, "uid": place.uid, "at": place.at.isoformat()}
    tx.workspaces.set_setting(workspace, PLACE, kept)


# ------------------------------------------------------------------------------------------------------ conversation


def _look(box: Mailbox, place: Place | None) -> Look:
    try:
        imap = _connected(box)
    except BROKEN as error:
        return Look(wrong=_words(error))
    try:
        _signed_in(imap, box)
        return _read(imap, box, place)
    except BROKEN as error:
        return Look(wrong=_without(box.password, _words(error)))
    finally:  # what is said at parting changes nothing
        with suppress(*BROKEN):
            imap.logout()


def _connected(box: Mailbox) -> imaplib.IMAP4:
    context = ssl.create_default_context()
    if box.security is Security.TLS:
        return imaplib.IMAP4_SSL(box.host, box.port, ssl_context=context, timeout=TIMEOUT)
    imap = imaplib.IMAP4(box.host, box.port, timeout=TIMEOUT)
    if box.security is Security.STARTTLS:
        try:
            imap.starttls(context)
        except BROKEN:
            imap.shutdown()
            raise
    return imap


def _signed_in(imap: imaplib.IMAP4, box: Mailbox) -> None:
    """By PLAIN (RFC 4616), which takes every letter, where the server has it; else by LOGIN."""
    if "AUTH=PLAIN" in imap.capabilities:
        said = f"\0{box.username}\0{box.password}".encode()
        imap.authenticate("PLAIN", lambda _challenge: said)
    else:
        imap.login(_quoted(box.username), box.password)


def _read(imap: imaplib.IMAP4, box: Mailbox, place: Place | None) -> Look:
    done, words = imap.select(_quoted(box.folder), readonly=True)
    if done != "OK":
        return Look(wrong=f"the folder {box.folder} cannot be opened: {_text(words[0])}")
    validity, following = _number(imap, "UIDVALIDITY"), _number(imap, "UIDNEXT")
    if not validity:
        return Look(wrong="the server keeps no lasting ids of letters (UIDVALIDITY)")
    if place is None:
        return Look(validity, upto=_newest(imap, following))
    if place.validity == validity:
        found = [uid for uid in _search(imap, f"UID {place.uid + 1}:*") if uid > place.uid]  # `*` is never nothing
    else:
        day = (place.at - AGAIN).date()
        found = _search(imap, f"SINCE {_day(day)}")
    wanted = sorted(found)[:MOST]
    letters = [(uid, _letter(imap, uid)) for uid in wanted]
    upto = wanted[-1] if wanted else place.uid if place.validity == validity else _newest(imap, following)
    return Look(validity, letters, upto, len(found) > len(wanted))


def _newest(imap: imaplib.IMAP4, following: int) -> int:
    """The id of the newest letter; servers need not say which one is to follow it."""
    return following - 1 if following else max(_search(imap, "ALL"), default=0)


def _search(imap: imaplib.IMAP4, what: str) -> list[int]:
    done, found = imap.uid("SEARCH", what)
    if done != "OK":
        raise imaplib.IMAP4.error(f"it does not search: {_text(found[0])}")
    return [int(one) for line in found if isinstance(line, bytes) for one in line.split()]


def _letter(imap: imaplib.IMAP4, uid: int) -> bytes:
    done, found = imap.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{LARGEST}>)")
    if done != "OK":
        raise imaplib.IMAP4.error(f"it does not show a letter: {_text(found[0])}")
    parts: Iterable[Any] = found
    return next((bytes(one[1]) for one in parts if isinstance(one, tuple) and b"BODY[" in one[0]), b"")


def _number(imap: imaplib.IMAP4, name: str) -> int:
    """What the server has said of the folder; 0 where it has not."""
    told = imap.response(name)[1]
    return int(told[-1]) if told and isinstance(told[-1], bytes) and told[-1].isdigit() else 0


def _day(day: date) -> str:
    return f"{day.day:02}-{MONTHS[day.month - 1]}-{day.year}"


def _quoted(text: str) -> str:
    return '"' + re.sub(r'([\\"])', r"\\\1", text) + '"'


def _text(words: object) -> str:
    return (words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words or ""))[:300]


def _without(secret: str, words: str) -> str:
    """A server's words, unless they give back what it did not understand, and with it a piece of the password."""
    pieces = [secret[at : at + PIECE] for at in range(max(1, len(secret) - PIECE + 1))] if secret else []
    return "it does not let this user in" if any(one in words for one in pieces) else words


def _words(error: Exception) -> str:
    said = error.args[0] if error.args and isinstance(error.args[0], bytes) else str(error)
    return _text(said) or type(error).__name__
