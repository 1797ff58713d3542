"""What a `reshape` fault does to an answer in XML: elements of each object renamed, removed or set."""

from __future__ import annotations

import lxml.etree as etree

from ..kit.kinds import Reshape
from .xml import ENTITY_FREE, Element, local, wd

# The elements that are objects of an answer.
OBJECTS = ("Candidate_Data", "Job_Applied_To_Data", "Job_Requisition_Data", "Assess_Candidate_Data",
           "Candidate_Attachment_Data", "Job_Application_Custom_Object_Data")  # fmt: skip


def reshape(fault: Reshape, body: bytes) -> bytes:
    try:
        root = etree.fromstring(body, ENTITY_FREE)
    except etree.XMLSyntaxError:
        return body
    for one in list(root.iter(*(wd(name) for name in OBJECTS))):
        for old, new in fault.rename.items():
            for found in _inside(one, old):
                found.tag = wd(new)
        for name in fault.remove:
            for found in _inside(one, name):
                found.getparent().remove(found)
        for name, value in fault.set.items():
            _set(one, name, str(value))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _inside(element: Element, name: str) -> list[Element]:
    """The elements that `a.b.c` names within one."""
    found = [element]
    for step in name.split("."):
        found = [one for holder in found for one in holder if local(one) == step]
    return found


def _set(element: Element, name: str, value: str) -> None:
    *path, last = name.split(".")
    for holder in _inside(element, ".".join(path)) if path else [element]:
        known = [one for one in holder if local(one) == last]
        for one in known or [etree.SubElement(holder, wd(last))]:
            one.text = value
