"""A door on loopback behind which vendors' host names lead to sandboxes: CONNECT in, TLS off, plain HTTP on."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Address = tuple[str, int]
Serving = Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def make_certificates(hosts: list[str], folder: Path) -> tuple[Path, Path]:
    """A new authority and one certificate for `hosts`: (the authority's file, the server's key and chain)."""
    now = datetime.now(UTC)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    ca = (
        x509.CertificateBuilder(_name("Sandbox authority"), _name("Sandbox authority"), ca_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(ca_usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, SHA256())
    )
    leaf = (
        x509.CertificateBuilder(ca.subject, _name("Sandbox"), key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, SHA256())
    )
    authority, server = folder / "authority.pem", folder / "server.pem"
    authority.write_bytes(ca.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    server.write_bytes(private + leaf.public_bytes(Encoding.PEM))
    return authority, server


@dataclass
class FrontDoor:
    """Where each host name leads, and what came through: (host, first line of the request)."""

    routes: Mapping[str, Address]
    authority: Path
    proxy_url: str = ""
    passed: list[tuple[str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        """What a client's process needs to come in by this door."""
        trusted = dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), str(self.authority))
        return {"HTTPS_PROXY": self.proxy_url, "NO_PROXY": "", **trusted}


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError, ssl.SSLError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    with suppress(OSError):
        if writer.can_write_eof():
            writer.write_eof()
        else:
            writer.close()


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError, ssl.SSLError):
        await writer.wait_closed()


@asynccontextmanager
async def front_door(routes: Mapping[str, Address], folder: Path) -> AsyncGenerator[FrontDoor]:
    """Open the door for `routes` (host name -> where its sandbox listens in plain HTTP)."""
    authority, server = make_certificates(list(routes), folder)
    door = FrontDoor(routes, authority)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(server)
    under_way: set[asyncio.Task[None]] = set()

    def serving(serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]) -> Serving:
        """A connection that is still open when the door closes ends with it, and so do both its ends."""

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            async def whole() -> None:
                try:
                    await serve(reader, writer)
                finally:
                    writer.close()

            task = asyncio.create_task(whole())
            under_way.add(task)
            task.add_done_callback(under_way.discard)

        return accept

    async def inside(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request over TLS: say how it came, pass it on, close after the answer."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            await _close(writer)
            return
        first, *lines = head.rstrip("\r\n").split("\r\n")
        host = next(line.partition(":")[2].strip() for line in lines if line.lower().startswith("host:"))
        door.passed.append((host, first))
        kept = [line for line in lines if not line.lower().startswith("connection:")]
        sent = "\r\n".join([first, *kept, "Connection: close", "X-Forwarded-Proto: https", "", ""])
        back, on = await asyncio.open_connection(*door.routes[host.partition(":")[0]])
        on.write(sent.encode("latin-1"))
        forward = asyncio.create_task(_pipe(reader, on))
        try:
            with suppress(ConnectionError, ssl.SSLError):
                while data := await back.read(65_536):
                    writer.write(data)
                    await writer.drain()
        finally:
            forward.cancel()
            on.close()
        await _close(on)
        await _close(writer)

    async def outside(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """CONNECT for a host we lead to opens a tunnel to the TLS side; anything else is refused."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, target, *_ = head.split()
        if method != "CONNECT" or target.partition(":")[0] not in door.routes:
            door.refused.append(target)
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await _close(writer)
            return
        back, on = await asyncio.open_connection(*tls.sockets[0].getsockname()[:2])
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            await asyncio.gather(_pipe(reader, on), _pipe(back, writer))
        finally:
            on.close()
        await _close(on)
        await _close(writer)

    tls = await asyncio.start_server(serving(inside), "127.0.0.1", 0, ssl=context)
    proxy = await asyncio.start_server(serving(outside), "127.0.0.1", 0)
    door.proxy_url = f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}"
    try:
        yield door
    finally:
        proxy.close()
        tls.close()
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        await asyncio.sleep(0)  # the transports that were closed end in the loop's next turn
