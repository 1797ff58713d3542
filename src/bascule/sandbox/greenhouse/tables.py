"""The kinds of object a tenant of Greenhouse has."""

from __future__ import annotations

from ..kit.ids import numbers
from ..kit.tables import Kind

# kind: (first id, columns that point to other kinds). The first ids differ so that mixing two kinds up shows.
FIRST: dict[str, tuple[int, tuple[str, ...]]] = {
    "users": (4_012_001, ()),
    "user_emails": (4_900_001, ("user_id",)),
    "user_job_permissions": (4_500_001, ("user_id", "job_id")),
    "departments": (2_101, ("parent_id",)),
    "offices": (2_501, ("parent_id",)),
    "jobs": (5_501, ("department_id",)),
    "job_posts": (5_801_001, ("job_id",)),
    "job_post_locations": (5_850_001, ("job_post_id", "office_id")),
    "job_owners": (5_860_001, ("job_id", "user_id")),
    "job_hiring_managers": (5_870_001, ("job_id", "user_id")),
    "openings": (5_900_001, ("job_id", "application_id")),
    "close_reasons": (1_401, ()),
    "job_interview_stages": (3_101, ("job_id",)),
    "job_interviews": (3_700_001, ("job_id", "job_interview_stage_id")),
    "interview_kits": (3_800_001, ("job_interview_id",)),
    "sources": (1_101, ()),
    "referrers": (1_201_001, ("user_id",)),
    "rejection_reasons": (1_301, ()),
    "email_templates": (1_501, ()),
    "custom_fields": (9_001, ()),
    "custom_field_options": (9_500_001, ("custom_field_id",)),
    "candidate_tags": (8_001, ()),
    "prospect_pools": (1_601, ()),
    "prospect_pool_stages": (1_650_001, ("prospect_pool_id",)),
    "candidates": (66_001, ()),
    "applied_candidate_tags": (80_000_001, ("candidate_id", "candidate_tag_id")),
    "candidate_educations": (81_000_001, ("candidate_id",)),
    "candidate_employments": (82_000_001, ("candidate_id",)),
    "applications": (77_001, ("candidate_id", "job_id")),
    "application_stages": (700_000_001, ("application_id", "job_interview_stage_id")),
    "rejection_details": (710_000_001, ("application_id",)),
    "notes": (300_000_001, ("candidate_id", "application_id", "user_id")),
    "attachments": (400_000_001, ("candidate_id", "application_id")),
    "scorecards": (500_000_001, ("application_id", "interview_id")),
    "scorecard_questions": (510_001, ("interview_kit_id",)),
    "scorecard_question_answers": (520_000_001, ("scorecard_id", "scorecard_question_id")),
    "scorecard_question_options": (530_001, ("scorecard_question_id",)),
    "job_candidate_attributes": (540_001, ("job_id",)),
    "scorecard_candidate_attributes": (550_000_001, ("scorecard_id", "job_candidate_attribute_id")),
    "interviews": (600_000_001, ("application_id", "job_id")),
    "interviewers": (610_000_001, ("interview_id", "user_id")),
    "offers": (620_000_001, ("application_id", "candidate_id", "job_id")),
    "eeoc": (630_000_001, ("application_id", "candidate_id")),
    "demographic_question_sets": (1_701, ()),
    "demographic_questions": (1_750_001, ("demographic_question_set_id",)),
    "demographic_answer_options": (1_760_001, ("demographic_question_id",)),
    "demographic_answers": (640_000_001, ("application_id", "demographic_question_id")),
    # Kinds that the interface does not show; people see them on pages.
    "credentials": (1, ()),
    "webhooks": (1, ()),
    "stage_rules": (1, ("job_interview_stage_id",)),
    "emails": (1, ("candidate_id",)),
}

KINDS = {kind: Kind(numbers(first), parents) for kind, (first, parents) in FIRST.items()}
