"""Greenhouse: Harvest v3 and recruiting webhooks. Reference: harvestdocs.greenhouse.io, as known in November 2026.

`reads` says what it shows, `fields` how that reads as ours, `sends` what is written, `hooks` what its webhooks mean.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from bascule.connectors.answers import Answers
from bascule.connectors.spec import (
    Connector,
    Consent,
    FileReads,
    LinkHeader,
    OAuth,
    Rate,
    Request,
    Response,
)
from bascule.errors import GuardRefusedError, RemoteError
from bascule.model import Kind

from .fields import fields, setup
from .hooks import WEBHOOK
from .reads import READS, STAGE_HISTORY
from .schema import schema, shapes
from .sends import CREATES, ERASES, MERGES, SENDS, create_field, discover, said

MOVED_ON = re.compile(
    r"from_stage_id|current stage|must be '?\w+'?, is currently|already been (moved|rejected)", re.IGNORECASE
)


ANSWERS = Answers(
    "Greenhouse",
    key="Check the client id and secret.",
    right="Give the credential this scope, and its user the right to it.",
)


def errors(request: Request, response: Response) -> RemoteError | None:
    """What an answer that is no success asks for."""
    words = said(response.json)
    if response.status in (409, 422) and request.method == "POST" and MOVED_ON.search(words):
        return ANSWERS.error(GuardRefusedError, request, response, words)
    return ANSWERS.by_status(request, response, words)


def user_url(settings: Mapping[str, str], kind: Kind, external: str) -> str:
    """The page a person sees in Greenhouse; of an application there is no address without its candidate."""
    pages = {Kind.CANDIDATE: "people", Kind.JOB: "sdash"}
    base = settings.get("app_url") or "https://app.greenhouse.io"
    return f"{base.rstrip('/')}/{pages[kind]}/{external}" if kind in pages else ""


UNVERIFIED = (
    "What POST /candidates/{id}/merge calls the one that goes (here secondary_candidate_id): if refused, a failure.",
    "Whether a PATCH leaves custom fields alone that it does not name: watched in every answer, and put back if not.",
    "Which id from_stage_id takes, the application's stage instance or the job's stage: tried in this order.",
    "Whether POST /applications takes initial_stage_id, as it did before v3: a stage it does not show is a conflict.",
    "How a plan without application fields answers their creation: 403 and 422 both lead to candidate fields.",
    "Whether the key of a custom field is made from its name: a field is found by its key, else by its name.",
    "Whether tags move a candidate's updated_at: they are swept by themselves, and nothing relies on it.",
    "Whether a persistently failing webhook is disabled: polls go on beside the hooks.",
    "What POST /interviews takes (job_interview_id, starts_at, ends_at, location, interviewers with user_id, "
    "external_event_id): where it is refused, the interview is a note that says so.",
    "On which hosts attachments are served: addresses of other hosts are not fetched.",
    "The answer of token requests: expires_at and expires_in are both understood.",
    "Whether a renewal replaces the refresh token at once: a new one is kept before it is used, else the old one is.",
    "How the page of consent is asked: as RFC 6749 and 7636 say, with the scopes, a state and a code challenge.",
)

CONNECTOR = Connector(
    name="greenhouse",
    label="Greenhouse",
    base_url="https://harvest.greenhouse.io/v3",
    hosts=("harvest.greenhouse.io", "auth.greenhouse.io"),
    auth=OAuth(
        token_path="/token",
        token_url="https://auth.greenhouse.io/token",
        subject="sub",
        refresh_life=timedelta(hours=24),
        consent=Consent("/authorize", "https://auth.greenhouse.io/authorize"),
    ),
    settings=(
        ("client_id", "Client id of the Harvest v3 credential (Configure > Dev Center > API credentials)", False),
        ("client_secret", "Its secret", True),
        ("webhook_secret", "The secret you enter in Greenhouse's webhook form", True),
        ("refresh_token", "Of a partner's integration only: the refresh token that a user's consent gave", True),
    ),
    pages=LinkHeader(),
    rates={"default": Rate(75, timedelta(seconds=30))},
    reads=READS,
    stage_history=STAGE_HISTORY,
    sends=SENDS,
    creates=CREATES,
    deletes={},
    erases=ERASES,
    merges=MERGES,
    fields=fields,
    discover=discover,
    setup=setup,
    create_field=create_field,
    errors=errors,
    schema=schema,
    shapes=shapes(),
    webhook=WEBHOOK,
    files=FileReads(url_field="url", hosts=(".amazonaws.com", ".greenhouse.io")),
    settle=timedelta(seconds=2),
    late=timedelta(minutes=2),
    user_url=user_url,
    scopes=tuple(
        f"harvest:{what}:list" for what in ("custom_fields", "custom_field_options", "departments", "offices")
    ),
    optional=frozenset({"refresh_token"}),
    setup_scopes=("harvest:custom_fields:create",),
    excess={
        "Site Admin": "Every list of Harvest v3 needs a Site Admin, who sees more than is read here. Use a service "
        "user of its own for this credential, with whom nobody signs in."
    },
    facts={
        "api": "Harvest v3",
        "clients": "open-greenhouse-mcp",
        "sunset": "none announced",
        "agreement": "None for a customer's own credential; a partner's integration is registered with Greenhouse.",
        "vendor sandbox": "Ask Greenhouse: whether an account comes with a sandbox depends on its plan (not verified).",
        "credential": "A service user of its own, with whom nobody signs in, made Site Admin. Then in Configure > Dev "
        "Center > API credentials a Harvest v3 credential for that user, with the scopes below. Its secret is shown "
        "once.",
        "rights": "Configure > Dev Center > API credentials: the scopes on the credential's own page.",
        "by hand": "The service user, its credential and scopes, and one webhook for each event offered.",
        "predecessor": "Harvest v1 and v2 were switched off on 31 August 2026.",
        "plan": "Application custom fields need the Enterprise plan; elsewhere candidate fields name the job.",
        **{f"unverified {number}": fact for number, fact in enumerate(UNVERIFIED, 1)},
    },
)
