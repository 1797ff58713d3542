"""What screening forms say and ask, and how many are completed, as their owner sees it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bascule.hiring import disclosure, screening
from bascule.hiring.disclosure import Disclosure
from bascule.hiring.form_words import FIRST, LANGUAGES
from bascule.hiring.form_words import words as say
from bascule.hiring.rubrics import job_of
from bascule.hiring.screening import OWN_KINDS
from bascule.office.forms import Forms
from bascule.office.screenings import times_of
from bascule.store import Tx
from bascule.store.screenings import Counted

from ..views.forms import DisclosureRow, Draft, FormsPage, JobFormPage, QuestionRow, RateRow
from ..views.parts import Choice, Fact
from . import words

NAMES = tuple((code, say(code)("own_name")) for code in LANGUAGES)


def page(tx: Tx, forms: Forms, workspace: str, *, may_set: bool) -> FormsPage:
    """All forms of the workspace, by job."""
    counted = tx.screenings.counted(workspace)
    jobs = tx.families.records(workspace, {one.job for one in counted})
    rows = [_rate(one, words.title(jobs.get(one.job)) or "A job that is gone") for one in counted]
    rows.sort(key=lambda row: (-row.invited, row.title))
    times, told = times_of(tx, workspace), disclosure.versions(tx, workspace, "")
    return FormsPage(
        tuple(rows), _rate(_sum(counted), "All"), forms.required(tx),
        times.link, times.person, tuple(map(_disclosure, told)), NAMES, may_set,
        None if told else _draft(tx, forms),
    )  # fmt: skip


def of_job(tx: Tx, forms: Forms, workspace: str, id: str, now: datetime, *, may_edit: bool) -> JobFormPage:
    """One job's form. NotFoundError if there is no such job."""
    job = job_of(tx, workspace, id)
    version, own = forms.own(tx, id)
    counted = next((one for one in tx.screenings.counted(workspace) if one.job == id), Counted(id, 0, 0, 0, 0, 0, 0))
    mine = disclosure.versions(tx, workspace, id)
    told = mine or disclosure.versions(tx, workspace, "")
    wait = disclosure.waits(tx, workspace, id, now)
    return JobFormPage(
        id=id,
        title=words.title(job),
        rate=_rate(counted, words.title(job)),
        version=version,
        questions=tuple(
            QuestionRow(
                one.id, screening.asked(one, say(FIRST)), str(one.kind), not one.form, one.id not in own.left_out,
                one.required,
            )
            for one in forms.questions(tx, job)
        ),
        kinds=tuple(Choice(kind, kind.capitalize(), False) for kind in OWN_KINDS if kind != "choice"),
        disclosures=tuple(map(_disclosure, told)),
        own_disclosure=bool(mine),
        waits=wait.why if wait is not None else "",
        languages=NAMES,
        may_edit=may_edit,
        draft=None if told else _draft(tx, forms),
    )  # fmt: skip


def _draft(tx: Tx, forms: Forms) -> Draft:
    use = forms.use(tx)
    named = tuple(f"{one}, which sees names and contact data" if one in use.named else one for one in use.tools)
    return Draft(
        forms.drafts(tx),
        (
            Fact("Applicants are scored at", ", ".join(use.at) or "no connection: AI is off"),
            Fact("Language models of others", use.provider or "none: nothing of a CV leaves"),
            Fact("AI tools", ", ".join(named) or "none"), Fact("A person looks within", say(FIRST).days(use.days)),
            Fact("Applicants ask", use.contact or "nobody is named yet"),
        ),
    )  # fmt: skip


def _sum(counted: Sequence[Counted]) -> Counted:
    return Counted(
        "", sum(one.invited for one in counted), sum(one.started for one in counted),
        sum(one.completed for one in counted), sum(one.opted_out for one in counted),
        sum(one.adjustments for one in counted), sum(one.expired for one in counted),
    )  # fmt: skip


def _rate(one: Counted, title: str) -> RateRow:
    share = f"{100 * one.completed / one.invited:.0f} %" if one.invited else ""
    return RateRow(
        f"/jobs/{one.job}/screening", title, one.invited, one.started, one.completed, one.opted_out, one.expired, share
    )


def _disclosure(one: Disclosure) -> DisclosureRow:
    return DisclosureRow(one.version, one.at, one.by, one.notice, one.text)
