"""Words and phrases are found in one pass, and blanking needs no second one."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bascule.match import Matcher, Person
from bascule.match.phrases import LONGEST, Match, split
from bascule.match.redaction import redact, redact_words

WORDS = st.sampled_from(
    ["Anna", "python", "C", "C++", "C#", ".NET", "asp.net", "&", "data", "an\nalysis", "e-mail", "S/4HANA", "_x_", ","]
)
TEXTS = st.one_of(st.text(max_size=120), st.lists(WORDS, max_size=40).map(" ".join))


@settings(deadline=None, max_examples=300)
@given(TEXTS, st.data())
def test_words_of_a_blanked_text_are_those_of_cutting_it_anew(text: str, data: st.DataObject) -> None:
    edges = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    spans = [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=False) if start < end]
    characters = list(text)
    for start, end in spans:
        characters[start:end] = ["·" if at == start else " " for at in range(start, end)]
    blanked = "".join(characters)
    assert split(text).blanked(blanked, spans) == split(blanked)


@settings(deadline=None, max_examples=100)
@given(TEXTS)
def test_a_redacted_text_is_cut_as_if_for_the_first_time(text: str) -> None:
    redacted = redact_words(split(text), Person(("Anna Lindqvist",)))
    assert redacted.words == split(redacted.text)
    assert redacted == redact(text, Person(("Anna Lindqvist",)))


def test_every_run_of_words_is_looked_up_whatever_its_length(matcher: Matcher) -> None:
    text = "administer prescribed medication; use of SAP S/4HANA, wound care & machine learning with C++"
    taxonomy, words = matcher.taxonomy, split(text)
    slow = {
        Match(first, last, row)
        for first in range(len(words))
        for last in range(first + 1, min(first + LONGEST, len(words)) + 1)
        if not any(words.broken[first + 1 : last])
        for row in taxonomy.skills.rows_of(words.words[first:last])
    }
    assert set(taxonomy.skills.all_matches(taxonomy.vocabulary.runs(words))) == slow
    assert len(slow) > 5
