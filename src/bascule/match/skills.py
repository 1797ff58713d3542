"""Skills in a text as canonical ids: the longest known phrase, with rules for ambiguous names and for negation.

`Go`, `R`, `C`, `Swift`, `Access`, `Word`, `Spring`, `Teams` and the like count only when written as a name and with
something beside them that shows what is meant. "No Java" and "keine Erfahrung mit SAP" are not evidence of Java or
SAP."""
# ruff: noqa: RUF001 (resumes hold these characters)

import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass

from .phrases import Match, Runs, Words, longest, split
from .taxonomy import Concept, Taxonomy

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
    "go": _CODE, "r": _CODE, "c": _CODE, "d": _CODE, "j": _CODE, "k": _CODE, "ml": _CODE, "swift": _CODE, "ruby": _CODE,
    "rust": _CODE, "scala": _CODE, "dart": _CODE, "julia": _CODE, "scratch": _CODE, "assembly": _CODE, "basic": _CODE,
    "pascal": _CODE, "less": _WEB, "spring": _CODE | frozenset({"java", "boot", "hibernate"}), "express": _WEB,
    "node": _WEB, "react": _WEB, "vue": _WEB, "angular": _WEB, "flask": _WEB, "ember": _WEB, "backbone": _WEB,
    "bootstrap": _WEB, "gin": _CODE, "eclipse": _CODE,
    "access": _OFFICE, "word": _OFFICE, "excel": _OFFICE | {"advanced"},
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
_NEVER_ALONE = frozenset({"project"})
"""Too common to count without the vendor's name right before it."""

_CUE_WORDS = _words("""no not never without lack lacks lacking neither nor kein keine keinen keiner keines keinem
    keinerlei ohne nicht ingen inget inga inte utan aucun aucune aucuns aucunes sans jamais pas""")
"""Words of denial."""
_FILLERS = """yet any prior previous real much practical professional hands-on formal work working used use
    using with in of on
    de d' du le la les en dans avec i av med mit der den dem die von an a the proficient familiar experienced trained
    experience knowledge background skills? expertise exposure erfahrung\\w* kenntniss\\w* vorkenntniss\\w*
    praxis erfarenhet\\w*
    kunskap\\w* vana expérience connaissances? notions? bisher noch berufliche praktische jag har arbetat
    gearbeitet worked
    know knows learned learnt done been"""
_DENIAL = re.compile(rf"\w+(?:\s+of\b)?(?:[\s,]+(?:{'|'.join(_FILLERS.split())})\b'?)*\s*", re.IGNORECASE)
"""From a word of denial to the skill there may be only words such as "experience with"."""
_LIST_GAP = re.compile(
    r"\s*(?:,|/|&|\bor\b|\band\b|\boder\b|\bund\b|\beller\b|\boch\b|\bou\b|\bet\b|\bnor\b|\s)*\s*\Z", re.I
)


@dataclass(frozen=True, slots=True)
class SkillHit:
    """One skill named at one place. `quote` is `text[start:end]` of the text that was read."""

    id: str
    label: str
    scheme: str
    kind: str
    weight: float
    start: int
    end: int
    quote: str


