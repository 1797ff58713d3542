"""How objects look in answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..kit.ids import Id
from ..kit.tables import Row, iso, plain
from .doings import primary

if TYPE_CHECKING:
    from .sandbox import Sandbox

Json = dict[str, Any]


def link(base: str, path: str, method: str = "GET") -> Json:
    return {"url": f"{base}{path}", "method": method}


def given(values: Json) -> Json:
    """Without what is not there."""
    return {key: value for key, value in values.items() if value is not None}


def page(rows: Sequence[Json], total: int, limit: int, offset: int = 0) -> Json:
    return {"totalFound": total, "limit": limit, "offset": offset, "content": list(rows)}


def whole(rows: Sequence[Json]) -> Json:
    return {"totalFound": len(rows), "content": list(rows)}


class Render:
    """From one state of a company, for one caller's address."""

    def __init__(self, sandbox: Sandbox, base: str) -> None:
        self.sandbox = sandbox
        self.db = sandbox.db
        self.base = base

    def job_of(self, id: Id) -> Json:
        return {"id": id, "title": self.db["jobs"].rows[id]["title"],
                "actions": {"details": link(self.base, f"/jobs/{id}")}}  # fmt: skip

    def where(self, row: Row) -> Json:
        """Status and, where it is divided, sub-status."""
        return given({"status": row["status"], "subStatus": self.db["stages"].rows[row["stage_id"]]["name"]})

    def assignment(self, row: Row) -> Json:
        reason = self.db["reasons"].get(row["reason_id"])
        shown = reason and {"id": reason["id"], "label": reason["label"]}
        own = f"/candidates/{row['candidate_id']}/jobs/{row['job_id']}"
        return {
            "job": self.job_of(row["job_id"]), **self.where(row),
            **given({
                "startsOn": plain(row["starts_on"]), "source": row["source"].get("sourceTypeId"),
                "reasonOfRejection": shown if reason and reason["kind"] == "rejection" else None,
                "reasonOfWithdrawal": shown if reason and reason["kind"] == "withdrawal" else None,
            }),
            "actions": {"sourceDetails": link(self.base, f"{own}/source"), "details": link(self.base, own)},
        }  # fmt: skip

    def application(self, row: Row) -> Json:
        return {
            "id": row["id"], "candidate": {"id": row["candidate_id"]}, **self.assignment(row),
            "createdOn": iso(row["created_at"]), "updatedOn": iso(row["updated_at"]),
            "sourceDetails": row["source"], **given({"onboardingStatus": row["onboarding"]}),
        }  # fmt: skip

    def _person(self, row: Row) -> Json:
        rated = [one["rating"] for one in self.db["reviews"].where("candidate_id", row["id"])]
        return {
            "id": row["id"], "internal": row["internal"], "firstName": row["first_name"], "lastName": row["last_name"],
            **given({"email": row["email"] or None, "location": row["location"]}), "createdOn": iso(row["created_at"]),
            "updatedOn": iso(row["updated_at"]), "averageRating": sum(rated) / len(rated) if rated else 0,
            "tags": row["tags"],
        }  # fmt: skip

    def listed(self, row: Row) -> Json:
        """A person as the search shows it: without phone, web, education and experience."""
        first, others = self._assignments(row)
        brief = self.sandbox.options.secondary == "job"
        own = f"/candidates/{row['id']}"
        return {
            **self._person(row), **({"primaryAssignment": self.assignment(first)} if first else {}),
            "secondaryAssignments": [{"job": self.job_of(one["job_id"])} if brief else self.assignment(one)
                                     for one in others],
            "actions": {"details": link(self.base, own), "properties": link(self.base, f"{own}/properties")},
        }  # fmt: skip

    def candidate(self, row: Row) -> Json:
        first, others = self._assignments(row)
        own = f"/candidates/{row['id']}"
        return {
            **self._person(row), **given({"phoneNumber": row["phone"]}), "web": row["web"],
            "education": row["education"], "experience": row["experience"],
            **({"primaryAssignment": self.assignment(first)} if first else {}),
            "secondaryAssignments": [self.assignment(one) for one in others],
            "actions": {"properties": link(self.base, f"{own}/properties"),
                        "attachments": link(self.base, f"{own}/attachments")},
        }  # fmt: skip

    def _assignments(self, row: Row) -> tuple[Row | None, list[Row]]:
        first = primary(self.sandbox, row["id"])
        return first, [one for one in self.db["applications"].where("candidate_id", row["id"]) if one is not first]

    def value(self, row: Row, kept: Any) -> Any:
        """The value of a property as it is read."""
        if row["type"] == "SINGLE_SELECT":
            return next((dict(one) for one in row["values"] if one["id"] == kept), None)
        if row["type"] in ("NUMBER", "PERCENT") and self.sandbox.options.numbers == "text":
            return str(kept)
        return kept

    def properties(self, application: Row, context: str | None) -> Json:
        values, path = application["properties"], "/configuration/candidate-properties/{}"
        rows = [row for row in self.db["properties"] if context is None or context in row["contexts"]]
        return {"content": [
            {"id": row["id"], "label": row["label"], "type": row["type"],
             **given({"value": None if values.get(row["id"]) is None else self.value(row, values[row["id"]])}),
             "actions": {"configuration": link(self.base, path.format(row["id"]))}} for row in rows
        ]}  # fmt: skip

    def property(self, row: Row) -> Json:
        own = f"/configuration/candidate-properties/{row['id']}"
        return {
            "id": row["id"], "label": row["label"], "type": row["type"],
            "availability": {"toUsers": "ALL", "context": row["contexts"], "forOrgFields": []},
            "actions": {"values": link(self.base, f"{own}/values")} if row["type"] == "SINGLE_SELECT" else {},
        }  # fmt: skip

    def attachment(self, row: Row) -> Json:
        return {"id": row["id"], "name": row["name"], "type": row["type"], "contentType": row["content_type"],
                "actions": {"fetch": link(self.base, f"/candidates/attachments/{row['id']}")}}  # fmt: skip

    def user(self, id: Id) -> Json:
        row = self.db["users"].rows[id]
        return {"id": id, "firstName": row["first_name"], "lastName": row["last_name"]}

    def message(self, row: Row) -> Json:
        applications = [{"candidateId": one["candidate_id"], "jobId": one["job_id"]} for id in row["candidates"]
                        for one in self.db["applications"].where("candidate_id", id)]  # fmt: skip
        return {
            "id": row["id"], "content": row["content"], "createdOn": iso(row["created_at"]),
            "author": self.user(row["author_id"]), **given({"correlationId": row["correlation"]}),
            "visibility": row["visibility"], "context": {"applications": applications},
        }  # fmt: skip

    def review(self, row: Row) -> Json:
        application = self.db["applications"].rows[row["application_id"]]
        return {
            "id": row["id"], "candidateId": row["candidate_id"], "jobId": application["job_id"],
            "reviewer": self.user(row["user_id"]), self.sandbox.options.rating: row["rating"],
            "comment": row["comment"], "createdOn": iso(row["created_at"]), "updatedOn": iso(row["updated_at"]),
        }  # fmt: skip

    def process(self, row: Row) -> Json:
        names: dict[str, list[str]] = {"IN_REVIEW": [], "INTERVIEW": [], "OFFERED": []}
        for stage in self.db["stages"].where("process_id", row["id"]):
            if stage["name"]:
                names[stage["status"]].append(stage["name"])
        return {"id": row["id"], "name": row["name"], "active": row["active"], "subStatuses": names}

    def job_listed(self, row: Row) -> Json:
        return {
            "id": row["id"], "title": row["title"], "refNumber": row["ref"], "createdOn": iso(row["created_at"]),
            "updatedOn": iso(row["updated_at"]), "status": row["status"], "postingStatus": row["posting_status"],
            "department": row["department"], "location": row["location"],
            "actions": {"details": link(self.base, f"/jobs/{row['id']}")},
        }  # fmt: skip

    def job(self, row: Row) -> Json:
        process = self.db["processes"].rows[row["process_id"]]
        shown = self.sandbox.options.hiring_process == "shown"
        return {
            **self.job_listed(row), "template": False, "creator": self.user(row["creator_id"]),
            "jobAd": {"sections": {"jobDescription": {"title": "Job Description", "text": row["description"]}}},
            "properties": [],
            **({"hiringProcess": {"id": process["id"], "label": process["name"]}} if shown else {}),
            "actions": {"hiringTeam": link(self.base, f"/jobs/{row['id']}/hiring-team"),
                        "positions": link(self.base, f"/jobs/{row['id']}/positions")},
        }  # fmt: skip

    def posting(self, row: Row) -> Json:
        """As the public list shows it: without a word of the advert."""
        company, number = self.sandbox.options.company, posting_number(row)
        return {
            "id": number, "uuid": row["id"], "name": row["title"], "refNumber": row["ref"],
            "releasedDate": iso(row["created_at"]), "department": row["department"], "location": row["location"],
            "company": {"identifier": company, "name": company},
            "ref": f"{self.base}/v1/companies/{company}/postings/{number}",
        }  # fmt: skip

    def posting_whole(self, row: Row) -> Json:
        texts = {"companyDescription": "", "jobDescription": row["description"], "qualifications": "",
                 "additionalInformation": ""}  # fmt: skip
        at = f"{self.base}/careers/jobs/{row['id']}"
        return {
            **self.posting(row), "postingUrl": at, "applyUrl": at, "active": True,
            "jobAd": {"sections": {name: {"title": TITLES[name], "text": text} for name, text in texts.items()}},
        }  # fmt: skip


TITLES = {"companyDescription": "Company Description", "jobDescription": "Job Description",
          "qualifications": "Qualifications", "additionalInformation": "Additional Information"}  # fmt: skip


def posting_number(row: Row) -> str:
    """The number under which a posting is known beside its UUID."""
    return str(743_999_000_000_000 + int(row["id"].replace("-", "")[:9], 16))
