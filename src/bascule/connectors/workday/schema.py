"""Everything that Workday's objects show, as far as they are read: what carries it, or why nothing does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bascule.connectors.fieldlist import left
from bascule.connectors.lens import SENSITIVE
from bascule.connectors.spec import CustomField, SchemaField, Tenant
from bascule.model import Kind

from .reads import OURS

UNNEEDED = "no value of ours needs it"
KEY = "its id, by which the two sides are linked"
PARENT = "says whose it is, and is kept as the link to it"
PRIVACY = "dropped for privacy before anything is stored"
_C, _A, _J = Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB

CARRIED: Mapping[str, tuple[Kind, Mapping[str, str]]] = {
    "Candidate": (_C, {
        "First_Name": "First_Name", "Last_Name": "Last_Name", "Email_Address": "Email_Address",
        "Phone_Number": "Phone_Number", "Country_Phone_Code_Reference": "Phone_Number", "Website_Data": "Website_Data",
        "Candidate_Tag_Reference": "Candidate_Tag_Reference",
    }),
    "Job_Application": (_A, {
        "Job_Requisition_Reference": "job", "Job_Application_Date": "applied_at", "Workflow_Step_Reference": "stage",
        "Stage_Reference": "status", "Disposition_Reference": "reason", "Status_Timestamp": "rejected_at",
        "Source_Reference": "source", "Worker_Reference": "status", "Pre-Hire_Reference": "status",
    }),
    "Resume_Attachment": (Kind.ATTACHMENT, {"Filename": "filename", "ID": "url"}),
    "Job_Requisition": (_J, {
        "Job_Posting_Title": "Job_Posting_Title", "Job_Description": "Job_Description",
        "Job_Requisition_Reference": "requisition", "Job_Requisition_Status_Reference": "status",
        "Primary_Location_Reference": "location", "Role_Assignment_Data": "recruiters",
    }),
    "Process step (report)": (Kind.STAGE, {
        "Workflow_Step": "name", "Step_Order": "order", "Recruiting_Stage_ID": "recruiting_stage",
    }),
    "Disposition (report)": (Kind.REJECTION_REASON, {"Disposition_Steps": "name"}),
    "Worker (report)": (Kind.USER, {"Worker": "name", "Email": "email"}),
    "Applicant source": (Kind.SOURCE, {"Descriptor": "name"}),
}  # fmt: skip
"""By the object that shows it: which mapped field carries it."""

LEFT: Mapping[str, Mapping[str, str]] = {
    "Candidate": {
        "WID": KEY,
        "Candidate_ID": "an administrator can change it: the WID stays",
        "Middle_Name": UNNEEDED,
        "Secondary_Last_Name": UNNEEDED,
        "Phone_Extension": UNNEEDED,
        "Phone_Device_Type_Reference": UNNEEDED,
        "Location_Data": "postal addresses never reach a score, and no value of ours needs them",
        "Social_Media_Account_Data": "a list of its own, which is left alone",
        "Do_Not_Hire": "what a customer holds against somebody stays in Workday",
        "Withdrawn": "it is said of the person, not of an application",
        "Prospect_Data": "prospects are not carried",
        "Candidate_Pool_Data": "pools are not carried",
        "Referral_Data": UNNEEDED,
        "Language_Reference": UNNEEDED,
        "Candidate_Identification_Data": PRIVACY,
        "photo": "never asked for",
    },
    "Job_Application": {
        "Job_Application_ID": KEY,
        "Candidate_Reference": PARENT,
        "Referred_By_Worker_Reference": "the source is carried; who referred somebody is not",
        "Added_By_Worker_Reference": UNNEEDED,
        "Criteria_Match_Score_Reference": "Workday's own score stays in Workday",
        "Job_Application_Availability_Data": UNNEEDED,
        "Personal_Information_Data": PRIVACY,
        "Global_Personal_Information_Data": PRIVACY,
        "Resume_Data": "the CV itself is read",
        "Questionnaire_Response_Data": "answers come without their questions",
    },
    "Resume_Attachment": {
        "Candidate_Reference": PARENT,
        "File_Content": "fetched when it is read, and not kept with the answer",
        "Mime_Type_Reference": "the reader looks at the bytes",
        "Document_Category_Reference": UNNEEDED,
        "Comment": UNNEEDED,
    },
    "Job_Requisition": {
        "Positions_Allocated": UNNEEDED,
        "Positions_Available": UNNEEDED,
        "Available_for_Recruiting": "the status is carried",
        "Recruiting_Start_Date": UNNEEDED,
    },
    "Process step (report)": {
        "Workflow_Step_WID": KEY,
        "Job_Requisition_ID": PARENT,
        "Workflow_Step_ID": UNNEEDED,
        "Business_Process": UNNEEDED,
        "Recruiting_Stage": "carried by its id",
        "Next_Step_WIDs": "says which way a move goes",
        "Disposition_Step_WIDs": "says how a rejection is written",
    },
    "Worker (report)": {"Worker_WID": KEY, "Employee_ID": UNNEEDED, "Business_Title": UNNEEDED},
    "Interview": {"every field": "REST gives a worker his or her own interviews only, and not this integration any"},
    "Comment": {"every field": "no interface gives comments out"},
}
"""What is not carried, and why."""


def schema(tenant: Tenant) -> Sequence[SchemaField]:
    return (*_standard(), *(_custom(one) for _, one in sorted(tenant.custom.items())))


def _standard() -> Iterable[SchemaField]:
    for of, (kind, names) in CARRIED.items():
        yield from (SchemaField(of, name, "text", kind, into) for name, into in names.items())
    yield from left(LEFT)


def _custom(one: CustomField) -> SchemaField:
    of, name = "Job_Application", f"custom: {one.key}"
    if one.key in OURS.values():
        return SchemaField(of, name, one.type, _A, f"custom.{one.key}")
    if SENSITIVE.search(f"{one.key} {one.name}"):
        return SchemaField(of, name, one.type, why=f"{PRIVACY}: its name speaks of a protected characteristic")
    return SchemaField(of, name, one.type, why="of the custom object only Bascule's own fields are read")
