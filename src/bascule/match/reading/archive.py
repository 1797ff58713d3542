"""Documents that are archives of XML.

The archive's unpacked size is checked before anything is unpacked, and the XML parser expands no entities and opens
no files."""

import io
import zipfile

import lxml.etree as etree

from .found import UnreadableError

UNPACKED = 80 * 1024 * 1024
MEMBERS = 3000
BROKEN = (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError)
"""What `zipfile` raises of an archive that is no good; NotImplementedError of one packed in a way it does not know."""


def opened(data: bytes) -> zipfile.ZipFile:
    """The archive. Raises UnreadableError for one that is broken, locked or a bomb."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    except BROKEN as error:
        raise UnreadableError("The document is broken and cannot be opened. Ask for the file again.") from error
    if len(members) > MEMBERS or sum(member.file_size for member in members) > UNPACKED:
        raise UnreadableError(
            "The document unpacks to far more than a resume ever holds (a zip bomb). It was not opened."
        )
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableError("The document is locked with a password. Ask for an unlocked file.")
    return archive


def parse(archive: zipfile.ZipFile, name: str) -> etree._Element:
    """One of its parts. Raises UnreadableError for what no word processor writes."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False)
    try:
        with archive.open(name) as member:
            content = member.read(UNPACKED)
        if b"<!DOCTYPE" in content[:4096] or b"<!ENTITY" in content[:65536]:
            raise UnreadableError(
                "The document defines its own entities, which no word processor writes. It was not opened."
            )
        return etree.fromstring(content, parser)
    except (*BROKEN, etree.XMLSyntaxError, KeyError) as error:
        raise UnreadableError("The document is broken and cannot be read. Ask for the file again.") from error
