"""Envelopes, elements, references, times and faults, as Workday's SOAP writes and reads them."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

import lxml.etree as etree

from ..kit.ids import Id
from ..kit.tables import Database, Row
from .tables import TYPES

BSVC = "urn:com.workday/bsvc"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
ENTITY_FREE = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True,
                              remove_pis=True, huge_tree=True)  # fmt: skip
# What XML 1.0 cannot hold.
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Element = Any  # lxml has no types


@dataclass(frozen=True)
class Wrong:
    """One thing that is not valid about a request, and where."""

    message: str
    at: str = ""


@dataclass
class Fault(Exception):
    """A SOAP fault. `errors` make it a Validation_Fault, `detail` a Processing_Fault; neither: authentication."""

    code: str
    text: str
    errors: Sequence[Wrong] = ()
    detail: str = ""
    status: int = field(default=500)


def invalid(message: str, element: Element = None) -> Fault:
    """Something about the request is wrong, and will be however often it is sent."""
    at = "" if element is None else path_of(element)
    return Fault("SOAP-ENV:Client.validationError", f"Validation error occurred. {message}", [Wrong(message, at)])


def processing(message: str) -> Fault:
    return Fault("SOAP-ENV:Server.processingError", f"Processing error occurred. {message}", detail=message)


def unauthenticated() -> Fault:
    return Fault("SOAP-ENV:Client.authenticationError", "invalid username or password")


def unauthorized() -> Fault:
    return processing("The task submitted is not authorized.")


# Reading.


def parsed(raw: bytes) -> Element:
    """The root of a document. Raises Fault where it is no XML, or has a document type."""
    try:
        root = etree.fromstring(raw, ENTITY_FREE)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Fault("SOAP-ENV:Client", f"Invalid request: {error}") from None
    if root.getroottree().docinfo.doctype:
        raise Fault("SOAP-ENV:Client", "Invalid request: a document type is not allowed")
    return root


def wd(name: str) -> str:
    return f"{{{BSVC}}}{name}"


def local(element: Element) -> str:
    return etree.QName(element).localname


def attribute(element: Element, name: str) -> str | None:
    """Workday's attributes are in its namespace; without one they are understood too."""
    value = element.get(wd(name))
    return element.get(name) if value is None else value


def child(element: Element, *path: str) -> Element:
    """The element at the end of a path of names, None where there is none."""
    for name in path:
        element = None if element is None else element.find(wd(name))
    return element


def children(element: Element, name: str) -> list[Element]:
    return [] if element is None else element.findall(wd(name))


def text(element: Element, *path: str) -> str:
    found = child(element, *path)
    return "" if found is None else (found.text or "").strip()


def flag(element: Element, *path: str) -> bool:
    return text(element, *path) in ("1", "true")


def path_of(element: Element) -> str:
    """Where an element stands, as faults say it."""
    steps: list[str] = []
    while element is not None and local(element) != "Body":
        parent = element.getparent()
        same = [] if parent is None else [one for one in parent if one.tag == element.tag]
        steps.append(f"wd:{local(element)}[{same.index(element) + 1 if same else 1}]")
        element = parent
    return "/" + "/".join(reversed(steps))


def number(element: Element) -> Decimal:
    try:
        value = Decimal((element.text or "").strip())
    except InvalidOperation:
        raise invalid(f"'{element.text}' is not a valid number", element) from None
    if not value.is_finite():
        raise invalid(f"'{element.text}' is not a valid number", element)
    return value


def moment(element: Element, zone: tzinfo) -> datetime:
    """A time; one without an offset is the tenant's own."""
    given = (element.text or "").strip()
    try:
        value = datetime.fromisoformat(given if "T" in given else "")
        return value if value.tzinfo else value.replace(tzinfo=zone)
    except ValueError:
        raise invalid(f"'{element.text}' is not a valid dateTime", element) from None


