"""Stored ids of other tables: what stands for them now, and what people decided is kept."""

from bascule.match import Importance, Matcher
from bascule.match.changes import Changes, SkillChange
from bascule.match.succession import Fate, Succession

SQL_SERVER, GONE = "onet-tech:Microsoft SQL Server", "http://data.europa.eu/esco/skill/gone"


def change(id: str, label: str, scheme: str = "O*NET") -> SkillChange:
    return SkillChange(id, label, scheme, 0.5, Importance.MUST)


def test_an_id_stays_is_renamed_moves_or_is_gone(matcher: Matcher) -> None:
    succession = Succession(matcher.taxonomy, matcher.skills)
    python = matcher.skills.find("Python")
    assert python is not None
    fates = {
        (python.id, python.label): (Fate.SAME, python.id),
        (python.id, ""): (Fate.SAME, python.id),
        (python.id, "Python 2"): (Fate.RENAMED, python.id),
        (SQL_SERVER, "Microsoft SQL Server"): (Fate.MOVED, matcher.skills.find("SQL Server").id),  # type: ignore[union-attr]
        (GONE, "Python (computer programming)"): (Fate.MOVED, python.id),
        (GONE, "golang"): (Fate.MOVED, matcher.skills.find("Go").id),  # type: ignore[union-attr]
        (GONE, "the making of gold from lead"): (Fate.GONE, ""),
        ("advert:fastapi", "FastAPI"): (Fate.SAME, "advert:fastapi"),
        ("advert:kubernetes", "Kubernetes"): (Fate.MOVED, matcher.skills.find("Kubernetes").id),  # type: ignore[union-attr]
    }
    for (id, label), wanted in fates.items():
        now = succession.of(id, label)
        assert (now.fate, now.id) == wanted, label


def test_decisions_of_people_get_the_ids_that_hold_and_a_skill_that_has_gone_is_kept_by_its_name(
    matcher: Matcher,
) -> None:
    succession = Succession(matcher.taxonomy, matcher.skills)
    changes = Changes(
        skills=(change(SQL_SERVER, "Microsoft SQL Server"), change(GONE, "Making gold", "ESCO")), years=3.0
    )
    carried = succession.carried(changes)
    assert carried.years == 3.0
    assert {(one.id, one.label, one.scheme) for one in carried.skills} == {
        (matcher.skills.find("SQL Server").id, "SQL Server", "ESCO"),  # type: ignore[union-attr]
        ("advert:making gold", "Making gold", "advert"),
    }
    assert {one.importance for one in carried.skills} == {Importance.MUST}
    assert succession.carried(carried) == carried
