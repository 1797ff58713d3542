"""SmartRecruiters: Customer API, users, reviews and webhook subscriptions, as published and seen in November 2026.

`objects` says how things are named, `reads` what is shown, `fields` how that reads as ours, `sends` what is written,
`hooks` what its webhooks mean. The company has belonged to SAP since September 2025.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bascule.connectors.answers import MIXED, Answers
from bascule.connectors.spec import (
    ApiKey,
    Connector,
    Consent,
    FileReads,
    OAuth,
    Offset,
    Rate,
    Request,
    Response,
)
from bascule.errors import RemoteError
from bascule.model import Json, Kind

from .fields import create_field, fields, setup
from .hooks import WEBHOOK
from .reads import READS, file
from .schema import SHAPES, schema
from .sends import CREATES, ERASES, SENDS, discover
from .stage_history import STAGE_HISTORY

ANSWERS = Answers(
    "SmartRecruiters",
    key="Check the API key, or the OAuth client.",
    right="Give the credential this scope, and an OAuth client a system role too.",
    ids=MIXED,
)


def errors(request: Request, response: Response) -> RemoteError | None:
    """What an answer that is no success asks for. 429 says how much is left and never when to come back."""
    return ANSWERS.by_status(request, response, said(response.json))


def said(body: Json) -> str:
    """The vendor's own words: of every error, else of the message."""
    if not isinstance(body, Mapping):
        return ""
    listed = body.get("errors")
    errors = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    told = [str(one["message"]) for one in errors if one.get("message")]
    return "; ".join(told or [str(body.get("message") or "")])[:500]


def user_url(settings: Mapping[str, str], kind: Kind, external: str) -> str:
    """The page a person sees; of an application, its candidate's."""
    pages = {Kind.CANDIDATE: "app/people/profile", Kind.APPLICATION: "app/people/profile", Kind.JOB: "app/jobs/details"}
    base = settings.get("app_url") or "https://www.smartrecruiters.com"
    return f"{base.rstrip('/')}/{pages[kind]}/{external.partition(':')[0]}" if kind in pages else ""


UNVERIFIED = (
    "How a line of the status history is written: changedOn, status and subStatus, as other clients read it; another "
    "line is passed over.",
    "Whether the API makes candidate properties: they are made by hand.",
    "Whether several properties can be written at once: where not, they are written one by one.",
    "Whether a number is read as a number or as text: both are understood.",
    "Whether a rating is called rating or overallRating: the wrong word is refused, then the other one is sent.",
    "Whether a rejection can be taken back by an active status: where not, the refusal is shown.",
    "What happens to the sub-status where a status is set without one: it is always named.",
    "Whether updatedAfter includes its moment, and how far the search is behind: it is asked two minutes back.",
    "Whether moves, tags and files move updatedOn: webhooks tell of moves and files, a daily look finds the rest.",
    "The order of the search: where it is by change, who changes meanwhile is found by the daily look.",
    "Whether the search shows the status of secondary assignments: reading somebody by id does.",
    "The path of reasons: /configuration/rejection-reasons and /configuration/reasons/rejection are both tried.",
    "The form of a hiring process's sub-statuses, and whether a job says which process it has: else all are offered.",
    "Whether messages can be fetched without a candidate: where not, notes of others are found by the daily look.",
    "How an application's own details look: only the day of applying is taken from them.",
    "Whether a message shows &lt; as it is sent instead of a < that would be taken for HTML.",
    "What a merge by a person fires: the deletion of who went is understood, into whom is not told.",
    "Whether a change of status by API runs the company's automation: Bascule says that it may.",
    "Addresses of pages that people see, and the host of the sandbox.",
    "Names and shapes of review events, offers and interviews: none of them is read.",
    "Whether a redelivery is signed anew: one that was signed more than a day ago is refused.",
    "How long an access token lives: its answer says so.",
    "How the page of consent is asked: as RFC 6749 and 7636 say, with the scopes, a state and a code challenge.",
    "How long a refresh token lives, and whether a renewal replaces it: a new one is kept before it is used.",
)

TEN = Rate(10, timedelta(seconds=1), concurrency=8)
CONNECTOR = Connector(
    name="smartrecruiters",
    label="SmartRecruiters",
    base_url="https://api.smartrecruiters.com",
    hosts=("api.smartrecruiters.com", "api.sandbox.smartrecruiters.com"),
    auth=(
        ApiKey("X-SmartToken"),
        OAuth(
            "/identity/oauth/token",
            "",
            in_form=True,
            consent=Consent("/identity/oauth/allow", "https://www.smartrecruiters.com/identity/oauth/allow"),
        ),
    ),
    settings=(
        ("api_key", "API key (Settings > Administration > API credentials)", True),
        ("client_id", "Instead: the client id of an OAuth client with a system role", False),
        ("client_secret", "Its secret", True),
        ("refresh_token", "Of an app of the marketplace only: the refresh token that a user's consent gave", True),
        ("webhook_secret", "The secret key of the webhook subscription", True),
    ),
    pages=Offset("offset", total="totalFound"),
    rates={
        "default": TEN,
        "search": Rate(10, timedelta(seconds=1), concurrency=1),
        **dict.fromkeys(("candidates", "properties", "attachments", "files", "messages", "reviews"), TEN),
    },
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
    shapes=SHAPES,
    webhook=WEBHOOK,
    files=FileReads(url_field="url", talk=file),
    settle=timedelta(seconds=5),
    late=timedelta(minutes=5),
    user_url=user_url,
    scopes=("configuration_read", "users_read"),
    optional=frozenset({"refresh_token"}),
    excess={
        "candidates_manage": "It may change and delete everybody; SmartRecruiters has no smaller right to write tags "
        "and contact data. Leave it out where neither is mapped outward.",
    },
    facts={
        "api": "Customer API, User API v201804, Review API v201910, webhooks v201907",
        "sunset": "none announced",
        "plan": "Any that gives API credentials (not verified which do).",
        "agreement": "None for a company's own API key or OAuth client; partners are listed in the marketplace.",
        "vendor sandbox": "Ask SmartRecruiters: sandbox companies answer at api.sandbox.smartrecruiters.com (not "
        "verified).",
        "credential": "Settings > Administration > API credentials: an API key, or an OAuth client with a system role, "
        "with the scopes below.",
        "rights": "Settings > Administration > API credentials.",
        "by hand": "The API credential with its scopes, the candidate properties for scores, and the webhook "
        "subscription, which has no page there. People in talent pools without an application are in no search.",
        **{f"unverified {number}": fact for number, fact in enumerate(UNVERIFIED, 1)},
    },
)
