"""Postings: the Data API's own way to list, save and apply to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from ..kit.tables import Actor, Row
from . import people, records
from .calls import Call, newest
from .errors import invalid
from .frame import Frame
from .hooks import ms
from .sandbox import Sandbox

STATES = ("published", "internal", "closed", "draft", "pending", "rejected")
PERSONAL = (("fullName", "Full name", True), ("email", "Email", True), ("phone", "Phone", False),
            ("currentCompany", "Current company", False), ("resume", "Resume/CV", False),
            ("additionalInformation", "Additional information", False))  # fmt: skip


class Postings(Frame):
    def routes(self) -> list[Route]:
        r = self.route
        return [
            r("/postings", "posting", {"GET": ("postings", "read", self.postings),
                                       "POST": ("postings", "write", self.save_posting)}),
            r("/postings/deleted", "", {"GET": ("postings", "read", partial(self.deleted, "posting"))}),
            r("/postings/{id}", "posting", {"GET": ("postings", "read", self.posting),
                                            "PUT": ("postings", "write", self.save_posting)}),
            r("/postings/{id}/apply", "", {"GET": ("postings", "read", self.form),
                                           "POST": ("postings", "write", self.apply)}),
        ]  # fmt: skip

    def postings(self, call: Call) -> Response:
        allowed, within = call.text("confidentiality") or "non-confidential", call.within("updated_at")
        if states := set(call.texts("state")) - set(STATES):
            raise invalid(f"state must be one of {', '.join(STATES)}; not {', '.join(sorted(states))}")
        if allowed not in ("all", "non-confidential", "confidential"):
            raise invalid("confidentiality must be non-confidential, confidential or all")

        def wanted(row: Row) -> bool:
            kinds = all(not (asked := set(call.texts(name))) or row["categories"][name] in asked
                        for name in ("team", "department", "location", "commitment", "level"))  # fmt: skip
            states, tags = set(call.texts("state")), set(call.texts("tag"))
            return (kinds and call.sees(row) and allowed in ("all", row["confidentiality"])
                    and within(ms(row["updated_at"])) and (not states or row["state"] in states)
                    and (not tags or bool(tags & set(row["tags"]))))  # fmt: skip

        rows = [row for row in call.view.db["jobs"] if call.view.seen("jobs", row) and wanted(row)]
        return call.page(rows, call.show.posting, newest)

    def posting(self, call: Call) -> Response:
        return call.one(call.show.posting(call.there("jobs", call.request.path_params["id"])))

    def save_posting(self, call: Call) -> Response:
        id = call.request.path_params.get("id")
        given = call.values("text", "state", "distributionChannels", "owner", "hiringManager", "categories", "tags",
                            "content", "requisitionCodes", "workplaceType", "confidentiality", "country")  # fmt: skip
        before = call.there("jobs", id, self.sandbox) if id is not None else None
        if before is not None and given.get("confidentiality", before["confidentiality"]) != before["confidentiality"]:
            raise invalid("confidentiality cannot be changed")
        row = save_posting(self.sandbox, call.actor(required=True), given, before)
        return call.one(call.show.posting(row), 201 if id is None else 200)

    def form(self, call: Call) -> Response:
        row = call.there("jobs", call.request.path_params["id"])
        personal = [{"name": name, "text": text, "type": "text", "required": required}
                    for name, text, required in PERSONAL]  # fmt: skip
        return call.one({"text": row["text"], "personalInformation": personal, "urls": [],
                         "customQuestions": row["content"]["customQuestions"]})  # fmt: skip

    def apply(self, call: Call) -> Response:
        """Apply as the form asks. The person gets an e-mail only if `send_confirmation_email` is true."""
        job = call.there("jobs", call.request.path_params["id"], self.sandbox)
        if job["state"] not in ("published", "internal"):
            raise invalid("The posting takes no applications")
        given = call.values("personalInformation", "customQuestions", "urls", "resume", "source", "origin", "consent",
                            "ipAddress", "eeoResponses", "diversitySurvey")  # fmt: skip
        told = given.get("personalInformation")
        said = {one.get("name"): one.get("value") for one in told or () if isinstance(one, dict)}
        if not said.get("fullName") or "@" not in str(said.get("email")):
            raise invalid("personalInformation must hold fullName and email")
        answers = custom_answers(job, given.get("customQuestions") or [])
        resume = self._uploaded(said.get("resume") or given.get("resume"))
        person: dict[str, Any] = {"name": said["fullName"], "emails": [said["email"]],
                                  "phones": [{"type": "mobile", "value": said["phone"]}] if said.get("phone") else [],
                                  "headline": said.get("currentCompany") or ""}  # fmt: skip
        _, made = records.apply(
            self.sandbox, call.actor(), job, person,
            {"company": said.get("currentCompany"), "comments": said.get("additionalInformation"),
             "custom_questions": answers},
            resume=resume, source=given.get("source"), silent=not call.flag("send_confirmation_email"),
            origin=people.valid_origin(given.get("origin", "applied")),
        )  # fmt: skip
        return call.one({"applicationId": made["id"]}, 201)

    def _uploaded(self, uri: Any) -> tuple[str, bytes] | None:
        if not uri:
            return None
        row = self.sandbox.db["uploads"].get(str(uri).rpartition("/")[2])
        if row is None:
            raise invalid("resume is not the uri of an upload")
        return row["filename"], row["content"]


def save_posting(sandbox: Sandbox, actor: Actor, given: Mapping[str, Any], before: Row | None) -> Row:
    state = given.get("state", before["state"] if before else "draft")
    if state not in STATES:
        raise invalid(f"state must be one of {', '.join(STATES)}")
    if not isinstance(given.get("text", before and before["text"]), str):
        raise invalid("text is required")
    names = {"text": "text", "distributionChannels": "distribution_channels", "owner": "owner_id", "tags": "tags",
             "hiringManager": "hiring_manager_id", "requisitionCodes": "requisition_codes", "country": "country",
             "workplaceType": "workplace_type"}  # fmt: skip
    chosen: dict[str, Any] = {column: given[name] for name, column in names.items() if name in given}
    blank: dict[str, Any] = dict.fromkeys(("team", "department", "location", "commitment", "level"))
    held = before["categories"] if before else {**blank, "allLocations": []}
    chosen |= {"state": state, "categories": {**held, **(given.get("categories") or {})}}
    content = before["content"] if before else {"description": "", "descriptionHtml": "", "lists": [], "closing": "",
                                                "closingHtml": "", "customQuestions": []}  # fmt: skip
    chosen["content"] = {**content, **(given.get("content") or {})}
    if before is not None:
        sandbox.db.change("jobs", before["id"], actor, chosen)
        return before
    empty: dict[str, Any] = {
        "distribution_channels": ["public"], "owner_id": actor.user_id, "hiring_manager_id": None, "tags": [],
        "requisition_codes": [], "country": None, "workplace_type": "unspecified",
    }  # fmt: skip
    return sandbox.db.create("jobs", actor, **{
        **empty, "user_id": actor.user_id, "followers": [], "salary_range": None,
        "confidentiality": given.get("confidentiality") or "non-confidential", **chosen})  # fmt: skip


def custom_answers(job: Row, given: Sequence[Any]) -> list[Row]:
    """The posting's questions with the answers of a form. Raises Refused (400) where a required one has none."""
    said = {one.get("id"): one.get("fields") or [] for one in given if isinstance(one, dict)}
    found: list[Row] = []
    for form in job["content"]["customQuestions"]:
        values = said.get(form["id"], [])
        fields: list[Row] = []
        for number, question in enumerate(form["fields"]):
            value = values[number].get("value") if number < len(values) else None
            if question["required"] and not value:
                raise invalid(f"An answer is required: {question['text']}")
            fields.append({**question, "value": value})
        found.append({**form, "fields": fields})
    return found