class SkillLinker:
    """Finds skills in texts. Holds the shared tables only; safe to share between threads."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy
        self.version = taxonomy.version

    def hits(self, text: str) -> tuple[SkillHit, ...]:
        """Every skill the text claims, in its order; names that are ambiguous or negated there are left out."""
        return self.hits_in(self._taxonomy.vocabulary.runs(split(text)))

    def hits_in(self, runs: Runs) -> tuple[SkillHit, ...]:
        """The same for a text that is already cut into words and runs of words."""
        words = runs.words
        every = self._taxonomy.skills.all_matches(runs)
        single = {match.first: match.row for match in every if match.last - match.first == 1}
        cues = [words.starts[at] for at, word in enumerate(words.words) if word in _CUE_WORDS]
        hits = list[SkillHit]()
        negated_until = -1
        for match in longest(every):
            start, end = words.starts[match.first], words.ends[match.last - 1]
            if _negated(words.text, start, negated_until, cues):
                negated_until = end
                continue
            if self._means_it(match, words, single):
                hits.append(self._hit(self._taxonomy.concepts[match.row >> 1], words.text, start, end))
        return tuple(hits)

    def find(self, phrase: str) -> Concept | None:
        """The concept a phrase names by itself, or None."""
        rows = self._taxonomy.skills.rows(phrase)
        return self._taxonomy.concepts[rows[0] >> 1] if rows else None

    def _hit(self, concept: Concept, text: str, start: int, end: int) -> SkillHit:
        return SkillHit(
            concept.id, concept.label, concept.scheme, concept.kind, concept.weight, start, end, text[start:end]
        )

    def _means_it(self, match: Match, words: Words, single: Mapping[int, int]) -> bool:
        """Whether an ambiguous name stands for the skill here: written as a name, and with something to show for
        it."""
        form = " ".join(words.words[match.first : match.last])
        wanted = _AMBIGUOUS.get(form)
        if wanted is None and not match.row & 1:
            return True
        start, end = words.starts[match.first], words.ends[match.last - 1]
        written = words.text[start:end]
        if written.islower() and form not in _LOWER_TOO:
            return False
        if len(form) == 1 and not _stands_alone(words.text, start, end):
            return False
        before = words.words[max(0, match.first - 1) : match.first]
        after = words.words[match.last : match.last + 1]
        if form in _NEVER_ALONE:
            return bool(before) and before[0] in (wanted or ())
        if form in _CAPITALS_TELL and written.isupper():
            return True
        if form in _NAME_UNLESS_VERB and not (after and after[0] in _AFTER_A_VERB):
            return True
        if wanted is not None and not written.islower() and _near(match, words, wanted):
            return True
        return self._beside_a_tool(match, words, single)

    def _beside_a_tool(self, match: Match, words: Words, single: Mapping[int, int]) -> bool:
        """Whether the name stands in a list with another technology, itself written as a name where that is
        ambiguous. `single` are the rows of the words that name something by themselves, by place."""
        first, last = max(0, match.first - _LIST), min(len(words), match.last + _LIST)
        for at in (*range(first, match.first), *range(match.last, last)):
            row = single.get(at)
            if row is None or words.words[at] in _AMBIGUOUS:
                continue
            named = not row & 1 or words.text[words.starts[at]].isupper()
            if named and self._taxonomy.concepts[row >> 1].kind == "technology":
                return True
        return False


def _near(match: Match, words: Words, wanted: frozenset[str]) -> bool:
    """Whether a telling word stands near; one that is ambiguous itself must be written as a name."""
    first, last = max(0, match.first - _NEAR), min(len(words), match.last + _NEAR)
    return any(
        words.words[at] in wanted and (words.words[at] not in _AMBIGUOUS or words.text[words.starts[at]].isupper())
        for at in (*range(first, match.first), *range(match.last, last))
    )


def _negated(text: str, start: int, negated_until: int, cues: list[int]) -> bool:
    """Whether the skill at `start` is denied, or goes on a list whose last item, ending at `negated_until`, is."""
    if 0 <= negated_until <= start and _LIST_GAP.match(text[negated_until:start]):
        return True
    at = bisect_left(cues, start) - 1
    return at >= 0 and start - cues[at] <= 70 and _DENIAL.fullmatch(text, cues[at], start) is not None


_LOWER_TOO = _words("node react vue angular bash js ts py ios android ux")
"""Ambiguous names that people also write in lower case."""


def _stands_alone(text: str, start: int, end: int) -> bool:
    """A single letter is a language only when it is not an initial ("R. Miller"), a grade ("vitamin C-level") or
    "R&D"."""
    after = text[end : end + 2]
    before = text[max(0, start - 1) : start]
    return not (
        after[:1] in {"&", "-", "'", "’"} or (after[:1] == "." and after[1:2] not in {"", "\n"}) or before in {"&", "-"}
    )
