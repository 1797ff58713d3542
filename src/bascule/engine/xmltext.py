"""XML and SOAP as the values that connectors speak in. See `connectors.spec.Response` for how XML reads as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict

from bascule.model import Json

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
TEXT = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText"


def envelope(
    body: Mapping[str, Json],
    namespaces: Mapping[str, str],
    user: tuple[str, str] | None,
    more: Mapping[str, Json] = MappingProxyType({}),
) -> bytes:
    """A SOAP 1.1 envelope. `user` (name, password) signs it in by WS-Security; `more` stands in the header too."""
    header: dict[str, Json] = dict(more)
    if user is not None:
        token = {"wsse:Username": user[0], "wsse:Password": {"@Type": TEXT, "#text": user[1]}}
        header["wsse:Security"] = {
            "@xmlns:wsse": SECURITY,
            "@soapenv:mustUnderstand": "1",
            "wsse:UsernameToken": token,
        }
    named = {f"@xmlns:{prefix}": uri for prefix, uri in namespaces.items()}
    whole = {"@xmlns:soapenv": ENVELOPE, **named, "soapenv:Header": header or None, "soapenv:Body": body}
    return xmltodict.unparse({"soapenv:Envelope": whole}).encode()


def loads(data: bytes) -> Json:
    """What an XML document says, without prefixes; of a SOAP envelope what stands in its body. ValueError."""
    try:
        found = xmltodict.parse(data, postprocessor=_plain, disable_entities=True)
    except ExpatError as error:
        raise ValueError(str(error)) from None
    whole = found.get("Envelope")
    return found if whole is None else (whole or {}).get("Body") or {}


def is_xml(headers: Mapping[str, str], data: bytes) -> bool:
    return "xml" in headers.get("content-type", "") and data.lstrip()[:1] == b"<"


def _plain(path: object, name: str, value: Json) -> Any:
    """Without the prefix of a name; a declaration of one is left out."""
    if name.startswith("@"):
        return None if name.startswith("@xmlns") else ("@" + name[1:].rpartition(":")[2], value)
    return name.rpartition(":")[2], value
