"""The kinds of object a tenant of Workday has, and the types of id by which references name them."""

from __future__ import annotations

from collections.abc import Mapping

from ..kit.ids import hexes
from ..kit.tables import Kind

# kind: columns that point to other kinds, and those that are searched by. A row's `id` is its Workday ID (WID), `ref`
# its reference id.
PARENTS: Mapping[str, tuple[str, ...]] = {
    "users": (),  # workers
    "recruiting_stages": (),
    "processes": (),
    "stages": ("process_id", "recruiting_stage_id"),  # workflow steps
    "dispositions": (),
    "sources": (),
    "locations": (),
    "job_statuses": (),
    "countries": (),
    "phone_codes": (),
    "phone_types": (),
    "mime_types": (),
    "document_categories": (),
    "social_networks": (),
    "prospect_statuses": (),
    "prospect_types": (),
    "tags": (),
    "pools": (),
    "jobs": ("process_id", "location_id", "ref"),
    "postings": ("job_id",),
    "candidates": ("ref",),
    "pre_hires": ("candidate_id",),
    "applications": ("candidate_id", "job_id", "ref"),
    "notes": ("candidate_id", "application_id"),  # comments of the business process
    "attachments": ("candidate_id", "application_id", "ref"),
    "assessment_tests": (),
    "assessment_statuses": (),
    "assessments": ("candidate_id", "application_id"),
    "interviews": ("candidate_id", "application_id"),
    "ratings": (),
    "feedback": ("interview_id",),
    "histories": ("candidate_id",),  # educations, experiences, languages, skills
    "custom_objects": (),
    "custom_fields": ("object_id",),
    "emails": ("candidate_id",),
    "credentials": (),
}

# kind: the type of its reference id. Where a row has more than one, its column `ids` names them all.
TYPES: Mapping[str, str] = {
    "users": "Employee_ID",
    "recruiting_stages": "Recruiting_Stage_ID",
    "stages": "Workflow_Step_ID",
    "dispositions": "Recruiting_Disposition_ID",
    "sources": "Applicant_Source_ID",
    "locations": "Location_ID",
    "job_statuses": "Job_Requisition_Status_ID",
    "countries": "ISO_3166-1_Alpha-2_Code",
    "phone_codes": "Country_Phone_Code_ID",
    "phone_types": "Phone_Device_Type_ID",
    "mime_types": "Content_Type_ID",
    "document_categories": "Document_Category_ID",
    "social_networks": "Social_Network_Meta_Type_ID",
    "prospect_statuses": "Prospect_Status_ID",
    "prospect_types": "Prospect_Type_ID",
    "tags": "Candidate_Tag_ID",
    "pools": "Candidate_Pool_ID",
    "jobs": "Job_Requisition_ID",
    "candidates": "Candidate_ID",
    "pre_hires": "Applicant_ID",
    "applications": "Job_Application_ID",
    "attachments": "File_ID",
    "assessment_tests": "Reference_ID",
    "assessment_statuses": "Assessment_Status_ID",
    "assessments": "Recruiting_Assessment_ID",
}

# How reference ids are made that the tenant counts itself.
PATTERNS: Mapping[str, str] = {
    "users": "{:05d}",
    "stages": "WORKFLOW_STEP-6-{}",
    "jobs": "R-{:05d}",
    "candidates": "C-{}",
    "pre_hires": "A-{:05d}",
    "applications": "JOB_APPLICATION-6-{}",
    "attachments": "CANDIDATE_ATTACHMENT-6-{}",
    "assessments": "RECRUITING_ASSESSMENT-6-{}",
}
FIRST: Mapping[str, int] = {"users": 21_001, "candidates": 10_401, "applications": 201}


def kinds(seed: int) -> dict[str, Kind]:
    """WIDs are the same for the same seed, and different in every other tenant."""
    return {kind: Kind(hexes(seed, kind), parents) for kind, parents in PARENTS.items()}
