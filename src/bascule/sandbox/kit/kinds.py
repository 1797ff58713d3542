"""The faults that can be ordered: their names, the values they take, and what each does. What acts is in `faults`.

Four groups. A *request* fault meets calls of the interface, a *webhook* fault meets events on their way, a *period*
holds for as long as it lasts, a *deed* is done to the tenant's own data, as somebody there would do it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

Group = Literal["request", "webhook", "period", "deed"]


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"is not a pattern: {error}") from None
    return text


def _aware(moment: float | datetime) -> float | datetime:
    return moment.replace(tzinfo=UTC) if isinstance(moment, datetime) and moment.tzinfo is None else moment


Pattern = Annotated[str, AfterValidator(_pattern)]
Seconds = Annotated[float, Field(ge=0)]
Moment = Annotated[float | datetime, AfterValidator(_aware)]
"""A time, or seconds after the fault was ordered."""


class Fault(BaseModel):
    """What every fault takes."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    group: ClassVar[Group]
    kind: ClassVar[str]

    times: int | None = Field(
        None, ge=1, description="the next N it meets (1, unless `chance` or `until` is given: then all)"
    )
    chance: float = Field(1.0, ge=0, le=1, description="of acting on each that it meets")
    since: Moment | None = Field(None, alias="from", description="a time, or seconds from now")
    until: Moment | None = Field(None, description="a time, or seconds from now")
    seed: int = Field(0, description="of its own dice: the same seed, the same choices")

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if isinstance(self.since, datetime) == isinstance(self.until, datetime) and self.until is not None:
            begins, ends = self.begins(datetime.min.replace(tzinfo=UTC)), self.ends(datetime.min.replace(tzinfo=UTC))
            if ends is not None and ends <= begins:
                raise ValueError("it would end (`until`) before it begins (`from`)")
        return self

    @property
    def most(self) -> int | None:
        """How often it may act; None for any number."""
        alone = self.times is None and self.chance == 1.0 and self.until is None
        return 1 if alone else self.times

    def begins(self, ordered: datetime) -> datetime:
        return ordered if self.since is None else _moment(self.since, ordered)

    def ends(self, ordered: datetime) -> datetime | None:
        return None if self.until is None else _moment(self.until, ordered)


def _moment(given: float | datetime, ordered: datetime) -> datetime:
    return given.astimezone(UTC) if isinstance(given, datetime) else ordered + timedelta(seconds=given)


# ------------------------------------------------------------------------------------------------------------ requests


class OnRequest(Fault):
    group: ClassVar[Group] = "request"
    method: Pattern = Field(".*", description="pattern of the whole method")
    path: Pattern = Field(".*", description="pattern found in the path")

    def meets(self, method: str, path: str) -> bool:
        return bool(re.fullmatch(self.method, method) and re.search(self.path, path))


class Answers(OnRequest):
    """`status` is answered and nothing is done: 429 with or without `retry_after`, 500, 401 and all others."""

    kind: ClassVar[str] = "answer"
    status: int = Field(500, ge=200, le=599)
    retry_after: Seconds | None = Field(None, description="seconds of the Retry-After header; none without")
    headers: Mapping[str, str] = Field(default_factory=dict)
    body: Any = Field(None, description="JSON of the answer")


class Reset(OnRequest):
    """Nothing is done, and the connection is reset without an answer."""

    kind: ClassVar[str] = "reset"


class LostAnswer(OnRequest):
    """It is done and stored; after `seconds` the connection is reset without an answer."""

    kind: ClassVar[str] = "lost_answer"
    seconds: Seconds = 0.0


class Delay(OnRequest):
    """It is done and answered `seconds` later, give or take `spread`."""

    kind: ClassVar[str] = "delay"
    seconds: Seconds = 1.0
    spread: Seconds = 0.0


class Truncate(OnRequest):
    """It is done; the answer promises its whole length and breaks off after `share` of it."""

    kind: ClassVar[str] = "truncate"
    share: float = Field(0.5, ge=0, lt=1)


