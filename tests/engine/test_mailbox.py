"""Answers in a mailbox: read from a real IMAP server once and in their order, and left there as they are."""

from __future__ import annotations

import imaplib
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bascule.errors import InputError
from bascule.hiring.mail import Security, Server
from bascule.hiring.mailbox import MOST, Imap, Mailbox, Place
from bascule.office.mailbox import MAILBOX, ODD
from bascule.store.messages import MessageState

from .imap_server import PASSWORD, USER
from .kit import OWNER, House
from .mailbox import Mailbox as Relay
from .test_triggers import answer, box, ruled, sent

__all__ = ["box", "ruled"]  # fixtures
SERVER = Path(__file__).with_name("imap_server.py")
LONG_AGO = datetime(2026, 11, 20, 9, tzinfo=UTC)


class Imapd:
    """The server that is running, and a client of its own to put letters there."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self.process, self.port = process, int(process.stdout.readline())

    def tell(self, order: str) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{order}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"

    def client(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.port)
        client.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
        return client

    def put(self, *letters: bytes) -> None:
        client = self.client()
        for one in letters:
            assert client.append("INBOX", "\\Flagged", imaplib.Time2Internaldate(0), one)[0] == "OK"
        client.logout()

    def box(self, **more: object) -> Mailbox:
        return replace(Mailbox("127.0.0.1", self.port, Security.NONE, USER, PASSWORD), **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module", params=["plain"])
def running(request: pytest.FixtureRequest) -> Iterator[Imapd]:
    with subprocess.Popen(
        [sys.executable, str(SERVER), request.param], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Imapd(process)
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture
def imap(running: Imapd) -> Imapd:
    """Empty, with the same validity."""
    client = running.client()
    client.select("INBOX")
    client.store("1:*", "+FLAGS", "\\Deleted")
    client.expunge()
    client.logout()
    running.tell("validity 7")
    return running


def plain(number: int) -> bytes:
    return f"From: a@example.org\r\nMessage-ID: <{number}@x>\r\nSubject: {number}\r\n\r\nHello {number}\r\n".encode()


async def test_letters_come_once_and_in_their_order_and_stay_unread(imap: Imapd) -> None:
    imap.put(plain(1), plain(2))
    first = await Imap().look(imap.box(), None)
    assert (first.letters, first.upto, first.validity, first.wrong) == ((), 2, 7, "")
    place = Place(first.validity, first.upto, LONG_AGO)
    nothing = await Imap().look(imap.box(), place)
    assert (list(nothing.letters), nothing.upto, nothing.more) == ([], 2, False), "`3:*` shows the last one, too"
    imap.put(*(plain(number) for number in range(3, 3 + MOST + 2)))
    found = await Imap().look(imap.box(), place)
    assert [uid for uid, _ in found.letters] == list(range(3, 3 + MOST))
    assert found.letters[0][1] == plain(3)
    assert (found.upto, found.more) == (2 + MOST, True)
    rest = await Imap().look(imap.box(), replace(place, uid=found.upto))
    assert [data for _, data in rest.letters] == [plain(3 + MOST), plain(4 + MOST)]
    client = imap.client()
    client.select("INBOX", readonly=True)
    flags = client.fetch("1:*", "(FLAGS)")[1]
    assert len(flags) == 4 + MOST
    assert not [one for one in flags if b"Seen" in bytes(one or b"")], "nothing there is marked"  # type: ignore[arg-type]
    client.logout()


async def test_other_ids_are_read_again_and_nothing_is_passed_over(imap: Imapd) -> None:
    imap.put(plain(1), plain(2), plain(3))
    imap.tell("validity 8")
    found = await Imap().look(imap.box(), Place(7, 40, datetime.now(UTC)))
    assert (found.validity, [data for _, data in found.letters]) == (8, [plain(1), plain(2), plain(3)])
    late = await Imap().look(imap.box(), Place(7, 40, datetime.now(UTC) + timedelta(days=30)))
    assert (list(late.letters), late.upto) == ([], 3), "all of it was read long since"


async def test_what_goes_wrong_is_said(imap: Imapd) -> None:
    look = Imap().look
    assert "unauthorized" in (await look(imap.box(password="another"), None)).wrong
    assert "cannot be opened" in (await look(imap.box(folder="Elsewhere"), None)).wrong
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert "refused" in (await look(imap.box(port=free.getsockname()[1]), None)).wrong


async def test_a_server_without_plain_is_logged_in_to(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, str(SERVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        server = Imapd(process)
        assert "ascii" in (await Imap().look(server.box(), None)).wrong, "LOGIN takes no such letters"
        assert (await Imap().look(server.box(password="another"), None)).wrong == "LOGIN failed"
        echoed = await Imap().look(server.box(password='of "quotes\\'), None)
        assert echoed.wrong == "it does not let this user in", "it says back what it did not understand"
        process.kill()


def certificate(folder: Path) -> Path:
    """Of this machine, vouched for by itself."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "here")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / "here.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


