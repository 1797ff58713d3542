"""Workday's own WSDL, as a schema. It is Workday's and not part of this project: it is looked for as
`ats/specs/workday-recruiting.wsdl` in the folder `shared` beside the project. It is of release 26.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import lxml.etree as etree
import pytest

WSDL = Path(__file__).resolve().parents[4] / "shared" / "ats" / "specs" / "workday-recruiting.wsdl"
SCHEMA = "{http://www.w3.org/2001/XMLSchema}schema"


@cache
def schema() -> Any:
    """Skips the test, and says what is missing, where the file is not there."""
    if not WSDL.exists():
        pytest.skip(f"Workday's WSDL is not there, so nothing is held against it. Put it at {WSDL}")
    return etree.XMLSchema(etree.parse(WSDL).find(f".//{SCHEMA}"))


def said(element: Any) -> list[str]:
    """What the WSDL has against an element."""
    if schema().validate(etree.fromstring(etree.tostring(element))):
        return []
    words = sorted({one.message.replace("{urn:com.workday/bsvc}", "") for one in schema().error_log})
    return [f"{etree.QName(element).localname}: {one}" for one in words]
