"""Rules: when they hold, that they fire once for each cause, and what is wrong with several of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bascule.core.clashes import Clash, Known, check
from bascule.core.triggers import Do, Fact, Name, Reach, Tally, Trigger, covers, earned, look
from bascule.core.triggers import Test as Condition
from bascule.errors import InputError
from bascule.hiring.trigger_file import read
from bascule.model import Fields, Kind, Record, Scalar, StageType
from bascule.office.naming import of_stage, seen
from bascule.office.triggers import with_switch

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
KNOWN = Known(
    connections=frozenset({"acme"}),
    stages=frozenset({StageType.APPLIED, StageType.SCREEN, StageType.INTERVIEW}),
    stage_names=frozenset({"application review", "phone screen"}),
    templates=frozenset({"screening-invitation", "next-step", "polite-no"}),
    people=frozenset({"olga@example.com"}),
    able=frozenset(Do),
)


def rules(text: str) -> tuple[Trigger, ...]:
    head = "  why: because\n  owner: olga@example.com\n"
    lines = [
        line + "\n" + head if line and not line.startswith(" ") else line + "\n" for line in text.strip().split("\n")
    ]
    return read("".join(lines))


def rule(text: str, **more: object) -> Trigger:
    (one,) = rules(text)
    return replace(one, on=True, since=NOW - timedelta(days=1), **more)  # type: ignore[arg-type]


def facts(at: datetime = NOW, **values: Scalar) -> Mapping[Name, Fact]:
    told = {"status": "active", **values}
    return {Name(name.replace("_", " ")): Fact(value, at, f"{name}-cause") for name, value in told.items()}


INVITE = """
invite:
  when: {stage: applied}
  do: invite
"""


def test_a_rule_holds_on_the_live_state_alone() -> None:
    one = rule(INVITE)
    held = look(one, facts(stage="applied"))
    assert held is not None
    assert (held.due, held.cause) == (NOW, "once")
    assert look(one, facts(stage="screen")) is None
    assert look(one, facts(stage="applied", status="rejected")) is None, "a closed application sets nothing off"
    assert look(one, {Name.STATUS: Fact("active", NOW)}) is None, "what is not known does not hold"


def test_what_was_true_before_a_rule_came_into_force_never_fires_it() -> None:
    one = rule(INVITE)
    assert look(one, facts(NOW - timedelta(days=2), stage="applied")) is None
    assert look(replace(one, on=False), facts(stage="applied")) is None
    assert look(replace(one, by="acme"), facts(stage="applied")) is None, "the ATS does that itself"


def test_a_time_is_counted_from_when_all_of_it_held() -> None:
    one = rule("""
remind:
  when: {screening: [invited, started]}
  for: 48 h
  do: message
  with: {template: next-step}
""")
    told = {**facts(NOW - timedelta(hours=3)), Name.SCREENING: Fact("invited", NOW)}
    held = look(one, told)
    assert held is not None
    assert held.due == NOW + timedelta(hours=48)
    assert look(one, {**told, Name.SCREENING: Fact("completed", NOW)}) is None


def test_again_is_once_for_each_cause_and_a_new_score_is_none() -> None:
    one = rule("""
tell:
  when: {stage: interview, score: over 70}
  again: yes
  do: tell
  with: {event: shortlisted}
