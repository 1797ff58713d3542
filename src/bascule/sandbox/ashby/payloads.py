"""Rows as the interface and the webhooks show them. What has no value is left out."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any
from uuid import UUID

from ..kit.tables import Database, Row, iso
from . import fields
from .access import Sight

Shown = dict[str, Any]


def present(**values: Any) -> Shown:
    return {key: value for key, value in values.items() if value is not None}


def same_id(text: str) -> str:
    """An id for what has no row of its own, as a place: the same text, the same id."""
    return str(UUID(int=Random(text).getrandbits(128), version=4))


class Shower:
    """Shows rows of one database as one key sees them."""

    def __init__(self, db: Database, sight: Sight, base: str = "") -> None:
        self.db = db
        self.sight = sight
        self.base = base

    def _row(self, kind: str, id: Any) -> Row | None:
        return self.db[kind].get(id)

    # People and places of the tenant.

    def user(self, row: Row) -> Shown:
        return present(
            id=row["id"], firstName=row["first_name"], lastName=row["last_name"], email=row["email"],
            globalRole=row["role"], isEnabled=row["enabled"], updatedAt=iso(row["updated_at"]),
            managerId=row["manager_id"],
        )  # fmt: skip

    def _user(self, id: Any) -> Shown | None:
        row = self._row("users", id)
        return row and self.user(row)

    def author(self, id: Any) -> Shown:
        row = self._row("users", id)
        if row is None:
            return {"id": same_id("nobody"), "firstName": "Deleted", "lastName": "User"}
        return {"id": row["id"], "firstName": row["first_name"], "lastName": row["last_name"], "email": row["email"]}

    def team(self, members: list[Mapping[str, str]]) -> list[Shown]:
        shown: list[Shown] = []
        for one in members:
            user, role = self._row("users", one["user_id"]), self._row("roles", one["role_id"])
            if user and role:
                shown.append({"userId": user["id"], "firstName": user["first_name"], "lastName": user["last_name"],
                              "email": user["email"], "role": role["title"]})  # fmt: skip
        return shown

    def department(self, row: Row) -> Shown:
        return present(
            id=row["id"], name=row["name"], isArchived=row["archived"], parentId=row["parent_id"],
            createdAt=iso(row["created_at"]), updatedAt=iso(row["updated_at"]),
        )  # fmt: skip

    def location(self, row: Row) -> Shown:
        where = {"addressLocality": row["city"], "addressCountry": row["country"]}
        return present(
            id=row["id"], name=row["name"], isArchived=row["archived"], isRemote=row["remote"], type="Location",
            workplaceType="Remote" if row["remote"] else "Hybrid",
            address={"postalAddress": present(**where)},
        )  # fmt: skip

    # What the hiring process is made of.

    def source(self, row: Row) -> Shown:
        return {"id": row["id"], "title": row["title"], "isArchived": row["archived"], "sourceType": row["type"]}

    def archive_reason(self, row: Row) -> Shown:
        return {"id": row["id"], "text": row["text"], "reasonType": row["type"], "isArchived": row["archived"]}

    def close_reason(self, row: Row) -> Shown:
        return {"id": row["id"], "reasonText": row["text"], "isArchived": row["archived"]}

    def template(self, row: Row) -> Shown:
        return {"id": row["id"], "title": row["title"], "intendedTypes": row["types"],
                "createdAt": iso(row["created_at"]), "updatedAt": iso(row["updated_at"])}  # fmt: skip

    def tag(self, row: Row) -> Shown:
        return {"id": row["id"], "title": row["title"], "isArchived": row["archived"]}

    def project(self, row: Row) -> Shown:
        return present(
            id=row["id"], title=row["title"], description=row["description"], isArchived=row["archived"],
            confidential=row["confidential"], authorId=row["author_id"], createdAt=iso(row["created_at"]),
            customFieldEntries=[],
        )  # fmt: skip

    def field(self, row: Row) -> Shown:
        choices = row["options"] if row["field_type"] in fields.SELECTS else None
        return present(
            id=row["id"], isPrivate=row["private"], title=row["title"], objectType=row["object_type"],
            isArchived=row["archived"], fieldType=row["field_type"], isRequired=row["required"],
            selectableValues=choices,
        )  # fmt: skip

    def value(self, field: Row, value: Any) -> Shown:
        return {**present(id=field["id"], isPrivate=field["private"], title=field["title"],
                          valueLabel=fields.label(field, value)), "value": value}  # fmt: skip

    def values(self, row: Row) -> list[Shown]:
        """The custom field values of an object; private ones only for who may see them."""
        shown: list[Shown] = []
        for id, value in row["custom_fields"].items():
            field = self._row("custom_fields", id)
            if field and not field["archived"] and (self.sight.private or not field["private"]):
                shown.append(self.value(field, value))
        return shown

    def group(self, row: Row) -> Shown:
        return {"id": row["id"], "title": row["title"], "order": row["order"], "stageType": row["type"]}

    def plan(self, row: Row) -> Shown:
        return {"id": row["id"], "title": row["title"], "isArchived": row["archived"],
                "createdAt": iso(row["created_at"]), "updatedAt": iso(row["updated_at"])}  # fmt: skip

    def stage(self, row: Row) -> Shown:
        return {"id": row["id"], "title": row["name"], "type": row["type"], "orderInInterviewPlan": row["order"],
                "interviewStageGroupId": row["group_id"], "interviewPlanId": row["plan_id"]}  # fmt: skip

    # Jobs.

    def job(self, row: Row, expand: tuple[str, ...] = ()) -> Shown:
        postings = [one["id"] for one in self.db["postings"].where("job_id", row["id"]) if one["published"]]
        shown = present(
            id=row["id"], title=row["title"], confidential=row["confidential"], status=row["status"],
            employmentType=row["employment"], locationId=row["location_id"], departmentId=row["department_id"],
            defaultInterviewPlanId=row["plan_id"], interviewPlanIds=row["plan_ids"], customFields=self.values(row),
            jobPostingIds=postings, customRequisitionId=row["requisition"], hiringTeam=self.team(row["team"]),
            author=self._user(row["author_id"]), createdAt=iso(row["created_at"]), updatedAt=iso(row["updated_at"]),
            openedAt=iso(row["opened_at"]), closedAt=iso(row["closed_at"]),
        )  # fmt: skip
        if "location" in expand and (place := self._row("locations", row["location_id"])):
            shown["location"] = self.location(place)
        if "openings" in expand:
            shown["openings"] = [self.opening(one) for one in self.sight.all("openings") if row["id"] in one["job_ids"]]
        return shown

    def posting(self, row: Row) -> Shown:
        job = self.db["jobs"].rows[row["job_id"]]
        place, team = self._row("locations", job["location_id"]), self._row("departments", job["department_id"])
        return {
            "id": row["id"], "title": row["title"], "jobId": job["id"], "departmentName": team["name"] if team else "",
            "teamName": team["name"] if team else "", "locationName": place["name"] if place else "",
            "locationIds": {"primaryLocationId": job["location_id"], "secondaryLocationIds": []},
            "workplaceType": "Hybrid", "employmentType": job["employment"], "isListed": row["listed"],
            "publishedDate": f"{row['created_at']:%Y-%m-%d}", "applyLink": f"{self.base}/careers/jobs/{job['id']}",
            "externalLink": f"{self.base}/careers/jobs/{job['id']}", "shouldDisplayCompensationOnJobBoard": False,
            "updatedAt": iso(row["updated_at"]),
        }  # fmt: skip

    def posting_whole(self, row: Row, form: Shown) -> Shown:
        text = row["html"]
        part = {"html": text, "plain": row["plain"]}
        brief = {key: value for key, value in self.posting(row).items() if not key.startswith("shouldDisplay")}
        return {
            **brief, "descriptionHtml": text, "descriptionPlain": row["plain"],
            "descriptionParts": {"descriptionBody": part}, "linkedData": {"@type": "JobPosting", "title": row["title"]},
            "applicationFormDefinition": form, "surveyFormDefinitions": [],
            "compensation": {"compensationTiers": [], "shouldDisplayCompensationOnJobBoard": False},
        }  # fmt: skip

    def opening(self, row: Row) -> Shown:
        version = present(
            id=same_id(row["id"]), identifier=row["identifier"], description=row["description"],
            authorId=row["author_id"], createdAt=iso(row["created_at"]), jobIds=row["job_ids"], isBackfill=False,
            employmentType="FullTime", locationIds=row["location_ids"], hiringTeam=[], customFields=self.values(row),
        )  # fmt: skip
        return present(
            id=row["id"], openedAt=iso(row["opened_at"]), closedAt=iso(row["closed_at"]), isArchived=row["archived"],
            openingState=row["state"], latestVersion=version,
        )  # fmt: skip

    # Candidates and what is theirs.

    def file(self, row: Row) -> Shown:
        return {"id": row["id"], "name": row["name"], "handle": row["handle"]}

    def _place(self, place: Mapping[str, str] | None) -> Shown | None:
        if not place:
            return None
        parts = [(kind, place[key]) for kind, key in (("City", "city"), ("Region", "region"), ("Country", "country"))
                 if place.get(key)]  # fmt: skip
        summary = ", ".join(name for _, name in parts)
        return {"id": same_id(f"place {summary}"), "locationSummary": summary,
                "locationComponents": [{"type": kind, "name": name} for kind, name in parts]}  # fmt: skip

    def candidate(self, row: Row) -> Shown:
        primary = {kind: next((one for one in row[kind] if one["isPrimary"]), None) for kind in ("emails", "phones")}
        own, resume = (
            self.sight.of("attachments", "candidate_id", row["id"]),
            self._row("attachments", row["resume_id"]),
        )
        tags = [tag for id in row["tag_ids"] if (tag := self._row("tags", id))]
        source = self._row("sources", row["source_id"])
        return present(
            id=row["id"], createdAt=iso(row["created_at"]), updatedAt=iso(row["updated_at"]), name=row["name"],
            primaryEmailAddress=primary["emails"], emailAddresses=row["emails"],
            primaryPhoneNumber=primary["phones"], phoneNumbers=row["phones"], socialLinks=row["links"],
            tags=[self.tag(tag) for tag in tags], position=row["position"], company=row["company"],
            school=row["school"],
            applicationIds=[one["id"] for one in self.sight.of("applications", "candidate_id", row["id"])],
            resumeFileHandle=resume and self.file(resume), fileHandles=[self.file(one) for one in own],
            customFields=self.values(row), profileUrl=f"{self.base}/ats/candidates/{row['id']}",
            source=source and self.source(source), creditedToUser=self._user(row["credited_to"]),
            timezone=row["timezone"], location=self._place(row["location"]), fraudStatus=row["fraud"],
        )  # fmt: skip

    def note(self, row: Row) -> Shown:
        return {"id": row["id"], "createdAt": iso(row["created_at"]), "isPrivate": row["private"],
                "content": row["body"], "author": self.author(row["user_id"])}  # fmt: skip

    def application(self, row: Row, expand: tuple[str, ...] = ()) -> Shown:
        person, job = self.db["candidates"].rows[row["candidate_id"]], self.db["jobs"].rows[row["job_id"]]
        primary = {kind: next((one for one in person[kind] if one["isPrimary"]), None) for kind in ("emails", "phones")}
        reason, source = self._row("archive_reasons", row["archive_reason_id"]), self._row("sources", row["source_id"])
        brief = present(id=person["id"], name=person["name"], primaryEmailAddress=primary["emails"],
                        primaryPhoneNumber=primary["phones"])  # fmt: skip
        shown = present(
            id=row["id"], createdAt=iso(row["created_at"]), updatedAt=iso(row["updated_at"]), status=row["status"],
            customFields=self.values(row), candidate=brief,
            currentInterviewStage=self.stage(self.db["stages"].rows[row["stage_id"]]),
            source=source and self.source(source),
            archiveReason=reason and {**self.archive_reason(reason), "customFields": []},
            archivedAt=iso(row["archived_at"]),
            job=present(id=job["id"], title=job["title"], locationId=job["location_id"],
                        departmentId=job["department_id"]),
            creditedToUser=self._user(row["credited_to"]), hiringTeam=self.team([*job["team"], *row["team"]]),
            appliedViaJobPostingId=row["posting_id"], submitterClientIp=row["ip"], submitterUserAgent=row["agent"],
        )  # fmt: skip
        if "openings" in expand:
            shown["openings"] = [self.opening(one) for one in self.sight.all("openings") if job["id"] in one["job_ids"]]
        if "applicationFormSubmissions" in expand:
            shown["applicationFormSubmissions"] = [row["form"]] if row["form"] else []
        if "referrals" in expand:
            shown["referrals"] = []
        return shown

    def application_whole(self, row: Row, expand: tuple[str, ...] = ()) -> Shown:
        person = self.db["candidates"].rows[row["candidate_id"]]
        resume = self._row("attachments", person["resume_id"])
        whole = {**self.application(row, expand), "applicationHistory": [
            self.history(one) for one in self.db["history"].where("application_id", row["id"])]}  # fmt: skip
        return {**whole, **present(resumeFileHandle=resume and self.file(resume))}

    def history(self, row: Row) -> Shown:
        return present(
            id=row["id"], stageId=row["stage_id"], title=row["title"], enteredStageAt=iso(row["entered_at"]),
            leftStageAt=iso(row["left_at"]), stageNumber=row["number"], actorId=row["actor_id"],
            allowedActions=["set_entered_at"] if row["number"] == 0 else ["delete", "set_entered_at"],
        )  # fmt: skip

    # Feedback, interviews, offers.

    def form(self, row: Row) -> Shown:
        return {"id": row["id"], "organizationId": same_id("organization"), "title": row["title"],
                "isArchived": row["archived"], "isDefaultForm": row["default"],
                "formDefinition": {"sections": row["sections"]}}  # fmt: skip

    def feedback(self, row: Row) -> Shown:
        form = self.db["forms"].rows[row["form_id"]]
        return present(
            id=row["id"], formDefinition={"sections": form["sections"]}, submittedValues=row["values"],
            submittedByUser=self._user(row["user_id"]), interviewId=row["interview_id"],
            interviewEventId=row["event_id"], feedbackFormDefinitionId=form["id"],
            applicationHistoryId=row["history_id"], applicationId=row["application_id"],
            submittedAt=iso(row["created_at"]),
        )  # fmt: skip

    def interview(self, row: Row) -> Shown:
        return {"id": row["id"], "title": row["title"], "isArchived": row["archived"], "isDebrief": False,
                "isFeedbackRequired": True, "isFeedbackRequested": True,
                "feedbackFormDefinitionId": row["form_id"]}  # fmt: skip

    def event(self, row: Row) -> Shown:
        users = [user for one in row["interviewers"] if (user := self._row("users", one["user_id"]))]
        feedback = {one["user_id"]: one["required"] for one in row["interviewers"]}
        return present(
            id=row["id"], interviewId=row["interview_id"], interviewScheduleId=row["schedule_id"],
            interviewerUserIds=[user["id"] for user in users],
            interviewers=[{**self.user(user), "isFeedbackRequired": feedback[user["id"]]} for user in users],
            createdAt=iso(row["created_at"]), updatedAt=iso(row["updated_at"]), startTime=iso(row["start"]),
            endTime=iso(row["end"]), feedbackLink=f"{self.base or 'https://app.ashbyhq.com'}/ats/feedback/{row['id']}",
            hasSubmittedFeedback=row["answered"], extraData=row["extra"],
        )  # fmt: skip

    def schedule(self, row: Row) -> Shown:
        return present(
            id=row["id"], status=row["status"], applicationId=row["application_id"],
            interviewStageId=row["stage_id"], scheduledBy=self._user(row["user_id"]),
            createdAt=iso(row["created_at"]), updatedAt=iso(row["updated_at"]),
            interviewEvents=[self.event(one) for one in self.db["events"].where("schedule_id", row["id"])],
        )  # fmt: skip

    def _version(self, version: Mapping[str, Any]) -> Shown:
        return present(
            id=version["id"], startDate=version["start"], salary=version["salary"], customFields=[], fileHandles=[],
            createdAt=iso(version["created_at"]), author=self._user(version["user_id"]),
            approvalStatus=version["approval"],
        )  # fmt: skip

    def offer(self, row: Row, *, whole: bool = False) -> Shown:
        versions = [self._version(one) for one in row["versions"]]
        shown = present(
            id=row["id"], decidedAt=iso(row["decided_at"]), applicationId=row["application_id"],
            acceptanceStatus=row["acceptance"], offerStatus=row["status"],
            latestVersion=versions[-1],
        )  # fmt: skip
        return {**shown, "versions": versions} if whole else shown

    def process(self, row: Row) -> Shown:
        return {"id": row["id"], "applicationId": row["application_id"], "status": row["status"]}

    def hook(self, row: Row, *, secret: bool = True) -> Shown:
        return present(
            id=row["id"], enabled=row["enabled"], requestUrl=row["url"], webhookType=row["events"][0],
            secretToken=row["secret"] if secret else None,
        )  # fmt: skip
