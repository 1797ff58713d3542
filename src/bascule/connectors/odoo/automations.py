"""What an Odoo does by itself about applicants: e-mails of stages and of refusals, and its automation rules.

A stage's template goes to whoever enters it, a refusal's to whoever is refused, unless the person who refuses unticks
it. Automation rules are shown to users with Settings rights only, from Odoo 14 on.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bascule.connectors.spec import Automation, Request, Response, Tenant
from bascule.model import Json, Status

from .calls import APPLICANT, EVERYTHING, REASON, STAGE, call, refusal, rows
from .values import label

RULE, ACTION = "base.automation", "ir.actions.server"
MOST = 50  # jobs by which the stages of all jobs are named
SETTINGS = (
    "Odoo shows its automation rules to users with Settings rights only, and the key's user has none: write those that "
    "e-mail applicants into the file by hand."
)
TERM = re.compile(r"""\(\s*['"](stage_id|job_id)['"]\s*,\s*['"]=['"]\s*,\s*(\d+)\s*\)""")
EITHER = re.compile(r"""['"][|!]['"]""")  # a domain that holds otherwise, too


def found(tenant: Tenant) -> Generator[Request, Response, tuple[tuple[Automation, ...], str]]:
    """(what it does by itself, what of it is not shown, in a sentence)."""
    stages = yield from shown(tenant, STAGE, "search_read", domain=[], fields=["name", "template_id", "job_ids"],
                              context=EVERYTHING)  # fmt: skip
    reasons = yield from shown(tenant, REASON, "search_read", domain=[["template_id", "!=", False]],
                               fields=["name", "template_id"])  # fmt: skip
    about = [["model_id.model", "=", APPLICANT], ["active", "=", True]]
    rules = yield from shown(tenant, RULE, "search_read", domain=about,
                             fields=["name", "trigger", "filter_domain", "action_server_ids"])  # fmt: skip
    ids = sorted({id for one in rules or () for id in one.get("action_server_ids") or ()})
    actions = yield from shown(tenant, ACTION, "search_read", domain=[["id", "in", ids]],
                               fields=["state", "template_id", "mail_post_method"]) if ids else nothing()  # fmt: skip
    jobs = tenant.facts.get("jobs", "").split()
    steps = {row["id"]: Step(row, jobs) for row in stages or ()}
    mailing = [one for one in steps.values() if one.row.get("template_id")]
    itself = (
        *(_made(f"Stage {one.name}", _sends(one.row), step=one) for one in mailing),
        *_refusals(reasons or ()),
        *_rules(rules or (), {row["id"]: row for row in actions or ()}, steps),
    )
    return itself, SETTINGS if rules is None or actions is None else ""


def shown(tenant: Tenant, model: str, method: str, **named: Json) -> Generator[Request, Response, list[Json] | None]:
    """What is shown to the key's user: None where they have no right to it, nothing where there is no such thing."""
    told = yield call(tenant, model, method, tolerate=(403, 404, 422, 500), **named)
    refused = refusal(told)
    if refused is not None:
        return None if told.status == 403 or refused[0].endswith("AccessError") else []
    return rows(told.json)


def nothing() -> Generator[Request, Response, list[Json] | None]:
    return []
    yield


@dataclass(frozen=True, slots=True)
class Step:
    """A stage, and the jobs whose step it is where it names none itself."""

    row: Json
    jobs: Sequence[str]

    @property
    def name(self) -> str:
        return str(self.row["name"])

    @property
    def own(self) -> tuple[str, ...]:
        return tuple(str(id) for id in self.row.get("job_ids") or ())


def _made(
    name: str, what: str, *, writes: bool = True, step: Step | None = None, job: str = "", status: str = ""
) -> Automation:
    """What happens on entering a stage is told as the step of each job that it is."""
    own = (job,) if job else step.own if step is not None else ()
    steps = tuple(f"{one}/{step.row['id']}" for one in own or step.jobs[:MOST]) if step is not None else ()
    return Automation(name, what, writes, steps, step.name if step is not None else "", status, own)


def _refusals(reasons: Iterable[Json]) -> Iterable[Automation]:
    """One for each template: several reasons may share it."""
    by: dict[str, list[str]] = {}
    for row in reasons:
        by.setdefault(_sends(row), []).append(str(row["name"]))
    for what, names in by.items():
        said = f"{what}, unless whoever refuses unticks it"
        yield _made(f"Refusing for {', '.join(names)}", said, status=str(Status.REJECTED))


def _rules(rules: Iterable[Json], actions: Mapping[int, Json], steps: Mapping[int, Step]) -> Iterable[Automation]:
    """Those that mail the applicant, or may: what the text of a program does is not looked into."""
    for rule in rules:
        does = [actions[id] for id in rule.get("action_server_ids") or () if id in actions]
        said = [
            _sends(one) for one in does if (one.get("state"), one.get("mail_post_method")) == ("mail_post", "email")
        ]
        said += ["sends an SMS" for one in does if one.get("state") == "sms"]
        code = ["runs a program, which may write to them" for one in does if one.get("state") == "code"]
        if rule.get("trigger") == "on_unlink" or not (said or code):
            continue
        domain = str(rule.get("filter_domain") or "")
        terms = dict(TERM.findall(domain)) if not EITHER.search(domain) else {}
        yield _made(
            f"Automation rule {rule['name']}", " and ".join([*said, *code[:1]]), writes=bool(said),
            step=steps.get(int(terms.get("stage_id", 0))), job=terms.get("job_id", ""),
            status=str(Status.REJECTED) if rule.get("trigger") == "on_archive" else "",
        )  # fmt: skip


def _sends(row: Json) -> str:
    return f"sends the e-mail {label(row.get('template_id')) or 'that it names'}"
