"""A failure's class says what a person mends; a failure goes along when records are merged or told apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bascule.core.failing import reason_of
from bascule.core.plan import merge, unmerge
from bascule.errors import (
    AbsentError,
    GuardRefusedError,
    MalformedError,
    PermissionMissingError,
    RejectedError,
    RemoteError,
    ThrottledError,
    UnansweredError,
    UnavailableError,
)
from bascule.model import HistoryKind, OutcomeKind, Reason, WriteState

from .kit import PERSON, PERSON_A, Bench, empty, person


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RejectedError(status=422, words="first_name: is reserved"), Reason.VALUE),
        (RejectedError(status=400, words="email must be a valid e-mail address"), Reason.VALUE),
        (RejectedError(status=422, words="Custom field 'x' does not exist"), Reason.MAPPING),
        (RejectedError(status=422, words="Invalid custom field id 7"), Reason.MAPPING),
        (RejectedError(status=400, words="Unknown attribute: match_score"), Reason.MAPPING),
        (RejectedError(status=422, words="value must be one of: a, b"), Reason.MAPPING),
        (RejectedError(status=422, words="Stage 12 is not active"), Reason.MAPPING),
        (RejectedError(status=409, words="was changed meanwhile"), Reason.CONFLICT),
        (RejectedError(status=410), Reason.GONE),
        (AbsentError(status=404), Reason.GONE),
        (GuardRefusedError(status=422), Reason.CONFLICT),
        (PermissionMissingError(status=403), Reason.PERMISSION),
        (UnavailableError(status=503), Reason.VENDOR),
        (ThrottledError(status=429), Reason.VENDOR),
        (UnansweredError(), Reason.VENDOR),
        (MalformedError(status=200), Reason.VENDOR),
    ],
)
def test_an_error_is_of_one_class(error: RemoteError, reason: Reason) -> None:
    assert reason_of(error) is reason


def test_a_failure_goes_along_with_a_merge_and_back() -> None:
    one, other = Bench("ab"), Bench("ab")
    one.both()
    other.family = empty(family="f2")
    other.ids = 5000
    other.read("a", person("p7", **{**PERSON_A, "title": "Chef"}))
    loser = other.root.id
    other.edit(loser, title="Cook")
    other.ends(other.prepared("a", "patch"), OutcomeKind.REFUSED, words="422: no cooks", reason=Reason.VALUE)
    (failed,) = [w for w in other.family.writes.values() if w.state is WriteState.DEAD]
    kept, left = merge(one.family, other.family, one.context, PERSON, "same person")
    assert kept.family.writes[failed.id] == replace(failed, record=one.root.id)
    assert failed.id not in left.family.writes
    image = next(line.old for line in kept.history if line.kind is HistoryKind.MERGED and isinstance(line.old, dict))
    stays, back = unmerge(kept.family, left.family, image, one.context, PERSON, "not the same")
    assert failed.id not in stays.family.writes
    assert back.family.writes[failed.id] == failed
