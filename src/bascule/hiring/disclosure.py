"""What applicants are told of AI, in versions, for a workspace and for single jobs; and what waits until it is set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from bascule.model import Fields, Value
from bascule.store import Tx

from .form_words import FIRST, Words

REQUIRED = "disclosure required"  # the setting of a workspace
UNSET = "Scoring of this job waits: it has no disclosure of AI use yet."


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One version. `text` by language; `notice`: the day from which AI may be used, where the law asks that people are
    told some time before; `job` "": of the whole workspace."""

    version: int
    at: datetime
    job: str
    text: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: date | None = None
    by: str = ""

    def said(self, language: str) -> str:
        """Its words in a language, else in the first it has."""
        return self.text.get(language) or self.text.get(FIRST) or next(iter(self.text.values()), "")


@dataclass(frozen=True, slots=True)
class Use:
    """How AI is used here, as far as applicants are to be told. `at`: connections whose applicants are scored;
    `provider`: to whose language model text of CVs is sent, "" where none leaves; `tools`: AI tools of others, `named`
    those that see contact data; `days`: until a person looks; `contact`: whom applicants ask, "" for nobody known."""

    at: tuple[str, ...] = ()
    provider: str = ""
    tools: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    days: int = 0
    contact: str = ""


def draft(use: Use, say: Words) -> str:
    """What could be told of it in one language: for a person to read, mend and confirm."""
    where = [say("draft_model", provider=use.provider)] if use.provider else []
    where += [say("draft_tools", tools=", ".join(use.tools))] if use.tools else []
    where += [say("draft_contact_seen", tools=", ".join(use.named))] if use.named else []
    return "\n\n".join(
        (
            say("ai_text"), " ".join(where) or say("draft_here"), say("draft_again"),
            say("draft_opt_out", choice=say("people_link"), days=say.days(use.days)),
            say("draft_contact", contact=use.contact or say("draft_missing")),
        )
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wait:
    """Why no AI may score a job yet; `until` None: until somebody sets what is missing."""

    why: str
    until: datetime | None = None


def versions(tx: Tx, workspace: str, job: str) -> list[Disclosure]:
    """Every version of a job's own disclosure ("" for the workspace's), the newest first."""
    return [
        Disclosure(
            one.version, one.at, one.job, dict(one.body["text"]), _day(one.body.get("notice")),
            str(one.body.get("by") or ""),
        )
        for one in tx.screenings.terms(workspace, job, "disclosure")
    ]  # fmt: skip


def newest(tx: Tx, workspace: str, job: str) -> Disclosure | None:
    """The one that holds for a job: its own, else the workspace's."""
    found = versions(tx, workspace, job) or versions(tx, workspace, "")
    return found[0] if found else None


def kept(text: Mapping[str, str], notice: date | None, by: str) -> Fields:
    """As a version is stored."""
    body: dict[str, Value] = {"text": dict(text), "by": by}
    return body if notice is None else {**body, "notice": notice.isoformat()}


def waits(tx: Tx, workspace: str, job: str, now: datetime) -> Wait | None:
    """Why no AI may score this job yet; None: it may. Only where the workspace asks for a disclosure."""
    if not tx.workspaces.setting(workspace, REQUIRED, False):
        return None
    held = newest(tx, workspace, job)
    if held is None:
        return Wait(UNSET)
    begins = datetime.combine(held.notice, time(), UTC) if held.notice is not None else now
    if begins <= now:
        return None
    return Wait(f"Scoring of this job waits until {held.notice}, as its notice says.", begins)


def _day(kept: Any) -> date | None:
    return date.fromisoformat(kept) if isinstance(kept, str) and kept else None
