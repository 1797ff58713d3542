"""The page on which the errand of a command is done, for whoever reads of it on a page or in a letter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

ANY = "*"  # in a command: whatever is named there, such as a connection
_WORD = r"[^\s`'\"(),;:.!?]+"
_TOKEN = rf"(?:'[^']*'|\"[^\"]*\"|\.\.\.|{_WORD}(?:[:./]+{_WORD})*(?:[:/]*\.\.\.)?(?:'[^']*'|\"[^\"]*\")?)"
_COMMAND = re.compile(rf"`(bascule [^`]+)`|\b(bascule(?: {_TOKEN})+)")


@dataclass(frozen=True, slots=True)
class Place:
    """A page, by what people call it."""

    words: str
    href: str
    command: str = ""  # that was named


def _rows() -> Iterator[tuple[str, str, str]]:
    """Command, what the page is called, its path. `{0}` is what stands at the first `*`."""
    step = "/connections/{0}/setup?step="
    for command, title, name in (
        ("connections credentials", "Credentials", "credentials"), ("connections rights", "Rights", "rights"),
        ("connections fields", "Fields for the output", "fields"), ("backfill", "Reading", "reading"),
        ("pilot", "Pilot", "pilot"),
    ):  # fmt: skip
        yield f"{command} *", f"Set-up of {{0}}, {title}", f"{step}{name}"
        yield command, "Connections", "/connections"
    for command in ("mode", "promote"):
        yield f"connections {command} *", "Roll-out of {0}", "/connections/{0}/rollout"
    yield "connections ai *", "Roll-out of {0}, AI", "/connections/{0}/rollout#ai"
    yield "connections owner *", "the page of {0}, Owner", "/connections/{0}#owner"
    for command in ("resume", "pause", "stop", "release", "tool", "key", "rhythm", "erasure", "remove"):
        yield f"connections {command} *", "the page of {0}", "/connections/{0}"
    yield "connections add", "Connect a system", "/setup"
    yield "connections", "Connections", "/connections"
    yield "credential-links", "Connect a system", "/setup"
    yield "check-data *", "Data of {0}", "/connections/{0}/data"
    yield "parity *", "the page of {0}, Parity", "/connections/{0}#parity"
    for command in ("show", "set", "export", "stages", "versions", "rollback"):
        yield f"mapping {command} *", "Mapping of {0}", "/mapping/{0}"
    yield "mapping ladders *", "Mapping of {0}, stages of each job", "/mapping/{0}#ladders"
    yield "counterparts list *", "Mapping of {0}, Counterparts", "/mapping/{0}#counterparts"
    yield "failures replay *", "this failure", "/failures/{0}"
    yield "failures discard *", "this failure", "/failures/{0}"
    yield "undecided *", "who waits for a decision", "/undecided?job={0}"
    yield "erase *", "Erase this person", "/candidates/{0}/erase"
    yield "enrichment proposals", "Enrichment", "/enrichment"
    for command, words, href in (
        ("mapping", "Mapping", "/mapping"), ("counterparts", "Mapping", "/mapping"),
        ("failures", "Failures", "/failures"), ("tasks", "Tasks", "/tasks"), ("incidents", "Incidents", "/incidents"),
        ("reviews", "Review", "/review"), ("status", "Overview", "/"), ("doctor", "Doctor", "/doctor"),
        ("alerts", "Alerts", "/alerts"), ("triggers", "Triggers", "/triggers"), ("messages", "Messages", "/messages"),
        ("interviews", "Interviews", "/interviews"), ("interviewers", "Calendars", "/interviews/setup"),
        ("calendars", "Calendars", "/interviews/setup"), ("jobs", "Jobs", "/jobs"),
        ("candidates", "Candidates", "/candidates"), ("models", "Settings, Models", "/settings#models"),
        ("enrichment", "Settings, Providers", "/settings#providers"),
        ("subscriptions", "Subscribers", "/subscribers"), ("erasures", "Erasure", "/erasures"),
        ("retention", "Retention rule", "/erasures/due"), ("duplicates", "Duplicates", "/duplicates"),
        ("merge", "Duplicates", "/duplicates"), ("unmerge", "Duplicates", "/duplicates"), ("audit", "Audit", "/audit"),
        ("screening", "Screening", "/screening"), ("sign-in", "Settings, Signing in", "/settings#sign-in"),
        ("kpis", "KPIs", "/kpis"), ("flow", "Flow", "/flow"), ("outcomes", "Outcomes", "/outcomes"),
    ):  # fmt: skip
        yield command, words, href


PLACES: Mapping[tuple[str, ...], Place] = MappingProxyType(
    {tuple(command.split()): Place(words, href) for command, words, href in _rows()}
)
"""The words of a command, `*` for what it is about, and its page. The longest that fits is meant."""


def place_of(command: str) -> Place | None:
    """The page of a command, without or with its `bascule`; None where it can only be typed."""
    words = re.findall(_TOKEN, command.removeprefix("bascule "))
    words = words[: next((n for n, word in enumerate(words) if word.startswith("--")), len(words))]
    for many in range(len(words), 0, -1):
        named = many > 1 and not words[many - 1].isupper()  # NAME, ID: nothing is named
        for key in (tuple(words[:many]), (*words[: many - 1], ANY) if named else ()):
            if (found := PLACES.get(key)) is not None:
                about = words[many - 1]
                return Place(found.words.replace("{0}", about), found.href.replace("{0}", about))
    return None


def parts(text: str) -> Iterator[str | Place]:
    """A text, with the page instead of each command that has one."""
    at = 0
    for found in _COMMAND.finditer(text):
        place = place_of(found[1] or found[2])
        if place is not None:
            before, words = text[at : found.start()], place.words
            begins = not (text[:at] + before).strip()
            yield before
            yield Place(words[:1].upper() + words[1:] if begins else words, place.href, (found[1] or found[2]).strip())
            at = found.end()
    yield text[at:]


def said(text: str) -> str:
    """A text that calls pages by their names and no command that has one."""
    return "".join(part if isinstance(part, str) else part.words for part in parts(text))


def addressed(text: str, server: str) -> str:
    """A text for a letter: pages by their names, with their addresses at this server."""
    return "".join(part if isinstance(part, str) else f"{part.words} ({server}{part.href})" for part in parts(text))


def spelled(text: str) -> str:
    """A text for paper: pages by their names, and the command beside each."""
    return "".join(part if isinstance(part, str) else f"{part.words} ({part.command})" for part in parts(text))
