"""The models and fields of a database, as each version has them. Only what recruitment needs.

Reference: addons/hr_recruitment, addons/mail and odoo/addons/base of releases 17.0, 18.0 and 19.0, read 2026-11-29.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..kit.tables import Row
from .options import Options

if TYPE_CHECKING:
    from .env import Env

Compute = Callable[["Env", Row], Any]

INTERNAL, INTERVIEWER, OFFICER, MANAGER = "internal", "interviewer", "officer", "manager"
EMPLOYEES, SETTINGS = "employees", "settings"
# What each group of users is called, and what it brings along.
GROUPS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    INTERNAL: ("base.group_user", "User types/Internal User", ()),
    INTERVIEWER: ("hr_recruitment.group_hr_recruitment_interviewer", "Recruitment/Interviewer", (INTERNAL,)),
    OFFICER: ("hr_recruitment.group_hr_recruitment_user", "Recruitment/Officer: Manage all applicants",
              (INTERVIEWER, INTERNAL)),
    MANAGER: ("hr_recruitment.group_hr_recruitment_manager", "Recruitment/Administrator",
              (OFFICER, INTERVIEWER, INTERNAL)),
    EMPLOYEES: ("hr.group_hr_user", "Employees/Officer: Manage all employees", (INTERNAL,)),
    SETTINGS: ("base.group_system", "Administration/Settings", (INTERNAL,)),
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    type: str
    string: str
    relation: str = ""
    # Of one2many: the column of the other side that points here, and what else its rows must have.
    inverse: str = ""
    fixed: tuple[tuple[str, Any], ...] = ()
    required: bool = False
    readonly: bool = False
    selection: tuple[tuple[str, str], ...] = ()
    # Only users of this group see it.
    group: str = ""
    # Worked out when it is read; there is no column.
    compute: Compute | None = None
    # A value of the record that a many2one points to.
    related: tuple[str, str] | None = None
    # How it can be searched although there is no column: (operator, value) -> domain.
    search: Callable[[str, Any], list[Any]] | None = None
    default: Any = None
    # Text beyond this is cut off.
    size: int | None = None
    tracking: bool = False
    manual: bool = False
    help: str = ""
    # The column of the tables, where it is not the field's own name.
    column: str = ""

    @property
    def store(self) -> bool:
        return self.compute is None and self.related is None and self.type != "one2many"

    @property
    def many(self) -> bool:
        return self.type in ("one2many", "many2many")


@dataclass(frozen=True)
class Model:
    name: str
    label: str
    table: str
    fields: Mapping[str, Field]
    order: str = "id"
    rec_name: str = "name"
    # Which group may do what: letters of c(reate), r(ead), w(rite), d(elete).
    access: Mapping[str, str] = field(default_factory=dict)
    # Whether it has a chatter.
    thread: bool = False


ALL = "crwd"
STARS = (("0", "Normal"), ("1", "Good"), ("2", "Very Good"), ("3", "Excellent"))
STATUS = (("ongoing", "Ongoing"), ("hired", "Hired"), ("refused", "Refused"), ("archived", "Archived"))
UNDERWAY = {
    "17": (("normal", "Grey"), ("done", "Green"), ("blocked", "Red")),
    "18": (("normal", "Grey"), ("done", "Green"), ("blocked", "Red")),
    "19": (("normal", "In Progress"), ("done", "Ready for Next Stage"), ("waiting", "Waiting"), ("blocked", "Blocked")),
}
MESSAGES = (("email", "Email"), ("comment", "Comment"), ("email_outgoing", "Outgoing Email"),
            ("notification", "System notification"), ("auto_comment", "Automated Targeted Notification"),
            ("user_notification", "User Specific Notification"))  # fmt: skip
TRIGGERS = (("on_stage_set", "Stage is set to"), ("on_user_set", "User is set"), ("on_tag_set", "Tag is added"),
            ("on_priority_set", "Priority is set to"), ("on_archive", "On archived"), ("on_unarchive", "On unarchived"),
            ("on_create_or_write", "On create and edit"), ("on_create", "On creation"), ("on_write", "On update"),
            ("on_unlink", "On deletion"))  # fmt: skip
TYPES = ("char", "text", "html", "integer", "float", "monetary", "boolean", "date", "datetime", "selection", "many2one",
         "one2many", "many2many", "many2one_reference", "binary", "properties", "properties_definition")  # fmt: skip


def char(string: str, **more: Any) -> Field:
    return Field("char", string, **more)


def flag(string: str, default: bool = False, **more: Any) -> Field:
    return Field("boolean", string, default=default, **more)


def one(string: str, relation: str, **more: Any) -> Field:
    return Field("many2one", string, relation, **more)


def many(string: str, relation: str, **more: Any) -> Field:
    return Field("many2many", string, relation, **more)


def under(string: str, relation: str, inverse: str, **more: Any) -> Field:
    return Field("one2many", string, relation, inverse, **more)


def number(string: str, default: int = 0, **more: Any) -> Field:
    return Field("integer", string, default=default, **more)


def amount(string: str, **more: Any) -> Field:
    return Field("float", string, default=0.0, **more)


ACTIVE = flag("Active", default=True)
LOG: Mapping[str, Field] = {
    "id": number("ID", readonly=True),
    "display_name": char("Display Name", readonly=True, compute=lambda env, row: None),
    "create_date": Field("datetime", "Created on", readonly=True, column="created_at"),
    "create_uid": one("Created by", "res.users", readonly=True),
    "write_date": Field("datetime", "Last Updated on", readonly=True, column="updated_at"),
    "write_uid": one("Last Updated by", "res.users", readonly=True),
}
LOGGED = ("id", "create_date", "create_uid", "write_date", "write_uid")


def normalized(text: str | None) -> str | None:
    """The bare address of one e-mail, in small letters."""
    bare = (text or "").strip().rpartition("<")[2].rstrip("> ").strip().lower()
    return bare if bare.count("@") == 1 and not bare.startswith("@") and not bare.endswith("@") else None


def international(text: str | None) -> str | None:
    """A phone number without what only separates; unchanged where it has no country."""
    if not text or not text.strip().startswith("+"):
        return text
    return "+" + "".join(one for one in text if one.isdigit())


def status(env: Env, row: Row) -> str:
    if row["refuse_reason_id"]:
        return "refused"
    if not row["active"]:
        return "archived"
    return "hired" if row["date_closed"] else "ongoing"


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _search_status_18(operator: str, value: Any) -> list[Any]:
    """Of several values only the last counts; refused is found whether or not it is archived."""
    domain: list[Any] = []
    for one in _listed(value):
        domain = {
            "refused": [("refuse_reason_id", "!=", False)], "hired": [("date_closed", "!=", False)],
            "ongoing": ["&", ("active", "=", True), ("date_closed", "=", False)],
        }.get(one, [("active", "=", False)])  # fmt: skip
    return ["!", *domain] if operator in ("!=", "not in") else domain


def _search_status_19(operator: str, value: Any) -> list[Any]:
    """Refused and archived is not found as refused, and refused but active also as ongoing."""
    wanted = _listed(value)
    parts: list[list[Any]] = []
    if "refused" in wanted:
        parts.append(["&", ("active", "=", True), ("refuse_reason_id", "!=", False)])
    if "hired" in wanted:
        parts.append(["&", ("active", "=", True), ("date_closed", "!=", False)])
    if "archived" in wanted or False in wanted:
        parts.append([("active", "=", False)])
    if "ongoing" in wanted:
        parts.append(["&", ("active", "=", True), ("date_closed", "=", False)])
    domain = ["|"] * (len(parts) - 1) + [leaf for part in parts for leaf in part] if parts else [(0, "=", 1)]
    return ["!", *domain] if operator in ("!=", "not in") else domain


SEARCH_STATUS = {"17": None, "18": _search_status_18, "19": _search_status_19}


def _attachments(model: str) -> Field:
    return under("Attachments", "ir.attachment", "res_id", fixed=(("res_model", model),))


def _applicant(options: Options) -> Model:
    version = options.version
    own: dict[str, Field] = {
        "active": ACTIVE,
        "partner_name": char("Applicant's Name"),
        "email_from": char("Email", size=128),
        "email_normalized": char("Normalized Email", readonly=True,
                                 compute=lambda env, row: normalized(row["email_from"])),
        "partner_phone": char("Phone", size=32),
        "partner_phone_sanitized": char("Sanitized Phone Number", readonly=True,
                                        compute=lambda env, row: international(row["partner_phone"])),
        "partner_id": one("Contact", "res.partner"),
        "linkedin_profile": char("LinkedIn Profile"),
        "type_id": one("Degree", "hr.recruitment.degree"),
        "availability": Field("date", "Availability", tracking=True),
        "employee_id": one("Employee", "hr.employee"),
        "job_id": one("Job Position", "hr.job", tracking=True),
        "stage_id": one("Stage", "hr.recruitment.stage", tracking=True),
        "last_stage_id": one("Last Stage", "hr.recruitment.stage"),
        "categ_ids": many("Tags", "hr.applicant.category"),
        "company_id": one("Company", "res.company", tracking=True),
        "department_id": one("Department", "hr.department", tracking=True),
        options.assignee: one("Recruiter", "hr.employee" if options.recruiter == "employee" else "res.users",
                              tracking=True),
        "interviewer_ids": many("Interviewers", "res.users", tracking=True),
        "date_closed": Field("datetime", "Hire Date", tracking=True),
        "date_open": Field("datetime", "Assigned", readonly=True),
        "date_last_stage_update": Field("datetime", "Last Stage Update"),
        "priority": Field("selection", "Evaluation", selection=STARS, default="0"),
        "probability": amount("Probability"),
        "kanban_state": Field("selection", "Kanban State", selection=UNDERWAY[version], default="normal",
                              required=True),
        "salary_proposed": amount("Proposed", group=OFFICER, tracking=True),
        "salary_proposed_extra": char("Proposed Salary Extra", group=OFFICER, tracking=True),
        "salary_expected": amount("Expected", group=OFFICER, tracking=True),
        "salary_expected_extra": char("Expected Salary Extra", group=OFFICER, tracking=True),
        "refuse_reason_id": one("Refuse Reason", "hr.applicant.refuse.reason", tracking=True),
        "application_status": Field("selection", "Application Status", selection=STATUS, readonly=True, compute=status,
                                    search=SEARCH_STATUS[version]),
        "source_id": one("Source", "utm.source"), "medium_id": one("Medium", "utm.medium"),
        "applicant_properties": Field("properties", "Properties"),
        "color": number("Color Index"),
        "attachment_ids": _attachments("hr.applicant"),
        "message_main_attachment_id": one("Main Attachment", "ir.attachment"),
        "meeting_ids": under("Meetings", "calendar.event", "applicant_id"),
    }  # fmt: skip
    if version == "17":
        employee = own.pop("employee_id")
        own = {"name": char("Subject / Application", required=True), **own,
               "description": Field("html", "Description"),
               "partner_mobile": char("Mobile", size=32),
               "partner_mobile_sanitized": char("Sanitized Mobile Number", readonly=True,
                                                compute=lambda env, row: international(row["partner_mobile"])),
               "emp_id": employee}  # fmt: skip
    else:
        own |= {"refuse_date": Field("datetime", "Refuse Date"), "applicant_notes": Field("html", "Applicant Notes")}
    if version == "18":
        own = {"candidate_id": one("Candidate", "hr.candidate", required=True), **own}
        for name in ("partner_id", "partner_name", "email_from", "partner_phone", "linkedin_profile", "type_id",
                     "availability", "employee_id", "color", "email_normalized",
                     "partner_phone_sanitized"):  # fmt: skip
            own[name] = replace(own[name], related=("candidate_id", name), compute=None, size=None, tracking=False)
    if version == "19":
        own |= {
            "sequence": number("Sequence", 10),
            "talent_pool_ids": many("Talent Pools", "hr.talent.pool"),
            "pool_applicant_id": one("Pool Applicant", "hr.applicant"),
            "is_pool_applicant": flag("Is Pool", compute=lambda env, row: bool(row["talent_pool_ids"])),
        }  # fmt: skip
    order = {"17": "priority desc, id desc", "18": "priority desc, id desc", "19": "sequence"}[version]
    if options.recruiter == "employee":
        order = "priority desc, sequence, id desc" if version == "19" else order
    table = "applications" if options.persons else "candidates"
    return Model("hr.applicant", "Applicant", table, own, order, "name" if version == "17" else "partner_name",
                 {INTERVIEWER: "rw", OFFICER: ALL}, thread=True)  # fmt: skip


def _priority(env: Env, row: Row) -> str:
    stars = [int(one["priority"]) for one in env.db["applications"].where("candidate_id", row["id"]) if one["active"]]
    return str(round(sum(stars) / len(stars))) if stars else "0"


def _candidate(options: Options) -> Model:
    own = {
        "active": ACTIVE,
        "partner_name": char("Candidates's Name"),
        "email_from": char("Email", size=128),
        "email_normalized": char("Normalized Email", readonly=True,
                                 compute=lambda env, row: normalized(row["email_from"])),
        "partner_phone": char("Phone", size=32),
        "partner_phone_sanitized": char("Sanitized Phone Number", readonly=True,
                                        compute=lambda env, row: international(row["partner_phone"])),
        "partner_id": one("Contact", "res.partner"), "company_id": one("Company", "res.company"),
        "linkedin_profile": char("LinkedIn Profile"), "type_id": one("Degree", "hr.recruitment.degree"),
        "availability": Field("date", "Availability", tracking=True),
        "categ_ids": many("Tags", "hr.applicant.category"), "color": number("Color Index"),
        "priority": Field("selection", "Evaluation", selection=STARS, readonly=True, compute=_priority),
        "user_id": one("Candidate Manager", "res.users", tracking=True),
        "employee_id": one("Employee", "hr.employee"),
        "applicant_ids": under("Applicant", "hr.applicant", "candidate_id"),
        "meeting_ids": under("Meetings", "calendar.event", "candidate_id"),
        "attachment_ids": _attachments("hr.candidate"),
        "message_main_attachment_id": one("Main Attachment", "ir.attachment"),
    }  # fmt: skip
    return Model("hr.candidate", "Candidate", "candidates", own, "priority desc, availability, id desc", "partner_name",
                 {INTERVIEWER: "rw", OFFICER: ALL}, thread=True)  # fmt: skip


def _hiring(options: Options) -> list[Model]:
    waiting = {"legend_waiting": char("Orange Kanban Label", default="Waiting", required=True)}
    job = {
        "name": char("Job Position", required=True, tracking=True), "active": ACTIVE,
        "sequence": number("Sequence", 10), "no_of_recruitment": number("Target", 1),
        "description": Field("html", "Job Description"), "requirements": Field("text", "Requirements"),
        "department_id": one("Department", "hr.department", tracking=True), "company_id": one("Company", "res.company"),
        options.assignee: one("Recruiter", "hr.employee" if options.recruiter == "employee" else "res.users"),
        "interviewer_ids": many("Interviewers", "res.users"), "address_id": one("Job Location", "res.partner"),
        "is_published": flag("Is Published"),
        "website_url": char("Website URL", compute=lambda env, row: f"/jobs/{row['id']}", readonly=True),
        "applicant_properties_definition": Field("properties_definition", "Applicant Properties"),
        "application_count": number("Application Count", readonly=True, compute=lambda env, row: sum(
            1 for one in env.applicants_of(row["id"]) if one["active"])),
        "all_application_count": number("All Application Count", readonly=True, compute=lambda env, row: sum(
            1 for one in env.applicants_of(row["id"]) if one["active"] or one["refuse_reason_id"])),
        "application_ids": under("Job Applications", "hr.applicant", "job_id"),
    }  # fmt: skip
    stage = {
        "name": char("Stage Name", required=True), "sequence": number("Sequence", 10),
        "job_ids": many("Job Specific", "hr.job"), "requirements": Field("text", "Requirements"),
        "template_id": one("Email Template", "mail.template"), "fold": flag("Folded in Kanban"),
        "hired_stage": flag("Hired Stage"),
        "legend_normal": char("Grey Kanban Label", default="In Progress", required=True),
        "legend_done": char("Green Kanban Label", default="Ready for Next Stage", required=True),
        "legend_blocked": char("Red Kanban Label", default="Blocked", required=True),
        **(waiting if options.version == "19" else {}),
    }  # fmt: skip
    hired = "emp_id" if options.version == "17" else "employee_id"
    employee = {
        "name": char("Employee Name", required=True), "active": ACTIVE, "user_id": one("User", "res.users"),
        "work_email": char("Work Email"), "job_id": one("Job Position", "hr.job"), "job_title": char("Job Title"),
        "department_id": one("Department", "hr.department"), "company_id": one("Company", "res.company"),
        "work_contact_id": one("Work Contact", "res.partner"),
        **({} if options.persons else {"applicant_ids" if options.version == "19" else "applicant_id":
           under("Applicant", "hr.applicant", hired)}),
    }  # fmt: skip
    public = {name: employee[name] for name in ("name", "active", "user_id", "work_email", "job_title", "department_id",
                                                "company_id")}  # fmt: skip
    department = {"name": char("Department Name", required=True), "active": ACTIVE,
                  "company_id": one("Company", "res.company"), "manager_id": one("Manager", "hr.employee")}  # fmt: skip
    reason = {"name": char("Description", required=True), "sequence": number("Sequence", 10), "active": ACTIVE,
              "template_id": one("Email Template", "mail.template")}  # fmt: skip
    coloured = {"name": char("Tag Name", required=True), "color": number("Color Index")}
    mine = {INTERVIEWER: "r", OFFICER: ALL}
    found = [
        Model("hr.job", "Job Position", "jobs", job, "sequence, name", access={INTERNAL: "r", OFFICER: ALL},
              thread=True),
        Model("hr.recruitment.stage", "Recruitment Stages", "stages", stage, "sequence", access=mine),
        Model("hr.applicant.category", "Category of applicant", "tags", coloured, access=mine),
        Model("hr.applicant.refuse.reason", "Refuse Reason of Applicant", "reasons", reason, "sequence", access=mine),
        Model("hr.recruitment.degree", "Applicant Degree", "degrees",
              {"name": char("Degree Name", required=True), "sequence": number("Sequence", 1)}, "sequence, id",
              access=mine),
        Model("hr.employee", "Employee", "employees", employee, "name", access={EMPLOYEES: ALL}, thread=True),
        Model("hr.employee.public", "Public Employee", "employees", public, "name", access={INTERNAL: "r"}),
        Model("hr.department", "Department", "departments", department, "name", access={INTERNAL: "r", EMPLOYEES: ALL}),
        Model("utm.source", "UTM Source", "sources", {"name": char("Source Name", required=True)},
              access={INTERNAL: "r", OFFICER: ALL}),
        Model("utm.medium", "UTM Medium", "mediums", {"name": char("Medium Name", required=True), "active": ACTIVE},
              access={INTERNAL: "r", OFFICER: ALL}),
        Model("applicant.get.refuse.reason", "Get Refuse Reason", "refusals", {
            "refuse_reason_id": one("Refuse Reason", "hr.applicant.refuse.reason", required=True),
            "applicant_ids": many("Applicant", "hr.applicant"), "send_mail": flag("Send Email"),
            "template_id": one("Email Template", "mail.template"), "duplicates": flag("Refuse Duplicate Applications"),
        }, rec_name="id", access={INTERVIEWER: ALL}),
    ]  # fmt: skip
    if options.version == "19":
        pool = {"name": char("Name", required=True), "active": ACTIVE, "company_id": one("Company", "res.company"),
                "pool_manager": one("Pool Manager", "res.users"),
                "talent_ids": many("Talents", "hr.applicant", compute=lambda env, row: [
                    one["id"] for one in env.db["candidates"] if row["id"] in one["talent_pool_ids"]])}  # fmt: skip
        adding = {"applicant_ids": many("Applications", "hr.applicant", required=True),
                  "talent_pool_ids": many("Talent Pools", "hr.talent.pool"),
                  "categ_ids": many("Tags", "hr.applicant.category")}  # fmt: skip
        found += [Model("hr.talent.pool", "Talent Pool", "pools", pool, "name", access=mine),
                  Model("talent.pool.add.applicants", "Add applicants to talent pool", "poolings", adding,
                        rec_name="id", access={OFFICER: ALL})]  # fmt: skip
    return found


def _people(options: Options) -> list[Model]:
    groups = "group_ids" if options.version == "19" else "groups_id"
    user = {
        "name": char("Name", required=True), "login": char("Login", required=True), "email": char("Email"),
        "active": ACTIVE, "partner_id": one("Related Partner", "res.partner", required=True),
        "share": flag("Share User"), "company_id": one("Company", "res.company"),
        "company_ids": many("Companies", "res.company"),
        "notification_type": Field("selection", "Notification", default="email", selection=(
            ("email", "Handle by Emails"), ("inbox", "Handle in Odoo"))),
        groups: many("Groups", "res.groups"), "tz": char("Timezone"), "lang": char("Language", default="en_US"),
    }  # fmt: skip
    partner = {
        "name": char("Name"), "email": char("Email"), "phone": char("Phone"), "active": ACTIVE,
        "email_normalized": char("Normalized Email", readonly=True, compute=lambda env, row: normalized(row["email"])),
        "company_id": one("Company", "res.company"), "is_company": flag("Is a Company"), "city": char("City"),
        "lang": char("Language"), "user_ids": under("Users", "res.users", "partner_id"),
        **({} if options.version == "19" else {"mobile": char("Mobile")}),
    }  # fmt: skip
    return [
        Model("res.users", "User", "users", user, "name, login", access={INTERNAL: "r", SETTINGS: ALL}),
        Model("res.groups", "Access Groups", "groups", {"name": char("Name", required=True),
              "full_name": char("Group Name")}, access={SETTINGS: "r"}),
        Model("res.partner", "Contact", "contacts", partner, "name, id desc", access={INTERNAL: "r", OFFICER: ALL},
              thread=True),
        Model("res.company", "Companies", "companies", {"name": char("Company Name", required=True)},
              access={INTERNAL: "r"}),
    ]  # fmt: skip


def _mail(options: Options) -> list[Model]:
    message = {
        "date": Field("datetime", "Date"), "subject": char("Subject"), "body": Field("html", "Contents"),
        "message_type": Field("selection", "Type", selection=MESSAGES, default="comment", required=True),
        "subtype_id": one("Subtype", "mail.message.subtype"), "author_id": one("Author", "res.partner"),
        "email_from": char("From"), "model": char("Related Document Model"),
        "res_id": Field("many2one_reference", "Related Document ID"), "is_internal": flag("Employee Only"),
        "parent_id": one("Parent Message", "mail.message"), "partner_ids": many("Recipients", "res.partner"),
        "attachment_ids": many("Attachments", "ir.attachment"),
        "tracking_value_ids": under("Tracking values", "mail.tracking.value", "mail_message_id"),
    }  # fmt: skip
    attachment = {
        "name": char("Name", required=True), "description": Field("text", "Description"),
        "type": Field("selection", "Type", selection=(("url", "URL"), ("binary", "File")), default="binary",
                      required=True),
        "res_model": char("Resource Model"), "res_id": Field("many2one_reference", "Resource ID"),
        "res_name": char("Resource Name", readonly=True, compute=lambda env, row: env.name_of(
            row["res_model"], row["res_id"])),
        "datas": Field("binary", "File Content (base64)"), "url": char("Url", size=1024),
        "mimetype": char("Mime Type", readonly=True), "file_size": number("File Size", readonly=True),
        "checksum": char("Checksum/SHA1", readonly=True, size=40), "public": flag("Is public document"),
        "access_token": char("Access Token"), "company_id": one("Company", "res.company"),
    }  # fmt: skip
    changed = "mail.message"
    return [
        Model(changed, "Message", "notes", message, "id desc", "subject", access={INTERNAL: ALL}),
        Model("mail.message.subtype", "Message subtypes", "subtypes", {
            "name": char("Message Type", required=True), "res_model": char("Model"), "internal": flag("Internal Only"),
            "default": flag("Default", default=True), "description": Field("text", "Description")},
            access={INTERNAL: "r"}),
        Model("mail.tracking.value", "Mail Tracking Value", "trackings", {
            "field_id": one("Field", "ir.model.fields"), "mail_message_id": one("Message ID", changed),
            "old_value_char": char("Old Value Char"), "new_value_char": char("New Value Char"),
            "old_value_integer": number("Old Value Integer"), "new_value_integer": number("New Value Integer"),
        }, rec_name="id", access={SETTINGS: ALL}),
        Model("mail.followers", "Document Followers", "followers", {
            "res_model": char("Related Document Model Name", required=True),
            "res_id": Field("many2one_reference", "Related Document ID"),
            "partner_id": one("Related Partner", "res.partner", required=True),
            "subtype_ids": many("Subtype", "mail.message.subtype")}, rec_name="id",
            access={INTERNAL: "r", SETTINGS: ALL}),
        Model("mail.template", "Email Templates", "templates", {
            "name": char("Name"), "model": char("Related Document Model"), "subject": char("Subject"),
            "body_html": Field("html", "Body"), "email_from": char("From"), "active": ACTIVE},
            access={INTERNAL: "r", MANAGER: ALL, SETTINGS: ALL}),
        Model("ir.attachment", "Attachment", "attachments", attachment, "id desc", access={INTERNAL: ALL}),
        Model("calendar.event", "Calendar Event", "interviews", {
            "name": char("Meeting Subject", required=True), "active": ACTIVE,
            "start": Field("datetime", "Start", required=True), "stop": Field("datetime", "Stop", required=True),
            "allday": flag("All Day"), "location": char("Location"), "description": Field("html", "Description"),
            "videocall_location": char("Meeting URL"), "user_id": one("Organizer", "res.users"),
            "partner_ids": many("Attendees", "res.partner"), "applicant_id": one("Applicant", "hr.applicant"),
            **({"candidate_id": one("Candidate", "hr.candidate")} if options.persons else {}),
        }, "start desc", access={INTERNAL: ALL}),
    ]  # fmt: skip


def _technical(options: Options) -> list[Model]:
    described = {
        "name": char("Field Name", required=True), "field_description": char("Field Label", required=True, default=""),
        "model": char("Model Name", readonly=True), "model_id": one("Model", "ir.model", required=True),
        "ttype": Field("selection", "Field Type", selection=tuple((one, one) for one in TYPES), required=True),
        "relation": char("Related Model"), "relation_field": char("Relation Field"), "required": flag("Required"),
        "readonly": flag("Readonly"), "store": flag("Stored", default=True), "index": flag("Indexed"),
        "copied": flag("Copied"), "translate": flag("Translatable"), "tracking": number("Enable Ordered Tracking"),
        "help": Field("text", "Field Help"), "size": number("Size"),
        "selection": char("Selection Options (Deprecated)"),
        "state": Field("selection", "Type", selection=(("manual", "Custom Field"), ("base", "Base Field")),
                       default="manual", required=True, readonly=True),
        "selection_ids": under("Selection Options", "ir.model.fields.selection", "field_id"),
    }  # fmt: skip
    choice = {"field_id": one("Field", "ir.model.fields", required=True), "value": char("Value", required=True),
              "name": char("Name", required=True), "sequence": number("Sequence", 1000)}  # fmt: skip
    rule = {
        "name": char("Automation Rule Name", required=True), "active": ACTIVE,
        "model_id": one("Model", "ir.model", required=True),
        "model_name": char("Model Name", readonly=True, compute=lambda env, row: env.db["models"].rows[
            row["model_id"]]["model"]),
        "trigger": Field("selection", "Trigger", selection=TRIGGERS, required=True),
        "trigger_field_ids": many("When updating", "ir.model.fields"), "filter_domain": char("Apply on"),
        "filter_pre_domain": char("Before Update Domain"),
        "action_server_ids": under("Actions", "ir.actions.server", "base_automation_id"),
    }  # fmt: skip
    action = {
        "name": char("Action Name", required=True, default="Send Webhook Notification"),
        "model_id": one("Model", "ir.model", required=True), "usage": char("Usage", default="base_automation"),
        "state": Field("selection", "Type", required=True, default="webhook", selection=(
            ("object_write", "Update Record"), ("code", "Execute Code"), ("webhook", "Send Webhook Notification"),
            ("mail_post", "Send Email"))),
        "template_id": one("Email Template", "mail.template"),
        "mail_post_method": Field("selection", "Send Email As", default="comment", selection=(
            ("email", "Email"), ("comment", "Message"), ("note", "Note"))),
        "webhook_url": char("Webhook URL", column="url"),
        "webhook_field_ids": many("Webhook Fields", "ir.model.fields"),
        "base_automation_id": one("Automation Rule", "base.automation"), "sequence": number("Sequence", 5),
    }  # fmt: skip
    return [
        Model("ir.model", "Models", "models", {
            "name": char("Model Description", required=True), "model": char("Model", required=True),
            "state": Field("selection", "Type", selection=(("manual", "Custom"), ("base", "Base")), readonly=True,
                           default="base")}, "model", access={SETTINGS: "r"}),
        Model("ir.model.fields", "Fields", "fields", described, "name", "field_description", access={SETTINGS: ALL}),
        Model("ir.model.fields.selection", "Fields Selection", "choices", choice, "sequence, id",
              access={SETTINGS: ALL}),
        Model("base.automation", "Automation Rule", "automations", rule,
              access={SETTINGS: ALL}),
        Model("ir.actions.server", "Server Actions", "webhooks", action, "sequence, id", access={SETTINGS: ALL}),
    ]  # fmt: skip


def models(options: Options) -> dict[str, Model]:
    """Every model of a version, each with the fields that all have."""
    found = [_applicant(options), *([_candidate(options)] if options.persons else []), *_hiring(options),
             *_people(options), *_mail(options), *_technical(options)]  # fmt: skip
    return {one.name: replace(one, fields={**LOG, **one.fields, **_chatter(one)}) for one in found}


def _chatter(model: Model) -> dict[str, Field]:
    if not model.thread:
        return {}
    here = (("model", model.name),)
    there = (("res_model", model.name),)
    return {
        "message_ids": under("Messages", "mail.message", "res_id", fixed=here, readonly=True),
        "message_follower_ids": under("Followers", "mail.followers", "res_id", fixed=there, readonly=True),
        "message_partner_ids": many("Followers (Partners)", "res.partner", readonly=True, compute=lambda env, row: [
            one["partner_id"] for one in env.followers(model.name, row["id"])]),
    }  # fmt: skip


# Columns that point to the rows of other tables, where rows are looked up by them.
PARENTS: Mapping[str, tuple[str, ...]] = {
    "applications": ("candidate_id", "job_id", "stage_id"), "candidates": ("job_id", "stage_id"),
    "notes": ("candidate_id", "application_id", "res_id"),
    "attachments": ("candidate_id", "application_id", "res_id"),
    "interviews": ("candidate_id", "application_id"), "emails": ("candidate_id",), "followers": ("res_id",),
    "trackings": ("mail_message_id",), "choices": ("field_id",), "fields": ("model_id",),
    "webhooks": ("base_automation_id",), "users": ("partner_id",), "contacts": ("address",),
}  # fmt: skip
