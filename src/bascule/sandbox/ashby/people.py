"""Candidates, their notes, tags and files: everything people and programs do to them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

from ..kit.access import secret
from ..kit.tables import Actor, Row
from . import fields
from .errors import Refused, invalid, missing
from .sandbox import Sandbox

LINKS = ("LinkedIn", "GitHub", "Twitter", "Medium", "StackOverflow", "YouTube", "CodePen", "Website")
FRAUD = ("Fraudulent", "NotFraudulent", "Unsure")
EMPTY: Mapping[str, Any] = {
    "emails": [], "phones": [], "links": [], "tag_ids": [], "project_ids": [], "position": None, "company": None,
    "school": None, "resume_id": None, "source_id": None, "credited_to": None, "timezone": None, "location": None,
    "fraud": "None", "custom_fields": {}, "anonymized": False,
}  # fmt: skip
ANONYMOUS = "Anonymized Candidate"


# Contact details.


def address(value: Any, field: str = "email") -> str:
    if not isinstance(value, str) or not fields.EMAIL.fullmatch(value.strip()):
        raise invalid("Not an e-mail address", field)
    return value.strip()


def contacts(primary: str | None, others: list[str] | None = None) -> list[dict[str, Any]]:
    """Addresses or numbers as they are stored, the primary one first, none of them twice."""
    values = list(dict.fromkeys(one for one in (primary, *(others or [])) if one))
    return [{"value": one, "type": "Personal", "isPrimary": number == 0} for number, one in enumerate(values)]


def with_primary(before: list[dict[str, Any]], value: str) -> list[dict[str, Any]]:
    """This one is the primary now; what was it stays as another."""
    rest = [{**one, "isPrimary": False} for one in before if one["value"].lower() != value.lower()]
    return [{"value": value, "type": "Personal", "isPrimary": True}, *rest]


def link(type: str, url: str) -> dict[str, str]:
    if type not in LINKS or not fields.URL.fullmatch(url):
        raise invalid("Not a link of a known type", "socialLinks")
    return {"type": type, "url": url}


def with_link(before: list[dict[str, str]], type: str, url: str | None) -> list[dict[str, str]]:
    rest = [one for one in before if one["type"] != type]
    return [*rest, link(type, url)] if url else rest


# Candidates.


def create(sandbox: Sandbox, actor: Actor, values: Mapping[str, Any], *, created_at: datetime | None = None) -> Row:
    """A new candidate. Nothing is told: no event is sent for candidates as such."""
    name = str(values.get("name") or "").strip()
    if not name:
        raise invalid("Required", "name")
    row = sandbox.db.create(
        "candidates", actor,
        **{**EMPTY, "tag_ids": [], "project_ids": [], "custom_fields": {}, **values, "name": name,
           "added_at": sandbox.now()},
    )  # fmt: skip
    if created_at is not None:
        sandbox.db.mark("candidates", row["id"], created_at=created_at)
    return row


def update(sandbox: Sandbox, actor: Actor, id: str, values: Mapping[str, Any]) -> list[str]:
    sandbox.row("candidates", id, "candidate")
    if "name" in values and not str(values["name"] or "").strip():
        raise invalid("Required", "name")
    return sandbox.db.change("candidates", id, actor, values)


def activity(sandbox: Sandbox, id: str) -> None:
    """Something happened around a candidate; whether that moves `updatedAt` is not documented."""
    if sandbox.options.activity_touches:
        sandbox.db.mark("candidates", id, updated_at=sandbox.now())


def add_tag(sandbox: Sandbox, actor: Actor, id: str, tag_id: str) -> None:
    row, tag = sandbox.row("candidates", id, "candidate"), sandbox.row("tags", tag_id, "tag")
    if tag["archived"]:
        raise invalid("This tag is archived", "tagId")
    if tag_id not in row["tag_ids"]:
        sandbox.db.change("candidates", id, actor, {"tag_ids": [*row["tag_ids"], tag_id]})


def remove_tag(sandbox: Sandbox, actor: Actor, id: str, tag_id: str) -> None:
    row = sandbox.row("candidates", id, "candidate")
    sandbox.row("tags", tag_id, "tag")
    sandbox.db.change("candidates", id, actor, {"tag_ids": [one for one in row["tag_ids"] if one != tag_id]})


def define_tag(sandbox: Sandbox, actor: Actor, title: str) -> Row:
    """A tag of this title: the one there is, or a new one."""
    title = title.strip()
    if not title:
        raise invalid("Required", "title")
    known = next((row for row in sandbox.db["tags"] if row["title"] == title), None)
    return known or sandbox.db.create("tags", actor, title=title, archived=False)


# Notes.

KEPT = frozenset({"b", "i", "u", "a", "ul", "ol", "li", "code", "pre"})


class _Stripped(HTMLParser):
    """HTML with only the elements that notes may have; the text of the others stays."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.kept: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in KEPT:
            target = next((value for name, value in attrs if name == "href" and value), None)
            href = f' href="{target}"' if tag == "a" and target and fields.URL.fullmatch(target) else ""
            self.kept.append(f"<{tag}{href}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in KEPT:
            self.kept.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.kept.append(data)

    def handle_entityref(self, name: str) -> None:
        self.kept.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.kept.append(f"&#{name};")


def stripped(html: str) -> str:
    parser = _Stripped()
    parser.feed(html)
    parser.close()
    return "".join(parser.kept)


def add_note(
    sandbox: Sandbox, actor: Actor, id: str, text: str, *, private: bool = False, html: bool = False,
    notify: bool = False, created_at: datetime | None = None,
) -> Row:  # fmt: skip
    """A note. It can never be changed or deleted by a program, and no event tells of it."""
    row = sandbox.row("candidates", id, "candidate")
    body = stripped(text) if html else text
    if not body.strip():
        raise invalid("The note is empty", "note")
    note = sandbox.db.create("notes", actor, candidate_id=id, user_id=actor.user_id, body=body, html=html,
                             private=private)  # fmt: skip
    if created_at is not None:
        sandbox.db.mark("notes", note["id"], created_at=created_at)
    if notify:
        watching = [user["email"] for user in sandbox.db["users"] if user["enabled"] and user["id"] != actor.user_id]
        sandbox.email(actor, id, watching[:3], f"New note on {row['name']}", body, "note notification")
    activity(sandbox, id)
    return note


def delete_note(sandbox: Sandbox, actor: Actor, id: str) -> None:
    """As a person does on the page."""
    sandbox.row("notes", id, "note")
    sandbox.db.delete("notes", id, actor)


# Files.

ABOUT = re.compile(r"^(?P<position>[^\n]{2,60}) at (?P<company>[^\n]{2,60})$", re.MULTILINE)


def attach(
    sandbox: Sandbox, actor: Actor, id: str, name: str, type: str, content: bytes, *, resume: bool = False
) -> Row:
    """A file of a candidate; a resume becomes the current one and fills in what was not known yet."""
    row = sandbox.row("candidates", id, "candidate")
    file = sandbox.db.create("attachments", actor, candidate_id=id, name=name, type=type, content=content,
                             resume=resume, handle=secret(sandbox.order, 64))  # fmt: skip
    values: dict[str, Any] = {}
    if resume:
        found = ABOUT.search(content.decode("utf-8", "replace"))
        read = {key: value for key, value in (found.groupdict() if found else {}).items() if not row[key]}
        values = {"resume_id": file["id"], **read}
    sandbox.db.change("candidates", id, actor, values)
    sandbox.db.mark("candidates", id, updated_at=sandbox.now())
    return file


def file_of(sandbox: Sandbox, handle: Any) -> Row:
    found = next((row for row in sandbox.db["attachments"] if row["handle"] == handle), None)
    if found is None:
        raise missing("file")
    return found


# Erasing.


def anonymize(sandbox: Sandbox, actor: Actor, id: str) -> None:
    """Empty a candidate for good. Refused while an application is neither archived nor hired. No event tells of it."""
    row = sandbox.row("candidates", id, "candidate")
    if any(one["status"] not in ("Archived", "Hired") for one in sandbox.db["applications"].where("candidate_id", id)):
        raise Refused(200, "All of the candidate's applications must be archived or hired",
                      code="candidate_has_active_applications")  # fmt: skip
    for kind in ("notes", "attachments", "emails", "assessments", "feedback"):
        for one in sandbox.db[kind].where("candidate_id", id):
            sandbox.db.delete(kind, one["id"], actor)
    for one in sandbox.db["applications"].where("candidate_id", id):
        sandbox.db.change("applications", one["id"], actor,
                          {"custom_fields": {}, "form": None, "ip": None, "agent": None})  # fmt: skip
    kept = {"source_id": row["source_id"], "credited_to": row["credited_to"]}
    sandbox.db.change("candidates", id, actor, {**EMPTY, **kept, "name": ANONYMOUS, "anonymized": True})


def delete(sandbox: Sandbox, actor: Actor, id: str) -> None:
    """As a person does on the page: the interface has no such method."""
    sandbox.row("candidates", id, "candidate")
    for kind in BELOW:
        for one in sandbox.db[kind].where("candidate_id", id):
            sandbox.db.delete(kind, one["id"], actor)
    sandbox.db.delete("candidates", id, actor)
    sandbox.tell("candidateDelete", f"candidate/{id}", lambda: {"candidate": {"id": id}})


BELOW = ("notes", "attachments", "emails", "assessments", "feedback", "schedules", "offers", "offer_processes",
         "history", "applications")  # fmt: skip


def merge(sandbox: Sandbox, actor: Actor, into: str, id: str) -> None:
    """One candidate goes, all that was theirs belongs to the other; what both have stays as the other had it."""
    kept, gone = sandbox.row("candidates", into, "candidate"), sandbox.row("candidates", id, "candidate")
    if into == id:
        raise invalid("A candidate cannot be merged with itself")
    for kind in BELOW:
        for one in sandbox.db[kind].where("candidate_id", id):
            sandbox.db.change(kind, one["id"], actor, {"candidate_id": into}, touch=False)
    values: dict[str, Any] = {
        key: gone[key] for key in ("position", "company", "school", "resume_id", "timezone", "location")
        if not kept[key]
    }  # fmt: skip
    for key in ("emails", "phones", "links"):
        name = "url" if key == "links" else "value"
        have = {one[name].lower() for one in kept[key]}
        more = [one if key == "links" else {**one, "isPrimary": not kept[key] and one["isPrimary"]}
                for one in gone[key] if one[name].lower() not in have]  # fmt: skip
        values[key] = [*kept[key], *more]
    values["tag_ids"] = list(dict.fromkeys([*kept["tag_ids"], *gone["tag_ids"]]))
    values["custom_fields"] = {**gone["custom_fields"], **kept["custom_fields"]}
    sandbox.db.delete("candidates", id, actor)
    sandbox.db.change("candidates", into, actor, values)
    sandbox.tell("candidateMerge", f"candidate/{id}",
                 lambda: {"deletedCandidate": {"id": id}, "mergedCandidate": {"id": into}})  # fmt: skip