def day(element: Element) -> date:
    """A date, whatever offset follows it."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)(Z|[+-]\d\d:\d\d)?", (element.text or "").strip())
    try:
        return date.fromisoformat(found[1] if found else "")
    except ValueError:
        raise invalid(f"'{element.text}' is not a valid date", element) from None


def content(element: Element) -> bytes:
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except ValueError:
        raise invalid("File_Content is not base64", element) from None


def ids(reference: Element) -> Iterator[tuple[str, str]]:
    """Type and value of each id of a reference."""
    for one in children(reference, "ID"):
        yield attribute(one, "type") or "", (one.text or "").strip()


def types_of(kind: str, row: Row) -> Mapping[str, str]:
    """Every id of a row but its WID."""
    return row.get("ids") or ({TYPES[kind]: row["ref"]} if kind in TYPES and row.get("ref") else {})


def resolved(db: Database, reference: Element, *kinds: str) -> Row:
    """The row that a reference names. All its ids must name the same. Raises Fault."""
    found: Row | None = None
    for type, value in ids(reference):
        row = _named(db, kinds, type, value)
        if row is None or (found is not None and found["id"] != row["id"]):
            raise invalid(f"Invalid ID value.  '{value}' is not a valid ID value for type = '{type}'", reference)
        found = row
    if found is None:
        raise invalid(f"{local(reference)} names nothing", reference)
    return found


def _named(db: Database, kinds: Iterable[str], type: str, value: str) -> Row | None:
    for kind in kinds:
        if type == "WID":
            if (row := db[kind].get(value)) is not None:
                return row
        elif "ref" in db[kind].parents:
            if type == TYPES[kind] and (rows := db[kind].where("ref", value)):
                return rows[0]
        else:
            for row in db[kind]:
                if types_of(kind, row).get(type) == value:
                    return row
    return None


# Writing.


@dataclass(frozen=True)
class Writer:
    """Writes elements of an answer from the rows of a database, in a zone, with descriptors or without."""

    db: Database
    zone: tzinfo
    descriptors: bool = False

    def put(self, parent: Element, name: str, value: Any = None, *, empty: bool = False) -> Element:
        """Add an element; without a value, or with an empty one, none at all unless `empty` is on."""
        if value is None or value == "":
            return etree.SubElement(parent, wd(name)) if empty else None
        made = etree.SubElement(parent, wd(name))
        made.text = self.said(value)
        return made

    def open(self, parent: Element, name: str) -> Element:
        return etree.SubElement(parent, wd(name))

    def said(self, value: Any) -> str:
        """A value as text: booleans are 1 and 0, times and dates carry the tenant's offset."""
        match value:
            case bool():
                return "1" if value else "0"
            case datetime():
                return when(value, self.zone)
            case date():
                return on(value, self.zone)
            case bytes():
                return base64.b64encode(value).decode()
            case _:
                return UNWRITABLE.sub("", str(value))

    def ref(self, parent: Element, name: str, kind: str, id: Id, *, own: Row | None = None) -> Element:
        """A reference with every id of a row; nothing where there is no such row."""
        row = own if own is not None else self.db[kind].get(id)
        if row is None:
            return None
        made = self.open(parent, name)
        if self.descriptors:
            made.set(wd("Descriptor"), UNWRITABLE.sub("", descriptor(kind, row)))
        self.id(made, "WID", row["id"])
        for type, value in types_of(kind, row).items():
            self.id(made, type, value)
        return made

    def event(self, parent: Element, name: str, id: Id, described: str = "") -> Element:
        """A reference to an event of a business process, which has its WID alone."""
        made = self.open(parent, name)
        if self.descriptors and described:
            made.set(wd("Descriptor"), described)
        self.id(made, "WID", id)
        return made

    def id(self, parent: Element, type: str, value: str) -> None:
        made = etree.SubElement(parent, wd("ID"))
        made.set(wd("type"), type)
        made.text = value


def when(value: datetime, zone: tzinfo) -> str:
    return value.astimezone(zone).isoformat(timespec="milliseconds")


def on(value: date, zone: tzinfo) -> str:
    """A date with the offset its midnight has there."""
    midnight = datetime(value.year, value.month, value.day, tzinfo=zone)
    return value.isoformat() + midnight.isoformat()[-6:]


def descriptor(kind: str, row: Row) -> str:
    """What a thing is called where people read it."""
    match kind:
        case "candidates":
            return f"{row['first_name']} {row['last_name']} ({row['ref']})"
        case "jobs":
            return f"{row['ref']} {row['title']}"
        case "applications":
            return row["ref"]
        case _:
            return str(row.get("name") or row.get("ref") or row["id"])


def envelope(body: Element) -> bytes:
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"env": SOAP})
    etree.SubElement(root, f"{{{SOAP}}}Body").append(body)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def response(name: str, version: str) -> Element:
    made = etree.Element(wd(name), nsmap={"wd": BSVC})
    made.set(wd("version"), version)
    return made


def faulted(fault: Fault) -> bytes:
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"SOAP-ENV": SOAP})
    body = etree.SubElement(root, f"{{{SOAP}}}Body")
    made = etree.SubElement(body, f"{{{SOAP}}}Fault", nsmap={"wd": BSVC})
    etree.SubElement(made, "faultcode").text = fault.code
    etree.SubElement(made, "faultstring").text = UNWRITABLE.sub("", fault.text)
    if fault.errors:
        detail = etree.SubElement(etree.SubElement(made, "detail"), wd("Validation_Fault"))
        for wrong in fault.errors:
            error = etree.SubElement(detail, wd("Validation_Error"))
            etree.SubElement(error, wd("Message")).text = UNWRITABLE.sub("", wrong.message)
            etree.SubElement(error, wd("Detail_Message")).text = UNWRITABLE.sub("", wrong.message)
            etree.SubElement(error, wd("Xpath")).text = wrong.at
    elif fault.detail:
        detail = etree.SubElement(etree.SubElement(made, "detail"), wd("Processing_Fault"))
        etree.SubElement(detail, wd("Detail_Message")).text = fault.detail
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