""")
    first, rescored = look(one, facts(stage="interview", score=80)), look(one, facts(stage="interview", score=85))
    moved = look(one, {**facts(stage="interview", score=80), Name.STAGE: Fact("interview", NOW, "another")})
    assert first is not None
    assert rescored is not None
    assert moved is not None
    assert first.cause == rescored.cause != moved.cause


@pytest.mark.parametrize(("value", "holds"), [(75, False), (75.1, True), (None, False), (True, False), ("80", False)])
def test_a_score_is_over_only_what_it_is_over(value: Scalar, holds: bool) -> None:
    one = rule("notify:\n  when: {score: over 75}\n  do: notify\n")
    assert (look(one, facts(score=value)) is not None) is holds


def test_reach_is_by_connection_job_and_department() -> None:
    one = rule(INVITE.replace("  do:", "  reach: {connections: acme, departments: [Care, Sales]}\n  do:"))
    assert covers(one, connections=["acme"], job=["7"], department="Care")
    assert not covers(one, connections=["other"], job=["7"], department="Care")
    assert not covers(one, connections=["acme"], job=["7"], department="Engineering")


CLASHES = [
    (Clash.UNKNOWN, "a:\n  when: {stage: applied}\n  do: message\n  with: {template: nothing-like-it}\n"),
    (Clash.UNKNOWN, "a:\n  when: {stage: applied}\n  by: lever\n  do: notify\n"),
    (Clash.NEVER, "a:\n  when: {stage: offer}\n  do: notify\n"),
    (Clash.NEVER, "a:\n  when: {stage named: Tea with the boss}\n  do: notify\n"),
    (Clash.NEVER, "a:\n  when: {score: over 100}\n  do: notify\n"),
    (Clash.NEVER, "a:\n  when: {status: rejected}\n  do: invite\n"),
    (Clash.NEVER, "a:\n  when: {stage: interview}\n  do: propose\n  with: {stage: screen}\n"),
    (
        Clash.DUPLICATE,
        "a:\n  when: {stage: applied}\n  do: notify\nb:\n  when: {stage: applied}\n  do: notify\n",
    ),
    (
        Clash.TWO_VOICES,
        "a:\n  when: {stage: applied}\n  do: invite\n"
        "b:\n  when: {stage: [applied, screen]}\n  by: acme\n  do: message\n  with: {template: next-step}\n",
    ),
    (
        Clash.CONTRADICTION,
        "a:\n  when: {score: over 70}\n  do: propose\n  with: {stage: screen}\n"
        "b:\n  when: {score: over 80}\n  do: propose\n  with: {stage: interview}\n",
    ),
    (
        Clash.CONTRADICTION,
        "a:\n  when: {score: over 40}\n  do: propose\n  with: {stage: screen}\n"
        "b:\n  when: {score: under 50}\n  do: message\n  with: {template: polite-no}\n",
    ),
    (
        Clash.LOOP,
        "a:\n  when: {stage: applied}\n  again: yes\n  do: propose\n  with: {stage: screen}\n"
        "b:\n  when: {stage: screen}\n  by: acme\n  do: propose\n  with: {stage: applied}\n",
    ),
]


@pytest.mark.parametrize(("clash", "text"), CLASHES, ids=[f"{c}-{n}" for n, (c, _) in enumerate(CLASHES)])
def test_what_is_wrong_is_found_with_its_line(clash: Clash, text: str) -> None:
    found = [one for one in check(rules(text), KNOWN) if one.clash is clash]
    assert found, check(rules(text), KNOWN)
    assert all(line >= 1 for line in found[0].lines)
    assert found[0].next


def test_rules_that_exclude_each_other_do_not_clash() -> None:
    text = (
        "a:\n  when: {score: over 70}\n  do: propose\n  with: {stage: screen}\n"
        "b:\n  when: {score: over 50 and under 70}\n  do: propose\n  with: {stage: interview}\n"
        "c:\n  when: {score: under 40}\n  reach: {departments: Care}\n  do: message\n  with: {template: polite-no}\n"
        "d:\n  when: {stage: applied}\n  reach: {departments: Care}\n  do: invite\n"
        "e:\n  when: {stage: applied}\n  reach: {departments: Sales}\n  by: acme\n  do: message\n  with: {template: next-step}\n"
        "f:\n  when: {screening: completed, score: over 70}\n  do: propose\n  with: {stage: screen}\n"
    )
    assert check(rules(text), KNOWN) == []


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a:\n  when: {stage: lunch}\n  do: notify\n", 4, "stage is never lunch"),
        ("a:\n  when: {mood: good}\n  do: notify\n", 4, "nobody knows the condition"),
        ("a:\n  when: {stage: applied}\n  do: dance\n", 5, "nobody can do 'dance'"),
        ("a:\n  when: {stage: applied}\n  for: soon\n  do: notify\n", 5, "`for` is a time"),
        ("a:\n  when: {stage: applied}\n  do: message\n", 5, "message needs"),
        ("a:\n  when: {stage: applied}\n  do: propose\n  with: {stage: hired}\n", 6, "never proposes to hire"),
        ("a:\n  when: {score: high}\n  do: notify\n", 4, "over 75"),
        ("a:\n  wen: {stage: applied}\n  do: notify\n", 4, "nobody knows 'wen'"),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(InputError, match=f"Line {line}: a: .*{says}"):
        rules(text)


def test_what_is_no_yaml_is_told_with_its_line() -> None:
    with pytest.raises(InputError, match=r"Line \d: this is no YAML"):
        read("a:\n  when: {stage: applied\n")
    with pytest.raises(InputError, match="twice"):
        read("a: {}\na: {}\n")


def test_automation_is_earned_and_never_by_what_turns_people_away() -> None:
    invite, no = rule(INVITE), rule("no:\n  when: {score: under 30}\n  do: message\n  with: {template: next-step}\n")
    good = Tally(200, 1, NOW - timedelta(days=28), 1)
    assert earned(invite, good, NOW).earned
    for worse in (
        replace(good, items=199),
        replace(good, breaches=2),
        replace(good, since=NOW - timedelta(days=27)),
        replace(good, hires=0),
    ):
        judged = earned(invite, worse, NOW)
        assert not judged.earned
        assert len(judged.missing) == 1
    assert not earned(no, good, NOW).earned


def test_however_yes_is_written_it_is_kept_as_yes() -> None:
    text = "a:\n  when: {{stage: screen}}\n  do: shortlist\n  with: {{redacted: {}}}\n"
    said = ("yes", "Yes", "true", "TRUE", "no", "False")
    assert [rule(text.format(one)).told["redacted"] for one in said] == ["yes"] * 4 + ["no"] * 2


def test_what_follows_from_a_managers_skip_is_said_by_a_person() -> None:
    text = "a:\n  when: {{manager: {}}}\n  do: message\n  with: {{template: next-step}}\n"
    assert [rule(text.format(said)).turns_away for said in ("approve", "maybe", "skip", "[maybe, skip]")] == [
        False, False, True, True,
    ]  # fmt: skip


def test_a_switch_changes_one_word_of_the_file() -> None:
    text = "# mine\na:\n  on: no  # later\n  why: x\nb:\n  why: y\n"
    assert with_switch(text, "a", True) == "# mine\na:\n  on: yes  # later\n  why: x\nb:\n  why: y\n"
    assert with_switch(text, "b", True) == "# mine\na:\n  on: no  # later\n  why: x\nb:\n  on: yes\n  why: y\n"


def theirs(*tests: Condition, **more: object) -> Trigger:
    """What an ATS does by itself, as it was read there."""
    one = Trigger("Stage New", "sends an e-mail", "", tests, Do.MESSAGE, by="acme", on=True, learned=True)
    return replace(one, reach=Reach(frozenset({"acme"})), **more)  # type: ignore[arg-type]


NEW = (Condition(Name.STATUS, frozenset({"active"})), Condition(Name.STAGE, frozenset({"applied"})))


def test_what_an_ats_sends_by_itself_clashes_with_what_we_send_to_the_same_people() -> None:
    one = rule(INVITE)
    (found,) = check([one, theirs(*NEW)], KNOWN)
    assert (found.clash, found.refused, found.lines) == (Clash.TWO_VOICES, True, (one.line,))
    assert "acme itself (Stage New)" in found.what
    (told,) = check([replace(one, on=False), theirs(*NEW)], KNOWN)
    assert not told.refused, "a rule that is off writes to nobody"
    (may,) = check([one, theirs()], KNOWN)
    assert ("may both write" in may.what, may.refused) == (True, False), "nobody knows when it is set off"


def test_what_an_ats_does_itself_is_held_against_nothing_that_it_cannot_meet() -> None:
    one, refusal = rule(INVITE), theirs(Condition(Name.STATUS, frozenset({"rejected"})))
    elsewhere = replace(one, reach=Reach(frozenset({"other"})))
    interview = theirs(NEW[0], Condition(Name.STAGE, frozenset({"interview"})))
    note = rule("a:\n  when: {stage: applied}\n  do: notify\n")
    known = replace(KNOWN, connections=frozenset({"acme", "other"}))
    assert check([one, refusal, interview, replace(interview, name="Stage Talk")], known) == []
    assert check([elsewhere, note, theirs(*NEW)], known) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "do: schedule\n  with: {interviewers: 'mei@example.com, ada@example.com', place: Room 4, minutes: 60, notice: 48}\n",
            "let the candidate choose a time for an interview of 60 minutes within 14 days, not before 2 days from then, "
            "with mei@example.com, ada@example.com, at Room 4.",
        ),
        ("do: schedule\n  with: {interviewers: a@b.c, place: P, notice: 0, buffer: 15}\n",
         "an interview of 45 minutes within 14 days, with 15 minutes kept free before and after, with a@b.c, at P."),
        ("do: notify\n  with: {to: hiring manager, text: Look.}\n", "tell the hiring manager: Look."),
        ("do: notify\n  with: {to: x@example.com}\n", "tell x@example.com."),
        ("do: shortlist\n  with: {redacted: yes}\n",
         "ask the recruiter whether the hiring manager should see them, without name and contact data."),
        ("do: message\n  with: {template: next-step}\n", "send the candidate next-step."),
    ],
)  # fmt: skip
def test_a_rule_is_said_in_words(text: str, says: str) -> None:
    words = rule(f"a:\n  when: {{stage: applied}}\n  for: 2 h\n  {text}").words
    assert words.startswith("When status is active and stage is applied, for 2 h: ")
    assert words.endswith(says)


def test_no_more_stages_are_read_than_it_takes_to_find_what_rules_name() -> None:
    def stage(number: int) -> Record:
        fields: Fields = {"type": ("applied", "screen")[number % 2], "name": f"Stage {number}"}
        return Record(f"s{number}", "w", Kind.STAGE, "f", "j", fields, {}, "acme", NOW)

    def stages() -> Iterator[Record]:
        for number in range(10):
            yield stage(number)
            assert number < 3, "what is named was found long ago"

    asked = [frozenset({("type", "screen"), ("type", "offer")}), frozenset({("name", "stage 3")})]
    assert ("name", "stage 3") in seen(stages(), of_stage, asked)
    assert seen(stages(), of_stage, []) == frozenset(), "no rule names a stage: none is read"
    missing = seen(map(stage, range(10)), of_stage, [frozenset({("type", "offer")})])
    assert len([word for kind, word in missing if kind == "name"]) == 10


@pytest.mark.parametrize(
    ("when", "away"),
    [
        ("{score: under 40}", True), ("{top ten: no}", True), ("{status: rejected}", True), ("{status: withdrawn}", True),
        ("{score: over 40}", False), ("{top ten: yes}", False), ("{status: active}", False), ("{status: hired}", False),
    ],
)  # fmt: skip
def test_what_speaks_to_people_who_are_not_wanted_earns_nothing(when: str, *, away: bool) -> None:
    one = rule(f"a:\n  when: {when}\n  do: message\n  with: {{template: next-step}}\n")
    assert one.turns_away is away
    tally = Tally(1000, 0, NOW - timedelta(days=100), 3)
    assert earned(one, tally, NOW).earned is not away


def test_a_plain_message_of_a_template_that_needs_a_link_is_refused_with_what_to_write_instead() -> None:
    known = replace(KNOWN, lacking={"screening-invitation": frozenset({"link"})})
    ones = rules("a:\n  when: {stage: applied}\n  do: message\n  with: {template: screening-invitation}\n")
    (found,) = check(ones, known)
    assert found.refused
    assert found.lines == (ones[0].line,)
    assert "fills in link" in found.what
    assert "do: invite" in found.next
    assert not check(
        rules("a:\n  when: {stage: applied}\n  do: invite\n  with: {template: screening-invitation}\n"), known
    )


def test_a_message_goes_by_no_channel_that_nobody_reads() -> None:
    with pytest.raises(InputError, match="channel"):
        rules("a:\n  when: {stage: applied}\n  do: message\n  with: {template: next-step, channel: sms}\n")
