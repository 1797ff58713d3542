"""Objects as the Data API shows them. `base` is the address that the caller knows this server by."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Any

from ..kit.ids import Id
from ..kit.tables import Row
from .hooks import ms
from .sandbox import Sandbox

Shown = dict[str, Any]
# What `expand` can replace, by kind of object: the field, and the resource whose scope that takes.
EXPAND: dict[str, dict[str, str]] = {
    "opportunity": {"applications": "applications", "contact": "contact", "stage": "stages", "owner": "users",
                    "sourcedBy": "users", "followers": "users"},
    "application": {"posting": "postings", "postingOwner": "users", "postingHiringManager": "users", "user": "users"},
    "posting": {"user": "users", "owner": "users", "hiringManager": "users", "followers": "users"},
    "note": {"user": "users"}, "form": {"user": "users"}, "feedback": {"user": "users"},
    "interview": {"user": "users", "stage": "stages", "panel": "panels"}, "panel": {"user": "users", "stage": "stages"},
    "offer": {"creator": "users"}, "requisition": {"owner": "users", "hiringManager": "users"},
}  # fmt: skip


class Show:
    """Shows rows of one state of the tenant: of now, or of a replica that is behind."""

    def __init__(self, sandbox: Sandbox, base: str, expand: Collection[str] = ()) -> None:
        self.sandbox = sandbox
        self.db = sandbox.db
        self.base = base
        self.expand = expand

    def _one(self, field: str, id: Id, kind: str, shown: Callable[[Row], Shown]) -> Any:
        """An id, or the object if that was asked for."""
        row = self.db[kind].get(id) if field in self.expand else None
        return id if row is None else shown(row)

    def _user(self, field: str, id: Id) -> Any:
        return self._one(field, id, "users", self.user)

    def opportunity(self, row: Row) -> Shown:
        person = self.db["candidates"].rows[row["candidate_id"]]
        submissions = self.db["submissions"].where("application_id", row["id"])
        followers = [self._user("followers", one) for one in row["followers"]]
        return {
            "id": row["id"], "name": person["name"], "headline": person["headline"],
            "contact": self._one("contact", person["id"], "candidates", self.contact),
            "emails": person["emails"], "phones": person["phones"], "links": person["links"],
            "confidentiality": row["confidentiality"], "location": person["location"],
            "archived": row["archived"], "createdAt": ms(row["created_at"]), "updatedAt": ms(row["updated_at"]),
            "lastInteractionAt": ms(row["last_interaction_at"]), "lastAdvancedAt": ms(row["last_advanced_at"]),
            "snoozedUntil": ms(row["snoozed_until"]),
            "stage": self._one("stage", row["stage_id"], "stages", self.stage), "stageChanges": row["stage_changes"],
            "owner": self._user("owner", row["owner_id"]), "tags": row["tags"], "sources": row["sources"],
            "origin": row["origin"], "sourcedBy": self._user("sourcedBy", row["sourced_by"]),
            "applications": [self.application(one) if "applications" in self.expand else one["id"]
                             for one in submissions],
            "followers": followers,
            "urls": {"list": f"{self.base}/ats", "show": f"{self.base}/ats/candidates/{person['id']}"},
            "dataProtection": row["data_protection"], "isAnonymized": person["anonymized"],
            "opportunityLocation": row["location"],
        }  # fmt: skip

    def contact(self, row: Row) -> Shown:
        return {"id": row["id"], "name": row["name"], "headline": row["headline"],
                "isAnonymized": row["anonymized"], "location": {"name": row["location"]}, "emails": row["emails"],
                "phones": row["phones"]}  # fmt: skip

    def application(self, row: Row) -> Shown:
        opportunity = self.db["applications"].rows[row["application_id"]]
        return {
            "id": row["id"], "opportunityId": row["application_id"], "candidateId": row["application_id"],
            "createdAt": ms(row["created_at"]), "type": row["type"],
            "posting": self._one("posting", row["job_id"], "jobs", self.posting),
            "postingOwner": self._user("postingOwner", row["posting_owner"]),
            "postingHiringManager": self._user("postingHiringManager", row["posting_hiring_manager"]),
            "user": self._user("user", row["user_id"]), "name": row["name"], "email": row["email"],
            "phone": row["phone"], "company": row["company"], "links": row["links"], "comments": row["comments"],
            "customQuestions": row["custom_questions"], "archived": opportunity["archived"],
            "requisitionForHire": row["requisition_for_hire"],
        }  # fmt: skip

    def posting(self, row: Row) -> Shown:
        site = f"{self.base}/careers"
        return {
            "id": row["id"], "text": row["text"], "createdAt": ms(row["created_at"]),
            "updatedAt": ms(row["updated_at"]),
            "user": self._user("user", row["user_id"]), "owner": self._user("owner", row["owner_id"]),
            "hiringManager": self._user("hiringManager", row["hiring_manager_id"]),
            "confidentiality": row["confidentiality"], "categories": row["categories"], "tags": row["tags"],
            "content": row["content"], "country": row["country"],
            "followers": [self._user("followers", one) for one in row["followers"]], "state": row["state"],
            "distributionChannels": row["distribution_channels"],
            "reqCode": next(iter(row["requisition_codes"]), None), "requisitionCodes": row["requisition_codes"],
            "salaryRange": row["salary_range"], "workplaceType": row["workplace_type"],
            "urls": {"list": site, "show": f"{site}/jobs/{row['id']}", "apply": f"{site}/jobs/{row['id']}"},
        }  # fmt: skip

    def stage(self, row: Row) -> Shown:
        return {"id": row["id"], "text": row["text"]}

    def reason(self, row: Row) -> Shown:
        return {"id": row["id"], "text": row["text"], "status": row["status"], "type": row["type"]}

    def user(self, row: Row) -> Shown:
        return {
            "id": row["id"], "name": row["name"], "username": row["email"].partition("@")[0], "email": row["email"],
            "accessRole": row["access_role"], "photo": None, "createdAt": ms(row["created_at"]),
            "deactivatedAt": ms(row["deactivated_at"]), "externalDirectoryId": row["external_directory_id"],
            "linkedContactIds": None, "jobTitle": row["job_title"], "managerId": row["manager_id"],
        }  # fmt: skip

    def note(self, row: Row) -> Shown:
        fields = [{"type": "note", "text": "Comment", "value": one["value"], "score": one["score"],
                   "user": one["user"], "stage": one["stage"], "createdAt": ms(one["at"])}
                  for one in row["fields"]]  # fmt: skip
        return {"id": row["id"], "text": "Note", "fields": fields, "user": self._user("user", row["user_id"]),
                "secret": row["secret"], "completedAt": ms(row["completed_at"]), "createdAt": ms(row["created_at"]),
                "deletedAt": ms(row["deleted_at"])}  # fmt: skip

    def form(self, row: Row) -> Shown:
        return {
            "id": row["id"], "type": "form", "text": row["text"], "instructions": row["instructions"],
            "baseTemplateId": row["template_id"], "fields": _fields(row["fields"]), "secret": row["secret"],
            "user": self._user("user", row["user_id"]), "stage": row["stage_id"], "createdAt": ms(row["created_at"]),
            "completedAt": ms(row["completed_at"]), "deletedAt": ms(row["deleted_at"]),
        }  # fmt: skip

    def feedback(self, row: Row) -> Shown:
        return {
            "id": row["id"], "type": "interview", "text": row["text"], "instructions": row["instructions"],
            "fields": _fields(row["fields"]), "baseTemplateId": row["template_id"], "interview": row["interview_id"],
            "panel": row["panel_id"], "user": self._user("user", row["user_id"]), "createdAt": ms(row["created_at"]),
            "updatedAt": ms(row["updated_at"]), "completedAt": ms(row["completed_at"]),
            "deletedAt": ms(row["deleted_at"]),
        }  # fmt: skip

    def template(self, row: Row) -> Shown:
        return {
            "id": row["id"], "text": row["text"], "instructions": row["instructions"], "group": row["group"],
            "secretByDefault": row["secret_by_default"], "fields": _fields(row["fields"]),
            "createdAt": ms(row["created_at"]), "updatedAt": ms(row["updated_at"]),
        }  # fmt: skip

    def file(self, row: Row) -> Shown:
        return {"id": row["id"], "opportunityId": row["application_id"], **self._stored(row, "files")}

    def resume(self, row: Row) -> Shown:
        stored = self._stored(row, "resumes")
        parsed = row["parsed"] if stored["status"] == "processed" else {}
        shown = {"positions": parsed.get("positions", []), "schools": parsed.get("schools", [])}
        return {"id": row["id"], "createdAt": ms(row["created_at"]), "file": stored, "parsedData": shown}

    def _stored(self, row: Row, where: str) -> Shown:
        ready = row["created_at"] + timedelta(seconds=self.sandbox.options.processing) <= self.sandbox.now()
        at = f"{self.base}/v1/opportunities/{row['application_id']}/{where}/{row['id']}/download"
        return {"name": row["name"], "ext": row["ext"], "downloadUrl": at, "uploadedAt": ms(row["created_at"]),
                "status": "processed" if ready else "processing", "size": row["size"]}  # fmt: skip

    def panel(self, row: Row) -> Shown:
        own = self.db["interviews"].where("panel_id", row["id"])
        return {
            "id": row["id"], "applications": [one["id"] for one in
                                              self.db["submissions"].where("application_id", row["application_id"])],
            "canceledAt": ms(row["canceled_at"]), "createdAt": ms(row["created_at"]),
            "start": ms(min((one["date"] for one in own), default=None)),
            "end": ms(max((one["date"] + timedelta(minutes=one["duration"]) for one in own), default=None)),
            "externallyManaged": row["externally_managed"], "feedbackReminder": row["feedback_reminder"],
            "interviews": [self.interview(one) for one in own], "note": row["note"],
            "stage": self._one("stage", row["stage_id"], "stages", self.stage), "timezone": row["timezone"],
            "user": self._user("user", row["user_id"]),
        }  # fmt: skip

    def interview(self, row: Row) -> Shown:
        opportunity = self.db["applications"].rows[row["application_id"]]
        forms = [one["id"] for one in self.db["feedback"].where("application_id", row["application_id"])
                 if one["interview_id"] == row["id"]]  # fmt: skip
        return {
            "id": row["id"], "panel": row["panel_id"], "subject": row["subject"], "note": row["note"],
            "interviewers": row["interviewers"], "timezone": row["timezone"], "createdAt": ms(row["created_at"]),
            "date": ms(row["date"]), "duration": row["duration"], "location": row["location"],
            "feedbackTemplate": row["feedback_template"], "feedbackForms": forms,
            "feedbackReminder": row["feedback_reminder"], "user": self._user("user", row["user_id"]),
            "stage": self._one("stage", row["stage_id"], "stages", self.stage), "canceledAt": ms(row["canceled_at"]),
            "postings": [opportunity["job_id"]] if opportunity["job_id"] else [], "gcalEventUrl": None,
        }  # fmt: skip

    def offer(self, row: Row) -> Shown:
        return {
            "id": row["id"], "posting": row["job_id"], "createdAt": ms(row["created_at"]), "status": row["status"],
            "creator": self._user("creator", row["user_id"]), "fields": row["fields"], "signatures": None,
            "approved": row["status"] != "draft", "approvedAt": ms(row["approved_at"]), "sentAt": ms(row["sent_at"]),
            "sentDocument": None, "signedDocument": None,
        }  # fmt: skip

    def requisition(self, row: Row) -> Shown:
        return {
            "id": row["id"], "requisitionCode": row["code"], "name": row["name"], "backfill": row["backfill"],
            "confidentiality": row["confidentiality"], "createdAt": ms(row["created_at"]),
            "creator": row["user_id"], "headcountHired": row["hired"], "headcountTotal": row["total"],
            "headcountInfinite": None, "status": row["status"], "owner": self._user("owner", row["owner_id"]),
            "hiringManager": self._user("hiringManager", row["hiring_manager_id"]), "postings": row["postings"],
            "internalNotes": row["internal_notes"], "customFields": row["custom_fields"],
            "updatedAt": ms(row["updated_at"]),
        }  # fmt: skip

    def requisition_field(self, row: Row) -> Shown:
        return {"id": row["id"], "text": row["text"], "type": row["type"], "isRequired": row["required"]}

    def webhook(self, row: Row) -> Shown:
        conditions = {"conditions": {"origins": row["origins"]}} if row["origins"] else {}
        return {"id": row["id"], "event": row["event"], "url": row["url"],
                "configuration": {"signatureToken": row["signature_token"], **conditions},
                "verifiedAt": ms(row["verified_at"]), "createdAt": ms(row["created_at"])}  # fmt: skip

    def deleted(self, row: Row) -> Shown:
        """What is left of something deleted: its id and ids around it; who it was is not told."""
        person: Shown = {"name": "", "headline": "", "location": "", "emails": [], "phones": [], "links": [],
                         "tags": [], "sources": []} if row["kind"] == "opportunity" else {}  # fmt: skip
        return {"id": row["record"], **person, **row["shown"], "deletedAt": ms(row["deleted_at"]),
                "deletedBy": row["deleted_by"]}  # fmt: skip


def _fields(fields: list[Row]) -> list[Shown]:
    return [{key: value for key, value in one.items() if key != "position"} for one in fields]
