"""What a person decides of a rubric holds, and the rest goes on following the job's text."""

from dataclasses import replace

from bascule.match import Changes, Importance, Matcher, Rubric, SkillChange, WantedTongue
from bascule.match.particulars import Person

from .conftest import ADVERT, AS_OF, RESUME

TITLE = "Backend Engineer (Python)"


def changed(matcher: Matcher, changes: Changes) -> Rubric:
    return matcher.rubric_for(TITLE, ADVERT, changes=changes)


def decided(matcher: Matcher, **skills: Importance | None) -> tuple[SkillChange, ...]:
    named = [(matcher.skill_named(name, Importance.MUST), wanted) for name, wanted in skills.items()]
    return tuple(replace(change, importance=wanted) for change, wanted in named)


def test_a_skill_becomes_a_must_another_is_not_asked_for_and_a_new_one_is(matcher: Matcher, rubric: Rubric) -> None:
    new = changed(matcher, Changes(decided(matcher, Terraform=Importance.MUST, Docker=None, Elixir=Importance.NICE)))
    by_label = {one.label: one.importance for one in new.skills}
    assert by_label["IBM Terraform"] is Importance.MUST
    assert "Docker" not in by_label
    assert Importance.NICE in {one.importance for one in new.skills if "lixir" in one.label}
    untouched = {one.label: one for one in rubric.skills if one.label not in ("IBM Terraform", "Docker")}
    assert {one.label: one for one in new.skills if one.label in untouched} == untouched
    assert new.version != rubric.version


def test_the_same_decisions_give_the_same_version_and_none_give_the_derived_one(
    matcher: Matcher, rubric: Rubric
) -> None:
    one = Changes(years=2.0)
    assert changed(matcher, one).version == changed(matcher, one).version != rubric.version
    assert changed(matcher, Changes()).version == rubric.version
    assert changed(matcher, Changes(shortlist=70, low=40)).version == rubric.version  # no score depends on them


def test_decisions_read_back_as_they_were_kept(matcher: Matcher) -> None:
    changes = Changes(
        decided(matcher, Terraform=Importance.MUST, Docker=None),
        2.0,
        (WantedTongue("de", 4, Importance.MUST),),
        "Data Engineer",
        {"skills": 50},
        70.0,
        40.0,
    )
    assert Changes.of(changes.as_data()) == changes


def test_weights_move_the_parts_and_nothing_weighs_what_has_none(matcher: Matcher) -> None:
    person = Person(("Anna", "Maria", "Lindqvist"), (), ())
    usual = matcher.score(RESUME, changed(matcher, Changes()), person, AS_OF)
    other = matcher.score(RESUME, changed(matcher, Changes(weights={"skills": 60, "years": 0})), person, AS_OF)
    shares = {part.key: part.weight for part in other.parts}
    assert "years" not in shares
    assert shares["skills"] > {part.key: part.weight for part in usual.parts}["skills"]
    assert sum(shares.values()) == 1000
    assert other.tenths == sum(part.points for part in other.parts)