class Malformed(OnRequest):
    """It is done; the body is whole and wrong: JSON cut in two, a proxy's page, nothing, or bytes that are no text."""

    kind: ClassVar[str] = "malformed"
    how: Literal["cut", "html", "empty", "bytes"] = "cut"


class Reshape(OnRequest):
    """It is done; each object of the answer has keys renamed, removed or set (`a.b` names b within a)."""

    kind: ClassVar[str] = "reshape"
    rename: Mapping[str, str] = Field(default_factory=dict)
    remove: tuple[str, ...] = ()
    set: Mapping[str, Any] = Field(default_factory=dict)
    headers: Mapping[str, str] = Field(default_factory=dict, description="for example Deprecation, Sunset")


class Stale(OnRequest):
    """A read is answered by a replica that is `seconds` behind."""

    kind: ClassVar[str] = "stale"
    method: Pattern = "GET"
    seconds: Seconds = 5.0


class NotReady(OnRequest):
    """What the request creates cannot be read for `seconds`."""

    kind: ClassVar[str] = "not_ready"
    method: Pattern = "POST"
    seconds: Seconds = 5.0


class Outage(OnRequest):
    """While it lasts, requests are answered with `status`, or reset where it is null, and webhooks wait."""

    kind: ClassVar[str] = "outage"
    status: int | None = Field(503, ge=500, le=599)
    retry_after: Seconds | None = None

    @property
    def most(self) -> int | None:
        return self.times


# ------------------------------------------------------------------------------------------------------------ webhooks


class OnWebhook(Fault):
    group: ClassVar[Group] = "webhook"
    topic: Pattern = Field(".*", description="pattern of the whole topic")
    object: Pattern = Field(".*", description="pattern of the whole object, as candidate/66001")

    def meets(self, topic: str, subject: str) -> bool:
        return bool(re.fullmatch(self.topic, topic) and re.fullmatch(self.object, subject))


class Drop(OnWebhook):
    """It is never sent."""

    kind: ClassVar[str] = "drop"


class Late(OnWebhook):
    """It leaves `seconds` later, give or take `spread`; its body stays as it was."""

    kind: ClassVar[str] = "late"
    seconds: Seconds = 60.0
    spread: Seconds = 0.0


class Repeat(OnWebhook):
    """It is sent `copies` more times, `seconds` apart, with the same event id unless `new_id`."""

    kind: ClassVar[str] = "repeat"
    copies: int = Field(1, ge=1, le=1000)
    seconds: Seconds = 0.0
    new_id: bool = False


class Reorder(OnWebhook):
    """It is held back until the next one to the same address has left, for `seconds` at most."""

    kind: ClassVar[str] = "reorder"
    seconds: Seconds = 60.0


class OldBody(OnWebhook):
    """Its body shows the object as the event before it did. Passes by where there was none."""

    kind: ClassVar[str] = "old_body"


# ------------------------------------------------------------------------------------------------------------- periods


class Clock(Fault):
    """The system's clock is `seconds` ahead (or behind): its Date header, time stamps, expiries and windows."""

    group: ClassVar[Group] = "period"
    kind: ClassVar[str] = "clock"
    seconds: float = Field(examples=[300])

    @property
    def most(self) -> int | None:
        return self.times


# --------------------------------------------------------------------------------------------------------------- deeds


class Deed(Fault):
    """Done at `from`, then each `every` seconds; `until` ends it, and takes back what can be taken back."""

    group: ClassVar[Group] = "deed"
    every: float | None = Field(None, gt=0, description="seconds from one time to the next; once without")

    @property
    def most(self) -> int | None:
        return 1 if self.every is None else self.times


class OnCredentials(Deed):
    object: Pattern = Field("credentials/.*", description="pattern of the whole credential, as credentials/1")


class ExpireTokens(OnCredentials):
    """Every access token given so far stops working."""

    kind: ClassVar[str] = "expire_tokens"


class ExpireConsents(OnCredentials):
    """Every refresh token given so far stops working: somebody must consent again."""

    kind: ClassVar[str] = "expire_consents"


