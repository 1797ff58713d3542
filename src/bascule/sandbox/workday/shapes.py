"""Which elements a request may hold, in which order and how often. Whatever else it holds makes it invalid.

A shape maps names to what is inside. A name ends in `?` (at most one), `*` (any number) or `+` (one or more); without a
mark it is required. Names that begin with the same `number:` exclude each other; where they have no mark, one of them
is required. Inside is a shape, or a word: `ref`, `text`, `bool`, `number`, `date`, `time`, `bytes`, `any`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from .options import zone_of
from .xml import BSVC, Element, Fault, Wrong, attribute, content, day, local, moment, number, path_of

Shape = Mapping[str, Any]


class Part(NamedTuple):
    name: str
    group: str
    least: int
    most: float
    inside: Any
    order: int


def parts(shape: Shape) -> dict[str, Part]:
    found: dict[str, Part] = {}
    for order, (key, inside) in enumerate(shape.items()):
        group, name, mark = re.fullmatch(r"(?:(\d+):)?([^?*+]+)([?*+]?)", key).groups()  # pyright: ignore[reportOptionalMemberAccess]
        least, most = {"": (1, 1), "?": (0, 1), "*": (0, float("inf")), "+": (1, float("inf"))}[mark]
        found[name] = Part(name, group or "", least, most, inside, order)
    return found


def check(element: Element, shape: Shape) -> None:
    """Raise Fault with everything that is not as the shape says."""
    wrong = list(_wrongs(element, shape))
    if wrong:
        text = f"Validation error occurred. {wrong[0].message}"
        raise Fault("SOAP-ENV:Client.validationError", text, wrong)


def _wrongs(element: Element, shape: Shape) -> Any:
    known, last, seen = parts(shape), -1, Counter[str]()
    for one in element:
        part = known.get(local(one)) if one.tag.startswith(f"{{{BSVC}}}") else None
        if part is None:
            yield Wrong(f"Element '{local(one)}' is not known in '{local(element)}'", path_of(one))
            continue
        if part.order < last:
            yield Wrong(f"Element '{part.name}' is not in its place in '{local(element)}'", path_of(one))
        last = max(last, part.order)
        seen[part.name] += 1
        if seen[part.name] > part.most:
            yield Wrong(f"Element '{part.name}' is there more than once", path_of(one))
        yield from _inside(one, part.inside)
    for part in known.values():
        if not part.group and seen[part.name] < part.least:
            yield Wrong(f"Element '{part.name}' is required in '{local(element)}'", path_of(element))
    for group in sorted({part.group for part in known.values() if part.group}):
        names = [part for part in known.values() if part.group == group]
        there = [part.name for part in names if seen[part.name]]
        if len(there) > 1:
            yield Wrong(f"Only one of {', '.join(part.name for part in names)} may be there", path_of(element))
        if not there and any(part.least for part in names):
            yield Wrong(f"One of {', '.join(part.name for part in names)} is required", path_of(element))


def _inside(element: Element, inside: Any) -> Any:
    if isinstance(inside, Mapping):
        yield from _wrongs(element, inside)
        return
    try:
        match inside:
            case "ref":
                if not [one for one in element if local(one) == "ID" and attribute(one, "type")]:
                    yield Wrong(f"'{local(element)}' has no ID with a type", path_of(element))
            case "bool":
                if (element.text or "").strip() not in ("0", "1", "true", "false"):
                    yield Wrong(f"'{element.text}' is not a valid boolean", path_of(element))
            case "number":
                number(element)
            case "date":
                day(element)
            case "time":
                moment(element, zone_of("UTC"))
            case "bytes":
                content(element)
            case _:
                pass
    except Fault as fault:
        yield from fault.errors


# What requests are made of.

RANGE: Shape = {"Updated_From?": "time", "Updated_Through?": "time", "Effective_From?": "time",
                "Effective_Through?": "time"}  # fmt: skip
TRANSACTION_LOG: Shape = {
    "Transaction_Date_Range_Data?": RANGE,
    "1:Transaction_Type_References?": {"Transaction_Type_Reference*": "ref"},
    "1:Subscriber_Reference?": "ref",
}
FILTER: Shape = {"As_Of_Effective_Date?": "date", "As_Of_Entry_DateTime?": "time", "Page?": "number",
                 "Count?": "number"}  # fmt: skip
CRITERIA: Shape = {
    "Transaction_Log_Criteria_Data*": TRANSACTION_LOG,
    "First_Name?": "text", "Last_Name?": "text", "Candidate_Email_Address?": "text", "Pre-Hire_Reference*": "ref",
    "Worker_Reference*": "ref", "Job_Requisition_Reference*": "ref", "Recruiting_Stage_Reference*": "ref",
    "Applicant_Source_Reference*": "ref", "Candidate_Tag_Reference*": "ref", "Applied_From?": "time",
    "Applied_Through?": "time", "Internal_Workers_Only?": "bool", "Created_From?": "time", "Created_Through?": "time",
    "Criteria_Match_Score_Category_Reference*": "ref", "Static_Candidate_Pool_Reference?": "ref",
}  # fmt: skip
GET_CANDIDATES: Shape = {
    "1:Request_References?": {"Candidate_Reference+": "ref"},
    "1:Request_Criteria?": CRITERIA,
    "Response_Filter?": FILTER,
    "Response_Group?": {"Include_Reference?": "bool", "Exclude_All_Attachments?": "bool"},
}
# In versions of ten years ago there was less to ask for.
NOT_YET = ("Transaction_Log_Criteria_Data*", "Candidate_Tag_Reference*", "Created_From?", "Created_Through?",
           "Criteria_Match_Score_Category_Reference*", "Static_Candidate_Pool_Reference?")  # fmt: skip
GET_CANDIDATES_26: Shape = {
    **GET_CANDIDATES,
    "1:Request_Criteria?": {name: inside for name, inside in CRITERIA.items() if name not in NOT_YET},
    "Response_Group?": {"Include_Reference?": "bool"},
}

FILE: Shape = {"ID?": "text", "Filename": "text", "File_Content": "bytes", "Mime_Type_Reference?": "ref",
               "Comment?": "text"}  # fmt: skip
NAME_DETAIL: Shape = {
    "Title_Reference?": "any", "Salutation_Suffix_Reference?": "any", "Full_Name?": "text", "First_Name?": "text",
    "Middle_Name?": "text", "Hereditary_Suffix_Reference?": "any", "Last_Name?": "text", "Secondary_Last_Name?": "text",
    "Tertiary_Last_Name?": "text", "Social_Suffix_Reference?": "any", "Local_Person_Name?": "any",
}  # fmt: skip
NAME: Shape = {"Legal_Name?": {"Name_Detail_Data": NAME_DETAIL}, "Preferred_Name?": "any"}
NAME_26: Shape = {"First_Name?": "text", "Middle_Name?": "text", "Last_Name?": "text", "Secondary_Last_Name?": "text"}
LOCATION: Shape = {
    "Country_Reference?": "ref",
    **{f"Address_Line_{line}?": "text" for line in range(1, 10)},
    **{f"Address_Line_{line}_-_Local?": "any" for line in range(1, 10)},
    "City?": "text", "City_-_Local?": "any", "City_Subdivision_1?": "any", "City_Subdivision_2?": "any",
    "City_Subdivision_1_-_Local?": "any", "City_Subdivision_2_-_Local?": "any", "Country_City_Reference?": "any",
    "Country_Region_Reference?": "any", "Region_Subdivision_1?": "any", "Region_Subdivision_2?": "any",
    "Region_Subdivision_1_-_Local?": "any", "Region_Subdivision_2_-_Local?": "any", "Postal_Code?": "text",
}  # fmt: skip
CONTACT: Shape = {
    "Phone_Device_Type_Reference?": "ref", "Country_Phone_Code_Reference?": "ref", "Phone_Number?": "text",
    "Phone_Extension?": "text", "Email_Address?": "text", "Website_Data*": {"URL_Address?": "text"},
    "Location_Data?": LOCATION,
}  # fmt: skip
SOCIAL: Shape = {"Social_Network_Type_Reference?": "ref", "1:Social_Network_Account_URL?": "text",
                 "1:Social_Network_Account_User_Name?": "text"}  # fmt: skip
APPLIED_TO: Shape = {
    "Job_Application_ID?": "text", "Job_Requisition_Reference": "ref", "Job_Application_Date?": "time",
    "Stage_Reference": "ref", "Workflow_Step_Reference?": "ref", "Disposition_Reference?": "ref",
    "Status_Timestamp?": "time", "Source_Reference?": "ref", "Referred_By_Worker_Reference?": "ref",
    "Added_By_Worker_Reference?": "ref", "Criteria_Match_Score_Reference?": "any",
    "Job_Application_Availability_Data?": "any", "Personal_Information_Data?": "any",
    "Global_Personal_Information_Data?": "any",
}  # fmt: skip
RESUME: Shape = {"Summary?": "text", "Skill_Data*": {"Skill_Reference?": "any", "Skill_Name?": "text"},
                 "Experience_Data*": "any", "Education_Data*": "any", "Certification_Data*": "any",
                 "Language_Data*": "any", "Questionnaire_Response_Data*": "any"}  # fmt: skip
APPLICATION: Shape = {
    "Job_Application_Reference?": "ref", "Job_Applied_To_Data+": APPLIED_TO, "Resume_Attachment_Data*": FILE,
    "Resume_Data?": RESUME,
}  # fmt: skip
APPLICATION_26: Shape = {
    "Job_Applied_To_Data+": {"Job_Application_Reference?": "ref", **{
        name: inside for name, inside in APPLIED_TO.items() if name != "Job_Application_ID?"}},
    "Resume_Attachment_Data*": FILE, "Resume_Data?": RESUME,
}  # fmt: skip
PROSPECT: Shape = {
    "Prospect?": "bool", "Confidential?": "bool", "Referral_Consent_Given?": "bool", "Level_Reference?": "any",
    "Prospect_Status_Reference?": "ref", "Prospect_Type_Reference?": "ref", "Source_Reference?": "ref",
    "Referred_By_Worker_Reference?": "ref", "Referral_Job_Reference*": "any", "Referral_Job_Area_Reference*": "any",
    "Referral_Relationship_Reference?": "any", "Referral_Comment?": "text", "Added_By_Worker_Reference?": "ref",
    "Prospect_Attachment_Data?": {"Resume_Attachments*": FILE}, "Resume_Data?": RESUME,
}  # fmt: skip
CANDIDATE_FILE: Shape = {"Candidate_Attachment_Reference?": "ref", "Attachment_Data?": FILE,
                         "Document_Category_Reference": "ref"}  # fmt: skip
CANDIDATE_DATA: Shape = {
    "Candidate_ID?": "text", "Pre-Hire_Reference?": "ref", "Worker_Reference?": "ref", "Name_Data?": NAME,
    "Contact_Data?": CONTACT, "Social_Media_Account_Data*": SOCIAL,
    "Status_Data?": {"Do_Not_Hire?": "bool", "Withdrawn?": "bool"}, "Job_Application_Data*": APPLICATION,
    "Prospect_Data?": PROSPECT, "Referral_Data?": "any", "Candidate_Identification_Data?": "any",
    "Language_Reference?": "any", "Candidate_Tag_Reference*": "ref",
    "Candidate_Pool_Data?": {"Candidate_Pool_Membership_Data*": {"Static_Candidate_Pool_Reference": "ref",
                                                                 "Readiness_Status_Reference?": "any"}},
    "Candidate_Attachment_Data*": CANDIDATE_FILE,
}  # fmt: skip
PUT_CANDIDATE: Shape = {"Candidate_Reference?": "ref", "Candidate_Data": CANDIDATE_DATA}
CONTACT_26: Shape = {
    name: CONTACT[name] for name in ("Phone_Number?", "Email_Address?", "Website_Data*", "Location_Data?")
}
LATER = ("Candidate_Tag_Reference*", "Candidate_Pool_Data?", "Referral_Data?", "Candidate_Attachment_Data*")
CHANGED = {"Name_Data?": NAME_26, "Contact_Data?": CONTACT_26, "Job_Application_Data*": APPLICATION_26}
PUT_CANDIDATE_26: Shape = {
    "Candidate_Reference?": "ref",
    "Candidate_Data": {name: CHANGED.get(name, inside) for name, inside in CANDIDATE_DATA.items() if name not in LATER},
}

PARAMETERS: Shape = {
    "1:Next_Step_Reference": "ref",
    "1:Disposition_Step_Reference": "ref",
    "Comment_Data*": {"Comment?": "text", "Worker_Reference?": "ref"},
}
BY_CANDIDATE: Shape = {"Candidate_Reference": "ref", "Job_Requisition_Reference": "ref"}
MOVE_CANDIDATE: Shape = {
    "Dynamic_Business_Process_Parameters?": PARAMETERS,
    "Move_Candidate_Data": {"1:Event_Reference": "ref", "1:Job_Application_Reference": "ref",
                            "1:Candidate_Criteria_Data": BY_CANDIDATE},
}  # fmt: skip
BY_CANDIDATE_OR_BOTH: Shape = {"Candidate_Reference": "ref", "Job_Requisition_Reference?": "ref"}
ASSESSMENT: Shape = {
    "Assess_Candidate_Reference?": "text", "Assessed_By_Reference": "ref", "Assessed_On_Date": "date",
    "Assessment_Status_Reference": "ref", "Overall_Assessment_Comment?": "text",
    "Assess_Candidate_Test_Result_Data*": {
        "Assessment_Test_Result_Reference?": "ref", "Assessment_Test_Reference": "ref",
        "Assessment_Test_Score?": "number", "Assessment_Test_Status_Reference?": "ref", "Assessment_Test_Date?": "date",
        "Comment?": "text",
    },
}  # fmt: skip
ASSESS_CANDIDATE: Shape = {
    "Dynamic_Business_Process_Parameters?": PARAMETERS,
    "Assess_Candidate_Data": {
        "1:Event_Reference": "ref", "1:Job_Application_Reference": "ref",
        "1:Candidate_Criteria_Data": BY_CANDIDATE_OR_BOTH, "Candidate_Assessment_Data": ASSESSMENT,
    },
}  # fmt: skip
GET_ASSESS_CANDIDATE: Shape = {
    "1:Request_References?": {"Assess_Candidate_Reference+": "ref"},
    "1:Request_Criteria?": {"1:Job_Application_Reference": "ref", "1:Candidate_Criteria_Data": BY_CANDIDATE_OR_BOTH,
                            "1:Job_Application_Event_Reference": "ref"},
    "Response_Filter?": FILTER,
}  # fmt: skip
PUT_ADDITIONAL_DATA: Shape = {
    "Job_Application_Custom_Object_Data": {"Job_Application_Reference": "ref",
                                           "Business_Object_Additional_Data": "any"},
}  # fmt: skip
GET_ADDITIONAL_DATA: Shape = {
    "1:Request_References?": {"Job_Application_Reference+": "ref"},
    "1:Request_Criteria?": {"Candidate_Reference?": "ref"},
    "Response_Filter?": FILTER,
    "Response_Group?": {"Include_Reference?": "bool"},
}
GET_ATTACHMENTS: Shape = {
    "Request_References?": {"Candidate_Attachment_Reference*": "ref"},
    "Request_Criteria?": {"Candidate_Reference*": "ref"},
    "Response_Filter?": FILTER,
    "Response_Group?": {"Include_Reference?": "bool"},
}
PUT_ATTACHMENT: Shape = {
    "Candidate_Reference": "ref",
    "Prospect_Resume_Attachments_Data?": {"Resume_Attachments*": FILE},
    "Candidate_Attachment_Data?": CANDIDATE_FILE,
    "Job_Application_Attachment_Data*": {"Job_Requisition_Reference?": "ref", "Job_Application_Reference?": "ref",
                                         "Attachment_Data": FILE},
}  # fmt: skip
GROUPS = ("Include_Reference", "Include_Job_Requisition_Definition_Data", "Include_Job_Requisition_Restrictions_Data",
          "Include_Qualifications", "Include_Job_Requisition_Attachments", "Include_Organizations",
          "Include_Roles")  # fmt: skip
GET_REQUISITIONS: Shape = {
    "1:Request_References?": {"Job_Requisition_Reference+": "ref"},
    "1:Request_Criteria?": {
        "Transaction_Log_Criteria_Data*": TRANSACTION_LOG, "Job_Requisition_Status_Reference*": "ref",
        "Supervisory_Organization_Reference*": "ref", "Field_And_Parameter_Criteria_Data?": "any",
        "Primary_Location_Reference*": "ref", "Additional_Locations_Reference*": "ref",
    },
    "Response_Filter?": FILTER,
    "Response_Group?": {f"{name}?": "bool" for name in GROUPS},
}  # fmt: skip
TIMESTAMP: Shape = {}