async def test_the_way_is_private_and_a_certificate_is_checked(
    imap: Imapd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=between, args=(door, context, imap.port), daemon=True).start()
        box = imap.box(host="localhost", port=door.getsockname()[1], security=Security.TLS)
        assert "certificate" in (await Imap().look(box, None)).wrong.lower()
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        assert (await Imap().look(box, None)).wrong == ""


def between(door: socket.socket, context: ssl.SSLContext, port: int) -> None:
    """TLS before the server."""
    while True:
        try:
            outside, _ = door.accept()
        except OSError:
            return
        try:
            secured = context.wrap_socket(outside, server_side=True)
        except OSError:
            outside.close()
            continue
        inside = socket.create_connection(("127.0.0.1", port))
        for one, other in ((secured, inside), (inside, secured)):
            threading.Thread(target=carry, args=(one, other), daemon=True).start()


def carry(one: socket.socket, other: socket.socket) -> None:
    with one, suppress(OSError):
        while data := one.recv(4096):
            other.sendall(data)
        other.shutdown(socket.SHUT_RDWR)


# ------------------------------------------------------------------------------------------------------------ at work


async def test_answers_are_taken_from_the_mailbox_once_also_when_all_ids_there_are_new(
    ruled: House, box: tuple[Relay, Server], imap: Imapd
) -> None:
    house, app = ruled, ruled.app
    imap.put(plain(1))
    with pytest.raises(InputError, match="cannot be read"):
        await app.mailbox.enter(imap.box(password="wrong"), OWNER)
    assert (await app.mailbox.shown()).box is None
    standing = await app.mailbox.enter(imap.box(), OWNER)
    assert standing.box == imap.box(password="")
    _, letter = await sent(house, box[0])
    no_id = answer(letter, "Tuesday suits me.").replace(b"Message-ID", b"X-No-Id")
    imap.put(no_id, b"no letter", answer(letter, "Or Wednesday."))
    await house.pass_time(70)

    async def received() -> list[str]:
        found = await app.message_desk.list()
        return [one.text.splitlines()[0] for one in reversed(found) if one.state is MessageState.RECEIVED]

    assert await received() == ["Tuesday suits me.", "Or Wednesday."]
    assert len(await house.notices(ODD)) == 1
    await house.pass_time(200)
    assert len(await received()) == 2
    imap.tell("validity 9")
    await house.pass_time(70)
    assert await received() == ["Tuesday suits me.", "Or Wednesday."]
    assert (await app.mailbox.enter(imap.box(password=""), OWNER)).box is not None, "the known password is kept"


async def test_a_mailbox_that_cannot_be_read_is_told_until_it_can(
    ruled: House, imap: Imapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, app = ruled, ruled.app
    await app.mailbox.enter(imap.box(), OWNER)
    place = imaplib.IMAP4.__init__
    monkeypatch.setattr(imaplib.IMAP4, "__init__", _away)
    await house.pass_time(70)
    assert "the line is dead" in (await house.notices(MAILBOX))[0]
    monkeypatch.setattr(imaplib.IMAP4, "__init__", place)
    await house.pass_time(400)
    assert await house.notices(MAILBOX) == []
    await app.mailbox.leave(OWNER)
    assert (await app.mailbox.shown()).box is None


def _away(*_: object, **__: object) -> None:
    raise OSError("the line is dead")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"host": "imap.example.com"}, "in clear"),
        ({"port": 0}, "host and a port"),
        ({"folder": "Entwürfe"}, "beyond ASCII"),
        ({"username": "a\r\nb"}, "opened by a user"),
    ],
)
async def test_what_cannot_be_a_mailbox_is_refused(house: House, more: dict[str, object], says: str) -> None:
    box = replace(Mailbox("127.0.0.1", 1, Security.NONE, USER, PASSWORD), **more)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=says):
        await house.app.mailbox.enter(box, OWNER)