class Revoke(OnCredentials):
    """The credential and its tokens stop working, until `until` or for good."""

    kind: ClassVar[str] = "revoke"


class Rotate(OnCredentials):
    """The secret is replaced; the old one is accepted for `grace` seconds more. Who asks the page gets the new one."""

    kind: ClassVar[str] = "rotate"
    grace: Seconds = 0.0


class LoseScopes(OnCredentials):
    """The credential loses `scopes`, until `until` or for good."""

    kind: ClassVar[str] = "lose_scopes"
    scopes: tuple[str, ...] = Field(min_length=1, examples=[["harvest:notes:list"]])


class OnSchema(Deed):
    name: str = Field(min_length=1, description="its name or its key", examples=["Notice period"])


class RenameField(OnSchema):
    """The custom field is called `to` from now on."""

    kind: ClassVar[str] = "rename_field"
    to: str = Field(min_length=1, examples=["Another name"])


class RemoveField(OnSchema):
    """The custom field goes, with every value it had."""

    kind: ClassVar[str] = "remove_field"


class RequireField(OnSchema):
    """There is a new required custom field of this name (or one that is there becomes required)."""

    kind: ClassVar[str] = "require_field"
    on: str = Field("candidate", description="whose field it is")
    type: str = "short_text"


class AddOption(OnSchema):
    """The field of choices offers `to`, and somebody chooses it for `count` records."""

    kind: ClassVar[str] = "add_option"
    to: str = Field(min_length=1, examples=["Another name"])
    count: int = Field(0, ge=0)


class RenameStage(OnSchema):
    """Every stage of this name is called `to` from now on."""

    kind: ClassVar[str] = "rename_stage"
    to: str = Field(min_length=1, examples=["Another name"])


class OnRecords(Deed):
    object: Pattern = Field("candidates/.*", description="pattern of the whole record, as candidates/66001")
    count: int | None = Field(1, ge=1, description="how many of them each time, chosen by the dice; null for all")
    quiet: bool = Field(True, description="no webhook tells of it")


class Merge(OnRecords):
    """They are merged into others (`into`, a pattern as `object`, or whom the dice choose)."""

    kind: ClassVar[str] = "merge"
    into: Pattern = "candidates/.*"


class Hide(OnRecords):
    """They cannot be seen any more, as after a lost permission, until `until` or for good."""

    kind: ClassVar[str] = "hide"


class Anonymize(OnRecords):
    """Their personal data is emptied for good."""

    kind: ClassVar[str] = "anonymize"


class Delete(OnRecords):
    """They are deleted with all that is below them."""

    kind: ClassVar[str] = "delete"


class Change(OnRecords):
    """They are changed in bulk: `set`, where `{id}` in a text stands for the record's id."""

    kind: ClassVar[str] = "change"
    count: int | None = Field(None, ge=1, description="how many of them each time; null for all")
    set: Mapping[str, Any] = Field(min_length=1, examples=[{"title": "Changed {id}"}])


KINDS: dict[str, type[Fault]] = {
    model.kind: model
    for model in (
        Answers, Reset, LostAnswer, Delay, Truncate, Malformed, Reshape, Stale, NotReady, Outage,
        Drop, Late, Repeat, Reorder, OldBody, Clock,
        ExpireTokens, ExpireConsents, Revoke, Rotate, LoseScopes,
        RenameField, RemoveField, RequireField, AddOption, RenameStage,
        Merge, Hide, Anonymize, Delete, Change,
    )
}  # fmt: skip


def read(spec: object) -> Fault:
    """A fault from what was written. Raises ValueError with one line a mistake."""
    if not isinstance(spec, Mapping):
        raise ValueError(f"a fault is an object with a kind, not {type(spec).__name__}")
    model = KINDS.get(str(spec.get("kind")))
    if model is None:
        raise ValueError(f"unknown fault {spec.get('kind')!r}: use {', '.join(KINDS)}")
    try:
        return model.model_validate({name: value for name, value in spec.items() if name != "kind"})
    except ValidationError as error:
        lines = [f"{spec['kind']}: {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        raise ValueError("; ".join(lines)) from None
