"""Ashby: its RPC interface of 2026-01-01 and webhooks. Reference: developers.ashbyhq.com, as known in November 2026.

`reads` says what it shows, `fields` how that reads as ours, `sends` and `decisions` what is written, `hooks` what its
webhooks mean. A stage is named "<job>/<stage>": stages belong to interview plans, which several jobs may share, while
a stage here has one job.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from bascule.connectors.answers import Answers
from bascule.connectors.spec import (
    Basic,
    Connector,
    CursorInBody,
    FileReads,
    Rate,
    Request,
    Response,
)
from bascule.errors import (
    AbsentError,
    DisconnectedError,
    PermissionMissingError,
    RejectedError,
    RemoteError,
    ResyncError,
    ThrottledError,
)
from bascule.model import Kind

from .fields import fields, setup
from .hooks import WEBHOOK
from .reads import READS, STAGE_HISTORY
from .schema import schema, shapes
from .sends import CREATES, ERASES, SENDS, create_field, discover, file, said

EXPIRED = frozenset(
    {
        "next_cursor_expired", "invalid_next_cursor", "sync_token_expired", "sync_token_invalid",
        "incremental_sync_too_large",
    }
)  # fmt: skip
GONE = re.compile(r"(candidate|application|job|user|file|job_posting)_not_found")
MISSING = "missing_endpoint_permission"


ANSWERS = Answers(
    "Ashby",
    key="Check the API key: it is wrong, or was deactivated.",
    right="Give the API key this permission (Admin > Integrations > API Keys).",
)


def errors(request: Request, response: Response) -> RemoteError | None:
    """What an answer asks for. Most refusals come with a 200 and say so in the body."""
    status, (code, words) = response.status, said(response.json)
    told = isinstance(response.json, Mapping)
    refused = told and response.json.get("success") is False
    kind: type[RemoteError] | None = None
    if code in EXPIRED:
        kind = ResyncError
    elif code == "rate_limited":
        kind = ThrottledError
    elif status == 403 and not told:  # a wrong key is told in plain words
        kind = DisconnectedError
    elif code == MISSING:
        kind = PermissionMissingError
    elif GONE.fullmatch(code):
        kind = AbsentError
    elif refused and status < 400:
        kind = RejectedError
    if kind is None or status in (401, 429) or status >= 500:
        return ANSWERS.by_status(request, response, words, code=code)
    return ANSWERS.error(kind, request, response, words, code=code)


def user_url(settings: Mapping[str, str], kind: Kind, external: str) -> str:
    """The page a person sees in Ashby."""
    pages = {Kind.CANDIDATE: "candidates", Kind.JOB: "jobs"}
    return f"https://app.ashbyhq.com/{pages[kind]}/{external}" if kind in pages else ""


UNVERIFIED = (
    "Whether null clears a custom field: a refusal of it becomes a failure that a person sees.",
    "Whether an archived application may be moved back to a stage: if not, the un-rejection is refused and shown.",
    "How long cursors and sync tokens are good: an expired one leads to the list being read whole.",
    "What is left of somebody who was anonymised: the name “Anonymized Candidate” and no addresses, links or files; "
    "anything else reads as an emptied candidate.",
    "Whether tags move a candidate's updatedAt: candidates are swept once a day besides.",
    "Whether interviewSchedule.list shows the extraData of events: a lost answer is looked for by it.",
    "Whether the content of a note is shown as text or as HTML: the line that ends ours is found in both.",
    "Whether the key sees private notes that it has written: without that a lost one is not found again.",
    "Whether a file's handle is the same in every answer, and how long its address is good.",
    "On which hosts files are served: addresses of other hosts are not fetched.",
    "The rate: 1,000 requests a minute is what a third party says; a 429 is waited for.",
    "Which spelling the page of a candidate has: the address is the one in use today.",
    "Whether every plan has custom fields on applications: where they are refused, connecting says so.",
)

CONNECTOR = Connector(
    name="ashby",
    label="Ashby",
    base_url="https://api.ashbyhq.com",
    hosts=("api.ashbyhq.com",),
    auth=Basic(),
    settings=(
        ("api_key", "API key (Admin > Integrations > API Keys)", True),
        ("webhook_secret", "The secret token you enter with each webhook in Ashby", True),
    ),
    pages=CursorInBody("cursor", "nextCursor", "moreDataAvailable"),
    rates={"default": Rate(1000, timedelta(minutes=1), concurrency=10)},
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
    files=FileReads(url_field="handle", hosts=(".amazonaws.com", ".ashbyhq.com"), talk=file),
    settle=timedelta(seconds=2),
    late=timedelta(minutes=2),
    user_url=user_url,
    scopes=("hiringProcessMetadata:read", "interviews:read", "organization:read", "apiKeys:read"),
    setup_scopes=("hiringProcessMetadata:write",),
    headers={"Accept": "application/json; version=1", "Ashby-Version": "2026-01-01"},
    facts={
        "api": "Ashby API 2026-01-01",
        "sunset": "none announced; a version is supported for three months after it is deprecated, at least",
        "clients": "airbyte-source-ashby, the SDK ashby",
        "plan": "Not published: an administrator who sees Admin > Integrations > API Keys can make the key.",
        "agreement": "None for a customer's own API key.",
        "vendor sandbox": "Ask Ashby: whether a customer or partner gets a test organization is not published.",
        "credential": "Admin > Integrations > API Keys: a key of its own with the permissions below. It needs neither "
        "access to confidential jobs nor to private fields.",
        "rights": "Admin > Integrations > API Keys: the permissions of the key.",
        "by hand": "The API key with its permissions and switches, and one webhook for each event that is used.",
        **{f"unverified {number}": fact for number, fact in enumerate(UNVERIFIED, 1)},
    },
)
