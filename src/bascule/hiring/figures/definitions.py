"""What every figure means, in words: these stand beside it on the page, in the API and in docs/kpis.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

LEAST_TEAM = 3  # recruiters: of fewer, figures about how people work are figures about one of them


class Unit(StrEnum):
    """What a figure is told in."""

    SECONDS = "seconds"  # a time, by its median and the ninth of ten
    SHARE = "share"  # so many of so many
    HOURS = "hours"  # a sum


@dataclass(frozen=True, slots=True)
class Definition:
    """A figure in words: what it is called, what counts, and what is left out."""

    key: str
    title: str
    unit: Unit
    counts: str
    without: str
    many: str  # what it is of so many of
    so: str = ""  # of a share: what these many are
    about_people: bool = False  # how colleagues work: never of a team below LEAST_TEAM


DEFINITIONS: Mapping[str, Definition] = {
    one.key: one
    for one in (
        Definition(
            "time_to_screen",
            "Time to screen",
            Unit.SECONDS,
            "From the application, as the ATS dates it, to the first decision of a person about it: a move beyond the"
            " job's first stage, or a rejection before one. In the week of the decision.",
            "Who was decided about before Bascule was connected, and who is not decided about yet (see queue age).",
            "decisions",
        ),
        Definition(
            "time_to_hire",
            "Time to hire",
            Unit.SECONDS,
            "From the application to the hire, as Bascule saw it or the ATS tells of before. In the week of the hire.",
            "Who was hired before Bascule was connected, where the ATS does not tell when.",
            "hires",
        ),
        Definition(
            "interview_to_offer",
            "Interview to offer",
            Unit.SHARE,
            "Of those who reached a stage of the type interview in the week, how many have reached a stage of the "
            "type offer, or were hired, since. The last weeks still grow.",
            "Who stood in an interview stage when Bascule was connected, where the ATS does not tell since when, and "
            "jobs whose stages have no types.",
            "interviewed",
            "offered or hired",
        ),
        Definition(
            "screening_completion",
            "Screening completion",
            Unit.SHARE,
            "Of the screenings to which candidates were invited in the week, how many have been completed since. The "
            "last weeks still grow.",
            "Who opted out, or asked for a person instead: that is no form left undone. They are counted beside it.",
            "invited",
            "completed",
        ),
        Definition(
            "screening_time_saved",
            "Screening time saved",
            Unit.HOURS,
            "First decisions about applications that had a score, times the minutes that your owner says one "
            "application took before, less those it takes now.",
            "Decisions without a score. The minutes are somebody's word and not measured: who stated them stands "
            "beside the figure, and without them there is none.",
            "decisions with a score",
        ),
        Definition(
            "score_latency",
            "Webhook to write-back",
            Unit.SECONDS,
            "From the application, as the ATS dates it, to the first write for that person which the ATS confirmed "
            "after their score was made. It holds the ATS's own delay, reading the CV, the score and the rate limit. "
            "In the week of the write.",
            "Who applied before the connection was live, and scores that were never written.",
            "applications",
        ),
        Definition(
            "response_rate",
            "Message response rate",
            Unit.SHARE,
            "Of the messages sent to candidates in the week, how many have been answered by a person in the same "
            "thread since. The last weeks still grow.",
            "Messages that bounced, were withheld or wait, and answers of machines.",
            "messages",
            "answered",
        ),
        Definition(
            "decided_with_score",
            "Decided with the score there",
            Unit.SHARE,
            "Of the first decisions about applications, before how many the score stood there. In the week of the "
            "decision.",
            "Who decided is not kept; nobody is counted by name.",
            "decisions",
            "with the score there",
            True,
        ),
        Definition(
            "score_to_decision",
            "Score to decision",
            Unit.SECONDS,
            "From the first score of an application to the first decision about it. In the week of the decision.",
            "Decisions before there was a score.",
            "decisions",
            "",
            True,
        ),
        Definition(
            "overrides",
            "Decided against the score",
            Unit.SHARE,
            "Of the first decisions with a score, how many went against it: rejected at or above the rubric's "
            "threshold for the shortlist (50 where none is set), or moved on below it. It says how often people "
            "disagree, not who is right.",
            "Decisions without a score.",
            "decisions with a score",
            "against the score",
            True,
        ),
    )
}
