"""The rules that give a stage its type: precedence, ladders, gaps, and the work for many jobs."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bascule.core import stages
from bascule.core.mapping import Chosen, apply
from bascule.core.stages import Answer, By, Pipeline, Rules, Step, by_order, ladders
from bascule.model import EMPTY, Kind, Record, StageType

from .kit import START, plain, refs

T = StageType
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
NAMES = ("Onsite", "ONSITE ", "Bewerbung eingegangen", "Entretien RH", "Coffee", "Purgatory", "Offer")
types = st.sampled_from(list(T))
names = st.sampled_from(NAMES)
rules = st.builds(
    Rules,
    st.dictionaries(names, types, max_size=3),
    st.dictionaries(st.tuples(st.sampled_from(("j1", "j2")), names), types, max_size=3),
)
kinds = st.sampled_from(("", "interview", "in-process", "Hired"))


def said(given: dict[str, T], name: str) -> set[T]:
    return {one for key, one in given.items() if stages.fold(key) == stages.fold(name)}


@UNTIMED
@given(rules, names, st.sampled_from(("j1", "j2", "j3")), kinds)
def test_the_first_rule_that_answers_wins(one: Rules, name: str, job: str, kind: str) -> None:
    found = one.answer(name, job=job, kind=kind)
    exempt = said({key[1]: of for key, of in one.jobs.items() if key[0] == job}, name)
    named = said(dict(one.names), name)
    if exempt:
        assert found is not None
        assert found.by is By.JOB
        assert found.type in exempt
    elif named:
        assert found is not None
        assert found.by is By.NAME
        assert found.type in named
    elif kind in ("interview", "Hired"):
        assert found == Answer(T.INTERVIEW if kind == "interview" else T.HIRED, By.KIND)
    else:
        word = stages.propose(name)
        assert found == (None if word is None else Answer(word, By.WORDS))
        assert one.certain(name, job=job, kind=kind) is None  # a proposal is never in force


@UNTIMED
@given(rules, st.dictionaries(names, st.none() | types, min_size=1, max_size=2), st.sampled_from(("", "j1")))
def test_what_is_said_holds_is_stored_and_taken_back(one: Rules, new: dict[str, T | None], job: str) -> None:
    before = Chosen(stages=one.names, jobs=one.jobs)
    after = before.say(new, job)
    assert Chosen.read(after.stored()) == after
    assert (after.stages == before.stages) if job else (after.jobs == before.jobs)  # exceptions are kept
    gone = before.say(dict.fromkeys(new), job).rules()
    for name in new:
        certain = gone.certain(name, job=job or None)
        assert certain is None or (job and certain.by is By.NAME)


@UNTIMED
@given(st.lists(st.none() | st.builds(Answer, types, st.just(By.NAME)), max_size=7))
def test_a_place_suggests_only_where_nothing_answers(answers: list[Answer | None]) -> None:
    found = by_order(answers)
    assert len(found) == len(answers)
    for place, (one, suggested) in enumerate(zip(answers, found, strict=True)):
        assert suggested is None or (one is None and not suggested.certain)
        if suggested is not None and suggested.type is T.INTERVIEW:
            after = answers[place + 1]
            assert after is not None
            assert after.type in (T.OFFER, T.HIRED)
        elif suggested is not None:
            assert (place, suggested.type) == (0, T.APPLIED)


def test_the_systems_own_kind_gives_a_type_unless_a_person_has_said_another() -> None:
    fields = [plain(Kind.STAGE, "kind", "kind"), plain(Kind.STAGE, "name", "name")]
    for chosen, expected in ((Chosen(), "offer"), (Chosen(stages={"Purgatory": T.SCREEN}), "screen")):
        maps = apply(fields, chosen)[Kind.STAGE]
        assert [one.canonical[0] for one in maps] == ["name", "kind"]
        record, seen = Record("s", "w", Kind.STAGE, "f", "j1", EMPTY, EMPTY, "c", START), {}
        for one in maps:
            found = one.parse({"name": "Purgatory", "kind": "offer"}[one.name], record, refs())
            assert isinstance(found, dict)
            seen |= found
            record = Record("s", "w", Kind.STAGE, "f", "j1", seen, EMPTY, "c", START)
        assert seen == {"name": "Purgatory", "kind": "offer", "type": expected}


WORDS = (
    ("Application Review", "Bewerbungseingang", "Ansökan", "Candidature reçue", "Nieuwe sollicitatie", "Nuova candidatura"),
    ("Phone Screen", "Telefoninterview", "Urval", "Présélection", "Voorselectie", "Preselezione"),
    ("Coffee", "Schnuppertag", "Fika", "Café découverte", "Meeloopdag", "Giornata di prova"),
    ("Onsite", "Vorstellungsgespräch", "Intervju", "Entretien", "Gesprek", "Colloquio"),
    ("Offer", "Angebot", "Erbjudande", "Offre", "Aanbod", "Offerta"),
)  # fmt: skip


def many(jobs: int, kinds: int = 40) -> list[Pipeline]:
    """Jobs over so many ladders in six languages; every fifth ladder has a step nobody can know."""
    chance, rows = random.Random(7), list[tuple[Step, ...]]()
    for number in range(kinds):
        language, rounds = number % 6, number // 6 + 1
        row = [WORDS[0][language], WORDS[1][language], *([WORDS[2][language]] if number % 5 == 0 else [])]
        row += [f"{WORDS[3][language]} {count + 1}" for count in range(rounds)] + [WORDS[4][language]]
        rows.append(tuple(Step(name) for name in row))
    order = [*range(kinds), *(chance.randrange(kinds) for _ in range(jobs - kinds))]
    return [Pipeline(f"job-{n}", f"Job {n}", rows[ladder]) for n, ladder in enumerate(order)]


def test_500_jobs_of_40_ladders_stand_in_40_rows_with_their_gaps_and_exceptions() -> None:
    pipelines = many(500)
    found = ladders(pipelines, Rules())
    assert (len(found), sum(len(one.jobs) for one in found)) == (40, 500)
    assert len(found[0].jobs) >= len(found[-1].jobs)
    open_names = {rung.step.name for one in found for rung in one.rungs if rung.gap}
    assert open_names == set(WORDS[2])
    said_now = Chosen(jobs={("job-0", "Coffee"): T.ASSESS}).say(dict.fromkeys(open_names, T.SCREEN))
    after = ladders(pipelines, said_now.rules())
    assert not any(rung.gap for one in after for rung in one.rungs)
    (exempt,) = [apart for one in after for apart in one.exceptions]
    assert (exempt.job, exempt.name, exempt.type) == ("job-0", "Coffee", T.ASSESS)
    assert said_now.rules().answer("Coffee", job="job-0") == Answer(T.ASSESS, By.JOB)


def test_a_name_is_looked_at_once_however_many_jobs_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    calls, plain_propose = list[str](), stages.propose
    monkeypatch.setattr(stages, "propose", lambda name: (calls.append(name), plain_propose(name))[1])
    ladders(many(500), Rules())
    few = len(calls)
    ladders(many(5000), Rules())
    assert (len(calls) - few, len(set(calls))) == (few, few)
