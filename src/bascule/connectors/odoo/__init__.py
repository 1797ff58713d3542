"""Odoo Recruitment 17, 18 and 19. Reference: the modules hr_recruitment, mail, base and rpc of odoo/odoo and the
documentation of the external interfaces, read in November 2026.

`calls` says how a method is called, `reads` what is shown, `fields` how that reads as ours, `sends` what is written,
`account` what is learned of a database and made in it, `hooks` what its automation rules tell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from bascule.connectors.answers import Answers
from bascule.connectors.spec import ApiKey, Connector, FileReads, InBody, Keyset, Rate, Request, Response
from bascule.errors import (
    AbsentError,
    DisconnectedError,
    PermissionMissingError,
    RejectedError,
    RemoteError,
    UnavailableError,
)
from bascule.model import Kind

from .account import create_field, discover
from .calls import refusal
from .fields import fields, setup
from .hooks import WEBHOOK
from .reads import READS
from .schema import schema, shapes
from .sends import CREATES, ERASES, SENDS, file
from .stage_history import STAGE_HISTORY

NO_DATABASE = re.compile(r"database .* does not exist", re.IGNORECASE)
NO_MODEL = re.compile(r"^(the model|Object) .* (does not|doesn't) exist", re.IGNORECASE)
KEY = (
    "Check the key, the login and the database: keys of ordinary users expire after three months at most. On odoo.com, "
    "the interface needs the Custom plan."
)
RIGHT = "Give the key's user the right Recruitment: Officer (Manage all applicants)."
OTHER = "Another version of Odoo, or an app that is not installed: what the database has is learned anew every hour."


ANSWERS = Answers("Odoo", key=KEY, right=RIGHT)


def errors(request: Request, response: Response) -> RemoteError | None:
    """What a refusal asks for: by the name of Odoo's exception, over JSON-RPC in an answer 200; else by the status."""
    refused = refusal(response)
    if refused is None:
        return None
    name, words = refused
    words, hint = words[:500], ""
    kind: type[RemoteError]
    match name.rpartition(".")[2]:
        case "AccessDenied" | "SessionExpiredException":
            kind = DisconnectedError
        case _ if NO_DATABASE.search(words):
            kind, hint = DisconnectedError, "Enter the database's name as Odoo has it."
        case _ if NO_MODEL.search(words):
            kind, hint = RejectedError, OTHER
        case "AccessError":
            kind = PermissionMissingError
        case "MissingError":
            kind = AbsentError
        case "UserError" | "ValidationError" | "RedirectWarning":
            kind = RejectedError
        case _ if name.startswith("builtins."):  # a mistake in the call: a field that this version does not have
            kind, hint = RejectedError, OTHER
        case _ if response.status < 400:  # a fault of the database, as of two who wrote at once
            kind = UnavailableError
        case _:
            return ANSWERS.by_status(request, response, words)
    return ANSWERS.error(kind, request, response, words, hint=hint)


def user_url(settings: Mapping[str, str], kind: Kind, external: str) -> str:
    """The form a person sees in Odoo; later versions understand the older form of the address."""
    models = {
        Kind.APPLICATION: "hr.applicant",
        Kind.JOB: "hr.job",
    }  # the candidate's page is the application's, or 18's
    base = (settings.get("app_url") or settings.get("base_url") or "").rstrip("/")
    return f"{base}/web#id={external}&model={models[kind]}&view_type=form" if base and kind in models else ""


UNVERIFIED = (
    "No run against a real Odoo: written from its sources and documentation.",
    "The body of a refusal over JSON-2: an object and a text are both understood.",
    "When XML-RPC and JSON-RPC end (20 or 22): from 19 on they are used only where JSON-2 is not let through.",
    "Whether just_moved silences the stage's e-mail in 17: just_unarchived, which does, is sent along.",
    "Which release brought recruiter_id (an employee) for user_id: what the database shows is followed.",
    "Whether the page Bascule fits into the applicant's form of every edition: without it, the fields are there "
    "all the same, and are put onto the form with Studio.",
    "How odoo.com refuses a plan without the interface, and how it limits requests: one a second is kept to, one at a "
    "time.",
    "Whether the name of a subtype's column that marks internal messages holds in every version: subtype_id.internal.",
    "Of an automation rule only a plain condition on stage or job is understood; with any other it counts as set off "
    "at any time, which is said as a note and refuses nothing.",
)

CONNECTOR = Connector(
    name="odoo",
    label="Odoo Recruitment",
    base_url="https://example.odoo.com",
    hosts=(".odoo.com",),
    auth=(
        ApiKey(header="Authorization", prefix="bearer "),
        InBody(needs=("database", "login", "api_key")),
    ),
    settings=(
        ("api_key", "API key of the service user (Preferences > Account Security > New API Key)", True),
        ("database", "Name of the database: needed for 17 and 18, and where several share an address", False),
        ("login", "Login of the service user: needed for 17 and 18", False),
        ("webhook_secret", "The last part of the webhook's address", True),
    ),
    pages=Keyset(lambda row: str(row["id"])),
    rates={"default": Rate(60, timedelta(minutes=1), concurrency=1)},
    reads=READS,
    stage_history=STAGE_HISTORY,
    sends=SENDS,
    creates=CREATES,
    deletes={},
    erases=ERASES,
    fields=fields,
    discover=discover,
    setup=setup,
    create_field=create_field,
    errors=errors,
    schema=schema,
    shapes=shapes(),
    webhook=WEBHOOK,
    files=FileReads(url_field="file", talk=file),
    settle=timedelta(seconds=5),
    late=timedelta(minutes=5),
    user_url=user_url,
    scopes=("hr.applicant:read", "hr.job:read", "hr.applicant.category:read"),
    optional=frozenset({"database", "login"}),
    setup_scopes=("ir.model:read", "ir.model.fields:create", "ir.ui.view:create"),
    excess={
        "Recruitment: Officer": "Odoo grants rights by groups, and a key has all rights of its user. Use a service "
        "user of its own with the group Recruitment: Officer (Manage all applicants) and nothing else; Settings only "
        "while the fields are made."
    },
    facts={
        "api": "JSON-2 (Odoo 19 and later), JSON-RPC execute_kw (17 and 18)",
        "sunset": "JSON-2: none announced. JSON-RPC: deprecated with 19, to be removed in 20 or 22, as sources differ.",
        "plan": "On odoo.com the external interfaces need the Custom plan; your own server needs none.",
        "agreement": "None.",
        "vendor sandbox": "A trial database on odoo.com, a staging branch on odoo.sh, or the community edition on your "
        "own machine; ours: bascule sandbox odoo.",
        "credential": "A service user of its own with the right Recruitment: Officer (Manage all applicants). Signed "
        "in as that user: Preferences > Account Security > New API Key. Such a key ends after three months at most.",
        "rights": "The access rights of the service user: Recruitment.",
        "automations": "Read every hour: the e-mail of each stage and of each refuse reason; automation rules that "
        "mail applicants where the key's user has Settings rights, else they are written into the file of triggers by "
        "hand.",
        "by hand": "The service user with the right Recruitment: Officer, its API key (renewed before it expires), "
        "Settings rights while the fields are created, automation rules if changes are to be told at once. Erasure: "
        "Odoo anonymises nobody by its interface; use Odoo's own Privacy Lookup. A host other than odoo.com is allowed "
        "in BASCULE_ALLOWED_HOSTS.",
        **{f"unverified {number}": fact for number, fact in enumerate(UNVERIFIED, 1)},
    },
)
