"""The small Recruiting workspace on which a person uses this tenant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..kit.desk import Applicant, Application, Choice, Desk, Field, File, Job, Note, Person, Setup, asked
from ..kit.desk import View as Base
from ..kit.errors import Refused
from ..kit.ids import Id
from ..kit.tables import Actor, Row
from . import doings
from .process import named, open_process, steps_of
from .sandbox import AREAS, DOMAINS, Sandbox
from .seed import open_job

# What of a candidate is edited as text: (column, label).
CONTACT = (("first_name", "First name"), ("middle_name", "Middle name"), ("last_name", "Last name"), ("email", "Email"),
           ("phone", "Phone"), ("address", "Address"), ("city", "City"), ("postal_code", "Postal code"))  # fmt: skip
FLAGS = (("do_not_hire", "Do not hire"), ("withdrawn", "Withdrawn"))


def desk(sandbox: Sandbox) -> Desk:
    view = View(sandbox)
    return Desk(
        name="Workday Recruiting", users=view.users, jobs=view.jobs, people=view.people, person=view.person,
        applications=view.applications, file=view.file, apply=view.apply, move=view.move, reject=view.reject,
        reasons=view.reasons, note=view.note, edit=view.edit, unreject=view.unreject, hire=view.hire, tag=view.tag,
        untag=view.untag, attach=view.attach, merge=view.merge, anonymize=view.purge, delete=view.delete,
        edit_application=view.edit_application if sandbox.options.custom_object else None,
        rename_stage=view.rename_stage, open_job=view.open_job, close_job=view.close_job,
        setups=[*_credentials(sandbox), _process(sandbox), _outbox(sandbox)], columns=view.columns,
    )  # fmt: skip


def _name(row: Row) -> str:
    return f"{row['first_name']} {row['last_name']}".strip() or f"Candidate {row['ref']}"


class View(Base[Sandbox]):
    # What there is.

    def users(self) -> Sequence[Choice]:
        return [Choice(row["id"], row["name"]) for row in self.db["users"]]

    def columns(self) -> Sequence[str]:
        return ["assessment", *(f"{alias}.{field}" for alias, field in self._scores())]

    def _scores(self) -> list[tuple[str, str]]:
        fields = [(known["alias"], field) for known in self.db["custom_objects"]
                  for field in self.db["custom_fields"].where("object_id", known["id"])]  # fmt: skip
        return [(alias, field["alias"]) for alias, field in fields if field["type"] == "number"]

    def _job(self, row: Row) -> Job:
        place = self.db["locations"].rows[row["location_id"]]["name"]
        status = self.db["job_statuses"].rows[row["status_id"]]
        posted = any(self.db["postings"].where("job_id", row["id"]))
        return Job(
            row["id"], row["title"], status["ref"] == "OPEN" and posted,
            [Choice(step["id"], step["name"]) for step in steps_of(self.db, row["process_id"])],
            " · ".join([row["ref"], row["department"], place, *([status["name"]] if status["ref"] != "OPEN" else [])]),
            row["description"], asked(row["questions"]),
        )  # fmt: skip

    def jobs(self) -> Sequence[Job]:
        return [self._job(row) for row in self.db["jobs"]]

    def _application(self, row: Row) -> Application:
        person = self.db["candidates"].rows[row["candidate_id"]]
        end = self.db["dispositions"].get(row["disposition_id"])
        step = self.db["stages"].rows[row["stage_id"]]
        return Application(
            row["id"], person["id"], _name(person), self._job(self.db["jobs"].rows[row["job_id"]]), row["applied_at"],
            row["stage_id"], "hired" if row["hired"] else "rejected" if end else "active",
            str(end["name"]) if end else "", self._fields(row),
            [*((("Applied with", row["summary"]),) if row["summary"] else ()), *row["answers"]], step["next"],
            [self.db["stages"].rows[id]["disposition_id"] for id in step["dispositions"]],
        )  # fmt: skip

    def _fields(self, row: Row) -> list[Field]:
        """Assessments, which only programs and vendors write, and the custom objects."""
        shown = [
            f"{self.db['assessment_tests'].rows[result['test_id']]['name']}: {result['score']}"
            + (f" ({result['comment']})" if result["comment"] else "")
            for one in self.db["assessments"].where("application_id", row["id"])
            for result in one["results"]
        ]
        fields = [Field("assessment", "Assessment", "; ".join(shown), fixed=True)]
        for known in self.db["custom_objects"]:
            for field in self.db["custom_fields"].where("object_id", known["id"]):
                kinds: Mapping[str, Any] = {"number": "number", "list": "choice", "date": "date"}
                value = row["additional"].get(known["alias"], {}).get(field["alias"], "")
                fields.append(Field(f"{known['alias']}.{field['alias']}", field["name"], str(value),
                                    kinds.get(field["type"], "text"), [Choice(one, one) for one in field["options"]],
                                    required=field["required"]))  # fmt: skip
        return fields

    def applications(self, job: str) -> Sequence[Application]:
        rows = sorted(self.db["applications"].where("job_id", job), key=lambda row: row["applied_at"], reverse=True)
        return [self._application(row) for row in rows]

    def people(self, text: str, offset: int, limit: int) -> tuple[Sequence[Person], int]:
        wanted = text.casefold()
        tags = {row["id"]: row["name"].casefold() for row in self.db["tags"]}

        def fits(row: Row) -> bool:
            words = [_name(row), row["email"], row["ref"], row["id"], *(tags[id] for id in row["tags"])]
            return any(wanted in word.casefold() for word in words)

        rows = [row for row in self.db["candidates"].newest_first() if not wanted or fits(row)]
        return [self.person(row["id"]) for row in rows[offset : offset + limit]], len(rows)

    def person(self, id: str) -> Person:
        row, db = self._row("candidates", id), self.db
        users = {one["id"]: one["name"] for one in db["users"]}
        contact = [Field(key, label, row[key], fixed=bool(row["worker_id"])) for key, label in CONTACT]
        flags = [Field(key, label, "true" if row[key] else "false", "yes_no") for key, label in FLAGS]
        worker = db["users"].get(row["worker_id"])
        about = [row["ref"], "Prospect" if row["prospect"] else "", f"Worker {worker['ref']}" if worker else "",
                 "Purged" if row["purged"] else ""]  # fmt: skip
        notes = [Note(one["id"], users.get(one["user_id"], "Integration"), one["created_at"], one["body"], "Comment")
                 for one in db["notes"].where("candidate_id", id)]  # fmt: skip
        files = [File(one["id"], one["name"], one["created_at"]) for one in db["attachments"].where("candidate_id", id)]
        mine = db["applications"].where("candidate_id", id)
        return Person(
            row["id"], _name(row), row["created_at"], " · ".join(one for one in about if one), contact, flags,
            [db["tags"].rows[one]["name"] for one in row["tags"]], list(reversed(notes)), files,
            [self._application(one) for one in mine],
        )  # fmt: skip

    def reasons(self) -> Sequence[Choice]:
        return [Choice(row["id"], row["name"]) for row in self.db["dispositions"]]

    def file(self, id: str) -> tuple[str, str, bytes]:
        row = self._row("attachments", id)
        return row["name"], self.db["mime_types"].rows[row["mime_id"]]["ref"], row["content"]

    # What a person does.

    def apply(self, actor: Actor, job: str, applicant: Applicant) -> str:
        row = self._row("jobs", job)
        known = next((one for one in self.db["candidates"] if applicant.email and one["email"] == applicant.email
                      and not one["worker_id"]), None)  # fmt: skip
        doings.may_apply(self.sandbox, known and known["id"], row)
        person = known or doings.create_candidate(self.sandbox, actor, {
            "first_name": applicant.first, "last_name": applicant.last, "email": applicant.email,
            "phone": applicant.phone, "country_id": self.sandbox.named("countries", "GB")["id"]})  # fmt: skip
        said = [(field.name, applicant.answers[field.key]) for field in self._job(row).questions
                if applicant.answers.get(field.key)]  # fmt: skip
        made = doings.apply(self.sandbox, actor, person["id"], job, answers=said)
        for name, _, content in applicant.files:
            doings.attach(self.sandbox, actor, person["id"], name, content, application_id=made["id"], of="application")
        return person["id"]

    def move(self, actor: Actor, application: str, stage: str) -> None:
        doings.move(self.sandbox, actor, self._row("applications", application), self._row("stages", stage))

    def reject(self, actor: Actor, application: str, reason: str) -> None:
        """By the disposition step of the process that has this reason."""
        row = self._row("applications", application)
        process = self.db["jobs"].rows[row["job_id"]]["process_id"]
        step = next(
            (one for one in self.db["stages"].where("process_id", process) if one["disposition_id"] == reason), None
        )
        if step is None:
            raise Refused(422, "Choose a disposition reason")
        doings.dispose(self.sandbox, actor, row, step)

    def unreject(self, actor: Actor, application: str) -> None:
        doings.reconsider(self.sandbox, actor, self._row("applications", application))

    def hire(self, actor: Actor, application: str) -> str:
        worker = doings.hire(self.sandbox, actor, self._row("applications", application))
        return f"Hired as worker {worker['ref']}"

    def note(self, actor: Actor, person: str, text: str) -> None:
        mine = self.db["applications"].where("candidate_id", person)
        self.db.create("notes", actor, candidate_id=person, application_id=mine[-1]["id"] if mine else None,
                       body=text.strip(), user_id=actor.user_id)  # fmt: skip

    def edit(self, actor: Actor, person: str, values: Mapping[str, str]) -> None:
        flags = {key for key, _ in FLAGS}
        known: dict[str, Any] = {key: value == "true" if key in flags else value for key, value in values.items()
                                 if key in flags or key in dict(CONTACT)}  # fmt: skip
        doings.edit_candidate(self.sandbox, actor, person, known)

    def edit_application(self, actor: Actor, application: str, values: Mapping[str, str]) -> None:
        row = self._row("applications", application)
        new: dict[str, dict[str, str]] = {alias: dict(old) for alias, old in row["additional"].items()}
        for key, value in values.items():
            alias, dot, field = key.partition(".")
            if dot:
                new.setdefault(alias, {})[field] = value
        doings.set_additional(self.sandbox, actor, row, new)

    def tag(self, actor: Actor, person: str, name: str) -> None:
        row = self._row("candidates", person)
        doings.tag(self.sandbox, actor, person, [*(self.db["tags"].rows[id]["name"] for id in row["tags"]), name])

    def untag(self, actor: Actor, person: str, name: str) -> None:
        row = self._row("candidates", person)
        names = [self.db["tags"].rows[id]["name"] for id in row["tags"]]
        doings.tag(self.sandbox, actor, person, [one for one in names if one != name])

    def attach(self, actor: Actor, person: str, name: str, kind: str, content: bytes) -> None:
        doings.attach(self.sandbox, actor, person, name, content, category="OTHER")

    def merge(self, actor: Actor, into: str, who: str) -> None:
        self._row("candidates", into)
        self._row("candidates", who)
        doings.merge(self.sandbox, actor, into, who)

    def purge(self, actor: Actor, person: str) -> None:
        doings.purge(self.sandbox, actor, person)

    def delete(self, actor: Actor, person: str) -> None:
        doings.delete(self.sandbox, actor, person)

    def rename_stage(self, actor: Actor, stage: str, name: str) -> None:
        self.db.change("stages", self._row("stages", stage)["id"], actor, {"name": name})

    def open_job(self, actor: Actor, title: str, stages: Sequence[str]) -> str:
        process: Id = next(iter(self.db["processes"]))["id"]
        if stages:
            process = open_process(self.db, f"Job Application: {title}", named(stages), len(self.db["processes"]) + 1)[
                "id"
            ]
        return open_job(self.sandbox, actor, {"title": title}, process)["id"]

    def close_job(self, actor: Actor, job: str) -> None:
        closed = self.sandbox.named("job_statuses", "CLOSED")["id"]
        self.db.change("jobs", self._row("jobs", job)["id"], actor, {"status_id": closed})
        self.sandbox.happened("jobs", job, "Close Job Requisition")


# Settings.


def _lines(values: Mapping[str, str], key: str) -> list[str]:
    return [one for one in values.get(key, "").split("\n") if one]


def _credentials(sandbox: Sandbox) -> list[Setup]:
    db = sandbox.db

    def rows(type: str) -> list[tuple[str, Sequence[str]]]:
        found = [row for row in db["credentials"] if row["type"] == type]
        return [(row["id"], (row["name"], row["client_id"] or f"{row['name']}@{sandbox.options.tenant}",
                             ", ".join(row["scopes"]), "revoked" if row["revoked"] else "active"))
                for row in found]  # fmt: skip

    def choices(names: Sequence[str]) -> list[Choice]:
        return [Choice(one, one) for one in names]

    def user(actor: Actor, values: Mapping[str, str]) -> str:
        row = sandbox.open_user(actor, values.get("name", ""), _lines(values, "domains"))
        return f"{row['name']}@{sandbox.options.tenant}, password {row['secret']}"

    def client(actor: Actor, values: Mapping[str, str]) -> str:
        row = sandbox.open_client(actor, values.get("name", ""), values.get("user", ""), _lines(values, "areas"),
                                  values.get("redirect", ""))  # fmt: skip
        return (f"Client ID {row['client_id']}, client secret {row['secret']}, "
                f"refresh token {sandbox.refresh_token(row)}")  # fmt: skip

    def password(actor: Actor, id: str) -> str:
        sandbox.rotate(actor, id, doings.timedelta())
        return f"New secret: {db['credentials'].rows[id]['secret']}"

    def refresh(actor: Actor, id: str) -> str:
        return f"Refresh token: {sandbox.refresh_token(db['credentials'].rows[id])}"

    def users() -> list[Choice]:
        return [Choice(id, cells[0]) for id, cells in rows("isu")]

    return [
        Setup(
            "users", "Integration system users", "They call SOAP with name and password, and run reports. A missing "
            "domain makes what it guards disappear from answers.", ("Name", "User name", "Domains", "State"),
            lambda: rows("isu"),
            lambda: [Field("name", "Name", required=True),
                     Field("domains", "Domains", "\n".join(DOMAINS), "choices", choices(DOMAINS))],
            user, {"new password": password, "revoke": sandbox.revoke},
        ),
        Setup(
            "clients", "API clients", "For REST, and for SOAP with a token. The refresh token is used again and again.",
            ("Name", "Client ID", "Functional areas", "State"), lambda: rows("client"),
            lambda: [Field("name", "Name", required=True),
                     Field("user", "Acts as", "", "choice", users(), required=True),
                     Field("areas", "Functional areas", "\n".join(AREAS), "choices", choices(AREAS)),
                     Field("redirect", "Redirect address", "", "url")],
            client, {"refresh token": refresh, "new secret": password, "revoke": sandbox.revoke},
        ),
    ]  # fmt: skip


def _process(sandbox: Sandbox) -> Setup:
    def rows() -> list[tuple[str, Sequence[str]]]:
        db = sandbox.db
        return [
            (step["id"], (process["name"], str(step["place"]), step["name"],
                          db["recruiting_stages"].rows[step["recruiting_stage_id"]]["name"],
                          ", ".join(db["stages"].rows[id]["name"] for id in step["next"])))
            for process in db["processes"] for step in steps_of(db, process["id"])
        ]  # fmt: skip

    return Setup("processes", "Business processes", "From each step a candidate can go only to its next steps.",
                 ("Process", "Place", "Step", "Stage", "Next steps"), rows)  # fmt: skip


def _outbox(sandbox: Sandbox) -> Setup:
    def rows() -> list[tuple[str, Sequence[str]]]:
        return [(row["id"], (f"{row['created_at']:%d %b %Y, %H:%M}", row["to"], row["subject"], row["why"]))
                for row in sandbox.db["emails"].newest_first()]  # fmt: skip

    return Setup("outbox", "Outbox", "E-mails to candidates. Nothing leaves this machine.",
                 ("At", "To", "Subject", "Sent by"), rows)  # fmt: skip
