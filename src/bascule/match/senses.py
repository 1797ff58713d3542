"""What a name means where it stands: rules for names that are also everyday words.

Names of tools (`Go`, `R`, `Access`, `Spring`) count when written as names and with something beside them that shows
what is meant. Everyday words for the things a trade handles (`medication`, `wounds`) count among words of that trade.
And a word that stands before a noun says what that noun is about: "medication apps" are apps, "petroleum company" is a
company."""
# ruff: noqa: RUF001 (resumes hold these characters)

import re
from collections.abc import Mapping, Sequence

from .phrases import Match, Words
from .taxonomy import Concept

_NEAR = 8
"""How many words to either side of an ambiguous name are looked at."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CODE = _words("""programming language languages developer development engineer engineering software backend
    frontend code coding
    framework frameworks microservices api apis library statistics statistical libraries scripting stack services
    programmering programmiersprache programmiersprachen entwickler entwicklung utvecklare utveckling développeur
    développement langage langages""")
_OFFICE = _words("microsoft ms office excel word powerpoint outlook access 365 visio sharepoint teams")
_CONFIG = _words("devops ansible puppet chef terraform docker kubernetes configuration automation ci jenkins")
_DATA = _words("hadoop spark apache kafka data bigdata etl pyspark cluster streaming scala airflow hive pipelines")
_FLOW = _words("zoom slack teams asana trello jira notion confluence tools software apps")
_WEB = _words("javascript typescript node node.js js angular vue react css html frontend web python django")

_AMBIGUOUS: dict[str, frozenset[str]] = {
    "go": _CODE, "r": _CODE, "c": _CODE, "d": _CODE, "j": _CODE, "k": _CODE, "ml": _CODE, "ruby": _CODE,
    "swift": _CODE | {"ios", "swiftui", "xcode", "objective"},
    "rust": _CODE, "scala": _CODE, "dart": _CODE, "julia": _CODE, "scratch": _CODE, "assembly": _CODE, "basic": _CODE,
    "pascal": _CODE, "less": _WEB, "express": _WEB,
    "spring": _CODE | frozenset({"java", "boot", "hibernate", "mvc", "jpa"}),
    "node": _WEB, "react": _WEB, "vue": _WEB, "angular": _WEB, "flask": _WEB, "ember": _WEB, "backbone": _WEB,
    "bootstrap": _WEB, "gin": _CODE, "eclipse": _CODE,
    "access": _OFFICE | {"database", "databases", "sql", "vba"}, "word": _OFFICE, "excel": _OFFICE | {"advanced"},
    "outlook": _OFFICE, "teams": _OFFICE | {"zoom", "slack"}, "project": frozenset({"microsoft", "ms"}),
    "windows": frozenset({"microsoft", "linux", "macos", "server", "os", "unix", "operating", "system", "office"}),
    "puppet": _CONFIG, "chef": _CONFIG, "salt": _CONFIG, "vault": _CONFIG, "helm": _CONFIG, "spark": _DATA,
    "hive": _DATA, "pig": _DATA, "storm": _DATA, "oracle": frozenset({"database", "sql", "erp", "dba", "db", "pl"}),
    "slack": _FLOW, "zoom": _FLOW, "notion": _FLOW, "asana": _FLOW, "concur": frozenset({"sap", "expense", "travel"}),
    "illustrator": frozenset({"adobe", "photoshop", "indesign", "creative"}), "ajax": _WEB, "bash": _CODE | _CONFIG,
    "epic": frozenset({"emr", "ehr", "systems", "cerner", "meditech", "patient"}), "maven": _CODE | {"gradle"},
    "lager": frozenset({"logistik", "truck", "inköp"}), "moms": frozenset({"bokföring", "skatt"}),
    "vente": frozenset({"commercial", "client", "clients", "marketing"}),
    "confluence": _FLOW, "android": _CODE | {"ios", "app"},
    "ios": _CODE | {"android", "app", "swift"}, "rest": _CODE | _WEB | {"api", "apis", "soap", "graphql"},
    "ux": frozenset({"ui", "design", "user", "research"}), "sem": frozenset({"seo", "marketing"}),
    "ts": _WEB, "js": _WEB, "py": _CODE, "ec2": frozenset({"aws", "amazon", "cloud"}),
    "revision": frozenset({"redovisning", "bokslut"}),
}  # fmt: skip

_LIST = 5
"""How many words away another technology makes a list of two names."""
_CAPITALS_TELL = _words("rest sem ajax ux")
"""Names that are words in small letters and unmistakable in capitals."""
_NAME_UNLESS_VERB = frozenset({"excel"})
_AFTER_A_VERB = _words("in at under when as by with through and")
"""What follows "Excel" where it is the verb ("Excel in fast-paced settings")."""
_NO_NAME_BEFORE = {
    "go": _words("live to ahead beyond global back public getter getters kart green"),
    "access": _words("to control controls management rights point points road"),
    "word": _words("of processing processor"), "teams": _words("of across"),
}  # fmt: skip
"""Words after a name that show that it is none ("Go live", "Access to patients")."""
_NO_NAME_AFTER = {
    "teams": _words(
        "agile scrum led lead leading managed many two three several functional development engineering sales"
    )
}
"""The same for words right before it."""
_SEASONS = frozenset({"spring"})
_YEAR = re.compile(r"(?:19|20)\d\d")
_NEVER_ALONE = frozenset({"project"})
"""Too common to count without the vendor's name right before it."""
_LOWER_TOO = _words("node react vue angular bash js ts py ios android ux")
"""Ambiguous names that people also write in lower case."""

