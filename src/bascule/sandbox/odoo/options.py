"""What can be chosen when the sandbox starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..kit import options
from ..kit.options import Rate

Version = Literal["17", "18", "19"]
NUMBERS: dict[str, str] = {"17": "17.0", "18": "18.0", "19": "19.0"}


@dataclass(frozen=True)
class Options(options.Options):
    """One database's fixed traits."""

    # 17: an applicant is also the person. 18: persons are hr.candidate. 19: an applicant again, JSON-2, talent pools.
    version: Version = "19"
    # `employee`: as the online series after 19.0, where applicants have `recruiter_id` (hr.employee), not `user_id`.
    recruiter: Literal["user", "employee"] = "user"
    # `odoo`: the six stages of a new database, for all jobs. `own`: each job has the stages that its description names.
    stages: Literal["odoo", "own"] = "odoo"
    # Stages whose e-mail template is sent to whoever enters them.
    mail_stages: tuple[str, ...] = ("New",)
    # With two companies, the second has a job of its own.
    companies: int = 1
    # What odoo.com lets in: `standard` refuses the external interfaces.
    plan: Literal["custom", "standard"] = "custom"
    # The body of a refusal over JSON-2: an object, or only the text as early documentation has it.
    errors: Literal["object", "string"] = "object"
    # Requests that the proxy of odoo.com lets through; Odoo itself has no limit.
    rate: Rate | None = None
    # `write_date` is when a transaction began: so many seconds before anybody can see what it wrote.
    commit_lag: float = 0.0
    # Days after which a new API key stops working; None: never.
    key_days: float | None = None
    # The name of the database.
    database: str = "acme"

    @property
    def number(self) -> str:
        return NUMBERS[self.version]

    @property
    def persons(self) -> bool:
        """Whether the database knows persons apart from their applications."""
        return self.version == "18"

    @property
    def assignee(self) -> str:
        """The field that says who is in charge of an applicant."""
        return "recruiter_id" if self.recruiter == "employee" else "user_id"