_CARE = _words("""nurse nurses nursing patient patients ward wards clinic clinical hospital care medical medicine
    medicines administer administered administering dose doses drug drugs pharmacy wound wounds resident residents carer
    sjuksköterska sjuksköterskor undersköterska patienter omvårdnad vård avdelning läkare vårdcentral hemsjukvård
    pflege pflegekraft patienten station krankenhaus altenpflege wundversorgung
    infirmier infirmière soins soignant soignante patientèle hôpital ehpad résidents""")
_PAST = _words(
    "historical historian museum archive archives teacher teaching taught school university ba ma degree art"
)
_HAIR = _words("salon hairdresser hairdressing stylist haircut haircuts colouring coloring barber beauty scalp")
_PEOPLE = _words("refugee refugees asylum immigration immigrants migrants integration visa border population")
_THINGS: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        _words("medication läkemedel wounds sår plaies dressings pansements palliative palliativa palliativ"), _CARE
    ),
    **dict.fromkeys(_words("elderly äldre"), _CARE | _words("home older people omsorg boende")),
    "history": _PAST, "hair": _HAIR, "highlighting": _HAIR, "migration": _PEOPLE,
    "source": _words("valve game games unity unreal"), "experiment": _words("laboratory lab research scientific"),
    "logic": _words("philosophy mathematics mathematical reasoning formal philosophical"),
    "pregnancy": _CARE | _words("midwife midwifery obstetric antenatal"),
    "consultation": _words("patients patient clients medical advice counselling"),
    "delegate": _words("tasks task responsibilities responsibility duties authority team"),
}  # fmt: skip
"""Everyday words that stand for a skill only among words of its trade."""
_HEADS = _words("""app apps list lists company companies firm firms industry industries sector sectors market markets
    customer customers client clients product products data shop shops store stores startup division""")
"""After an everyday word, what it is about: no skill is claimed."""


def means_it(match: Match, words: Words, single: Mapping[int, int], concepts: Sequence[Concept]) -> bool:
    """Whether a name stands for the skill here. `single` are the rows of the words that name something by
    themselves, by place."""
    form = " ".join(words.words[match.first : match.last])
    concept = concepts[match.row >> 1]
    written = words.text[words.starts[match.first] : words.ends[match.last - 1]]
    doubtful, tool = bool(match.row & 1), concept.kind == "technology"
    if form in _AMBIGUOUS or (doubtful and tool):
        return _is_the_tool(form, written, match, words, single, concepts)
    if doubtful:
        # An acronym that is also a word, or another trade's acronym.
        return written.isupper()
    if tool or match.last - match.first > 1 or not written.islower():
        return True
    after = match.last
    if after < len(words) and not words.broken[after] and words.words[after] in _HEADS:
        return False
    return form not in _THINGS or _near(match, words, _THINGS[form])


def _is_the_tool(
    form: str, written: str, match: Match, words: Words, single: Mapping[int, int], concepts: Sequence[Concept]
) -> bool:
    """Whether the name of a tool is written as a name here, and with something to show for it."""
    if written.islower() and form not in _LOWER_TOO:
        return False
    if len(form) == 1 and not _stands_alone(words.text, words.starts[match.first], words.ends[match.last - 1]):
        return False
    before = words.words[max(0, match.first - 1) : match.first]
    after = words.words[match.last : match.last + 1]
    wanted = _AMBIGUOUS.get(form, frozenset())
    if after and (after[0] in _NO_NAME_BEFORE.get(form, ()) or (form in _SEASONS and _YEAR.fullmatch(after[0]))):
        return False
    if before and not words.broken[match.first] and before[0] in _NO_NAME_AFTER.get(form, ()):
        return False
    if form in _NEVER_ALONE:
        return bool(before) and before[0] in wanted
    if form in _CAPITALS_TELL and written.isupper():
        return True
    if form in _NAME_UNLESS_VERB and not (after and after[0] in _AFTER_A_VERB):
        return True
    if not written.islower() and _near(match, words, wanted):
        return True
    return _beside_a_tool(match, words, single, concepts)


def _beside_a_tool(match: Match, words: Words, single: Mapping[int, int], concepts: Sequence[Concept]) -> bool:
    """Whether the name stands in a list with another technology, itself written as a name where that is
    ambiguous."""
    first, last = max(0, match.first - _LIST), min(len(words), match.last + _LIST)
    for at in (*range(first, match.first), *range(match.last, last)):
        row = single.get(at)
        if row is None or words.words[at] in _AMBIGUOUS:
            continue
        named = not row & 1 or words.text[words.starts[at]].isupper()
        if named and concepts[row >> 1].kind == "technology":
            return True
    return False


def _near(match: Match, words: Words, wanted: frozenset[str]) -> bool:
    """Whether a telling word stands near; one that is ambiguous itself must be written as a name."""
    first, last = max(0, match.first - _NEAR), min(len(words), match.last + _NEAR)
    return any(
        words.words[at] in wanted and (words.words[at] not in _AMBIGUOUS or words.text[words.starts[at]].isupper())
        for at in (*range(first, match.first), *range(match.last, last))
    )


def _stands_alone(text: str, start: int, end: int) -> bool:
    """A single letter is a language only when it is not an initial ("R. Miller"), a grade ("vitamin C-level") or
    "R&D"."""
    after = text[end : end + 2]
    before = text[max(0, start - 1) : start]
    return not (
        after[:1] in {"&", "-", "'", "’"} or (after[:1] == "." and after[1:2] not in {"", "\n"}) or before in {"&", "-"}
    )
